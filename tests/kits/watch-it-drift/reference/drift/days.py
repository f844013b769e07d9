"""Reading one replayed day after another, and never a later one."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

Row = dict[str, str]
FEATURES = ("mean_temp_f", "mean_humidity", "precipitation_in")


@dataclass(frozen=True)
class Day:
    """What is known on a day: its requests with their answers, and the truth that arrived, by the day that it is about."""

    day: date
    requests: list[Row]
    truth: dict[date, list[Row]]


def read_day(folder: Path) -> Day:
    """One folder; a file that is not there holds nothing."""
    truth: dict[date, list[Row]] = defaultdict(list)
    for row in rows(folder / "truth.csv"):
        truth[date.fromisoformat(row["date"])].append(row)
    return Day(date.fromisoformat(folder.name), rows(folder / "requests.csv"), dict(truth))


def read_days(folder: Path) -> Iterator[Day]:
    """All days in their order, one at a time."""
    for path in sorted(path for path in folder.iterdir() if path.is_dir()):
        yield read_day(path)


def rows(path: Path) -> list[Row]:
    """The rows of a CSV file."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
