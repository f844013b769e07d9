"""The list of patterns for advertisements: read docs/data/skill-patterns.yml and ad-rules.yml, hold them to their schema, and match.

A pattern comes from whoever proposes a change, so it is held to a dialect whose work is bounded (no repeat without an end, no reference
back), and every search has a time limit. A pattern that misses its own sentences, or finds one that it must spare, is a finding.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import regex
from catalogue import DATA, CatalogueError, held_to, nearest, read_shared, validator_of
from findings import Problem, Said, say
from reading import FieldPath, Json, dotted, read_yaml_file

LIST = DATA / "skill-patterns.yml"
RULES = DATA / "ad-rules.yml"

PATIENCE = 5.0
"""Seconds that one search may take; in 100,000 characters the slowest pattern takes a hundredth of one."""

ESCAPED = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")
"""What stands for itself in a regular expression: an escaped letter, and a class of letters."""

ENDLESS = re.compile(r"[*+]|\{\d*,\}|\{\d{3,}|\{\d*,\d{3,}")
FOREIGN = re.compile(r"\\[1-9gGkKLNRXp]|\(\?(?!:|=|!|<=|<!|-i:)|\{[a-z]")
"""References back, calls of a group, flags and whatever else the dialect does without."""


BULLET = re.compile(r"\s*(?:[-–—•·●▪◦○*+]|\d{1,2}[.)、])\s")
"""How a line of a list begins: it is no heading."""

DECORATION = re.compile(r"^(?:[#*_=>【\[\s\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]|[0-9一二三四五六七八九十]{1,2}[.、)])+")
"""What may stand before the words of a heading."""


class SlowError(Exception):
    """A pattern took longer than `PATIENCE`."""


def plain(text: str) -> str:
    """A text as patterns see it: HTML's entities read, full-width letters plain, a word broken at a hyphen joined, single blanks."""
    text = unicodedata.normalize("NFKC", html.unescape(text))
    text = "".join(character for character in text if character.isprintable() or character.isspace())
    text = re.sub(r"(?<=[A-Za-z])-[ \t]*\n\s*(?=[a-z])", "-", text)
    return " ".join(text.split())


def unglued(text: str) -> str:
    """A plain text, and once more with glued words apart where its source lost the line breaks (`PythonAbility`)."""
    if "\n" in text.strip():
        return plain(text)
    return f"{plain(text)} {re.sub(r'(?<=[a-z])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z]{2})', ' ', plain(text))}"


def undialectal(pattern: str) -> str:
    """The part of a pattern that the dialect does not have; empty when there is none."""
    bare = ESCAPED.sub(lambda found: found.group() if FOREIGN.match(found.group()) else "", pattern)
    found = ENDLESS.search(bare) or FOREIGN.search(bare)
    return found.group() if found else ""


@dataclass(frozen=True)
class Pattern:
    """One thing that is looked for, ready to search; `values` is what the list says of it."""

    id: str
    values: Mapping[str, Any]
    ready: Any

    def is_in(self, text: str) -> bool:
        """True when it occurs in a plain text; raises `SlowError` when that takes too long to say."""
        return found_in(self.ready, text)


def found_in(ready: Any, text: str) -> bool:
    """True when a compiled pattern occurs in a text; raises `SlowError` when that takes too long to say."""
    try:
        return ready.search(text, timeout=PATIENCE) is not None
    except TimeoutError:
        raise SlowError from None


def compiled(patterns: Sequence[str]) -> Any:
    """Patterns as one, any of them; `\\b` and `\\w` know Latin letters alone, so that Chinese neighbours end a word."""
    return regex.compile("|".join(f"(?:{pattern})" for pattern in patterns), regex.IGNORECASE | regex.ASCII)


def _each(patterns: Sequence[str]) -> list[Any]:
    """Each pattern by itself."""
    return [compiled([one]) for one in patterns]


def _spoken(patterns: Sequence[str]) -> Iterator[tuple[int, Said]]:
    """Patterns that are not in the dialect or cannot be read, each with its place in the list."""
    for index, pattern in enumerate(patterns):
        if part := undialectal(pattern):
            yield index, say("pattern_dialect", found=part)
            continue
        try:
            compiled([pattern])
        except regex.error as error:
            yield index, say("pattern_unreadable", reason=str(error))
    if len(set(patterns)) < len(patterns):
        yield 0, say("item_twice", found=patterns[0])


def _sense(values: Mapping[str, Any], skills: set[str]) -> Iterator[tuple[FieldPath, Said]]:
    """What a schema cannot say of one pattern: that it can be read, does what its sentences say, and names skills that exist."""
    wrong = [(("patterns", index), said) for index, said in _spoken(values["patterns"])]
    yield from wrong
    for index, skill in enumerate(values["skills"]):
        if skill not in skills:
            yield ("skills", index), say("no_such_id", found=f'"{skill}"', what=say("a_skill"), hint=nearest(skill, skills))
    if wrong:
        return
    ready = compiled(values["patterns"])
    for field, is_wanted in (("finds", True), ("spares", False)):
        for edition in ("en", "zh"):
            for index, sentence in enumerate(values[field][edition]):
                try:
                    if found_in(ready, plain(sentence)) != is_wanted:
                        said = say("pattern_misses", sentence=sentence) if is_wanted else say("pattern_finds", sentence=sentence)
                        yield (field, edition, index), said
                except SlowError:
                    yield (field, edition, index), say("pattern_slow", seconds=int(PATIENCE))


