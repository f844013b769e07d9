"""Judges a pipeline that refuses bad data: one test for each criterion. The interface is told in README.md."""

from __future__ import annotations

import copy
import hashlib
import json
import math
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import faults
import pytest
import sample
import story
from acceptance import Learner, NotMet, expect, last_words, one_line, started
from deliveries import DAY, Delivery, Key, contract, day_file, save_contract
from printed import lines_of, number

SOON = 120
"""Seconds that a command about a day or a query may take."""

LONG = 600
"""Seconds that five years may take."""

SECOND = {"PIPELINE_STORE": "second"}
WEST, EAST = {"TZ": "UTC12"}, {"TZ": "UTC-14", "PYTHONHASHSEED": "7"}
"""Two zones in which it is never the same day."""

KILLS = 10
UNKNOWN_FALLBACK = 2.0
"""How many times the error of repeating today a forecast without today may have before it is no rule."""

COMMANDS = ("load", "check", "values", "week", "quarantine", "dump", "train", "forecast", "lookup")
Told = dict[str, Any]
Environment = Mapping[str, str] | None


def values_of(printed: str) -> dict[Key, float]:
    """What `values` printed."""
    found: dict[Key, float] = {}
    for one in lines_of(printed, "values"):
        key = (str(one.get("station")), str(one.get("day")), str(one.get("element")))
        expect(key not in found, f"values: {' '.join(key)} twice", "one value as known on one evening")
        found[key] = number(one, "value", f"values: {' '.join(key)}")
    return found


def same(seen: Mapping[Key, float], right: Mapping[Key, float], where: str) -> None:
    """Raise `NotMet` when values differ from those that are right, with the first difference."""
    for key in sorted(right.keys() | seen.keys()):
        one, other = seen.get(key), right.get(key)
        agree = one is not None and other is not None and abs(one - other) <= 0.01
        expect(
            agree,
            f"{where}: {' '.join(key)} is {'absent' if one is None else f'{one:g}'}",
            "absent" if other is None else f"{other:g} (degrees Celsius or millimetres)",
        )


