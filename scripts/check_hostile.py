"""Refuse what could put active or deceiving content on the site: a contribution is text, records and nothing else.

Reads every file below docs/ and overrides/, as it is written, before anything is built; prints one line for each finding,
`docs/en/role.md:12: what was found, what was expected`, and exits 1 if there is any, 0 if there is none.
Chapters hold no HTML, no scheme but http, https and mailto, no call but those of macros.py with plain words in quotes;
nothing holds characters that hide, turn round or pass for others; no file has a name or a type that the guide does not use.
"""

from __future__ import annotations

import argparse
import html
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from catalogue import ROOT
from chapters import CALLS
from findings import Problem, Said, report, say

KINDS = {  # what may lie where: folder, name
    "docs": r"(en|zh)/([a-z0-9-]+/)*[a-z0-9-]+\.md|data/([a-z0-9-]+\.yml|README\.md|schema/[a-z0-9-]+\.json)",
    "overrides": (
        r"[a-z0-9-]+\.html|(catalogue|partials)/[a-z0-9_-]+\.html|drawings/[a-z0-9_-]+\.svg\.html"
        r"|assets/([a-z0-9-]+\.(css|js|svg)|[a-z0-9-]+\.LICENSE\.txt)"
    ),
}
CALL = re.compile(r"\{\{ (" + "|".join(CALLS) + r")\(((\"[a-z0-9_-]+\"(, )?)*)\) \}\}")
ATTRIBUTES = re.compile(r"\{:? ?([#.][a-z][a-z0-9-]*)( [#.][a-z][a-z0-9-]*)* ?\}")
TAG = re.compile(r"<(?!https?://[^\s<>]+>)[a-zA-Z/!?][^>]*>?")
TARGET = re.compile(r"\]\(\s*(<[^>]*>|[^\s)]*)|^ {0,3}\[[^\]]+\]:\s*(\S*)|<(https?://[^>\s]+)>", re.MULTILINE)
LINK = re.compile(r"\[([^\[\]]*)\]\(\s*<?(https?://[^\s)>]+)")
HOST_IN_TEXT = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|ai|edu|gov|cn|eu|uk|de|co))(?=[/\s]|$)", re.IGNORECASE)
FENCE = re.compile(r"^\s*(```+|~~~+)")
CODE = re.compile(r"(`+)(?:.(?!\1))*?.?\1")
FOREIGN = re.compile(
    r"[\u0370-\u052f\u0531-\u058f\u0590-\u08ff\u13a0-\u13ff\uff01-\uff5e\U0001d400-\U0001d7ff]"
)  # what passes for Latin letters
FULL_WIDTH = frozenset("！（），：；？～")  # Chinese punctuation of that block
GREEK = re.compile(r"(?<!\w)[α-ωΑ-Ω](?!\w)")  # a single letter is mathematics
SVG = re.compile(
    r"<\s*(script|foreignobject|iframe|object|embed|animate|set)\b|\son\w+\s*=|(?:xlink:)?href\s*=\s*[\"']?(?!#)|url\(\s*[\"']?(?!#)|<!entity|<\?xml-stylesheet",
    re.IGNORECASE,
)
SHOWN = 40  # characters of a finding that are repeated in its message


def plain(address: str) -> str:
    """An address the way a browser reads it: entities and escapes resolved, white space and control characters out."""
    for _ in range(3):
        address = unquote(html.unescape(address))
    return "".join(c for c in address if not c.isspace() and unicodedata.category(c)[0] != "C").strip("<>").lower()


def named(c: str) -> str:
    """A character by its number and name."""
    return f"U+{ord(c):04X} ({unicodedata.name(c, 'no name')})"


def characters(text: str) -> Iterator[tuple[int, Said]]:
    """Characters that hide, turn the text round, or look like others."""
    for number, line in enumerate(text.split("\n"), 1):
        for c in line:
            category = unicodedata.category(c)
            if category in ("Cf", "Co", "Cs", "Cn", "Zl", "Zp") or (category == "Cc" and c not in "\t\r") or 0xFE00 <= ord(c) <= 0xFE0F:
                yield number, say("invisible_character", character=named(c))
            elif category == "Zs" and c not in " \u3000":
                yield number, say("odd_space", character=named(c))
            elif category == "Mn":
                yield number, say("combining_character", character=named(c))
            elif FOREIGN.match(c) and c not in FULL_WIDTH and not (GREEK.search(line) and re.search(rf"(?<!\w){c}(?!\w)", line)):
                yield number, say("foreign_letter", character=named(c))


