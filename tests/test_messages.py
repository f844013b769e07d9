"""Every finding is told in Chinese too, and one pattern does not swallow the message of another."""

from __future__ import annotations

import re
from pathlib import Path

import check_hostile
import check_pages
import check_twins
import pytest
from catalogue import Problem
from messages import PATTERNS, chinese, report
from test_check_hostile import ATTACKS, real
from test_check_pages import DEFECTS as PAGE_DEFECTS
from test_check_pages import TODAY, guide
from test_check_twins import CHINESE, ENGLISH
from test_check_twins import DEFECTS as TWIN_DEFECTS

HAN = re.compile("[\u4e00-\u9fff]")


def told(problems: list[Problem]) -> list[str]:
    """The Chinese of each message; each has some, and leaves no English frame behind."""
    found = [chinese(problem.message) for problem in problems]
    for problem, words in zip(problems, found, strict=True):
        assert HAN.search(words), problem.message
        assert not re.match("found |missing|expected ", words), words
    return found


@pytest.mark.parametrize("defect", PAGE_DEFECTS)
def test_findings_in_chapters(tmp_path: Path, defect: str) -> None:
    """Whatever check_pages.py finds in its fixtures."""
    assert told(check_pages.check(guide(tmp_path / "guide", defect), TODAY))


@pytest.mark.parametrize("name", TWIN_DEFECTS)
def test_findings_in_twins(tmp_path: Path, name: str) -> None:
    """Whatever check_twins.py finds in its fixtures."""
    for edition, text in (("en", ENGLISH), ("zh", CHINESE)):
        (tmp_path / "docs" / edition).mkdir(parents=True)
        (tmp_path / "docs" / edition / "role.md").write_text(text, encoding="utf-8")
    check_twins.main(["--write", "role.md", "--", str(tmp_path)])
    edition, old, new, _ = TWIN_DEFECTS[name]
    file = tmp_path / "docs" / edition / "role.md"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    assert told(check_twins.check(tmp_path))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: str(attack["name"]))
def test_findings_of_hostile_content(tmp_path: Path, attack: dict[str, str]) -> None:
    """Whatever check_hostile.py finds in its fixtures."""
    path = tmp_path / real(attack["file"])
    path.parent.mkdir(parents=True)
    path.write_text(real(attack["text"]) + "\n", encoding="utf-8")
    assert told(check_hostile.check(tmp_path))


EXAMPLES = {
    "verified: found 2026-11-21, expected 2026-11-20 as in docs/en/role.md": (
        "verified：写的是 2026-11-21，应与 docs/en/role.md 一致：2026-11-20"
    ),
    "twin: the English has changed in deeper (docs/en/role.md:21); bring the Chinese in step, then run: make twins": (
        "twin：英文有改动：deeper (docs/en/role.md:21)；先把中文改到一致，再运行：make twins"
    ),
    'found "usd", expected one of USD, EUR, CNY': '写的是 "usd"，应是其中之一：USD, EUR, CNY',
    "found a link to x.md, but there is no such page; did you mean 'y.md'?": "链接指向 x.md，但没有这一页，是不是想写 'y.md'?",
    "name: missing, expected official name": "缺少 name，应为：official name",
}


@pytest.mark.parametrize("message", EXAMPLES)
def test_a_message_reads_like_this(message: str) -> None:
    """Some messages, word for word."""
    assert chinese(message) == EXAMPLES[message]


def test_no_pattern_hides_behind_an_earlier_one() -> None:
    """No two patterns are the same."""
    patterns = [pattern for pattern, _ in PATTERNS]
    assert len(set(patterns)) == len(patterns)


def test_a_report_is_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    """Each finding is a line in English, for machines too, and one in Chinese below it; the count goes to stderr."""
    problem = Problem("docs/en/role.md", 3, "verified", "found 2027-01-01, expected a day that is not after today (2026-11-24)")
    assert report([problem], "in the chapters") == 1
    said = capsys.readouterr()
    assert said.out == (
        "docs/en/role.md:3: verified: found 2027-01-01, expected a day that is not after today (2026-11-24)\n"
        "  写的是 2027-01-01，不应晚于今天（2026-11-24）\n"
    )
    assert said.err == "1 finding in the chapters\n"
    assert report([], "in the chapters") == 0
