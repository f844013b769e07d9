"""Turn the data into days as a monitor meets them: requests with answers, and the truth in the folder of the day on which it arrives.

    python acceptance/batches.py DATA OUT                                       January to June into OUT/reference, the rest into OUT/replay
    python acceptance/batches.py DATA OUT --fault celsius --on 2014-08-05       the replay with a fault from that day on (see faults.py)

DATA is the folder that fetch.py filled, with the open data or with the sample. Here the kit also plays the service:
a small model answers every station and hour, so that a fault in its inputs moves its answers as it would in a real one.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

FEATURES = ("mean_temp_f", "mean_humidity", "precipitation_in")
REQUEST = ("station", "place", "hour", *FEATURES, "status", "latency_ms", "expected_trips", "model", "code", "settings", "data")
TRUTH = ("date", "station", "hour", "trips")
REFERENCE = (date(2014, 1, 1), date(2014, 6, 30))
REPLAY = (date(2014, 7, 1), date(2014, 12, 31))
PLACES = {"94107": "San Francisco", "94063": "Redwood City", "94301": "Palo Alto", "94041": "Mountain View", "95113": "San Jose"}
EPOCH = date(1970, 1, 1)
SUMMER_TIME = (1394359200, 1414918800)
"""In California 2014, as seconds since 1970: 9 March and 2 November, 2 o'clock."""

LATE = {date(2014, 8, day): date(2014, 8, 24) for day in (19, 20, 21)} | {date(2014, 9, 15): date(2014, 9, 18)}
"""Days whose truth comes late although nothing is broken; all others come on the next day."""

RETRAINED = (date(2014, 9, 15), 12)
"""Day and hour from which the second model answers."""

NEW_CODE = (date(2014, 10, 1), 9)
"""Day and hour from which the same model runs in new code."""

NEW_SETTINGS = (date(2014, 11, 5), 17)
"""Day and hour from which an answer may be at most three times the mean, and no longer twice."""

Weather = dict[date, dict[str, dict[str, float | None]]]
Trips = Mapping[tuple[date, int, int], int]


@dataclass(frozen=True)
class Source:
    """What came in: the place of each station, weather by day and place, and trips by day, station and hour."""

    places: Mapping[int, str]
    weather: Weather
    trips: Trips


def days(first: date, last: date) -> list[date]:
    """Every day from the first to the last."""
    return [first + timedelta(number) for number in range((last - first).days + 1)]


