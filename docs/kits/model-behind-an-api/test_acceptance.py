"""The criteria of "Your first model behind an API" that a machine can judge.

The model that is judged learnt from data without December; the kit keeps December for itself.
"""

from __future__ import annotations

import csv
import json
import math
import os
import shutil
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import convert
import faults
import pytest
import sample
from acceptance import Answer, Learner, NotMet, Server, Trouble, expect, last_words
from truth import END, JUDGED_FROM, LEAPT_OVER, Row, Truth, part

SLOWEST = 0.1
"""Seconds in which 99 of 100 requests have to be answered."""

SLOW_ONES = 2
"""So many of 200 answers may be slower."""

ROUNDS = 3
"""So often is the time taken, for something else may have been at work on the machine; one good round is enough."""

CLOSE = 0.001
"""By so much may a printed error differ from the kit's own count."""

QUIET = {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}


def number(value: object) -> float | None:
    """A finite number, or None."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) else None


# What the tests share


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the data: KIT_DATA, its .rda files converted if need be, or the sample."""
    given = os.environ.get("KIT_DATA")
    if not given:
        folder = tmp_path_factory.mktemp("data")
        sample.write(folder)
        return folder
    folder = Path(given).resolve()
    if not folder.is_dir():
        raise Trouble(f"KIT_DATA={given} is no folder: python acceptance/fetch.py {given}, or leave KIT_DATA out to use the sample")
    if (folder / "batrips.rda").is_file() and not (folder / "trips.csv").is_file():
        try:
            convert.main([str(folder)])
        except SystemExit as error:
            raise Trouble(str(error)) from None
    return folder


@pytest.fixture(scope="session")
def truth(data: Path) -> Truth:
    """The data, counted by the kit."""
    return Truth(data)


@pytest.fixture(scope="session")
def model(learner: Learner, data: Path, truth: Truth, tmp_path_factory: pytest.TempPathFactory, figures: dict[str, Any]) -> Path:
    """A model that learnt from January to November, and that never saw December."""
    figures["trips"] = truth.counts.total()
    folder = tmp_path_factory.mktemp("model")
    withheld = part(data, folder / "data", lambda day: day < JUDGED_FROM)
    begun = time.monotonic()
    learner.succeed("train", data=withheld, out=folder / "model")
    figures["train_s"] = round(time.monotonic() - begun, 2)
    expect((folder / "model").exists(), f"`train` ended with 0 and left nothing at {folder / 'model'}", "a model, file or folder, at {out}")
    return folder / "model"


@pytest.fixture
def server(learner: Learner, model: Path) -> Iterator[Server]:
    """The learner's server with that model."""
    with learner.served(model=model) as running:
        yield running


def ask(server: Server, station: object, day: object, hour: object) -> Answer:
    """One request."""
    return server.ask("POST", "/predict", {"station": station, "date": str(day), "hour": hour}, seconds=10)


def expected_trips(answer: Answer) -> float:
    """The number in an answer; raises `NotMet` unless the answer has it and the model's version."""
    expect(answer.status == 200, f"{answer.status} with {last_words(answer.body.decode('utf-8', 'replace'))}", "200 for a right request")
    told = answer.json
    trips = number(told.get("expected_trips")) if isinstance(told, dict) else None
    if trips is None or trips < 0:
        raise NotMet(told, "expected_trips, a number that is not negative")
    version = told.get("model_version")
    expect(isinstance(version, str) and bool(version), told, "model_version, a text")
    return trips


def version_of(server: Server) -> str:
    """The version that /health tells."""
    told = server.ask("GET", "/health").json
    version = told.get("model_version") if isinstance(told, dict) else None
    if not isinstance(version, str) or not version:
        raise NotMet(f"/health says {told}", "model_version, a text")
    return version


