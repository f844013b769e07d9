"""The eight reports of `reports/`: what may be wrong with one, and whether a verdict is right.

The verdicts stand here as hashes only, so that nobody reads them by accident; whoever wants to guess them can.
"""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

VERDICTS = ("sound", "stopped-early", "picked-afterwards", "old-log", "other-times", "not-all-assigned", "cut-axis")
KEYS = {
    "01": "5a2fbbedbc80531f",
    "02": "ebabb223a493977e",
    "03": "1b93c331c57b9c0c",
    "04": "908d6ffdda4b48bb",
    "05": "b32d15e88afaf68d",
    "06": "434b40b7b265b593",
    "07": "d331604fbab0befe",
    "08": "8e145d81fe974b16",
}


def right(report: str, verdict: str) -> bool:
    """Whether this is the verdict on this report."""
    return hashlib.sha256(f"{report} is {verdict}".encode()).hexdigest()[:16] == KEYS[report]


def answers(path: Path) -> dict[str, dict[str, str]]:
    """What somebody wrote about the reports, by their number: the columns report, verdict, reason and settled_by."""
    with path.open(encoding="utf-8-sig", newline="") as text:
        rows = [{str(name): str(value or "").strip() for name, value in row.items()} for row in csv.DictReader(text)]
    return {row.get("report", ""): row for row in rows}
