"""The check of twins: what must be equal in both languages, and what the English has moved since."""

from __future__ import annotations

import re
from pathlib import Path

import check_twins
import pytest
from conftest import ROOT

ENGLISH = """---
title: The role
description: What a machine learning engineer does in a week, and what studies found about the work.
verified: 2026-11-20
hide: [toc]
sources:
  - url: https://example.org/one
    shows: the first thing
  - url: https://example.org/two
    shows: the second thing
---
# The role

An answer with a [link](https://example.org/one).
It goes on in a second sentence.

## The niche { #niche }

Text with {{ cert("aws-developer-associate", "price") }} and [another page](backgrounds.md#two).

### Deeper { #deeper }

More text.

## What to do next { #next }

Go on.
"""

CHINESE = """---
title: 这个岗位
description: 机器学习工程师一周里做些什么，关于这份工作的研究发现了什么。
verified: 2026-11-20
hide: [toc]
sources:
  - url: https://example.org/one
    shows: 第一件事
  - url: https://example.org/two
    shows: 第二件事
---
# 这个岗位

一个带[链接](https://example.org/one)的回答。第二句接着说。

## 夹缝 { #niche }

正文里有 {{ cert("aws-developer-associate", "price") }} 和[另一页](backgrounds.md#two)。

### 再往下 { #deeper }

更多正文。

## 接下来做什么 { #next }

继续。
"""


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A guide of one page in two languages, in step."""
    for edition, text in (("en", ENGLISH), ("zh", CHINESE)):
        folder = tmp_path / "docs" / edition
        folder.mkdir(parents=True)
        (folder / "role.md").write_text(text, encoding="utf-8")
    assert check_twins.main(["--write", "role.md", "--", str(tmp_path)]) == 0
    return tmp_path


def change(world: Path, edition: str, old: str, new: str) -> None:
    """Change a piece of a page that stands there once or more; the first is changed."""
    file = world / "docs" / edition / "role.md"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_guide_itself_is_in_step() -> None:
    """Every page of this guide has its twin, and each was noted after the English last changed."""
    assert [str(problem) for problem in check_twins.check(ROOT)] == []


def test_twins_in_step_are_no_finding(world: Path) -> None:
    """A page whose twin was noted gives no finding."""
    assert check_twins.check(world) == []


DEFECTS = {
    "another day": ("zh", "verified: 2026-11-20", "verified: 2026-11-21", r":4: verified: found 2026-11-21, expected 2026-11-20"),
    "a field of the head missing": ("zh", "hide: [toc]\n", "", r"hide: found None, expected \['toc'\]"),
    "another source": (
        "zh",
        "example.org/two",
        "example.org/three",
        r"sources: .*missing https://example\.org/two; not in the English page .*three",
    ),
    "sources in another order": (
        "zh",
        "https://example.org/one\n    shows: 第一件事\n  - url: https://example.org/two",
        "https://example.org/two\n    shows: 第一件事\n  - url: https://example.org/one",
        r"sources: .*the same sources in another order",
    ),
    "a heading missing": ("zh", "### 再往下 { #deeper }\n", "", r"headings: .*missing ### deeper"),
    "a heading of another level": ("zh", "### 再往下", "## 再往下", r"headings: .*missing ### deeper; not in the English page ## deeper"),
    "another anchor": ("zh", "#niche", "#niches", r"headings: .*missing ## niche; not in the English page ## niches"),
    "another call": ("zh", '"price"', '"code"', r"calls of the section niche: .*missing .*price.*; not in the English page .*code"),
    "another link": (
        "zh",
        "backgrounds.md#two",
        "backgrounds.md#one",
        r":\d+: links of the section niche: .*role\.md:17: missing backgrounds\.md#two",
    ),
    "a link lost": ("zh", "[链接](https://example.org/one)", "链接", r"links of the section top: .*missing https://example\.org/one"),
    "an English sentence changed": (
        "en",
        "More text.",
        "More words.",
        r"twin: the English has changed in deeper \(docs/en/role\.md:21\); bring",
    ),
    "an English title changed": ("en", "title: The role", "title: A role", r"twin: the English has changed in top \("),
    "what a source shows changed": ("en", "the first thing", "another thing", r"twin: the English has changed in top \("),
    "a note that was never made": ("zh", "twin: ", "other: ", r"twin: missing, expected a note .*make twins PAGES=\"role\.md\""),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_one_finding_with_its_place(world: Path, name: str) -> None:
    """Each difference gives exactly one finding, which names the Chinese page, its line and the difference."""
    edition, old, new, expected = DEFECTS[name]
    change(world, edition, old, new)
    found = [str(problem) for problem in check_twins.check(world)]
    assert len(found) == 1, found
    assert re.match(r"docs/zh/role\.md:\d+: ", found[0])
    assert re.search(expected, found[0]), found[0]


ONLY = """---
title: 国内求职
description: 校招和社招怎么走。
verified: 2026-11-20
only: {reason: the job market described here is China's, nearest: role.md}
---
# 国内求职

一句话。

## 接下来做什么 { #next }

继续。
"""

OWN = """## 国内 { #china }

看[一处](https://example.cn/three)。

### 校招 { #campus }

{{ cert("x", "price") }}

"""
"""A section of the Chinese page alone, with one below it, its own link, its own source and its own call."""


@pytest.fixture
def with_own(world: Path) -> Path:
    """A guide with a page and a section of the Chinese edition alone, both declared."""
    (world / "docs/zh/china.md").write_text(ONLY, encoding="utf-8")
    change(world, "zh", "hide: [toc]\n", "hide: [toc]\nonly_sections: {china: it is about hiring in China}\n")
    change(world, "zh", "## 接下来", OWN + "## 接下来")
    change(world, "zh", "更多正文。", "更多正文，见[国内求职](china.md#next)和[校招](#campus)。")
    change(world, "zh", "    shows: 第二件事\n", "    shows: 第二件事\n  - url: https://example.cn/three\n    shows: 第三件事\n")
    return world


def test_what_is_declared_is_left_out_and_listed(with_own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A declared page needs no twin, nor does a declared section with all below it, its sources, and links to either; both are listed."""
    assert check_twins.main([str(with_own)]) == 0
    said = capsys.readouterr().err
    assert "docs/zh/china.md: of one edition alone, since the job market described here is China's; the switch leads to role.md" in said
    assert "docs/zh/role.md: the section china is of one edition alone, since it is about hiring in China" in said


def test_an_english_section_may_be_declared_too(world: Path) -> None:
    """Its text is no part of what the Chinese is held to: it may change, and noting leaves it out."""
    change(world, "en", "hide: [toc]\n", "hide: [toc]\nonly_sections: {visas: the Chinese page has no word on visas}\n")
    change(world, "en", "## What to do", "## Visas { #visas }\n\nText.\n\n## What to do")
    assert check_twins.check(world) == []
    change(world, "en", "\nText.\n", "\nAnother text.\n")
    assert check_twins.check(world) == []
    assert not check_twins.note(world, "role.md")


UNDECLARED = {
    "a page not declared": ("china.md", "only: {", "also: {", None),
    "a page without a reason": ("china.md", "reason: the job market described here is China's, ", "", r":5: only: found no reason"),
    "a page with an empty reason": ("china.md", "the job market described here is China's", "' '", r":5: only: found no reason"),
    "a page with a bare mark": ("china.md", "{reason: the job market described here is China's, nearest: role.md}", "true", None),
    "a nearest page that is not there": ("china.md", "nearest: role.md", "nearest: rule.md", r"only\.nearest: found rule\.md.*'role\.md'"),
    "sections of a page that is all its own": (
        "china.md",
        "only: {",
        "only_sections: {next: x}\nonly: {",
        r"only_sections: found sections",
    ),
    "a section not declared": ("role.md", "only_sections: {china: it is about hiring in China}\n", "", None),
    "a section without a reason": (
        "role.md",
        "china: it is about hiring in China",
        "china: ''",
        r":6: only_sections\.china: found no reason",
    ),
    "a section that is not there": (
        "role.md",
        "{china: it",
        "{chine: x, china: it",
        r"only_sections\.chine: found chine, expected the anchor .*'china'",
    ),
    "a section that the twin has": (
        "role.md",
        "{china: it",
        "{niche: x, china: it",
        r"only_sections\.niche: found the section niche in docs/en/role",
    ),
    "a section after the declared one": (
        "role.md",
        "## 接下来",
        "## 又一节 { #more }\n\n话。\n\n## 接下来",
        r"headings: .*not in the English page ## more",
    ),
    "a link to another section": ("role.md", "(#campus)", "(#niche)", r"links of the section deeper: .*not in the English page #niche"),
    "a source cited nowhere": (
        "role.md",
        "看[一处](https://example.cn/three)",
        "看一处",
        r"sources: .*not in the English page https://example\.cn",
    ),
}


@pytest.mark.parametrize("name", UNDECLARED)
def test_a_wrong_declaration_is_told(with_own: Path, name: str) -> None:
    """What is undeclared stays a finding; a declaration needs a reason, a nearest page that is there, and no twin of what it declares."""
    page, old, new, expected = UNDECLARED[name]
    file = with_own / "docs/zh" / page
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = [str(problem) for problem in check_twins.check(with_own)]
    assert len(found) == (1 if expected else 2), found
    assert expected is None or re.search(expected, found[0]), found


def test_a_twin_after_all_is_one_finding(with_own: Path) -> None:
    """A page that is declared to be of one edition, and stands in both, is told once, where it is declared."""
    (with_own / "docs/en/china.md").write_text(ENGLISH, encoding="utf-8")
    assert [str(problem) for problem in check_twins.check(with_own)] == [
        "docs/zh/china.md:5: only: found a twin after all, docs/en/china.md; take away one or the other"
    ]


def test_the_last_line_of_a_page_counts(world: Path) -> None:
    """A change of the very last line, without a line break after it, is seen."""
    change(world, "en", "Go on.\n", "Go further.")
    (found,) = check_twins.check(world)
    assert "the English has changed in next" in str(found)


def test_a_page_without_a_head_is_read_from_its_first_line(world: Path) -> None:
    """A rule (---) further down is no head: the text above it counts."""
    text = ENGLISH.split("---\n", 2)[2].lstrip() + "\n---\n\nMore.\n"
    for edition in ("en", "zh"):
        (world / "docs" / edition / "role.md").write_text(text, encoding="utf-8")
    chapter, parts = check_twins.read(world, "docs/en")["role.md"]
    assert chapter.head == {}
    before = parts[0].digest
    (world / "docs/en/role.md").write_text(text.replace("An answer", "Another answer"), encoding="utf-8")
    assert check_twins.read(world, "docs/en")["role.md"][1][0].digest != before


def test_a_new_line_break_in_english_moves_nothing(world: Path) -> None:
    """Line breaks, the day of the check and addresses of sources are no change of the text."""
    change(world, "en", "link](https://example.org/one).\nIt goes", "link](https://example.org/one). It goes")
    for edition in ("en", "zh"):
        change(world, edition, "2026-11-20", "2026-11-22")
    assert check_twins.check(world) == []


@pytest.mark.parametrize(("missing", "left"), [("en", "zh"), ("zh", "en")])
def test_a_page_without_its_twin_is_named(world: Path, missing: str, left: str) -> None:
    """A page that exists in one language only is a finding at that page."""
    (world / "docs" / missing / "role.md").unlink()
    (found,) = check_twins.check(world)
    assert str(found) == f"docs/{left}/role.md:1: found no twin, expected docs/{missing}/role.md"


def test_noting_brings_a_page_in_step(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--write` notes the page named, says so, and leaves everything else of the file as it was."""
    change(world, "en", "More text.", "More words.")
    before = (world / "docs/zh/role.md").read_text(encoding="utf-8")
    assert check_twins.main([str(world)]) == 1
    assert check_twins.main(["--write", "role.md", "--", str(world)]) == 0
    assert "docs/zh/role.md: noted as in step with docs/en/role.md" in capsys.readouterr().out
    after = (world / "docs/zh/role.md").read_text(encoding="utf-8")
    assert [line for line in after.split("\n") if not line.startswith("twin:")] == [
        line for line in before.split("\n") if not line.startswith("twin:")
    ]
    assert check_twins.main([str(world)]) == 0


def test_a_page_without_a_head_is_not_noted(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A Chinese page whose head is gone is named, and stays as it is."""
    file = world / "docs/zh/role.md"
    file.write_text("# 没有文件头\n", encoding="utf-8")
    assert check_twins.main(["--write", "role.md", "--", str(world)]) == 2
    assert "docs/zh/role.md:1: found no head" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == "# 没有文件头\n"


def test_an_unknown_page_is_refused(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A page that does not exist in both languages is named with the one that was probably meant, and nothing is written."""
    assert check_twins.main(["--write", "rule.md", "--", str(world)]) == 2
    assert "did you mean 'role.md'?" in capsys.readouterr().err
