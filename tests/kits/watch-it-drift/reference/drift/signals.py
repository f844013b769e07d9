"""What is measured, each day and in four layers: the service, its inputs, its predictions, and its quality once the truth is there."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from .days import FEATURES, Day, Row

LAYERS = {
    "service": ("requests", "errors", "latency"),
    "inputs": ("missing", "temperature", "humidity", "unchanged_places"),
    "predictions": ("forecast",),
    "quality": ("error", "bias", "quiet_stations", "truth_age"),
}
LAYER = {signal: layer for layer, signals in LAYERS.items() for signal in signals}
VERSIONS = ("model", "code", "settings", "data")
Versions = Counter[tuple[str, ...]]


@dataclass(frozen=True)
class Measured:
    """A value of a signal: known on a day, about a day."""

    day: date
    about: date
    signal: str
    value: float | None


@dataclass
class Memory:
    """What one day needs of those before it."""

    steady: dict[bool, set[str]]
    temperatures: dict[str, str] = field(default_factory=dict)
    waiting: dict[date, list[Row]] = field(default_factory=dict)
    last_truth: date | None = None
    points: dict[date, tuple[float, Versions]] = field(default_factory=dict)


def measure(day: Day, memory: Memory) -> Iterator[Measured]:
    """All signals that are known on a day."""
    for signal, value in [*service(day.requests), *inputs(day.requests, memory)]:
        yield Measured(day.day, day.day, signal, value)
    if day.requests:
        memory.waiting[day.day] = [row for row in day.requests if row["status"] == "200"]
    for about, truth in day.truth.items():
        memory.last_truth = max(about, memory.last_truth or about)
        for signal, value in quality(about, truth, memory):
            yield Measured(day.day, about, signal, value)
    age = None if memory.last_truth is None else float((day.day - memory.last_truth).days)
    yield Measured(day.day, day.day, "truth_age", age)


def service(requests: list[Row]) -> list[tuple[str, float | None]]:
    """Traffic, failures, and the time that an answer takes."""
    if not requests:
        return [("requests", 0.0), ("errors", None), ("latency", None)]
    slowest = sorted(float(row["latency_ms"]) for row in requests)
    return [
        ("requests", float(len(requests))),
        ("errors", sum(row["status"] >= "500" for row in requests) / len(requests)),
        ("latency", slowest[math.ceil(0.99 * len(slowest)) - 1]),
    ]


def inputs(requests: list[Row], memory: Memory) -> list[tuple[str, float | None]]:
    """What came in, by place, and what was answered to it."""
    if not requests:
        return [(signal, None) for signal in (*LAYERS["inputs"], *LAYERS["predictions"])]
    places = {row["place"]: row for row in requests}
    now = {place: row["mean_temp_f"] for place, row in places.items() if row["mean_temp_f"]}
    unchanged = sum(memory.temperatures.get(place) == value for place, value in now.items()) if memory.temperatures else None
    memory.temperatures = now
    return [
        ("missing", sum(row[name] == "" for row in requests for name in FEATURES) / (len(requests) * len(FEATURES))),
        ("temperature", mean([float(value) for value in now.values()])),
        ("humidity", mean([float(row["mean_humidity"]) for row in places.values() if row["mean_humidity"]])),
        ("unchanged_places", None if unchanged is None else float(unchanged)),
        ("forecast", sum(float(row["expected_trips"]) for row in requests if row["expected_trips"])),
    ]


def quality(about: date, truth: list[Row], memory: Memory) -> list[tuple[str, float | None]]:
    """Error and bias of a day's answers, and the share of the steady stations where nobody rode."""
    happened = {(row["station"], row["hour"]): float(row["trips"]) for row in truth}
    ridden: dict[str, float] = defaultdict(float)
    for (station, _), trips in happened.items():
        ridden[station] += trips
    steady = memory.steady[about.weekday() > 4]
    found: list[tuple[str, float | None]] = [("quiet_stations", mean([float(ridden[station] == 0) for station in sorted(steady)]))]
    answered = [row for row in memory.waiting.pop(about, []) if (row["station"], row["hour"]) in happened]
    if answered:
        off = [float(row["expected_trips"]) - happened[row["station"], row["hour"]] for row in answered]
        error = math.sqrt(sum(value * value for value in off) / len(off))
        memory.points[about] = (error, Counter(tuple(row[name] for name in VERSIONS) for row in answered))
        found += [("error", error), ("bias", sum(off) / len(off))]
    return found


def mean(values: list[float]) -> float | None:
    """The mean, or nothing."""
    return sum(values) / len(values) if values else None
