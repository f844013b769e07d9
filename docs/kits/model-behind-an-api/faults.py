"""The faults of "what breaks", as switches: the tests use them, and so can you, on a copy.

    python acceptance/faults.py half-model MODEL       cut the model's file (the largest, in a folder) in half
    python acceptance/faults.py eight-hours-off DATA   move the trips by eight hours, as if UTC were California's time
    python acceptance/faults.py station-twice DATA     list a station once more, moved and under another name

Then look whether your own tests turn red: the start must refuse, rush_hour must fail, a join must not change the count.
"""

from __future__ import annotations

import contextlib
import csv
import json
import random
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TIME = "%Y-%m-%d %H:%M:%S"


def half_model(model: Path) -> Path:
    """Cut a model's file, or the largest file of its folder, in half; return which."""
    files = [model] if model.is_file() else [path for path in model.rglob("*") if path.is_file()]
    files.sort(key=lambda path: (path.stat().st_size, path))
    if not files:
        raise SystemExit(f"{model}: there is no file in it")
    content = files[-1].read_bytes()
    files[-1].write_bytes(content[: len(content) // 2])
    return files[-1]


def eight_hours_off(data: Path) -> Path:
    """Move the start and the end of every trip eight hours back; return the file."""
    path = data / "trips.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        for row in rows:
            for name in ("start_date", "end_date"):
                row[name] = (datetime.strptime(row[name], TIME) - timedelta(hours=8)).strftime(TIME)
            writer.writerow(row)
    return path


def station_twice(data: Path) -> Path:
    """List the first station once more, moved and under another name; return the file."""
    path = data / "stations.csv"
    with path.open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))
    again = {**first, "name": f"{first['name']} (new)", "lat": f"{float(first['lat']) + 0.001:.6f}"}
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, list(first)).writerow(again)
    return path


def random_bodies(count: int, station: int, seed: int = 2014) -> list[bytes]:
    """Bodies of requests that nobody should send, the same ones each time."""
    chance = random.Random(seed)  # noqa: S311  a sample, not a secret
    right = {"station": station, "date": "2014-12-10", "hour": 8}
    values: list[object] = [
        *(None, True, "", "eight", "8", [], {}, [1], {"hour": 8}, -1, 24, 25, 8.5),
        *(1e308, 10**30, -(10**30), float("nan"), float("inf"), 1418169600),
        *("2014-02-30", "2014-13-01", "0001-01-01", "9999-12-31", "10-12-2014", "2014-12-10T08:00:00Z"),
        *("八", "\u0000", "x" * 2000),
    ]
    bodies = [
        *(b"", b"null", b"[]", b"{", b'"8"', b"\xff\xfe\x00", b"station=70&hour=8", b'{"station": 70,}', b"{'station': 70}"),
        b"[" * 5000,
        b'{"station": ' + b"9" * 5000 + b', "date": "2014-12-10", "hour": 8}',
        b'{"station": 70, "station": null, "date": "2014-12-10", "hour": 8}',
    ]
    while len(bodies) < count:
        way = chance.random()
        if way < 0.15:
            bodies.append(chance.randbytes(chance.randrange(1, 200)))
        elif way < 0.3:
            text = json.dumps(right)
            bodies.append(text[: chance.randrange(len(text))].encode())
        else:
            body: dict[str, object] = dict(right)
            for name in chance.sample(list(body), chance.randrange(1, 4)):
                if chance.random() < 0.2:
                    del body[name]
                else:
                    body[name] = chance.choice(values)
            bodies.append(json.dumps(body).encode())
    return bodies[:count]


@contextlib.contextmanager
def serving(files: Mapping[str, bytes]) -> Iterator[tuple[str, list[str]]]:
    """Serve files on this machine; gives the address of the folder and the list of names that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            asked.append(name)
            self.send_response(200 if name in files else 404)
            self.send_header("Content-Length", str(len(files.get(name, b""))))
            self.end_headers()
            self.wfile.write(files.get(name, b""))

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/data", asked
        finally:
            server.shutdown()
            thread.join(5)


SWITCHES = {"half-model": half_model, "eight-hours-off": eight_hours_off, "station-twice": station_twice}


def main(argv: Sequence[str] | None = None) -> int:
    """Switch one fault on."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    if len(arguments) != 2 or arguments[0] not in SWITCHES:
        raise SystemExit(__doc__)
    target = Path(arguments[1])
    if not target.exists():
        raise SystemExit(f"{target} is missing")
    try:
        print(f"{SWITCHES[arguments[0]](target)}: changed")
    except (OSError, KeyError, ValueError, StopIteration, IndexError) as error:
        raise SystemExit(f"{target}: {type(error).__name__}: {error}") from None
    return 0


if __name__ == "__main__":
    sys.exit(main())
