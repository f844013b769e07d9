"""Judges an honest forecast: one test for each criterion that a machine can judge. The interface is told in README.md."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
import re
import statistics
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import faults
import measures
import pytest
import sample
from acceptance import Learner, NotMet, expect, last_words
from measures import DAY, DAYS, OPENING, WEEKS
from printed import lines_of, near, number, object_of
from sample import Row

HERE = Path(__file__).resolve().parent
WALK = 600
"""Seconds that a walk through the 35 weeks may take."""

EVENINGS = 20
"""Days on which the future is replaced."""

WITHHELD = (date(2012, 6, 13), date(2012, 8, 4), date(2012, 9, 18), date(2012, 10, 7), date(2012, 12, 11))
"""Days on which yesterday's row is missing."""

HOLDS = (0.72, 0.88)
WORSE = 1.1
"""How much worse than the better naive rule a forecast may be before it is no attempt."""

WIDER = 1.5
"""How much wider than yesterday's number with its own past errors the range may be."""

SAVED = 50
"""Days that a saved pipeline forecasts."""

WRONG = date(2012, 2, 14)
ALARMS = 0.05
"""The share of days on which a check may find something."""

Told = dict[str, Any]


class Bench:
    """The data, the rows in it, and what was already asked of the project."""

    def __init__(self, learner: Learner, path: Path, figures: Told) -> None:
        self.learner, self.path, self.figures = learner, path, figures
        self.rows = measures.read_rows(path)
        self.counts = measures.counts_of(self.rows)
        self.told: list[Told] | None = None

    def save(self, rows: list[Row], name: str) -> Path:
        """A file of its own with other rows."""
        path = self.learner.scratch / f"{name}.csv"
        sample.save(rows, path)
        return path

    def forecasts(self, path: Path, first: date, last: date, seconds: float = WALK) -> list[Told]:
        """What the command forecasts for these days from a file."""
        asked = f"forecast from {first} to {last}"
        out = self.learner.succeed("forecast", seconds, data=path, first=first, last=last)
        told = lines_of(out, asked)
        days = [first + number * DAY for number in range((last - first).days + 1)]
        seen = [str(one.get("date")) for one in told]
        expect(
            seen == [f"{day}" for day in days],
            f"{asked}: {len(seen)} lines, {seen[:1]} to {seen[-1:]}",
            f"one line for each of {len(days)} days",
        )
        for one in told:
            low, middle, high = (number(one, key, f"forecast for {one['date']}") for key in ("low", "forecast", "high"))
            expect(low <= middle <= high, f"{one['date']}: low {low:g}, forecast {middle:g}, high {high:g}", "low <= forecast <= high")
        return told

    def one(self, rows: list[Row], name: str, day: date, seconds: float) -> Told:
        """The forecast for one day from other rows."""
        return self.forecasts(self.save(rows, f"{name}-{day}"), day, day, seconds)[0]

    def walk(self) -> list[Told]:
        """The forecasts for the 245 days, asked once."""
        if self.told is None:
            begun = time.monotonic()
            self.told = self.forecasts(self.path, DAYS[0], DAYS[-1])
            self.figures["forecast_245_days_seconds"] = round(time.monotonic() - begun, 1)
        return self.told

    def errors(self) -> list[float]:
        """The absolute errors of the walk."""
        return [abs(self.counts[day] - one["forecast"]) for day, one in zip(DAYS, self.walk(), strict=True)]

    def naive(self) -> tuple[str, list[float]]:
        """The better naive rule and its absolute errors."""
        back = min((1, 7), key=lambda held: measures.copied_error(self.counts, held))
        return ("day_before" if back == 1 else "week_before"), [abs(self.counts[day] - self.counts[day - back * DAY]) for day in DAYS]

    def object(self, name: str, seconds: float = WALK, **values: object) -> Told:
        """The one object that a command prints."""
        return object_of(self.learner.succeed(name, seconds, None, **values), name)


@pytest.fixture(scope="session")
def bench(learner: Learner, figures: Told) -> Bench:
    """The project with the sample, or with the real file in the folder that KIT_DATA names."""
    held = os.environ.get("KIT_DATA")
    folder = Path(held).resolve() if held else learner.scratch
    if not held:
        sample.write(folder)
    return Bench(learner, folder / "day.csv", figures)


