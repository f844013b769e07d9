"""The criteria of "Features at two speeds" that a machine can judge. Every command is bounded in time."""

from __future__ import annotations

import contextlib
import copy
import csv
import functools
import http.client
import json
import math
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import events as events_of
import faults
import pytest
import sample
import truth
from acceptance import Learner, NotMet, Server, Trouble, expect, last_line, started
from events import DAY, FIRST, Ask, Event
from printed import object_of
from truth import Feature, Value

MINUTES = 60 * (20 if "KIT_DATA" in os.environ else 3)
"""Seconds that a command may take."""

COMMANDS = (
    *("definition", "serve", "batch", "parity", "skew", "backfill", "publish", "read"),
    *("train", "answer", "rollback", "merge", "live"),
)
KINDS = {"starts": "minutes", "same_hour": "weeks", "since": None}
"""The kinds of features that the kit can count itself, and the number that each has."""

REQUIRED = (("starts", 60), ("starts", 1440), ("starts", 10080), ("same_hour", 4), ("since", None))
SPRING = FIRST + 90 * DAY
"""The end of the short log: after the change of the clocks."""

SUMMER = FIRST + 190 * DAY
NOON = FIRST + 273 * DAY + 12 * 3600
"""1 October, 12 o'clock at standard time: the moment of the planted trips."""

SLOWEST, ROUNDS, SECONDS, ASKS_A_SECOND, EVENTS_A_SECOND = 0.02, 3, 5, 200, 1000
MOST_KILLS = 12
GOES_ON = 0.8
"""After the kills the last start of a stream may cost this part of the whole."""

BATCH = 50
"""Events in one request."""

Answers = dict[int, dict[str, Value]]
Definition = dict[str, Any]


# What the tests share


@dataclass(frozen=True)
class Log:
    """A log in a file, and what is in it."""

    path: Path
    events: list[Event]
    asks: list[Ask]


@dataclass(frozen=True)
class Served:
    """What a run of the stream wrote."""

    answers: Answers
    late: set[tuple[int, int]]
    quarantine: set[tuple[int, int]]


@dataclass
class World:
    """The data, the learner's definition, and what was run already."""

    learner: Learner
    events: list[Event]
    folder: Path
    figures: dict[str, Any]
    told: Definition
    names: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))

    def place(self, name: str, make: bool = True) -> Path:
        """A fresh path; as a rule an empty folder."""
        path = self.folder / f"{name}-{next(self.names)}"
        if make:
            path.mkdir()
        return path

    def features(self) -> list[Feature]:
        """The features of the definition that the kit can count."""
        return known_kinds(self.told)

    def define(self, told: Definition) -> Path:
        """A definition as a file."""
        path = self.place("definition", make=False).with_suffix(".json")
        path.write_text(json.dumps(told, indent=1), encoding="utf-8")
        return path

    def named(self, kind: str, number: int | None) -> str:
        """The name of one of the features that are asked for."""
        for feature in self.features():
            if feature["kind"] == kind and number_of(feature) == number:
                return str(feature["name"])
        raise NotMet(f"no feature of kind {kind!r}{f' with {KINDS[kind]} {number}' if number else ''} in the definition", "one of them")

    def log(self, events: list[Event], asks: list[Ask]) -> Log:
        """Write a log."""
        path = self.place("log", make=False).with_suffix(".csv")
        events_of.write_log(path, events, asks)
        return Log(path, events, asks)

    @functools.cached_property
    def whole(self) -> Log:
        """The year with 10,000 asks."""
        return self.log(self.events, events_of.drawn(self.events, 10_000, 13))

    @functools.cached_property
    def hours(self) -> list[Ask]:
        """Every station at every full hour."""
        return events_of.hourly(events_of.stations(self.events))

    @functools.cached_property
    def right(self) -> list[list[Value]]:
        """The right answers to the 10,000 asks."""
        return truth.served(self.whole.events, self.whole.asks, self.features())

    def serve(self, log: Log, told: Definition) -> Served:
        """Let the stream read a log from its beginning to its end."""
        out = self.place("out")
        self.learner.succeed("serve", MINUTES, definition=self.define(told), log=log.path, state=self.place("state"), out=out)
        return read_served(out, log, told)

    def batch(self, log: Log, told: Definition) -> Answers:
        """Let the table answer the asks of a log."""
        out = self.place("batch", make=False).with_suffix(".csv")
        self.learner.succeed("batch", MINUTES, definition=self.define(told), log=log.path, out=out)
        return read_answers(out, "batch", log.asks, names_of(told))

    @functools.cached_property
    def served(self) -> Served:
        """The stream over the year."""
        begun = time.monotonic()
        found = self.serve(self.whole, self.told)
        self.figures["seconds of the stream for the year"] = round(time.monotonic() - begun, 1)
        return found

    @functools.cached_property
    def batched(self) -> Answers:
        """The table over the year."""
        begun = time.monotonic()
        found = self.batch(self.whole, self.told)
        self.figures["seconds of the table for 10,000 asks"] = round(time.monotonic() - begun, 1)
        return found


def names_of(told: Definition) -> list[str]:
    """The names of a definition's features."""
    return [feature["name"] for feature in told["features"]]


