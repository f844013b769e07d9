"""The counts of advertisements: docs/data/ads/*.csv with the words of docs/data/ads.yml, for calls, plots, tables and the download.

A row of a CSV counts one thing in one set of advertisements: `dataset`, `role` and `part` name the set, `item` the thing;
`ads` were read, `named` of them name it, `low95` and `high95` are Wilson's interval. indeed.csv has a share a month instead.
Every row rests on a record of docs/data/datasets.yml: one that names none ends the build, and so does a call for a row that is not there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalogue import DATA, Catalogue, CatalogueError, nearest
from findings import MissingError, Problem, say
from reading import read_text
from words import date_text

FOLDER = DATA / "ads"
MONTHS = "indeed.csv"
"""The one file that has no counts, but a share a month."""

NARROW = 0.025
"""An interval narrower than this is printed with a decimal."""


@dataclass(frozen=True)
class Count:
    """How many advertisements of a set name a thing; the ends of the interval as the file has them."""

    dataset: str
    role: str
    part: str
    item: str
    ads: int
    named: int
    low: float
    high: float
    employers: int | None
    employers_naming: int | None

    @property
    def share(self) -> float:
        """The share that names the thing."""
        return self.named / self.ads

    @property
    def percent(self) -> str:
        """The share in per cent, as it is printed."""
        return _percent(self.share, self)

    @property
    def interval(self) -> str:
        """The interval in per cent, as it is printed."""
        return f"{_percent(self.low, self)}–{_percent(self.high, self)}"

    @property
    def by_employer(self) -> str:
        """The share of employers with at least one such advertisement, in per cent; empty where it was not counted."""
        if self.employers is None or self.employers_naming is None:
            return ""
        return f"{100 * self.employers_naming / self.employers:.0f}"


def _percent(share: float, count: Count) -> str:
    return f"{100 * share:.{1 if count.high - count.low < NARROW else 0}f}"


class Counts:
    """Every count, asked for by item, role, dataset and part; and the shares by month of a country."""

    def __init__(self, counts: Iterable[Count], months: Mapping[tuple[str, str], Mapping[str, float]]) -> None:
        self.all = {(one.item, one.role, one.dataset, one.part): one for one in counts}
        self.months = months

    def count(self, item: str, role: str, dataset: str, part: str = "all") -> Count:
        """One count; `MissingError` names the nearest that exists."""
        found = self.all.get((item, role, dataset, part))
        if found is None:
            told, known = ", ".join((item, role, dataset, part)), [", ".join(key) for key in self.all]
            raise MissingError(say("no_such_count", asked=told, file=FOLDER.as_posix(), hint=nearest(told, known)))
        return found

    def has(self, item: str, role: str, dataset: str, part: str = "all") -> bool:
        """True when there is such a count."""
        return (item, role, dataset, part) in self.all

    def any_of(self, role: str, dataset: str, part: str = "all") -> Count:
        """Some count of a set of advertisements, to say how many there are."""
        found = [one for (_, *rest), one in self.all.items() if rest == [role, dataset, part]]
        if not found:
            known = sorted({", ".join(rest) for _, *rest in self.all})
            told = ", ".join((role, dataset, part))
            raise MissingError(say("no_such_count", asked=told, file=FOLDER.as_posix(), hint=nearest(told, known)))
        return max(found, key=lambda one: (one.employers or 0, one.item))

    def month(self, dataset: str, country: str, month: str) -> float:
        """The share of a month, in per cent."""
        found = self.months.get((dataset, country), {}).get(month)
        if found is None:
            known = [", ".join((*key, name)) for key, names in self.months.items() for name in names]
            told = ", ".join((dataset, country, month))
            raise MissingError(say("no_such_count", asked=told, file=(FOLDER / MONTHS).as_posix(), hint=nearest(told, known)))
        return found


def read_counts(root: Path, records: Catalogue) -> Counts:
    """Read every CSV; raises `CatalogueError` when one cannot be read or a row names no record of datasets.yml."""
    known = {record.id for record in records.kinds["datasets"]}
    problems: list[Problem] = []
    counts: list[Count] = []
    months: dict[tuple[str, str], dict[str, float]] = {}
    for path in sorted((root / FOLDER).glob("*.csv")):
        name = path.relative_to(root).as_posix()
        text, found = read_text(root, name)
        problems += found
        for line, row in enumerate(csv.DictReader(io.StringIO(text)), 2):
            if row.get("dataset") not in known:
                hint = nearest(str(row.get("dataset")), known)
                problems.append(Problem(name, line, "dataset", say("no_such_dataset", found=str(row.get("dataset")), hint=hint)))
                continue
            try:
                if path.name == MONTHS:
                    months.setdefault((row["dataset"], row["country"]), {})[row["month"]] = float(row["percent"])
                else:
                    counts.append(_count(row))
            except (KeyError, TypeError, ValueError):
                problems.append(Problem(name, line, "", say("no_count")))
    if problems:
        raise CatalogueError(problems[:100])
    return Counts(counts, months)


def _count(row: Mapping[str, str]) -> Count:
    ads, named, low, high = int(row["ads"]), int(row["named"]), float(row["low95"]), float(row["high95"])
    if not (0 <= named <= ads and ads and 0 <= low <= high <= 1):
        raise ValueError
    employers, naming = (int(row[name]) if row[name] else None for name in ("employers", "employers_naming"))
    return Count(row["dataset"], row["role"], row["part"], row["item"], ads, named, low, high, employers, naming)


_kept: dict[str, Any] = {}


def read_counts_once(root: Path, records: Catalogue) -> Counts:
    """Read the counts again only when a file changed; Zensical asks once for every page."""
    files = [*sorted((root / FOLDER).glob("*.csv")), root / DATA / "datasets.yml"]
    state = (str(root), tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files))
    if _kept.get("state") != state:
        _kept.update(counts=read_counts(root, records), state=state)
    counts: Counts = _kept["counts"]
    return counts


# -- for templates -------------------------------------------------------------------------------


def entry(layout: Mapping[str, Any], part: str, name: str) -> Mapping[str, Any]:
    """One plot, table or set of ads.yml; `MissingError` names the nearest that exists."""
    if name not in layout[part]:
        raise MissingError(say("no_such_layout", name=name, part=part, hint=nearest(name, layout[part])))
    found: Mapping[str, Any] = layout[part][name]
    return found


@dataclass(frozen=True)
class View:
    """What the templates of plots and tables may ask."""

    counts: Counts
    layout: Mapping[str, Any]
    records: Catalogue

    def set(self, name: str) -> Mapping[str, Any]:
        """A set of advertisements by its name in ads.yml; its dataset has a record, or the build ends."""
        found = entry(self.layout, "sets", name)
        self.records.get("datasets", found["dataset"])
        return found

    def item(self, name: str) -> Mapping[str, str]:
        """What an item is called."""
        return entry(self.layout, "items", name)

    def count(self, name: str, item: str) -> Count:
        """The count of an item in a set."""
        found = self.set(name)
        return self.counts.count(item, found["role"], found["dataset"], found.get("part", "all"))

    def size(self, name: str) -> Count:
        """Some count of a set, to say how many advertisements it has."""
        found = self.set(name)
        return self.counts.any_of(found["role"], found["dataset"], found.get("part", "all"))

    def year(self, item: str, role: str, dataset: str, year: int) -> Count:
        """The count of an item in the posts of a year."""
        self.records.get("datasets", dataset)
        return self.counts.count(item, role, dataset, f"y{year}")

    def months(self, dataset: str, country: str) -> list[tuple[str, float]]:
        """The shares of a country by month, in order of time."""
        self.records.get("datasets", dataset)
        found = self.counts.months.get((dataset, country))
        if not found:
            self.counts.month(dataset, country, "")  # says what there is
        return sorted((found or {}).items())


def view(counts: Counts, layout: Mapping[str, Any], records: Catalogue) -> View:
    """The view of the counts for templates."""
    return View(counts, layout, records)


# -- in words ------------------------------------------------------------------------------------


def share_text(count: Count, labels: Mapping[str, Any], edition: str) -> str:
    """A count as it stands in a sentence: `43 per cent [38–49] of 289`."""
    words: str = labels["ad_share"][edition]
    return words.format(percent=count.percent, interval=count.interval, ads=grouped(count.ads))


def set_text(count: Count, records: Catalogue, labels: Mapping[str, Any], edition: str) -> str:
    """How many advertisements a set has: `289 advertisements from 196 employers`; of posts on a board, their number."""
    is_posts = records.get("datasets", count.dataset).unit == "posts"
    key = "ad_posts" if is_posts else "ad_set" if count.employers else "ad_set_alone"
    words: str = labels[key][edition]
    return words.format(ads=grouped(count.ads), employers=grouped(count.employers or 0))


def month_text(percent: float, month: str, labels: Mapping[str, Any], edition: str) -> str:
    """A share of a month: `5.8 per cent in June 2026`."""
    words: str = labels["ad_month"][edition]
    return words.format(percent=f"{percent:.1f}", month=date_text(month, edition))


def grouped(number: int) -> str:
    """A whole number with its thousands set apart."""
    return f"{number:,}"


# -- to take along -------------------------------------------------------------------------------


def files(root: Path) -> list[Path]:
    """The files that readers may take along: the counts, and the note on columns and licences."""
    return [*sorted((root / FOLDER).glob("*.csv")), root / FOLDER / "columns.txt"]


def write_counts(root: Path, folders: Iterable[Path]) -> None:
    """Copy them into each of the folders."""
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        for path in files(root):
            (folder / path.name).write_bytes(path.read_bytes())
