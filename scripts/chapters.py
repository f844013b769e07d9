"""Reading chapters: the head, the prose with its line numbers, and what stands in it, for every check that judges a source.

A chapter is cut where MkDocs cuts it (`mkdocs.utils.meta`); a head is held to the schema `front_matter` of docs/data/schema/common.json.
What the builders make of the prose is judged on their output (check_output.py); here only what the source alone shows is told apart:
fences, code spans, headings with their anchors, links and calls, each at its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
from catalogue import ROOT, STAGES, Catalogue, held_to, nearest, read_shared, validator_of
from findings import Problem, Said, say
from jinja2 import nodes
from jsonschema.protocols import Validator
from mkdocs.utils.meta import YAML_RE
from reading import MOST_FINDINGS, FieldPath, dotted, read_text, read_yaml

EDITIONS = {"en": "docs/en", "zh": "docs/zh"}
"""The chapters of each edition."""

CALLS = (
    *("cert", "catalogue", "skill", "skills_table", "freshness", "drawing"),
    *("route", "project", "levels", "assessment", "profile", "plan"),
    *("questions", "question_bank", "design", "hiring"),
    *("ad", "ads", "ad_month", "ad_plot", "ad_table", "ad_files"),
)
"""What a chapter may call; macros.py says what each prints."""

ANCHORED_BY_RECORDS = {"certifications": "vendor"}
"""Kinds whose page also has a heading for each value of a field."""

ANCHORED_BY_CALLS = {
    "project": ("brief", "criteria", "kit", "breaks", "pitfalls", "show", "defence", "stretch", "readings"),
    "design": ("clarify", "numbers", "drawing", "walk", "choices", "failures", "levels", "rubric", "follow-ups", "transcript"),
    "route": ("bring", "lack", "skip", *STAGES, "titles", "odds", "not-for-you"),
}
"""Anchors of the headings that a call brings with it, the same for each record."""

# None of these patterns takes longer than in proportion to its text: what was once taken is not given back (`++`, `*+`).
HEADING = re.compile(r"(#{1,6})\s++(.*)")
ANCHOR = re.compile(r"\{ #([a-z0-9-]+) \}")
LINK = re.compile(
    r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*+)\]"
    r"\(\s*+<?([^()\s>]*+(?:\([^()\s]*\)[^()\s>]*+)*+)>?(?:\s++\"[^\"]*\")?\s*+\)"
)
CALL = re.compile(r"\{\{\s*+(\w++)\s*+(\([^{}()]*\))?\s*+\}\}")
FENCE = re.compile(r"\s*+(```+|~~~+)")


class Heading(NamedTuple):
    """A heading: its line, its level, its words, and its anchor if it has one."""

    line: int
    level: int
    text: str
    anchor: str


@dataclass(frozen=True)
class Chapter:
    """One Markdown file: its path below the edition's folder, its head with the line of each field, and its prose.

    `text` is the whole file, of which the first `above` lines are the head. A file that could not be read has no prose at all.
    """

    file: str
    path: str
    text: str
    above: int
    head: Mapping[str, Any]
    lines: Mapping[FieldPath, int]
    prose: Sequence[tuple[int, str]]

    @property
    def sources(self) -> list[Mapping[str, Any]]:
        """The sources of the head, as far as they have the form of sources."""
        sources = self.head.get("sources")
        return [entry for entry in sources if isinstance(entry, dict)] if isinstance(sources, list) else []

    @property
    def only_sections(self) -> Mapping[str, Any]:
        """The sections that the head declares to be of this edition alone, by anchor, with what is given as the reason."""
        sections = self.head.get("only_sections")
        return sections if isinstance(sections, dict) else {}

    @property
    def headings(self) -> list[Heading]:
        """The headings in their order."""
        found = []
        for number, line in self.prose:
            if match := HEADING.match(line.rstrip()):
                text = match.group(2)
                anchor = next((place for place in ANCHOR.finditer(text) if place.end() == len(text)), None)
                words = text[: anchor.start()].rstrip() if anchor else text
                found.append(Heading(number, len(match.group(1)), words, anchor.group(1) if anchor else ""))
        return found


def head_schema(folder: str) -> dict[str, Any]:
    """What a chapter's head may hold; a Chinese one has a shorter description and the note of its twin."""
    shared = read_shared(ROOT)
    schema: dict[str, Any] = shared["front_matter"]
    if folder == EDITIONS["zh"]:
        chinese = {"description": shared["description_zh"], "twin": shared["twin"]}
        schema = {**schema, "properties": {**schema["properties"], **chinese}}
    return schema


@cache
def _validator(folder: str) -> Validator:
    return validator_of(head_schema(folder))


def without_code(line: str) -> str:
    """The line with blanks in the place of its code spans: from a run of backticks to the next of the same length."""
    if "`" not in line:
        return line
    runs = [match.span() for match in re.finditer(r"`++", line)]
    after: dict[int, list[int]] = {}  # by length, the places in `runs`, the next one last
    for place in reversed(range(len(runs))):
        after.setdefault(runs[place][1] - runs[place][0], []).append(place)
    parts, done, place = [], 0, 0
    while place < len(runs):
        start, end = runs[place]
        same = after[end - start]
        while same and same[-1] <= place:
            same.pop()
        if same and line[start - 1 : start] != "\\":
            place = same[-1]
            parts += [line[done:start], " " * (runs[place][1] - start)]
            done = runs[place][1]
        place += 1
    return "".join([*parts, line[done:]])


