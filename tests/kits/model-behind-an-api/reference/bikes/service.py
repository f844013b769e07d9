"""The service: GET /health and POST /predict."""

from __future__ import annotations

import json
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .data import exists
from .features import features
from .model import Model

LONGEST = 10_000
"""Bytes of a body that are read."""


class Refused(Exception):  # noqa: N818  an answer, not a fault
    """A request that cannot be answered: the place of the fault, and what is wrong there."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(place, why)
        self.place, self.why = place, why


def whole(asked: dict[str, Any], name: str) -> int:
    """A field that has to be a whole number."""
    if name not in asked:
        raise Refused(name, "is missing")
    value = asked[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused(name, "is not a whole number")
    return value


def read(body: bytes, model: Model) -> tuple[int, date, int]:
    """Station, day and hour of a request; raises `Refused`."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("body", "is not JSON") from None
    if not isinstance(asked, dict):
        raise Refused("body", "is not a JSON object")
    station, hour = whole(asked, "station"), whole(asked, "hour")
    if station not in model.stations:
        raise Refused("station", "is not known")
    if not 0 <= hour <= 23:
        raise Refused("hour", "is not from 0 to 23")
    try:
        day = date.fromisoformat(asked["date"])
    except KeyError:
        raise Refused("date", "is missing") from None
    except (TypeError, ValueError):
        raise Refused("date", "is not a day such as 2014-12-10") from None
    if not date(2000, 1, 1) <= day <= date(2099, 12, 31):
        raise Refused("date", "is not between 2000 and 2099")
    if not exists(day, hour):
        raise Refused("hour", "did not exist on that day in California")
    return station, day, hour


class Handler(BaseHTTPRequestHandler):
    """One request."""

    model: Model

    def send(self, status: int, content: dict[str, Any]) -> None:
        """Answer with JSON."""
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """Health."""
        if self.path != "/health":
            return self.send(404, {"error": "there is only /health and /predict"})
        return self.send(200, {"status": "ok", "model_version": self.model.version})

    def do_POST(self) -> None:
        """A prediction."""
        if self.path != "/predict":
            return self.send(404, {"error": "there is only /health and /predict"})
        length = self.headers.get("Content-Length", "")
        body = self.rfile.read(min(int(length), LONGEST)) if length.isdigit() else b""
        try:
            station, day, hour = read(body, self.model)
        except Refused as refused:
            return self.send(422, {"error": {"place": refused.place, "why": refused.why}})
        seen = features(station, day, hour)
        return self.send(200, {"expected_trips": self.model.answer(seen), "model_version": self.model.version})

    def log_message(self, *_: object) -> None:
        """Say nothing for a request that was answered."""


def serve(path: Path, port: int) -> None:
    """Serve a model; raises ValueError before the port is opened when the model is not whole."""
    Handler.model = Model.load(path)
    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.serve_forever()
