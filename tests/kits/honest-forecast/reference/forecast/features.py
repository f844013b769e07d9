"""The features, and the list that says when the value of each is known."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import fmean

from .data import DAY, Days

LEVEL = 28
LISTED = Path(__file__).parent.parent / "features.csv"
Vector = list[float]


class KnownTooLateError(Exception):
    """A feature's value is not known on the evening before."""


def listed(path: Path = LISTED) -> list[str]:
    """The names of the features; refuses one that is known too late."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        if int(row["known"]) > -1:
            raise KnownTooLateError(f"{path}: {row['feature']} is known on day {row['known']}; the forecast is made on day -1")
    return [row["feature"] for row in rows]


def recent(days: Days, day: date, length: int) -> list[float]:
    """The trips of the last days that are there."""
    return [days[at]["cnt"] for at in (day - back * DAY for back in range(1, length + 1)) if at in days]


def level_of(days: Days, day: date) -> float | None:
    """The mean of the last four weeks, by which everything is divided: demand grows."""
    held = recent(days, day, LEVEL)
    return fmean(held) if len(held) >= LEVEL // 2 else None


def turn(day: date) -> float:
    """The time of year as an angle."""
    return 2 * math.pi * day.timetuple().tm_yday / 365.25


WEATHER = 1
"""How many days before the weather is taken from; 0 only for the claim that could not be kept."""

FEATURES: dict[str, Callable[[Days, date, float, int], float]] = {
    "yesterday": lambda days, day, level, _: days[day - DAY]["cnt"] / level,
    "week": lambda days, day, level, _: fmean(recent(days, day, 7)) / level,
    "same_weekday": lambda days, day, level, _: days[day - 7 * DAY]["cnt"] / level if day - 7 * DAY in days else 1.0,
    "friday": lambda _days, day, _level, _: float(day.weekday() == 4),
    "saturday": lambda _days, day, _level, _: float(day.weekday() == 5),
    "sunday": lambda _days, day, _level, _: float(day.weekday() == 6),
    "monday": lambda _days, day, _level, _: float(day.weekday() == 0),
    "sine": lambda _days, day, _level, _: math.sin(turn(day)),
    "cosine": lambda _days, day, _level, _: math.cos(turn(day)),
    "temperature": lambda days, day, _, back: days[day - back * DAY]["temp"],
    "humidity": lambda days, day, _, back: days[day - back * DAY]["hum"] or 0.63,
    "wind": lambda days, day, _, back: days[day - back * DAY]["windspeed"],
    "mist": lambda days, day, _, back: float(days[day - back * DAY]["weathersit"] == 2),
    "rain": lambda days, day, _, back: float(days[day - back * DAY]["weathersit"] >= 3),
}


def vector(days: Days, day: date, names: list[str], weather: int = WEATHER) -> tuple[float, Vector] | None:
    """The level and the features of a day; None when yesterday's row, or too much of the last four weeks, is missing."""
    level = level_of(days, day)
    if level is None or day - DAY not in days or day - weather * DAY not in days:
        return None
    return level, [1.0] + [FEATURES[name](days, day, level, weather) for name in names]
