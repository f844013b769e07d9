"""The live path: events change a small state, asks are answered from it."""

from __future__ import annotations

import os
import sqlite3
from bisect import bisect_left, insort
from collections import defaultdict, deque
from pathlib import Path
from typing import IO

from .definition import Definition, Feature
from .log import Ask, Event, clock, parse

Value = float | None
EVERY = 5000
"""Lines between two checkpoints."""


class Station:
    """What is known of a station: the starts, and the days on which trips started in each hour, both sorted."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.days: defaultdict[int, list[int]] = defaultdict(list)

    def add(self, started: int) -> None:
        """One more trip."""
        day, hour = clock(started)
        insort(self.starts, started)
        insort(self.days[hour], day)

    def remove(self, started: int) -> None:
        """A trip that did not start here, or not then."""
        day, hour = clock(started)
        self.starts.pop(bisect_left(self.starts, started))
        self.days[hour].pop(bisect_left(self.days[hour], day))

    def value(self, feature: Feature, at: int) -> Value:
        """A feature at a moment."""
        until = bisect_left(self.starts, at)
        if feature.kind == "starts":
            return until - bisect_left(self.starts, at - 60 * feature.number)
        if feature.kind == "same_hour":
            today, hour = clock(at)
            span = 7 * feature.number
            days = self.days[hour]
            return (bisect_left(days, today) - bisect_left(days, today - span)) / span
        return (at - self.starts[until - 1]) / 60 if until else None


class State:
    """The stream's memory. An event counts for asks after its arrival, not for those of the same second."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.stations: defaultdict[int, Station] = defaultdict(Station)
        self.newest: dict[int, Event] = {}
        self.seen: set[tuple[int, int]] = set()
        self.waiting: deque[Event] = deque()

    def take(self, event: Event) -> str:
        """Accept an event; says whether it is `on time`, `late`, `impossible` or was delivered `before`."""
        if (event.trip, event.version) in self.seen:
            return "before"
        self.seen.add((event.trip, event.version))
        if event.started > event.arrived:
            return "impossible"
        self.settle(event.arrived)
        self.waiting.append(event)
        return "late" if event.arrived - event.started > 60 * self.definition.late_minutes else "on time"

    def settle(self, moment: int) -> None:
        """Count what arrived before a moment."""
        while self.waiting and self.waiting[0].arrived < moment:
            self.count(self.waiting.popleft())

    def count(self, event: Event) -> None:
        """Put an event in the place of what was known of its trip."""
        before = self.newest.get(event.trip)
        if before and before.version > event.version:
            return
        if before:
            self.stations[before.station].remove(before.started)
        self.newest[event.trip] = event
        self.stations[event.station].add(event.started)

    def answer(self, station: int, at: int) -> list[Value]:
        """The features of a station, as known at a moment."""
        self.settle(at)
        known = self.stations[station] if station in self.stations else Station()
        return [known.value(feature, at) for feature in self.definition.features]


class Checkpoint:
    """Events, the place in the log and the length of every output, kept together in one transaction."""

    def __init__(self, path: Path) -> None:
        self.base = sqlite3.connect(path)
        self.base.execute("create table if not exists events (trip, version, station, started, arrived, primary key (trip, version))")
        self.base.execute("create table if not exists places (name primary key, bytes)")
        self.base.commit()
        self.fresh: list[Event] = []

    def places(self) -> dict[str, int]:
        """The length of each file up to which all is done."""
        return dict(self.base.execute("select name, bytes from places"))

    def restore(self, state: State) -> None:
        """Fill a state with the events that were read."""
        for row in self.base.execute("select * from events order by rowid"):
            state.take(Event(*row))

    def save(self, places: dict[str, int]) -> None:
        """Keep what is new."""
        with self.base:
            self.base.executemany("insert into events values (?, ?, ?, ?, ?)", self.fresh)
            self.base.executemany("replace into places values (?, ?)", places.items())
        self.fresh.clear()


def serve(definition: Definition, log: Path, folder: Path, out: Path) -> None:
    """Read the log from where the last run stopped, and write answers, late events and those that cannot be."""
    checkpoint = Checkpoint(folder / "state.db")
    state, places = State(definition), checkpoint.places()
    checkpoint.restore(state)
    heads = {"answers": ["ask", *definition.names], "late": ["trip", "version"], "quarantine": ["trip", "version", "reason"]}
    files = {name: (out / f"{name}.csv").open("r+b" if places else "wb") for name in heads}
    for name, file in files.items():
        file.truncate(places.get(name, 0))
        file.seek(0, os.SEEK_END)
        if not places:
            file.write((",".join(heads[name]) + "\n").encode())

    def save(place: int) -> None:
        for file in files.values():
            file.flush()
            os.fsync(file.fileno())
        checkpoint.save({"log": place, **{name: file.tell() for name, file in files.items()}})

    with log.open("rb") as lines:
        place = places.get("log", 0) or len(lines.readline())
        lines.seek(place)
        for number, line in enumerate(lines, 1):
            row = parse(line.decode())
            if isinstance(row, Ask):
                write(files["answers"], [row.number, *state.answer(row.station, row.at)])
            else:
                said = state.take(row)
                if said != "before":
                    checkpoint.fresh.append(row)
                if said == "late":
                    write(files["late"], [row.trip, row.version])
                if said == "impossible":
                    write(files["quarantine"], [row.trip, row.version, f"started {row.started - row.arrived} s after it arrived"])
            place += len(line)
            if number % EVERY == 0:
                save(place)
    save(place)
    for file in files.values():
        file.close()


def write(file: IO[bytes], row: list[object]) -> None:
    """One line of CSV."""
    file.write((",".join("" if value is None else str(value) for value in row) + "\n").encode())