def test_naive_first(bench: Bench) -> None:
    """`baseline` prints both naive errors of the file that it is given, and of another file other ones."""
    changed = bench.save(faults.past(bench.rows, date(2012, 9, 1)), "halved")
    for path in (bench.path, changed):
        counts = measures.counts_of(measures.read_rows(path))
        told = bench.object("baseline", 60, data=path)
        for key, back in (("day_before", 1), ("week_before", 7)):
            right = near(told, key, "baseline", measures.copied_error(counts, back), 0.5)
            if path == bench.path:
                bench.figures[f"mae_{key}"] = round(right, 1)


def listed_features(path: Path) -> list[Row]:
    """The lines of features.csv; raises `NotMet` when they do not say when each value is known."""
    expect(path.is_file(), f"no {path.name} in the project's folder", "features.csv with the columns feature,column,known")
    with path.open(encoding="utf-8", newline="") as lines:
        told = list(csv.DictReader(lines))
    for line in told:
        whole = {"feature", "column", "known"} <= set(line) and line["column"] in sample.COLUMNS
        expect(whole, f"features.csv: {line}", "feature,column,known with a column of day.csv")
        early = re.fullmatch(r"-[1-9]\d*", str(line["known"]).strip()) is not None
        expect(early, f"features.csv: {line['feature']} is known on day {line['known']}", "-1 or less: known on the evening before")
    expect(bool(told), "features.csv names no feature", "a line for each feature")
    return told


def test_no_future(bench: Bench) -> None:
    """The future as noise, or none at all, changes no forecast by a bit; a late feature is refused.

    Another distant past does change the forecasts: a model that was trained beforehand knows the future.
    """
    path = bench.learner.folder / "features.csv"
    listed_features(path)
    bench.learner.succeed("features", 60, features=path)
    late = bench.learner.scratch / "features.csv"
    late.write_text(path.read_text(encoding="utf-8").rstrip("\n") + "\n" + faults.ANSWER, encoding="utf-8")
    done = bench.learner.run("features", 60, features=late)
    expect(done.returncode != 0, "a feature that is known on day 0 was accepted", "an end other than 0, with the name of the feature")
    expect(
        "registered_of_the_day" in done.stdout + done.stderr, f"refused with: {last_words(done.stderr)}", "the name of the refused feature"
    )

    end = time.monotonic() + WALK
    walked = dict(zip(DAYS, bench.walk(), strict=True))
    days = [*sorted(random.Random(20).sample(DAYS, EVENINGS - 1)), sample.STANDSTILL + DAY]  # noqa: S311  days, not secrets
    for nth, day in enumerate(days):
        seen = bench.one(faults.future(bench.rows, day), "noise", day, max(1.0, end - time.monotonic()))
        told_apart(seen, walked[day], day, "noise in place of that day and the days after it")
        if nth % 7 == 0:
            seen = bench.one(faults.withhold(bench.rows, day), "withheld", day, max(1.0, end - time.monotonic()))
            told_apart(seen, walked[day], day, "a file that ends on the evening before")
    moved = []
    for day in days[::9]:
        rows = faults.past(bench.rows, day - 60 * DAY)
        moved.append(bench.one(rows, "past", day, max(1.0, end - time.monotonic()))["forecast"] != walked[day]["forecast"])
    expect(
        any(moved), "half the trips on all days that are more than 60 days old changed no forecast", "training on the file that is given"
    )


def told_apart(seen: Told, right: Told, day: date, what: str) -> None:
    """Raise `NotMet` when two forecasts for one day are not the same bit for bit."""
    for key in ("forecast", "low", "high"):
        expect(seen[key] == right[key], f"{day}: {key} {right[key]!r} became {seen[key]!r} with {what}", "the same forecast bit for bit")


def test_three_claims(bench: Bench) -> None:
    """Four errors of one kind of model: what is shipped has the error that the kit measures, and the weather of the day flatters."""
    told = bench.object("claims", data=bench.path)
    right = statistics.fmean(bench.errors())
    shipped = near(told, "shipped", "claims", right, 0.5)
    flattered, honest = (number(told, key, "claims") for key in ("weather_of_the_day", "weather_of_the_day_before"))
    expect(
        flattered <= 0.97 * honest,
        f"weather_of_the_day {flattered:.1f}, weather_of_the_day_before {honest:.1f}",
        "the measured weather of the day itself saves at least 3 per cent; a model with either is trained and walked in the same way",
    )
    shuffled = number(told, "shuffled", "claims")
    expect(
        shuffled > 0 and abs(shuffled - shipped) > 0.5,
        f"shuffled {shuffled:.1f}, shipped {shipped:.1f}",
        "an error of its own for shuffled rows",
    )
    expect(
        told.get("in_service") == "shipped",
        f"in_service is {told.get('in_service')!r}",
        "'shipped': the only one of the four that is measured as it would run",
    )
    for key, value in (("mae_shuffled", shuffled), ("mae_weather_of_the_day", flattered), ("mae_shipped", right)):
        bench.figures[key] = round(value, 1)