def known_kinds(told: Definition) -> list[Feature]:
    """The features that the kit can count."""
    return [feature for feature in told["features"] if feature.get("kind") in KINDS]


def number_of(feature: Feature) -> int | None:
    """The number of a feature: minutes, weeks or none."""
    name = KINDS[feature["kind"]]
    return feature[name] if name else None


def changed(told: Definition, feature_name: str, **values: object) -> Definition:
    """A definition with one feature changed."""
    found = copy.deepcopy(told)
    for feature in found["features"]:
        if feature["name"] == feature_name:
            feature.update(values)
    return found


def reduced(told: Definition) -> Definition:
    """A definition with the features alone that the kit can count."""
    return {**told, "features": known_kinds(told)}


def number(value: object) -> bool:
    """True for a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def table(path: Path, what: str, columns: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a CSV file with at least these columns."""
    expect(path.is_file(), f"`{what}` ended with 0 and left no {path.name}", f"a CSV file with the columns {', '.join(columns)}")
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
    except (csv.Error, UnicodeDecodeError) as error:
        raise NotMet(f"{path.name} of `{what}`: {error}", "a CSV file in UTF-8") from None
    lacking = [name for name in columns if name not in (reader.fieldnames or ())]
    expect(not lacking, f"{path.name} of `{what}` has no column {', '.join(lacking)}", f"the columns {', '.join(columns)}")
    return rows


def read_answers(path: Path, what: str, asks: Sequence[Ask], names: Sequence[str]) -> Answers:
    """The answers of a file: each ask once, and a number or nothing for each feature."""
    found: Answers = {}
    for line, row in enumerate(table(path, what, ["ask", *names]), 2):
        try:
            ask = int(row["ask"])
            values = {name: float(row[name]) if row[name] else None for name in names}
        except (ValueError, TypeError):
            raise NotMet(
                f"{path.name} of `{what}`, line {line}: {row}", "a number of an ask, and a number or nothing for each feature"
            ) from None
        expect(ask not in found, f"`{what}` holds ask {ask} twice", "each ask once")
        found[ask] = values
    lost = [ask.number for ask in asks if ask.number not in found]
    expect(not lost, f"`{what}` has no answer to {len(lost)} of {len(asks)} asks, the first of them {lost[:1]}", "an answer to each ask")
    expect(len(found) == len(asks), f"`{what}` answers {len(found) - len(asks)} asks that the log does not hold", "the asks of the log")
    return found


def read_served(out: Path, log: Log, told: Definition) -> Served:
    """What the stream wrote into a folder."""
    answers = read_answers(out / "answers.csv", "serve", log.asks, names_of(told))
    return Served(answers, listed(out / "late.csv", ("trip", "version")), listed(out / "quarantine.csv", ("trip", "version", "reason")))


def listed(path: Path, columns: Sequence[str]) -> set[tuple[int, int]]:
    """Trips and versions of a side output, each once."""
    found: set[tuple[int, int]] = set()
    for row in table(path, "serve", columns):
        try:
            key = int(row["trip"]), int(row["version"])
        except (ValueError, TypeError):
            raise NotMet(f"{path.name}: {row}", "numbers of a trip and a version") from None
        expect(key not in found, f"{path.name} holds trip {key[0]}, version {key[1]} twice", "each once")
        expect("reason" not in columns or bool(row["reason"]), f"{path.name}: trip {key[0]} without a reason", "a reason")
        found.add(key)
    return found


def agree(what: str, seen: Answers, asks: Sequence[Ask], features: Sequence[Feature], right: Sequence[Sequence[Value]]) -> None:
    """Every answer is the right one."""
    wrong = []
    for ask, row in zip(asks, right, strict=True):
        for feature, value in zip(features, row, strict=True):
            if not truth.same(seen[ask.number][feature["name"]], value):
                wrong.append((ask, feature["name"], seen[ask.number][feature["name"]], value))
    if wrong:
        ask, name, here, there = wrong[0]
        many = f"{len(wrong)} wrong values in {', '.join(sorted({one[1] for one in wrong}))}"
        raise NotMet(f"{what}: {many}; ask {ask.number} (station {ask.station} at {ask.at}): {name} {here}", f"{name} {there}")


def same_set(what: str, seen: set[tuple[int, int]], right: set[tuple[int, int]]) -> None:
    """Two sets of trips and versions are equal."""
    if seen != right:
        over, lacking = sorted(seen - right), sorted(right - seen)
        what = f"{what}: {len(seen)} events; {len(lacking)} lacking, such as {lacking[:1]}, {len(over)} too many, such as {over[:1]}"
        raise NotMet(what, f"{len(right)} events")


