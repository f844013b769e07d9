"""Findings are data: every kind has its words in both languages, and whatever is told is told in both."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from catalogue import DATA, ROOT, read_schemas
from chapters import head_schema
from findings import Problem, Said, Words, names, report, say, table

HAN = re.compile("[\u4e00-\u9fff]")
FRAME = re.compile(r"\b(found|expected|missing|did you mean|unknown)\b")
"""Words of the English frame, which a Chinese one does without."""


@pytest.mark.parametrize("kind", table())
def test_a_kind_speaks_both_languages(kind: str) -> None:
    """Its words in English and in Chinese hold the same values, and the Chinese are Chinese."""
    words = table()[kind]
    assert set(words) == {"en", "zh"}
    assert names(words["en"]) == names(words["zh"])
    assert HAN.search(words["zh"])
    assert not HAN.search(words["en"])
    assert not FRAME.search(re.sub(r"\{\w+\}", "", words["zh"]))


def said_in(path: Path) -> Iterator[tuple[str, ast.expr]]:
    """Where a program says something: its place, and the kind as it is written there, or both where it says one or the other."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
            kind = node.args[0]
            for one in (kind.body, kind.orelse) if isinstance(kind, ast.IfExp) else (kind,):
                yield f"{path.name}:{node.lineno}", one


def test_every_kind_is_said_and_every_saying_is_a_kind() -> None:
    """Programs write kinds out, name none that the table lacks, and the table holds none that nobody says."""
    said = [place for path in sorted((ROOT / "scripts").glob("*.py")) for place in said_in(path)]
    assert [place for place, kind in said if not isinstance(kind, ast.Constant)] == []
    kinds = {kind.value: place for place, kind in said if isinstance(kind, ast.Constant)}
    assert {kind: place for kind, place in kinds.items() if kind not in table()} == {}
    assert set(table()) - set(kinds) == set()


def described(schema: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every piece of a schema that a value is held to, with its place."""
    if "$ref" not in schema:
        yield path, schema
    for name, piece in schema.get("properties", {}).items():
        yield from described(piece, f"{path}.{name}")
    if "items" in schema:
        yield from described(schema["items"], f"{path}[]")


@pytest.mark.parametrize("kind", [*read_schemas(ROOT), "docs/en", "docs/zh"])
def test_what_a_schema_expects_is_said_in_both_languages(kind: str) -> None:
    """Each field of records and heads is described in English and in Chinese."""
    schema = head_schema(kind) if kind.startswith("docs/") else read_schemas(ROOT)[kind]
    for place, piece in described(schema, kind):
        assert piece.get("description"), place
        assert HAN.search(piece.get("description_zh", "")), place


def test_descriptions_stand_side_by_side() -> None:
    """Whoever describes a field, or describes a shared piece in other words, does so in both languages in the same place."""

    def alone(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            here = isinstance(value.get("description"), str)
            if here != isinstance(value.get("description_zh"), str):
                yield str(value.get("description") or value.get("description_zh"))
            for part in value.values():
                yield from alone(part)

    for path in (ROOT / DATA / "schema").glob("*.json"):
        assert list(alone(json.loads(path.read_text(encoding="utf-8")))) == [], path.name


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("no such kind", {}),
        ("tab", {"line": 3}),
        ("after_today", {"found": "x"}),
        ("after_today", {"found": "x", "day": "y", "today": "z"}),
    ],
)
def test_a_wrong_kind_or_value_is_an_error_at_once(kind: str, values: dict[str, Any]) -> None:
    """A finding has exactly the values that its words name."""
    with pytest.raises(LookupError, match=kind):
        say(kind, **values)


EXAMPLES: list[tuple[Said, str, str]] = [
    (
        say("missing_field", field="name", expected=Words("official name", "官方名称")),
        "name: missing, expected official name",
        "缺少 name，应为：官方名称",
    ),
    (
        say("no_such_page", target="x.md", hint=say("did_you_mean", word="'y.md'")),
        "found a link to x.md, but there is no such page; did you mean 'y.md'?",
        "链接指向 x.md，但没有这一页，是不是想写 'y.md'？",
    ),
    (say("no_such_page", target="{x}", hint=""), "found a link to {x}, but there is no such page", "链接指向 {x}，但没有这一页"),
    (
        say("no_plain_call", found="{{ x }}"),
        'found {{ x }}, expected a call such as {{ cert("id", "price") }} with plain words in quotes',
        '发现 {{ x }}，应为这样的调用：{{ cert("id", "price") }}，引号里只写普通的词',
    ),
]


@pytest.mark.parametrize(("said", "english", "chinese"), EXAMPLES, ids=lambda value: value.kind if isinstance(value, Said) else "")
def test_a_finding_reads_like_this(said: Said, english: str, chinese: str) -> None:
    """Some findings, word for word; what stands inside a finding is told in its language, and braces in a value stay."""
    assert (said.text("en"), said.text("zh"), str(said)) == (english, chinese, english)


def test_findings_are_equal_by_what_they_say() -> None:
    """The same kind with the same values is the same finding; findings sort by their English words, problems by their place first."""
    one, two = say("titles", count=2), say("titles", count=3)
    assert len({one, say("titles", count=2), two}) == 2
    assert sorted([two, say("tab"), one]) == [one, two, say("tab")]
    problems = [Problem("b.md", 1, "", one), Problem("a.md", 2, "", two), Problem("a.md", 2, "", one)]
    assert sorted(problems) == [problems[2], problems[1], problems[0]]


def test_a_report_is_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    """Each finding is a line in English, for machines too, and one in Chinese below it; the count goes to stderr."""
    problem = Problem("docs/en/role.md", 3, "verified", say("after_today", found="2027-01-01", today="2026-11-24"))
    assert report([problem], say("in_the_twins")) == 1
    printed = capsys.readouterr()
    assert printed.out == (
        "docs/en/role.md:3: verified: found 2027-01-01, expected a day that is not after today (2026-11-24)\n"
        "  写的是 2027-01-01，不应晚于今天（2026-11-24）\n"
    )
    assert printed.err == "1 finding in the twins\n  中英对应页中发现 1 处问题\n"
    assert report([problem, problem], say("in_the_twins")) == 1
    assert capsys.readouterr().err.startswith("2 findings in the twins\n")
    assert report([], say("in_the_twins")) == 0
    assert capsys.readouterr().err == "0 findings in the twins\n  中英对应页中发现 0 处问题\n"