def test_gain_with_interval(bench: Bench) -> None:
    """The 35 weeks, the gain and its interval are those that the kit computes from the forecasts; the decision follows from the rule."""
    begun = time.monotonic()
    told = bench.object("backtest", data=bench.path)
    bench.figures["backtest_seconds"] = round(time.monotonic() - begun, 1)
    rule, errors = bench.naive()
    model, naive = measures.by_week(bench.errors()), measures.by_week(errors)
    expect(told.get("naive_rule") == rule, f"naive_rule is {told.get('naive_rule')!r}", f"{rule!r}, the better of the two on these days")
    weeks = told.get("weeks")
    expect(isinstance(weeks, list) and len(weeks) == WEEKS, f"weeks: {str(weeks)[:80]}", f"{WEEKS} weeks")
    for nth, week in enumerate(weeks if isinstance(weeks, list) else []):
        first = OPENING + timedelta(7 * nth)
        expect(isinstance(week, dict) and week.get("first") == f"{first}", f"week {nth + 1}: {str(week)[:80]}", f"first: {first}")
        near(week, "model", f"week of {first}", model[nth], 0.5)
        near(week, "naive", f"week of {first}", naive[nth], 0.5)
    worst = WORSE * statistics.fmean(naive)
    expect(
        statistics.fmean(model) <= worst,
        f"the error of the forecasts is {statistics.fmean(model):.0f}, of {rule} {statistics.fmean(naive):.0f}",
        f"at most {worst:.0f}: a tenth above the naive rule",
    )
    gain = near(told, "gain", "backtest", measures.gain_of(model, naive), 0.002)
    right = measures.gain_interval(model, naive)
    slack = max(0.003, 0.08 * (right[1] - right[0]))
    low, high = (
        near(told, key, "95 per cent interval from whole weeks", end, slack) for key, end in zip(("low", "high"), right, strict=True)
    )
    told_rule = told.get("rule")
    if not isinstance(told_rule, dict):
        raise NotMet(f"rule is {told_rule!r}", '{"gain_at_least": …, "low_at_least": …}')
    least, floor = (number(told_rule, key, "rule") for key in ("gain_at_least", "low_at_least"))
    expect(least >= 0 and floor >= 0, f"rule: {told_rule}", "no rule ships a gain whose interval reaches below zero")
    decision = "ship" if gain >= least and low >= floor else "copy"
    expect(
        told.get("decision") == decision,
        f"decision is {told.get('decision')!r} with gain {gain:.3f} ({low:.3f} to {high:.3f})",
        f"{decision!r} by {told_rule}",
    )
    bench.figures |= {"gain": round(gain, 3), "gain_low": round(right[0], 3), "gain_high": round(right[1], 3), "decision": decision}


def test_width_that_holds(bench: Bench) -> None:
    """The range holds on 72 to 88 per cent of the days and is not absurdly wide; without yesterday's row it is wider, and that is said."""
    walked = bench.walk()
    held = [one["low"] <= bench.counts[day] <= one["high"] for day, one in zip(DAYS, walked, strict=True)]
    coverage = statistics.fmean(held)
    months = {month: [hit for day, hit in zip(DAYS, held, strict=True) if day.month == month] for month in range(5, 13)}
    worst = min(months, key=lambda month: statistics.fmean(months[month]))
    bench.figures |= {"coverage": round(coverage, 3), "worst_month": worst, "coverage_in_it": round(statistics.fmean(months[worst]), 2)}
    expect(HOLDS[0] <= coverage <= HOLDS[1], f"the range holds on {100 * coverage:.1f} per cent of the days", "72 to 88 per cent")
    width, widest = statistics.fmean(one["high"] - one["low"] for one in walked), WIDER * measures.naive_width(bench.counts)
    bench.figures["mean_width"] = round(width)
    expect(
        width <= widest,
        f"the range is {width:.0f} trips wide on average",
        f"at most {widest:.0f}: half as wide again as yesterday's number with its past errors",
    )
    expect(
        not any(one.get("fallback") for one in walked), "a fallback although every row is there", "fallback only without yesterday's row"
    )
    usual, without = [], []
    end = time.monotonic() + 300
    for day in WITHHELD:
        rows = faults.hole(faults.withhold(bench.rows, day), day - DAY)
        one = bench.one(rows, "no-yesterday", day, max(1.0, end - time.monotonic()))
        expect(one.get("fallback") is True, f"{day} without the row of {day - DAY}: {json.dumps(one)}", '"fallback": true')
        normal = walked[DAYS.index(day)]
        usual.append(normal["high"] - normal["low"])
        without.append(one["high"] - one["low"])
    wide, narrow = statistics.fmean(without), statistics.fmean(usual)
    expect(
        wide > narrow,
        f"without yesterday's row the range is {wide:.0f} trips wide, with it {narrow:.0f}",
        "a wider range when less is known",
    )