def seconds_of_children() -> float:
    """Seconds of processor time of all commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextlib.contextmanager
def running(learner: Learner, name: str, **values: object) -> Iterator[subprocess.Popen[str]]:
    """A command that may be killed."""
    words = learner.command(name, **values)
    with (
        (learner.scratch / "killed.log").open("w", encoding="utf-8") as out,
        started(words, learner.folder, learner.environment(), out) as process,
    ):
        yield process


def kill(process: subprocess.Popen[str]) -> bool:
    """`kill -9` for a command and all that it started; False if it had ended by itself."""
    if process.poll() is not None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
    return process.returncode == -signal.SIGKILL


@pytest.fixture(scope="module")
def world(learner: Learner, figures: dict[str, Any]) -> Iterator[World]:
    """Read the data, and ask for the definition; nothing stays."""
    for name in COMMANDS:
        if name not in learner.commands:
            raise Trouble(f'{learner.folder / "kit.toml"}: [commands] has no "{name}"; see kit.example.toml')
    folder = Path(tempfile.mkdtemp(prefix="kit-two-speeds-"))
    try:
        data = Path(os.environ["KIT_DATA"]).resolve() if "KIT_DATA" in os.environ else folder
        if "KIT_DATA" not in os.environ:
            sample.write(folder)
        try:
            found = events_of.read(data)
        except (ValueError, OSError, KeyError) as error:
            raise Trouble(f"KIT_DATA cannot be read: {error}") from None
        figures["events"] = len(found)
        told = object_of(learner.succeed("definition", 60), "`definition`")
        expect(isinstance(told.get("features"), list), f"definition: features is {told.get('features')!r}", "a list of features")
        for feature in told["features"]:
            right = isinstance(feature, dict) and isinstance(feature.get("name"), str) and isinstance(feature.get("kind"), str)
            expect(right, f"definition: {feature!r}", "a feature with a name and a kind")
            expect(feature["kind"] not in KINDS or sound(feature), f"definition: {feature!r}", "the whole number of its kind, above 0")
        yield World(learner, found, folder, figures, told)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sound(feature: Mapping[str, Any]) -> bool:
    """True when a feature of a known kind has its number."""
    name = KINDS[feature["kind"]]
    value = feature.get(name) if name else 1
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 10080


# The criteria


def test_one_definition(world: World) -> None:
    """At least six features, those asked for among them; with 45 minutes in place of 60, in this file alone, both paths follow.

    That the rest of the code holds no window is for a person.
    """
    names = names_of(world.told)
    expect(len(set(names)) == len(names), f"names {', '.join(names)}", "each name once")
    expect(len(names) >= 6, f"{len(names)} features: {', '.join(names)}", "at least six")
    for kind, size in REQUIRED:
        world.named(kind, size)
    name = world.named("starts", 60)
    told = changed(world.told, name, minutes=45)
    early = [event for event in world.events if event.arrived < SPRING]
    log = world.log(early, events_of.drawn(early, 1500, 45, FIRST + 40 * DAY, SPRING))
    right = truth.served(log.events, log.asks, known_kinds(told))
    agree("`serve` with 45 minutes", world.serve(log, told).answers, log.asks, known_kinds(told), right)
    agree("`batch` with 45 minutes", world.batch(log, told), log.asks, known_kinds(told), right)


def test_point_in_time(world: World) -> None:
    """10,000 asks of the table are what the kit counts itself; trips and corrections known at the ask or later change no value.

    That the table has keys and the SQL windows is for a person.
    """
    agree("`batch`", world.batched, world.whole.asks, world.features(), world.right)
    places = events_of.stations(world.events)
    asks = [Ask(number, station, NOON) for number, station in enumerate(places, 1)]
    before = [event for event in world.events if event.arrived < NOON]
    right = truth.served(before, asks, world.features())
    planted = []
    for trip, event in enumerate(before[-200:], 10**8):
        planted.append(event._replace(trip=trip, started=NOON - 600, arrived=NOON + 60 * (trip % 3)))
        planted.append(event._replace(version=9, started=NOON - 40 * DAY, arrived=NOON + 60 * (trip % 2)))
    log = world.log(events_of.in_order([*before, *planted]), asks)
    agree("`batch` with trips that become known at the ask or later", world.batch(log, world.told), asks, world.features(), right)


def test_parity(world: World, figures: dict[str, Any]) -> None:
    """10,000 answers of the stream are those of the table; the check confirms right answers, and names the features that are wrong
    when the stream loses events, counts them twice or has a clock that is an hour slow."""
    agree("`serve`", world.served.answers, world.whole.asks, world.features(), world.right)
    for name in names_of(world.told):
        unlike = [ask for ask, values in world.served.answers.items() if not truth.same(values[name], world.batched[ask][name])]
        expect(not unlike, f"{name}: stream and table differ in {len(unlike)} asks, the first of them {unlike[:1]}", "no difference")
    check(world, "right answers", world.right)
    for what, spoil in (
        ("one event in a hundred lost", faults.lost),
        ("events counted twice", faults.counted_twice),
        ("a clock an hour slow", faults.hour_off),
    ):
        wrong = truth.served(spoil(world.events), world.whole.asks, world.features())
        figures[f"features named with {what}"] = check(world, what, wrong)


def check(world: World, what: str, answers: Sequence[Sequence[Value]]) -> int:
    """The learner's check finds just as many wrong values of each feature as there are; returns how many features are wrong."""
    told = reduced(world.told)
    path = world.place("served", make=False).with_suffix(".csv")
    truth.save_answers(path, world.features(), world.whole.asks, answers)
    done = world.learner.run("parity", MINUTES, definition=world.define(told), log=world.whole.path, served=path)
    if not done.stdout.strip():
        raise NotMet(f"`parity` printed nothing and ended with {done.returncode}: {last_line(done.stderr)}", "one JSON object")
    seen = object_of(done.stdout, "`parity`")
    expect(seen.get("compared") == len(answers), f"{what}: compared {seen.get('compared')}", f"{len(answers)} answers compared")
    right = {
        feature["name"]: sum(not truth.same(here[place], there[place]) for here, there in zip(answers, world.right, strict=True))
        for place, feature in enumerate(world.features())
    }
    differing = seen.get("differing")
    expect(isinstance(differing, dict), f"{what}: differing is {differing!r}", "{feature: number of wrong answers}")
    counts = {name: dict(differing or {}).get(name, 0) for name in right}
    expect(counts == right, f"`parity` with {what}: {counts}", f"{right}")
    red = any(right.values())
    expect(
        bool(done.returncode) == red, f"`parity` with {what} ended with {done.returncode}", "an end not with 0" if red else "an end with 0"
    )
    return sum(map(bool, right.values()))


