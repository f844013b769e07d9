"""Reading chapters: cut where the engine cuts them, whatever lies there, in a time that grows with the text."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import check_pages
import check_twins
import check_wording
import pytest
import typography
from catalogue import ROOT, load_once
from chapters import EDITIONS, Chapter, anchors, read_chapter, read_chapters, without_code
from check_pages import check_chapter, typed_facts
from findings import Problem
from hypothesis import given
from hypothesis import strategies as st
from mkdocs.utils.meta import get_data
from test_check_pages import TODAY, guide

SMALL_WORDING = "{en: {}, zh: {}, known: [], absence: {shelf_life_days: 30, en: [we found no], zh: [没有查到]}}\n"
RECORDS = load_once(ROOT)
FACTS = typed_facts(RECORDS)

HEAD = '---\ntitle: "The role"\nverified: 2026-11-20\n'


def chapter_of(root: Path, text: str | bytes) -> tuple[Chapter, list[Problem]]:
    """The chapter docs/en/a.md with this text."""
    file = root / EDITIONS["en"] / "a.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_chapter(root, EDITIONS["en"], file)


def below(chapter: Chapter) -> str:
    """The text of a chapter below its head."""
    return "\n".join(chapter.text.split("\n")[chapter.above :]).lstrip("\n")


CUT = {
    "as we write it": HEAD + "---\n# A\n",
    "Windows line breaks": (HEAD + "---\n# A\n").replace("\n", "\r\n"),
    "lone carriage returns": (HEAD + "---\n# A\n").replace("\n", "\r"),
    "a mark at the beginning": "\ufeff" + HEAD + "---\n# A\n",
    "dots at the end": HEAD + "...\n# A\n---\n",
    "blanks after the marks": HEAD.replace("---", "---  \t") + "--- \n# A\n",
    "a rule further down": HEAD + "---\n# A\n\n---\n\nb\n",
    "a line that only begins with dashes": HEAD + "----: b\n---\n# A\n",
    "blank lines below": HEAD + "---\n\n\n# A\n",
}


@pytest.mark.parametrize("name", CUT)
def test_a_head_ends_where_the_engine_ends_it(tmp_path: Path, name: str) -> None:
    """Head and prose are those that MkDocs takes; lines are counted in the whole file."""
    chapter, _ = chapter_of(tmp_path, CUT[name])
    with (tmp_path / chapter.file).open(encoding="utf-8-sig") as file:
        text, head = get_data(file.read())
    assert below(chapter) == text
    assert set(chapter.head) == set(head)
    assert [heading.line for heading in chapter.headings] == [chapter.text.split("\n").index("# A") + 1]


PIECES = ("---\n", "...\n", "--- \n", "a: 1\n", "b: x\n", "\n", "\r", "\r\n", "# A\n", "words\n", "```\n", "- c\n", "\ufeff", "a:", " ")


@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
def test_whatever_stands_there_is_cut_as_the_engine_cuts_it(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Where MkDocs takes a head, its end is where we put it; where it takes none, or takes one without dashes, that is a finding."""
    root = tmp_path_factory.mktemp("cut")
    chapter, problems = chapter_of(root, text)
    with (root / chapter.file).open(encoding="utf-8-sig") as file:
        body, head = get_data(file.read())
    if chapter.above and head and not problems:
        assert (below(chapter), set(chapter.head)) == (body, set(head))
    else:
        assert problems


NO_HEAD = {
    "nothing": "",
    "no head": "# A\n",
    "a head without dashes": "title: The role\nverified: 2026-11-20\n\n# A\n",
    "a blank line first": "\n" + HEAD + "---\n# A\n",
    "a head that never ends": HEAD + "# A\n",
    "a head that ends with the file": HEAD + "---",
    "an empty head": "---\n---\n# A\n",
}


@pytest.mark.parametrize("name", NO_HEAD)
def test_no_head_is_a_finding(tmp_path: Path, name: str) -> None:
    """What MkDocs takes for no head, or for an older kind of head, is told at the first line."""
    _, problems = chapter_of(tmp_path, NO_HEAD[name])
    assert [(problem.said.kind, problem.line) for problem in problems] == [("no_head", 1)]


