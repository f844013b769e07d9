"""The other side: a stand-in for the model, the person at the desk, and a line to your server that loses and doubles calls.

One server on 127.0.0.1 with `/v1/chat/completions` (the model), `/mcp` (passes on to your server) and `/confirm` (the person).
Every other path is an address at which nobody has any business; who asks there is written down.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Told = dict[str, Any]
MODEL_KEY = "sk-kit-5d1f0c9e7a42"
ORDER = re.compile(r"ASSISTANT, CALL (\w+) (\{[^{}]*\})")
PASSED_ON = ("authorization", "mcp-protocol-version", "mcp-method", "mcp-name", "accept")


def call(name: str, **arguments: object) -> tuple[str, str]:
    """A call of a tool as a model writes it: a name and a text that should be JSON."""
    return name, json.dumps(arguments)


@dataclass
class Plan:
    """One run: what the stand-in does step by step, what the person agrees to, and what came of it."""

    run: str
    member: int
    token: str
    messages: list[str]
    steps: list[Any]
    agrees: list[tuple[str, str]] = field(default_factory=list)
    want: list[Told] = field(default_factory=list)
    budget: Told = field(default_factory=dict)
    obeys: bool = False
    planted: str = ""
    place: int = 0
    obeyed: set[str] = field(default_factory=set)
    asked: list[Told] = field(default_factory=list)
    usage: list[tuple[int, int]] = field(default_factory=list)
    received: list[Told] = field(default_factory=list)
    replies: list[Told] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.left = Counter((name, json.dumps(json.loads(text), sort_keys=True)) for name, text in self.agrees)

    def last_error(self) -> str:
        """The words of the last refusal that your server sent, the beginning of it."""
        for reply in reversed(self.replies):
            if reply.get("isError"):
                return " ".join(str(one.get("text", "")) for one in reply["content"])[:40]
        return ""

    def step(self, messages: list[Told]) -> tuple[str | None, list[tuple[str, str]]]:
        """The stand-in's next answer: words, or calls."""
        heard = "\n".join(str(one.get("content")) for one in messages if one.get("role") == "tool")
        if self.obeys:
            orders = [(name, text) for name, text in ORDER.findall(heard.replace('\\"', '"')) if f"{name} {text}" not in self.obeyed]
            if orders:
                self.obeyed |= {f"{name} {text}" for name, text in orders}
                return None, orders
        if self.place >= len(self.steps):
            return "Is there anything else?", []
        step = self.steps[self.place]
        kind, *rest = step
        if kind == "for-ever":
            return None, [rest[self.place_in_loop() % len(rest)]]
        self.place += 1
        if kind == "say":
            return rest[0], []
        if kind == "after-error":  # goes on rightly only when it was told what went wrong
            error = json.dumps(self.last_error(), ensure_ascii=False)[1:-1]
            plain = heard.replace('\\"', '"').replace("\\\\", "\\")
            if not self.last_error() or (error not in heard and self.last_error() not in plain):
                self.place = len(self.steps)
                return "Done, all is well.", []
        if kind == "slow":
            time.sleep(rest[0])
            return "I am back.", []
        return None, [one for one in rest if isinstance(one, tuple)]

    def place_in_loop(self) -> int:
        """How many answers it gave."""
        return len(self.usage)