def saved_forecasts(text: str, what: str, first: date) -> list[float]:
    """The forecasts for 50 days that `save` or `use` printed."""
    told = lines_of(text, what)
    days = [f"{first + nth * DAY}" for nth in range(SAVED)]
    expect([one.get("date") for one in told] == days, f"{what} printed {len(told)} lines", f"{SAVED} lines, {days[0]} to {days[-1]}")
    return [number(one, "forecast", f"{what}, {one['date']}") for one in told]


def test_one_object(bench: Bench) -> None:
    """A saved pipeline forecasts the same in a fresh process, holds nothing of the future, and does hold what it learnt."""
    first, scratch = date(2012, 9, 4), bench.learner.scratch
    told: dict[str, list[float]] = {}
    for name, rows in (
        ("true", bench.rows),
        ("noise", faults.future(bench.rows, first)),
        ("past", faults.past(bench.rows, first - 60 * DAY)),
    ):
        model = scratch / f"pipeline-{name}"
        out = bench.learner.succeed("save", 300, data=bench.save(rows, f"save-{name}"), first=first, model=model)
        if name == "true":
            told["saving"] = saved_forecasts(out, "save", first)
        expect(model.exists(), f"save wrote no {model.name}", "the pipeline in the place that {model} names")
        told[name] = saved_forecasts(bench.learner.succeed("use", 300, model=model, data=bench.path, first=first), "use", first)
    for name, what in (("saving", "loaded in a fresh process"), ("noise", f"trained on a file with noise from {first} on")):
        for nth, (one, other) in enumerate(zip(told[name], told["true"], strict=True)):
            day = first + nth * DAY
            expect(abs(one - other) <= 1e-9 * max(1.0, abs(one)), f"{day}: {one!r} and {other!r} {what}", "the same to within 1e-9")
    expect(
        told["past"] != told["true"],
        "a pipeline that was trained on half the trips forecasts the same",
        "use forecasts with what was saved",
    )


def test_r_agrees(bench: Bench) -> None:
    """Both sides' figures are right to within a millionth, and one trip more on one side is a disagreement."""
    right = measures.flat(measures.figures_of(bench.rows))
    told = measures.flat(bench.object("figures", 120, data=bench.path))
    missing, more = sorted(right.keys() - told.keys()), sorted(told.keys() - right.keys())
    expect(
        not missing and not more,
        f"figures lacks {missing[:3]}, has {more[:3]}",
        "weeks by their Monday, months as 2011-01 with mean and sd, day_before, week_before",
    )
    for key, value in right.items():
        near(told, key, "figures", value, 1e-6)
    done = bench.learner.run("agree", 300, data=bench.path, other=bench.path)
    expect(
        done.returncode == 0,
        f"agree ended with {done.returncode}: {last_words(done.stderr or done.stdout)}",
        "an end with 0 for one and the same file",
    )
    changed = [
        faults.with_trips(row, int(row["casual"]) + 1, int(row["registered"])) if row["dteday"] == "2012-03-07" else row
        for row in bench.rows
    ]
    for sides in ((bench.path, bench.save(changed, "one-more")), (bench.save(changed, "one-more"), bench.path)):
        done = bench.learner.run("agree", 300, data=sides[0], other=sides[1])
        expect(done.returncode != 0, "one trip more on 7 March 2012 on one side, and agree ended with 0", "an end other than 0")
        expect(
            "2012-03" in done.stdout + done.stderr,
            f"agree said: {last_words(done.stdout + done.stderr)[:200]}",
            "the week 2012-03-05 or the month 2012-03",
        )


