"""Check that every page has its twin in the other language, and that the Chinese one is in step with the English.

Reads docs/en/ and docs/zh/. Compares what must be equal: pages, headings, days, sources, calls and links.
A page (`only`) or a section (`only_sections`) of one edition is declared in the head, with a reason, and left out of all this.
The text is compared by `twin`, a field of the Chinese head: six hexadecimal digits for each section of the English
text that the Chinese was written from. When the English changes, the finding names the sections that moved.
What is declared is listed on stderr.
`--write PAGE…` (`make twins PAGES="role.md …"`) notes that a person has brought these pages in step; `--write` alone, all pages.
Prints `docs/zh/role.md:12: what was found, what was expected`; exits 1 if there is a finding, 0 if there is none.
"""

from __future__ import annotations

import argparse
import hashlib
import posixpath
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalogue import ROOT, nearest
from chapters import CALL, EDITIONS, LINK, Chapter, read_chapter, read_chapters
from findings import Problem, Said, complain, report, say

SAME = ("verified", "look_again", "hide", "search")
"""Fields of the head that have the same value in both languages."""

TOP = "top"
"""What the part above the first heading is called in findings."""


@dataclass(frozen=True)
class Section:
    """A heading and what follows it, up to the next; the first has no heading and holds the head as well."""

    line: int
    level: int
    anchor: str
    calls: tuple[str, ...]
    links: tuple[str, ...]
    digest: str


def sections(chapter: Chapter) -> list[Section]:
    """Cut a chapter at its headings; the digest of a section covers its words, whatever its line breaks.

    Of the head, only the words count; the rest is compared as it is.
    """
    lines = chapter.text.split("\n")
    shown = [str(entry.get("shows")) for entry in chapter.sources]
    head = [str(chapter.head.get("title")), str(chapter.head.get("description")), *shown] if chapter.above else []
    starts = [(1, 0, TOP), *((heading.line, heading.level, heading.anchor) for heading in chapter.headings if heading.level > 1)]
    numbers = [number for number, _ in chapter.prose]
    found = []
    for (start, level, anchor), (end, *_) in zip(starts, [*starts[1:], (len(lines) + 1, 0, "")], strict=True):
        prose = [line for _, line in chapter.prose[bisect_left(numbers, start) : bisect_left(numbers, end)]]
        body = lines[start - 1 : end - 1] if start > 1 else [*head, *lines[chapter.above : end - 1]]
        words = " ".join(" ".join(body).split())
        found.append(
            Section(
                line=start,
                level=level,
                anchor=anchor,
                calls=tuple(call.group() for line in prose for call in CALL.finditer(line)),
                links=tuple(link[2] for line in prose for link in LINK.findall(line)),
                digest=hashlib.sha256(words.encode()).hexdigest()[:6],
            )
        )
    return found


def shared_sections(chapter: Chapter, parts: Sequence[Section], twin: Sequence[Section]) -> tuple[list[Section], list[Section]]:
    """The sections that the twin should have as well, and those declared to be of this edition alone, with all that is below them."""
    theirs = {part.anchor for part in twin}
    shared: list[Section] = []
    own: list[Section] = []
    outer = 0  # the level of the declared section that is being passed
    for part in parts:
        if not (outer and part.level > outer):
            outer = part.level if part.anchor in chapter.only_sections and part.anchor not in theirs else 0
        (own if outer else shared).append(part)
    return shared, own


Page = tuple[Chapter, list[Section]]
"""A chapter with its sections."""

Pages = dict[str, Page]
"""The chapters of an edition by their paths."""


def read(root: Path, folder: str) -> Pages:
    """Every chapter of an edition by its path, with its sections."""
    chapters, _ = read_chapters(root, folder)  # what is wrong with a head or a file is check_pages.py's to report
    return {chapter.path: (chapter, sections(chapter)) for chapter in chapters}


def differences(english: Sequence[str], chinese: Sequence[str]) -> Said | None:
    """Say which items one list has and the other lacks, and how often."""
    missing, extra = (
        ", ".join(sorted(more.elements())) for more in (Counter(english) - Counter(chinese), Counter(chinese) - Counter(english))
    )
    if missing and extra:
        return say("lacks_and_has_more", missing=missing, extra=extra)
    return say("lacks", missing=missing) if missing else say("has_more", extra=extra) if extra else None


