"""Slopes of three losses by hand, and the constants that minimise them."""

from __future__ import annotations

import math
from statistics import fmean, median
from typing import Any

from .data import Days


def slope(loss: str, level: float, truth: float, forecast: float) -> float:
    """How the loss grows when the forecast grows by one."""
    if loss == "squared":
        return 2 * (forecast - truth)
    if loss == "absolute":
        return 1.0 if forecast > truth else -1.0
    return 1 - level if forecast > truth else -level


def slope_of(case: dict[str, Any]) -> float:
    """The slope of one case of the kit's file."""
    return slope(case["loss"], case["level"], case["truth"], case["forecast"])


def constants(days: Days) -> dict[str, float]:
    """The best constant of 2011 for each loss."""
    counts = sorted(row["cnt"] for day, row in days.items() if day.year == 2011)
    return {"squared": fmean(counts), "absolute": median(counts), "quantile": counts[math.ceil(0.8 * len(counts)) - 1]}