def test_skew_measured(world: World, figures: dict[str, Any]) -> None:
    """Served values beside the finished history, at every full hour of the year: shares and relative differences as the kit counts
    them; with the bounds of the definition nothing rings, and the 24-hour feature alone when an hour is counted twice."""
    features, told = world.features(), reduced(world.told)
    for feature in told["features"]:
        bound = feature.get("bound")
        right = isinstance(bound, dict) and number(bound.get("share")) and number(bound.get("relative"))
        expect(right, f"definition: {feature['name']} has the bound {bound!r}", '{"share": a number, "relative": a number}')
    log = world.log(world.events, world.hours)
    served, history, measured = beside(log, features)
    hour, day, week = (world.named("starts", minutes) for minutes in (60, 1440, 10080))
    figures["share of 60-minute values that differ"] = round(measured[hour][0], 4)
    figures["7-day counts fall short by"] = round(-measured[week][1], 4)
    rang = ring(world, log, told, "right answers", served, measured)
    expect(not rang, f"`skew` of right answers rings for {', '.join(rang)}", "no alert: bounds that an ordinary year keeps")
    place = [feature["name"] for feature in features].index(day)
    seam = faults.seam(world.events, world.hours, served, place)
    doubled = truth.skew([row[place] for row in seam], [row[place] for row in history])
    figures["share of 24-hour values that differ"] = round(measured[day][0], 4)
    figures["the same with an hour counted twice"] = round(doubled[0], 4)
    rang = ring(world, log, told, "an hour counted twice at the seam", seam, {**measured, day: doubled})
    expect(rang == [day], f"`skew` with an hour counted twice rings for {', '.join(rang) or 'nothing'}", f"one alert, for {day}")

    early = [event for event in world.events if event.arrived < SPRING]
    log = world.log(early, events_of.hourly(events_of.stations(world.events), FIRST, SPRING))
    served, _, measured = beside(log, features)
    for feature in features:
        told = changed(told, feature["name"], bound={"share": 1, "relative": 9})
    told = changed(told, hour, bound={"share": 0.97 * measured[hour][0], "relative": 9})
    told = changed(told, day, bound={"share": 1, "relative": 0.97 * abs(measured[day][1])})
    rang = ring(world, log, told, "two bounds that are just too tight", served, measured)
    seen = f"`skew` rings for {', '.join(rang) or 'nothing'} when {hour} by its share and {day} by its sum are out of bounds"
    expect(sorted(rang) == sorted([hour, day]), seen, f"alerts for {hour} and {day}")


def beside(log: Log, features: Sequence[Feature]) -> tuple[list[list[Value]], list[list[Value]], dict[str, tuple[float, float]]]:
    """What was served, what the finished history says, and for each feature the share that differs and the relative difference."""
    served, history = truth.served(log.events, log.asks, features), truth.finished(log.events, log.asks, features)
    rows = [truth.skew([row[place] for row in served], [row[place] for row in history]) for place in range(len(features))]
    return served, history, {feature["name"]: row for feature, row in zip(features, rows, strict=True)}


def ring(
    world: World, log: Log, told: Definition, what: str, served: Sequence[Sequence[Value]], right: Mapping[str, tuple[float, float]]
) -> list[str]:
    """The learner's measure is right; returns the features for which it rings."""
    path = world.place("served", make=False).with_suffix(".csv")
    truth.save_answers(path, known_kinds(told), log.asks, served)
    seen = object_of(world.learner.succeed("skew", MINUTES, definition=world.define(told), log=log.path, served=path), "`skew`")
    path.unlink()
    shares, rang = seen.get("features"), seen.get("alerts")
    for name, (share, relative) in right.items():
        one = shares.get(name) if isinstance(shares, dict) else None
        good = isinstance(one, dict) and number(one.get("share")) and number(one.get("relative"))
        expect(good, f"`skew`: {name} is {one!r}", '{"share": a number, "relative": a number}')
        close = abs(one["share"] - share) < 1e-5 and abs(one["relative"] - relative) < 1e-5
        expect(close, f"`skew` with {what}: {name} {one}", f"share {share:.6f}, relative {relative:.6f}")
    good = isinstance(rang, list) and all(isinstance(name, str) for name in rang)
    expect(good, f"`skew`: alerts is {rang!r}", "a list of names of features")
    return list(rang or [])


