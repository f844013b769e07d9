"""What a contribution could smuggle in is refused with file and line; what the guide is made of is not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from check_hostile import check, main
from hypothesis import given, settings
from hypothesis import strategies as st

ATTACKS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "fixtures/attacks.yml").read_text(encoding="utf-8"))


def real(text: str) -> str:
    """The text with <U+200B> and the like as the characters that they name."""
    return re.sub(r"<U\+([0-9A-F]{4,5})>", lambda match: chr(int(match[1], 16)), text)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: str(attack["name"]))
def test_an_attack_is_refused(tmp_path: Path, attack: dict[str, Any]) -> None:
    """The finding names the file, the line and what was found."""
    path = tmp_path / real(attack["file"])
    path.parent.mkdir(parents=True)
    path.write_text(real(attack["text"]) + "\n", encoding="utf-8")
    problems = check(tmp_path)
    wanted = [problem for problem in problems if attack["says"] in problem.message and problem.line == attack.get("line", 1)]
    assert wanted, [str(problem) for problem in problems]
    assert main([str(tmp_path)]) == 1


def test_there_are_attacks_enough() -> None:
    """At least sixty, each of its own kind."""
    assert len({attack["name"] for attack in ATTACKS}) == len(ATTACKS) >= 60


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    """A chapter that is a link to another file would publish that file."""
    (tmp_path / "docs/en").mkdir(parents=True)
    (tmp_path / "docs/en/a.md").symlink_to("/etc/hostname")
    assert [problem.message for problem in check(tmp_path)] == ["found a link to another file, expected a file"]


def test_the_guide_itself_is_clean(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing that is there today is refused."""
    assert main([]) == 0
    assert capsys.readouterr().out == ""


GOOD = """---
title: A page
description: "What it answers, with a colon: and “quotes”"
---
# A page

A sentence with a [link](https://example.org/a_(b)?c=d&e=1#f), <https://example.org>, an image ![of it](picture.png), a < b and 3 > 2.
A greek letter α alone, `<script>` in code, 中文（全角）：“引号”；2 × 3, an é, {{ cert("aws-ml-engineer", "price") }}.
[example.org](https://www.example.org/page) and [the docs](https://docs.example.org). Write to [us](mailto:a@example.org).

## A heading { #a-heading }

```python
x = {"a": 1}  # <b>
```
{ .mle-lead }
"""


def test_plain_pages_pass(tmp_path: Path) -> None:
    """What chapters are made of is no attack."""
    (tmp_path / "docs/en").mkdir(parents=True)
    (tmp_path / "docs/en/a.md").write_text(GOOD, encoding="utf-8")
    assert [str(problem) for problem in check(tmp_path)] == []


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_no_text_makes_the_check_fall_over(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever is contributed, the check says something or nothing, and ends."""
    root = tmp_path_factory.mktemp("text")
    for name in ("docs/en/a.md", "docs/data/a.yml", "overrides/drawings/a.svg.html"):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text(text, encoding="utf-8")
    check(root)
