"""The one experiment: the split first, then effect, guardrail and decision, by the design that was handed in."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

from .trials import UNEVEN, interval, uneven

DESIGN = Path(__file__).parent.parent / "design.json"


class TooEarlyError(Exception):
    """The last day of the design has not come."""


def decide(path: Path, day: int) -> dict[str, Any]:
    """The result on the last day; before it, none."""
    design = json.loads(DESIGN.read_text(encoding="utf-8"))
    if day < design["last_day"]:
        raise TooEarlyError(f"day {day}: the design ends on day {design['last_day']}, and until then there is no result")
    arms: dict[str, list[dict[str, str]]] = {"a": [], "b": []}
    with path.open(encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            arms[row["arm"]].append(row)
    told: dict[str, Any] = {
        "design_sha256": hashlib.sha256(DESIGN.read_bytes()).hexdigest(),
        "split": uneven(len(arms["a"]), len(arms["b"])),
    }
    if told["split"] < UNEVEN:
        return {**told, "decision": "stop"}
    values = {name: [[float(row[name]) for row in arms[arm]] for arm in "ab"] for name in (design["metric"], "left")}
    effect, guardrail = interval(*values[design["metric"]]), interval(*values["left"])
    base = sum(values[design["metric"]][0]) / len(arms["a"])
    better = effect["low"] > 0 and effect["effect"] >= design["worth"] * base
    harmless = guardrail["high"] <= design["guardrail_at_most"]
    return {**told, **effect, "guardrail": guardrail, "decision": "ship" if better and harmless else "keep"}
