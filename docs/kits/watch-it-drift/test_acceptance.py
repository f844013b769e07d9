"""The criteria of "watch it drift" that a machine can judge. Every run of a command is bounded in time."""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import batches
import faults
import pytest
import sample
from acceptance import Learner, NotMet, Trouble, expect
from printed import object_of

MINUTES = 15 * 60
"""Seconds that reading six months may take."""

REQUIRED = {
    "requests": "service",
    "errors": "service",
    "latency": "service",
    "missing": "inputs",
    "forecast": "predictions",
    "error": "quality",
}
VERSIONS = ("model", "code", "settings", "data")
LAYERS = ("service", "inputs", "predictions", "quality")
ON = {
    "stuck": (date(2014, 7, 23), date(2014, 10, 15)),
    "celsius": (date(2014, 8, 5), date(2014, 12, 3)),
    "silent": (date(2014, 9, 10), date(2014, 10, 21)),
}
"""Ordinary weekdays on which the faults begin, warm ones and cold ones; the second time the other half of the stations is silent."""

SHOWN = {"stuck": 0, "celsius": 0, "silent": 1}
"""Days until the first data show a fault: counts arrive on the next day."""

Row = dict[str, Any]


@dataclass
class Replay:
    """What a monitor wrote about a folder of days."""

    folder: Path
    out: Path
    signals: list[Row]
    alerts: list[Row]
    seconds: float

    def of(self, signal: str) -> list[Row]:
        """The rows of one signal."""
        return [row for row in self.signals if row["signal"] == signal]

    def pages(self) -> list[Row]:
        """The alerts that wake somebody."""
        return [row for row in self.alerts if row["severity"] == "page"]


@dataclass
class World:
    """The data, the service, the learner's monitor with what it learned, and the replay without a fault."""

    learner: Learner
    source: batches.Source
    service: batches.Service
    folder: Path
    clean: Replay = field(init=False)
    arrived: dict[date, date] = field(default_factory=dict)
    report: Row = field(default_factory=dict)
    broken: dict[tuple[str, date], Replay] = field(default_factory=dict)

    def watch(self, name: str) -> Replay:
        """Let the monitor read the days of a folder."""
        out = self.folder / f"{name}-out"
        out.mkdir()
        begun = time.monotonic()
        self.learner.succeed("monitor", MINUTES, batches=self.folder / name, state=self.folder / "state", out=out)
        seconds = time.monotonic() - begun
        return Replay(self.folder / name, out, rows(out / "signals.jsonl", SIGNAL), rows(out / "alerts.jsonl", ALERT), seconds)

    def break_it(self, fault: str, on: date, half: int) -> Replay:
        """A replay that ends two days after a fault began; the days before it are those without a fault."""
        source, how = faults.silent(self.source, on, half) if fault == "silent" else faults.FAULTS[fault](self.source, on)
        name = f"{fault}-{on}"
        self.borrow(name, batches.days(batches.REPLAY[0], on - timedelta(1)))
        batches.write(source, self.service, self.folder / name, (batches.REPLAY[0], on + timedelta(2)), begin=on, **how)
        return self.watch(name)

    def borrow(self, name: str, wanted: list[date]) -> None:
        """A folder with some days of the replay without a fault."""
        (self.folder / name).mkdir()
        for day in wanted:
            (self.folder / name / day.isoformat()).symlink_to(self.folder / "clean" / day.isoformat())


SIGNAL = {
    "day": str,
    "about": str,
    "layer": str,
    "signal": str,
    "value": (int, float, type(None)),
    "low": (int, float),
    "high": (int, float),
}
ALERT = {"day": str, "signal": str, "severity": str, "link": str}


def rows(path: Path, form: dict[str, Any]) -> list[Row]:
    """The lines of a file of JSON lines, each with the fields of a form."""
    expect(path.is_file(), f"no file {path.name} after the monitor ended with 0", f"{path.name} in the folder {{out}}")
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"{path.name} line {number}: {line[:100]}"
        try:
            row = json.loads(line)
        except ValueError:
            raise NotMet(where, "a line of JSON") from None
        for name, kinds in form.items():
            fits = isinstance(row, dict) and name in row and isinstance(row[name], kinds) and not isinstance(row[name], bool)
            expect(fits, where, f"a field {name!r} as the interface says")
        for name in ("day", "about"):
            if name in row:
                day_of(row[name], where)
        expect(not any(isinstance(row.get(name), float) and not math.isfinite(row[name]) for name in form), where, "finite numbers")
        found.append(row)
    return found


