"""List the facts that are due for a check, oldest first, with the source to open.

Reads the records, the sentences of records and chapters that say something was not found (absences.py), and the chapters whose
head names a day to look again. Prints one line a fact:
`docs/data/certifications.yml:12: aws-developer-associate: checked 2026-01-02, due since 2026-07-01 → https://…`.
Exits 1 when something is past twice its shelf life, 0 when nothing is, 2 when the records cannot be read.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from absences import absences
from catalogue import ROOT, Catalogue, CatalogueError, load, today_from
from chapters import EDITIONS, read_chapters
from check_wording import read_words
from findings import Problem, both, say

GRACE_DAYS = 30
"""Days after the one named in a chapter's head until the chapter counts as overdue."""


@dataclass(frozen=True)
class Due:
    """A fact whose shelf life has passed: where it stands, when it was checked and when it fell due."""

    file: str
    line: int
    kind: str
    id: str
    verified: str
    due_since: str
    days_over: int
    is_overdue: bool
    source: str
    sentence: str = ""

    @property
    def finding(self) -> Problem:
        """The fact as a finding, in both languages."""
        if self.sentence:
            return Problem(self.file, self.line, "", say("absence_due", day=self.verified, since=self.due_since, sentence=self.sentence))
        if self.kind == "chapters":
            return Problem(self.file, self.line, "", say("chapter_due", day=self.verified, since=self.due_since))
        since, source = self.due_since, self.source or say("no_source")
        said = (
            say("overdue", day=self.verified, since=since, source=source)
            if self.is_overdue
            else say("due", day=self.verified, since=since, source=source)
        )
        return Problem(self.file, self.line, self.id, said)


def due_facts(catalogue: Catalogue) -> list[Due]:
    """Every record past its shelf life."""
    found = []
    for kind, records in catalogue.kinds.items():
        for record in records:
            if record.is_due:
                verified = date.fromisoformat(record.values["verified"])
                since = verified + timedelta(days=record.shelf_life + 1)
                sources = record.values.get("sources", ())
                found.append(
                    Due(
                        file=record.file,
                        line=record.lines.get(("verified",), record.line),
                        kind=kind,
                        id=record.id,
                        verified=verified.isoformat(),
                        due_since=since.isoformat(),
                        days_over=record.days_old - record.shelf_life,
                        is_overdue=record.is_overdue,
                        source=sources[0]["url"] if sources else "",
                    )
                )
    return found


def due_absences(root: Path, today: date) -> list[Due]:
    """Every sentence that says something was not found, whose search is longer ago than such a sentence keeps."""
    words = read_words(root)
    keeps = timedelta(days=words["absence"]["shelf_life_days"])
    return [
        Due(
            file=absence.file,
            line=absence.line,
            kind="absences",
            id="",
            verified=absence.searched.isoformat(),
            due_since=(absence.searched + keeps + timedelta(days=1)).isoformat(),
            days_over=(today - absence.searched - keeps).days,
            is_overdue=today - absence.searched > 2 * keeps,
            source="",
            sentence=absence.sentence,
        )
        for absence in absences(root, words)
        if absence.searched and today - absence.searched > keeps
    ]


def due_chapters(root: Path, today: date) -> list[Due]:
    """Every chapter that nobody has checked since the day, named in its head, on which something that it tells begins or ends."""
    found = []
    for folder in EDITIONS.values():
        for chapter in read_chapters(root, folder)[0]:
            verified, since = str(chapter.head.get("verified", "")), str(chapter.head.get("look_again", ""))
            if since and verified < since <= today.isoformat():
                days_over = (today - date.fromisoformat(since)).days + 1
                line = chapter.lines.get(("look_again",), 1)
                found.append(Due(chapter.file, line, "chapters", "", verified, since, days_over, days_over > GRACE_DAYS, ""))
    return found


def report(facts: Iterable[Due], as_json: bool, today: date) -> str:
    """The list for a person, or for a program (`schema_version` 1)."""
    facts = list(facts)
    if as_json:
        return json.dumps({"schema_version": 1, "today": today.isoformat(), "due": [asdict(fact) for fact in facts]}, indent=2)
    overdue = sum(fact.is_overdue for fact in facts)
    in_all = say("due_in_all", count=len(facts), today=today.isoformat(), overdue=overdue)
    return "\n".join([*(both(fact.finding) for fact in facts), both(in_all)])


def main(argv: Sequence[str] | None = None) -> int:
    """Print what is due; see the top of this file for the exit codes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    parser.add_argument("--today", type=date.fromisoformat, default=None, help="count from this day (2026-11-23) instead of today")
    parser.add_argument("root", nargs="?", type=Path, default=ROOT, help="the folder that holds docs/data (default: this guide)")
    options = parser.parse_args(argv)
    today: date = options.today or today_from(os.environ)
    try:
        catalogue = load(options.root, max(today, today_from(os.environ)))
        elsewhere = [*due_absences(options.root, today), *due_chapters(options.root, today)]
    except CatalogueError as error:
        print(error.message, file=sys.stderr)
        return 2
    facts = sorted([*due_facts(catalogue.on(today)), *elsewhere], key=lambda fact: (fact.verified, fact.file, fact.line))
    print(report(facts, options.json, today))
    return 1 if any(fact.is_overdue for fact in facts) else 0


if __name__ == "__main__":
    sys.exit(main())
