"""The tools over MCP (2026-07-28, HTTP): each request stands alone, the rules stand here, a write's key is stored with the write."""

import json
import sqlite3
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Told = dict[str, Any]
Db = sqlite3.Connection
VERSION = "2026-07-28"
META = "io.modelcontextprotocol/"
CACHE: Told = {"resultType": "complete", "ttlMs": 300_000, "cacheScope": "private"}
REASONS = ["closed_day", "returned_in_time", "damaged_before"]
NUMBER: Told = {"type": "integer", "minimum": 1}
TEXT: Told = {"type": "string", "minLength": 1, "maxLength": 200}
TOOLS: dict[str, tuple[str, Told, bool]] = {
    "house_rules": ("Read the house rules.", {}, True),
    "read_member": ("Read the record of the member at the desk: loans, holds, fees.", {"member": NUMBER}, True),
    "read_title": ("Read one title: note, copies that are there.", {"title": NUMBER}, True),
    "search_titles": ("Find titles by words; at most five.", {"query": TEXT}, True),
    "borrow_title": ("Lend the member a copy.", {"title": NUMBER}, False),
    "cancel_hold": ("Cancel a hold of the member.", {"hold": NUMBER}, False),
    "place_hold": ("Put a title on hold for the member.", {"title": NUMBER}, False),
    "renew_loan": ("Renew a loan of the member by 14 days.", {"loan": NUMBER}, False),
    "waive_fee": ("Waive a fee of the member.", {"fee": NUMBER, "reason": {"type": "string", "enum": REASONS}}, False),
}
RULES = "At most five loans and three holds; two renewals; a fee is waived for closed_day, returned_in_time or damaged_before only."


class Refused(Exception):  # noqa: N818
    """What the model is told, with what to do next."""


class Wrong(Exception):  # noqa: N818
    """An error of the protocol."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def listed() -> list[Told]:
    """The tools in a fixed order."""
    return [
        {
            "name": name,
            "description": words,
            "inputSchema": {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False},
            "annotations": {"readOnlyHint": reads, "idempotentHint": True},
        }
        for name, (words, fields, reads) in TOOLS.items()
    ]


def checked(name: str, arguments: Told) -> None:
    """Refuse arguments of a wrong name or type."""
    fields = TOOLS[name][1]
    for field in fields.keys() | arguments.keys():
        if field not in fields:
            raise Refused(f"{name} has no argument {field}; it takes {', '.join(fields) or 'none'}")
        value, schema = arguments.get(field), fields[field]
        if schema["type"] == "integer" and (type(value) is not int or value < 1):
            raise Refused(f"{name}: {field} must be a whole number such as 12; read_member shows the numbers")
        if schema["type"] == "string" and not (isinstance(value, str) and 0 < len(value) <= 200):
            raise Refused(f"{name}: {field} must be a text")
        if "enum" in schema and value not in schema["enum"]:
            raise Refused(f"{name}: {field} must be one of {', '.join(schema['enum'])}; without such a reason the fee stands")


def own(db: Db, table: str, number: int, member: int) -> Any:
    """A row of the member's; whose else it might be is not told."""
    row = db.execute(f"select * from {table}s where id = ?", (number,)).fetchone()  # noqa: S608  fixed names
    if row is None or row["member"] != member:
        raise Refused(f"this member has no {table} {number}; read_member shows the numbers")
    return row


def count(db: Db, table: str, **where: int) -> int:
    """How many rows."""
    asked = " and ".join(f"{name} = ?" for name in where)
    return int(db.execute(f"select count(*) from {table} where {asked}", list(where.values())).fetchone()[0])  # noqa: S608  fixed names


def rows(db: Db, query: str, *values: object) -> list[Told]:
    """Rows as objects."""
    return [dict(row) for row in db.execute(query, values)]


def reading(db: Db, member: int, name: str, arguments: Told) -> Told:
    """The tools that read."""
    if name == "house_rules":
        return {"rules": RULES}
    if name == "read_member":
        if arguments["member"] != member:
            raise Refused("only the record of the member at the desk can be read")
        queries = {table: f"select * from {table} where member = ?" for table in ("loans", "holds", "fees")}  # noqa: S608
        told = {table: rows(db, query, member) for table, query in queries.items()}
        return {**rows(db, "select id, name, note from members where id = ?", member)[0], **told}
    if name == "read_title":
        found = rows(db, "select * from titles where id = ?", arguments["title"])
        if not found:
            raise Refused("there is no such title; search_titles finds the numbers")
        return found[0] | {"there": found[0]["copies"] - count(db, "loans", title=arguments["title"])}
    return {"titles": rows(db, "select id, title from titles where title like ? limit 5", f"%{arguments['query']}%")}


