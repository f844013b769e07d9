"""The faults of "what breaks" as switches, for the tests and for you.

python acceptance/faults.py future DAY IN.csv OUT.csv        noise in place of the day and of all days after it
python acceptance/faults.py withhold DAY IN.csv OUT.csv      the file ends before DAY
python acceptance/faults.py hole DAY IN.csv OUT.csv          the row of DAY is missing
python acceptance/faults.py standstill DAY IN.csv OUT.csv    the city stood still on DAY: 22 trips
python acceptance/faults.py past DAY IN.csv OUT.csv          half the trips on all days before DAY
python acceptance/faults.py wrong DAY IN.csv OUT.csv         values that cannot be right, on DAY and the four days after it
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

from sample import Row, save

ANSWER = "registered_of_the_day,registered,0\n"
"""A line for features.csv: a part of the answer, known only on the day itself."""


def with_trips(row: Row, casual: int, registered: int) -> Row:
    """A row with other trips that add up."""
    return {**row, "casual": str(casual), "registered": str(registered), "cnt": str(casual + registered)}


def future(rows: Sequence[Row], day: date) -> list[Row]:
    """Noise in every measured column from the day on; the calendar stays."""
    chance = random.Random(day.toordinal())  # noqa: S311  noise, not a secret
    told = []
    for row in rows:
        if date.fromisoformat(row["dteday"]) >= day:
            row = with_trips(row, chance.randrange(10, 30_000), chance.randrange(10, 60_000))
            row |= {name: f"{chance.random():.6f}" for name in ("temp", "atemp", "hum", "windspeed")}
            row["weathersit"] = str(chance.randint(1, 3))
        told.append(row)
    return told


def withhold(rows: Sequence[Row], day: date) -> list[Row]:
    """The file as it is before the day: nothing of it and of what follows."""
    return [row for row in rows if date.fromisoformat(row["dteday"]) < day]


def hole(rows: Sequence[Row], day: date) -> list[Row]:
    """The row of one day is missing."""
    return [row for row in rows if row["dteday"] != day.isoformat()]


def standstill(rows: Sequence[Row], day: date) -> list[Row]:
    """A day on which nobody could ride."""
    return [with_trips(row, 2, 20) if row["dteday"] == day.isoformat() else row for row in rows]


def past(rows: Sequence[Row], day: date) -> list[Row]:
    """Half the trips on every day before the day: who trains on the file must forecast something else."""
    return [
        with_trips(row, int(row["casual"]) // 2, int(row["registered"]) // 2) if date.fromisoformat(row["dteday"]) < day else row
        for row in rows
    ]


def wrong_values(rows: Sequence[Row], day: date) -> dict[date, tuple[str, str]]:
    """Which columns `wrong` changes on which day, and to what."""
    found = {row["dteday"]: row for row in rows}
    days = [day + timedelta(number) for number in range(5)]
    return {
        days[0]: ("hum", "0"),
        days[1]: ("cnt", str(int(found[days[1].isoformat()]["cnt"]) + 1)),
        days[2]: ("weekday", str((int(found[days[2].isoformat()]["weekday"]) + 1) % 7)),
        days[3]: ("windspeed", "-0.2"),
        days[4]: ("temp", "1.7"),
    }


def wrong(rows: Sequence[Row], day: date) -> list[Row]:
    """One value that cannot be right on each of five days."""
    changed = wrong_values(rows, day)
    return [{**row, **dict([changed[at]])} if (at := date.fromisoformat(row["dteday"])) in changed else row for row in rows]


SWITCHES: dict[str, Callable[[Sequence[Row], date], list[Row]]] = {
    "future": future,
    "withhold": withhold,
    "hole": hole,
    "standstill": standstill,
    "past": past,
    "wrong": wrong,
}


def main(argv: Sequence[str]) -> int:
    """Write a file with one fault in it."""
    from measures import read_rows

    try:
        name, day, source, target = argv
        switch, when = SWITCHES[name], date.fromisoformat(day)
    except (ValueError, KeyError):
        print(__doc__)
        return 2
    save(switch(read_rows(Path(source)), when), Path(target))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