def alone(pages: Pages, others: Pages) -> set[str]:
    """The addresses in an edition of what is declared to be its own: pages, and anchors of sections."""
    found = {path for path, (chapter, _) in pages.items() if "only" in chapter.head}
    for path in pages.keys() & others.keys():
        _, own = shared_sections(*pages[path], others[path][1])
        found |= {f"{path}#{part.anchor}" for part in own}
    return found


def shared_links(chapter: Chapter, part: Section, alone: set[str]) -> list[str]:
    """The links of a section that its twin should have as well: all but those to what this edition has alone."""

    def place(link: str) -> str:
        path, mark, anchor = link.partition("#")
        return (posixpath.normpath(posixpath.join(posixpath.dirname(chapter.path), path)) if path else chapter.path) + mark + anchor

    return [link for link in part.links if not {place(link), place(link).partition("#")[0]} & alone]


def shared_sources(urls: Sequence[str], theirs: Sequence[str], own: Sequence[Section]) -> list[str]:
    """The sources that the twin should have as well: all but those that a section of this edition alone links."""
    return [url for url in urls if url in theirs or not any(url in part.links for part in own)]


def compare(english: Page, chinese: Page, english_alone: set[str], chinese_alone: set[str]) -> Iterator[tuple[int, Said]]:
    """What differs between a page and its twin, each with the line of the Chinese page; what each edition has alone is left out."""
    (source, parts), (twin, own) = english, chinese
    (parts, english_only), (own, chinese_only) = shared_sections(source, parts, own), shared_sections(twin, own, parts)
    for field in SAME:
        if source.head.get(field) != twin.head.get(field):
            line = twin.lines.get((field,), 1)
            found, expected = str(twin.head.get(field)), str(source.head.get(field))
            yield line, say("field_differs", field=field, found=found, expected=expected, file=source.file)
    every = [[str(entry.get("url")) for entry in chapter.sources] for chapter in (source, twin)]
    urls = [shared_sources(every[0], every[1], english_only), shared_sources(every[1], every[0], chinese_only)]
    if urls[0] != urls[1]:
        difference = differences(*urls) or say("other_order_of_sources")
        yield twin.lines.get(("sources",), 1), say("sources_differ", file=source.file, difference=difference)
    outline = [[(part.level, part.anchor) for part in page] for page in (parts, own)]
    if outline[0] != outline[1]:
        names = [[f"{'#' * level} {anchor or '-'}" for level, anchor in page] for page in outline]
        yield 1, say("headings_differ", file=source.file, difference=differences(*names) or say("other_order_of_headings"))
        return  # without the same sections nothing below can be compared
    for part, mine in zip(parts, own, strict=True):
        place = f"{source.file}:{part.line}"
        if lost := differences(part.calls, mine.calls):
            yield mine.line, say("calls_differ", section=mine.anchor, place=place, difference=lost)
        if lost := differences(shared_links(source, part, english_alone), shared_links(twin, mine, chinese_alone)):
            yield mine.line, say("links_differ", section=mine.anchor, place=place, difference=lost)
    noted = str(twin.head.get("twin", "")).split()
    line = twin.lines.get(("twin",), 1)
    how = say("bring_in_step", page=twin.path)
    if not noted:
        yield line, say("never_noted", how=how)
    elif moved := [part for part, digest in zip(parts, [*noted, *[""] * len(parts)], strict=False) if part.digest != digest]:
        where = ", ".join(f"{part.anchor} ({source.file}:{part.line})" for part in moved)
        yield line, say("english_changed", where=where, how=how)


def is_reason(value: object) -> bool:
    """True for words."""
    return isinstance(value, str) and bool(value.strip())


def misdeclared(pages: Pages, there: str, others: Pages) -> Iterator[Problem]:
    """What is wrong with the pages and sections of an edition that are declared to be its own."""
    for path, (chapter, parts) in pages.items():
        twin = {part.anchor for part in others[path][1]} if path in others else set()
        anchors = [part.anchor for part in parts if part.level]

        def at(field: str, said: Said, *inner: str, chapter: Chapter = chapter) -> Problem:
            line = next((chapter.lines[place] for place in ((field, *inner), (field,)) if place in chapter.lines), 1)
            return Problem(chapter.file, line, ".".join([field, *inner]), said)

        if "only" in chapter.head:
            given = chapter.head["only"]
            given = given if isinstance(given, dict) else {}
            close = str(given.get("nearest"))
            if not is_reason(given.get("reason")):
                yield at("only", say("only_no_reason"))
            if close not in others:
                yield at("only", say("only_no_nearest", found=close, folder=EDITIONS[there], hint=nearest(close, others)), "nearest")
            if path in others:
                yield at("only", say("only_has_twin", file=f"{EDITIONS[there]}/{path}"))
            if chapter.only_sections:
                yield at("only_sections", say("only_twice"))
            continue
        for anchor, reason in chapter.only_sections.items():
            if not is_reason(reason):
                yield at("only_sections", say("only_no_reason"), anchor)
            if anchor not in anchors:
                yield at("only_sections", say("only_no_section", found=anchor, hint=nearest(anchor, anchors)), anchor)
            elif anchor in twin:
                yield at("only_sections", say("only_has_section", found=anchor, file=f"{EDITIONS[there]}/{path}"), anchor)