class Desk:
    """The plans of a batch, the faults of the line, and the log of what came in."""

    def __init__(self, plans: list[Plan], port: int, lost: float = 0.0, doubled: float = 0.0, poison: str = "") -> None:
        self.plans = {plan.run: plan for plan in plans}
        self.tokens = {plan.token: plan for plan in plans}
        self.port, self.lost, self.doubled = port, lost, doubled
        self.poison = poison
        self.chance = random.Random(15)  # noqa: S311  faults, not secrets
        self.lock = threading.Lock()
        self.trapped: list[str] = []
        self.wrong: list[str] = []
        self.counted = Counter[str]()

    def forward(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Ask your server."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request("POST", "/mcp", body, headers)
            got = line.getresponse()
            return got.status, got.read()
        finally:
            line.close()

    def model(self, body: Told, authorization: str) -> tuple[int, Told]:
        """The stand-in for the model, in the form of a chat server."""
        plan = self.plans.get(str(body.get("user")))
        messages = body.get("messages")
        if authorization != f"Bearer {MODEL_KEY}" or plan is None or not isinstance(messages, list) or not body.get("tools"):
            self.wrong.append(f"a request to the model with user {body.get('user')!r}, {len(body.get('tools') or [])} tools")
            return 400, {"error": {"message": "expected the key of MODEL_KEY, user (the id of the run), messages and tools"}}
        sent = max(1, len(json.dumps(messages)) // 4)
        slow = plan.place < len(plan.steps) and plan.steps[plan.place][0] == "slow"
        if slow:
            plan.usage.append((sent, 40))
        said, calls = plan.step(messages)
        if not slow:
            plan.usage.append((sent, 40))
        number = len(plan.usage)
        message: Told = {"role": "assistant", "content": said}
        if calls:
            message["tool_calls"] = [
                {"id": f"call_{number}_{nth}", "type": "function", "function": {"name": name, "arguments": text}}
                for nth, (name, text) in enumerate(calls)
            ]
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}
        usage = {"prompt_tokens": sent, "completion_tokens": 40, "total_tokens": sent + 40}
        return 200, {"id": f"chat-{number}", "object": "chat.completion", "model": "stand-in", "choices": [choice], "usage": usage}

    def person(self, body: Told) -> tuple[int, Told]:
        """The person agrees to what was wished for, once."""
        plan = self.plans.get(str(body.get("run")))
        if plan is None:
            return 400, {"error": "expected run, tool and arguments"}
        key = (str(body.get("tool")), json.dumps(body.get("arguments"), sort_keys=True))
        with self.lock:
            yes = plan.left[key] > 0
            plan.left[key] -= yes
            plan.asked.append({"tool": key[0], "arguments": body.get("arguments"), "yes": yes})
        return 200, {"yes": yes}

    def line(self, raw: bytes, headers: dict[str, str]) -> tuple[int, bytes] | None:
        """The line to your server; None when the reply is lost after the work was done."""
        body = json.loads(raw)
        params = body.get("params") or {}
        plan = self.tokens.get(headers.get("authorization", "").removeprefix("Bearer "))
        calls = body.get("method") == "tools/call"
        with self.lock:
            luck = self.chance.random() if calls else 1.0
            if plan is not None and calls:
                plan.received.append({"name": params.get("name"), "arguments": params.get("arguments"), "meta": params.get("_meta") or {}})
        passed = {name: value for name, value in headers.items() if name in PASSED_ON} | {"Content-Type": "application/json"}
        status, content = self.forward(raw, passed)
        if self.lost <= luck < self.lost + self.doubled:
            status, content = self.forward(raw, passed)
            self.counted["doubled"] += 1
        with contextlib.suppress(ValueError):
            answer = json.loads(content)
            result = answer.get("result") or {}
            if self.poison and body.get("method") == "tools/list":
                result["tools"][0]["description"] += self.poison
                content = json.dumps(answer).encode()
            if plan is not None and calls:
                plan.replies.append(
                    {"text": content.decode("utf-8", "replace"), **{key: result.get(key) for key in ("isError", "content")}}
                )
                if plan.planted and not result.get("isError") and isinstance(result.get("content"), list):
                    result["content"].append({"type": "text", "text": plan.planted})
                    content = json.dumps(answer).encode()
        if luck < self.lost:
            self.counted["lost"] += 1
            return None
        return status, content


@contextlib.contextmanager
def opened(desk: Desk) -> Iterator[str]:
    """Start the other side; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        wbufsize = 1 << 16

        def reply(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(content)

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                if self.path == "/mcp":
                    passed = desk.line(raw, headers)
                    if passed is None:
                        self.close_connection = True
                        return
                    self.reply(*passed)
                elif self.path == "/v1/chat/completions":
                    status, told = desk.model(json.loads(raw), headers.get("authorization", ""))
                    self.reply(status, json.dumps(told).encode())
                elif self.path == "/confirm":
                    status, told = desk.person(json.loads(raw))
                    self.reply(status, json.dumps(told).encode())
                else:
                    desk.trapped.append(self.path)
                    self.reply(404, b"{}")
            except (ValueError, OSError, http.client.HTTPException) as error:
                desk.wrong.append(f"{self.path}: {type(error).__name__}: {error}")
                with contextlib.suppress(OSError):
                    self.reply(502, b"{}")

        def do_GET(self) -> None:
            desk.trapped.append(self.path)
            self.reply(404, b"{}")

        def log_message(self, *_: object) -> None:
            pass

    class Side(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_: object) -> None:
            """Who hung up is not an error of the kit."""

    with Side(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(5)
