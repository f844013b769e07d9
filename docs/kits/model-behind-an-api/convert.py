"""Turn the data files of the R package bikeshare14 into CSV: `python acceptance/convert.py DIR` (all three .rda files lie in DIR).

Writes trips.csv, stations.csv and weather.csv beside them, with the columns of the package and no change to a value:
the times of the trips stay what the files hold, UTC. Python's standard library only, by rda.py.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from rda import Vector, frame_of, plain

NAMES = {"batrips.rda": "trips.csv", "bastations.rda": "stations.csv", "baweather.rda": "weather.csv"}


def column(vector: Vector) -> list[Any]:
    """The values of a column as texts or numbers: days, times and levels written out."""
    values, classes = plain(vector), vector.attributes.get("class", Vector([])).values
    if "Date" in classes:
        return [None if value is None else (date(1970, 1, 1) + timedelta(days=value)).isoformat() for value in values]
    if "POSIXct" in classes:
        return [None if value is None else datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S") for value in values]
    return [int(value) if isinstance(value, float) and value.is_integer() else value for value in values]


def convert(source: Path, target: Path) -> int:
    """Write the one table of an .rda file as CSV; return how many rows it has."""
    columns = {name: column(vector) for name, vector in frame_of(source).items()}
    unfinished = target.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    unfinished.replace(target)
    return len(next(iter(columns.values())))


def main(argv: Sequence[str] | None = None) -> int:
    """Convert the three files of a folder."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    folder = Path(arguments[0])
    for source, target in NAMES.items():
        if not (folder / source).is_file():
            raise SystemExit(f"{folder / source} is missing: python acceptance/fetch.py {folder}")
        try:
            print(f"{folder / target}: {convert(folder / source, folder / target):,} rows")
        except (ValueError, OSError) as error:
            raise SystemExit(f"{folder / source} cannot be read: {error}") from None
    return 0


if __name__ == "__main__":
    sys.exit(main())