class Bench:
    """The project, stores that are filled once, and what was asked of them."""

    def __init__(self, learner: Learner, folder: Path, figures: Told) -> None:
        self.learner, self.folder, self.figures = learner, folder, figures
        self.weather = sample.weather()
        self.contract = save_contract(contract(sample.STATIONS), folder / "contract.json")
        self.files = story.story(self.weather)
        self.known = story.known(self.files)
        self.inbox = story.write(self.files, folder / "inbox")
        self.done: dict[str, Any] = {}
        self.hung: NotMet | None = None

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, made once; a failure is kept as well, so that a slow one is not repeated."""
        if name not in self.done:
            try:
                self.done[name] = make()
            except Exception as error:
                self.done[name] = error
        if isinstance(self.done[name], Exception):
            raise self.done[name]
        return self.done[name]

    def store(self, name: str) -> Path:
        """An empty folder for a store."""
        path = self.folder / f"store-{name}"
        path.mkdir()
        return path

    def load(
        self,
        store: Path,
        inbox: Path,
        first: date,
        last: date,
        held: Path | None = None,
        environment: Environment = None,
        seconds: float = SOON,
    ) -> str:
        """Load what arrived from the first to the last day; the messages that were printed. A load that hung once is not tried again."""
        where = {"store": store, "contract": held or self.contract, "inbox": inbox, "first": first, "last": last}
        if self.hung:
            raise self.hung
        try:
            return self.learner.succeed("load", seconds, environment, **where)
        except NotMet as found:
            if "had not ended" in found.seen:
                self.hung = found
            raise

    def values(self, store: Path, first: date, last: date, known: date, environment: Environment = None) -> dict[Key, float]:
        """What a reader sees of some days as known on an evening."""
        return values_of(self.learner.succeed("values", SOON, environment, store=store, first=first, last=last, known=known))

    def quarantine(self, store: Path, environment: Environment = None) -> list[Told]:
        """The refused rows."""
        told = lines_of(self.learner.succeed("quarantine", SOON, environment, store=store), "quarantine")
        for one in told:
            whole = all(isinstance(one.get(name), str) and one[name] for name in ("delivery", "rule", "row"))
            whole = whole and isinstance(one.get("line"), int)
            expect(whole, f"quarantine: {json.dumps(one)[:200]}", "delivery, line, rule and row")
        return told

    def broken(self, store: Path, environment: Environment = None) -> dict[str, dict[int, str]]:
        """The refused lines by delivery, with their rules."""
        found: dict[str, dict[int, str]] = {}
        for one in self.quarantine(store, environment):
            lines = found.setdefault(one["delivery"], {})
            expect(one["line"] not in lines, f"line {one['line']} of {one['delivery']} stands there twice", "each refused row once")
            lines[one["line"]] = one["rule"]
        return found

    def dump(self, store: Path, environment: Environment = None) -> list[str]:
        """Every row of every table in the order of its text."""
        told = lines_of(self.learner.succeed("dump", SOON, environment, store=store), "dump")
        for one in told:
            expect(isinstance(one.get("table"), str) and "row" in one, f"dump: {json.dumps(one)[:100]}", '{"table": …, "row": …}')
        return sorted(json.dumps(one, sort_keys=True) for one in told)

    def checksum(self, store: Path, least: int, environment: Environment = None) -> str:
        """The checksum over the sorted rows of all tables, and how many there are; at least `least`."""
        rows = self.dump(store, environment)
        expect(len(rows) >= least, f"dump: {len(rows)} rows", f"at least the {least} accepted and refused rows")
        return f"{len(rows)} rows, {hashlib.sha256(chr(10).join(rows).encode()).hexdigest()[:12]}"

    def daily(self) -> tuple[Path, dict[date, str]]:
        """The store into which the five weeks were loaded day by day, and what was said on each."""
        return self.once("daily", self.load_daily)

    def load_daily(self) -> tuple[Path, dict[date, str]]:
        """Load the five weeks day by day, without looking at what was said."""
        store = self.store("daily")
        arrived = sorted({one.arrived for one in self.files})
        begun = time.monotonic()
        said = {day: self.load(store, self.inbox, day, day, None, WEST) for day in arrived}
        self.figures["seconds for a daily load"] = round((time.monotonic() - begun) / len(arrived), 2)
        return store, said

    def count(self) -> int:
        """The accepted and refused rows of the five weeks."""
        return sum(len(one.rows) for one in self.files)

    def april(self, name: str, days: int = 6, more: Delivery | None = None) -> tuple[Path, Path]:
        """A store with the first good days of April, and an inbox with one file more that is not loaded yet."""
        inbox = story.write([*self.files[:days], *([more] if more else [])], self.folder / f"inbox-{name}")
        store = self.store(name)
        self.load(store, inbox, self.files[0].arrived, self.files[days - 1].arrived)
        return store, inbox

    def terms(self, name: str, version: int = 2, agreed: bool = True, **changes: Any) -> Path:
        """A contract with other terms."""
        held: Any = copy.deepcopy(contract(sample.STATIONS))
        held |= {"version": version, **changes}
        if agreed and version > 1:
            held["changes"].append({"version": version, "on": "2021-04-06", "agreed": "R. Okafor, L. Chen", "what": name})
        return save_contract(held, self.folder / f"contract-{name}.json")

    def arrived_on(self, day: date) -> Delivery:
        """The file of a day as it came first."""
        return next(one for one in self.files if one.name == f"{day}.csv")


@pytest.fixture(scope="session")
def bench(learner: Learner, figures: Told) -> Iterator[Bench]:
    """The project with the sample."""
    for name in COMMANDS:
        learner.command(name, **dict.fromkeys(("store", "contract", "inbox", "first", "last", "known", "file", "model", "cases"), "x"))
    folder = Path(tempfile.mkdtemp(prefix="kit-pipeline-"))
    try:
        yield Bench(learner, folder, figures)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_idempotent(bench: Bench) -> None:
    """Loaded again, the sorted rows of all tables stay as they were; the same file on another morning moves no value."""
    store = bench.store("twice")
    bench.load(store, bench.inbox, bench.files[0].arrived, story.AGAIN)
    before = bench.checksum(store, bench.count())
    bench.load(store, bench.inbox, bench.files[0].arrived, story.AGAIN)
    for day in (story.SEVERAL, story.HELD, bench.files[2].arrived):
        bench.load(store, bench.inbox, day, day)
    after = bench.checksum(store, bench.count())
    expect(after == before, f"{before}; {after} after everything was loaded again", "the same rows in all tables")
    first = bench.arrived_on(date(2021, 4, 3))
    store, inbox = bench.april("resent", 6, story.resent(first, date(2021, 4, 8)))
    bench.load(store, inbox, date(2021, 4, 8), date(2021, 4, 8))
    for known in (date(2021, 4, 7), date(2021, 4, 8)):
        seen = bench.values(store, story.FIRST, date(2021, 4, 6), known)
        same(seen, bench.known.at(story.FIRST, date(2021, 4, 6), date(2021, 4, 7)), f"3 April sent again on 8 April, known on {known}")


def test_quarantine(bench: Bench) -> None:
    """What a reader sees of a day and what stands in the quarantine add up to what arrived; each refused row is there as it came."""
    store, _ = bench.daily()
    told = bench.quarantine(store)
    expect(bool(told), "the quarantine is empty", "the refused rows of five weeks")
    texts = {one.title: one.text().splitlines() for one in bench.files}
    for one in told:
        lines = texts.get(one["delivery"], [])
        expect(
            2 <= one["line"] <= len(lines),
            f"quarantine: {json.dumps(one)[:200]}",
            "a delivery such as 2021-04-10/2021-04-09.csv and its line",
        )
        expect(
            one["row"] == lines[one["line"] - 1],
            f"line {one['line']} of {one['delivery']} stands there as {one['row']!r}",
            lines[one["line"] - 1],
        )
    refused = Counter(one["delivery"] for one in told)
    seen = Counter(key[1] for key in bench.values(store, story.FIRST, story.LAST, story.MENDED - DAY))
    for delivery in bench.files:
        if delivery.arrived < story.MENDED:
            read, kept = seen[delivery.name[:10]], refused[delivery.title]
            expect(
                read + kept == len(delivery.rows),
                f"{delivery.title}: {read} values to be read and {kept} rows in the quarantine",
                f"{len(delivery.rows)}, the rows that arrived",
            )
    bench.figures["refused rows"] = f"{len(told)} of {bench.count()}"


def test_ten_defects(bench: Bench) -> None:
    """Each defect is refused for its own reason, on its lines and no others, on the first day; a heat wave is taken in whole."""
    store, _ = bench.daily()
    broken = bench.broken(store)
    span = (min(story.DEFECTIVE), sample.HEAT[1], story.MENDED)
    seen, right = bench.values(store, *span), bench.known.at(*span)
    for delivery in (*map(bench.arrived_on, story.DEFECTIVE), *story.heat(bench.files)):
        day = date.fromisoformat(delivery.name[:10])
        name = story.DEFECTIVE.get(day, f"the heat wave, {day}")
        told_apart(name, broken.get(delivery.title, {}), delivery.broken())
        ours, theirs = ({key: value for key, value in one.items() if key[1] == f"{day}"} for one in (seen, right))
        same(ours, theirs, name)
    cold = story.cold_nine(bench.weather)
    store = bench.store("nine")
    bench.load(store, story.write(cold, bench.folder / "inbox-nine"), cold[0].arrived, cold[-1].arrived)
    broken = bench.broken(store)
    noticed = [nth for nth, one in enumerate(cold[10:], 1) if set(one.broken()) & set(broken.get(one.title, {}))]
    expect(bool(noticed), "nine days of Fahrenheit from one station in January: nothing was refused", "at least one day of the nine")
    bench.figures["day of nine in January on which Fahrenheit was noticed"] = noticed[0]


def told_apart(what: str, seen: Mapping[int, str], right: Mapping[int, str]) -> None:
    """Raise `NotMet` when other lines were refused than those that had to be, or for another reason."""
    if seen == right:
        return
    line = min(line for line in seen.keys() | right.keys() if seen.get(line) != right.get(line))
    raise NotMet(
        f"{what}: line {line} {'was refused by ' + seen[line] if line in seen else 'was not refused'} ({len(seen)} lines in all)",
        f"{'refused by ' + right[line] if line in right else 'accepted'}: {len(right)} lines in all",
    )


def test_message(bench: Bench) -> None:
    """Six lines at most: what, how many, since when, an example, whose turn, and a command that shows the rows; none for a good day."""
    _, said = bench.daily()
    for delivery in (bench.files[1], *story.heat(bench.files)):
        expect(
            not said[delivery.arrived].strip(), f"{delivery.title}, all good: {one_line(said[delivery.arrived])}", "no word on a good day"
        )
    for day in (story.LASTING[1], story.SEVERAL, story.HELD, *story.DEFECTIVE):
        delivery = bench.arrived_on(day)
        text = said[delivery.arrived]
        lines = [line for line in text.splitlines() if line.strip()]
        expect(1 <= len(lines) <= 6, f"the message about {delivery.title} has {len(lines)} lines", "one to six")
        struck = Counter(delivery.refused.values())
        for rule, count in struck.items():
            expect(rule in text, f"{delivery.title}: no {rule} in {one_line(text)}", "every rule that refused something, by its name")
            expect(
                bool(re.search(rf"(?<![\d-]){count}(?![\d-])", text)),
                f"{delivery.title}: no {count} in {one_line(text)}",
                f"{rule}: {count}",
            )
        rows = [delivery.rows[number] for number in delivery.refused]
        example = any(row["ID"] in text and row["DATA_VALUE"] in text for row in rows)
        expect(example, f"{delivery.title}: no refused row in {one_line(text)}", "a row that was refused, with station and value")
        who = str(contract(sample.STATIONS)["on_duty"])
        expect(who in text, f"{delivery.title}: {one_line(text)}", f"{who!r}, whose turn it is by the contract")
        shown = any(line.strip().startswith("run:") for line in lines)
        expect(shown, f"{delivery.title}: no line begins with `run:`", "run: and the command")
        began = story.LASTING[0] if day == story.LASTING[1] else day
        expect(f"{began}" in text, f"{delivery.title}: no {began} in {one_line(text)}", f"since {began}")
    text = said[bench.arrived_on(story.LASTING[1]).arrived]
    once = next(day for day, name in story.DEFECTIVE.items() if name == "unknown_station")
    expect(f"{once}" not in text, f"a message that names {once}, since when all was well", f"since {story.LASTING[0]}")
    for day in (story.LASTING[1], story.SEVERAL):
        delivery = bench.arrived_on(day)
        line = next(line for line in said[delivery.arrived].splitlines() if line.strip().startswith("run:"))
        words = line.strip()[4:].strip().replace("{", "{{").replace("}", "}}")
        printed = replace(bench.learner, commands={"run": words}).succeed("run", SOON)
        for row_number in delivery.refused:
            row = delivery.text().splitlines()[row_number + 1]
            expect(row in printed, f"`{words}` printed {one_line(printed)}", f"the refused rows, such as {row}")


FORM: dict[str, type | tuple[type, ...]] = {
    "version": int,
    "changes": list,
    "arrives": dict,
    "answers": str,
    "on_duty": str,
    "columns": list,
    "elements": dict,
    "stations": list,
    "whole_day": (int, float),
    "refused_at_most": (int, float),
}


def test_contract(bench: Bench) -> None:
    """One file tells checks and sender alike: other limits or another unit turn both red, and other words take a new version and a name."""
    own_contract(bench.learner.folder / "contract.json")
    good = bench.files[6]
    summer = date(2021, 7, 12)
    hot = faults.all_fahrenheit(day_file(bench.weather[summer], summer))
    before = [day_file(bench.weather[summer - back * DAY], summer - back * DAY) for back in (3, 2, 1)]
    red_or_green(bench, good, bench.contract, None)
    held: Any = contract(sample.STATIONS)
    narrow = bench.terms("narrow", elements={**held["elements"], "TMAX": {"unit": "0.1 degC", "low": -60, "high": 5}})
    whole = bench.terms("whole-degrees", elements={**held["elements"], "TMAX": {"unit": "degC", "low": -60, "high": 60}})
    fewer = bench.terms("fewer", stations=list(sample.STATIONS[1:]))
    for path, what in ((narrow, "at most 5 degrees in the contract"), (whole, "whole degrees in the contract"), (fewer, "a station less")):
        red_or_green(bench, good, path, what)
        store, inbox = bench.april(path.stem, 6, good)
        bench.load(store, inbox, good.arrived, good.arrived, path)
        expect(
            bool(bench.broken(store).get(good.title)), f"{what}: nothing of {good.title} was refused", "the rows that break the contract"
        )
    for name in ("missing_column", "out_of_range", "unknown_station", "half_day"):
        red_or_green(bench, faults.DEFECTS[name](good), bench.contract, name)
    red_or_green(bench, hot, bench.contract, "Fahrenheit from all stations in July")
    inbox = story.write([*before, hot], bench.folder / "inbox-hot")
    store = bench.store("hot")
    bench.load(store, inbox, before[0].arrived, hot.arrived)
    seen = bench.values(store, summer, summer, hot.arrived)
    expect(not seen, f"Fahrenheit from all stations in July: {len(seen)} values can be read", "none of that day")
    new_version(bench, good)


def red_or_green(bench: Bench, delivery: Delivery, terms: Path, what: str | None) -> None:
    """The sender's program ends with 0 for a good file, and otherwise when `what` is wrong with it."""
    path = delivery.write(bench.folder / "outbox")
    done = bench.learner.run("check", SOON, contract=terms, file=path)
    if what is None:
        expect(done.returncode == 0, f"check ended with {done.returncode} for a good file: {last_words(done.stderr or done.stdout)}", "0")
    else:
        expect(done.returncode != 0, f"{what}: check ended with 0", "an end other than 0, before the file is sent")


