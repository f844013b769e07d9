"""The check of the chapters: every defect is told with file and line, and sound chapters are left in peace."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from catalogue import ROOT, load, today_from
from check_pages import check, main, typed_facts
from test_catalogue import world

TODAY = date(2026, 11, 23)
WORLDS = Path(__file__).parent / "fixtures/pages"
DEFECTS = sorted(path.name for path in WORLDS.iterdir() if path.name != "sound")


def guide(target: Path, *layers: str) -> Path:
    """A small guide with sound records: the sound chapters, with the files of the named worlds laid over them."""
    world(target)
    for layer in ("sound", *layers):
        shutil.copytree(WORLDS / layer, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.txt"))
    return target


def test_sound_chapters_have_no_finding(tmp_path: Path) -> None:
    """Code, links, anchors, images and calls that are right are left alone."""
    assert check(guide(tmp_path / "guide"), TODAY) == []


@pytest.mark.parametrize("defect", DEFECTS)
def test_defect_is_told(tmp_path: Path, defect: str) -> None:
    """A defect is told with file, line, what was found and what was expected; nothing else is complained of."""
    said = [str(problem) for problem in check(guide(tmp_path / "guide", defect), TODAY)]
    expected = sorted((WORLDS / defect / "expected.txt").read_text(encoding="utf-8").splitlines())
    assert len(said) == len(expected), said
    for start in expected:
        assert any(line.startswith(start) for line in said), (start, said)


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("报名费 150 美元", True),
        ("150 USD", True),
        ("2024 年 4 月停考", True),
        ("150 到 1500 美元", False),
        ("100 到 150 美元", False),
        ("2024 年停考", False),
    ],
)
def test_a_value_typed_in_chinese_is_told(tmp_path: Path, text: str, is_told: bool) -> None:
    """A fee or a last day is found in Chinese too; another number, or the end of a range, is left alone."""
    root = guide(tmp_path / "guide")
    assert any(pattern.search(text) for pattern, _ in typed_facts(load(root, TODAY))) is is_told


def test_bad_records_come_before_chapters(tmp_path: Path) -> None:
    """With records that cannot be read, the check tells those and stops."""
    root = guide(tmp_path / "guide")
    (root / "docs/data/terms.yml").write_text("\t", encoding="utf-8")
    assert [problem.file for problem in check(root, TODAY)] == ["docs/data/terms.yml"]


def test_a_broken_table_of_words_is_told(tmp_path: Path) -> None:
    """The words of templates and drawings are no records, and yet have to be readable."""
    root = guide(tmp_path / "guide")
    (root / "docs/data/labels.yml").write_text("a: {en: x}\n b: {en: y}\n", encoding="utf-8")
    assert [(problem.file, problem.line) for problem in check(root, TODAY)] == [("docs/data/labels.yml", 2)]


def test_the_guide_itself_has_no_finding() -> None:
    """The chapters and records of this guide pass."""
    assert [str(problem) for problem in check(ROOT, today_from({}))] == []


def test_command_exits_with_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints the findings and exits 1; without one it exits 0."""
    assert main([str(guide(tmp_path / "a", "no-description"))]) == 1
    assert "docs/en/role.md:2: description: missing" in capsys.readouterr().out
    assert main([str(guide(tmp_path / "b"))]) == 0
