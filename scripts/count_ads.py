"""Count what advertisements of jobs name: from the files that somebody has to the numbers that a chapter shows, in one command.

    python scripts/count_ads.py my-folder --dataset my-board-2027 --output counts.csv

Reads CSV, JSON (lines), YAML or text files (ad_input.py says how; each advertisement has a title, an employer and a text), drops repeats,
tells roles apart by title and finds the requirements by their headings (docs/data/ad-rules.yml), looks for each pattern of
docs/data/skill-patterns.yml, and writes a row for each role, part and pattern. Texts stay where they are; only counts come out.

The parts: `all` is anywhere in the text; `requirements` is below a heading of requirements, among the advertisements that have one;
`same-ads` is anywhere in those same advertisements. `low95` and `high95` are Wilson's interval, as if advertisements were independent;
`cluster_low95` and `cluster_high95` draw whole employers anew (a bootstrap with a seed), which is wider where few firms post much.

    python scripts/count_ads.py --check                   # do the patterns do what their sentences say?
    python scripts/count_ads.py --labelled sentences.yml  # precision, recall and every error on labelled sentences

Exits 0 when all is well, 1 with findings (then nothing is written, unless --leave-out counts the rest), 2 when it cannot run.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from ad_input import FIELDS, Advertisement, read_advertisements
from ad_patterns import LIST, PATIENCE, Pattern, Rules, SlowError, plain, read_patterns, read_rules, unglued
from catalogue import ROOT, CatalogueError, nearest
from findings import Problem, complain, report, say
from intervals import by_employer, wilson
from reading import read_yaml

HAN = re.compile("[\u4e00-\u9fff]")
ALL_TITLES = "all-titles"
PARTS = ("all", "requirements", "same-ads")
COLUMNS = (
    *("dataset", "role", "part", "item", "ads", "named", "share", "low95", "high95"),
    *("employers", "employers_naming", "employer_share", "cluster_low95", "cluster_high95"),
)


@dataclass(frozen=True)
class Read:
    """One advertisement as it is counted: what it names anywhere, and below headings of requirements (None: it has no such heading)."""

    employer: str
    role: str
    named: frozenset[str]
    required: frozenset[str] | None


# -- which are counted ---------------------------------------------------------------------------


def employer_key(name: str, endings: Sequence[str]) -> str:
    """An employer's name without case, punctuation and legal form, so that two spellings are one."""
    words = re.sub(r"[^\w]+", " ", plain(name).casefold().replace(".", "")).strip()
    for ending in sorted(endings, key=len, reverse=True):
        shorter = words.removesuffix(ending if HAN.search(ending) else f" {ending}").strip()
        if shorter and shorter != words:
            return shorter
    return words


def without_repeats(found: Iterable[Advertisement], rules: Rules) -> tuple[list[tuple[str, Advertisement]], int, int]:
    """Advertisements with their employer's key, the first of each employer and whole text; how many repeats and short ones there were."""
    kept: list[tuple[str, Advertisement]] = []
    seen: set[tuple[str, str]] = set()
    repeats = short = 0
    for nth, one in enumerate(found):
        employer = employer_key(one.employer, rules.values["company_endings"]) or f"?{nth}"  # unnamed: each its own
        letters = re.sub(r"[\W_]+", "", plain(one.text).casefold())
        key = (employer if one.employer else "", letters)
        language = "zh" if len(HAN.findall(letters)) > len(letters) / 2 else "en"
        if key in seen:
            repeats += 1
        elif len(plain(one.text)) < rules.values["shortest"][language]:
            short += 1
        else:
            kept.append((employer, one))
        seen.add(key)
    return kept, repeats, short


def read_one(employer: str, one: Advertisement, patterns: Sequence[Pattern], rules: Rules) -> Read:
    """What an advertisement names; raises `SlowError` when a pattern takes too long."""
    text, section = unglued(one.text), plain(rules.requirements(one.text))
    named = frozenset(pattern.id for pattern in patterns if pattern.is_in(text))
    required = frozenset(pattern.id for pattern in patterns if pattern.is_in(section)) if section else None
    return Read(employer, rules.role(one.title), named, required)


# -- counting ------------------------------------------------------------------------------------


