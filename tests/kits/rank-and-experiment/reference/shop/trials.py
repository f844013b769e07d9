"""Sizes, early looks, less variance, and what is wrong with a recorded experiment."""

from __future__ import annotations

import csv
import json
import math
import random
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, variance
from typing import Any

from .log import lines

Z, POWER = 1.96, 0.8416
LENT = 40_000
UNEVEN = 0.001
"""Below this chance a split is no accident."""


def size(baseline: float, effect: float) -> dict[str, Any]:
    """Users an arm for 80 per cent power at 5 per cent, and whether 40,000 are enough."""
    other = baseline * (1 + effect)
    spread = baseline * (1 - baseline) + other * (1 - other)
    need = math.ceil((Z + POWER) ** 2 * spread / (other - baseline) ** 2)
    return {"per_arm": need, "enough": 2 * need <= LENT}


def bound(looks: int, runs: int = 20_000) -> float:
    """How far out the last of so many looks has to be, with earlier looks asking for more: 5 per cent by simulation."""
    chance = random.Random(1)  # noqa: S311  a simulation, not a secret
    peaks = []
    for _ in range(runs):
        walk = peak = 0.0
        for _ in range(looks):
            walk += chance.gauss(0, 1)
            peak = max(peak, abs(walk))
        peaks.append(peak / math.sqrt(looks))
    return sorted(peaks)[round(0.95 * runs)]


def distance(a: int, ordered_a: int, b: int, ordered_b: int) -> float:
    """How many standard errors two shares are apart."""
    share = (ordered_a + ordered_b) / (a + b)
    return abs(ordered_b / b - ordered_a / a) / math.sqrt(share * (1 - share) * (1 / a + 1 / b))


def looks(path: Path) -> list[dict[str, Any]]:
    """For each comparison: significant when read once, on any day, and the day on which the rule stops."""
    told, bounds = [], {}
    for one in lines(path):
        planned = one["planned"]
        if planned not in bounds:
            bounds[planned] = bound(planned)
        total, daily, stopped, last = [0, 0, 0, 0], False, None, 0.0
        for day, numbers in enumerate(one["days"], 1):
            total = [sum(pair) for pair in zip(total, numbers, strict=True)]
            last = distance(*total)
            daily = daily or last > Z
            if stopped is None and last > bounds[planned] * math.sqrt(planned / day):
                stopped = day
        told.append({"id": one["id"], "once": last > Z, "daily": daily, "rule": stopped})
    return told


def interval(a: Sequence[float], b: Sequence[float]) -> dict[str, float]:
    """The difference of two means with its 95 per cent interval."""
    effect, half = fmean(b) - fmean(a), Z * math.sqrt(variance(a) / len(a) + variance(b) / len(b))
    return {"effect": effect, "low": effect - half, "high": effect + half}


class MeasuredTooLateError(Exception):
    """A column may have been changed by the experiment."""


def adjust(path: Path, column: str) -> list[dict[str, Any]]:
    """Each test plainly, and with what users did before taken away."""
    rows = lines(path)
    columns = next(rows)["columns"]
    if columns[column][1] >= 0:
        raise MeasuredTooLateError(f"{column} is measured up to day {columns[column][1]}, after assignment")
    at = list(columns).index(column)
    told = []
    for one in rows:
        users = one["a"] + one["b"]
        middle, mean = fmean(user[at] for user in users), fmean(user[0] for user in users)
        slope = sum((user[at] - middle) * (user[0] - mean) for user in users) / sum((user[at] - middle) ** 2 for user in users)
        arms = [[user[0] - slope * (user[at] - middle) for user in one[arm]] for arm in "ab"]
        plain = interval([user[0] for user in one["a"]], [user[0] for user in one["b"]])
        told.append({"test": one["test"], "plain": plain, "adjusted": interval(*arms)})
    return told


def uneven(a: int, b: int) -> float:
    """How likely a split as uneven as this is, when half was planned."""
    return math.erfc(abs(a - b) / math.sqrt(a + b) / math.sqrt(2))


def verdict(report: dict[str, Any], arms: dict[str, dict[str, int]], mixed: bool) -> str:
    """What is wrong with an experiment, or that it is sound."""
    if not mixed:
        return "everybody-at-once"
    if any(report["users"][arm] != len(users) for arm, users in arms.items()):
        return "requests-as-users"
    if uneven(*map(len, arms.values())) < UNEVEN:
        return "users-lost"
    empty = sum(day["sold"] >= day["available"] for day in report["stock"])
    return "shared-stock" if empty * 2 > len(report["stock"]) else "sound"


INSTEAD = "Give it to half of the users drawn by chance, or switch it on and off by whole days in random order, and keep some without it."


def analyse(folder: Path) -> dict[str, Any]:
    """One recorded experiment: effect, interval and verdict; no effect where it would mislead."""
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    arms: dict[str, dict[str, int]] = {"a": {}, "b": {}}
    days: dict[str, set[str]] = {"a": set(), "b": set()}
    with (folder / "rows.csv").open(encoding="utf-8", newline="") as text:
        rows = csv.reader(text)
        next(rows)
        for user, arm, day, clicks in rows:
            arms[arm][user] = arms[arm].get(user, 0) + int(clicks)
            days[arm].add(day)
    found = verdict(report, arms, bool(days["a"] & days["b"]))
    told: dict[str, Any] = {"experiment": report["experiment"], "verdict": found}
    if found in ("sound", "requests-as-users"):
        told |= interval(list(arms["a"].values()), list(arms["b"].values()))
    if found == "everybody-at-once":
        told["instead"] = INSTEAD
    return told