def declared(root: Path) -> Iterator[Said]:
    """Every page and every section that is declared to be of one edition, with its reason."""
    for folder in EDITIONS.values():
        for chapter, _ in read(root, folder).values():
            if isinstance(given := chapter.head.get("only"), dict):
                yield say("only_page", file=chapter.file, reason=str(given.get("reason")), nearest=str(given.get("nearest")))
            for anchor, reason in chapter.only_sections.items():
                yield say("only_section", file=chapter.file, section=anchor, reason=str(reason))


def check(root: Path) -> list[Problem]:
    """All findings of the guide in `root`, sorted by place."""
    english, chinese = (read(root, folder) for folder in EDITIONS.values())
    problems = [*misdeclared(english, "zh", chinese), *misdeclared(chinese, "en", english)]
    problems += [
        Problem(f"docs/{here}/{path}", 1, "", say("no_twin", expected=f"docs/{there}/{path}", hint=nearest(path, set(others) - set(pages))))
        for here, there, pages, others in (("en", "zh", english, chinese), ("zh", "en", chinese, english))
        for path, (chapter, _) in pages.items()
        if path not in others and "only" not in chapter.head
    ]
    own = alone(english, chinese), alone(chinese, english)
    for path in sorted(set(english) & set(chinese)):
        if "only" in english[path][0].head or "only" in chinese[path][0].head:
            continue  # one of the two should not be there, and that is said
        if not (english[path][0].prose and chinese[path][0].prose):
            continue  # one of the two cannot be read
        problems += [Problem(f"docs/zh/{path}", line, "", said) for line, said in compare(english[path], chinese[path], *own)]
    return sorted(problems)


def note(root: Path, path: str) -> bool:
    """Write the digests of the English page into its twin's head; true when that changed the file."""
    file = root / EDITIONS["zh"] / path
    chapter, _ = read_chapter(root, EDITIONS["en"], root / EDITIONS["en"] / path)
    twin, _ = read_chapter(root, EDITIONS["zh"], file)
    shared, _ = shared_sections(chapter, sections(chapter), sections(twin))
    digests = " ".join(part.digest for part in shared)
    first, *head, last = twin.text.split("\n")[: twin.above]
    head = [line for line in head if not line.startswith("twin: ")]
    new = "\n".join([first, *head, f"twin: {digests}", last, *twin.text.split("\n")[twin.above :]])
    if new != twin.text:
        file.write_text(new, encoding="utf-8")
    return new != twin.text


def main(argv: Sequence[str] | None = None) -> int:
    """Print the findings, or note that pages are in step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", nargs="*", metavar="PAGE", help="note these pages (paths below docs/zh), or all, as in step")
    parser.add_argument("root", nargs="?", type=Path, default=ROOT, help="the folder that holds docs/ (default: this guide)")
    arguments = parser.parse_args(argv)
    root: Path = arguments.root
    if arguments.write is not None:
        chinese = read(root, "docs/zh")
        both = {path for path in read(root, "docs/en") if path in chinese}
        wrong = [page for page in arguments.write if page not in both]
        for page in wrong:
            complain(say("not_in_both", page=page, hint=nearest(page, both)))
        headless = [page for page in sorted(arguments.write or both) if page in both and not chinese[page][0].head]
        for page in headless:
            complain(say("not_noted", file=f"docs/zh/{page}"))
        if wrong or headless:
            return 2
        noted = [page for page in sorted(arguments.write or both) if note(root, page)]
        print("\n".join(f"docs/zh/{page}: noted as in step with docs/en/{page}" for page in noted) or "nothing to note")
        return 0
    for said in declared(root):
        complain(said)
    problems = check(root)
    return report(problems, say("in_the_twins"))


if __name__ == "__main__":
    sys.exit(main())
