"""A small year that was never measured, in the form that the kit makes of the open data: eight stations, some 35,000 trips.

Its traps: a trip is known only when its bike is docked, one in fifty after hours or days; records are corrected later,
a few corrections come before what they correct; some clocks run ahead; many moments are equal, for all are whole minutes.
"""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from pathlib import Path

SEED = 20141342
STATIONS = {70: 2.8, 69: 1.9, 50: 1.5, 61: 1.1, 39: 0.6, 22: 0.3, 11: 0.12, 84: 0.05}
WORKDAY = (1, 0, 0, 0, 1, 3, 12, 34, 58, 34, 16, 14, 17, 16, 14, 19, 36, 60, 44, 22, 12, 8, 7, 7)
WEEKEND = (2, 1, 1, 0, 0, 1, 2, 4, 8, 12, 16, 20, 22, 22, 22, 21, 19, 16, 12, 9, 7, 6, 7, 7)
FIRST = 1388563200
SUMMER_TIME = (1394359200, 1414918800)
HEAD = ("trip", "version", "station", "started", "arrived")


def minutes(chance: random.Random) -> int:
    """How long a trip lasts: most of them minutes, a few hours, very few days."""
    kind = chance.random()
    if kind < 0.95:
        return min(30, max(1, round(chance.lognormvariate(2.15, 0.5))))
    if kind < 0.984:
        return chance.randrange(31, 121)
    return chance.randrange(121, 480) if kind < 0.9996 else chance.randrange(480, 20000)


def write(folder: Path) -> None:
    """Write trips.csv, sorted by trip and version."""
    chance = random.Random(SEED)  # noqa: S311  a simulation
    rows: list[tuple[int, ...]] = []
    for number in range(365):
        day = date(2014, 1, 1) + timedelta(number)
        shape = WEEKEND if day.weekday() > 4 else WORKDAY
        level = chance.uniform(0.8, 1.2) * (0.75 if day.weekday() > 4 else 1)
        for hour, part in enumerate(shape):
            for station, busy in STATIONS.items():
                mean = busy * level * part * 0.028
                for _ in range(sum(chance.random() < mean / 8 for _ in range(8))):
                    clock = FIRST + 86400 * number + 3600 * hour + 60 * chance.randrange(60)
                    started = clock - (3600 if SUMMER_TIME[0] <= clock - 3600 < SUMMER_TIME[1] else 0)
                    rows += records(chance, 1000 + len(rows), station, started)
    with (folder / "trips.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEAD)
        writer.writerows(sorted(rows))


def records(chance: random.Random, trip: int, station: int, started: int) -> list[tuple[int, ...]]:
    """What is told of a trip: once as a rule, and sometimes again and otherwise."""
    arrived = started + 60 * minutes(chance)
    kind = chance.random()
    if kind < 0.001:
        return [(trip, 1, station, arrived + 60 * chance.randrange(1, 300), arrived)]
    if kind < 0.002:
        other = chance.choice([place for place in STATIONS if place != station])
        return [(trip, 1, other, started, arrived), (trip, 2, station, started, arrived + 60 * chance.randrange(5, 4000))]
    if kind < 0.004:
        wrong = started - 60 * chance.randrange(1, 90)
        return [(trip, 1, station, wrong, arrived), (trip, 2, station, started, arrived + 60 * chance.randrange(-30, 4000))]
    return [(trip, 1, station, started, arrived)]
