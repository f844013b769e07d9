"""The log: events and asks in the order of their arrival."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

HERE = ZoneInfo("America/Los_Angeles")


class Event(NamedTuple):
    """A trip as one version of its record tells it. Times are seconds since 1970, UTC."""

    trip: int
    version: int
    station: int
    started: int
    arrived: int


class Ask(NamedTuple):
    """A question about a station at a moment."""

    number: int
    station: int
    at: int


def parse(line: str) -> Event | Ask:
    """A line of the log."""
    kind, number, version, station, started, at = line.rstrip("\n").split(",")
    if kind == "ask":
        return Ask(int(number), int(station), int(at))
    return Event(int(number), int(version), int(station), int(started), int(at))


def rows(path: Path) -> Iterator[Event | Ask]:
    """All rows of a log."""
    with path.open(encoding="utf-8") as file:
        next(file)
        yield from map(parse, file)


@lru_cache(maxsize=20_000)
def hour_here(hour: int) -> tuple[int, int]:
    """Day and hour of California's clock, of an hour counted since 1970 in UTC."""
    here = datetime.fromtimestamp(hour * 3600, UTC).astimezone(HERE)
    return here.date().toordinal(), here.hour


def clock(moment: int) -> tuple[int, int]:
    """Day and hour of California's clock at a moment."""
    return hour_here(moment // 3600)
