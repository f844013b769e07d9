"""The faults of "what breaks" as switches: each takes the events as they arrive and gives back what arrives instead.

`python acceptance/events.py DATA OUT --fault NAME` switches one on. `seam` spoils answers and not events; the tests use it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from events import DAY, Ask, Event, in_order, local, stations
from truth import Known, Value, slot

HELD_BACK = 1402902000
"""Midnight in California before 16 June 2014, a Monday: the day that a station keeps to itself."""


def one_station(events: Sequence[Event]) -> int:
    """The station at which something happens: 70, or the first."""
    places = stations(events)
    return 70 if 70 in places else places[0]


def lost(events: Sequence[Event], share: float = 0.01) -> list[Event]:
    """One event in a hundred never arrives."""
    chance = random.Random("lost")  # noqa: S311  a simulation
    return [event for event in events if chance.random() >= share]


def twice(events: Sequence[Event], share: float = 0.05) -> list[Event]:
    """One event in twenty is delivered again, up to two days later; it is the same trip and the same version."""
    chance = random.Random("twice")  # noqa: S311  a simulation
    again = [event._replace(arrived=event.arrived + chance.randrange(2 * DAY)) for event in events if chance.random() < share]
    return in_order([*events, *again])


def counted_twice(events: Sequence[Event]) -> list[Event]:
    """One event in a hundred counts as two trips."""
    chance = random.Random("counted twice")  # noqa: S311  a simulation
    doubles = [event._replace(trip=-event.trip) for event in events if event.version == 1 and chance.random() < 0.01]
    return in_order([*events, *doubles])


def hour_off(events: Sequence[Event]) -> list[Event]:
    """The clock of the stream is an hour slow: every start is told an hour too early."""
    return [event._replace(started=event.started - 3600) for event in events]


def ahead(events: Sequence[Event]) -> list[Event]:
    """The clock of one station is an hour fast: most of its trips start after they arrive."""
    wild = one_station(events)
    return [event._replace(started=event.started + 3600) if event.station == wild else event for event in events]


def held_back(events: Sequence[Event]) -> list[Event]:
    """One station is cut off for a day and delivers everything at half past six the next morning."""
    cut, end = one_station(events), HELD_BACK + DAY
    return in_order(
        event._replace(arrived=end + 23400) if event.station == cut and HELD_BACK <= event.arrived < end + 23400 else event
        for event in events
    )


def seam(events: Sequence[Event], asks: Sequence[Ask], answers: Sequence[Sequence[Value]], column: int) -> list[list[Value]]:
    """Answers in which a count over 24 hours is put together of a table until midnight and a stream from 23:00: that hour counts twice."""
    known = Known()
    for event in events:
        known.take(event)
    spoilt = [list(row) for row in answers]
    for ask, row in zip(asks, spoilt, strict=True):
        day, _ = local(ask.at)
        row[column] = (row[column] or 0) + known.hours[ask.station][slot(day - 1, 23)]
    return spoilt


FAULTS: dict[str, Callable[[Sequence[Event]], list[Event]]] = {
    "lost": lost,
    "twice": twice,
    "counted-twice": counted_twice,
    "hour-off": hour_off,
    "ahead": ahead,
    "held-back": held_back,
}