def new_version(bench: Bench, good: Delivery) -> None:
    """Other words under the same version, or under a new one that nobody agreed to, load nothing; agreed, they do."""
    store, inbox = bench.april("versions", 6, good)
    day = good.arrived - DAY
    where = {"store": store, "inbox": inbox, "first": good.arrived, "last": good.arrived}
    for path, what in (
        (bench.terms("silent", 1, whole_day=0.7), "other words under version 1"),
        (bench.terms("alone", 2, False, whole_day=0.7), "version 2 without a line in changes"),
    ):
        done = bench.learner.run("load", SOON, None, contract=path, **where)
        expect(done.returncode != 0, f"{what}: load ended with 0", "an end other than 0, with the reason")
        seen = bench.values(store, day, day, good.arrived)
        expect(not seen, f"{what}: {len(seen)} values were loaded", "nothing loaded under words that nobody agreed to")
    bench.load(store, inbox, good.arrived, good.arrived, bench.terms("agreed", 2, whole_day=0.7))
    same(bench.values(store, day, day, good.arrived), good.accepted(), "version 2 with a line that says who agreed")


def own_contract(path: Path) -> None:
    """The contract of the project has the form of the interface."""
    expect(path.is_file(), "no contract.json in the project's folder", "the contract with your sender")
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise NotMet(f"contract.json: {error}", "JSON") from None
    expect(isinstance(held, dict), "contract.json holds no object", "an object")
    for name, kind in FORM.items():
        expect(
            isinstance(held.get(name), kind) and held[name] not in ("", [], {}),
            f"contract.json: {name} is {held.get(name)!r}",
            "see the interface",
        )
    for element, limits in held["elements"].items():
        whole = isinstance(limits, dict) and {"unit", "low", "high"} <= set(limits)
        expect(whole, f"contract.json: {element} is {limits!r}", "unit, low and high")
    agreed = [one for one in held["changes"] if isinstance(one, dict) and one.get("version") == held["version"] and one.get("agreed")]
    expect(bool(agreed), f"contract.json: no line in changes about version {held['version']}", "a line that says who agreed")


