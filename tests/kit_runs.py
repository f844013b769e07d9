"""Running a kit against a project, as a learner would: the reference, or the reference with one thing spoilt."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from catalogue import ROOT, Record, load_once
from kits import FOLDER, unpack

REFERENCES = ROOT / "tests/kits"
PROJECTS = {record.id: record for record in load_once(ROOT).kinds["projects"]}
KITS: dict[str, Record] = {name: record for name, record in PROJECTS.items() if record.kit}
LONGEST = 900
"""Seconds that a kit may take."""


@dataclass(frozen=True)
class Spoilt:
    """A variant of a reference that must fail: what is replaced in which file, and the criteria that catch it."""

    project: str
    name: str
    changes: tuple[tuple[str, str, str], ...]
    fails: frozenset[str]


def spoilt_variants(project: str) -> list[Spoilt]:
    """The variants of tests/kits/<project>/spoilt.yml."""
    told: list[dict[str, Any]] = yaml.safe_load((REFERENCES / project / "spoilt.yml").read_text(encoding="utf-8"))
    return [
        Spoilt(
            project,
            one["name"],
            tuple((change["file"], change["old"], change["new"]) for change in one["changes"]),
            frozenset(one["fails"]),
        )
        for one in told
    ]


def lay_out(project: str, folder: Path, changes: tuple[tuple[str, str, str], ...] = ()) -> Path:
    """A learner's folder with the reference, changed if asked for, and the kit unpacked in it."""
    target = folder / "project"
    shutil.copytree(REFERENCES / project / "reference", target)
    for file, old, new in changes:
        path = target / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{project}: spoilt.yml: {file} has no {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")
    unpack(ROOT, PROJECTS[project], target / FOLDER)
    return target


def surroundings(python: str = sys.executable, **more: str) -> dict[str, str]:
    """The environment in which a learner runs a kit, with more variables if asked for."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV", "KIT_"))}
    environment["PATH"] = f"{Path(python).parent}{os.pathsep}{environment['PATH']}"  # the reference's commands say `python`
    return {**environment, **more}


def run(
    project: Path, *arguments: str, python: str = sys.executable, **more: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """Run the kit in a learner's folder; give back how it ended and its receipt (empty without one)."""
    done = subprocess.run(
        [python, "-m", "pytest", FOLDER, *arguments],
        cwd=project,
        env=surroundings(python, **more),
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    receipt = project / "receipt.json"
    return done, json.loads(receipt.read_text(encoding="utf-8")) if receipt.is_file() else {}


def outcomes(receipt: dict[str, Any]) -> dict[str, str]:
    """Each criterion's outcome."""
    return {criterion["id"]: criterion["outcome"] for criterion in receipt["criteria"]}
