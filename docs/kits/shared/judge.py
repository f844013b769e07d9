"""Judges the project in the folder above (or in KIT_PROJECT), prints a table of criteria and writes a receipt.

    python -m pytest acceptance            (in your project's folder, with this kit unpacked as acceptance/)

Test `test_one_command` judges criterion `one-command`. A criterion without a test is for a person.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from acceptance import Learner, NotMet, Trouble, one_line

HERE = Path(__file__).resolve().parent
KIT = json.loads((HERE / "kit.json").read_text(encoding="utf-8"))
PROJECT = Path(os.environ.get("KIT_PROJECT", HERE.parent)).resolve()
RECEIPT_VERSION = 1
NOT_HASHED = {".git", ".venv", "venv", "node_modules", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", "receipt.json"}

results: dict[str, dict[str, Any]] = {}
measured: dict[str, Any] = {}


def criterion_of(name: str) -> str:
    """The id of the criterion that a test judges: `test_one_command[x]` judges `one-command`."""
    return name.partition("[")[0].removeprefix("test_").replace("_", "-")


@pytest.fixture(scope="session")
def learner() -> Iterator[Learner]:
    """The learner's project; what its commands left in the scratch folder goes with it."""
    found = Learner.read(PROJECT)
    yield found
    shutil.rmtree(found.scratch, ignore_errors=True)


@pytest.fixture(scope="session")
def figures() -> dict[str, Any]:
    """Numbers that the tests measured, for the table and the receipt: name to number."""
    return measured


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep for each criterion whether it is met, and if not, what was seen and expected."""
    report = yield
    criterion = criterion_of(item.name)
    kept = results.setdefault(criterion, {"outcome": "met", "seen": "", "expected": "", "seconds": 0.0})
    kept["seconds"] = round(kept["seconds"] + call.duration, 2)
    error = call.excinfo.value if call.excinfo else None
    if error is not None and kept["outcome"] == "met":
        seen, expected = (error.seen, error.expected) if isinstance(error, NotMet) else (one_line(error) or type(error).__name__, "")
        kept.update(outcome="not met", seen=seen, expected=expected)
        if isinstance(error, NotMet | Trouble):
            report.longrepr = str(error)
    return report


def tree_hash(folder: Path) -> str:
    """SHA-256 over names and bytes of the learner's files: those that Git tracks, or all but caches and environments."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=folder, capture_output=True, check=True).stdout  # noqa: S607
        names = [name for name in listed.decode("utf-8", "replace").split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = []
    names = names or [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    kept = sorted(name for name in names if not NOT_HASHED & set(Path(name).parts) and not (folder / name).resolve().is_relative_to(HERE))
    total = hashlib.sha256()
    for name in kept:
        if (folder / name).is_file():
            total.update(f"{name}\0{hashlib.sha256((folder / name).read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def pytest_sessionfinish() -> None:
    """Write the receipt, whole or not at all."""
    if not results:
        return
    told = []
    for criterion in KIT["criteria"]:
        other = {"outcome": "not run" if criterion["judged"] else "a person must judge", "seen": "", "expected": "", "seconds": 0.0}
        told.append({"id": criterion["id"], **results.get(criterion["id"], other)})
    receipt = {
        "kind": "mle-guide-receipt",
        "receipt_version": RECEIPT_VERSION,
        "project": KIT["project"],
        "kit_version": KIT["version"],
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "system": platform.system(),
            "machine": platform.machine(),
            "python": platform.python_version(),
            "cpus": os.cpu_count(),
        },
        "tree": tree_hash(PROJECT),
        "sample": bool(KIT["data"]) and os.environ.get("KIT_DATA") is None,
        "criteria": told,
        "figures": measured,
    }
    unfinished = PROJECT / "receipt.json.part"
    unfinished.write_text(json.dumps(receipt, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(PROJECT / "receipt.json")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The table of criteria."""
    if not results:
        return
    line = terminalreporter.write_line
    terminalreporter.section(f"{KIT['name']['en']} · {KIT['name']['zh']} · kit {KIT['version'][:8]}")
    width = max(len(criterion["id"]) for criterion in KIT["criteria"])
    for criterion in KIT["criteria"]:
        kept = results.get(criterion["id"])
        if kept is None and criterion["judged"]:
            line(f"  -  {criterion['id']:{width}}  not run · 没有运行")
        elif kept is None:
            line(f"  ?  {criterion['id']:{width}}  a person must judge · 要由人来判断")
        elif kept["outcome"] == "met":
            line(f"  ✓  {criterion['id']:{width}}  met · 达到  ({kept['seconds']:g} s)", green=True)
        else:
            line(f"  ✗  {criterion['id']:{width}}  not met · 未达到", red=True)
            line(f"     {'':{width}}  seen · 看到: {kept['seen']}")
            if kept["expected"]:
                line(f"     {'':{width}}  expected · 应为: {kept['expected']}")
    for name, value in measured.items():
        line(f"     {name}: {value}")
    line(f"receipt · 回执: {PROJECT / 'receipt.json'}")