def test_stop_rule(bench: Bench) -> None:
    """A day of which too much is refused is not to be seen, the day before is; the share is the contract's; mended, the day comes in."""
    store, _ = bench.daily()
    held = bench.arrived_on(story.HELD)
    seen = bench.values(store, story.HELD - DAY, story.HELD, held.arrived)
    same(seen, bench.known.at(story.HELD - DAY, story.HELD, held.arrived), f"{held.title}, a third of it refused")
    seen = bench.values(store, story.HELD, story.HELD, story.MENDED)
    same(seen, bench.known.at(story.HELD, story.HELD, story.MENDED), f"{story.HELD}, mended and sent again on {story.MENDED}")
    bad = faults.several(day_file(bench.weather[date(2021, 4, 7)], date(2021, 4, 7)))
    strict = bench.terms("strict", refused_at_most=0.05)
    for terms, right in ((strict, {}), (None, bad.accepted())):
        store, inbox = bench.april(f"share-{'strict' if terms else 'usual'}", 6, bad)
        bench.load(store, inbox, bad.arrived, bad.arrived, terms)
        share = "0.05" if terms else "0.2"
        same(
            bench.values(store, date(2021, 4, 7), date(2021, 4, 7), bad.arrived),
            right,
            f"5 of {len(bad.rows)} rows refused, at most {share}",
        )
    worse = faults.a_third(day_file(bench.weather[date(2021, 4, 4)], date(2021, 4, 4), date(2021, 4, 8)))
    store, inbox = bench.april("worse", 6, worse)
    bench.load(store, inbox, worse.arrived, worse.arrived)
    day = date(2021, 4, 4)
    same(
        bench.values(store, day, day, worse.arrived), bench.known.at(day, day, worse.arrived), "a good day, sent again with a third refused"
    )


