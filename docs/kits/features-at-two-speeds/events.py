"""Trips as a log: events in the order of their arrival, and between them the asks.

    python acceptance/events.py DATA OUT                     the whole year with an ask at every full hour, as OUT/log.csv
    python acceptance/events.py DATA OUT --asks 10000        the whole year with 10,000 drawn asks, and what to answer, as OUT/right.csv
    python acceptance/events.py DATA OUT --fault twice       the same log with a fault (see faults.py)
    python acceptance/events.py DATA OUT --copies 30         the year 30 times over, with other station numbers and without asks

DATA is the folder that fetch.py filled, with the open data or with the sample. All times are whole seconds since 1970 in UTC.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

HEAD = ("kind", "id", "version", "station", "started", "at")
DAY = 86400
FIRST, END = 1388563200, 1420099200
"""Midnight in California before 1 January 2014, and the one after 31 December."""

SUMMER_TIME = (1394359200, 1414918800)
"""In California 2014: 9 March and 2 November, 2 o'clock."""

NOWHERE = 999
"""A station of which no trip ever starts."""


class Event(NamedTuple):
    """A trip as one version of its record tells it, and when that version arrived."""

    trip: int
    version: int
    station: int
    started: int
    arrived: int


class Ask(NamedTuple):
    """A question: what are the features of a station at a moment?"""

    number: int
    station: int
    at: int


def local(moment: int) -> tuple[int, int]:
    """Day (since 1970) and hour of California's clock."""
    here = moment - 3600 * (7 if SUMMER_TIME[0] <= moment < SUMMER_TIME[1] else 8)
    return here // DAY, here % DAY // 3600


def read(folder: Path) -> list[Event]:
    """The events in a folder, as they arrive: of the open data (a trip is known when its bike is docked), or of the sample.

    Raises ValueError with what is missing.
    """
    if (folder / "batrips.rda").is_file():
        from rda import columns

        ridden = columns(folder / "batrips.rda")
        names = ("trip_id", "start_terminal", "start_date", "end_date")
        found = [Event(trip, 1, station, int(start), int(end)) for trip, station, start, end in zip(*map(ridden.get, names), strict=True)]
    elif (folder / "trips.csv").is_file():
        with (folder / "trips.csv").open(encoding="utf-8", newline="") as file:
            found = [Event(*(int(row[name]) for name in Event._fields)) for row in csv.DictReader(file)]
    else:
        raise ValueError(f"{folder} has neither batrips.rda nor trips.csv: fill it with `python fetch.py {folder}`")
    return in_order(found)


def in_order(events: Iterable[Event]) -> list[Event]:
    """Events in the order in which they arrive."""
    return sorted(events, key=lambda event: (event.arrived, event.trip, event.version))


def stations(events: Iterable[Event]) -> list[int]:
    """Every station from which a trip started."""
    return sorted({event.station for event in events})


def hourly(places: Iterable[int], begin: int = FIRST, end: int = END) -> list[Ask]:
    """An ask of every station at every full hour."""
    moments = [(at, station) for at in range(begin, end, 3600) for station in places]
    return [Ask(number, station, at) for number, (at, station) in enumerate(moments, 1)]


def drawn(events: Sequence[Event], count: int, seed: int, begin: int = FIRST, end: int = END) -> list[Ask]:
    """Asks where faults sit: at the moment of an arrival, at the edge of a window, at midnight, around the change of the clocks."""
    chance = random.Random(seed)  # noqa: S311  a sample, not a secret
    inside = [event for event in events if begin + DAY < event.arrived < end - 8 * DAY]
    places = [*stations(events), NOWHERE]
    moments: list[tuple[int, int]] = []
    while len(moments) < count:
        event, way = chance.choice(inside), chance.random()
        if way < 0.15:
            moments.append((event.arrived, event.station))
        elif way < 0.3:
            moments.append((event.started + chance.choice((900, 2700, 3600, DAY, 7 * DAY)), event.station))
        elif way < 0.4:
            moments.append((begin + DAY * chance.randrange((end - begin) // DAY) + 60 * chance.randrange(-5, 65), event.station))
        elif way < 0.5 and begin < SUMMER_TIME[1] < end:
            moments.append((chance.choice(SUMMER_TIME) + 600 * chance.randrange(-12, 100), chance.choice(places)))
        else:
            moments.append((chance.randrange(begin, end), chance.choice(places)))
    return [Ask(number, station, at) for number, (at, station) in enumerate(sorted(moments), 1)]


def write_log(path: Path, events: Iterable[Event], asks: Iterable[Ask]) -> None:
    """Write events and asks in the order of arrival; at the same second some asks come before the events and some after."""
    rows = [(event.arrived, 2 * (event.trip % 2), ("event", *event)) for event in events]
    rows += [(ask.at, 1, ("ask", ask.number, "", ask.station, "", ask.at)) for ask in asks]
    rows.sort(key=lambda row: row[:2])
    save(path, HEAD, (row[2] for row in rows))


def multiplied(events: Iterable[Event], copies: int) -> Iterator[tuple[object, ...]]:
    """Rows of a log in which every event stands so many times, each time as another trip at another station."""
    for event in events:
        for number in range(copies):
            yield "event", event.trip + 10**8 * number, event.version, event.station + 1000 * number, event.started, event.arrived


def save(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def main(argv: Sequence[str] | None = None) -> None:
    """Write a log for the learner."""
    import truth
    from faults import FAULTS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--asks", type=int, help="draw so many asks, in place of one for each station and hour")
    parser.add_argument("--fault", choices=sorted(FAULTS))
    parser.add_argument("--copies", type=int, help="write the events so many times over, and no asks")
    options = parser.parse_args(argv)
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        events = read(options.data)
        asks = drawn(events, options.asks, 13) if options.asks else hourly(stations(events))
        events = FAULTS[options.fault](events) if options.fault else events
        if options.copies:
            asks = []
            save(options.out / "log.csv", HEAD, multiplied(events, options.copies))
        else:
            write_log(options.out / "log.csv", events, asks)
        if asks and options.asks:
            truth.save_answers(options.out / "right.csv", truth.EXAMPLE, asks, truth.served(events, asks, truth.EXAMPLE))
    except (ValueError, OSError) as error:
        raise SystemExit(str(error)) from None
    many = len(events) * (options.copies or 1)
    print(f"{options.out}: {many:,} events and {len(asks):,} asks{', ' + options.fault if options.fault else ''}")


if __name__ == "__main__":
    main()