BROKEN = {
    "not UTF-8": (b"---\ntitle: \xff\n---\n# A\n", "not_utf_8"),
    "too large": (b"x" * 10_000_000, "large_file"),
    "a head that is a list": (b"---\n- a\n---\n# A\n", "not_as_described"),
    "a head that is a word": (b"---\na\n---\n# A\n", "not_as_described"),
    "a head that is empty": (b"---\n\n---\n# A\n", "not_as_described"),
    "a head of nested lists": (b"---\na: " + b"[" * 10_000 + b"\n---\n# A\n", "yaml_too_deep"),
    "a head of aliases": (b"---\na: &a [x]\nb: [*a, *a]\n---\n# A\n", "yaml_extras"),
    "sources that are a number": (HEAD.encode() + b"sources: 5\n---\n# A\n", "not_as_described"),
    "sources that are words": (HEAD.encode() + b"sources: [a, b]\n---\n# A\n", "not_as_described"),
    "a day that is a list": (b"---\ntitle: a\nverified: [9999]\n---\n# A\n", "not_as_described"),
}


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A sound guide in two languages, as far as this file needs it."""
    root = guide(tmp_path / "guide")
    (root / "docs/data/wording.yml").write_text(SMALL_WORDING, encoding="utf-8")
    (root / "docs/zh").mkdir()
    (root / "mkdocs.zh.yml").write_text("nav: [role.md]\n", encoding="utf-8")
    return root


def every_check(root: Path) -> list[Problem]:
    """What all checks of chapters say."""
    return [*check_pages.check(root, TODAY), *check_twins.check(root), *check_wording.check(root)]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_chapter_is_told_by_one_check_and_stops_none(world: Path, name: str) -> None:
    """What cannot be read is a finding at the chapter, and no check falls over it, in either language."""
    raw, kind = BROKEN[name]
    for edition in EDITIONS.values():
        (world / edition / "role.md").write_bytes(raw)
    told = [problem.file for problem in every_check(world) if problem.said.kind == kind]
    assert set(told) == {"docs/en/role.md", "docs/zh/role.md"}


def test_what_is_no_file_stops_no_check(world: Path) -> None:
    """A pipe or a folder in the place of a chapter, of records or of words is told, and nobody waits for it."""
    (world / "docs/en/role.md").unlink()
    os.mkfifo(world / "docs/en/role.md")
    (world / "docs/zh/role.md").mkdir()
    (world / "docs/data/labels.yml").unlink(missing_ok=True)
    os.mkfifo(world / "docs/data/labels.yml")
    told = [problem.file for problem in every_check(world) if problem.said.kind == "no_file"]
    assert told == ["docs/data/labels.yml", "docs/en/role.md", "docs/zh/role.md"]
    for name in ("docs/data/terms.yml", "docs/data/schema/terms.json"):
        (world / name).unlink()
        os.mkfifo(world / name)
        assert [(problem.file, problem.said.kind) for problem in check_pages.check(world, TODAY)] == [(name, "no_file")]
    assert [(problem.file, problem.said.kind) for problem in check_wording.check(world)] == [("docs/data/terms.yml", "no_file")]


def test_a_broken_schema_is_told(world: Path) -> None:
    """A schema that is no JSON, or nests without end, is told with its line."""
    for text, line in (("{\n  a\n}", 2), ("[" * 100_000, 1)):
        (world / "docs/data/schema/terms.json").write_text(text, encoding="utf-8")
        (problem,) = check_pages.check(world, TODAY)
        assert (problem.file, problem.line, problem.said.kind) == ("docs/data/schema/terms.json", line, "not_json")


@given(st.binary(max_size=80) | st.text(st.characters(codec="utf-8"), max_size=80).map(lambda text: f"{HEAD}---\n{text}".encode()))
def test_no_text_makes_a_check_fall_over(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    """Whatever is contributed, reading and judging it ends with findings or none."""
    chapter, _ = chapter_of(tmp_path_factory.mktemp("text"), raw)
    judge(chapter)


def judge(chapter: Chapter) -> None:
    """Run all judgements on one chapter that our own programs make."""
    list(check_chapter(chapter, {chapter.path: anchors(chapter, RECORDS)}, FACTS, TODAY))
    list(check_wording.check_words(chapter, {"您": "你", "目前": "日期"}, True))
    check_twins.sections(chapter)


FENCED = """```python
[code](code.md)
````
[still code](code.md)
~~~
[still code](code.md)
```  \n[prose](prose.md)
~~~
[code](code.md)
~~~
[prose](prose.md)
"""


def test_a_fence_is_closed_by_its_own_marks(tmp_path: Path) -> None:
    """Nothing but the same marks ends a code block; one that is never closed makes no code, and is a finding."""
    chapter, _ = chapter_of(tmp_path, HEAD + "---\n" + FENCED)
    assert [line for _, line in chapter.prose if line] == ["[prose](prose.md)"] * 2
    chapter, problems = chapter_of(tmp_path, HEAD + "---\nbefore\n```\n[prose](prose.md)\n")
    assert [line for _, line in chapter.prose if line] == ["before", "```", "[prose](prose.md)"]
    assert ("open_fence", 6) in [(problem.said.kind, problem.line) for problem in problems]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a `b` c", "a     c"),
        ("``a ` b`` c", "          c"[:11]),
        ("a ` b", "a ` b"),
        ("`` a ` b", "`` a ` b"),
        (r"\`a` b", r"\`a` b"),
        (r"\`a `b` c", r"\`a     c"),
        (r"`a\` b", r"     b"),
        ("`a` [b](c.md) `d`", "    [b](c.md)    "),
        ("```", "```"),
        ("` `` ` ``", "       ``"),
    ],
)
def test_code_spans_leave_blanks(line: str, expected: str) -> None:
    """From a run of backticks to the next of the same length; an escaped one opens nothing."""
    assert without_code(line) == expected


@given(st.text("`\\a ", max_size=30))
def test_blanks_take_the_same_room(line: str) -> None:
    """What follows a code span stays where it was, and no letter changes into another."""
    told = without_code(line)
    assert len(told) == len(line)
    assert all(new in (" ", old) for new, old in zip(told, line, strict=True))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("## A way { #way }", (2, "A way", "way")),
        ("### A way", (3, "A way", "")),
        ("## A way { #way }  ", (2, "A way", "way")),
        ("## { #a } b { #c }", (2, "{ #a } b", "c")),
        ("##  A  way{ #way }", (2, "A  way", "way")),
        ("## A way { #Way }", (2, "A way { #Way }", "")),
    ],
)
def test_a_heading_has_level_words_and_anchor(tmp_path: Path, line: str, expected: tuple[int, str, str]) -> None:
    """The anchor is what stands in the last braces."""
    chapter, _ = chapter_of(tmp_path, f"{HEAD}---\n{line}\n")
    assert [heading[1:] for heading in chapter.headings] == [expected]


def long_texts() -> Iterator[str]:
    """Texts of 100 kB that make a pattern try again and again, if it can."""
    size = 100_000
    for piece in (
        *("[", "![", "[a](", "[a](x ", "](", "[a](b)", "[a](b.md)\n\n", "[a]( ", "[[a]", "[a](x(y)", "((a)", '[a](b "'),
        *("{{", "{{a(", '{{ a("', "{{ cert(", "{%", "{#", "{ #", "{{ x() }}\n"),
        *("# ", "#", "# a ", "## x { #", "## x { #a }\n", "`", "` ", "`a``b", "\\`", "```\n", "~~~\n", "``` "),
        *("$", "USD ", "150 ", "到 ", "2024-04 ", "https://", "的", "的\n", "您", "a b\n", " ", "\t", "\r", "---\n", "\u2028"),
    ):
        yield piece * (size // len(piece))
    yield "[a](" + " " * size
    yield ("[a](" + " " * 300) * (size // 304)
    yield "## a" + " " * size + "b"
    yield "## " + "a  " * (size // 3)
    yield '[a](b "' + "x" * size
    yield "[" + "[a]" * (size // 3)
    yield "{{ cert(" + ")" * size
    yield "](" + "(" * size
    yield " ".join("`" * length for length in range(1, 440))


@pytest.mark.parametrize("text", list(long_texts()), ids=lambda text: repr(text[:12]))
def test_no_pattern_takes_its_time(tmp_path: Path, text: str) -> None:
    """A hundred thousand characters of the worst kind are read and judged in a second or two."""
    started = time.process_time()
    chapter, _ = chapter_of(tmp_path, f"{HEAD}---\n# The role\n\n{text}")
    judge(chapter)
    assert time.process_time() - started < 3


def test_every_chapter_of_the_guide_is_read() -> None:
    """No chapter of this guide has a finding of its head, and all have prose."""
    for folder in EDITIONS.values():
        chapters, problems = read_chapters(ROOT, folder)
        assert problems == []
        assert all(chapter.prose and chapter.above and chapter.headings for chapter in chapters)


@pytest.mark.parametrize("text", ["[" * 1000, "<a>" * 333], ids=["for ever", "to death"])
def test_autocorrect_cannot_hold_up_or_end_the_check(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Where AutoCorrect thinks for ever or dies, that text is a finding, and the next is judged as ever."""
    monkeypatch.setattr(typography, "SECONDS", 1.0)
    with typography.Typographer() as typographer:
        assert typographer.ask(f"{text}\n" * 100) == 1
        assert typographer.ask("使用Git") == [(1, "使用Git", "使用 Git")]
        assert typographer.ask("一句话。\n" + "[a](" * 60) in ([], 2)
