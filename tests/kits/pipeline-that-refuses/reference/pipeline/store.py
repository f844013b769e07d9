"""What a store is, and which one is used."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

from .checks import Verdict
from .contract import Contract
from .reading import Delivery

Line = dict[str, Any]


class Store(Protocol):
    """Where deliveries are kept: each is written whole or not at all."""

    def agree(self, contract: Contract) -> None:
        """Keep a contract; raises SystemExit when its version was known with other words."""

    def has(self, delivery: Delivery) -> bool:
        """True when the delivery was loaded."""

    def add(self, delivery: Delivery, contract: Contract, verdicts: Iterable[Verdict]) -> None:
        """Write a delivery with all its verdicts."""

    def values(self, first: str, last: str, known: str) -> Iterator[tuple[str, str, str, float]]:
        """Station, day, element and value of the days from `first` to `last` as known on the evening of `known`."""

    def week(self, last: str, known: str) -> Iterator[tuple[str, float, int]]:
        """Station, mean of TMAX over the seven days that end with `last`, and the number of values, as known on `known`."""

    def refused(self) -> Iterator[Line]:
        """Every refused row: delivery, line, rule, row."""

    def dump(self) -> Iterator[Line]:
        """Every row of every table."""


def opened(folder: Path) -> Store:
    """The store that PIPELINE_STORE names; without it SQLite."""
    from .files import Files
    from .sqlite import Sqlite

    return Files(folder) if os.environ.get("PIPELINE_STORE") == "second" else Sqlite(folder)
