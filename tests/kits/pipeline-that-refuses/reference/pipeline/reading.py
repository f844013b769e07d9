"""Reading deliveries: INBOX/<day of arrival>/<day>.csv or corrections.csv."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

Row = dict[str, str]


@dataclass(frozen=True)
class Delivery:
    """A file as it came."""

    arrived: date
    name: str
    columns: list[str]
    rows: list[Row]
    raw: list[str]

    @property
    def title(self) -> str:
        """Its path in the inbox."""
        return f"{self.arrived}/{self.name}"


def read(path: Path) -> Delivery:
    """One file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    reader = csv.DictReader(lines, restval="")
    rows = list(reader)
    return Delivery(date.fromisoformat(path.parent.name), path.name, list(reader.fieldnames or []), rows, lines[1:])


def arrivals(inbox: Path, first: str, last: str) -> Iterator[Delivery]:
    """All files that arrived from the first to the last day: by day of arrival, then by name, so that corrections come after days."""
    for folder in sorted(path for path in inbox.iterdir() if first <= path.name <= last):
        for path in sorted(path for path in folder.iterdir() if path.suffix == ".csv"):
            yield read(path)
