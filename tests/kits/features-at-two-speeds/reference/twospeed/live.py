"""The live path over HTTP: events come in, asks are answered at once."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .definition import Definition
from .log import Event, rows
from .stream import State


class Handler(BaseHTTPRequestHandler):
    """One connection, kept open."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    state: State
    lock = threading.Lock()

    def send(self, status: int, told: dict[str, Any]) -> None:
        """Answer with JSON."""
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """Health."""
        self.send(200, {"status": "ok"})

    def do_POST(self) -> None:
        """Events, or an ask."""
        try:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = self.events(told["events"]) if self.path == "/events" else self.ask(int(told["station"]), int(told["at"]))
        except (ValueError, KeyError, TypeError) as error:
            return self.send(422, {"error": repr(error)})
        return self.send(200, answer)

    def events(self, told: list[dict[str, int]]) -> dict[str, Any]:
        """Take events."""
        events = [Event(**one) for one in told]
        with self.lock:
            for event in events:
                self.state.take(event)
        return {"taken": len(events)}

    def ask(self, station: int, at: int) -> dict[str, Any]:
        """Answer an ask."""
        with self.lock:
            found = self.state.answer(station, at)
        return {"values": dict(zip(self.state.definition.names, found, strict=True))}

    def log_message(self, *_: object) -> None:
        """Say nothing for a request that was answered."""


def live(definition: Definition, log: Path, port: int) -> None:
    """Take the events of a log, then serve."""
    Handler.state = State(definition)
    for row in rows(log):
        if isinstance(row, Event):
            Handler.state.take(row)
    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.serve_forever()