def test_losses_by_hand(bench: Bench) -> None:
    """The slopes agree with numerical differences, and no constant does better on 2011 than those named."""
    chance = random.Random(80)  # noqa: S311  cases, not secrets
    cases: list[Told] = [
        {"loss": name, "level": 0.8, "truth": float(chance.randint(20, 9000)), "forecast": chance.uniform(20, 9000)}
        for name in ("squared", "absolute", "quantile")
        for _ in range(20)
    ]
    path = bench.learner.scratch / "cases.jsonl"
    path.write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
    told = lines_of(bench.learner.succeed("slopes", 60, cases=path), "slopes")
    expect(len(told) == len(cases), f"slopes printed {len(told)} lines", f"one for each of {len(cases)} cases, in their order")
    for case, one in zip(cases, told, strict=True):
        right = measures.slope(case["loss"], case["level"], case["truth"], case["forecast"])
        near(
            one,
            "slope",
            f"slope of the {case['loss']} loss at truth {case['truth']:g}, forecast {case['forecast']:g}",
            right,
            1e-5 * max(1.0, abs(right)),
        )
    best = bench.object("constants", 60, data=bench.path)
    counts = [count for day, count in bench.counts.items() if day.year == 2011]
    for name in ("squared", "absolute", "quantile"):
        constant = number(best, name, "constants")
        seen, least = measures.least_loss(name, 0.8, counts, constant)
        expect(
            seen <= least * (1 + 1e-6),
            f"constant {constant:g} has a mean {name} loss of {seen:.6g} on 2011",
            f"{least:.6g}, the least of any constant",
        )


def test_faults_found(bench: Bench) -> None:
    """What is wrong in the file is named, what was made wrong in a copy too, and not half of the file with it."""
    days = findings(bench, bench.path)
    emptiest = min((day for day in bench.counts if day.year == 2012), key=lambda day: bench.counts[day])
    for column, day in (("hum", f"{sample.NO_HUMIDITY}"), ("season", None), ("cnt", f"{emptiest}")):
        expect(
            (day, column) in days,
            f"check-data does not name {column} {'of ' + day if day else 'as a whole (date null)'}",
            "every such value with its row",
        )
    later = findings(bench, bench.save(faults.wrong(bench.rows, WRONG), "wrong"))
    named = {when for when, _ in later}
    for changed, (column, value) in faults.wrong_values(bench.rows, WRONG).items():
        expect(f"{changed}" in named, f"{column} = {value} on {changed} is not named", "a line with this date")
    bench.figures["findings"] = len(days)


def findings(bench: Bench, path: Path) -> set[tuple[str | None, str]]:
    """Date and column of all findings; raises `NotMet` when so much is found that nobody reads it."""
    told = lines_of(bench.learner.succeed("check-data", 60, data=path), "check-data")
    for one in told:
        whole = {"date", "column", "value", "why"} <= set(one) and one["column"] in sample.COLUMNS
        expect(whole, f"check-data: {json.dumps(one)}", "date, column, value and why, with a column of day.csv")
    named = {one["date"] for one in told}
    most = round(ALARMS * len(bench.rows))
    expect(len(named) <= most, f"check-data names {len(named)} of {len(bench.rows)} days", f"at most {most}: a list that somebody reads")
    return {(one["date"], one["column"]) for one in told}


def test_same_twice(bench: Bench) -> None:
    """`table` prints the same digits twice, with other hashing and in another time zone, and on the real data they stand in README.md."""
    begun = time.monotonic()
    environments = ({"PYTHONHASHSEED": "1", "TZ": "UTC"}, {"PYTHONHASHSEED": "2", "TZ": "Asia/Shanghai"})
    first, second = (bench.learner.succeed("table", 900, environment, data=bench.path) for environment in environments)
    bench.figures["table_twice_seconds"] = round(time.monotonic() - begun, 1)
    for one, other in zip(first.splitlines(), second.splitlines(), strict=False):
        expect(one == other, f"first {one!r}, then {other!r}", "the same digits twice")
    expect(first == second, f"{len(first.splitlines())} lines, then {len(second.splitlines())}", "the same table twice")
    plain = re.sub(r"(?<=\d)[,\u202f\u00a0 ](?=\d{3}\b)", "", first)
    for what, value in (
        ("copying the day before", measures.copied_error(bench.counts, 1)),
        ("copying the same weekday", measures.copied_error(bench.counts, 7)),
        ("what is shipped", statistics.fmean(bench.errors())),
    ):
        found = any(abs(float(digits) - value) <= 0.51 for digits in re.findall(r"\d+(?:\.\d+)?", plain))
        expect(found, f"the table has no figure for {what}", f"{value:.0f}, its mean absolute error")
    pinned = {data["sha256"] for data in json.loads((HERE / "kit.json").read_text(encoding="utf-8"))["data"]}
    if hashlib.sha256(bench.path.read_bytes()).hexdigest() in pinned:
        readme = bench.learner.folder / "README.md"
        text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
        for line in filter(None, map(str.strip, first.splitlines())):
            expect(line in text, f"README.md has no line {line!r}", "the table that the command prints, line by line")
