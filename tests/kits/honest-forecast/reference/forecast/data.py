"""The daily file, the calendar of the backtest, and the rules that cost nothing."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from statistics import fmean

Row = dict[str, float]
Days = dict[date, Row]

DAY = timedelta(1)
OPENING = date(2012, 5, 1)
PERIOD = [OPENING + number * DAY for number in range(245)]


def load(path: Path) -> Days:
    """The rows by their date."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {
            date.fromisoformat(row["dteday"]): {name: float(value) for name, value in row.items() if name != "dteday"}
            for row in csv.DictReader(lines)
        }


def copied(days: Days, back: int) -> list[float]:
    """The absolute errors of copying the day `back` days before."""
    return [abs(days[day]["cnt"] - days[day - back * DAY]["cnt"]) for day in PERIOD]


def baseline(days: Days) -> dict[str, float]:
    """The mean absolute errors of both naive rules."""
    return {"day_before": fmean(copied(days, 1)), "week_before": fmean(copied(days, 7))}
