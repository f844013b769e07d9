"""What the checks say: a finding is data, and its words in both languages stand side by side in findings.yml.

`say("tab")` or `say("file_twice", file=name)` names a kind and its values; a wrong kind or value is an error at once.
`Problem` puts what is said to a place, `report` prints problems: each a line in English, for machines too, and one in Chinese.
"""

from __future__ import annotations

import string
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, total_ordering
from pathlib import Path
from typing import Literal

import yaml

Edition = Literal["en", "zh"]

TABLE = Path(__file__).with_name("findings.yml")


@dataclass(frozen=True)
class Words:
    """Words that stand in both languages where they were found, as a schema's descriptions do."""

    en: str
    zh: str

    def text(self, edition: Edition) -> str:
        """The words in one language."""
        return self.en if edition == "en" else self.zh


@total_ordering
@dataclass(frozen=True)
class Said:
    """A kind of finding with its values; `say` makes one. `str()` gives the English words."""

    kind: str
    values: tuple[tuple[str, Value], ...]

    def text(self, edition: Edition) -> str:
        """The words in one language, those of its values too."""
        told = {name: value if isinstance(value, str | int) else value.text(edition) for name, value in self.values}
        return table()[self.kind][edition].format_map(told)

    def __str__(self) -> str:
        return self.text("en")

    def __lt__(self, other: Said) -> bool:
        return str(self) < str(other)


Value = str | int | Said | Words
"""What a finding may hold; a finding inside another is told in the same language."""


@cache
def table() -> Mapping[str, Mapping[str, str]]:
    """The words of every kind, by language."""
    kinds: Mapping[str, Mapping[str, str]] = yaml.load(TABLE.read_bytes(), yaml.CSafeLoader)
    return kinds


def names(words: str) -> set[str]:
    """The names of the values that the words of a kind ask for."""
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


@cache
def wanted(kind: str) -> set[str]:
    """The names of the values that a kind has; raises `LookupError` when findings.yml has no such kind."""
    if kind not in table():
        raise LookupError(f"findings.yml has no kind {kind!r}")
    return names(table()[kind]["en"])


def say(kind: str, **values: Value) -> Said:
    """A finding of a kind, or words that stand in another finding; raises `LookupError` unless it has exactly the values of its kind."""
    if set(values) != wanted(kind):
        raise LookupError(f"{kind}: found the values {sorted(values)}, expected {sorted(wanted(kind))}")
    return Said(kind, tuple(sorted(values.items())))


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong at one place; `str()` gives the line that a person reads."""

    file: str
    line: int
    field: str
    said: Said

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return self.said.text("en")

    @property
    def in_chinese(self) -> str:
        """What is wrong, in Chinese."""
        return self.said.text("zh")

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        return f"{self.file}:{self.line}: {where}{self.message}"


class MissingError(KeyError):
    """Something asked for by name is not there; the message says so in both languages."""

    def __init__(self, said: Said) -> None:
        super().__init__(said.kind)
        self.said = said

    def __str__(self) -> str:
        return both(self.said)


def both(finding: Said | Problem) -> str:
    """A finding in English and, set in below it, in Chinese."""
    said = finding.said if isinstance(finding, Problem) else finding
    return f"{finding}\n  {said.text('zh')}"


def complain(said: Said) -> None:
    """Print to stderr, in both languages, why a command does not do what it was asked."""
    print(both(said), file=sys.stderr)


def report(problems: Sequence[Problem], where: Said) -> int:
    """Print findings, each in both languages, and their number to stderr; 1 if there is one, else 0."""
    for problem in problems:
        print(both(problem))
    complain(say("one_finding", where=where) if len(problems) == 1 else say("findings", count=len(problems), where=where))
    return 1 if problems else 0