def _line(lines: Mapping[FieldPath, int], path: FieldPath) -> int:
    """The line of a value, or of the nearest thing above it that is there."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def read_patterns(root: Path) -> list[Pattern]:
    """Every pattern of the list, in its order; raises `CatalogueError` with all that is wrong with it."""
    name = LIST.as_posix()
    data, lines, problems = read_yaml_file(root, name)
    skills = {one["id"] for one in read_yaml_file(root, (DATA / "skills.yml").as_posix())[0] or () if isinstance(one, dict) and "id" in one}
    found: list[Pattern] = []
    if not problems and not isinstance(data, list):
        problems = [Problem(name, 1, "", say("no_list_of_records", found=type(data).__name__))]
    if problems:
        raise CatalogueError(problems)
    validator = validator_of(read_shared(root)["skill_pattern"])
    seen: dict[str, int] = {}
    for index, values in enumerate(data):
        wrong = list(held_to(validator, values)) or list(_sense(values, skills))
        problems += [Problem(name, _line(lines, (index, *path)), dotted(path), said) for path, said in wrong]
        if wrong:
            continue
        here = _line(lines, (index, "id"))
        if values["id"] in seen:
            problems.append(Problem(name, here, "id", say("value_of_another", found=f'"{values["id"]}"', line=seen[values["id"]])))
        seen[values["id"]] = here
        found.append(Pattern(values["id"], values, compiled(values["patterns"])))
    if problems:
        raise CatalogueError(problems)
    return found


def _is_broken(before: str, line: str, after: str) -> bool:
    """True where a source seems to break its lines, so that this one goes on with the last one, or the next one with it."""
    indent = len(line) - len(line.lstrip())
    ended = not before.strip() or BULLET.match(before) or before.rstrip().endswith((".", ":", ";", "!", "?", "。", "：", "；", "*"))
    return after[indent : indent + 1].islower() or not (ended or len(before) - len(before.lstrip()) != indent)


@dataclass(frozen=True)
class Rules:
    """How advertisements are read: names of columns, roles by title, headings of sections, and where a text is too short."""

    values: Mapping[str, Any]
    roles: Sequence[tuple[str, Sequence[Any], Sequence[Any]]]
    headings: Mapping[str, Any]

    def role(self, title: str) -> str:
        """The role that a title names, by the first rule that fits."""
        title = plain(title)
        for role, wanted, spared in self.roles:
            if all(found_in(one, title) for one in wanted) and not any(found_in(one, title) for one in spared):
                return role
        return "other"

    def kind_of_heading(self, line: str) -> str:
        """Which section a line opens: `requirements`, `preferred`, `other`; empty when it is no heading."""
        line = plain(line).rstrip("*_:> 】]")
        if BULLET.match(line) or len(line) > self.values["longest_heading"] or line.endswith((".", "。", ",", ";")):
            return ""
        line = DECORATION.sub("", line)
        return next((kind for kind in ("preferred", "requirements", "other") if self.headings[kind].match(line, timeout=PATIENCE)), "")

    def requirements(self, text: str) -> str:
        """The lines of a text from each heading of requirements to the next heading; empty when there is no such heading."""
        kept, kind = [], ""
        lines = ["", *text.splitlines(), ""]
        for before, line, after in zip(lines, lines[1:], lines[2:], strict=False):
            kind = ("" if _is_broken(before, line, after) else self.kind_of_heading(line)) or kind
            if kind == "requirements":
                kept.append(line)
        return "\n".join(kept)


def read_rules(root: Path) -> Rules:
    """The rules of ad-rules.yml; raises `CatalogueError` with all that is wrong with them."""
    name = RULES.as_posix()
    values, lines, problems = read_yaml_file(root, name)
    if not problems:
        wrong = list(held_to(validator_of(read_shared(root)["ad_rules"]), values))
        places: list[tuple[FieldPath, Json]] = []
        if not wrong:
            for index, role in enumerate(values["roles"]):
                places += [(("roles", index, field), role[field]) for field in ("title", "spares") if field in role]
            places += [(("headings", kind), patterns) for kind, patterns in values["headings"].items()]
        wrong += [((*path, index), said) for path, patterns in places for index, said in _spoken(patterns)]
        problems = [Problem(name, _line(lines, path), dotted(path), said) for path, said in wrong]
    if problems:
        raise CatalogueError(problems)
    roles = [(role["id"], _each(role["title"]), _each(role.get("spares", ()))) for role in values["roles"]]
    return Rules(values, roles, {kind: compiled(patterns) for kind, patterns in values["headings"].items()})