def test_late_events(world: World, figures: dict[str, Any]) -> None:
    """At 30 minutes and at two hours the late events are those that the kit counts, and no answer changes; events that start after
    they arrive are set aside with a reason; deliveries in doubles, a day held back and one wild clock leave every answer right."""
    features = world.features()
    for minutes in (30, 120):
        found = world.serve(world.whole, {**world.told, "late_minutes": minutes})
        right = truth.sort(world.events, minutes)
        figures[f"events later than {minutes} minutes"] = len(right.late)
        same_set(f"late.csv at {minutes} minutes", found.late, right.late)
        same_set(f"quarantine.csv at {minutes} minutes", found.quarantine, right.impossible)
        agree(f"`serve` with {minutes} minutes", found.answers, world.whole.asks, features, world.right)
    early = [event for event in world.events if event.arrived < SUMMER]
    asks = events_of.drawn(early, 3000, 26, FIRST + 150 * DAY, SUMMER)
    for what, spoil in (
        ("1 event in 20 delivered twice", faults.twice),
        ("a day of one station held back", faults.held_back),
        ("one clock an hour fast", faults.ahead),
    ):
        log = world.log(spoil(early), asks)
        found = world.serve(log, {**world.told, "late_minutes": 120})
        right = truth.sort(log.events, 120)
        agree(f"`serve` with {what}", found.answers, asks, features, truth.served(log.events, asks, features))
        same_set(f"late.csv with {what}", found.late, right.late)
        same_set(f"quarantine.csv with {what}", found.quarantine, right.impossible)


def test_backfill(world: World, figures: dict[str, Any]) -> None:
    """A new feature for twelve months is as known at each ask; readers see it once it is published and not before; run twice, or
    killed at three moments and started again, it comes to the same; half of it cannot be published."""
    old = world.named("starts", 1440)
    new = {"name": "starts_3h_more", "kind": "starts", "minutes": 180, "bound": {"share": 1, "relative": 1}}
    told = {**world.told, "features": [*world.told["features"], new]}
    asks = world.hours[:: -(-len(world.hours) // 24_000)]
    log = world.log(world.events, asks)
    features = [next(one for one in world.features() if one["name"] == old), new]
    right = truth.served(log.events, log.asks, features)
    store = Store(world, log, told, world.place("store"))

    expect(store.read() is None, "`read` ended with 0 before anything was published", "a refusal: another end than 0")
    store.backfill(old)
    expect(store.read() is None, "`read` ended with 0 after a backfill that was not published", "a refusal: another end than 0")
    store.publish()
    store.holds([old], features[:1], right, "after the first feature was published")
    kept = world.place("kept", make=False)
    shutil.copytree(store.path, kept)
    begun = time.monotonic()
    store.backfill(new["name"])
    took = time.monotonic() - begun
    figures["seconds of a backfill"] = round(took, 1)
    store.holds([old], features[:1], right, "while the new feature waits")
    store.publish()
    store.holds([old, new["name"]], features, right, "after the new feature was published")
    store.backfill(new["name"])
    store.publish()
    store.holds([old, new["name"]], features, right, "after the same backfill ran again")

    for part in (0.35, 0.55, 0.75):
        again = Store(world, log, told, world.place("store", make=False))
        killed(again, kept, new["name"], part * took)
        what = f"after kill -9 at {part * took:.1f} of {took:.1f} s"
        again.holds([old], features[:1], right, what)
        if again.publishes():
            again.holds([old, new["name"]], features, right, f"published {what}")
        again.backfill(new["name"])
        again.publish()
        again.holds([old, new["name"]], features, right, f"{what} and another start")


def killed(store: Store, kept: Path, name: str, after: float) -> None:
    """Start a backfill in a copy of a store and kill it; sooner if it ended before."""
    for attempt in range(4):
        shutil.rmtree(store.path, ignore_errors=True)
        shutil.copytree(kept, store.path)
        with running(store.world.learner, "backfill", **store.values(name)) as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(after / 2**attempt)
            if kill(process):
                return
    raise NotMet("the backfill could not be killed in the middle: it ended each time before", "a backfill that takes as long as it took")


@dataclass(frozen=True)
class Store:
    """A store of features in a folder."""

    world: World
    log: Log
    told: Definition
    path: Path

    def values(self, name: str) -> dict[str, object]:
        """The placeholders of a backfill."""
        return {"definition": self.world.define(self.told), "feature": name, "log": self.log.path, "store": self.path}

    def backfill(self, name: str) -> None:
        """Compute a feature."""
        self.world.learner.succeed("backfill", MINUTES, **self.values(name))

    def publish(self) -> None:
        """Switch the pointer."""
        self.world.learner.succeed("publish", 60, store=self.path)

    def publishes(self) -> bool:
        """Try to switch the pointer; False when that is refused."""
        return self.world.learner.run("publish", 60, store=self.path).returncode == 0

    def read(self) -> Path | None:
        """What a reader sees, or nothing."""
        out = self.world.place("read", make=False).with_suffix(".csv")
        return out if self.world.learner.run("read", MINUTES, store=self.path, out=out).returncode == 0 else None

    def holds(self, names: list[str], features: Sequence[Feature], right: Sequence[Sequence[Value]], when: str) -> None:
        """A reader sees these features, and no other, with the right values."""
        out = self.read()
        if out is None:
            raise NotMet(f"`read` refuses {when}", f"the columns {', '.join(names)}")
        rows = table(out, f"read {when}", ["ask", *names])
        more = sorted(set(rows[0]) - {"ask", *names}) if rows else []
        expect(not more, f"`read` shows {', '.join(map(str, more))} {when}", f"nothing but {', '.join(names)}")
        values = [row[: len(features)] for row in right]
        agree(f"`read` {when}", read_answers(out, f"read {when}", self.log.asks, names), self.log.asks, features, values)
        out.unlink()


def test_killed_stream(world: World, figures: dict[str, Any]) -> None:
    """Killed with `kill -9` at least five times in the middle of the year and started again, the stream answers each ask once and as
    without a fault, and it goes on from its checkpoint: the last start costs clearly less than the whole year."""
    log = world.log(world.events, events_of.drawn(world.events, 40_000, 9))
    begun, before = time.monotonic(), seconds_of_children()
    whole = world.serve(log, world.told)
    took, cost = time.monotonic() - begun, seconds_of_children() - before
    out = world.place("out")
    values = {"definition": world.define(world.told), "log": log.path, "state": world.place("state"), "out": out}
    kills = kill_again(world, values, out / "answers.csv", took, len(log.asks))
    expect(
        kills >= 3, f"the stream was at its end after {kills} kills", "a stream that writes as it reads, and no faster when it starts again"
    )
    before = seconds_of_children()
    world.learner.succeed("serve", MINUTES, None, **values)
    last = seconds_of_children() - before
    found = read_served(out, log, world.told)
    figures["kills of the stream"] = kills
    figures["cost of the last start beside the whole"] = round(last / cost, 2)
    agree(f"`serve` killed {kills} times", found.answers, log.asks, world.features(), truth.served(log.events, log.asks, world.features()))
    unlike = [
        ask for ask, row in found.answers.items() if any(not truth.same(value, whole.answers[ask][name]) for name, value in row.items())
    ]
    expect(
        not unlike, f"{len(unlike)} answers are not those of the run without a fault, the first of them {unlike[:1]}", "the same answers"
    )
    same_set(f"late.csv after {kills} kills", found.late, whole.late)
    same_set(f"quarantine.csv after {kills} kills", found.quarantine, whole.quarantine)
    expect(
        last < GOES_ON * cost,
        f"after {kills} kills the last start cost {last:.2f} s of processor time, the whole year {cost:.2f} s",
        "it goes on from a checkpoint and does not read everything again",
    )


def kill_again(world: World, values: dict[str, Any], answers: Path, took: float, asks: int) -> int:
    """Start the stream and kill it, at least five times and until most of it is done; returns how often it was killed."""
    chance = random.Random("kill")  # noqa: S311  moments
    kills, done = 0, 0.0
    while kills < 5 or (done < 0.7 and kills < MOST_KILLS):
        with running(world.learner, "serve", **values) as process:
            grown(answers, process, 0.6 * took)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0, 0.15 * took))
            if not kill(process):
                expect(process.returncode == 0, f"started again after {kills} kills, `serve` ended with {process.returncode}", "it goes on")
                break
        kills += 1
        done = len(answers.read_bytes().splitlines()) / asks if answers.is_file() else 0.0
    return kills


