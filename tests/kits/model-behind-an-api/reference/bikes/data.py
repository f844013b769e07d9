"""The trips as counts by station, day and hour in California, hours without a trip included."""

from __future__ import annotations

import csv
import hashlib
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

HERE = ZoneInfo("America/Los_Angeles")
FIRST, JUDGED_FROM, END = date(2014, 1, 1), date(2014, 12, 1), date(2015, 1, 1)

SOURCE = "https://raw.githubusercontent.com/arunsrinivasan/bikeshare14/c96b109fede11d338510efc0ad2bf019ee5036ba/data"
FILES = {
    "bastations.rda": "a6d84d458665d012dce480a15f280a58f647d289cc7f1d2b8fb67f304cecb4ce",
    "batrips.rda": "6d266875aaa8a6eb347db991c3c68de209f800038da6fc95be363c1a3a5138e0",
    "baweather.rda": "227d211582e57ee2561120ed5a9276c19b44f91ca69755e4117fc54a5e5e2094",
}


class StationHour(NamedTuple):
    """One row: where, when in California, and how many trips started."""

    station: int
    day: date
    hour: int
    trips: int


def fetch(url: str, folder: Path) -> None:
    """Bring the files of the data; one with a wrong hash is refused and not kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, sha256 in FILES.items():
        with urllib.request.urlopen(f"{url}/{name}", timeout=60) as answer:  # noqa: S310  https, or the address that the caller gave
            content = answer.read()
        found = hashlib.sha256(content).hexdigest()
        if found != sha256:
            sys.exit(f"{url}/{name} has SHA-256 {found}, expected {sha256}: not kept")
        (folder / name).write_bytes(content)


@cache
def local_hour(instant: str) -> tuple[date, int]:
    """The day and hour in California of an instant such as `2014-01-01 08` in UTC."""
    moment = datetime.strptime(instant, "%Y-%m-%d %H").replace(tzinfo=UTC)
    here = moment.astimezone(HERE)
    return here.date(), here.hour


def exists(day: date, hour: int) -> bool:
    """False for the hour that the clock leaps over in spring."""
    moment = datetime(day.year, day.month, day.day, hour, tzinfo=HERE)
    return moment.astimezone(UTC).astimezone(HERE).hour == hour


def stations(folder: Path) -> list[int]:
    """The numbers of the stations, each once, however often a station was moved or renamed."""
    with (folder / "stations.csv").open(encoding="utf-8", newline="") as file:
        return sorted({int(row["station_id"]) for row in csv.DictReader(file)})


def station_hours(folder: Path, begin: date, end: date) -> Iterator[StationHour]:
    """Every station-hour from `begin` until before `end`."""
    counts: Counter[tuple[int, date, int]] = Counter()
    with (folder / "trips.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            counts[int(row["start_terminal"]), *local_hour(row["start_date"][:13])] += 1
    known = stations(folder)
    if strange := {station for station, _, _ in counts} - set(known):
        sys.exit(f"trips.csv has stations that stations.csv does not know: {sorted(strange)}")
    for offset in range((end - begin).days):
        day = begin + timedelta(days=offset)
        for hour in range(24):
            if exists(day, hour):
                for station in known:
                    yield StationHour(station, day, hour, counts[station, day, hour])