def offline(learner: Learner, model: Path, rows: Sequence[Row], folder: Path) -> list[float]:
    """The answers of the command `predict` for many rows."""
    asked, out = folder / "rows.csv", folder / "predictions.csv"
    with asked.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("station", "date", "hour"))
        writer.writerows((station, day.isoformat(), hour) for station, day, hour in rows)
    learner.succeed("predict", model=model, rows=asked, out=out)
    expect(out.is_file(), "`predict` ended with 0 and wrote nothing", "a CSV file at {out}")
    with out.open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    expect(len(told) == len(rows), f"{len(told)} rows in the answer of `predict`", f"{len(rows)}, in the order of the question")
    answers = []
    for place, (row, (station, day, hour)) in enumerate(zip(told, rows, strict=True), 2):
        try:
            right = (int(row["station"]), row["date"], int(row["hour"])) == (station, day.isoformat(), hour)
            value = float(row["expected_trips"])
        except (KeyError, TypeError, ValueError):
            raise NotMet(f"line {place} of the answer of `predict`: {row}", "station,date,hour,expected_trips") from None
        expect(right and math.isfinite(value), f"line {place}: {row}", f"a number for {station},{day},{hour}")
        answers.append(value)
    return answers


def refuses_damage(learner: Learner, data: Path, folder: Path) -> None:
    """Files with a wrong SHA-256 are refused by `fetch` and not kept; the right ones, if they are here, are taken."""
    names = tuple(convert.NAMES)
    right = {name: (data / name).read_bytes() for name in names if (data / name).is_file()}
    damaged = {name: right.get(name, name.encode())[:-1] + b"?" for name in names}
    with faults.serving(damaged) as (url, asked):
        done = learner.run("fetch", 120, QUIET, url=url, out=folder / "damaged")
    expect(bool(set(asked) & set(names)), f"`fetch` asked {url} for {asked or 'nothing'}: {last_words(done.stderr)}", f"GET …/{names[0]}")
    expect(done.returncode != 0, "`fetch` ended with 0 for files whose SHA-256 is wrong", "a refusal, and an end not with 0")
    kept = [path.name for path in (folder / "damaged").rglob("*") if path.is_file() and path.read_bytes() in damaged.values()]
    expect(not kept, f"`fetch` kept the damaged {', '.join(kept)}", "nothing of a damaged file")
    if len(right) == len(names):
        with faults.serving(right) as (url, _):
            learner.succeed("fetch", 300, QUIET, url=url, out=folder / "right")
        for name in ("batrips.rda", "bastations.rda"):
            path = folder / "right" / name
            expect(path.is_file() and path.read_bytes() == right[name], f"no right {name} in {{out}} after `fetch`", "the files, unchanged")


def timed(server: Server, rows: Sequence[Row], version: str) -> list[float]:
    """The seconds of 200 right answers, or of fewer when too many of them were slow."""
    seconds: list[float] = []
    while len(seconds) < 200 and sum(one >= SLOWEST for one in seconds) <= SLOW_ONES:
        answer = ask(server, *rows[len(seconds) * 37 % len(rows)])
        expected_trips(answer)
        expect(answer.json["model_version"] == version, f"version {answer.json['model_version']}", f"the version of /health, {version}")
        seconds.append(answer.seconds)
    return seconds


# The criteria


def test_one_command(learner: Learner, data: Path, model: Path, tmp_path: Path, figures: dict[str, Any]) -> None:
    """Damaged downloads are refused; train and serve need no hand; /health tells the version; half a model does not start.

    A person still reads the README on a fresh clone with a watch in the hand.
    """
    refuses_damage(learner, data, tmp_path)
    begun = time.monotonic()
    with learner.served(model=model) as server:
        figures["start_s"] = round(time.monotonic() - begun, 2)
        version_of(server)
    total = figures["train_s"] + figures["start_s"]
    expect(total < 600, f"{total:.0f} s to train and to start", "under 600 s")

    broken = tmp_path / model.name
    if model.is_dir():
        shutil.copytree(model, broken)
    else:
        shutil.copy(model, broken)
    cut = faults.half_model(broken)
    for what, path in ((f"half of {cut.name}", broken), ("no model at all", tmp_path / "nowhere" / model.name)):
        try:
            reason = learner.stays_down(model=path)
        except NotMet as wrong:
            raise NotMet(f"started with {what}: {wrong.seen}", wrong.expected) from None
        expect(reason != "nothing", f"started with {what}, it left without a word", "an end with a reason")