def day_of(text: object, where: str) -> date:
    """A day written as 2014-07-01."""
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise NotMet(f"{where}: {text!r}", "a day such as 2014-07-01") from None


def outside(row: Row) -> bool:
    """True when there is a value and it lies outside its band."""
    return row["value"] is not None and not row["low"] <= row["value"] <= row["high"]


def asked(learner: Learner, name: str, **values: object) -> Row:
    """The JSON object that a command prints."""
    return object_of(learner.succeed(name, 60, None, **values), f"`{name}`")


@pytest.fixture(scope="module")
def world(learner: Learner, figures: dict[str, Any]) -> Iterator[World]:
    """Learn from January to June, read July to December without a fault, and say what was learned."""
    for name in ("learn", "monitor", "report", "lineage"):
        if name not in learner.commands:
            raise Trouble(f'{learner.folder / "kit.toml"}: [commands] has no "{name}"; see kit.example.toml')
    folder = Path(tempfile.mkdtemp(prefix="kit-drift-"))
    try:
        yield built(learner, folder, figures)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def built(learner: Learner, folder: Path, figures: dict[str, Any]) -> World:
    """The world in a folder."""
    data = Path(os.environ["KIT_DATA"]).resolve() if "KIT_DATA" in os.environ else folder / "data"
    if "KIT_DATA" not in os.environ:
        data.mkdir()
        sample.write(data)
    try:
        source = batches.read(data)
    except (ValueError, OSError, KeyError) as error:
        raise Trouble(f"KIT_DATA cannot be read: {error}") from None
    one = World(learner, source, batches.Service.trained(source), folder)
    batches.write(source, one.service, folder / "reference", batches.REFERENCE)
    batches.write(source, one.service, folder / "clean", batches.REPLAY)
    one.arrived = arrivals(folder / "clean")
    (folder / "state").mkdir()
    learner.succeed("learn", MINUTES, reference=folder / "reference", state=folder / "state")
    shutil.rmtree(folder / "reference")
    one.clean = one.watch("clean")
    figures["seconds for six months"] = round(one.clean.seconds, 1)
    one.report = asked(learner, "report", state=folder / "state", out=one.clean.out)
    return one


def told_of(world: World, name: str) -> Any:
    """A part of the report, whatever it is."""
    return world.report.get(name)


def test_three_layers(world: World, figures: dict[str, Any]) -> None:
    """The file behind the screen: every day requests, errors, latency, missing inputs and the sum of the forecasts, right and with a
    band; the error, right, once for every day whose truth came and not before it came. How the screen reads is for a person."""
    known = {row["layer"] for row in world.clean.signals}
    expect(known == set(LAYERS), f"layers {', '.join(sorted(known))}", f"the layers {', '.join(LAYERS)}")
    expect(
        len({row["signal"] for row in world.clean.signals if row["layer"] == "inputs"}) > 1,
        "no signal about the inputs but missing",
        "missing values and ranges",
    )
    for signal, layer in REQUIRED.items():
        found = [row for row in world.clean.of(signal) if signal != "error" or row["value"] is not None]
        about = world.arrived if signal == "error" else {day: day for day in batches.days(*batches.REPLAY)}
        once(found, signal, about)
        for row in found:
            expect(row["layer"] == layer, f"{signal} in the layer {row['layer']}", f"the layer {layer}")
            expect(row["low"] <= row["high"], f"{signal} on {row['day']}: a band from {row['low']} to {row['high']}", "low ≤ high")
        far = sum(map(outside, found))
        expect(far * 2 < len(found), f"{signal}: outside its band on {far} of {len(found)} days", "a normal band, in which most days lie")
        right(found, signal, world)
    errors = [row["value"] for row in world.clean.of("error") if row["value"] is not None]
    figures["root mean squared error, mean of the days"] = round(sum(errors) / len(errors), 3)


def arrivals(folder: Path) -> dict[date, date]:
    """The days whose truth came, each with the day on which it came."""
    found = {}
    for path in sorted(folder.glob("*/truth.csv")):
        for about in {row["date"] for row in batches.table(path)}:
            found[date.fromisoformat(about)] = date.fromisoformat(path.parent.name)
    return found


