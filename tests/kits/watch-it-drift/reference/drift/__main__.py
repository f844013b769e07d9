"""The commands: learn, monitor, report, lineage."""

from __future__ import annotations

import json
import math
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from .bands import FACTOR, PAGES, learn, load
from .days import read_days
from .signals import LAYER, VERSIONS, Memory, measure

LINK = "RUNBOOK.md#broken-inputs"


def monitor(batches: Path, state: Path, out: Path) -> None:
    """Read one day after another and write what it says before the next one is read."""
    learned = load(state)
    memory = Memory({bool(int(kind)): set(stations) for kind, stations in learned["steady"].items()})
    with (out / "signals.jsonl").open("w", encoding="utf-8") as signals, (out / "alerts.jsonl").open("w", encoding="utf-8") as alerts:
        for day in read_days(batches):
            for found in measure(day, memory):
                low, high = learned["bands"][found.signal]
                known = {"day": found.day.isoformat(), "about": found.about.isoformat(), "signal": found.signal}
                tell(signals, {**known, "layer": LAYER[found.signal], "value": found.value, "low": low, "high": high})
                if found.value is not None and not low <= found.value <= high:
                    severity = "page" if found.signal in PAGES else "note"
                    tell(alerts, {**known, "severity": severity, "value": found.value, "link": LINK})
    with (out / "points.jsonl").open("w", encoding="utf-8") as points:
        for about, (error, versions) in memory.points.items():
            told = [{**dict(zip(VERSIONS, names, strict=True)), "answers": count} for names, count in versions.items()]
            tell(points, {"day": about.isoformat(), "error": error, "versions": told})


def tell(file: Any, row: dict[str, Any]) -> None:
    """Write a line of JSON."""
    file.write(json.dumps(row) + "\n")


def lines(path: Path) -> list[dict[str, Any]]:
    """Read lines of JSON."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def report(state: Path, out: Path) -> None:
    """What is claimed: the days behind the bands, false alarms counted in a replay without a fault, and nights by threshold."""
    learned, signals = load(state), lines(out / "signals.jsonl")
    hits = defaultdict(list)
    for row in signals:
        if row["value"] is not None:
            hits[row["signal"]].append(not row["low"] <= row["value"] <= row["high"])
    told = {
        "fitted": learned["fitted"],
        "false_alarms": {signal: rate(sum(far), len(far)) for signal, far in hits.items()},
        "faults": {"stuck": "unchanged_places", "celsius": "temperature", "silent": "quiet_stations"},
        "nights": [
            {"threshold": factor, "nights": nights(signals, factor * learned["worst_quiet"]), "in_force": factor == FACTOR}
            for factor in (0.5, 1.0, 1.5, 2.0, 2.5)
        ],
    }
    print(json.dumps(told, indent=1))


def rate(hits: int, count: int) -> dict[str, float]:
    """A share with Wilson's interval of 95 per cent."""
    z, share = 1.96, hits / count
    middle, wide = share + z * z / (2 * count), z * math.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    low, high = ((middle + side * wide) / (1 + z * z / count) for side in (-1, 1))
    return {"rate": share, "low": max(0.0, low), "high": high}


def nights(signals: list[dict[str, Any]], quiet: float) -> int:
    """Days on which somebody is woken when the share of quiet stations may reach `quiet`."""
    woken = set()
    for row in signals:
        if row["signal"] in PAGES and row["value"] is not None:
            high = quiet if row["signal"] == "quiet_stations" else row["high"]
            if not row["low"] <= row["value"] <= high:
                woken.add(row["day"])
    return len(woken)


def lineage(out: Path, day: str) -> None:
    """The versions behind a point of the error chart."""
    for point in lines(out / "points.jsonl"):
        if point["day"] == day:
            print(json.dumps(point))
            return
    raise SystemExit(f"there is no error about {day}: its truth has not come, or nobody asked on that day")


def main(words: list[str]) -> None:
    """Run one command."""
    match words:
        case ["learn", reference, state]:
            learn(Path(reference), Path(state))
        case ["monitor", batches, state, out]:
            monitor(Path(batches), Path(state), Path(out))
        case ["report", state, out]:
            report(Path(state), Path(out))
        case ["lineage", out, day]:
            lineage(Path(out), day)
        case _:
            raise SystemExit("learn REFERENCE STATE | monitor BATCHES STATE OUT | report STATE OUT | lineage OUT DAY")


if __name__ == "__main__":
    main(sys.argv[1:])
