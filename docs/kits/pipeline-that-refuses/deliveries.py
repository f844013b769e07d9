"""Deliveries: files in the folder of the day on which they arrived, with the fields of GHCN-D, and what is known of them.

INBOX/2021-04-02/2021-04-01.csv       the weather of 1 April, arrived on 2 April
INBOX/2021-05-10/corrections.csv      rows about earlier days, arrived on 10 May
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

COLUMNS = ("ID", "DATE", "ELEMENT", "DATA_VALUE", "M_FLAG", "Q_FLAG", "S_FLAG", "OBS_TIME")
ELEMENTS = ("TMAX", "TMIN", "PRCP")
DAY = timedelta(1)
HELD = "day_held"
"""The rule under which the good rows of a day stand that was held back as a whole."""

Row = dict[str, str]
Key = tuple[str, str, str]
"""Station, day such as 2021-04-01, and element."""


@dataclass(frozen=True)
class Delivery:
    """A file, the day on which it arrived, and which of its rows have to be refused by which rule: number of the row to rule."""

    arrived: date
    name: str
    rows: tuple[Row, ...]
    refused: dict[int, str] = field(default_factory=dict)
    columns: tuple[str, ...] = COLUMNS

    @property
    def title(self) -> str:
        """The path in the inbox, such as 2021-04-02/2021-04-01.csv."""
        return f"{self.arrived}/{self.name}"

    def text(self) -> str:
        """The file."""
        out = io.StringIO()
        writer = csv.DictWriter(out, self.columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return out.getvalue()

    def write(self, inbox: Path) -> Path:
        """Put the file into an inbox."""
        path = inbox / self.title
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text(), encoding="utf-8")
        return path

    def accepted(self) -> dict[Key, float]:
        """What becomes visible: degrees Celsius and millimetres."""
        return {key_of(row): int(row["DATA_VALUE"]) / 10 for number, row in enumerate(self.rows) if number not in self.refused}

    def broken(self) -> dict[int, str]:
        """The lines of the file that have to stand in the quarantine, the head being line 1, with their rules."""
        return {number + 2: rule for number, rule in self.refused.items()}

    def whole(self, rule: str) -> Delivery:
        """The delivery with all rows refused by a rule that concerns the file as a whole; rows refused already keep their rule."""
        return replace(self, refused={number: self.refused.get(number, rule) for number in range(len(self.rows))})


def day_file(rows: Iterable[Row], day: date, arrived: date | None = None) -> Delivery:
    """The file of a day, arrived on the next morning unless said otherwise."""
    return Delivery(arrived or day + DAY, f"{day}.csv", tuple(rows))


def row_of(station: str, day: date, element: str, tenths: int) -> Row:
    """A row with the fields of GHCN-D; the value in tenths of a degree Celsius or of a millimetre."""
    return dict(zip(COLUMNS, (station, f"{day:%Y%m%d}", element, str(tenths), "", "", "S", ""), strict=True))


def key_of(row: Row) -> Key:
    """Station, day and element of a row."""
    when = row["DATE"]
    return row["ID"], f"{when[:4]}-{when[4:6]}-{when[6:]}", row["ELEMENT"]


@dataclass
class Known:
    """What was known when: for each station, day and element the values with the days of their arrival."""

    told: dict[Key, list[tuple[date, float]]] = field(default_factory=dict)

    def take(self, delivery: Delivery) -> None:
        """Take in what a delivery makes visible."""
        for key, value in delivery.accepted().items():
            self.told.setdefault(key, []).append((delivery.arrived, value))

    def at(self, first: date, last: date, known: date) -> dict[Key, float]:
        """The values of the days from `first` to `last` as known on the evening of `known`."""
        found = {}
        for key, history in self.told.items():
            seen = [one for one in history if one[0] <= known]
            if seen and f"{first}" <= key[1] <= f"{last}":
                found[key] = max(seen, key=lambda one: one[0])[1]
        return found

    def week(self, last: date, known: date) -> dict[str, tuple[float, int]]:
        """For each station the mean of TMAX over the seven days that end with `last`, as known on `known`, and how many values it has."""
        values: dict[str, list[float]] = {}
        for (station, _, element), value in self.at(last - 6 * DAY, last, known).items():
            if element == "TMAX":
                values.setdefault(station, []).append(value)
        return {station: (sum(seen) / len(seen), len(seen)) for station, seen in values.items()}


def contract(stations: Iterable[str]) -> dict[str, object]:
    """The contract of the sample in the form that the interface asks for."""
    return {
        "version": 1,
        "changes": [{"version": 1, "on": "2018-12-01", "agreed": "R. Okafor (sender), L. Chen (energy)", "what": "first"}],
        "arrives": {"days_after": 1, "by": "05:30"},
        "answers": "R. Okafor, weather desk",
        "on_duty": "L. Chen, energy data",
        "columns": list(COLUMNS),
        "elements": {
            "TMAX": {"unit": "0.1 degC", "low": -60, "high": 60},
            "TMIN": {"unit": "0.1 degC", "low": -60, "high": 60},
            "PRCP": {"unit": "0.1 mm", "low": 0, "high": 500},
        },
        "stations": sorted(stations),
        "whole_day": 0.8,
        "refused_at_most": 0.2,
    }


def save_contract(held: dict[str, object], path: Path) -> Path:
    """Write a contract."""
    path.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
    return path
