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
import signal
import subprocess
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from acceptance import Learner, NotMet, Trouble, one_line

HERE = Path(__file__).resolve().parent
try:
    KIT = json.loads((HERE / "kit.json").read_text(encoding="utf-8"))
except (OSError, ValueError) as error:
    raise SystemExit(f"{HERE / 'kit.json'} cannot be read ({error}): unpack the kit's zip again · 请重新解压验收包") from None
PROJECT = Path(os.environ.get("KIT_PROJECT", HERE.parent)).resolve()
RECEIPT_VERSION = 1
NOT_HASHED = {".git", ".venv", "venv", "node_modules", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", "receipt.json"}

results: dict[str, dict[str, Any]] = {}
measured: dict[str, Any] = {}
kept_back: list[str] = []
"""Why there is no receipt."""

surprises: list[str] = []
"""Tracebacks of what neither the project nor its settings explain."""


def criterion_of(name: str) -> str:
    """The id of the criterion that a test judges: `test_one_command[x]` judges `one-command`."""
    return name.partition("[")[0].removeprefix("test_").replace("_", "-")


def check_data() -> None:
    """Raise `Trouble` when KIT_DATA holds a file of the kit's that is not the right one."""
    folder = Path(os.environ.get("KIT_DATA", HERE / "none"))
    for data in KIT["data"]:
        path = folder / data["name"]
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != data["sha256"]:
            raise Trouble(f"{path} has another SHA-256 than the open data: fetch it anew with fetch.py; the sample needs no KIT_DATA")


@pytest.fixture(scope="session")
def learner() -> Iterator[Learner]:
    """The learner's project; what its commands left in the scratch folder goes with it."""
    check_data()
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
        if not isinstance(error, NotMet | Trouble):
            surprises.append(report.longreprtext)
    return report


def pytest_configure() -> None:
    """A kit that is told to stop, or whose window is closed, stops what it started, as after Ctrl+C."""
    for sign in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(sign) == signal.SIG_DFL:
            signal.signal(sign, signal.default_int_handler)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Keep why the tests of the kit cannot be read."""
    if report.failed:
        surprises.append(report.longreprtext)


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


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the receipt, whole or not at all; a run that ends without one has failed."""
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
    try:
        unfinished.write_text(json.dumps(receipt, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        unfinished.replace(PROJECT / "receipt.json")
    except OSError as error:
        kept_back.append(f"no receipt · 没有回执: {PROJECT / 'receipt.json'}: {error.strerror}; let the folder be written and run again")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The table of criteria; what is wrong is said once."""
    line = terminalreporter.write_line
    for surprise in surprises:
        terminalreporter.section("the kit itself went wrong · 验收包自身出错", "-")
        line(surprise)
    if not results:
        line("nothing was judged: unpack the kit's zip again, and name no test that is not there · 没有判定：请重新解压验收包")
        return
    terminalreporter.section(f"{KIT['name']['en']} · {KIT['name']['zh']} · kit {KIT['version'][:8]}")
    width = max(len(criterion["id"]) for criterion in KIT["criteria"])
    told: dict[str, str] = {}
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
            if kept["seen"] in told:
                line(f"     {'':{width}}  as {told[kept['seen']]} · 同 {told[kept['seen']]}")
                continue
            told[kept["seen"]] = criterion["id"]
            line(f"     {'':{width}}  seen · 看到: {kept['seen']}")
            if kept["expected"]:
                line(f"     {'':{width}}  expected · 应为: {kept['expected']}")
    for name, value in measured.items():
        line(f"     {name}: {value}")
    line(kept_back[0] if kept_back else f"receipt · 回执: {PROJECT / 'receipt.json'}", red=bool(kept_back))
