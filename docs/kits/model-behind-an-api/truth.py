"""What the kit itself knows of the data: counts by station, day and hour in California, the rows that are judged, the baselines."""

from __future__ import annotations

import csv
import math
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from acceptance import Trouble

FIRST, JUDGED_FROM, END = date(2014, 1, 1), date(2014, 12, 1), date(2015, 1, 1)
LEAPT_OVER = (date(2014, 3, 9), 2)
"""The hour that did not exist in California."""

SUMMER = ("2014-03-09 10", "2014-11-02 09")
"""Summer time in California in 2014, as hours in UTC: from the first until before the second."""

Row = tuple[int, date, int]
"""Station, day, hour."""

NEEDED = {
    "trips.csv": {"start_date", "start_terminal"},
    "stations.csv": {"station_id"},
}


@cache
def local(hour: str) -> tuple[date, int]:
    """The day and hour in California of an hour in UTC such as `2014-01-01 08`."""
    offset = 7 if SUMMER[0] <= hour < SUMMER[1] else 8
    here = datetime.strptime(hour, "%Y-%m-%d %H") - timedelta(hours=offset)
    return here.date(), here.hour


def started(row: dict[str, str]) -> tuple[date, int]:
    """The day and hour in California at which a trip started."""
    return local(row["start_date"][:13])


class Truth:
    """The data of a folder, counted."""

    def __init__(self, folder: Path) -> None:
        for name, columns in NEEDED.items():
            if not (folder / name).is_file():
                raise Trouble(f"{folder / name} is missing: python acceptance/fetch.py {folder}, or leave KIT_DATA out to use the sample")
            with (folder / name).open(encoding="utf-8", newline="") as file:
                head = set(next(csv.reader(file), []))
            if not columns <= head:
                raise Trouble(f"{folder / name} lacks the columns {', '.join(sorted(columns - head))}: write it anew with convert.py")
        with (folder / "stations.csv").open(encoding="utf-8", newline="") as file:
            self.stations = sorted({int(row["station_id"]) for row in csv.DictReader(file)})
        self.counts: Counter[Row] = Counter()
        try:
            with (folder / "trips.csv").open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    self.counts[int(row["start_terminal"]), *started(row)] += 1
        except ValueError as error:
            raise Trouble(f"{folder / 'trips.csv'}: {error}: write it anew with convert.py") from None

    def rows(self, begin: date, end: date) -> Iterator[Row]:
        """Every station-hour from `begin` until before `end`, whether somebody rode or not."""
        for offset in range((end - begin).days):
            day = begin + timedelta(days=offset)
            for hour in range(24):
                if (day, hour) != LEAPT_OVER:
                    for station in self.stations:
                        yield station, day, hour

    def error(self, rows: Sequence[Row], answers: Sequence[float]) -> float:
        """Root mean squared error."""
        return math.sqrt(sum((self.counts[row] - answer) ** 2 for row, answer in zip(rows, answers, strict=True)) / len(rows))

    def lookup(self, key: Callable[[Row], tuple[object, ...]], rows: Sequence[Row]) -> list[float]:
        """For each row the mean of the training rows with the same key."""
        sums: defaultdict[tuple[object, ...], int] = defaultdict(int)
        numbers: Counter[tuple[object, ...]] = Counter()
        for row in self.rows(FIRST, JUDGED_FROM):
            sums[key(row)] += self.counts[row]
            numbers[key(row)] += 1
        return [sums[key(row)] / max(1, numbers[key(row)]) for row in rows]

    def baselines(self) -> dict[str, float]:
        """The errors of the three baselines in December."""
        rows = list(self.rows(JUDGED_FROM, END))
        return {
            "zero": self.error(rows, [0.0] * len(rows)),
            "station_hour": self.error(rows, self.lookup(lambda row: (row[0], row[2]), rows)),
            "station_hour_weekend": self.error(rows, self.lookup(lambda row: (row[0], row[2], row[1].weekday() >= 5), rows)),
        }

    def busiest(self) -> set[int]:
        """The two busiest hours of the training rows."""
        hours: Counter[int] = Counter()
        for (_, day, hour), count in self.counts.items():
            if FIRST <= day < JUDGED_FROM:
                hours[hour] += count
        return {hour for hour, _ in hours.most_common(2)}


def part(source: Path, target: Path, keep: Callable[[date], bool]) -> Path:
    """A copy of the data with the trips of some days only; return it."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.rda", "trips.csv"))
    kept = target / "trips.csv"
    with (source / kept.name).open(encoding="utf-8", newline="") as whole, kept.open("w", encoding="utf-8", newline="") as file:
        reader = csv.DictReader(whole)
        writer = csv.DictWriter(file, list(reader.fieldnames or ()))
        writer.writeheader()
        writer.writerows(row for row in reader if keep(started(row)[0]))
    return target
