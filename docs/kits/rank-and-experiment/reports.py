"""The eight reports of reports.md: their charts, what may be wrong with one, and whether a verdict is right.

The verdicts stand here as hashes only, so that nobody reads them by accident; whoever wants to guess them can.
"""

from __future__ import annotations

import csv
import hashlib
import shutil
from pathlib import Path

HERE = Path(__file__).resolve().parent

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

BARS: dict[str, tuple[str, float, dict[str, float]]] = {
    "01": ("%", 0, {"a": 8.08, "b": 9.10}),
    "02": ("%", 0, {"a": 8.21, "b": 8.27}),
    "03": ("", 0, {"6": 0.62, "7": 0.69}),
    "04": ("%", 8.1, {"a": 8.20, "b": 8.40}),
    "05": ("%", 0, {"a": 11.20, "b": 15.89}),
    "06": ("%", 0, {"a": 8.20, "b": 9.00}),
    "07": ("%", 0, {"a": 8.10, "b": 9.90}),
    "08": ("%", 0, {"a": 6.09, "b": 11.41}),
}
"""The charts: the unit, where the axis begins, and the bars."""


def chart(report: str) -> str:
    """The chart of a report as a drawing."""
    unit, floor, bars = BARS[report]
    parts = [f'<text x="52" y="184" text-anchor="end">{floor:g}{unit}</text><path d="M56 180H250M56 180V20" stroke="#555"/>']
    for nth, (name, value) in enumerate(bars.items()):
        tall, x = 150 * (value - floor) / (max(bars.values()) - floor), 70 + 90 * nth
        parts.append(f'<rect x="{x}" y="{180 - tall:.1f}" width="60" height="{tall:.1f}" fill="#3b6ea5"/>')
        parts.append(f'<text x="{x + 30}" y="198" text-anchor="middle">{name}</text>')
        parts.append(f'<text x="{x + 30}" y="{174 - tall:.1f}" text-anchor="middle">{value:.2f}{unit}</text>')
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 270 210" font-family="sans-serif" font-size="12">'
    return f"{head}<title>{report}</title>{''.join(parts)}</svg>\n"


def write(folder: Path) -> None:
    """The reports in both languages with their charts."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("reports.md", "reports.zh.md"):
        shutil.copyfile(HERE / name, folder / name)
    for name in BARS:
        (folder / f"{name}.svg").write_text(chart(name), encoding="utf-8")


def right(report: str, verdict: str) -> bool:
    """Whether this is the verdict on this report."""
    return hashlib.sha256(f"{report} is {verdict}".encode()).hexdigest()[:16] == KEYS[report]


def answers(path: Path) -> dict[str, dict[str, str]]:
    """What somebody wrote about the reports, by their number: the columns report, verdict, reason and settled_by."""
    with path.open(encoding="utf-8-sig", newline="") as text:
        rows = [{str(name): str(value or "").strip() for name, value in row.items()} for row in csv.DictReader(text)]
    return {row.get("report", ""): row for row in rows}
