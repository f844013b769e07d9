"""Five weeks as they come: good days, ten defects, a heat wave, a fault that lasts, a day held back, a late one, and corrections.

Which rows have to be refused, and what is known when, is computed here, so that no expected figure is written down by hand.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import faults
from deliveries import DAY, Delivery, Known, Row, day_file, row_of
from sample import HEAT, STATIONS, Weather

FIRST = date(2021, 4, 1)
DEFECTIVE = {date(2021, 4, 9) + nth * DAY: name for nth, name in enumerate(faults.DEFECTS)}
"""The day of each defect: 9 to 18 April. The heat wave follows at once."""

LASTING = (date(2021, 4, 24), date(2021, 4, 26))
"""An unknown station sends on three days in a row, as it did once before."""

SEVERAL, HELD, LATE, LAST = date(2021, 4, 27), date(2021, 4, 28), date(2021, 4, 29), date(2021, 4, 30)
ARRIVES_LATE, MENDED, CORRECTED, AGAIN = date(2021, 5, 1), date(2021, 5, 2), date(2021, 5, 3), date(2021, 5, 5)
CHANGES = ((STATIONS[0], date(2021, 4, 2)), (STATIONS[4], date(2021, 4, 6)), (STATIONS[7], date(2021, 4, 22)))
"""Stations and days whose temperatures are corrected on 3 May, by 1.5 degrees; the first day's highest once more on 5 May."""

CROWD = tuple(f"KIT{number:08d}" for number in range(101, 221))


def story(told: Weather) -> list[Delivery]:
    """All files by day of arrival."""
    files = []
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + number * DAY
        good = day_file(told[day], day, ARRIVES_LATE if day == LATE else None)
        if day in DEFECTIVE:
            good = faults.DEFECTS[DEFECTIVE[day]](good)
        elif LASTING[0] <= day <= LASTING[1]:
            good = faults.unknown_station(good)
        elif day == SEVERAL:
            good = faults.several(good)
        elif day == HELD:
            good = faults.a_third(good)
        files.append(good)
    rows = [corrected(told, station, day, element, 15) for station, day in CHANGES for element in ("TMAX", "TMIN")]
    wrong = row_of(STATIONS[2], date(2021, 4, 5), "TMAX", 4000)
    files += [
        day_file(told[HELD], HELD, MENDED),
        Delivery(CORRECTED, "corrections.csv", (*rows, wrong), {len(rows): "out_of_range"}),
        Delivery(AGAIN, "corrections.csv", (corrected(told, *CHANGES[0], "TMAX", 29),)),
    ]
    return sorted(files, key=lambda one: one.title)


def corrected(told: Weather, station: str, day: date, element: str, more: int) -> Row:
    """A row with a value so many tenths of a degree higher than it was sent."""
    was = next(row for row in told[day] if row["ID"] == station and row["ELEMENT"] == element)
    return row_of(station, day, element, int(was["DATA_VALUE"]) + more)


def known(files: list[Delivery]) -> Known:
    """What the files make known."""
    found = Known()
    for delivery in files:
        found.take(delivery)
    return found


def write(files: list[Delivery], inbox: Path) -> Path:
    """Put files into an inbox."""
    inbox.mkdir(parents=True, exist_ok=True)
    for delivery in files:
        delivery.write(inbox)
    return inbox


def cold_nine(told: Weather) -> list[Delivery]:
    """January: ten good days, then nine on which one station sends Fahrenheit."""
    begin = date(2021, 1, 5)
    good = [day_file(told[begin + number * DAY], begin + number * DAY) for number in range(19)]
    return [*good[:10], *(faults.unit(one) for one in good[10:])]


def crowd(told: Weather) -> list[Delivery]:
    """Twenty days of May from 120 stations, so that writing takes its time; every third day has a defect that leaves the others in."""
    small = (faults.flagged, faults.duplicate, faults.unknown_station, faults.out_of_range)
    files = []
    for number in range(20):
        day = date(2022, 5, 1) + number * DAY
        good = day_file([{**row, "ID": CROWD[10 * STATIONS.index(row["ID"]) + nth]} for row in told[day] for nth in range(10)], day)
        files.append(small[number // 3 % len(small)](good) if number % 3 == 2 else good)
    return files


def heat(files: list[Delivery]) -> list[Delivery]:
    """The days of the heat wave."""
    return [one for one in files if f"{HEAT[0]}" <= one.name[:10] <= f"{HEAT[1]}"]


def resent(delivery: Delivery, arrived: date) -> Delivery:
    """The same file once more, on another morning."""
    return replace(delivery, arrived=arrived)