def grown(path: Path, process: subprocess.Popen[str], most: float) -> None:
    """Wait until a file has another size than now, the process has ended, or the time is over."""
    end = time.monotonic() + most
    size = path.stat().st_size if path.is_file() else 0
    while time.monotonic() < end and process.poll() is None:
        if (path.stat().st_size if path.is_file() else 0) > size:
            return
        time.sleep(0.005)


def test_old_model_old_features(world: World, figures: dict[str, Any]) -> None:
    """Model 1 comes back with its features and answers 1,000 requests as before; with a corrected definition, under a new name or in
    place, it is refused with the names; and a change in place does not pass the check before a merge."""
    hour = world.named("starts", 60)
    corrected = "trips_45m_corrected"
    first = world.told
    second = changed(first, hour, name=corrected, minutes=45)
    in_place = changed(first, hour, minutes=45)
    wider = changed(first, hour, bound={"share": 0.9, "relative": 0.9})
    registry = world.place("registry")
    early = [event for event in world.events if event.arrived < SUMMER + 30 * DAY]
    train = world.log(early, events_of.drawn(early, 4000, 1, FIRST + 30 * DAY, SUMMER))
    asked = world.log(early, events_of.drawn(early, 1000, 2, SUMMER, SUMMER + 30 * DAY))
    labels = world.place("labels", make=False).with_suffix(".csv")
    ahead = [Ask(ask.number, ask.station, ask.at + 3600) for ask in train.asks]
    trips = truth.finished(early, ahead, [{"name": "trips", "kind": "starts", "minutes": 60}])
    events_of.save(labels, ("ask", "trips"), ([ask.number, *row] for ask, row in zip(train.asks, trips, strict=True)))

    def trained(told: Definition) -> object:
        printed = world.learner.succeed("train", MINUTES, definition=world.define(told), log=train.path, labels=labels, registry=registry)
        return object_of(printed, "`train`").get("model")

    def answered(told: Definition, what: str) -> list[float]:
        out = world.place("predictions", make=False).with_suffix(".csv")
        world.learner.succeed("answer", MINUTES, registry=registry, definition=world.define(told), log=asked.path, out=out)
        found = read_answers(out, f"answer of {what}", asked.asks, ["prediction"])
        empty = [ask for ask, row in found.items() if row["prediction"] is None]
        expect(not empty, f"{what} has no prediction for ask {empty[:1]}", "a number for each ask")
        return [float(found[ask.number]["prediction"] or 0) for ask in asked.asks]

    def refused(told: Definition, names: Sequence[str], what: str) -> None:
        out = world.place("predictions", make=False).with_suffix(".csv")
        done = world.learner.run("answer", MINUTES, registry=registry, definition=world.define(told), log=asked.path, out=out)
        expect(done.returncode != 0, f"{what}: `answer` ended with 0", "a refusal: another end than 0")
        named(done.stderr + done.stdout, names, what)

    expect(trained(first) == 1, "the first `train` did not print 1", '{"model": 1}')
    logged = answered(first, "model 1")
    kinds = len({round(value, 9) for value in logged})
    expect(kinds >= 50, f"model 1 has {kinds} different predictions for 1,000 asks", "at least 50: a model that looks at its features")
    refused(in_place, [hour], "model 1 on a window changed in place")
    expect(answered(wider, "model 1 with another bound") == logged, "another bound changed the predictions", "the same numbers")
    expect(trained(second) == 2, "the second `train` did not print 2", '{"model": 2}')
    newer = answered(second, "model 2")
    expect(
        max(abs(one - other) for one, other in zip(newer, logged, strict=True)) > 1e-6, "model 2 predicts what model 1 did", "another model"
    )
    refused(first, [hour, corrected], "model 2 on the old definition")
    begun = time.monotonic()
    back = world.place("back", make=False).with_suffix(".json")
    world.learner.succeed("rollback", 120, registry=registry, model=1, out=back)
    expect(back.is_file(), "`rollback` ended with 0 and wrote no definition", "the definition of model 1 at {out}")
    again = answered(object_of(back.read_text(encoding="utf-8"), "`rollback`"), "model 1, brought back")
    figures["seconds to bring model 1 back"] = round(time.monotonic() - begun, 1)
    expect(time.monotonic() - begun < 120, f"{time.monotonic() - begun:.0f} s to bring model 1 back", "under 120 s")
    far = max(abs(one - other) for one, other in zip(again, logged, strict=True))
    expect(far <= 1e-9, f"model 1, brought back, differs by up to {far:g} from what it said in its time", "the same numbers to within 1e-9")
    refused(second, [hour, corrected], "model 1 on the new definition")
    done = world.learner.run("rollback", 120, registry=registry, model=7, out=back)
    expect(done.returncode != 0, "`rollback` to model 7, which never was, ended with 0", "a refusal: another end than 0")
    merges(world, first, hour)