def test_as_known(bench: Bench) -> None:
    """With two dates the answer is what was known on the second; corrections count from their arrival; weekly means agree 20 times."""
    store, _ = bench.daily()
    for known in (story.LATE + DAY, story.ARRIVES_LATE, story.CORRECTED - DAY, story.CORRECTED, story.AGAIN - DAY, story.AGAIN):
        seen = bench.values(store, story.FIRST, story.LAST, known)
        same(seen, bench.known.at(story.FIRST, story.LAST, known), f"known on {known}")
    turned = bench.store("turned")
    for first, last in ((bench.files[0].arrived, story.MENDED), (story.AGAIN, story.AGAIN), (story.CORRECTED, story.CORRECTED)):
        bench.load(turned, bench.inbox, first, last)
    for known in (story.CORRECTED, story.AGAIN):
        seen = bench.values(turned, story.FIRST, story.LAST, known)
        same(seen, bench.known.at(story.FIRST, story.LAST, known), f"the newer correction loaded first, known on {known}")
    evenings = [(day, day + DAY) for day in (story.FIRST + nth * DAY for nth in (0, 4, 8, 12, 13, 14, 16, 18, 19, 22, 24, 26, 27, 28))]
    evenings += [(day + 2 * DAY, known) for _, day in story.CHANGES for known in (day + 3 * DAY, story.AGAIN)]
    for last, known in evenings:
        means = bench.known.week(last, known)
        told = lines_of(bench.learner.succeed("week", SOON, None, store=store, last=last, known=known), "week")
        said = {str(one.get("station")): (number(one, "mean", "week"), number(one, "days", "week")) for one in told}
        expect(said.keys() == means.keys(), f"week to {last}, known on {known}: {len(said)} stations", f"{len(means)}")
        for station, (mean, days) in means.items():
            agree = abs(said[station][0] - mean) <= 0.005 and said[station][1] == days
            expect(
                agree,
                f"week to {last}, known on {known}: {station} has {said[station][0]:.3f} from {said[station][1]:g} days",
                f"{mean:.3f} from {days}",
            )


