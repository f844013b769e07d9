"""The commands: fetch, train, predict, evaluate, serve."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from datetime import date
from pathlib import Path

from .data import END, FIRST, JUDGED_FROM, SOURCE, fetch, station_hours
from .model import Model, evaluate
from .service import serve


def predict(model: Model, rows: Path, out: Path) -> None:
    """Answer every row of a CSV file."""
    with rows.open(encoding="utf-8", newline="") as asked, out.open("w", encoding="utf-8", newline="") as told:
        writer = csv.writer(told)
        writer.writerow(("station", "date", "hour", "expected_trips"))
        for row in csv.DictReader(asked):
            answer = model.predict(int(row["station"]), date.fromisoformat(row["date"]), int(row["hour"]))
            writer.writerow((row["station"], row["date"], row["hour"], repr(answer)))


def main() -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="bikes")
    parser.add_argument("command", choices=("fetch", "train", "predict", "evaluate", "serve"))
    parser.add_argument("--url", default=SOURCE)
    parser.add_argument("--port", type=int, default=8000)
    for name in ("data", "model", "rows", "out"):
        parser.add_argument(f"--{name}", type=Path)
    options = parser.parse_args()
    if options.command == "fetch":
        fetch(options.url, options.out)
    elif options.command == "train":
        Model.train(station_hours(options.data, FIRST, JUDGED_FROM)).save(options.out)
    elif options.command == "predict":
        predict(Model.load(options.model), options.rows, options.out)
    elif options.command == "evaluate":
        rows = list(station_hours(options.data, FIRST, END))
        train = [row for row in rows if row.day < JUDGED_FROM]
        judged = [row for row in rows if row.day >= JUDGED_FROM]
        print(json.dumps(evaluate(train, judged)))
    else:
        serve(options.model, options.port)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (ValueError, OSError) as error:
        sys.exit(f"bikes: {error}")