def named(text: str, names: Sequence[str], what: str) -> None:
    """Each name stands in a message as a word of its own."""
    lacking = [name for name in names if not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)]
    expect(not lacking, f"{what}: `{last_line(text)}` does not name {', '.join(lacking)}", f"a refusal that names {' and '.join(names)}")


def merges(world: World, released: Definition, hour: str) -> None:
    """The check before a merge lets new features and bounds pass and stops a window, or a kind, that changed under its name."""
    new = {"name": "starts_3h_more", "kind": "starts", "minutes": 180, "bound": {"share": 1, "relative": 1}}
    weeks = world.named("same_hour", 4)
    for what, told, stopped in (
        ("a new feature", {**released, "features": [*released["features"], new]}, ""),
        ("another bound", changed(released, hour, bound={"share": 0.9, "relative": 0.9}), ""),
        ("another window under the same name", changed(released, hour, minutes=45), hour),
        ("other weeks under the same name", changed(released, weeks, weeks=3), weeks),
    ):
        done = world.learner.run("merge", 60, released=world.define(released), definition=world.define(told))
        if stopped:
            expect(done.returncode != 0, f"`merge` with {what} ended with 0", "a refusal: another end than 0")
            named(done.stderr + done.stdout, [stopped], f"`merge` with {what}")
        else:
            expect(done.returncode == 0, f"`merge` with {what} ended with {done.returncode}: {last_line(done.stderr)}", "an end with 0")


