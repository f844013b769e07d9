"""A small sample in the form of bikeshare14, generated from a fixed seed: eight stations, all days of 2014, about 20,000 trips.

The traps of the real data are in it: times in UTC, stations listed twice after a move or a new name, a name in the trips
that the list of stations lacks, hours in which nobody rode and that are therefore not there, zip codes left out, public holidays
on which nobody commutes, and rain that is written "T". The numbers are made up; the form is the form of the real files.
"""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

SEED = 2014
YEAR = [date(2014, 1, 1) + timedelta(days=day) for day in range(365)]
SUMMER = (datetime(2014, 3, 9, 10), datetime(2014, 11, 2, 9))
"""Summer time in California in 2014, as instants in UTC."""

HOLIDAYS = {
    *(date(2014, month, day) for month, day in ((1, 1), (1, 20), (2, 17), (5, 26), (7, 4), (9, 1), (10, 13), (11, 11), (11, 27), (11, 28))),
    *(date(2014, 12, day) for day in (24, 25, 26, 29, 30, 31)),
}
WEEKDAYS = (0.95, 1.1, 1.15, 1.05, 0.75, 1.2, 0.8)

Shape = tuple[float, float, float]
"""Trips an hour at the height of the morning, of the evening, and at noon of a day off."""

STATIONS: dict[int, tuple[str, Shape]] = {
    2: ("San Jose Diridon Caltrain Station", (1.6, 1.2, 0.2)),
    25: ("Stanford in Redwood City", (0.1, 0.2, 0.1)),
    46: ("Washington at Kearny", (0.5, 1.0, 0.5)),
    50: ("Harry Bridges Plaza (Ferry Building)", (2.0, 1.9, 2.2)),
    69: ("San Francisco Caltrain 2 (330 Townsend)", (3.6, 2.0, 0.5)),
    70: ("San Francisco Caltrain (Townsend at 4th)", (4.6, 2.4, 0.7)),
    77: ("Market at Sansome", (1.2, 3.4, 0.8)),
    80: ("San Jose Government Center", (0.05, 0.1, 0.05)),
}
PLACES = """\
2,San Jose Diridon Caltrain Station,37.329732,-121.901782,27,San Jose,2013-08-06
25,Stanford in Redwood City,37.48537,-122.203288,15,Redwood City,2013-08-12
25,Broadway at Main,37.486725,-122.225551,15,Redwood City,2013-08-12
46,Washington at Kearney,37.795425,-122.404767,15,San Francisco,2013-08-19
50,Harry Bridges Plaza (Ferry Building),37.795392,-122.394203,23,San Francisco,2013-08-20
69,San Francisco Caltrain 2 (330 Townsend),37.776377,-122.39607,23,San Francisco,2013-08-23
69,San Francisco Caltrain 2 (330 Townsend),37.7766,-122.39547,23,San Francisco,2013-08-23
70,San Francisco Caltrain (Townsend at 4th),37.776617,-122.39526,19,San Francisco,2013-08-23
77,Market at Sansome,37.789625,-122.400811,27,San Francisco,2013-08-25
80,San Jose Government Center,37.352601,-121.905733,15,San Jose,2013-12-31
80,Santa Clara County Civic Center,37.352601,-121.905733,15,San Jose,2013-12-31
"""
TRIPS = "trip_id duration start_date start_station start_terminal end_date end_station end_terminal bike_id subscription_type zip_code"
WEATHER = (
    "date max_temp_f mean_temp_f min_temp_f max_dew_point_f mean_dew_point_f min_dewpoint_f max_humidity mean_humidity min_humidity "
    "max_sea_level_pressure_in mean_sea_level_pressure_in min_sea_level_pressure_in max_visibility_miles mean_visibility_miles "
    "min_visibility_miles max_wind_speed_mph mean_wind_speed_mph max_gust_speed_mph precipitation_in cloud_cover events "
    "wind_dir_degrees zip_code"
)
ZIP_CODES = (94107, 94063, 94301, 94041, 95113)


def bell(hour: int, middle: float, width: float) -> float:
    """A hump of height 1 around an hour."""
    return math.exp(-(((hour + 0.3 - middle) / width) ** 2))