def test_fast_answer(learner: Learner, data: Path, truth: Truth, server: Server, tmp_path: Path, figures: dict[str, Any]) -> None:
    """200 requests one after another: the 99th percentile is under 100 ms; each answer names the version, and another model has another."""
    version = version_of(server)
    rows = list(truth.rows(JUDGED_FROM, END))
    for _ in range(ROUNDS):
        seconds = timed(server, rows, version)
        slow = [one for one in seconds if one >= SLOWEST]
        if len(slow) <= SLOW_ONES:
            break
    else:
        seen = f"{len(slow)} of {len(seconds)} answers took {min(slow) * 1000:.0f} ms or more, in each of {ROUNDS} rounds"
        raise NotMet(seen, f"at most {SLOW_ONES} of 200 at 100 ms or more")
    seconds.sort()
    figures["p50_ms"], figures["p99_ms"] = (round(seconds[place] * 1000, 1) for place in (99, 197))

    younger = part(data, tmp_path / "data", lambda day: date(2014, 7, 1) <= day < JUDGED_FROM)
    learner.succeed("train", data=younger, out=tmp_path / "model")
    with learner.served(model=tmp_path / "model") as other:
        expect(
            version_of(other) != version,
            f"a model that learnt from other data is version {version} too",
            "another version for another model, such as a part of the hash of its file",
        )


def test_clear_refusal(truth: Truth, server: Server) -> None:
    """Wrong requests get 422 with the place of the fault; 200 random bodies never cause a status of 500 or above."""
    station = truth.stations[0]
    right = {"station": station, "date": "2014-12-10", "hour": 8}
    before = expected_trips(server.ask("POST", "/predict", right))
    wrong: list[tuple[str, object, tuple[str, ...]]] = [
        ("an unknown station", {**right, "station": max(truth.stations) + 1000}, ("station",)),
        *((f"no {name}", {key: value for key, value in right.items() if key != name}, (name,)) for name in right),
        ("hour 25", {**right, "hour": 25}, ("hour",)),
        ("hour -1", {**right, "hour": -1}, ("hour",)),
        ("a word for the hour", {**right, "hour": "eight"}, ("hour",)),
        ("a word for the station", {**right, "station": "Caltrain"}, ("station",)),
        ("30 February", {**right, "date": "2014-02-30"}, ("date",)),
        ("a body that is not JSON", b"{station: 70", ("json", "body")),
        ("a list", [station, "2014-12-10", 8], ("body", "object", "dictionary")),
    ]
    for what, body, places in wrong:
        answer = server.ask("POST", "/predict", None if isinstance(body, bytes) else body, raw=body if isinstance(body, bytes) else None)
        text = answer.body.decode("utf-8", "replace")
        expect(answer.status == 422, f"{answer.status} for {what}: {last_words(text)}", "422")
        named = any(place in text.lower() for place in places)
        expect(named, f"422 for {what} with {last_words(text)}", f"a message that names {places[0]}")
    for body in faults.random_bodies(200, station):
        answer = server.ask("POST", "/predict", raw=body, seconds=10)
        expect(answer.status < 500, f"{answer.status} for the body {body[:120]!r}", "never a status of 500 or above")
    after = expected_trips(server.ask("POST", "/predict", right))
    expect(after == before, f"{after} after all that, {before} before", "the same answer to the same request")


