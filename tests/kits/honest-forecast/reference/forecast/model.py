"""Ridge regression on the ratio to the last four weeks, trained every Tuesday on the past, with a range from its own past errors."""

from __future__ import annotations

from datetime import date
from typing import Any

from .data import DAY, Days
from .features import WEATHER, Vector, listed, vector

RIDGE = 0.5
REMEMBERED = 182
"""Days whose errors make the range."""

TUESDAY = 1


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
            row = matrix[i]
            for j, other in enumerate(features):
                row[j] += one * other
    for i in range(1, size):
        matrix[i][i] += RIDGE
    return solve(matrix, right)


def share(ordered: list[float], part: float) -> float:
    """A quantile of ordered numbers."""
    at = part * (len(ordered) - 1)
    low = int(at)
    return ordered[low] + (at - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


class Forecaster:
    """Forecasts for any day, each from the rows before it only."""

    def __init__(self, days: Days, weather: int = WEATHER) -> None:
        self.days, self.weather, self.names = days, weather, listed()
        self.vectors: dict[date, tuple[float, Vector] | None] = {}
        self.trained: dict[date, Vector] = {}
        self.points: dict[date, float | None] = {}

    def vector(self, day: date) -> tuple[float, Vector] | None:
        """The features of a day, kept."""
        if day not in self.vectors:
            self.vectors[day] = vector(self.days, day, self.names, self.weather)
        return self.vectors[day]

    def coefficients(self, day: date) -> Vector:
        """Trained on everything before the last Tuesday, whatever else is asked for."""
        anchor = day - ((day.weekday() - TUESDAY) % 7) * DAY
        if anchor not in self.trained:
            past = [at for at in sorted(self.days) if at < anchor]
            known = [(self.vector(at), self.days[at]["cnt"]) for at in past]
            self.trained[anchor] = train([(held[1], count / held[0]) for held, count in known if held])
        return self.trained[anchor]

    def point(self, day: date) -> float | None:
        """The forecast of the trips, or None where the features are not to be had."""
        if day not in self.points:
            held = self.vector(day)
            self.points[day] = held and max(1.0, held[0] * sum(map(float.__mul__, self.coefficients(day), held[1])))
        return self.points[day]

    def copy(self, day: date, back: int) -> float | None:
        """The day `back` days before."""
        row = self.days.get(day - back * DAY)
        return row and row["cnt"]

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