def test_fast_enough(world: World, figures: dict[str, Any]) -> None:
    """With 1,000 events a second arriving, 200 asks a second for five seconds: the 99th percentile is under 20 ms in the best of three
    rounds, and no answer is older than `max_age_seconds`. The two minutes of `make load` are yours."""
    age = world.told.get("max_age_seconds")
    expect(number(age) and 0 < float(str(age)) <= 5, f"definition: max_age_seconds is {age!r}", "a number above 0 and up to 5")
    plain = [event for event in world.events if event.version == 1 and event.started <= event.arrived]
    many = SECONDS * EVENTS_A_SECOND
    begin = max(0, len(plain) - ROUNDS * many)
    log = world.log(plain[:begin], [])
    known = truth.Known(), truth.Known()
    for event in log.events:
        for one in known:
            one.take(event)
    with world.learner.served("live", definition=world.define(world.told), log=log.path) as server:
        for number_of_round in range(ROUNDS):
            part = plain[begin + number_of_round * many : begin + (number_of_round + 1) * many]
            answers, took = load(server, part, events_of.stations(world.events), float(str(age)))
            fresh(answers, part, known, world.features())
            seconds = sorted(answer.seconds for answer in answers)
            slow = seconds[math.ceil(0.99 * len(seconds)) - 1]
            if slow < SLOWEST and took < 1.3 * SECONDS:
                break
        figures["p50_ms"], figures["p99_ms"] = (round(1000 * value, 1) for value in (seconds[len(seconds) // 2], slow))
    rate = f"{len(answers)} asks and {len(part)} events took {took:.1f} s, and no less in {ROUNDS} rounds"
    expect(took < 1.3 * SECONDS, rate, f"{SECONDS} s: {ASKS_A_SECOND} asks and {EVENTS_A_SECOND:,} events a second")
    expect(
        slow < SLOWEST,
        f"the 99th percentile of {len(seconds)} asks is {1000 * slow:.0f} ms, and no better in {ROUNDS} rounds",
        "under 20 ms",
    )


@dataclass(frozen=True)
class Told:
    """An answer under load: how long it took, and the events that it must and that it may know of."""

    ask: Ask
    values: dict[str, Any]
    seconds: float
    must: int
    may: int


def load(server: Server, events: Sequence[Event], places: Sequence[int], age: float) -> tuple[list[Told], float]:
    """Send events from one line and asks from another, each at its rate; returns the answers, and the seconds that it took."""
    bodies = [
        json.dumps({"events": [event._asdict() for event in events[place : place + BATCH]]}).encode()
        for place in range(0, len(events), BATCH)
    ]
    sent, taken = [0], [(0.0, 0)]
    trouble: list[str] = []
    begin = time.monotonic() + 0.1

    def send() -> None:
        line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        try:
            for place, body in enumerate(bodies):
                time.sleep(max(0.0, begin + place * BATCH / EVENTS_A_SECOND - time.monotonic()))
                sent[0] += BATCH
                post(line, "/events", body)
                taken.append((time.monotonic(), sent[0]))
        except (OSError, http.client.HTTPException, NotMet) as error:
            trouble.append(f"POST /events: {error}")
        finally:
            line.close()

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    answers = []
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        for turn in range(SECONDS * ASKS_A_SECOND):
            time.sleep(max(0.0, begin + turn / ASKS_A_SECOND - time.monotonic()))
            if time.monotonic() > begin + 2 * SECONDS:
                break
            ask = Ask(turn, places[turn % len(places)], events[max(0, min(sent[0], len(events)) - 1)].arrived + 1)
            now = time.monotonic()
            must = next((count for when, count in reversed(taken) if when <= now - age), 0)
            told = post(line, "/ask", json.dumps({"station": ask.station, "at": ask.at}).encode())
            answers.append(Told(ask, told, time.monotonic() - now, must, sent[0]))
    except (OSError, http.client.HTTPException) as error:
        raise NotMet(f"POST /ask: {type(error).__name__}: {error}; the server's last words: {server.words()}", "an answer") from None
    finally:
        line.close()
        sender.join(15)
    if trouble:
        raise NotMet(trouble[0], "an answer of 200 to events")
    return answers, time.monotonic() - begin


def post(line: http.client.HTTPConnection, path: str, body: bytes) -> dict[str, Any]:
    """One request on a line that stays open."""
    line.request("POST", path, body, {"Content-Type": "application/json"})
    got = line.getresponse()
    content = got.read()
    expect(got.status == 200, f"{got.status} on POST {path}: {content[:100]!r}", "200")
    if path == "/events":
        return {}
    values = object_of(content.decode("utf-8", "`replace`"), "POST /ask").get("values")
    expect(isinstance(values, dict), f"POST /ask: {content[:100]!r}", '{"values": {feature: number or null}}')
    return dict(values or {})


def fresh(answers: Sequence[Told], events: Sequence[Event], known: tuple[truth.Known, truth.Known], features: Sequence[Feature]) -> None:
    """Every answer knows at least what was taken `max_age_seconds` before, and no more than what was sent."""
    places = [0, 0]
    for told in answers:
        for one, until in enumerate((told.must, told.may)):
            for event in events[places[one] : until]:
                known[one].take(event)
            places[one] = max(places[one], until)
        for feature in features:
            least, most = (one.value(feature, told.ask.station, told.ask.at) for one in known)
            seen = told.values.get(feature["name"], "missing")
            low, high = sorted(value if value is not None else math.inf for value in (least, most))
            value = math.inf if seen is None else seen
            good = (seen is None or number(seen)) and low - truth.CLOSE <= value <= high + truth.CLOSE
            what = f"under load, station {told.ask.station} at {told.ask.at}: {feature['name']} {seen}"
            expect(good, what, f"{least}" if least == most else f"between {least} and {most}")
    for one in range(2):
        for event in events[places[one] :]:
            known[one].take(event)
