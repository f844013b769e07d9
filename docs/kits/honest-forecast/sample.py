"""The sample: 731 made-up days in the form of day.csv, with the traps of the real file in it.

Demand grows by more than half from the first year to the second. `casual` and `registered` add up to `cnt`. The weather of a day
moves its trips, and tells little about the next day. In some weeks every day is high or low, so that the days of one week are
alike and weeks differ. One day has no humidity, one has an apparent temperature from another season, and on one the city stood still.
"""

from __future__ import annotations

import csv
import math
import random
from datetime import date, timedelta
from pathlib import Path

SEED = 20121029
FIRST = date(2011, 1, 1)
DAYS = 731
OPENING = 486
"""The number of 1 May 2012, with which the 35 weeks of the backtest begin."""

SEASONS = ((3, 21, 2), (6, 21, 3), (9, 23, 4), (12, 21, 1))
"""Month, day and number: season 1 begins on 21 December, so it is winter; the file's description calls it spring."""

HOLIDAYS = {(1, 1), (1, 16), (4, 16), (5, 28), (7, 4), (9, 3), (10, 8), (11, 12), (11, 22), (12, 25)}
NO_HUMIDITY = date(2011, 3, 10)
WRONG_FEELING = date(2012, 8, 17)
STANDSTILL = date(2012, 10, 29)
COLUMNS = (
    "instant",
    "dteday",
    "season",
    "yr",
    "mnth",
    "holiday",
    "weekday",
    "workingday",
    "weathersit",
    "temp",
    "atemp",
    "hum",
    "windspeed",
    "casual",
    "registered",
    "cnt",
)
Row = dict[str, str]


def season_of(day: date) -> int:
    """The number of the season."""
    found = 1
    for month, first, number in SEASONS:
        if (day.month, day.day) >= (month, first):
            found = number
    return found


def within(value: float, low: float, high: float) -> float:
    """The value, or the nearer end."""
    return min(max(value, low), high)


def rows(seed: int = SEED) -> list[Row]:
    """The days in their order; the same seed gives the same days."""
    chance = random.Random(seed)  # noqa: S311  a sample, not a secret
    told: list[Row] = []
    warm, shift, sky = 0.0, 0.0, 1
    for number in range(DAYS):
        day = FIRST + timedelta(number)
        turn = 2 * math.pi * (day.timetuple().tm_yday - 20) / 365.25
        warm = 0.7 * warm + chance.gauss(0, 0.035)
        temperature = within(0.5 - 0.24 * math.cos(turn) + warm, 0.05, 0.9)
        sky = sky if chance.random() < 0.3 else chance.choices((1, 2, 3), (64, 31, 5))[0]
        humidity = within(chance.gauss((0.56, 0.7, 0.86)[sky - 1], 0.08), 0.2, 0.98)
        wind = within(chance.gauss(0.19, 0.07), 0.03, 0.5)
        # a fortnight in which whole weeks are high or low, then one in which they are not
        if (number - OPENING) % 7 == 0:
            shift = chance.gauss(0, 0.25) if (number - OPENING) // 14 % 2 else 0.0
        jump = chance.gauss(0, 0.03)
        level = 2500 * math.exp(0.52 * number / 365.25) * (1 - 0.28 * math.cos(turn))
        weather = (1.0, 0.86, 0.5)[sky - 1] * (1 + 0.9 * warm)
        weekday = (day.weekday() + 1) % 7
        holiday = (day.month, day.day) in HOLIDAYS
        free = holiday or weekday in (0, 6)
        count = max(40, round(level * weather * math.exp(shift + jump) * (0.86 if free else 1.0)))
        if day == STANDSTILL:
            count, sky, humidity = 22, 3, 0.88
        casual = round(count * within((0.33 if free else 0.15) + chance.gauss(0, 0.03), 0.02, 0.6))
        feeling = within(temperature * 0.95 + 0.02 - 0.1 * (wind - 0.19), 0.05, 0.9)
        told.append(
            {
                "instant": str(number + 1),
                "dteday": day.isoformat(),
                "season": str(season_of(day)),
                "yr": str(day.year - FIRST.year),
                "mnth": str(day.month),
                "holiday": str(int(holiday)),
                "weekday": str(weekday),
                "workingday": str(int(not free)),
                "weathersit": str(sky),
                "temp": f"{temperature:.6f}",
                "atemp": "0.242400" if day == WRONG_FEELING else f"{feeling:.6f}",
                "hum": "0" if day == NO_HUMIDITY else f"{humidity:.6f}",
                "windspeed": f"{wind:.6f}",
                "casual": str(casual),
                "registered": str(count - casual),
                "cnt": str(count),
            }
        )
    return told


def save(days: list[Row], path: Path) -> None:
    """Write days as a file in the form of day.csv."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(days)


def write(folder: Path) -> None:
    """Write the sample as day.csv into a folder."""
    save(rows(), folder / "day.csv")
