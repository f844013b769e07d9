"""The catalogue, the log, and how often each place is looked at."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Request = dict[str, Any]
PLACES = 10


def lines(path: Path) -> Iterator[Request]:
    """The JSON objects of a file."""
    with path.open(encoding="utf-8") as text:
        yield from map(json.loads, text)


def catalogue(path: Path) -> list[dict[str, float]]:
    """The items in the order of their numbers, which begin with 0."""
    with path.open(encoding="utf-8", newline="") as text:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(text)]


def looks(log: Iterable[Request], mixed: bool = True) -> list[float]:
    """Clicks at each place in proportion to the first; in random order this is how often a place is looked at."""
    clicks = [0] * PLACES
    for request in log:
        if request["random"] == mixed:
            for item in request["clicked"]:
                clicks[request["items"].index(item)] += 1
    return [count / clicks[0] for count in clicks]
