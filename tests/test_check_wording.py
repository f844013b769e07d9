"""The check of words: spelling, unwanted words, Chinese typography; each finding at its line."""

from __future__ import annotations

from pathlib import Path

import check_wording
import pytest
from conftest import ROOT

WORDS = """en: {leverage: use, currently: the date}
zh: {您: 你, 目前: 日期}
known: [patter]
absence: {shelf_life_days: 30, en: [we found no], zh: [没有查到]}
"""
TERMS = "- {id: big-o, en: Big O, zh: 大 O 记号, avoid: [大魔神]}\n"
ENGLISH = "---\ntitle: The role\ndescription: What an engineer does.\n---\n# The role\n\nA patter of plain words, and `leverage` as code.\n"
CHINESE = """---
title: 这个岗位
description: 工程师做什么。
---
# 这个岗位

使用 Python 3.13 版本，你会看到 [PyTorch](https://example.org/x) 的“文档”。

- 第一项
- 第二项
"""
RECORDS = "- {id: x, name: {en: A thing, zh: 一样东西}}\n"


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A guide of one page in two languages, whose words are right."""
    files = {
        "docs/data/wording.yml": WORDS,
        "docs/data/terms.yml": TERMS,
        "docs/data/records.yml": RECORDS,
        "docs/en/role.md": ENGLISH,
        "docs/zh/role.md": CHINESE,
    }
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


def test_right_words_are_no_finding(world: Path) -> None:
    """Known words, code and sound typography are left alone."""
    assert check_wording.check(world) == []


def test_the_guide_itself_has_no_finding() -> None:
    """The chapters and records of this guide pass."""
    assert [str(problem) for problem in check_wording.check(ROOT)] == []


DEFECTS = {
    "an unwanted word": ("docs/en/role.md", "plain words", "Leverage", 'docs/en/role.md:7: found "leverage", expected use'),
    "an unwanted word in a description": (
        "docs/en/role.md",
        "What an",
        "Currently an",
        'docs/en/role.md:3: found "currently", expected the date',
    ),
    "a slip of spelling": ("docs/en/role.md", "plain words", "recieved words", 'docs/en/role.md:7: found "recieved", expected "received"'),
    "a slip of spelling in a record": (
        "docs/data/records.yml",
        "A thing",
        "A thign",
        'docs/data/records.yml:1: found "thign", expected "thing"',
    ),
    "an unwanted word in a record": ("docs/data/records.yml", "一样东西", "您的东西", 'docs/data/records.yml:1: found "您", expected 你'),
    "an unwanted Chinese word": ("docs/zh/role.md", "你会看到", "目前看到", 'docs/zh/role.md:7: found "目前", expected 日期'),
    "a wrong name of a term": ("docs/zh/role.md", "第一项", "大魔神", 'docs/zh/role.md:9: found "大魔神", expected 大 O 记号'),
    "no space before Latin": ("docs/zh/role.md", "使用 Python", "使用Python", "docs/zh/role.md:7: found"),
    "half-width punctuation": ("docs/zh/role.md", "版本，你", "版本,你", "docs/zh/role.md:7: found"),
    "no space in a record": (
        "docs/data/records.yml",
        "一样东西",
        "用Git的东西",
        "docs/data/records.yml:1: found 用Git的东西, expected 用 Git 的东西",
    ),
    "a broken paragraph": ("docs/zh/role.md", "版本，你", "版本，\n你", "docs/zh/role.md:8: found a line break inside a paragraph"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_one_finding_with_its_place(world: Path, name: str) -> None:
    """Each defect is one finding: the file, the line, what was found, what was expected."""
    file, old, new, expected = DEFECTS[name]
    text = (world / file).read_text(encoding="utf-8")
    assert old in text
    (world / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    found = [str(problem) for problem in check_wording.check(world)]
    assert len(found) == 1, found
    assert found[0].startswith(expected), found[0]


def test_a_spelling_check_that_cannot_run_is_an_error(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When codespell fails, the check does not pass in silence."""
    monkeypatch.setattr(check_wording, "CODESPELL", "false")
    with pytest.raises(SystemExit, match="codespell could not run"):
        list(check_wording.check_spelling(world, []))


def test_the_command_says_what_it_found(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Findings go to stdout and end with 1; none end with 0."""
    assert check_wording.main([str(world)]) == 0
    file = world / "docs/zh/role.md"
    file.write_text(file.read_text(encoding="utf-8").replace("你会", "您会"), encoding="utf-8")
    assert check_wording.main([str(world)]) == 1
    assert 'docs/zh/role.md:7: found "您"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "sentence", "is_sound"),
    [
        ("docs/en/role.md", "We found no count. As of 29 November 2026 all is well.", False),
        ("docs/en/role.md", "As of 29 November 2026 we found no count.", True),
        ("docs/en/role.md", "As of 31 November 2026 we found no count.", False),
        ("docs/zh/role.md", "没有查到统计。2026 年 11 月 29 日。", False),
        ("docs/zh/role.md", "截至 2026 年 11 月 29 日没有查到统计。", True),
        ("docs/data/records.yml", "没有查到统计", False),
        ("docs/data/records.yml", "截至 2026 年 11 月 29 日没有查到统计", True),
    ],
)
def test_what_was_not_found_names_the_day(world: Path, file: str, sentence: str, is_sound: bool) -> None:
    """A sentence that says something was not found has a day of its own, one that exists, in chapters and records."""
    place = world / file
    more = f'- {{id: y, name: {{en: A thing, zh: "{sentence}"}}}}\n' if file.endswith(".yml") else f"\n{sentence}\n"
    place.write_text(place.read_text(encoding="utf-8") + more, encoding="utf-8")
    found = [problem for problem in check_wording.check(world) if problem.said.kind == "absence_without_day"]
    assert bool(found) != is_sound
