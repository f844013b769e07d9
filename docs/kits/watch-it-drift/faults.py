"""The faults as switches: each takes what came in and a day, and gives back what comes in from that day on.

The second value holds what changes in the delivery (arguments of `batches.write`); it is empty when only the contents change.
`python acceptance/batches.py DATA OUT --fault NAME --on DAY` switches one on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from batches import LATE, Source, Weather

Fault = tuple[Source, dict[str, Any]]


def stuck(source: Source, on: date) -> Fault:
    """The weather of all five places stays at its last values."""
    last = source.weather[on - timedelta(1)]
    return replace(source, weather={day: last if day >= on else found for day, found in source.weather.items()}), {}


def celsius(source: Source, on: date) -> Fault:
    """The mean temperature comes in Celsius in place of Fahrenheit."""

    def turned(value: float | None) -> float | None:
        return None if value is None else round((value - 32) / 1.8, 1)

    weather: Weather = {
        day: {name: {**held, "mean_temp_f": turned(held["mean_temp_f"])} if day >= on else held for name, held in found.items()}
        for day, found in source.weather.items()
    }
    return replace(source, weather=weather), {}


def silent(source: Source, on: date, half: int = 0) -> Fault:
    """Every second station falls silent: whoever counts its trips counts zero. `half` says which."""
    hushed = set(sorted(source.places)[half::2])
    trips = {key: count for key, count in source.trips.items() if key[0] < on or key[1] not in hushed}
    return replace(source, trips=trips), {}


def no_truth(source: Source, on: date) -> Fault:
    """The truth of three days never arrives."""
    return source, {"late": {**LATE, **{on + timedelta(number): None for number in range(3)}}}


def empty_day(source: Source, on: date) -> Fault:
    """Nobody asks for a whole day: the file of requests holds its head only."""
    return source, {"empty": [on]}


def feedback(source: Source, on: date, strength: float = 0.5) -> Fault:
    """Vans bring bikes where the model expects trips, and the trips follow: the counts move halfway to the forecast."""
    from batches import Service

    service = Service.trained(source)
    trips = dict(source.trips)
    for day in (day for day in source.weather if day >= on):
        for station, place in source.places.items():
            for hour in range(24):
                model, most, _ = service.version(day, hour)
                expected = model.answer(day, station, hour, source.weather[day][place]["mean_temp_f"], most)
                seen = trips.get((day, station, hour), 0)
                trips[day, station, hour] = round(seen + strength * (expected - seen))
    return replace(source, trips=trips), {}


FAULTS: dict[str, Callable[[Source, date], Fault]] = {
    "stuck": stuck,
    "celsius": celsius,
    "silent": silent,
    "no-truth": no_truth,
    "empty-day": empty_day,
    "feedback": feedback,
}