def _prose(lines: Sequence[str], above: int, name: str) -> tuple[list[tuple[int, str]], list[Problem]]:
    """The numbered lines below the head that are no code; a fence that is never closed makes no code, as in the site's Markdown."""
    prose: list[tuple[int, str]] = []
    held: list[tuple[int, str]] = []  # from an open fence on
    fence = ""
    for number, line in enumerate(lines[above:], above + 1):
        if fence:
            held.append((number, line))
            if line.strip() == fence:
                fence, held = "", []
        elif mark := FENCE.match(line):
            fence, held = mark.group(1), [(number, line)]
        else:
            prose.append((number, line))
    problems = [Problem(name, held[0][0], "", say("open_fence"))] if held else []
    return [(number, without_code(line)) for number, line in [*prose, *held]], problems


def read_chapter(root: Path, folder: str, file: Path) -> tuple[Chapter, list[Problem]]:
    """Split a chapter into head and prose; code blocks and code spans are no prose."""
    name, path = file.relative_to(root).as_posix(), file.relative_to(root / folder).as_posix()
    text, problems = read_text(root, name)
    if problems:
        return Chapter(name, path, "", 0, {}, {}, ()), problems
    head: Any = {}
    places: dict[FieldPath, int] = {}
    match = YAML_RE.match(text)
    above = text.count("\n", 0, match.end()) if match else 0
    if match:
        head, places, problems = read_yaml(f"\n{match.group(1)}".encode(), name)
        if not problems:
            found = islice(held_to(_validator(folder), head), MOST_FINDINGS)
            problems = [Problem(name, places.get(where, 2), dotted(where), said) for where, said in found]
    else:
        problems = [Problem(name, 1, "", say("no_head"))]
    prose, open_fence = _prose(text.split("\n"), above, name)
    return Chapter(name, path, text, above, head if isinstance(head, dict) else {}, places, prose), problems + open_fence


def read_chapters(root: Path, folder: str) -> tuple[list[Chapter], list[Problem]]:
    """Every chapter of an edition, sorted by path, and what is wrong with their heads and files."""
    read = [read_chapter(root, folder, file) for file in sorted((root / folder).rglob("*.md"))]
    return [chapter for chapter, _ in read], [problem for _, problems in read for problem in problems]


WORD = re.compile(r"[a-z0-9_-]+")
ALONE = re.compile(r"\{\{ [^{}]* \}\}")
VALUES = ("cert", "ad", "ads", "ad_month")
"""Calls that bring plain words, and may stand among others."""

SHOWN = 40  # characters of a line that a finding repeats


def foreign_calls(text: str) -> Iterator[tuple[int, Said]]:
    """What a chapter would have the template engine run, read by that engine, beside calls with plain words in quotes.

    A call that brings more than a value stands by itself, so that nothing around it makes Markdown of the HTML that it brings.
    """
    engine = jinja2.Environment()  # noqa: S701  reads, and renders nothing
    lines = ["", *text.split("\n"), ""]

    def refuse(number: int) -> tuple[int, Said]:
        return number, say("no_plain_call", found=repr(lines[min(number, len(lines) - 2)].strip()[:SHOWN]))

    try:
        for number, kind, mark in engine.lex(text):
            if kind in ("block_begin", "comment_begin", "raw_begin") or (kind.startswith("variable_") and mark not in ("{{", "}}")):
                yield refuse(number)
                return
        for output in engine.parse(text).body:
            for node in output.nodes if isinstance(output, nodes.Output) else [output]:
                name = _name_of_call(node)
                if name and name not in CALLS:
                    known = ", ".join(f"{call}(…)" for call in CALLS)
                    yield node.lineno, say("unknown_call", call=name, known=known, hint=nearest(name, CALLS))
                elif not name and not isinstance(node, nodes.TemplateData):
                    yield refuse(node.lineno)
                elif name and name not in VALUES and not _is_alone(lines, node.lineno):
                    yield node.lineno, say("call_not_alone", found=repr(lines[node.lineno].strip()[:SHOWN]))
    except jinja2.TemplateSyntaxError as error:
        yield refuse(error.lineno)
    except RecursionError:
        yield refuse(1)


def _is_alone(lines: Sequence[str], number: int) -> bool:
    return bool(ALONE.fullmatch(lines[number])) and lines[number - 1] == lines[number + 1] == ""


def _name_of_call(node: nodes.Node) -> str:
    """The name of a call that holds plain words and nothing else; empty for everything else."""
    is_plain = (
        isinstance(node, nodes.Call)
        and isinstance(node.node, nodes.Name)
        and not (node.kwargs or node.dyn_args or node.dyn_kwargs)
        and all(isinstance(word, nodes.Const) and isinstance(word.value, str) and WORD.fullmatch(word.value) for word in node.args)
    )
    return str(node.node.name) if is_plain and isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) else ""


def anchors(chapter: Chapter, catalogue: Catalogue) -> set[str]:
    """Every anchor that the built page will have."""
    found = {heading.anchor for heading in chapter.headings if heading.anchor}
    for _, line in chapter.prose:
        for call in CALL.finditer(line):
            if call.group(1) == "catalogue" and call.group(2):
                kind = call.group(2).strip("()\"' ")
                records = catalogue.kinds.get(kind, ())
                found |= {record.id for record in records}
                found |= {str(record.values[field]) for record in records if (field := ANCHORED_BY_RECORDS.get(kind))}
            found |= set(ANCHORED_BY_CALLS.get(call.group(1), ()))
            if call.group(1) == "assessment":
                found |= {f"tick-{record.id}" for record in catalogue.kinds["skills"]}
            if call.group(1) == "questions" and call.group(2):
                skills = {record.id for record in catalogue.kinds["skills"] if record.group == call.group(2).strip("()\"' ")}
                found |= skills | {record.id for record in catalogue.kinds["questions"] if record.skill in skills}
    return found | ({"sources"} if chapter.head.get("sources") else set())
