"""The sample: five made-up years of twelve stations in three valleys, in the form in which the sender delivers.

Its traps: a day is much like the day before, but drawn towards the season; a station may be silent for a day;
nights of hard frost and a heat wave hotter than anything before, all of them right.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from deliveries import DAY, Delivery, Row, contract, day_file, row_of, save_contract

SEED = 20210401
FIRST, LAST = date(2019, 1, 1), date(2023, 12, 31)
STATIONS = tuple(f"KIT{number:08d}" for number in range(1, 13))
HEAT = (date(2021, 4, 19), date(2021, 4, 23))
"""A heat wave: 12 degrees more than the season on all stations."""

SILENT = 0.01
"""The share of a station's days without a row."""

Weather = dict[date, list[Row]]


def weather(seed: int = SEED) -> Weather:
    """The rows of every day; the same seed gives the same rows."""
    chance = random.Random(seed)  # noqa: S311  a simulation
    warmer = {station: chance.uniform(-2, 2) for station in STATIONS}
    valley = [0.0, 0.0, 0.0]
    told: Weather = {}
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + number * DAY
        season = 14 - 10.5 * math.cos(2 * math.pi * (day.timetuple().tm_yday - 20) / 365.25)
        common = chance.gauss(0, 1.8)
        valley = [0.6 * held + common + chance.gauss(0, 1.5) for held in valley]
        heat = 12.0 if HEAT[0] <= day <= HEAT[1] else 0.0
        told[day] = []
        for nth, station in enumerate(STATIONS):
            highest = season + warmer[station] + valley[nth % 3] + heat + chance.gauss(0, 0.7)
            lowest = highest - max(2.0, chance.gauss(8, 1.5))
            rain = chance.expovariate(1 / 6) if chance.random() < 0.35 else 0.0
            if chance.random() < SILENT:
                continue
            for element, value in (("TMAX", highest), ("TMIN", lowest), ("PRCP", rain)):
                told[day].append(row_of(station, day, element, round(10 * value)))
    return told


def deliveries(told: Weather, first: date, last: date) -> Iterator[Delivery]:
    """The files of the days from `first` to `last`, without a defect."""
    for number in range((last - first).days + 1):
        day = first + number * DAY
        yield day_file(told[day], day)


def write(folder: Path) -> None:
    """Write the inbox of five years, and a contract that fits it."""
    for delivery in deliveries(weather(), FIRST, LAST):
        delivery.write(folder / "inbox")
    save_contract(contract(STATIONS), folder / "contract.json")