def read(folder: Path) -> Source:
    """The source in a folder: the three files of the open data, or of the sample; raises ValueError with what is missing."""
    if (folder / "batrips.rda").is_file():
        return read_open(folder)
    missing = [name for name in ("stations.csv", "weather.csv", "trips.csv") if not (folder / name).is_file()]
    if missing:
        raise ValueError(f"{folder} has neither batrips.rda nor {', '.join(missing)}: fill it with `python fetch.py {folder}`")
    weather: Weather = defaultdict(dict)
    for row in table(folder / "weather.csv"):
        weather[date.fromisoformat(row["date"])][row["place"]] = {name: float(row[name]) if row[name] else None for name in FEATURES}
    trips = {
        (date.fromisoformat(row["date"]), int(row["station"]), int(row["hour"])): int(row["trips"]) for row in table(folder / "trips.csv")
    }
    return Source({int(row["station"]): row["place"] for row in table(folder / "stations.csv")}, dict(weather), trips)


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_open(folder: Path) -> Source:
    """The source in the three R data files of bikeshare14; hours are those of California."""
    from rda import columns

    for name in ("bastations.rda", "baweather.rda"):
        if not (folder / name).is_file():
            raise ValueError(f"{folder} has no {name}: fill it with `python fetch.py {folder}`")
    stations, seen, ridden = (columns(folder / f"{name}.rda") for name in ("bastations", "baweather", "batrips"))
    weather: Weather = defaultdict(dict)
    for number, code in enumerate(seen["zip_code"]):
        measured = {name: seen[name][number] for name in ("mean_temp_f", "mean_humidity")}
        rain = seen["precipitation_in"][number]
        measured["precipitation_in"] = 0.0 if rain == "T" else float(rain)  # T: a trace, too little to measure
        weather[EPOCH + timedelta(int(seen["date"][number]))][PLACES[code]] = measured
    trips: Counter[tuple[date, int, int]] = Counter()
    for station, start in zip(ridden["start_terminal"], ridden["start_date"], strict=True):
        local = int(start) - 3600 * (7 if SUMMER_TIME[0] <= start < SUMMER_TIME[1] else 8)
        trips[EPOCH + timedelta(local // 86400), station, local % 86400 // 3600] += 1
    return Source(dict(zip(stations["station_id"], stations["landmark"], strict=True)), dict(weather), trips)


@dataclass(frozen=True)
class Model:
    """Mean trips by station, hour and weekend, times a factor that rises with the temperature."""

    means: Mapping[tuple[int, int, bool], float]
    mild: float
    slope: float

    @classmethod
    def fit(cls, source: Source, last: date) -> Model:
        """Learn from the first day of the year to `last`."""
        learned = days(REFERENCE[0], last)
        count = Counter(day.weekday() > 4 for day in learned)
        sums: Counter[tuple[int, int, bool]] = Counter()
        totals: Counter[date] = Counter()
        for (day, station, hour), trips in source.trips.items():
            if day <= last:
                sums[station, hour, day.weekday() > 4] += trips
                totals[day] += trips
        usual = {kind: sum(totals[day] for day in learned if (day.weekday() > 4) == kind) / count[kind] for kind in count}
        warmth = {day: warm(source.weather[day].values()) for day in learned}
        mild = sum(warmth.values()) / len(warmth)
        spread = sum((warmth[day] - mild) ** 2 for day in learned)
        slope = sum((warmth[day] - mild) * (totals[day] / usual[day.weekday() > 4] - 1) for day in learned) / spread
        return cls({cell: total / count[cell[2]] for cell, total in sums.items()}, mild, slope)

    def answer(self, day: date, station: int, hour: int, temperature: float | None, most: float = 2.0) -> float:
        """Expected trips."""
        warmer = 0.0 if temperature is None else temperature - self.mild
        return self.means.get((station, hour, day.weekday() > 4), 0.0) * min(most, max(0.0, 1 + self.slope * warmer))


def warm(places: Iterable[Mapping[str, float | None]]) -> float:
    """The mean temperature over places."""
    known = [value for place in places if (value := place["mean_temp_f"]) is not None]
    return sum(known) / len(known)


@dataclass(frozen=True)
class Service:
    """The service that answers: two models, and which of them answered when, with which code and settings."""

    first: Model
    second: Model

    @classmethod
    def trained(cls, source: Source) -> Service:
        """Train both models on data without a fault."""
        return cls(Model.fit(source, REFERENCE[1]), Model.fit(source, date(2014, 8, 31)))

    def version(self, day: date, hour: int) -> tuple[Model, float, tuple[str, str, str, str]]:
        """The model in service and its limit, with the versions of model, code, settings and data."""
        code = "code-b81e" if (day, hour) >= NEW_CODE else "code-4a07"
        settings, most = ("most-3", 3.0) if (day, hour) >= NEW_SETTINGS else ("most-2", 2.0)
        if (day, hour) >= RETRAINED:
            return self.second, most, ("model-2", code, settings, "trips-to-2014-08-31")
        return self.first, most, ("model-1", code, settings, "trips-to-2014-06-30")

    def requests(self, source: Source, day: date) -> list[tuple[object, ...]]:
        """One request for every station and hour of a day, with its answer."""
        chance = random.Random(f"requests {day}")  # noqa: S311  a simulation
        rows: list[tuple[object, ...]] = []
        for station, place in sorted(source.places.items()):
            measured = source.weather[day][place]
            features = ["" if measured[name] is None else f"{measured[name]:g}" for name in FEATURES]
            for hour in range(24):
                model, most, versions = self.version(day, hour)
                failed = chance.random() < 0.001
                answer = "" if failed else f"{model.answer(day, station, hour, measured['mean_temp_f'], most):.6f}"
                milliseconds = f"{chance.lognormvariate(2.3, 0.35):.2f}"
                rows.append((station, place, hour, *features, 500 if failed else 200, milliseconds, answer, *versions))
        return rows


def truth(source: Source, day: date) -> list[tuple[object, ...]]:
    """What happened on a day: trips of every station and hour, zero where nobody rode."""
    return [(day, station, hour, source.trips.get((day, station, hour), 0)) for station in sorted(source.places) for hour in range(24)]


def save(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def write(
    source: Source,
    service: Service,
    folder: Path,
    span: tuple[date, date],
    begin: date | None = None,
    late: Mapping[date, date | None] = LATE,
    empty: Iterable[date] = (),
) -> None:
    """Write the days of a span, one folder each; those before `begin` are taken to be there.

    `late` names days whose truth arrives on another day than the next, or never (None); `empty` names days without a request.
    """
    arriving: dict[date, list[date]] = defaultdict(list)
    for day in days(*span):
        arrival = late.get(day, day + timedelta(1))
        if arrival is not None:
            arriving[arrival].append(day)
    silent = set(empty)
    for day in days(begin or span[0], span[1]):
        place = folder / day.isoformat()
        place.mkdir(parents=True, exist_ok=True)
        (place / "truth.csv").unlink(missing_ok=True)  # of another trial
        save(place / "requests.csv", REQUEST, [] if day in silent else service.requests(source, day))
        if arriving[day]:
            save(place / "truth.csv", TRUTH, (row for about in arriving[day] for row in truth(source, about)))


def main(argv: Sequence[str] | None = None) -> None:
    """Write both halves of the year for the learner."""
    from faults import FAULTS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fault", choices=sorted(FAULTS))
    parser.add_argument("--on", type=date.fromisoformat, default=date(2014, 9, 10), help="the first day of the fault")
    options = parser.parse_args(argv)
    try:
        source = read(options.data)
        service = Service.trained(source)
        write(source, service, options.out / "reference", REFERENCE)
        broken, how = FAULTS[options.fault](source, options.on) if options.fault else (source, {})
        write(broken, service, options.out / "replay", REPLAY, **how)
    except (ValueError, OSError) as error:
        raise SystemExit(str(error)) from None
    print(f"{options.out}: reference and replay{', ' + options.fault + ' from ' + str(options.on) if options.fault else ''}")


if __name__ == "__main__":
    main()