def writing(db: Db, member: int, name: str, arguments: Told) -> Told:
    """The tools that write, with the house rules."""
    if name == "borrow_title":
        title = arguments["title"]
        found = db.execute("select copies from titles where id = ?", (title,)).fetchone()
        if count(db, "loans", member=member) >= 5:
            raise Refused("the member has five loans; one must come back first")
        if found is None or count(db, "loans", title=title) >= found["copies"]:
            raise Refused("no copy is there; offer a hold")
        today = date.fromisoformat(db.execute("select today from desk").fetchone()[0])
        made = db.execute("insert into loans values (null, ?, ?, ?, 0)", (member, title, str(today + timedelta(days=28))))
        return {"loan": made.lastrowid}
    if name == "place_hold":
        title = arguments["title"]
        if count(db, "holds", member=member) >= 3 or count(db, "holds", member=member, title=title):
            raise Refused("the member has three holds, or one for this title")
        if not count(db, "titles", id=title):
            raise Refused("there is no such title; search_titles finds the numbers")
        return {"hold": db.execute("insert into holds values (null, ?, ?)", (member, title)).lastrowid}
    if name == "cancel_hold":
        own(db, "hold", arguments["hold"], member)
        db.execute("delete from holds where id = ?", (arguments["hold"],))
        return {"cancelled": arguments["hold"]}
    if name == "renew_loan":
        loan = own(db, "loan", arguments["loan"], member)
        if loan["renewals"] >= 2:
            raise Refused("a loan is renewed at most twice")
        if db.execute("select 1 from holds where title = ? and member != ?", (loan["title"], member)).fetchone():
            raise Refused("somebody else has a hold on this title")
        due = date.fromisoformat(loan["due"]) + timedelta(days=14)
        db.execute("update loans set due = ?, renewals = renewals + 1 where id = ?", (str(due), loan["id"]))
        return {"loan": loan["id"], "due": str(due)}
    own(db, "fee", arguments["fee"], member)
    db.execute("update fees set waived = 1, reason = ? where id = ?", (arguments["reason"], arguments["fee"]))
    return {"waived": arguments["fee"]}


def called(path: str, member: int, name: str, arguments: Told, key: str) -> Told:
    """One call: a write and its key are stored together or not at all."""
    db = sqlite3.connect(path, timeout=20, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.execute("pragma synchronous = normal")
    try:
        checked(name, arguments)
        if TOOLS[name][2]:
            return reading(db, member, name, arguments)
        db.execute("begin immediate")
        db.execute("create table if not exists keys (member, key, call, result, primary key (member, key))")
        asked = json.dumps([name, arguments], sort_keys=True)
        kept = db.execute("select call, result from keys where member = ? and key = ?", (member, key)).fetchone()
        if kept is not None:
            if kept["call"] != asked:
                raise Refused("this key belongs to another call; make a new one")
            return dict(json.loads(kept["result"]))
        result = writing(db, member, name, arguments)
        if key:
            db.execute("insert into keys values (?, ?, ?, ?)", (member, key, asked, json.dumps(result)))
        db.execute("commit")
        return result
    finally:
        db.close()


def answer(path: str, body: Told, authorization: str) -> Told:
    """The result of one request."""
    params = body.get("params") or {}
    meta = params.get("_meta") or {}
    if not isinstance(meta.get(META + "protocolVersion"), str) or not isinstance(meta.get(META + "clientCapabilities"), dict):
        raise Wrong(-32602, "protocolVersion and clientCapabilities are required in _meta")
    if meta[META + "protocolVersion"] != VERSION:
        raise Wrong(-32022, f"supported: {VERSION}")
    if body.get("method") == "server/discover":
        return {**CACHE, "supportedVersions": [VERSION], "capabilities": {"tools": {}}}
    if body.get("method") == "tools/list":
        return {**CACHE, "tools": listed()}
    if body.get("method") != "tools/call":
        raise Wrong(-32601, "no such method")
    if params.get("name") not in TOOLS:
        raise Wrong(-32602, "no such tool")
    db = sqlite3.connect(path)
    row = db.execute("select member from tokens where token = ?", (authorization.removeprefix("Bearer "),)).fetchone()
    db.close()
    try:
        if row is None:
            raise Refused("the desk has no right to act: the token is unknown")
        result = called(path, row[0], params["name"], params.get("arguments") or {}, str(meta.get("desk/key") or ""))
    except Refused as why:
        return {"resultType": "complete", "content": [{"type": "text", "text": str(why)}], "isError": True}
    return {"resultType": "complete", "content": [{"type": "text", "text": json.dumps(result)}], "isError": False}


class Handler(BaseHTTPRequestHandler):
    """POST /mcp and GET /health."""

    path_of_db = ""
    wbufsize = 1 << 16

    def send(self, status: int, told: Told) -> None:
        """Send JSON."""
        content = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        """Health."""
        self.send(200 if self.path == "/health" else 404, {})

    def do_POST(self) -> None:
        """One message."""
        number = None
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            number = body.get("id")
            self.send(
                200, {"jsonrpc": "2.0", "id": number, "result": answer(self.path_of_db, body, self.headers.get("Authorization") or "")}
            )
        except Wrong as wrong:
            self.send(400, {"jsonrpc": "2.0", "id": number, "error": {"code": wrong.code, "message": str(wrong)}})
        except (ValueError, AttributeError, TypeError):
            self.send(400, {"jsonrpc": "2.0", "error": {"code": -32700, "message": "expected one JSON-RPC request"}})

    def log_message(self, *_: object) -> None:
        """Quiet."""


def serve(db: str, port: str) -> None:
    """Serve until stopped."""
    Handler.path_of_db = db
    keeper = sqlite3.connect(db)  # stays open, so that no call has to fold the log into the file
    keeper.execute("pragma journal_mode = wal")
    keeper.commit()
    ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
