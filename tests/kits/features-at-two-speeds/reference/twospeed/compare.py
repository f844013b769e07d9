"""Served values beside the table: as known then (parity) and as the finished history has it (skew)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .batch import FINISHED, KNOWN, table, values
from .definition import Definition
from .stream import Value

CLOSE = 1e-9


def side_by_side(definition: Definition, log: Path, served: Path, seen: str) -> Iterator[tuple[list[Value], tuple[Value, ...]]]:
    """For each ask what was served and what the table says."""
    table_says = values(table(log), definition.features, seen)
    with served.open(encoding="utf-8", newline="") as file:
        for row, (ask, *there) in zip(csv.DictReader(file), table_says, strict=True):
            if int(row["ask"]) != ask:
                raise ValueError(f"served: ask {row['ask']} stands where {ask} is expected")
            yield [float(row[name]) if row[name] else None for name in definition.names], tuple(there)


def equal(one: Value, other: Value) -> bool:
    """True when two values are the same."""
    return one == other if one is None or other is None else abs(one - other) <= CLOSE


def parity(definition: Definition, log: Path, served: Path) -> dict[str, Any]:
    """How many served values of each feature the table does not confirm."""
    compared, differing = 0, dict.fromkeys(definition.names, 0)
    for here, there in side_by_side(definition, log, served, KNOWN):
        compared += 1
        for name, one, other in zip(definition.names, here, there, strict=True):
            differing[name] += not equal(one, other)
    return {"compared": compared, "differing": differing}


def skew(definition: Definition, log: Path, served: Path) -> dict[str, Any]:
    """For each feature the share of non-empty asks that differ and the relative difference, and the features out of their bounds."""
    filled, differ, live, late = ([0.0] * len(definition.features) for _ in range(4))
    for here, there in side_by_side(definition, log, served, FINISHED):
        for place, (one, other) in enumerate(zip(here, there, strict=True)):
            if one or other:
                filled[place] += 1
                differ[place] += not equal(one, other)
                live[place] += one or 0
                late[place] += other or 0
    told, alerts = {}, []
    for place, feature in enumerate(definition.features):
        share = differ[place] / filled[place] if filled[place] else 0.0
        relative = live[place] / late[place] - 1 if late[place] else 0.0
        told[feature.name] = {"share": share, "relative": relative}
        if share > feature.share or abs(relative) > feature.relative:
            alerts.append(feature.name)
    return {"features": told, "alerts": alerts}