def once(found: list[Row], signal: str, about: dict[date, date]) -> None:
    """One row about each day, known on the day on which it could be known."""
    count = Counter(row["about"] for row in found)
    doubled = next((day for day, number in count.items() if number > 1), None)
    expect(doubled is None, f"{signal}: {count[doubled or '']} rows about {doubled}", "one row about each day")
    expected = {day.isoformat(): known.isoformat() for day, known in about.items()}
    for row in found:
        expect(row["about"] in expected, f"{signal} about {row['about']}: {row['value']}", "no row about a day without truth")
        known = expected[row["about"]]
        expect(row["day"] == known, f"{signal} about {row['about']} known on {row['day']}", f"known on {known}, not before and not later")
    lost = sorted(set(expected) - set(count))
    expect(not lost, f"{signal}: no row about {', '.join(lost[:3])}{' …' if len(lost) > 3 else ''}", "a row about each day")


def right(found: list[Row], signal: str, world: World) -> None:
    """The values of a signal are those of the folder, on twelve days."""
    step = max(1, len(found) // 12)
    for row in found[::step]:
        expected = measured(world, signal, row["about"])
        seen = row["value"]
        expect(
            seen is not None and abs(seen - expected) <= 1e-6 * max(1, abs(expected)),
            f"{signal} about {row['about']}: {seen}",
            f"{expected:.6f}",
        )


def measured(world: World, signal: str, day: str) -> float:
    """One of the required signals, worked out here."""
    folder = world.clean.folder
    asked_for = batches.table(folder / day / "requests.csv")
    if signal == "requests":
        return len(asked_for)
    if signal == "errors":
        return sum(int(row["status"]) >= 500 for row in asked_for) / len(asked_for)
    if signal == "latency":
        return sorted(float(row["latency_ms"]) for row in asked_for)[math.ceil(0.99 * len(asked_for)) - 1]
    if signal == "missing":
        return sum(row[name] == "" for row in asked_for for name in batches.FEATURES) / (len(asked_for) * len(batches.FEATURES))
    if signal == "forecast":
        return sum(float(row["expected_trips"]) for row in asked_for if row["status"] == "200")
    came = world.arrived[date.fromisoformat(day)].isoformat()
    happened = {
        (row["station"], row["hour"]): float(row["trips"]) for row in batches.table(folder / came / "truth.csv") if row["date"] == day
    }
    squares = [(float(row["expected_trips"]) - happened[row["station"], row["hour"]]) ** 2 for row in asked_for if row["status"] == "200"]
    return math.sqrt(sum(squares) / len(squares))


def test_replay(world: World) -> None:
    """Six months in one go; a day says the same whether or not later days are there; an empty day and a day without truth
    neither stop it nor pass in silence."""
    cut = batches.REPLAY[0] + timedelta(75)
    world.borrow("cut", batches.days(batches.REPLAY[0], cut))
    short = world.watch("cut")
    for name, seen, whole in (
        ("signals.jsonl", short.signals, world.clean.signals),
        ("alerts.jsonl", short.alerts, world.clean.alerts),
    ):
        early = [row for row in whole if row["day"] <= cut.isoformat()]
        unlike = next((row for row in early if row not in seen), None) or next((row for row in seen if row not in early), None)
        expect(
            unlike is None,
            f"{name}, the days up to {cut} alone say otherwise than the same days in six months: {unlike}",
            "a day that does not depend on days that come later",
        )
    span = (batches.REPLAY[0], batches.REPLAY[0] + timedelta(19))
    empty, untold = span[0] + timedelta(9), span[0] + timedelta(13)
    batches.write(world.source, world.service, world.folder / "holes", span, late={untold: None}, empty=[empty])
    holes = world.watch("holes")
    told = {row["about"]: row for row in holes.of("requests")}
    lost = [day.isoformat() for day in batches.days(*span) if day.isoformat() not in told]
    expect(not lost, f"{empty} has no requests, and then there is no row of requests about {', '.join(lost[:3])}", "a row for every day")
    row = told[empty.isoformat()]
    expect(row["value"] == 0 and outside(row), f"requests on the empty day: {row}", "0, outside its band")
    false = [row for row in holes.of("error") if row["about"] in (untold.isoformat(), empty.isoformat()) and row["value"] is not None]
    expect(not false, f"an error of {false[0]['value'] if false else ''} about a day with nothing to compare", "no error about such a day")


def test_one_alert(world: World, figures: dict[str, Any]) -> None:
    """Without a fault it rings on at most one day of six months; with each of the faults, twice, it rings within a day of the first
    data that show it; days to come do not move its thresholds; it links a file of the project, and the report says what each
    threshold costs. Whether the README says so in words is for a person."""
    nights = sorted({row["day"] for row in world.clean.pages()})
    figures["nights without a fault"] = len(nights)
    unknown = {row["severity"] for row in world.clean.alerts} - {"page", "note"}
    expect(not unknown, f"severity {', '.join(sorted(unknown))}", "page, which wakes somebody, or note")
    expect(len(nights) <= 1, f"{len(nights)} nights: {', '.join(nights[:5])}", "at most one night in six months without a fault")
    for fault, on, found in each_fault(world):
        said = rings(world, found)
        expect(bool(said), f"{fault} from {on}: nothing rang by {soon(fault, on)[-1]}", f"a ring on one of {', '.join(soon(fault, on))}")
        steady(world, found, on, {row["signal"] for row in said})
        for row in said:
            file = (world.learner.folder / row["link"].partition("#")[0]).resolve()
            inside = file.is_file() and file.is_relative_to(world.learner.folder.resolve())
            expect(inside, f"the alert of {row['day']} links {row['link']!r}", "a file of the project, relative to its folder")
    told = told_of(world, "nights")
    good = isinstance(told, list) and all(isinstance(one, dict) and {"threshold", "nights", "in_force"} <= set(one) for one in told)
    expect(good, f"report: nights is {told!r}", "a list of {threshold, nights, in_force}")
    expect(
        len({one["threshold"] for one in told}) >= 3 and len({one["nights"] for one in told}) >= 2,
        f"report: nights is {told}",
        "at least three thresholds, which do not all cost the same",
    )
    force = [one["nights"] for one in told if one["in_force"]]
    expect(force == [len(nights)], f"report: the threshold in force costs {force} nights", f"[{len(nights)}], as the alert rang")


def each_fault(world: World) -> Iterator[tuple[str, date, Replay]]:
    """Every fault on both of its days, each run once."""
    for fault, dates in ON.items():
        for half, on in enumerate(dates):
            if (fault, on) not in world.broken:
                world.broken[fault, on] = world.break_it(fault, on, half)
            yield fault, on, world.broken[fault, on]


def soon(fault: str, on: date) -> list[str]:
    """The days on which a fault may be noticed: up to one day after the first data that show it."""
    return [day.isoformat() for day in batches.days(on, on + timedelta(SHOWN[fault] + 1))]


def rings(world: World, found: Replay) -> list[Row]:
    """The pages that the months without a fault do not hold."""
    before = {(row["day"], row["signal"]) for row in world.clean.pages()}
    return [row for row in found.pages() if (row["day"], row["signal"]) not in before]


def steady(world: World, found: Replay, on: date, signals: set[str]) -> None:
    """The thresholds of signals before a fault are those that they have without it."""
    bands = {(row["signal"], row["day"], row["about"]): (row["low"], row["high"]) for row in world.clean.signals}
    for row in found.signals:
        if row["signal"] in signals and row["day"] < on.isoformat():
            was = bands.get((row["signal"], row["day"], row["about"]))
            now = (row["low"], row["high"])
            expect(
                was == now, f"{row['signal']} on {row['day']}: the band is {was}, and {now} with a fault on {on}", "bands of earlier months"
            )


def test_three_faults(world: World, figures: dict[str, Any]) -> None:
    """Each fault, twice: the alert rings within a day of the first data that show it, not before, and with the signal that was named
    before, which then lies outside its band."""
    named = told_of(world, "faults")
    expect(isinstance(named, dict) and set(named) == set(ON), f"report: faults is {named!r}", f"a signal for each of {', '.join(ON)}")
    for fault, on, found in each_fault(world):
        rang = noticed(world, found, fault, on, str(named[fault]))
        figures[f"days until {fault} of {on} rang"] = (rang - on).days


def noticed(world: World, found: Replay, fault: str, on: date, signal: str) -> date:
    """The day on which a fault rang with its signal."""
    said = rings(world, found)
    early = next((row for row in said if row["day"] < on.isoformat()), None)
    expect(early is None, f"{fault} from {on}: rang already on {early and early['day']}", "no ring before the fault")
    names = ", ".join(sorted({row["signal"] for row in said})) or "nothing"
    hit = sorted(row["day"] for row in said if row["signal"] == signal and row["day"] in soon(fault, on))
    expect(bool(hit), f"{fault} from {on}: {names} rang", f"the alert with {signal!r} on one of {', '.join(soon(fault, on))}")
    far = any(outside(row) for row in found.of(signal) if row["day"] == hit[0])
    expect(far, f"{fault} from {on}: rang with {signal} on {hit[0]}, which lies in its band", "a value outside its band")
    return date.fromisoformat(hit[0])


def test_drift_or_noise(world: World, figures: dict[str, Any]) -> None:
    """Bands come from days before the replay, and the rate of false alarms of every signal is the share of days without a fault
    on which it lay outside, with an interval of 95 per cent: counted again here."""
    fitted = told_of(world, "fitted")
    good = isinstance(fitted, dict) and {"from", "to"} <= set(fitted)
    expect(good, f"report: fitted is {fitted!r}", "{from, to}: the days from which the bands come")
    last = day_of(fitted["to"], "report: fitted.to")
    expect(
        last < batches.REPLAY[0],
        f"bands from days up to {last}",
        f"from days before {batches.REPLAY[0]}: after it false alarms are counted",
    )
    told = told_of(world, "false_alarms")
    expect(isinstance(told, dict), f"report: false_alarms is {told!r}", "{signal: {rate, low, high}}")
    counted: dict[str, list[bool]] = defaultdict(list)
    for row in world.clean.signals:
        if row["value"] is not None:
            counted[row["signal"]].append(outside(row))
    for signal, hits in sorted(counted.items()):
        interval(signal, told.get(signal), sum(hits), len(hits))
    figures["signals"] = len(counted)
    figures["highest rate of false alarms"] = round(max(sum(hits) / len(hits) for hits in counted.values()), 3)


def interval(signal: str, seen: Any, hits: int, days: int) -> None:
    """A rate is the counted one, and its interval is about as wide as Wilson's: wider if days hang together, never a single point."""
    good = isinstance(seen, dict) and all(isinstance(seen.get(name), int | float) for name in ("rate", "low", "high"))
    expect(good, f"false alarms of {signal}: {seen!r}", "{rate, low, high}")
    rate = hits / days
    expect(
        abs(seen["rate"] - rate) <= 0.002,
        f"false alarms of {signal}: {seen['rate']}",
        f"{rate:.4f}: outside on {hits} of {days} days without a fault",
    )
    low, high = wilson(hits, days)
    fits = rate + 0.4 * (high - rate) <= seen["high"] <= min(1, rate + 4 * (high - rate)) and 0 <= seen["low"] <= rate
    expect(
        fits, f"false alarms of {signal}: {seen['low']:.4f} to {seen['high']:.4f}", f"about {low:.4f} to {high:.4f}: {hits} of {days} days"
    )


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Wilson's interval of 95 per cent for a share."""
    z, share = 1.96, hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def test_version_known(world: World) -> None:
    """One query names the versions behind an error point: on the day when the model changed at noon and its truth came late, when
    only the code or only the settings changed, on the first day and on the last; a day without a point is refused."""
    arrived = world.arrived
    for day in (
        min(arrived),
        batches.RETRAINED[0],
        batches.RETRAINED[0] + timedelta(1),
        batches.NEW_CODE[0],
        batches.NEW_SETTINGS[0],
        max(arrived),
    ):
        told = asked(world.learner, "lineage", out=world.clean.out, day=day)
        expected = Counter(
            tuple(row[name] for name in VERSIONS)
            for row in batches.table(world.clean.folder / day.isoformat() / "requests.csv")
            if row["status"] == "200"
        )
        versions: Any = told.get("versions")
        good = isinstance(versions, list) and all(isinstance(one, dict) for one in versions)
        expect(good, f"lineage of {day}: versions is {versions!r}", "a list of {model, code, settings, data, answers}")
        seen = Counter({tuple(one.get(name) for name in VERSIONS): one.get("answers", 0) for one in versions})
        expect(seen == expected, f"lineage of {day}: {dict(seen)}", f"{dict(expected)}")
        point = next((row["value"] for row in world.clean.of("error") if row["about"] == day.isoformat()), None)
        expect(told.get("error") == point, f"lineage of {day}: error {told.get('error')}", f"{point}, as on the chart")
    done = world.learner.run("lineage", 60, out=world.clean.out, day=max(arrived) + timedelta(1))
    expect(done.returncode != 0, f"a day without an error point: an end with 0 and {done.stdout[:60]!r}", "another end, with a reason")
