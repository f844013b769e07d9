"""Normal bands, learned from days before the ones that are watched."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .days import Day, read_days
from .signals import Measured, Memory, measure

PAGES = ("unchanged_places", "temperature", "quiet_stations")
"""The signals behind the one alert: each tells that the inputs or the counts are broken, and somebody can mend that at night."""

STEADY = 0.95
FACTOR = 2.0
"""A share of quiet stations is far off at this many times the largest share of the months that were learned."""

Bands = dict[str, tuple[float, float]]


def steady_stations(days: Iterable[Day]) -> dict[bool, set[str]]:
    """The stations where somebody rode on nearly every workday, and those on nearly every day of a weekend."""
    ridden: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    count: Counter[bool] = Counter()
    for day in days:
        for about, truth in day.truth.items():
            weekend = about.weekday() > 4
            count[weekend] += 1
            ridden[weekend].update({row["station"] for row in truth if row["trips"] != "0"})
    return {kind: {station for station, number in found.items() if number >= STEADY * count[kind]} for kind, found in ridden.items()}


def learn(reference: Path, state: Path) -> None:
    """Measure the reference, and keep bands and steady stations."""
    days = list(read_days(reference))
    memory = Memory(steady_stations(days))
    measured = [found for day in days for found in measure(day, memory)]
    worst = max(found.value or 0.0 for found in measured if found.signal == "quiet_stations")
    places = len({row["place"] for row in days[0].requests})
    normal = bands(measured) | {"quiet_stations": (0.0, FACTOR * worst), "unchanged_places": (0.0, places - 0.5)}
    kept = {
        "fitted": {"from": days[0].day.isoformat(), "to": days[-1].day.isoformat()},
        "steady": {str(int(kind)): sorted(stations) for kind, stations in memory.steady.items()},
        "bands": normal,
        "worst_quiet": worst,
    }
    (state / "learned.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def bands(measured: Iterable[Measured]) -> Bands:
    """From the lowest to the highest value that was seen, and a quarter of that range more on either side."""
    values: dict[str, list[float]] = defaultdict(list)
    for found in measured:
        if found.value is not None:
            values[found.signal].append(found.value)
    return {signal: widened(min(seen), max(seen)) for signal, seen in values.items()}


def widened(low: float, high: float) -> tuple[float, float]:
    """A quarter more on either side; for a constant a tenth."""
    margin = 0.25 * (high - low) or 0.1 * abs(high) or 0.01
    return low - margin, high + margin


def load(state: Path) -> dict[str, Any]:
    """What was learned."""
    return dict(json.loads((state / "learned.json").read_text(encoding="utf-8")))