def addresses(line: str) -> Iterator[Said]:
    """What is wrong with the links of a line: their scheme, their host, and a text that names another host."""
    for match in TARGET.finditer(line):
        target = next(filter(None, match.groups()), "")
        read = plain(target)
        scheme = re.match(r"([a-z][a-z0-9+.-]*):", read)
        if scheme and scheme.group(1) not in ("http", "https", "mailto"):
            yield say("other_scheme", scheme=scheme.group(1))
        elif read.startswith(("//", "\\\\", "/\\")):
            yield say("no_scheme", address=target[:SHOWN])
        elif re.match(r"https?:", read):
            try:
                host = urlsplit(read).netloc
            except ValueError:
                host = "["
            if not re.fullmatch(r"[a-z0-9.-]+(:\d+)?", host) or "xn--" in host:
                yield say("odd_host", host=host[:SHOWN])
    for text, target in LINK.findall(line):
        told = HOST_IN_TEXT.match(text.strip())
        real = (urlsplit(plain(target)).hostname or "").removeprefix("www.")
        if told and not ("." + real).endswith("." + told.group(1).lower().removeprefix("www.")):
            yield say("deceiving_link", shown=told.group(1), real=real)


def chapter(text: str) -> Iterator[tuple[int, Said]]:
    """What a chapter must not hold; calls are looked for in code as well, because the site builder runs them there."""
    fence, lines = "", text.split("\n")
    head = lines.index("---", 1) + 1 if lines[0] == "---" and "---" in lines[1:] else 0  # its fields are held to a schema
    for number, line in enumerate(lines, 1):
        rest = CALL.sub("", line)
        if "{{" in rest or "{%" in rest or "{#" in rest.replace("{ #", ""):
            yield number, say("no_plain_call", found=repr(rest.strip()[:SHOWN]))
        mark = FENCE.match(line)
        if mark and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else mark.group(1)
            if re.search(r"\{|title=|<", line):
                yield number, say("options_beside_fence", found=repr(line.strip()[:SHOWN]))
            continue
        if fence:
            continue
        prose = CODE.sub("", rest)
        if tag := TAG.search(html.unescape(prose)):
            yield number, say("html_in_chapter", found=repr(tag.group()[:SHOWN]))
        for braces in re.findall(r"\{[^{}]*\}", prose) if number > head else ():
            if not ATTRIBUTES.fullmatch(braces):
                yield number, say("odd_attributes", found=repr(braces[:SHOWN]))
        yield from ((number, said) for said in addresses(prose))


def records(text: str) -> Iterator[tuple[int, Said]]:
    """What a record must not hold: its texts are shown as they are, so markup in them is a trick or a mistake."""
    for number, line in enumerate(text.split("\n"), 1):
        body = CODE.sub("", line.split(" #", 1)[0] if not line.lstrip().startswith("#") else "")
        if "{{" in line or "{%" in line:
            yield number, say("braces_in_record")
        if tag := TAG.search(html.unescape(body)):
            yield number, say("html_in_record", found=repr(tag.group()[:SHOWN]))
        if "](" in body:
            yield number, say("link_in_record")
        if re.search(r"!!|!<|&[a-z]+ \S|\*[a-z]+\s*$", body.partition(": ")[2][:60]) and re.search(
            r"(^|\s)(!!\w|!<|&\w+\s|\*\w+\s*$)", body
        ):
            yield number, say("yaml_extras")
        for found in re.findall(r"\b(javascript|vbscript|data|file):[^\s\"']", plain(body) if re.search(r"url|http", body) else ""):
            yield number, say("other_scheme", scheme=found)


def check(root: Path) -> list[Problem]:
    """All findings below `root`, sorted by place."""
    problems: list[Problem] = []
    for top, names in KINDS.items():
        expected = say("chapter_or_records") if top == "docs" else say("template_or_asset")
        for path in sorted((root / top).rglob("*")):
            file = path.relative_to(root).as_posix()
            inside = path.relative_to(root / top).as_posix()
            if path.is_symlink():
                problems.append(Problem(file, 1, "", say("symbolic_link")))
                continue
            if path.is_dir():
                continue
            if not re.fullmatch(names, inside):
                shown = "".join(c if c.isprintable() else "�" for c in file)
                problems.append(Problem(shown, 1, "", say("unused_file", expected=expected)))
                continue
            try:
                text = path.read_bytes().decode("utf-8")
            except UnicodeDecodeError as error:
                problems.append(Problem(file, 1, "", say("not_utf_8", byte=f"{path.read_bytes()[error.start]:02x}")))
                continue
            found = list(characters(text))
            if inside.endswith(".md") and inside != "data/README.md":
                found += chapter(text)
            elif inside.endswith(".yml"):
                found += records(text)
            elif inside.startswith("drawings/") or inside.endswith(".svg"):
                for number, line in enumerate(text.split("\n"), 1):
                    if match := SVG.search(html.unescape(line).replace("xmlns=", "")):
                        found.append((number, say("not_in_drawing", found=repr(match.group().strip()))))
            problems += [Problem(file, number, "", said) for number, said in found]
    return sorted(set(problems))


def main(argv: Sequence[str] | None = None) -> int:
    """Print the findings; exit 1 if there is one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?", type=Path, default=ROOT, help="the folder that holds docs/ (default: this guide)")
    problems = check(parser.parse_args(argv).root)
    return report(problems, say("of_hostile_content"))


if __name__ == "__main__":
    sys.exit(main())
