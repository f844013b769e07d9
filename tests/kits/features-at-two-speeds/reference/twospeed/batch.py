"""The batch path: SQL over a table that has one row for each trip and version."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from .definition import Definition, Feature
from .log import Ask, Event, clock, rows
from .stream import Value

TABLES = """
create table deliveries (trip, version, station, started, day, hour, known_at, primary key (trip, version));
create table asks (ask primary key, station, at, day, hour);
"""
HISTORY = """
create table trips as
select *, min(known_at) over (partition by trip order by version rows between 1 following and unbounded following) as gone_at
from deliveries where started <= known_at;
create index by_start on trips (station, started, known_at, gone_at);
create index by_hour on trips (station, hour, day, known_at, gone_at);
"""
KNOWN = "known_at < asks.at and (gone_at is null or gone_at >= asks.at)"
FINISHED = "gone_at is null"


def table(log: Path) -> sqlite3.Connection:
    """The history of a log: a row is known from the moment of its first delivery until a later version is known."""
    base = sqlite3.connect(":memory:")
    base.executescript(TABLES)
    with base:
        for row in rows(log):
            if isinstance(row, Event):
                told = (row.trip, row.version, row.station, row.started, *clock(row.started), row.arrived)
                base.execute("insert or ignore into deliveries values (?, ?, ?, ?, ?, ?, ?)", told)
            elif isinstance(row, Ask):
                base.execute("insert into asks values (?, ?, ?, ?, ?)", (row.number, row.station, row.at, *clock(row.at)))
    base.executescript(HISTORY)
    return base


def sql(feature: Feature, seen: str) -> str:
    """The query of a feature for one ask."""
    here = "from trips where trips.station = asks.station and"
    if feature.kind == "starts":
        return f"(select count(*) {here} started >= asks.at - {60 * feature.number} and started < asks.at and {seen})"
    if feature.kind == "same_hour":
        days = 7 * feature.number
        when = f"trips.hour = asks.hour and trips.day >= asks.day - {days} and trips.day < asks.day"
        return f"(select count(*) / {days}.0 {here} {when} and {seen})"
    return f"(select (asks.at - started) / 60.0 {here} started < asks.at and {seen} order by started desc limit 1)"


def values(
    base: sqlite3.Connection, features: Iterable[Feature], seen: str = KNOWN, first: int = 0, last: int = 2**62
) -> Iterator[tuple[Value, ...]]:
    """Number of the ask and its features, for asks of a span."""
    columns = ", ".join(["ask", *(sql(feature, seen) for feature in features)])
    return base.execute(f"select {columns} from asks where ask between ? and ? order by ask", (first, last))  # noqa: S608  our own words


def save(path: Path, names: list[str], found: Iterable[Iterable[object]]) -> None:
    """Write answers as a CSV file, whole or not at all."""
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["ask", *names])
        writer.writerows(found)
    unfinished.replace(path)


def batch(definition: Definition, log: Path, out: Path) -> None:
    """Answer every ask of a log as known then."""
    save(out, definition.names, values(table(log), definition.features))
