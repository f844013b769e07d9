"""Values that cannot be right, that the file's description contradicts, or that somebody has to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from .data import DAY, Days, Row

EXPECTED: dict[str, Callable[[date, Row], float]] = {
    "mnth": lambda day, _: day.month,
    "yr": lambda day, _: day.year - 2011,
    "weekday": lambda day, _: (day.weekday() + 1) % 7,
    "workingday": lambda day, row: int(day.weekday() < 5 and not row["holiday"]),
    "cnt": lambda _, row: row["casual"] + row["registered"],
}
SHARES = ("temp", "atemp", "hum", "windspeed")


def faults_of(day: date, row: Row) -> Iterator[tuple[str, str]]:
    """The faults of one row: column and reason."""
    for column, right in EXPECTED.items():
        if row[column] != right(day, row):
            yield column, f"{right(day, row):g} by the rest of the row"
    for column in SHARES:
        if not 0 < row[column] <= 1:
            yield column, "a share of the greatest value has to lie between 0 and 1"
    if abs(row["temp"] - row["atemp"]) > 0.2 and 0 < row["temp"] <= 1:
        yield "atemp", f"far from the temperature, {row['temp']:g}"


def check(days: Days) -> list[dict[str, Any]]:
    """Every finding: date, column, value, why."""
    found = [
        {"date": day.isoformat(), "column": column, "value": row[column], "why": why}
        for day, row in days.items()
        for column, why in faults_of(day, row)
    ]
    first = min(days)
    if days[first]["season"] == 1 and first.month == 1:
        found.append({"date": None, "column": "season", "value": 1, "why": "called spring, but it begins on 21 December: it is winter"})
    emptiest = min((day for day in days if day.year == 2012), key=lambda day: days[day]["cnt"])
    found.append({"date": emptiest.isoformat(), "column": "cnt", "value": days[emptiest]["cnt"], "why": "the emptiest day of 2012"})
    missing = [day for day in (first + n * DAY for n in range((max(days) - first).days)) if day not in days]
    return found + [{"date": day.isoformat(), "column": "dteday", "value": None, "why": "no row"} for day in missing]
