"""The four claims, the backtest with its interval, and the table of the README."""

from __future__ import annotations

import json
import random
from pathlib import Path
from statistics import fmean
from typing import Any

from .data import DAY, PERIOD, Days, baseline, copied
from .features import WEATHER, listed, vector
from .model import Forecaster, train

RULE = Path(__file__).parent.parent / "rule.json"
RESAMPLES = 4000


def errors(days: Days, weather: int = WEATHER) -> list[float]:
    """The absolute errors of the walk."""
    walker = Forecaster(days, weather)
    return [abs(days[day]["cnt"] - (walker.point(day) or 0.0)) for day in PERIOD]


def shuffled(days: Days) -> float:
    """The error on a fifth of the rows, drawn at random: the claim that sounds best and means least."""
    names = listed()
    rows = [(held, days[day]["cnt"]) for day in sorted(days) if (held := vector(days, day, names))]
    random.Random(5).shuffle(rows)  # noqa: S311  a shuffle, not a secret
    cut = len(rows) // 5
    coefficients = train([(held[1], count / held[0]) for held, count in rows[cut:]])
    return fmean(abs(count - held[0] * sum(map(float.__mul__, coefficients, held[1]))) for held, count in rows[:cut])


def claims(days: Days) -> dict[str, Any]:
    """One kind of model, four errors."""
    return {
        "shuffled": shuffled(days),
        "weather_of_the_day": fmean(errors(days, 0)),
        "weather_of_the_day_before": fmean(errors(days, 1)),
        "shipped": fmean(errors(days)),
        "in_service": "shipped",
    }


def interval(model: list[float], naive: list[float]) -> tuple[float, float]:
    """The 95 per cent interval of the gain from resampling whole weeks."""
    chance = random.Random(8)  # noqa: S311  resampling, not a secret
    gains = []
    for _ in range(RESAMPLES):
        drawn = chance.choices(range(len(model)), k=len(model))
        gains.append(1 - sum(model[week] for week in drawn) / sum(naive[week] for week in drawn))
    gains.sort()
    return gains[RESAMPLES // 40], gains[-RESAMPLES // 40]


def weekly(values: list[float]) -> list[float]:
    """The mean of each week."""
    return [fmean(values[at : at + 7]) for at in range(0, len(values), 7)]


def backtest(days: Days) -> dict[str, Any]:
    """35 weeks, the gain over the better naive rule, and the decision."""
    known = baseline(days)
    better = min(known, key=lambda name: known[name])
    model, naive = weekly(errors(days)), weekly(copied(days, 1 if better == "day_before" else 7))
    gain = 1 - sum(model) / sum(naive)
    low, high = interval(model, naive)
    rule = json.loads(RULE.read_text(encoding="utf-8"))
    ship = gain >= rule["gain_at_least"] and low >= rule["low_at_least"]
    return {
        "weeks": [
            {"first": (PERIOD[0] + 7 * number * DAY).isoformat(), "model": one, "naive": other}
            for number, (one, other) in enumerate(zip(model, naive, strict=True))
        ],
        "naive_rule": better,
        "model": fmean(model),
        "naive": fmean(naive),
        "gain": gain,
        "low": low,
        "high": high,
        "rule": rule,
        "decision": "ship" if ship else "copy",
    }


def table(days: Days) -> str:
    """The table of the README."""
    known, found, told = baseline(days), backtest(days), claims(days)
    walker = Forecaster(days)
    ranges = [(day, walker.forecast(day)) for day in PERIOD]
    held = fmean(one["low"] <= days[day]["cnt"] <= one["high"] for day, one in ranges)
    rows = [
        ("copying the day before", f"{known['day_before']:.0f}"),
        ("copying the same weekday", f"{known['week_before']:.0f}"),
        ("model, rows shuffled", f"{told['shuffled']:.0f}"),
        ("model, weather of the day itself", f"{told['weather_of_the_day']:.0f}"),
        ("model, as shipped", f"{found['model']:.0f}"),
        ("gain, per cent", f"{100 * found['gain']:.1f} ({100 * found['low']:.1f} to {100 * found['high']:.1f})"),
        ("days within the 80 per cent range", f"{100 * held:.1f} per cent"),
        ("decision", found["decision"]),
    ]
    return "\n".join(["| what | figure |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])
