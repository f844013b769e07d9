"""What the answers have to be: the kit's own count of every feature, as known at an ask, and as the finished history has it."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from events import DAY, FIRST, Ask, Event, local, save

Feature = Mapping[str, Any]
Value = float | None
CLOSE = 1e-9
BASE, HOURS = FIRST // DAY - 400, 24 * 820
"""The first day that a clock's hour is counted of, and for how many hours."""

EXAMPLE: tuple[Feature, ...] = (
    {"name": "starts_15m", "kind": "starts", "minutes": 15},
    {"name": "starts_60m", "kind": "starts", "minutes": 60},
    {"name": "starts_24h", "kind": "starts", "minutes": 1440},
    {"name": "starts_7d", "kind": "starts", "minutes": 10080},
    {"name": "same_hour_4w", "kind": "same_hour", "weeks": 4},
    {"name": "since_start", "kind": "since"},
)
"""The features of `events.py`, for trials."""


def slot(day: int, hour: int) -> int:
    """The place of an hour of California's clock in a list of counts."""
    return 24 * (day - BASE) + hour


class Known:
    """What is known of the trips: of each the newest version that came, where and when it started."""

    def __init__(self) -> None:
        self.trips: dict[int, Event] = {}
        self.delivered: set[tuple[int, int]] = set()
        self.starts: defaultdict[int, list[int]] = defaultdict(list)
        self.hours: defaultdict[int, list[int]] = defaultdict(lambda: [0] * HOURS)

    def take(self, event: Event) -> str:
        """Learn of an event; says whether it is `new`, delivered `twice`, `impossible` (it started after it came) or `older` than known."""
        if (event.trip, event.version) in self.delivered:
            return "twice"
        self.delivered.add((event.trip, event.version))
        if event.started > event.arrived:
            return "impossible"
        before = self.trips.get(event.trip)
        if before is not None and before.version > event.version:
            return "older"
        if before is not None:
            held = self.starts[before.station]
            del held[bisect_left(held, before.started)]
            self.hours[before.station][slot(*local(before.started))] -= 1
        self.trips[event.trip] = event
        insort(self.starts[event.station], event.started)
        self.hours[event.station][slot(*local(event.started))] += 1
        return "new"

    def value(self, feature: Feature, station: int, at: int) -> Value:
        """One feature at a moment, of the trips that are known."""
        held = self.starts.get(station, [])
        until = bisect_left(held, at)
        if feature["kind"] == "starts":
            return until - bisect_left(held, at - 60 * feature["minutes"])
        if feature["kind"] == "same_hour":
            now, days = slot(*local(at)), 7 * feature["weeks"]
            return sum(self.hours[station][now - 24 * days : now : 24]) / days
        return (at - held[until - 1]) / 60 if until else None


def served(events: Iterable[Event], asks: Iterable[Ask], features: Sequence[Feature]) -> list[list[Value]]:
    """The right answer to each ask: of the events that had arrived before it, and not at the same moment. Both in their order."""
    known, waiting = Known(), iter(events)
    ahead = next(waiting, None)
    answers = []
    for ask in asks:
        while ahead is not None and ahead.arrived < ask.at:
            known.take(ahead)
            ahead = next(waiting, None)
        answers.append([known.value(feature, ask.station, ask.at) for feature in features])
    return answers


def finished(events: Iterable[Event], asks: Iterable[Ask], features: Sequence[Feature]) -> list[list[Value]]:
    """What the finished history says of the same moments: everything is known, however late it came."""
    known = Known()
    for event in events:
        known.take(event)
    return [[known.value(feature, ask.station, ask.at) for feature in features] for ask in asks]


@dataclass(frozen=True)
class Sorted:
    """The events by what becomes of them, each delivered once."""

    on_time: set[tuple[int, int]]
    late: set[tuple[int, int]]
    impossible: set[tuple[int, int]]


def sort(events: Iterable[Event], minutes: float) -> Sorted:
    """Sort events: late is what arrives more than so many minutes after its start."""
    known, found = Known(), Sorted(set(), set(), set())
    for event in events:
        said = known.take(event)
        if said == "impossible":
            found.impossible.add((event.trip, event.version))
        elif said != "twice":
            late = event.arrived - event.started > 60 * minutes
            (found.late if late else found.on_time).add((event.trip, event.version))
    return found


def same(one: Value, other: Value) -> bool:
    """True when two values are equal to within 1e-9."""
    return one == other if one is None or other is None else abs(one - other) <= CLOSE


def skew(one: Sequence[Value], other: Sequence[Value]) -> tuple[float, float]:
    """Share of the asks that differ, among those where either value is neither empty nor zero, and the relative difference of the sums."""
    pairs = [(here, there) for here, there in zip(one, other, strict=True) if here or there]
    total = sum(there or 0 for _, there in pairs)
    share = sum(not same(here, there) for here, there in pairs) / len(pairs) if pairs else 0.0
    return share, sum(here or 0 for here, _ in pairs) / total - 1 if total else 0.0


def save_answers(path: Path, features: Sequence[Feature], asks: Iterable[Ask], answers: Iterable[Sequence[Value]]) -> None:
    """Write answers as `serve` does."""
    rows = ([ask.number, *("" if value is None else repr(value) for value in row)] for ask, row in zip(asks, answers, strict=True))
    save(path, ("ask", *(feature["name"] for feature in features)), rows)
