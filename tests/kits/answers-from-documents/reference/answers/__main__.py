"""The commands and the server."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from answers import passages, report
from answers.reply import Answers
from answers.search import SHIPPED, Search


def serve(index: Path, port: int) -> None:
    """Answer over HTTP."""
    search = Search(passages.load(index))
    answers = Answers(search)
    users = json.loads((index / "users.json").read_text(encoding="utf-8"))

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Keep questions out of the log."""

        def say(self, status: int, value: Any) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.say(200 if self.path == "/health" else 404, {})

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            groups = users.get(asked["user"])
            if groups is None:
                self.say(403, {"error": "user"})
            elif self.path == "/retrieve":
                found = search.find(asked["question"], asked["turns"], groups, asked.get("by", SHIPPED))
                self.say(200, {"passages": [asdict(one) for one in found]})
            else:
                self.say(200, answers.answer(asked["question"], asked["turns"], groups))

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


def main(name: str, *given: str) -> None:
    """One command."""
    if name == "index":
        passages.build(Path(given[0]), Path(given[1]))
    elif name == "passages":
        for one in passages.load(Path(given[0])):
            print(json.dumps(asdict(one)))
    elif name == "serve":
        serve(Path(given[0]), int(given[1]))
    elif name == "retrieval":
        print(json.dumps(report.retrieval(Search(passages.load(Path(given[0]))), report.lines(Path(given[1])))))
    elif name == "judge":
        print(json.dumps(report.judge(report.lines(Path(given[0])))))
    else:
        raise SystemExit(f"no command {name}")


main(*sys.argv[1:])