def test_beside_a_baseline(learner: Learner, data: Path, truth: Truth, model: Path, tmp_path: Path, figures: dict[str, Any]) -> None:
    """The errors in December are those that the kit counts, and the model's is the lowest of the four.

    The model's error is counted anew from a model that learnt without December, so what leaked from there shows.
    """
    begun = time.monotonic()
    printed = learner.succeed("evaluate", data=data)
    figures["evaluate_s"] = round(time.monotonic() - begun, 2)
    try:
        told = json.loads(printed.strip().splitlines()[-1])["rmse"]
        errors = {name: float(told[name]) for name in ("zero", "station_hour", "station_hour_weekend", "model")}
    except (ValueError, KeyError, TypeError, IndexError):
        names = '"zero", "station_hour", "station_hour_weekend", "model"'
        raise NotMet(f"`evaluate` printed {last_words(printed)}", f'a last line of JSON: {{"rmse": {{{names}}}}}') from None
    baselines = truth.baselines()
    for name, right in baselines.items():
        figures[f"rmse_{name}"] = round(right, 4)
        expect(abs(errors[name] - right) <= CLOSE, f"{name}: {errors[name]:.4f}", f"{right:.4f}: all station-hours of December")
    rows = list(truth.rows(JUDGED_FROM, END))
    honest = truth.error(rows, offline(learner, model, rows, tmp_path))
    figures["rmse_model"] = round(honest, 4)
    expect(
        abs(errors["model"] - honest) <= CLOSE,
        f"`evaluate` says {errors['model']:.4f} for the model; trained where December is missing, its error is {honest:.4f}",
        "the same error: nothing of December in the training",
    )
    best = min(baselines.values())
    lowest = round(honest, 3) < round(best, 3)
    expect(lowest, f"{honest:.3f} for the model, {best:.3f} for the best baseline", "the model's error is the lowest, to three decimals")


def test_local_time(learner: Learner, truth: Truth, model: Path, server: Server, tmp_path: Path, figures: dict[str, Any]) -> None:
    """The model expects most trips at the two busiest hours of California's time; the hour that never was is refused.

    That you have seen the test fail, and that the commit message says so, is for a person.
    """
    rows = list(truth.rows(date(2014, 12, 8), date(2014, 12, 13)))
    hours: defaultdict[int, float] = defaultdict(float)
    for (_, _, hour), trips in zip(rows, offline(learner, model, rows, tmp_path), strict=True):
        hours[hour] += trips
    busiest = sorted(sorted(hours, key=lambda hour: -hours[hour])[:2])
    figures["busiest_hours"] = " and ".join(map(str, busiest))
    right = sorted(truth.busiest())
    expect(busiest == right, f"the model's busiest hours from 8 to 12 December are {busiest}", f"{right}, California time")
    day, hour = LEAPT_OVER
    answer = ask(server, truth.stations[0], day, hour)
    expect(answer.status == 422, f"{answer.status} for {day}, hour {hour}", "422: the clock leapt from 2 to 3 on that day")
    for beside in ((day, hour - 1), (day, hour + 1), (date(2014, 11, 2), 1)):
        expected_trips(ask(server, truth.stations[0], *beside))


def test_same_features(learner: Learner, truth: Truth, model: Path, server: Server, tmp_path: Path) -> None:
    """50 rows of December, of every weekday and hour, get the same number over HTTP as from the offline command, to within 1e-9."""
    stations, days = truth.stations, (END - JUDGED_FROM).days
    rows = [(stations[place * 7 % len(stations)], date(2014, 12, 1 + place * 3 % days), place * 5 % 24) for place in range(50)]
    for (station, day, hour), there in zip(rows, offline(learner, model, rows, tmp_path), strict=True):
        here = expected_trips(ask(server, station, day, hour))
        seen = f"station {station}, {day}, hour {hour}: {here!r} over HTTP, {there!r} offline"
        expect(abs(here - there) <= 1e-9, seen, "the same to within 1e-9")
