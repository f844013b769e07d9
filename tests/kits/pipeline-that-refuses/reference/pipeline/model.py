"""A small forecast of tomorrow's highest temperature: a straight line in today's distance from the season, for each station."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from .store import Store

RULE = "without today's value: what the season has on that day"


def seasons(day: date) -> tuple[float, float, float]:
    """A constant and one turn in the year."""
    turn = 2 * math.pi * day.timetuple().tm_yday / 365.25
    return 1.0, math.cos(turn), math.sin(turn)


def solve(rows: list[list[float]]) -> list[float]:
    """The solution of a small system of equations, its right side last in each row."""
    rows = [row[:] for row in rows]
    for at in range(len(rows)):
        best = max(range(at, len(rows)), key=lambda number: abs(rows[number][at]))
        rows[at], rows[best] = rows[best], rows[at]
        for number, row in enumerate(rows):
            if number != at:
                factor = row[at] / rows[at][at]
                rows[number] = [value - factor * other for value, other in zip(row, rows[at], strict=True)]
    return [row[-1] / row[at] for at, row in enumerate(rows)]


def train(store: Store, first: str, last: str) -> dict[str, Any]:
    """Learn the season of each station and how much of a warm day is left on the next; nothing after `last` is read."""
    series: dict[str, dict[date, float]] = defaultdict(dict)
    for station, day, element, value in store.values(first, last, "9999-12-31"):
        if element == "TMAX":
            series[station][date.fromisoformat(day)] = value
    model = {}
    for station, days in series.items():
        told = [(seasons(day), value) for day, value in days.items()]
        system = [[sum(x[i] * x[j] for x, _ in told) for j in range(3)] + [sum(x[i] * y for x, y in told)] for i in range(3)]
        season = solve(system)
        rest = {day: value - usual(season, day) for day, value in days.items()}
        pairs = [(value, rest[day + timedelta(1)]) for day, value in rest.items() if day + timedelta(1) in rest]
        slope = sum(one * other for one, other in pairs) / sum(one * one for one, _ in pairs)
        model[station] = {"season": season, "slope": max(0.0, slope)}
    return model


def usual(season: list[float], day: date) -> float:
    """What the season has on a day."""
    return sum(factor * value for factor, value in zip(season, seasons(day), strict=True))


def forecast(model: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    """Tomorrow's value from today's; without it the season's, and that is said."""
    held, today = model[case["station"]], date.fromisoformat(case["day"])
    tomorrow = usual(held["season"], today + timedelta(1))
    if case["today"] is None:
        return {"forecast": tomorrow, "fallback": True, "rule": RULE}
    return {"forecast": tomorrow + held["slope"] * (case["today"] - usual(held["season"], today)), "fallback": False}


def save(model: dict[str, Any], path: Path) -> None:
    """Write a model."""
    path.write_text(json.dumps(model) + "\n", encoding="utf-8")
