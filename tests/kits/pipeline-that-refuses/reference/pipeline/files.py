"""The second store: one file of JSON for each delivery, renamed into its place when it is whole."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from .checks import Verdict
from .contract import Contract
from .reading import Delivery
from .store import Line


class Files:
    """A store in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "deliveries"
        self.folder.mkdir(exist_ok=True)

    def path(self, title: str) -> Path:
        """Where a delivery stands."""
        return self.folder / f"{title.replace('/', '_')}.json"

    def write(self, path: Path, content: Any) -> None:
        """Write a file whole or not at all."""
        unfinished = path.with_suffix(".part")
        with unfinished.open("w", encoding="utf-8") as out:
            json.dump(content, out)
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(path)

    def all(self) -> Iterator[dict[str, Any]]:
        """Every delivery, by day of arrival."""
        for path in sorted(self.folder.glob("*.csv.json")):
            yield json.loads(path.read_text(encoding="utf-8"))

    def agree(self, contract: Contract) -> None:
        """Keep a contract, unless its version was known with other words."""
        path = self.folder / f"contract-{contract.version}.json"
        if path.is_file() and json.loads(path.read_text(encoding="utf-8")) != contract.digest:
            raise SystemExit(f"the contract changed under its version {contract.version}: a change takes a new version")
        self.write(path, contract.digest)

    def has(self, delivery: Delivery) -> bool:
        """True when the delivery was loaded."""
        return self.path(delivery.title).is_file()

    def add(self, delivery: Delivery, contract: Contract, verdicts: Iterable[Verdict]) -> None:
        """Write a delivery with all its verdicts, or nothing."""
        content: dict[str, Any] = {"title": delivery.title, "arrived": delivery.arrived.isoformat(), "contract": contract.version}
        content |= {"measured": [], "refused": []}
        for one in verdicts:
            if one.rule:
                content["refused"].append((one.line, one.rule, delivery.raw[one.line - 2]))
            else:
                content["measured"].append((one.row["ID"], one.day, one.row["ELEMENT"], one.value))
        self.write(self.path(delivery.title), content)

    def values(self, first: str, last: str, known: str) -> Iterator[tuple[str, str, str, float]]:
        """The values of some days as known on an evening: the newest word stands."""
        newest = {}
        for held in self.all():
            if held["arrived"] <= known:
                newest.update({(station, day, element): value for station, day, element, value in held["measured"] if first <= day <= last})
        for (station, day, element), value in newest.items():
            yield station, day, element, value

    def week(self, last: str, known: str) -> Iterator[tuple[str, float, int]]:
        """The mean of seven days by station, as known on an evening."""
        found = defaultdict(list)
        first = date.fromisoformat(last) - timedelta(6)
        for station, _, element, value in self.values(first.isoformat(), last, known):
            if element == "TMAX":
                found[station].append(value)
        for station, seen in found.items():
            yield station, sum(seen) / len(seen), len(seen)

    def refused(self) -> Iterator[Line]:
        """Every refused row."""
        for held in self.all():
            for line, rule, row in held["refused"]:
                yield {"delivery": held["title"], "line": line, "rule": rule, "row": row}

    def dump(self) -> Iterator[Line]:
        """Every row of every table."""
        for held in self.all():
            yield {"table": "deliveries", "row": [held["title"], held["contract"]]}
            for table in ("measured", "refused"):
                for row in held[table]:
                    yield {"table": table, "row": [held["title"], *row]}
