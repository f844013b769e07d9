"""Kits and records agree, a kit runs as a learner runs it, and each thing that can go wrong is one clear line."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from catalogue import ROOT
from kit_runs import KITS, PROJECTS, REFERENCES, lay_out, outcomes, run, spoilt_variants
from kits import FOLDER, judged_by_tests, pack

each_kit = pytest.mark.parametrize("project", KITS)


def test_records_and_folders_name_the_same_kits() -> None:
    """A record says `kit: true` when, and only when, there is a folder for it, and a reference beside it."""
    folders = {path.name for path in (ROOT / "docs/kits").iterdir() if path.is_dir()} - {"shared"}
    assert folders == set(KITS) == {path.name for path in REFERENCES.iterdir() if path.is_dir() and path.name != "__pycache__"}


@each_kit
def test_every_test_of_a_kit_is_a_criterion(project: str) -> None:
    """Tests are named by criteria of the record, and judge at least half of them."""
    criteria = {criterion["id"] for criterion in PROJECTS[project].criteria}
    judged = judged_by_tests(ROOT / "docs/kits" / project)
    assert judged <= criteria, judged - criteria
    assert len(judged) * 2 >= len(criteria)


@each_kit
def test_every_kit_has_its_spoilt_variants(project: str) -> None:
    """At least six variants, each caught by criteria that the kit judges."""
    variants = spoilt_variants(project)
    assert len(variants) >= 6
    assert {name for variant in variants for name in variant.fails} <= judged_by_tests(ROOT / "docs/kits" / project)
    assert all(variant.fails for variant in variants)


@each_kit
def test_the_same_files_give_the_same_zip(project: str) -> None:
    """A kit is packed reproducibly, everything in one folder, with a README in both languages."""
    first = pack(ROOT, PROJECTS[project])
    assert first == pack(ROOT, PROJECTS[project])
    names = zipfile.ZipFile(BytesIO(first)).namelist()
    assert {name.partition("/")[0] for name in names} == {FOLDER}
    assert {f"{FOLDER}/README.md", f"{FOLDER}/README.zh.md", f"{FOLDER}/kit.example.toml", f"{FOLDER}/requirements.txt"} <= set(names)


@each_kit
def test_a_learner_without_settings_is_told(project: str, tmp_path: Path) -> None:
    """Without kit.toml every criterion is not met for one reason, which says what to do, and it does not take long."""
    folder = lay_out(project, tmp_path)
    (folder / "kit.toml").unlink()
    done, receipt = run(folder)
    assert done.returncode == 1
    assert "kit.example.toml" in done.stdout
    assert "Traceback" not in done.stdout
    assert set(outcomes(receipt).values()) <= {"not met", "a person must judge"}


def test_a_reference_passes_as_a_learner_runs_it(tmp_path: Path) -> None:
    """The first kit against its reference, whole; the others, and every spoilt variant, run in `make kits`."""
    project = next(iter(KITS))
    done, receipt = run(lay_out(project, tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert {name for name, outcome in outcomes(receipt).items() if outcome == "met"} == judged_by_tests(ROOT / "docs/kits" / project)
