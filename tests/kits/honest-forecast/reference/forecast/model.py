"""Ridge regression on the ratio to the last four weeks, trained every Tuesday on the past, with a range from its own past errors."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from .data import DAY, Days
from .features import WEATHER, Vector, listed, vector

RIDGE = 0.5
REMEMBERED = 182
"""Days whose errors make the range."""

TUESDAY = 1

Vectors = dict[date, tuple[float, Vector] | None]


def solve(matrix: list[Vector], right: Vector) -> Vector:
    """Gaussian elimination; the matrix is positive definite."""
    size = len(right)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(size):
        for k in range(i + 1, size):
            factor = rows[k][i] / rows[i][i]
            for j in range(i, size + 1):
                rows[k][j] -= factor * rows[i][j]
    found = [0.0] * size
    for i in reversed(range(size)):
        found[i] = (rows[i][size] - sum(rows[i][j] * found[j] for j in range(i + 1, size))) / rows[i][i]
    return found


def train(examples: list[tuple[Vector, float]]) -> Vector:
    """The coefficients; the first belongs to the constant, which is not held down."""
    size = len(examples[0][0])
    matrix, right = [[0.0] * size for _ in range(size)], [0.0] * size
    for features, target in examples:
        for i, one in enumerate(features):
            right[i] += one * target
            if one:
                row = matrix[i]
                for j in range(i + 1):
                    row[j] += one * features[j]
    for i in range(size):
        for j in range(i):
            matrix[j][i] = matrix[i][j]
    for i in range(1, size):
        matrix[i][i] += RIDGE
    return solve(matrix, right)


def share(ordered: list[float], part: float) -> float:
    """A quantile of ordered numbers."""
    at = part * (len(ordered) - 1)
    low = int(at)
    return ordered[low] + (at - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


@dataclass(frozen=True)
class Pipeline:
    """What forecasts: the names of the features, how to make them, and the coefficients."""

    names: list[str]
    weather: int
    coefficients: Vector

    @classmethod
    def fitted(cls, days: Days, before: date, weather: int, vectors: Vectors | None = None) -> Pipeline:
        """Trained on the days before a date."""
        names = listed()
        examples = []
        for day in sorted(at for at in days if at < before):
            held = vectors[day] if vectors and day in vectors else vector(days, day, names, weather)
            if vectors is not None:
                vectors[day] = held
            if held:
                examples.append((held[1], days[day]["cnt"] / held[0]))
        return cls(names, weather, train(examples))

    def predict(self, days: Days, day: date) -> float | None:
        """The trips of a day, from the rows before it; None when they are not there."""
        held = vector(days, day, self.names, self.weather)
        return held and max(1.0, held[0] * sum(map(float.__mul__, self.coefficients, held[1])))

    def save(self, path: Path) -> None:
        """Keep it."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Pipeline:
        """Bring it back."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))


class Forecaster:
    """Forecasts for any day, each from the rows before it only."""

    def __init__(self, days: Days, weather: int = WEATHER) -> None:
        self.days, self.weather = days, weather
        self.vectors: Vectors = {}
        self.trained: dict[date, Pipeline] = {}
        self.points: dict[date, float | None] = {}

    def pipeline(self, day: date) -> Pipeline:
        """Trained on everything before the last Tuesday, whatever else is asked for."""
        anchor = day - ((day.weekday() - TUESDAY) % 7) * DAY
        if anchor not in self.trained:
            self.trained[anchor] = Pipeline.fitted(self.days, anchor, self.weather, self.vectors)
        return self.trained[anchor]

    def point(self, day: date) -> float | None:
        """The forecast of the trips, or None where the features are not to be had."""
        if day not in self.points:
            self.points[day] = self.pipeline(day).predict(self.days, day)
        return self.points[day]

    def copy(self, day: date, back: int) -> float | None:
        """The day `back` days before."""
        row = self.days.get(day - back * DAY)
        return row["cnt"] if row else None

    def ranged(self, day: date, point: float, back: int) -> dict[str, Any]:
        """A forecast with its 80 per cent range: the ratios of truth to forecast on the days before."""
        ratios = []
        for at in (day - number * DAY for number in range(1, REMEMBERED + 1)):
            then = self.copy(at, back) if back else self.point(at)
            if then and at in self.days:
                ratios.append(self.days[at]["cnt"] / then)
        ratios.sort()
        low, high = point * min(1.0, share(ratios, 0.1)), point * max(1.0, share(ratios, 0.9))
        return {"date": day.isoformat(), "forecast": point, "low": low, "high": high, "fallback": back > 0}

    def forecast(self, day: date) -> dict[str, Any]:
        """The forecast of a day, made on the evening before; without yesterday's row it copies the last day that is there."""
        point = self.point(day)
        if point is not None:
            return self.ranged(day, point, 0)
        back = next(number for number in range(2, 29) if day - number * DAY in self.days)
        return self.ranged(day, self.days[day - back * DAY]["cnt"], back)
