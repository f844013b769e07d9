"""What the model sees of a station-hour: one function, for training and for serving."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

DAYS_OFF = {
    *(date(2014, month, day) for month, day in ((1, 1), (1, 20), (2, 17), (5, 26), (7, 4), (9, 1), (10, 13), (11, 11), (11, 27), (11, 28))),
    *(date(2014, 12, day) for day in range(24, 32)),
}
"""Federal holidays, the Friday after Thanksgiving, and the days on which offices are closed at the end of the year."""


class Features(NamedTuple):
    """A station-hour as the model sees it."""

    station: int
    hour: int
    off: bool
    weekday: int


def features(station: int, day: date, hour: int) -> Features:
    """The features of a station-hour; everything in them is known the day before."""
    off = day.weekday() >= 5 or day in DAYS_OFF
    return Features(station, hour, off, day.weekday())
