"""Sentences that say something was looked for and not found: each names the day of the search, and grows stale sooner than a fact.

Somebody may publish tomorrow what was not there today. docs/data/wording.yml lists the turns of phrase and the shelf life;
check_wording.py refuses such a sentence without a day, report_freshness.py counts the days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from catalogue import DATA
from chapters import CALL, EDITIONS, read_chapters, without_code
from reading import FieldPath, Json, read_yaml_file
from words import MONTHS

NOT_SHOWN = ("wording.yml", "link-exceptions.yml", "search-words.yml", "ad-rules.yml")
"""Files of docs/data/ that no page shows."""

TARGET = re.compile(r"\]\((?:[^()]|\([^()]*\))*+\)|https?://\S+|\{ #[a-z0-9-]+ \}")
"""Addresses and anchors: no prose."""

SENTENCE = {"en": re.compile(r"(?<=[.!?])\s+"), "zh": re.compile(r"(?<=[。！？])")}
DAY = {
    "en": re.compile(rf"\b(?P<day>\d{{1,2}}) (?P<month>{'|'.join(MONTHS)}) (?P<year>\d{{4}})\b"),
    "zh": re.compile(r"(?P<year>\d{4}) ?年 ?(?P<month>\d{1,2}) ?月 ?(?P<day>\d{1,2}) ?日"),
}


@dataclass(frozen=True)
class Absence:
    """One such sentence: its place, its words, and the day of the search if it names one (the newest, if it names several)."""

    file: str
    line: int
    sentence: str
    searched: date | None


def values(data: Json, path: FieldPath = ()) -> Iterator[tuple[FieldPath, str]]:
    """Every text in a file of records, with its path."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from values(value, (*path, key))


def day_of(sentence: str, edition: str) -> date | None:
    """The newest day that a sentence names; None when it names none that exists."""
    found = []
    for match in DAY[edition].finditer(sentence):
        month = MONTHS.index(match["month"]) + 1 if edition == "en" else int(match["month"])
        try:
            found.append(date(int(match["year"]), month, int(match["day"])))
        except ValueError:
            continue
    return max(found, default=None)


def shown(root: Path) -> Iterator[tuple[str, int, str, str]]:
    """Every line of prose that the guide shows: file, line, edition, words without addresses and calls."""
    for edition, folder in EDITIONS.items():
        for chapter in read_chapters(root, folder)[0]:
            yield from ((chapter.file, number, edition, TARGET.sub("", CALL.sub("", line))) for number, line in chapter.prose)
    for file in sorted((root / DATA).glob("*.yml")):
        if file.name not in NOT_SHOWN:
            name = file.relative_to(root).as_posix()
            data, lines, _ = read_yaml_file(root, name)
            for path, text in values(data):
                if path[-1] in EDITIONS:
                    yield name, lines.get(path, 1), str(path[-1]), TARGET.sub("", without_code(text))


def absences(root: Path, words: dict[str, Any]) -> Iterator[Absence]:
    """Every sentence of the guide in `root` that has one of the turns of phrase under `absence` in wording.yml."""
    turns = {edition: re.compile("|".join(words["absence"][edition]), re.IGNORECASE) for edition in EDITIONS}
    for file, line, edition, text in shown(root):
        if turns[edition].search(text):
            for sentence in SENTENCE[edition].split(text):
                if turns[edition].search(sentence):
                    yield Absence(file, line, sentence.strip(), day_of(sentence, edition))
