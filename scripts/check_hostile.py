"""Refuse what only a source can show: files that do not belong, hidden characters, anything but calls that a template engine would run.

Reads docs/ and overrides/ as they lie, and the two settings, before anything is built; check_output.py then judges what comes out.
Prints `docs/en/role.md:12: what was found, what was expected`; exits 1 if there is a finding, 0 if there is none.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import characters
import yaml
from allowed import Rules
from catalogue import ROOT
from chapters import foreign_calls
from findings import Problem, Said, report, say
from reading import read_bytes, read_yaml, texts
from render import read_settings

KINDS = {  # what may lie where: folder, name, what is expected
    "docs": (
        r"(en|zh)/(?!404\.md$|(zh|assets|search)/)([a-z0-9-]+/)*[a-z0-9-]+\.md|data/([a-z0-9-]+\.yml|README\.md|schema/[a-z0-9-]+\.json|ads/([a-z0-9-]+\.csv|columns\.txt))"
        r"|kits/(README\.md|[a-z0-9-]+/[a-z0-9_.-]+\.(py|md|yml|toml|txt|ini|json))",
        say("chapter_or_records"),
    ),
    "overrides": (
        r"main\.html|catalogue/[a-z0-9_-]+\.html|drawings/[a-z0-9_-]+\.svg\.html|assets/([a-z0-9-]+\.(css|js|svg)|[a-z0-9-]+\.LICENSE\.txt)",
        say("template_or_asset"),
    ),
}
WIDTH = 8_000
"""The longest line: about three times what the guide has."""

SETTINGS = ("mkdocs.yml", "mkdocs.zh.yml")
SHOWN = 40  # characters of a finding that are repeated in its message
WORDS = r'[^<>&{}"]+'  # of settings, which the theme prints as they are


def bounds(text: str) -> Iterator[tuple[int, Said]]:
    """Lines that are longer than any that a person writes, and what hides in them; the first of each kind is enough."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > WIDTH:
            yield number, say("long_line", width=len(line), limit=WIDTH)
    seen: set[Said] = set()
    for place, said in characters.judge(text):
        if said not in seen:
            seen.add(said)
            yield text.count("\n", 0, place) + 1, said


def escaped(raw: bytes, name: str) -> Iterator[tuple[int, Said]]:
    """What hides in the values of records behind YAML's escapes."""
    data, lines, _ = read_yaml(raw, name)
    for path, text in texts(data):
        yield from ((lines.get(path, 1), said) for _, said in characters.judge(text))


def settings(root: Path, rules: Rules) -> Iterator[Problem]:
    """Settings that would run or load what the guide does not have: hooks, other plugins, scripts, templates."""
    for file in filter(lambda name: (root / name).is_file(), SETTINGS):
        text = (root / file).read_text(encoding="utf-8")
        lines = text.split("\n")
        for token in yaml.scan(text):
            if isinstance(token, yaml.TagToken) and token.value != ("!", "ENV"):
                yield Problem(file, token.start_mark.line + 1, "", say("setting_tag", tag="".join(filter(None, token.value))))
        for name, found, said in unfit(read_settings(root, file), rules.settings):
            line = next((number for number, told in enumerate(lines, 1) if found in told), 1)
            yield Problem(file, line, name, said)


def unfit(value: Any, wanted: Any, name: str = "") -> Iterator[tuple[str, str, Said]]:
    """Settings that are not in allowed.yml, and values that are not what stands there: the name, what to look for, what is wrong."""
    entries = value if isinstance(value, list) else [value]
    if isinstance(wanted, dict):
        for key, part in (pair for entry in entries for pair in (entry.items() if isinstance(entry, dict) else [(entry, None)])):
            if key in wanted:
                yield from unfit(part, wanted[key], key)
            elif key is not None:
                yield str(key), str(key), say("unknown_setting", known=", ".join(wanted))
        return
    for entry in entries:
        if isinstance(entry, dict):  # the navigation: titles, and below them the same again
            yield from (found for title, part in entry.items() for found in [*unfit(title, WORDS, name), *unfit(part, wanted, name)])
        elif isinstance(entry, list):
            yield from unfit(entry, wanted, name)
        elif entry is not None and not re.fullmatch(wanted, str(entry)):
            yield name, str(entry), say("setting_value", found=str(entry)[:SHOWN], wanted=wanted)


def check_file(path: Path, names: str, expected: Said, inside: str) -> Iterator[tuple[int, Said]]:
    """What is wrong with one file as it lies: its kind, its name, its size, its letters."""
    if path.is_symlink():
        yield 1, say("symbolic_link")
    elif not re.fullmatch(names, inside):
        yield 1, say("unused_file", expected=expected)
    else:
        raw, problems = read_bytes(path.parent, path.name)
        yield from ((1, problem.said) for problem in problems)
        try:
            text = raw.decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            yield raw[: error.start].count(b"\n") + 1, say("not_utf_8", byte=f"{raw[error.start]:02x}")
            return
        yield from bounds(text)
        if inside.endswith(".yml") and "\\" in text:
            yield from escaped(raw, inside)
        if inside.endswith(".md") and not inside.startswith(("data/", "kits/")):
            yield from foreign_calls(text)


def check(root: Path) -> list[Problem]:
    """All findings below `root`, sorted by place."""
    problems = list(settings(root, Rules(root if (root / "scripts").is_dir() else ROOT)))
    for top, (names, expected) in KINDS.items():
        for path in sorted((root / top).rglob("*")):
            if path.is_symlink() or not path.is_dir():
                file = "".join(c if c.isprintable() else "�" for c in path.relative_to(root).as_posix())
                found = check_file(path, names, expected, path.relative_to(root / top).as_posix())
                problems += [Problem(file, line, "", said) for line, said in found]
    return sorted(set(problems))


def main(argv: Sequence[str] | None = None) -> int:
    """Print the findings; exit 1 if there is one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?", type=Path, default=ROOT, help="the folder that holds docs/ (default: this guide)")
    problems = check(parser.parse_args(argv).root)
    return report(problems, say("of_hostile_content"))


if __name__ == "__main__":
    sys.exit(main())
