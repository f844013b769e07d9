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
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from catalogue import DATA, ROOT, Catalogue, CatalogueError, load, nearest, today_from
from chapters import CALL, EDITIONS, LINK, Chapter, anchors, read_chapters
from findings import Problem, Said, report, say
from reading import MOST_FINDINGS, read_yaml_file
from render import read_settings
from words import date_text

SETTINGS = {"en": "mkdocs.yml", "zh": "mkdocs.zh.yml"}
"""The settings of each edition, which hold its navigation."""


def check_headings(chapter: Chapter) -> Iterator[tuple[int, Said]]:
    """One title, levels 2 and 3 without a gap, an explicit anchor on each, and the way on at the end."""
    level, titles, seen = 0, 0, set()
    last = ""
    for number, depth, text, anchor in chapter.headings:
        if depth == 1:
            titles += 1
            if text != chapter.head.get("title"):
                yield number, say("title_differs", found=text, title=str(chapter.head.get("title")))
        elif depth > 3:
            yield number, say("heading_too_deep", level=depth)
        elif depth > level + 1:
            yield number, say("level_skipped", level=depth, before=level, expected=level + 1)
        elif not anchor:
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
        text = CALL.sub("", line)
        for pattern, call in facts:
            if match := pattern.search(text):
                yield number, say("typed_by_hand", found=match.group(), call=call)
                break


COUNTED = ("demand.md",)
"""Chapters in which every share comes from the counts by a call."""

TYPED_SHARE = re.compile(r"\d+(?:[.,]\d+)?\s*(?:%|％|per cent|percent)|百分之[零一二三四五六七八九十百\d]+")


def check_typed_shares(chapter: Chapter) -> Iterator[tuple[int, Said]]:
    """A share of advertisements has one home, the counts; prose calls for it."""
    if chapter.path not in COUNTED:
        return
    for number, line in chapter.prose:
        if match := TYPED_SHARE.search(CALL.sub("", line)):
            yield number, say("typed_share", found=match.group())


def check_navigation(root: Path, settings: str, pages: Mapping[str, set[str]]) -> Iterator[Problem]:
    """Every page stands in the navigation once, and the navigation names only pages that exist."""
    lines = (root / settings).read_text(encoding="utf-8").split("\n")

    def flat(items: Any) -> Iterator[str]:
        for item in items if isinstance(items, list) else [items]:
            yield from (flat(list(item.values())) if isinstance(item, dict) else flat(item) if isinstance(item, list) else [str(item)])

    listed = list(flat(read_settings(root, settings).get("nav", [])))
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


def check_chapter(
    chapter: Chapter, pages: Mapping[str, set[str]], facts: Sequence[tuple[re.Pattern[str], str]], today: date
) -> Iterator[Problem]:
    """All findings in one chapter that could be read."""
    if not chapter.prose:
        return
    day = str(chapter.head.get("verified", ""))
    if day > today.isoformat():
        yield Problem(chapter.file, chapter.lines[("verified",)], "verified", say("after_today", found=day, today=today.isoformat()))
    for findings in (check_headings(chapter), check_links(chapter, pages), check_typed_facts(chapter, facts), check_typed_shares(chapter)):
        yield from (Problem(chapter.file, number, "", said) for number, said in findings)


def check(root: Path, today: date) -> list[Problem]:
    """All findings of all editions below `root`, sorted by place."""
    try:
        catalogue = load(root, today)
    except CatalogueError as error:
        return error.problems
    problems: list[Problem] = []
    for words in sorted(set((root / DATA).glob("*.yml")) - {root / DATA / f"{kind}.yml" for kind in catalogue.kinds}):
        problems += read_yaml_file(root, words.relative_to(root).as_posix())[2]
    facts = typed_facts(catalogue)
    for edition, folder in EDITIONS.items():
        chapters, found = read_chapters(root, folder)
        problems += found
        if not chapters:
            continue
        pages = {chapter.path: anchors(chapter, catalogue) for chapter in chapters}
        for chapter in chapters:
            problems += islice(check_chapter(chapter, pages, facts, today), MOST_FINDINGS)
        problems += repeated(chapters)
        problems += check_navigation(root, SETTINGS[edition], pages)
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
