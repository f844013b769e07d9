"""Check the chapters before they are built: head, headings, links, images and calls.

Reads docs/en/ and docs/zh/, and the navigations of mkdocs.yml and mkdocs.zh.yml; prints one line
for each finding, `docs/en/role.md:12: what was found, what was expected`, and exits 1 if there is any,
0 if there is none. The builders find some of the same defects, but without the line.
"""

from __future__ import annotations

import argparse
import os
import posixpath
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml
from catalogue import (
    DATA,
    ROOT,
    STAGES,
    Catalogue,
    CatalogueError,
    FieldPath,
    date_text,
    dotted,
    load,
    nearest,
    read_shared,
    read_yaml,
    schema_findings,
    today_from,
)
from findings import Problem, Said, report, say
from jsonschema import Draft202012Validator, FormatChecker

CALLS = (
    *("cert", "certificates", "catalogue", "skill", "skills_table", "freshness", "drawing"),
    *("route", "project", "levels", "assessment", "profile", "plan"),
)
"""What a chapter may call; macros.py says what each prints."""

ANCHORED_BY_RECORDS = {"certifications": "vendor"}
"""Kinds whose page also has a heading for each value of a field."""

ANCHORED_BY_CALLS = {
    "project": ("brief", "criteria", "breaks", "pitfalls", "show", "stretch", "readings"),
    "route": ("bring", "lack", "skip", *STAGES, "titles", "odds", "not-for-you"),
}
"""Anchors of the headings that a call brings with it, the same for each record."""

