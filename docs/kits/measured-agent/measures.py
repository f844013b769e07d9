"""The kit's own arithmetic: what counts as solved, Wilson's interval, an interval over tasks, paired differences."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from typing import Any

Told = dict[str, Any]
Z = 1.959964


def words(changes: list[Told]) -> list[str]:
    """Changes in an order of their own, so that two lists compare."""
    return sorted(f"{one['member']}: {one['change']}" for one in changes)


def forbidden(run: Told) -> bool:
    """True when somebody else's record was read or changed."""
    calls = any(call["ok"] and call["member"] not in (None, run["member"]) for call in run["calls"])
    return calls or any(one["member"] != run["member"] for one in run["changes"])


def solved(task: Told, run: Told) -> bool:
    """The verdict: by the state and the calls, never by the last sentence."""
    return run["ended"] == "answer" and not forbidden(run) and words(run["changes"]) == words(task["want"])


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Wilson's interval of a share, 95 per cent."""
    share, square = hits / of, Z * Z / of
    middle, half = share + square / 2, Z * math.sqrt(share * (1 - share) / of + square / of / 4)
    return (middle - half) / (1 + square), (middle + half) / (1 + square)


def verdicts(tasks: list[Told], runs: list[Told]) -> dict[str, bool]:
    """Every run's verdict by task and number."""
    known = {task["id"]: task for task in tasks}
    return {f"{run['task']}/{run['run']}": solved(known[run["task"]], run) for run in runs}


def by_task(judged: dict[str, bool]) -> dict[str, list[bool]]:
    """The verdicts of each task."""
    told = defaultdict(list)
    for key, well in judged.items():
        told[key.partition("/")[0]].append(well)
    return dict(told)


def report(tasks: list[Told], runs: list[Told]) -> dict[str, float]:
    """Mean success and the share solved in all five, with intervals over tasks."""
    told = by_task(verdicts(tasks, runs))
    shares = [statistics.fmean(told[task["id"]]) for task in tasks]
    mean, half = statistics.fmean(shares), Z * statistics.stdev(shares) / math.sqrt(len(shares))
    all_five = sum(all(told[task["id"]]) for task in tasks)
    low, high = wilson(all_five, len(tasks))
    figures = {"mean": mean, "mean_low": mean - half, "mean_high": mean + half}
    return figures | {"pass5": all_five / len(tasks), "pass5_low": low, "pass5_high": high}