def rows_of(read: Sequence[Read], items: Sequence[str], dataset: str, smallest: int, draws: int, seed: int) -> Iterator[dict[str, Any]]:
    """Every row of the counts: all titles, then each role with enough advertisements."""
    sizes = Counter(one.role for one in read)
    for role in (ALL_TITLES, *sorted(role for role, size in sizes.items() if size >= smallest)):
        of_role = [one for one in read if role in (ALL_TITLES, one.role)]
        for part in PARTS:
            chosen = of_role if part == "all" else [one for one in of_role if one.required is not None]
            sets = [(one.employer, one.required or frozenset() if part == "requirements" else one.named) for one in chosen]
            if len(sets) >= smallest:
                yield from ({"dataset": dataset, "role": role, "part": part, **row} for row in _counted(sets, items, draws, seed))


def _counted(sets: Sequence[tuple[str, frozenset[str]]], items: Sequence[str], draws: int, seed: int) -> Iterator[dict[str, Any]]:
    """The counts of one set of advertisements."""
    employers = {name: place for place, name in enumerate(sorted({employer for employer, _ in sets}))}
    sizes = Counter(employers[employer] for employer, _ in sets)
    hits: dict[str, Counter[int]] = {item: Counter() for item in items}
    for employer, named in sets:
        for item in named:
            hits[item][employers[employer]] += 1
    drawn = by_employer([sizes[place] for place in range(len(employers))], hits, draws, seed) if len(employers) > 1 and draws else {}
    for item in items:
        named_in = hits[item].total()
        low, high = wilson(named_in, len(sets))
        around = drawn.get(item) if 0 < named_in < len(sets) else None  # all or none: drawing anew shows no spread
        yield {
            "item": item,
            "ads": len(sets),
            "named": named_in,
            "share": f"{named_in / len(sets):.4f}",
            "low95": f"{low:.4f}",
            "high95": f"{high:.4f}",
            "employers": len(employers),
            "employers_naming": len(hits[item]),
            "employer_share": f"{len(hits[item]) / len(employers):.4f}",
            "cluster_low95": f"{around[0]:.4f}" if around else "",
            "cluster_high95": f"{around[1]:.4f}" if around else "",
        }


def write(rows: Iterable[Mapping[str, Any]], target: TextIO) -> None:
    """Rows as CSV."""
    table = csv.DictWriter(target, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)


# -- how good the patterns are -------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """What patterns make of labelled sentences: how often they were right, and each error as (line, pattern, is it there?)."""

    sentences: int
    right: int
    errors: tuple[tuple[int, str, bool], ...]

    @property
    def precision(self) -> float:
        """The part of what was found that is there."""
        wrong = sum(not is_there for _, _, is_there in self.errors)
        return self.right / (self.right + wrong) if self.right + wrong else 1.0

    @property
    def recall(self) -> float:
        """The part of what is there that was found."""
        missed = sum(is_there for _, _, is_there in self.errors)
        return self.right / (self.right + missed) if self.right + missed else 1.0


def measure(path: Path, patterns: Sequence[Pattern]) -> tuple[Measured, list[Problem], list[Problem]]:
    """Hold patterns to sentences with labels: what was measured, its errors as findings, and what is wrong with the file."""
    name, ids = path.as_posix(), [pattern.id for pattern in patterns]
    try:
        data, lines, problems = read_yaml(path.read_bytes(), name)
    except OSError as error:
        data, lines, problems = None, {}, [Problem(name, 1, "", say("not_readable", reason=str(error.strerror)))]
    errors: list[tuple[int, str, bool]] = []
    told: list[Problem] = []
    right = 0
    for index, one in enumerate(data if isinstance(data, list) else ()):
        line = lines[(index,)]
        if not isinstance(one, dict) or set(one) != {"text", "has"} or not isinstance(one["text"], str) or not isinstance(one["has"], list):
            problems.append(Problem(name, line, "", say("no_labelled")))
            continue
        unknown = [str(label) for label in one["has"] if label not in ids]
        problems += [Problem(name, line, "has", say("ad_label", found=label, hint=nearest(label, ids))) for label in unknown]
        text = plain(one["text"])
        for pattern in patterns:
            is_found, is_there = pattern.is_in(text), pattern.id in one["has"]
            right += is_found and is_there
            if is_found != is_there:
                errors.append((line, pattern.id, is_there))
                said = say("ad_missed" if is_there else "ad_found_wrongly", pattern=pattern.id, sentence=one["text"])
                told.append(Problem(name, line, "", said))
    if not problems and not isinstance(data, list):
        problems = [Problem(name, 1, "", say("no_labelled"))]
    return Measured(len(data) if isinstance(data, list) else 0, right, tuple(errors)), told, problems