HEADING = re.compile(r"^(#{1,6})\s+(.*?)(?:\s*\{ #([a-z0-9-]+) \})?\s*$")
ANCHOR = re.compile(r"\{ #[a-z0-9-]+ \}")
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(\s*<?([^()\s>]*(?:\([^()\s]*\)[^()\s>]*)*)>?(?:\s+\"[^\"]*\")?\s*\)")
CALL = re.compile(r"\{\{\s*(\w+)\s*(\(.*?\))?\s*\}\}")
CODE_SPAN = re.compile(r"(`+)(?:.(?!\1))*?.?\1")


@dataclass(frozen=True)
class Chapter:
    """One Markdown file: its path below the edition's folder, its head with the line of each field, and its prose."""

    file: str
    path: str
    head: Mapping[str, Any]
    lines: Mapping[FieldPath, int]
    prose: Sequence[tuple[int, str]]


def head_schema(folder: str) -> dict[str, Any]:
    """What a chapter's head may hold; a Chinese one has a shorter description and the note of its twin."""
    shared = read_shared(ROOT)
    schema: dict[str, Any] = shared["front_matter"]
    if folder.endswith("zh"):
        chinese = {"description": shared["description_zh"], "twin": shared["twin"]}
        schema = {**schema, "properties": {**schema["properties"], **chinese}}
    return schema


def read_chapter(root: Path, folder: str, file: Path) -> tuple[Chapter, list[Problem]]:
    """Split a chapter into head and prose; code blocks and code spans are no prose."""
    name = file.relative_to(root).as_posix()
    lines = file.read_text(encoding="utf-8").split("\n")
    problems: list[Problem] = []
    head: Any = {}
    places: dict[FieldPath, int] = {}
    start = 0
    if lines[0] == "---" and "---" in lines[1:]:
        start = lines.index("---", 1) + 1
        head, places, problems = read_yaml("\n".join(["", *lines[1 : start - 1]]).encode(), name)
        if not problems:
            validator = Draft202012Validator(head_schema(folder), format_checker=FormatChecker())
            problems = [
                Problem(name, places.get(where, 2), dotted(where), said)
                for error in validator.iter_errors(head)
                for where, said in schema_findings(error)
            ]
    else:
        problems = [Problem(name, 1, "", say("no_head"))]
    prose = []
    fence = ""
    for number, line in enumerate(lines[start:], start + 1):
        mark = re.match(r"\s*(```+|~~~+)", line)
        if mark and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else mark.group(1)
        elif not fence:
            prose.append((number, CODE_SPAN.sub(lambda span: " " * len(span.group()), line)))
    return Chapter(name, file.relative_to(root / folder).as_posix(), head if isinstance(head, dict) else {}, places, prose), problems


def anchors(chapter: Chapter, catalogue: Catalogue) -> set[str]:
    """Every anchor that the built page will have."""
    found = {match.group(3) for _, line in chapter.prose if (match := HEADING.match(line)) and match.group(3)}
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
    return found | ({"sources"} if chapter.head.get("sources") else set())


def check_headings(chapter: Chapter) -> Iterator[tuple[int, Said]]:
    """One title, levels 2 and 3 without a gap, an explicit anchor on each, and the way on at the end."""
    level, titles, seen = 0, 0, set()
    last = ""
    for number, line in chapter.prose:
        match = HEADING.match(line)
        if not match:
            continue
        depth, text, anchor = len(match.group(1)), match.group(2), match.group(3)
        if depth == 1:
            titles += 1
            if text != chapter.head.get("title"):
                yield number, say("title_differs", found=text, title=str(chapter.head.get("title")))
        elif depth > 3:
            yield number, say("heading_too_deep", level=depth)
        elif depth > level + 1:
            yield number, say("level_skipped", level=depth, before=level, expected=level + 1)
        elif anchor is None:
            words = re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")
            yield number, say("no_anchor", example=f"{'#' * depth} {text} {{ #{words} }}")
        elif anchor in seen:
            yield number, say("anchor_twice", anchor=anchor)
        seen.add(anchor)
        level, last = depth, anchor or last
    if titles != 1:
        yield 1, say("titles", count=titles)
    if last != "next" and chapter.path != "index.md":
        yield chapter.prose[-1][0], say("no_way_on")


def check_links(chapter: Chapter, pages: Mapping[str, set[str]]) -> Iterator[tuple[int, Said]]:
    """Links inside the guide lead to a page and an anchor that exist; images say what they show."""
    for number, line in chapter.prose:
        for image, text, target in LINK.findall(line):
            if image and not text.strip():
                yield number, say("image_without_text", target=target)
            elif not text.strip():
                yield number, say("link_without_words", target=target)
            if re.match(r"[a-z][a-z0-9+.-]*:", target) or image:
                continue
            path, _, anchor = target.partition("#")
            page = posixpath.normpath(posixpath.join(posixpath.dirname(chapter.path), unquote(path))) if path else chapter.path
            if page not in pages:
                yield number, say("no_such_page", target=target, hint=nearest(page, pages))
            elif anchor and anchor not in pages[page]:
                yield number, say("no_such_anchor", target=target, hint=nearest(anchor, pages[page]))


def check_calls(chapter: Chapter) -> Iterator[tuple[int, Said]]:
    """Only the calls that macros.py offers, and nothing else that the template engine would run."""
    known = ", ".join(f"{name}(…)" for name in CALLS)
    for number, line in chapter.prose:
        for call in CALL.finditer(line):
            if call.group(1) not in CALLS or call.group(2) is None:
                yield number, say("unknown_call", call=call.group(), known=known, hint=nearest(call.group(1), CALLS))
        rest = ANCHOR.sub("", CALL.sub("", line))
        if "{{" in rest or "{%" in rest or "{#" in rest:
            yield number, say("braces_outside_call")


def typed_facts(catalogue: Catalogue) -> list[tuple[re.Pattern[str], str]]:
    """What a chapter must not type by hand: exam codes, fees and last days of the certificates, each with its call."""
    found = []
    for record in catalogue.kinds["certifications"]:
        for code in filter(None, [record.code, *(record.former_codes or [])]):
            found.append((re.compile(rf"(?<![\w-]){re.escape(code)}(?![\w-])"), f'{{{{ cert("{record.id}", "code") }}}}'))
        if record.price and record.price["amount"]:
            amount = f"{record.price['amount']:g}"
            fee_forms = (
                rf"(?:USD|US\$|\$) ?{amount}(?! ?to |[.,]?\d|[–-])",
                rf"(?<![\d.,–-]){amount} (?:US )?dollars",
                rf"(?<![\d.,–-])(?<!到 ){amount} (?:USD|美元)",  # 到: the end of a range
            )
            found.append((re.compile("|".join(fee_forms)), f'{{{{ cert("{record.id}", "price") }}}}'))
        if record.ends:
            day_forms = (rf"{re.escape(record.ends)}(?!-)", *(rf"(?<!\d){re.escape(date_text(record.ends, tag))}" for tag in ("en", "zh")))
            found.append((re.compile("|".join(day_forms)), f'{{{{ cert("{record.id}", "ended") }}}}'))
    return found


def check_typed_facts(chapter: Chapter, facts: Sequence[tuple[re.Pattern[str], str]]) -> Iterator[tuple[int, Said]]:
    """A fee, an exam code or a last day has one home, its record; prose calls for it."""
    if not chapter.path.startswith("certifications/") and chapter.path != "about/2020-and-now.md":
        facts = [fact for fact in facts if '"code"' in fact[1]]  # elsewhere a sum or a day may be another fact's
    for number, line in chapter.prose:
        for pattern, call in facts:
            if match := pattern.search(CALL.sub("", line)):
                yield number, say("typed_by_hand", found=match.group(), call=call)
                break


def check_navigation(root: Path, settings: str, pages: Mapping[str, set[str]]) -> Iterator[Problem]:
    """Every page stands in the navigation once, and the navigation names only pages that exist."""

    class Loader(yaml.SafeLoader):
        """Reads the settings, whose !ENV tags mean nothing here."""

    Loader.add_multi_constructor("!", lambda *_: None)
    text = (root / settings).read_text(encoding="utf-8")
    lines = text.split("\n")

    def flat(items: Any) -> Iterator[str]:
        for item in items if isinstance(items, list) else [items]:
            yield from (flat(list(item.values())) if isinstance(item, dict) else flat(item) if isinstance(item, list) else [str(item)])

    listed = list(flat(yaml.load(text, Loader)["nav"]))  # noqa: S506  a safe loader with one more tag
    for page in sorted(set(listed)):
        line = next((number for number, text_line in enumerate(lines, 1) if text_line.strip().endswith(page)), 1)
        if page not in pages:
            yield Problem(settings, line, "nav", say("no_such_chapter", page=page, hint=nearest(page, pages)))
        if listed.count(page) > 1:
            yield Problem(settings, line, "nav", say("navigated_twice", page=page, count=listed.count(page)))
    for page in sorted(set(pages) - set(listed)):
        yield Problem(settings, 1, "nav", say("not_navigated", page=page))


def repeated(chapters: Sequence[Chapter]) -> Iterator[Problem]:
    """Titles and descriptions are unique in their edition: search and browser tabs show them."""
    for field in ("title", "description"):
        first: dict[str, str] = {}
        for chapter in chapters:
            value = str(chapter.head.get(field, ""))
            if value and value in first:
                yield Problem(chapter.file, chapter.lines[(field,)], field, say("same_as_in", file=first[value]))
            first.setdefault(value, chapter.file)


def check(root: Path, today: date) -> list[Problem]:
    """All findings of all editions below `root`, sorted by place."""
    try:
        catalogue = load(root, today)
    except CatalogueError as error:
        return error.problems
    problems: list[Problem] = []
    for words in sorted(set((root / DATA).glob("*.yml")) - {root / DATA / f"{kind}.yml" for kind in catalogue.kinds}):
        problems += read_yaml(words.read_bytes(), words.relative_to(root).as_posix())[2]
    for folder, settings in (("docs/en", "mkdocs.yml"), ("docs/zh", "mkdocs.zh.yml")):
        chapters = []
        for file in sorted((root / folder).rglob("*.md")):
            chapter, found = read_chapter(root, folder, file)
            chapters.append(chapter)
            problems += found
        if not chapters:
            continue
        facts = typed_facts(catalogue)
        pages = {chapter.path: anchors(chapter, catalogue) for chapter in chapters}
        for chapter in chapters:
            findings = [*check_headings(chapter), *check_links(chapter, pages), *check_calls(chapter), *check_typed_facts(chapter, facts)]
            problems += [Problem(chapter.file, number, "", said) for number, said in findings]
            day = str(chapter.head.get("verified", ""))
            if day > today.isoformat():
                said = say("after_today", found=day, today=today.isoformat())
                problems.append(Problem(chapter.file, chapter.lines[("verified",)], "verified", said))
        problems += repeated(chapters)
        problems += check_navigation(root, settings, pages)
    return sorted(problems)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the findings; exit 1 if there is one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?", type=Path, default=ROOT, help="the folder that holds mkdocs.yml (default: this guide)")
    root: Path = parser.parse_args(argv).root
    problems = check(root, today_from(os.environ))
    return report(problems, say("in_chapters_and_records"))


if __name__ == "__main__":
    sys.exit(main())
