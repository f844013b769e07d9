"""The model: the mean of a station's hour on working days or days off, drawn towards the same weekday as far as there are rows."""

from __future__ import annotations

import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from .data import StationHour
from .features import Features, features

SMOOTH = 30.0
"""As many rows of the wider mean count as much as the weekday's own rows."""


class Means:
    """Means by key."""

    def __init__(self) -> None:
        self.sums: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])

    def add(self, key: str, value: float) -> None:
        """Count one row."""
        held = self.sums[key]
        held[0] += value
        held[1] += 1


def wide(seen: Features) -> str:
    """The key of the wider mean."""
    return f"{seen.station} {seen.hour} {seen.off:d}"


def narrow(seen: Features) -> str:
    """The key of the weekday's mean."""
    return f"{wide(seen)} {seen.weekday}"


class Model:
    """Means that were learnt, and the version that names them."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self.stations = {int(station) for station in content["stations"]}
        text = json.dumps(content, sort_keys=True)
        self.version = hashlib.sha256(text.encode()).hexdigest()[:12]

    @classmethod
    def train(cls, rows: Iterable[StationHour]) -> Model:
        """Learn from station-hours."""
        means, known = Means(), set()
        for row in rows:
            seen = features(row.station, row.day, row.hour)
            known.add(row.station)
            means.add(wide(seen), row.trips)
            means.add(narrow(seen), row.trips)
        return cls({"stations": sorted(known), "sums": dict(sorted(means.sums.items()))})

    @classmethod
    def load(cls, path: Path) -> Model:
        """Read a model; raises ValueError unless it is whole."""
        try:
            held = json.loads(path.read_text(encoding="utf-8"))
            model = cls(held["model"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path} is no whole model: {error!r}") from None
        if model.version != held.get("version"):
            raise ValueError(f"{path}: says version {held.get('version')}, holds {model.version}")
        return model

    def save(self, path: Path) -> None:
        """Write the model whole or not at all."""
        unfinished = path.with_suffix(".part")
        unfinished.write_text(json.dumps({"version": self.version, "model": self.content}), encoding="utf-8")
        unfinished.replace(path)

    def answer(self, seen: Features) -> float:
        """The expected number of trips."""
        wide_sum, wide_count = self.content["sums"].get(wide(seen), (0.0, 0))
        total, count = self.content["sums"].get(narrow(seen), (0.0, 0))
        mean = wide_sum / wide_count if wide_count else 0.0
        return float((total + SMOOTH * mean) / (count + SMOOTH))

    def predict(self, station: int, day: date, hour: int) -> float:
        """The expected number of trips of a station-hour."""
        return self.answer(features(station, day, hour))


def lookup(rows: Iterable[StationHour], key: Callable[[StationHour], str]) -> Callable[[StationHour], float]:
    """A baseline: the mean of the rows with the same key."""
    means = Means()
    for row in rows:
        means.add(key(row), row.trips)
    return lambda row: means.sums[key(row)][0] / max(1.0, means.sums[key(row)][1])


def rmse(rows: list[StationHour], answer: Callable[[StationHour], float]) -> float:
    """Root mean squared error."""
    return math.sqrt(sum((row.trips - answer(row)) ** 2 for row in rows) / len(rows))


def evaluate(train: list[StationHour], judged: list[StationHour]) -> dict[str, Any]:
    """The errors of the baselines and the model."""
    model = Model.train(train)
    hour = lookup(train, lambda row: f"{row.station} {row.hour}")
    weekend = lookup(train, lambda row: f"{row.station} {row.hour} {row.day.weekday() >= 5}")
    errors = {
        "zero": rmse(judged, lambda _: 0.0),
        "station_hour": rmse(judged, hour),
        "station_hour_weekend": rmse(judged, weekend),
        "model": rmse(judged, lambda row: model.predict(row.station, row.day, row.hour)),
    }
    return {"rows": len(judged), "rmse": errors}
