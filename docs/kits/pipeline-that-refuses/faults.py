"""The ten defects and the faults of "what breaks" as switches, for the tests and for you.

    python acceptance/faults.py NAME INBOX/2021-04-12/2021-04-11.csv OUT      one defect in a copy of a good file, below the inbox OUT
    python acceptance/faults.py                                              the names

Each takes a good delivery and gives back one that has to be refused in part or as a whole, with the rule for each refused row.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from deliveries import COLUMNS, DAY, HELD, Delivery, Row, row_of

UNKNOWN = "KIT00000099"


def changed(delivery: Delivery, rule: str, numbers: Sequence[int], **values: str) -> Delivery:
    """Some rows with other values, each refused by a rule."""
    rows = tuple({**row, **values} if number in numbers else row for number, row in enumerate(delivery.rows))
    return replace(delivery, rows=rows, refused={**delivery.refused, **dict.fromkeys(numbers, rule)})


def fahrenheit(row: Row) -> Row:
    """A temperature in tenths of a degree Fahrenheit, anything else as it is."""
    if row["ELEMENT"] == "PRCP":
        return row
    return {**row, "DATA_VALUE": str(round(1.8 * int(row["DATA_VALUE"]) + 320))}


def unit(delivery: Delivery) -> Delivery:
    """One station sends Fahrenheit: as numbers they are possible, only not for this station after yesterday."""
    station = delivery.rows[0]["ID"]
    numbers = [number for number, row in enumerate(delivery.rows) if row["ID"] == station and row["ELEMENT"] != "PRCP"]
    rows = tuple(fahrenheit(row) if number in numbers else row for number, row in enumerate(delivery.rows))
    return replace(delivery, rows=rows, refused=dict.fromkeys(numbers, "unit"))


def duplicate(delivery: Delivery) -> Delivery:
    """Two rows stand in the file a second time, at its end: the first of each stays."""
    count = len(delivery.rows)
    return replace(
        delivery, rows=(*delivery.rows, delivery.rows[3], delivery.rows[7]), refused={count: "duplicate", count + 1: "duplicate"}
    )


def missing_column(delivery: Delivery) -> Delivery:
    """The quality flags are gone, head and all: whoever does not look believes that nothing was flagged."""
    return replace(delivery, columns=tuple(name for name in COLUMNS if name != "Q_FLAG")).whole("missing_column")


def future_date(delivery: Delivery) -> Delivery:
    """A slip in the year of one row."""
    when = delivery.rows[4]["DATE"]
    return changed(delivery, "future_date", [4], DATE=f"{int(when[:4]) + 10}{when[4:]}")


def unknown_station(delivery: Delivery) -> Delivery:
    """A station that the contract does not name."""
    day = date.fromisoformat(delivery.name[:10])
    more = [row_of(UNKNOWN, day, element, tenths) for element, tenths in (("TMAX", 171), ("TMIN", 82), ("PRCP", 0))]
    count = len(delivery.rows)
    refused = {**delivery.refused, **dict.fromkeys(range(count, count + 3), "unknown_station")}
    return replace(delivery, rows=(*delivery.rows, *more), refused=refused)


def half_day(delivery: Delivery) -> Delivery:
    """The file breaks off after half of the stations."""
    return replace(delivery, rows=delivery.rows[: 3 * (len(delivery.rows) // 6)]).whole("half_day")


def wrong_day(delivery: Delivery) -> Delivery:
    """Yesterday's weather under today's name."""
    day = date.fromisoformat(delivery.name[:10])
    rows = tuple({**row, "DATE": f"{day - DAY:%Y%m%d}"} for row in delivery.rows)
    return replace(delivery, rows=rows).whole("wrong_day")


def not_a_number(delivery: Delivery) -> Delivery:
    """A word where many a language reads a number."""
    return changed(delivery, "not_a_number", [8], DATA_VALUE="NaN")


def out_of_range(delivery: Delivery) -> Delivery:
    """The sender's mark for a missing value, sent as a value."""
    return changed(delivery, "out_of_range", [10], DATA_VALUE="-9999")


def flagged(delivery: Delivery) -> Delivery:
    """A value that its source distrusts."""
    return changed(delivery, "flagged", [6], Q_FLAG="I")


DEFECTS: dict[str, Callable[[Delivery], Delivery]] = {
    "unit": unit,
    "duplicate": duplicate,
    "missing_column": missing_column,
    "future_date": future_date,
    "unknown_station": unknown_station,
    "half_day": half_day,
    "wrong_day": wrong_day,
    "not_a_number": not_a_number,
    "out_of_range": out_of_range,
    "flagged": flagged,
}


def several(delivery: Delivery) -> Delivery:
    """Three rules broken on one day, five rows in all."""
    return changed(unknown_station(flagged(delivery)), "out_of_range", [10], DATA_VALUE="-9999")


def a_third(delivery: Delivery) -> Delivery:
    """A third of the values is no number: too many for the rest to be believed."""
    numbers = range(0, len(delivery.rows), 3)
    return changed(delivery, "not_a_number", numbers, DATA_VALUE="n/a").whole(HELD)


def all_fahrenheit(delivery: Delivery) -> Delivery:
    """Every station sends Fahrenheit."""
    return replace(delivery, rows=tuple(map(fahrenheit, delivery.rows)))


SWITCHES = {**DEFECTS, "several": several, "a_third": a_third, "all_fahrenheit": all_fahrenheit}


def read(path: Path) -> Delivery:
    """A good file of an inbox."""
    with path.open(encoding="utf-8", newline="") as file:
        return Delivery(date.fromisoformat(path.parent.name), path.name, tuple(csv.DictReader(file)))


def main(argv: Sequence[str]) -> int:
    """Write a copy of a file with one defect."""
    if len(argv) != 3 or argv[0] not in SWITCHES:
        print(__doc__)
        print(", ".join(SWITCHES))
        return 2
    spoilt = SWITCHES[argv[0]](read(Path(argv[1])))
    print(spoilt.write(Path(argv[2])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
