"""A small year that was never measured, in the form of the open data: 24 stations at five places.

Its traps: holidays and a storm on which hardly anybody rides although no station is broken; a place often reports
yesterday's temperature again; for a month one place reports no humidity; the second half of the year is not like the first.
"""

from __future__ import annotations

import csv
import math
import random
from datetime import date, timedelta
from pathlib import Path

SEED = 20141242
PLACES = {"San Francisco": 10, "San Jose": 5, "Redwood City": 3, "Mountain View": 3, "Palo Alto": 3}
QUIET = {
    date(2014, month, day): share
    for month, day, share in (
        (1, 1, 0.25), (2, 8, 0.3), (2, 17, 0.4), (5, 26, 0.35), (7, 4, 0.35), (9, 1, 0.3), (11, 27, 0.2), (12, 11, 0.18), (12, 25, 0.2),
    )
}  # fmt: skip
"""Holidays and storms, with the share of the usual trips."""

WORKDAY = (1, 0, 0, 0, 1, 3, 12, 34, 58, 34, 16, 14, 17, 16, 14, 19, 36, 60, 44, 22, 12, 8, 5, 3)
WEEKEND = (2, 1, 1, 0, 0, 1, 2, 4, 8, 12, 16, 20, 22, 22, 22, 21, 19, 16, 12, 9, 7, 5, 4, 3)


def poisson(chance: random.Random, mean: float) -> int:
    """A count with the given mean."""
    limit, product, count = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count


def write(folder: Path) -> None:
    """Write stations.csv, weather.csv and trips.csv."""
    chance = random.Random(SEED)  # noqa: S311  a simulation
    stations: dict[int, tuple[str, float]] = {}
    for place, count in PLACES.items():
        for _ in range(count):
            number = 2 + 3 * len(stations)
            stations[number] = (place, chance.uniform(0.6, 1.8) if place == "San Francisco" else chance.uniform(0.3, 0.8))
    year = [date(2014, 1, 1) + timedelta(number) for number in range(365)]
    rain = {day: QUIET.get(day) == 0.18 or chance.random() < (0.16 if day.month in (1, 2, 3, 11, 12) else 0.02) for day in year}
    weather = skies(chance, year, rain)
    warmth = {day: sum(int(str(row[2])) for row in weather if row[0] == day) / len(PLACES) for day in year}
    trips: list[tuple[object, ...]] = []
    for day in year:
        weekend = day.weekday() > 4
        shape = WEEKEND if weekend else WORKDAY
        level = QUIET.get(day, 1.0) * (0.8 if rain[day] else 1.0) * (1 + 0.008 * (warmth[day] - 59)) * chance.uniform(0.93, 1.07)
        for number, (_, busy) in stations.items():
            for hour, part in enumerate(shape):
                count = poisson(chance, busy * level * part * (0.036 if weekend else 0.034))
                if count:
                    trips.append((day, number, hour, count))
    save(folder / "stations.csv", ("station", "place"), [(number, place) for number, (place, _) in stations.items()])
    save(folder / "weather.csv", ("date", "place", "mean_temp_f", "mean_humidity", "precipitation_in"), weather)
    save(folder / "trips.csv", ("date", "station", "hour", "trips"), trips)


def skies(chance: random.Random, year: list[date], rain: dict[date, bool]) -> list[tuple[object, ...]]:
    """Weather of every day and place, as whole degrees."""
    rows: list[tuple[object, ...]] = []
    held = 0.0
    for number, day in enumerate(year):
        season = 60 - 9 * math.cos(2 * math.pi * (number - 25) / 365)
        held = 0.7 * held + chance.gauss(0, 3)
        for place in PLACES:
            warm = round(season + held + chance.gauss(0, 2) + (1.5 if place == "San Jose" else 0))
            wet = round(min(98, max(35, 68 + (15 if rain[day] else 0) + chance.gauss(0, 7))))
            gone = place == "Palo Alto" and (date(2014, 11, 20) <= day <= date(2014, 12, 20) or number % 61 == 40)
            rows.append((day, place, warm, "" if gone else wet, round(chance.expovariate(4), 2) if rain[day] else 0.0))
    return rows


def save(path: Path, head: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)