def expected(station: int, day: date, hour: int) -> float:
    """The true number of trips that start, on average."""
    morning, evening, noon = STATIONS[station][1]
    season = 1 + 0.15 * math.sin((day.timetuple().tm_yday - 120) / 58)
    if day.weekday() > 4 or day in HOLIDAYS:
        return season * WEEKDAYS[day.weekday() if day.weekday() > 4 else 6] * noon * bell(hour, 13.5, 4)
    rush = morning * bell(hour, 8.3, 1.2) + 0.9 * evening * bell(hour, 17.3, 1.4) + 0.35 * noon * bell(hour, 13, 3)
    return season * WEEKDAYS[day.weekday()] * rush


def poisson(chance: random.Random, mean: float) -> int:
    """A number of events, by Knuth's method."""
    limit, count, product = math.exp(-mean), 0, chance.random()
    while product > limit:
        count, product = count + 1, product * chance.random()
    return count


def instants() -> Iterator[tuple[datetime, date, int]]:
    """Every hour of the year: the instant in UTC at which it begins, and the day and hour in California."""
    instant = datetime(2014, 1, 1, 8)
    while True:
        here = instant - timedelta(hours=7 if SUMMER[0] <= instant < SUMMER[1] else 8)
        if here.year > 2014:
            return
        yield instant, here.date(), here.hour
        instant += timedelta(hours=1)


def trips(chance: random.Random) -> Iterator[list[object]]:
    """The trips in the order of their start."""
    number = 139545
    for instant, day, hour in instants():
        begun = sorted(
            (chance.randrange(60), station) for station in STATIONS for _ in range(poisson(chance, expected(station, day, hour)))
        )
        for minute, station in begun:
            start = instant + timedelta(minutes=minute)
            seconds = int(chance.lognormvariate(6.3, 0.5))
            end = chance.choice(list(STATIONS))
            yield [
                number,
                seconds,
                start,
                name_of(station, day),
                station,
                (start + timedelta(seconds=seconds)).replace(second=0),
                name_of(end, day),
                end,
                chance.randrange(9, 720),
                "Subscriber" if chance.random() < 0.85 else "Customer",
                "" if chance.random() < 0.02 else chance.choice(ZIP_CODES),
            ]
            number += 1


def name_of(station: int, day: date) -> str:
    """The name under which a station stood in the trips of a day."""
    if station == 25 and day >= date(2014, 10, 1):
        return "Broadway at Main"
    if station == 46 and day < date(2014, 9, 1):
        return "Washington at Kearny"
    if station == 46:
        return "Washington at Kearney"
    if station == 80 and day >= date(2014, 11, 20):
        return "Santa Clara County Civic Center"
    return STATIONS[station][0]


def weather(chance: random.Random) -> Iterator[list[object]]:
    """The weather of every day at five places."""
    for day in YEAR:
        for zip_code in ZIP_CODES:
            mean = round(60 - 8 * math.cos(day.timetuple().tm_yday / 58) + chance.gauss(0, 3))
            wet = chance.random() < 0.15
            yield [
                *(day, mean + 8, mean, mean - 8, mean - 8, mean - 12, mean - 16, 90, 70, 50, 30.2, 30.1, 30.0, 10, 9, 7),
                *(12, 5, "" if chance.random() < 0.25 else 18),
                *(chance.choice(("T", 0.05, 0.31)) if wet else 0, 6 if wet else 2, "Rain" if wet else "", chance.randrange(360), zip_code),
            ]


def table(path: Path, head: str, rows: Iterable[list[object]]) -> None:
    """Write one CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head.split())
        writer.writerows(rows)


def write(folder: Path) -> None:
    """Write trips.csv, stations.csv and weather.csv."""
    chance = random.Random(SEED)  # noqa: S311  a sample, not a secret
    folder.mkdir(parents=True, exist_ok=True)
    table(folder / "trips.csv", TRIPS, trips(chance))
    head = "station_id,name,lat,long,dock_count,landmark,install_date\n"
    (folder / "stations.csv").write_text(head + PLACES, encoding="utf-8")
    table(folder / "weather.csv", WEATHER, weather(chance))