def test_pure_core(bench: Bench) -> None:
    """With PIPELINE_STORE=second another store gives the same values, refusals and rows after a second load; it is really another one."""
    store = bench.store("second")
    for _ in range(2):
        bench.load(store, bench.inbox, bench.files[0].arrived, story.AGAIN, None, SECOND)
        bench.once("second", lambda: bench.checksum(store, bench.count(), SECOND))
    after = bench.checksum(store, bench.count(), SECOND)
    expect(after == bench.done["second"], f"{bench.done['second']}; {after} after a second load", "the same rows in all tables")
    for known in (story.CORRECTED - DAY, story.AGAIN):
        seen = bench.values(store, story.FIRST, story.LAST, known, SECOND)
        same(seen, bench.known.at(story.FIRST, story.LAST, known), f"the second store, known on {known}")
    broken, right = bench.broken(store, SECOND), {one.title: one.broken() for one in bench.files if one.refused}
    for title in sorted(broken.keys() | right.keys()):
        told_apart(f"the second store, {title}", broken.get(title, {}), right.get(title, {}))
    where = {"store": store, "first": story.FIRST, "last": story.LAST, "known": story.AGAIN}
    done = bench.learner.run("values", SOON, None, **where)
    blind = done.returncode != 0 or not done.stdout.strip()
    expect(blind, "the first store reads what the second one wrote", "two stores that cannot read each other: PIPELINE_STORE chooses")


class Years:
    """Five years in one store, with the time that they took, and a model that was trained before the last of them came."""

    def __init__(self, bench: Bench) -> None:
        inbox = story.write(list(sample.deliveries(bench.weather, sample.FIRST, sample.LAST)), bench.folder / "inbox-years")
        self.store, self.model = bench.store("years"), bench.folder / "model-before"
        self.trained: Exception | None = None
        end = date(sample.LAST.year, 1, 1)
        begun = time.monotonic()
        bench.load(self.store, inbox, sample.FIRST, end, seconds=LONG)
        self.seconds = time.monotonic() - begun
        try:
            train(bench, self.store, self.model)
        except Exception as error:
            self.trained = error
        begun = time.monotonic()
        bench.load(self.store, inbox, end + DAY, sample.LAST + DAY, seconds=max(1.0, LONG - self.seconds))
        self.seconds += time.monotonic() - begun


def train(bench: Bench, store: Path, path: Path) -> None:
    """Train on all years but the last."""
    last = date(sample.LAST.year - 1, 12, 31)
    bench.learner.succeed("train", LONG, None, store=store, first=sample.FIRST, last=last, model=path)


