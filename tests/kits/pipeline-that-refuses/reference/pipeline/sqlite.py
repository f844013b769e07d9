"""The first store: SQLite, one transaction for each delivery."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from .checks import Verdict
from .contract import Contract
from .reading import Delivery
from .store import Line

TABLES = """
CREATE TABLE IF NOT EXISTS contracts (version INTEGER PRIMARY KEY, digest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (
    title TEXT PRIMARY KEY,
    arrived TEXT NOT NULL,
    contract INTEGER NOT NULL REFERENCES contracts
);
CREATE TABLE IF NOT EXISTS measured (
    station TEXT NOT NULL,
    day TEXT NOT NULL,
    element TEXT NOT NULL,
    title TEXT NOT NULL REFERENCES deliveries,
    arrived TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (day, station, element, title)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused (
    title TEXT NOT NULL REFERENCES deliveries,
    line INTEGER NOT NULL,
    rule TEXT NOT NULL,
    row TEXT NOT NULL,
    PRIMARY KEY (title, line)
) WITHOUT ROWID;
"""

KNOWN = """
SELECT station, day, element, value FROM (
    SELECT station, day, element, value, row_number() OVER (PARTITION BY day, station, element ORDER BY title DESC) AS nth
    FROM measured WHERE day BETWEEN ? AND ? AND arrived <= ?
) WHERE nth = 1
"""
"""A title begins with the day of arrival, so the newest title is the newest word."""

WEEK = f"""
SELECT DISTINCT station, avg(value) OVER (PARTITION BY station), count(*) OVER (PARTITION BY station)
FROM ({KNOWN}) WHERE element = 'TMAX'
"""  # noqa: S608  no text from outside


class Sqlite:
    """A store in one file."""

    def __init__(self, folder: Path) -> None:
        self.line = sqlite3.connect(folder / "weather.db")
        self.line.execute("PRAGMA journal_mode = WAL")
        self.line.execute("PRAGMA synchronous = NORMAL")  # a commit outlives SIGKILL; after a power cut the newest may be missing, whole
        self.line.execute("PRAGMA foreign_keys = ON")
        self.line.executescript(TABLES)

    def agree(self, contract: Contract) -> None:
        """Keep a contract, unless its version was known with other words."""
        known = self.line.execute("SELECT digest FROM contracts WHERE version = ?", (contract.version,)).fetchone()
        if known and known[0] != contract.digest:
            raise SystemExit(f"the contract changed under its version {contract.version}: a change takes a new version")
        with self.line:
            self.line.execute("INSERT OR IGNORE INTO contracts VALUES (?, ?)", (contract.version, contract.digest))

    def has(self, delivery: Delivery) -> bool:
        """True when the delivery was loaded."""
        return self.line.execute("SELECT 1 FROM deliveries WHERE title = ?", (delivery.title,)).fetchone() is not None

    def add(self, delivery: Delivery, contract: Contract, verdicts: Iterable[Verdict]) -> None:
        """Write a delivery with all its verdicts, or nothing."""
        verdicts = list(verdicts)
        arrived = delivery.arrived.isoformat()
        with self.line:
            self.line.execute("INSERT INTO deliveries VALUES (?, ?, ?)", (delivery.title, arrived, contract.version))
            self.line.executemany(
                "INSERT INTO measured VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (one.row["ID"], one.day, one.row["ELEMENT"], delivery.title, arrived, one.value)
                    for one in verdicts
                    if one.value is not None
                ],
            )
            self.line.executemany(
                "INSERT INTO refused VALUES (?, ?, ?, ?)",
                [(delivery.title, one.line, one.rule, delivery.raw[one.line - 2]) for one in verdicts if one.rule],
            )

    def values(self, first: str, last: str, known: str) -> Iterator[tuple[str, str, str, float]]:
        """The values of some days as known on an evening."""
        yield from self.line.execute(KNOWN, (first, last, known))

    def week(self, last: str, known: str) -> Iterator[tuple[str, float, int]]:
        """The mean of seven days by station, as known on an evening."""
        first = self.line.execute("SELECT date(?, '-6 days')", (last,)).fetchone()[0]
        yield from self.line.execute(WEEK, (first, last, known))

    def refused(self) -> Iterator[Line]:
        """Every refused row."""
        for title, line, rule, row in self.line.execute("SELECT title, line, rule, row FROM refused ORDER BY title, line"):
            yield {"delivery": title, "line": line, "rule": rule, "row": row}

    def dump(self) -> Iterator[Line]:
        """Every row of every table."""
        for table in ("contracts", "deliveries", "measured", "refused"):
            for row in self.line.execute(f"SELECT * FROM {table}"):  # noqa: S608  our own names
                yield {"table": table, "row": row}
