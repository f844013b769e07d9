"""The checks: pure functions from the rows of a delivery to a verdict on each, without a database, a file or a clock."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from .contract import Contract

Row = dict[str, str]
History = Mapping[tuple[str, str, str], float]
"""The value last known before a day: station, element and that day to degrees Celsius."""

JUMP = 15.0
"""A change since the day before, in degrees Celsius, that asks for a look at the unit."""

NEAR = 10.0
"""How near the value must lie to the day before when it is read as Fahrenheit."""


@dataclass(frozen=True)
class Verdict:
    """What becomes of a row: a value, or the rule that it broke."""

    line: int
    row: Row
    value: float | None
    rule: str | None

    @property
    def day(self) -> str:
        """The day of the row as 2021-04-01."""
        return iso(self.row["DATE"])


def judge(name: str, arrived: date, columns: Sequence[str], rows: Sequence[Row], contract: Contract, history: History) -> list[Verdict]:
    """A verdict on every row of a delivery."""
    whole = file_rule(name, columns, rows, contract)
    seen: set[tuple[str, str, str]] = set()
    verdicts = []
    for line, row in enumerate(rows, start=2):
        rule = whole or row_rule(name, arrived, row, contract, history, seen)
        verdicts.append(Verdict(line, row, None if rule else value_of(row, contract), rule))
    refused = sum(verdict.rule is not None for verdict in verdicts)
    if name != "corrections.csv" and rows and refused / len(rows) > contract.terms["refused_at_most"]:
        verdicts = [Verdict(one.line, one.row, None, one.rule or "day_held") for one in verdicts]
    return verdicts


def file_rule(name: str, columns: Sequence[str], rows: Sequence[Row], contract: Contract) -> str | None:
    """The rule that a file breaks as a whole."""
    if list(columns) != contract.terms["columns"]:
        return "missing_column"
    there = {row["ID"] for row in rows} & set(contract.terms["stations"])
    if name != "corrections.csv" and len(there) < contract.terms["whole_day"] * len(contract.terms["stations"]):
        return "half_day"
    return None


def row_rule(name: str, arrived: date, row: Row, contract: Contract, history: History, seen: set[tuple[str, str, str]]) -> str | None:
    """The first rule that a row breaks; `seen` holds the rows of this file so far."""
    day = iso(row["DATE"])
    if day > arrived.isoformat():
        return "future_date"
    if name != "corrections.csv" and f"{day}.csv" != name:
        return "wrong_day"
    if row["ID"] not in contract.terms["stations"]:
        return "unknown_station"
    key = (row["ID"], day, row["ELEMENT"])
    if key in seen:
        return "duplicate"
    seen.add(key)
    value = value_of(row, contract)
    if value is None:
        return "not_a_number"
    limits = contract.terms["elements"][row["ELEMENT"]]
    if not limits["low"] <= value <= limits["high"]:
        return "out_of_range"
    if row["Q_FLAG"]:
        return "flagged"
    before = history.get((row["ID"], row["ELEMENT"], day))
    if before is not None and row["ELEMENT"] != "PRCP" and abs(value - before) > JUMP and abs((value - 32) / 1.8 - before) < NEAR:
        return "unit"
    return None


def value_of(row: Row, contract: Contract) -> float | None:
    """The value in degrees Celsius or millimetres, or nothing when it is no finite number of an element that was agreed."""
    try:
        sent = float(row["DATA_VALUE"])
    except ValueError:
        return None
    return contract.metric(row["ELEMENT"], sent) if math.isfinite(sent) else None


def iso(when: str) -> str:
    """20210401 as 2021-04-01."""
    return f"{when[:4]}-{when[4:6]}-{when[6:]}"
