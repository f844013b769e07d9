"""The figures that the analyst computes too, and the comparison."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from .data import DAY, Days, baseline, load

SCRIPT = Path(__file__).parent.parent / "analyst.sql"


def figures(days: Days) -> dict[str, Any]:
    """Weekly totals, both naive errors, mean and standard deviation of each month."""
    weeks: dict[str, float] = defaultdict(float)
    months: dict[str, list[float]] = defaultdict(list)
    for day, row in days.items():
        weeks[(day - day.weekday() * DAY).isoformat()] += row["cnt"]
        months[day.isoformat()[:7]].append(row["cnt"])
    return {
        "weeks": dict(weeks),
        **baseline(days),
        "months": {month: {"mean": fmean(held), "sd": stdev(held)} for month, held in months.items()},
    }


def analyst(path: Path) -> dict[str, float]:
    """What the analyst's script says about a file."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE days (dteday TEXT, weekday INTEGER, cnt REAL)")
    base.executemany(
        "INSERT INTO days VALUES (?, ?, ?)", [(day.isoformat(), (day.weekday() + 1) % 7, row["cnt"]) for day, row in load(path).items()]
    )
    return dict(base.execute(SCRIPT.read_text(encoding="utf-8")).fetchall())


def disagreements(ours: Path, theirs: Path) -> list[str]:
    """Every figure that is not the same to within a millionth."""
    told = figures(load(ours))
    mine = {f"weeks {week}": total for week, total in told["weeks"].items()}
    mine |= {f"months {month} {kind}": value for month, both in told["months"].items() for kind, value in both.items()}
    mine |= {name: told[name] for name in ("day_before", "week_before")}
    hers = analyst(theirs)
    return [
        f"{name}: {mine.get(name)} and {hers.get(name)}"
        for name in sorted(mine.keys() | hers.keys())
        if name not in mine or name not in hers or abs(mine[name] - hers[name]) > 1e-6
    ]