def test_five_years(bench: Bench) -> None:
    """Five years within ten minutes, all of them there; look-ups in a list grow with the square, elsewhere they do not."""
    years: Years = bench.once("years", lambda: Years(bench))
    expect(years.seconds <= LONG, f"{years.seconds:.0f} s for five years", f"at most {LONG} s")
    bench.figures["seconds for five years"] = round(years.seconds, 1)
    for day in (sample.FIRST, date(2020, 2, 29), sample.LAST):
        seen = bench.values(years.store, day, day, sample.LAST + DAY)
        same(seen, day_file(bench.weather[day], day).accepted(), "five years")
    begun = time.monotonic()
    told = lines_of(bench.learner.succeed("lookup", LONG), "lookup")
    spent = time.monotonic() - begun
    expect(len(told) == 3, f"lookup printed {len(told)} lines", "one for each of three sizes")
    sizes, listed, chosen = ([number(one, name, "lookup") for one in told] for name in ("size", "list", "chosen"))
    grown = sizes[-1] / sizes[0] if sizes[0] > 0 else 0
    expect(grown >= 4 and sizes == sorted(sizes), f"sizes {sizes}", "three rising sizes, the last at least four times the first")
    expect(
        min(*listed, *chosen) > 0 and sum(listed) <= spent,
        f"list {listed}, chosen {chosen}, within {spent:.2f} s",
        "seconds that were spent",
    )
    for name, seconds, holds in (("list", listed, 1), ("chosen", chosen, -1)):
        power = math.log(seconds[-1] / seconds[0]) / math.log(grown)
        bench.figures[f"look-ups in the {name} grow with the power"] = round(power, 2)
        expect(
            holds * (power - 1.5) > 0,
            f"{name}: {seconds[0]:.2g} s at {sizes[0]:g}, {seconds[-1]:.2g} s at {sizes[-1]:g} rows: the power {power:.2f}",
            "about 2, as each row is compared with each" if holds > 0 else "about 1",
        )
    expect(chosen[-1] * 5 <= listed[-1], f"at {sizes[-1]:g} rows: list {listed[-1]:.2g} s, chosen {chosen[-1]:.2g} s", "at most a fifth")


def test_model_behaves(bench: Bench) -> None:
    """On the last year it beats repeating today; warmer is never colder; without today it says so; nothing of that year was learned."""
    years: Years = bench.once("years", lambda: Years(bench))
    if years.trained:
        raise years.trained
    highest = {
        (row["ID"], day): int(row["DATA_VALUE"]) / 10 for day, rows in bench.weather.items() for row in rows if row["ELEMENT"] == "TMAX"
    }
    pairs = [(at, highest[at[0], at[1] + DAY]) for at in highest if at[1].year == sample.LAST.year and (at[0], at[1] + DAY) in highest]
    cases: list[tuple[str, date, float | None]] = [(*at, highest[at]) for at, _ in pairs]
    told = forecasts(bench, years.model, cases)
    error = statistics.fmean(abs(seen - truth) for (seen, _), (_, truth) in zip(told, pairs, strict=True))
    repeated = statistics.fmean(abs(highest[at] - truth) for at, truth in pairs)
    bench.figures |= {"error of the forecast": round(error, 2), "error of repeating today": round(repeated, 2)}
    expect(error < repeated, f"mean absolute error {error:.3f} on {sample.LAST.year}", f"below {repeated:.3f}, that of repeating today")
    expect(not any(back for _, back in told), "fallback with today's value given", "fallback false")

    grid = [float(value) for value in range(-20, 46, 5)]
    places = [(station, date(sample.LAST.year, month, 20)) for station in sample.STATIONS[::4] for month in (1, 4, 7, 10)]
    told = forecasts(bench, years.model, [(*place, value) for place in places for value in grid], "warmer")
    for nth, (station, day) in enumerate(places):
        rising = [seen for seen, _ in told[nth * len(grid) : (nth + 1) * len(grid)]]
        for at in range(1, len(grid)):
            expect(
                rising[at] >= rising[at - 1] - 1e-9,
                f"{station} on {day}: {rising[at - 1]:.2f} after {grid[at - 1]:g} degrees, {rising[at]:.2f} after {grid[at]:g}",
                "never colder after a warmer day",
            )

    without = pairs[::9]
    told = forecasts(bench, years.model, [(*at, None) for at, _ in without], "without")
    expect(all(back for _, back in told), "today is missing and fallback is not true", "fallback true, and the rule")
    fallen = statistics.fmean(abs(seen - truth) for (seen, _), (_, truth) in zip(told, without, strict=True))
    bench.figures["error without today"] = round(fallen, 2)
    most = UNKNOWN_FALLBACK * repeated
    expect(fallen <= most, f"mean absolute error {fallen:.2f} without today's value", f"at most {most:.2f}, twice that of repeating today")

    after = bench.folder / "model-after"
    train(bench, years.store, after)
    for (one, _), (other, _), case in zip(
        forecasts(bench, years.model, cases[::50]), forecasts(bench, after, cases[::50]), cases[::50], strict=True
    ):
        expect(
            abs(one - other) <= 1e-6,
            f"{case[0]} on {case[1]}: {one:.3f}, and {other:.3f} when {sample.LAST.year} was in the table while training",
            "the same: training ends with the last day that it was given",
        )


