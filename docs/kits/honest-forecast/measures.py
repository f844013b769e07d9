"""The kit's own arithmetic: naive errors, weeks, the interval from resampling weeks, slopes of losses, the analyst's figures."""

from __future__ import annotations

import csv
import math
import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from acceptance import Trouble
from sample import COLUMNS, Row

DAY = timedelta(1)
OPENING = date(2012, 5, 1)
DAYS = [OPENING + number * DAY for number in range(245)]
WEEKS = 35
RESAMPLES = 10_000
CALENDAR = {"instant", "dteday", "season", "yr", "mnth", "holiday", "weekday", "workingday"}
"""Columns that are known long before the day."""


def read_rows(path: Path) -> list[Row]:
    """The rows of a file in the form of day.csv; raises `Trouble` when it is another."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            found = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f"{path} cannot be read ({error}); fetch it with fetch.py, or leave KIT_DATA out and the sample is used") from None
    if not found or not set(COLUMNS) <= set(found[0]) or found[-1]["dteday"] != DAYS[-1].isoformat():
        raise Trouble(f"{path} is not day.csv: expected the columns {', '.join(COLUMNS)} and days to {DAYS[-1]}; fetch it again")
    return found


def counts_of(rows: Sequence[Row]) -> dict[date, float]:
    """The trips of each day."""
    return {date.fromisoformat(row["dteday"]): float(row["cnt"]) for row in rows}


def copied_error(counts: Mapping[date, float], back: int) -> float:
    """The mean absolute error over the 245 days of copying the day `back` days before."""
    return statistics.fmean(abs(counts[day] - counts[day - back * DAY]) for day in DAYS)


def by_week(errors: Sequence[float]) -> list[float]:
    """The mean error of each of the 35 weeks."""
    return [statistics.fmean(errors[7 * week : 7 * week + 7]) for week in range(WEEKS)]


def gain_of(model: Sequence[float], naive: Sequence[float]) -> float:
    """The share of the naive error that the model saves."""
    return 1 - sum(model) / sum(naive)


def gain_interval(model: Sequence[float], naive: Sequence[float]) -> tuple[float, float]:
    """The 95 per cent interval of the gain from resampling whole weeks, by percentiles."""
    chance = random.Random(35)  # noqa: S311  resampling, not a secret
    gains = []
    for _ in range(RESAMPLES):
        drawn = chance.choices(range(WEEKS), k=WEEKS)
        gains.append(gain_of([model[week] for week in drawn], [naive[week] for week in drawn]))
    gains.sort()
    return gains[round(0.025 * RESAMPLES)], gains[round(0.975 * RESAMPLES) - 1]


def naive_width(counts: Mapping[date, float]) -> float:
    """The mean width of yesterday's number, plus and minus the 80th percentile of its errors of the half-year before."""
    widths = []
    for day in DAYS:
        errors = sorted(abs(counts[day - back * DAY] - counts[day - (back + 1) * DAY]) for back in range(1, 183))
        widths.append(2 * errors[math.ceil(0.8 * len(errors)) - 1])
    return statistics.fmean(widths)


def loss(name: str, level: float, truth: float, forecast: float) -> float:
    """The squared, absolute or quantile loss of one forecast."""
    error = truth - forecast
    if name == "squared":
        return error * error
    if name == "absolute":
        return abs(error)
    return level * error if error >= 0 else (level - 1) * error


def slope(name: str, level: float, truth: float, forecast: float) -> float:
    """The slope of a loss in the forecast, by a numerical difference."""
    step = 1e-3
    return (loss(name, level, truth, forecast + step) - loss(name, level, truth, forecast - step)) / (2 * step)


def figures_of(rows: Sequence[Row]) -> dict[str, Any]:
    """What the analyst computes: totals by week (named by its Monday), both naive errors, mean and standard deviation by month."""
    counts = counts_of(rows)
    weeks: dict[str, float] = defaultdict(float)
    months: dict[str, list[float]] = defaultdict(list)
    for day, count in counts.items():
        weeks[(day - day.weekday() * DAY).isoformat()] += count
        months[f"{day:%Y-%m}"].append(count)
    return {
        "weeks": dict(weeks),
        "day_before": copied_error(counts, 1),
        "week_before": copied_error(counts, 7),
        "months": {name: {"mean": statistics.fmean(held), "sd": statistics.stdev(held)} for name, held in months.items()},
    }


def flat(value: Any, name: str = "") -> dict[str, Any]:
    """Nested tables as one: `months 2011-01 sd` to its value."""
    if not isinstance(value, Mapping):
        return {name: value}
    return {inner: held for key, one in value.items() for inner, held in flat(one, f"{name} {key}".strip()).items()}


def least_loss(name: str, level: float, counts: Sequence[float], constant: float) -> tuple[float, float]:
    """The mean loss of a constant, and the least that any constant has."""
    best: Callable[[Sequence[float]], float] = statistics.fmean if name == "squared" else statistics.median
    ideal = best(counts) if name != "quantile" else sorted(counts)[math.ceil(level * len(counts)) - 1]

    def mean(value: float) -> float:
        return statistics.fmean(loss(name, level, count, value) for count in counts)

    return mean(constant), mean(ideal)