def show_measured(paths: Iterable[Path], patterns: Sequence[Pattern]) -> int:
    """Print how good the patterns are on files of labelled sentences; 1 when a file is wrong."""
    failed = 0
    for path in paths:
        measured, told, problems = measure(path, patterns)
        if problems:
            failed = report(problems, say("in_the_patterns"))
            continue
        report(told, say("in_the_patterns"))
        wrong = sum(not is_there for _, _, is_there in measured.errors)
        complain(
            say(
                "ads_measured",
                sentences=measured.sentences,
                found=measured.right + wrong,
                wrong=wrong,
                missed=len(measured.errors) - wrong,
                precision=f"{measured.precision:.3f}",
                recall=f"{measured.recall:.3f}",
            )
        )
    return failed


# -- the command ---------------------------------------------------------------------------------


def count(options: argparse.Namespace, patterns: Sequence[Pattern], rules: Rules) -> int:
    """Read, count and write; see the top of this file for the exit codes."""
    columns = {field: list(rules.values["columns"][field]) for field in FIELDS}
    for field, name in options.column:
        columns[field].insert(0, " ".join(plain(name).lower().split()))
    found, problems = read_advertisements(options.paths, columns)
    if problems:
        report(problems, say("in_the_ads"))
        if not options.leave_out:
            return 1
    kept, repeats, short = without_repeats(found, rules)
    if not kept:
        return report([Problem(options.paths[0].as_posix(), 1, "", say("no_ads_left"))], say("in_the_ads"))
    read = []
    for employer, one in kept:
        try:
            read.append(read_one(employer, one, patterns, rules))
        except SlowError:
            return report([Problem(one.file, one.line, "text", say("pattern_slow", seconds=int(PATIENCE)))], say("in_the_ads"))
    rows = rows_of(read, [pattern.id for pattern in patterns], options.dataset, options.smallest, options.draws, options.seed)
    if options.output:
        with options.output.open("w", encoding="utf-8", newline="") as target:
            write(rows, target)
    else:
        write(rows, sys.stdout)
    of, bad = len({one.employer for one in read}), len(problems)
    complain(say("ads_counted", read=len(found), bad=bad, repeats=repeats, short=short, used=len(read), employers=of))
    return 0


def _pair(text: str) -> tuple[str, str]:
    """`title=Name` as a field and a column; argparse reports anything else."""
    field, sign, name = text.partition("=")
    if not sign or field not in FIELDS or not name.strip():
        raise argparse.ArgumentTypeError(str(say("ad_option", found=text, expected="title=NAME, employer=NAME or text=NAME")))
    return field, name


def _whole(least: int) -> Any:
    """A reader of whole numbers from `least`."""

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= 1_000_000:
            raise argparse.ArgumentTypeError(str(say("ad_option", found=text, expected=f"a whole number from {least}")))
        return int(text)

    return read


def main(argv: Sequence[str] | None = None) -> int:
    """Do what is asked; see the top of this file for the exit codes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, help="files or folders of advertisements")
    parser.add_argument("--dataset", default="mine", help="the name of this set in the first column")
    parser.add_argument("--output", type=Path, help="the CSV to write (default: print it)")
    parser.add_argument("--column", type=_pair, action="append", default=[], metavar="FIELD=NAME", help="the column of a field")
    parser.add_argument("--leave-out", action="store_true", help="count the rest when something cannot be read")
    parser.add_argument("--smallest", type=_whole(1), default=30, help="leave out sets with fewer advertisements (default: 30)")
    parser.add_argument("--draws", type=_whole(0), default=1000, help="samples of the bootstrap; 0: none (default: 1000)")
    parser.add_argument("--seed", type=_whole(0), default=7, help="where its chance begins (default: 7)")
    parser.add_argument("--check", action="store_true", help="hold the patterns to their own sentences")
    parser.add_argument("--labelled", action="store_true", help="the files are labelled sentences: measure precision and recall")
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder that holds docs/data (default: this guide)")
    options = parser.parse_args(argv)
    try:
        patterns, rules = read_patterns(options.root), read_rules(options.root)
    except CatalogueError as error:
        report(error.problems, say("in_the_patterns"))
        return 1
    if options.check:
        return report([], say("in_the_patterns"))
    if not options.paths:
        parser.error(str(say("ad_option", found=0, expected=f"files of advertisements, or --check for {LIST}")))
    return show_measured(options.paths, patterns) if options.labelled else count(options, patterns, rules)


if __name__ == "__main__":
    sys.exit(main())
