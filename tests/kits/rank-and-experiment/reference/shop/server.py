"""Lists over HTTP: POST /rank, and GET /health."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .ranker import Ranker


def serve(ranker: Ranker, port: int) -> None:
    """Answer until stopped."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status: int, told: object) -> None:
            """Send JSON."""
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            """Ready."""
            self.answer(200 if self.path == "/health" else 404, {})

        def do_POST(self) -> None:
            """A list for a history."""
            try:
                told = ranker.rank(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            except (ValueError, KeyError, TypeError, IndexError) as error:
                self.answer(422, {"error": f"expected history, a list of requests: {error}"})
                return
            self.answer(200, told)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