def forecasts(bench: Bench, model: Path, cases: list[tuple[str, date, float | None]], name: str = "cases") -> list[tuple[float, bool]]:
    """The forecast for the day after each case, and whether it fell back."""
    path = bench.folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps({"station": s, "day": f"{d}", "today": t}) + "\n" for s, d, t in cases), encoding="utf-8")
    store = bench.once("years", lambda: Years(bench)).store
    told = lines_of(bench.learner.succeed("forecast", SOON, None, model=model, cases=path, store=store), "forecast")
    expect(len(told) == len(cases), f"forecast printed {len(told)} lines", f"{len(cases)}, one for each case")
    found = []
    for one, case in zip(told, cases, strict=True):
        where = f"forecast for {case[0]} after {case[1]}"
        back = one.get("fallback")
        expect(isinstance(back, bool), f"{where}: fallback is {back!r}", "true or false")
        stated = not back or (isinstance(one.get("rule"), str) and bool(one["rule"].strip()))
        expect(stated, f"{where}: rule is {one.get('rule')!r}", "the rule that it fell back to, in words")
        found.append((number(one, "forecast", where), bool(back)))
    return found


def test_killed_and_again(bench: Bench) -> None:
    """Five weeks in one go give the rows of five weeks day by day; killed at ten moments and started again, nothing is half or twice."""
    store, _ = bench.daily()
    whole = bench.store("whole")
    begun = time.monotonic()
    bench.load(whole, bench.inbox, bench.files[0].arrived, story.AGAIN, None, EAST)
    bench.figures["seconds for a backfill of five weeks"] = round(time.monotonic() - begun, 2)
    daily, backfill = bench.dump(store), bench.dump(whole)
    other = min(set(daily) ^ set(backfill), default="")
    expect(
        daily == backfill,
        f"{len(daily)} rows day by day, {len(backfill)} in one go; {other} is in one of them",
        "the same rows in all tables",
    )

    files = story.crowd(bench.weather)
    terms = save_contract(contract(story.CROWD), bench.folder / "contract-crowd.json")
    inbox = story.write(files, bench.folder / "inbox-kill")
    first, last = files[0].arrived, files[-1].arrived
    calm = bench.store("calm")
    begun = time.monotonic()
    bench.load(calm, inbox, first, last, terms)
    seconds = time.monotonic() - begun
    right = bench.dump(calm)
    chance, hit, stopped = random.Random(9), 0, []  # noqa: S311  moments, not secrets
    for nth in range(KILLS):
        torn = bench.store(f"torn-{nth}")
        took = killed(bench, torn, terms, inbox, seconds * (nth + chance.random()) / KILLS)
        hit, seconds = hit + (took is None), min(seconds, took or seconds)
        days = half_days(bench, torn, files)
        stopped.append(days)
        bench.load(torn, inbox, first, last, terms)
        seen = bench.dump(torn)
        other = min(set(seen) ^ set(right), default="")
        expect(
            seen == right,
            f"killed after {days} of {len(files)} days and started again: {len(seen)} rows, {len(right)} undisturbed; {other}",
            "the same rows in all tables",
        )
    bench.figures["kills while it ran"] = f"{hit} of {KILLS}, with {min(stopped)} to {max(stopped)} of {len(files)} days loaded"


def killed(bench: Bench, store: Path, terms: Path, inbox: Path, seconds: float) -> float | None:
    """Load all of an inbox, and kill the load with SIGKILL after so many seconds; if it ended before, the seconds that it took."""
    learner = bench.learner
    arrived = sorted(path.name for path in inbox.iterdir())
    words = learner.command("load", store=store, contract=terms, inbox=inbox, first=arrived[0], last=arrived[-1])
    with (
        (bench.folder / "killed.log").open("w", encoding="utf-8") as log,
        started(words, learner.folder, learner.environment(), log) as process,
    ):
        begun = time.monotonic()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
            return None
        return time.monotonic() - begun


def half_days(bench: Bench, store: Path, files: list[Delivery]) -> int:
    """How many days a reader sees after a kill; raises `NotMet` when one of them is not whole."""
    first, last = (date.fromisoformat(one.name[:10]) for one in (files[0], files[-1]))
    done = bench.learner.run("values", SOON, None, store=store, first=first, last=last, known=files[-1].arrived)
    if done.returncode and not any(store.iterdir()):
        return 0
    expect(
        done.returncode == 0,
        f"values after a kill ended with {done.returncode}: {last_words(done.stderr or done.stdout)[-200:]}",
        "an end with 0",
    )
    seen = values_of(done.stdout)
    count = 0
    for delivery in files:
        day = delivery.name[:10]
        there = {key: value for key, value in seen.items() if key[1] == day}
        if there:
            same(there, delivery.accepted(), f"after a kill, {day} half loaded")
            count += 1
    return count
