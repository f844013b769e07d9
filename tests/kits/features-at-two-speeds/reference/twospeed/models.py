"""Models, each with the features that it was trained with."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from .backfill import put
from .batch import save, table, values
from .definition import Definition, differences, read
from .stream import Value

LONG_AGO = 10_000.0
"""Minutes that stand for a start that never was."""


def row_of(found: tuple[Value, ...]) -> list[float]:
    """What the model sees of an ask: one, and the features."""
    return [1.0, *(LONG_AGO if value is None else min(float(value), LONG_AGO) for value in found)]


def fit(seen: list[list[float]], trips: list[float]) -> list[float]:
    """Weights of least squares, by elimination."""
    width = len(seen[0])
    scale = [max(abs(row[place]) for row in seen) or 1.0 for place in range(width)]
    scaled = [[value / size for value, size in zip(row, scale, strict=True)] for row in seen]
    left = [[sum(row[i] * row[j] for row in scaled) + (1e-6 if i == j else 0) for j in range(width)] for i in range(width)]
    right = [sum(row[i] * told for row, told in zip(scaled, trips, strict=True)) for i in range(width)]
    for i in range(width):
        for j in range(i + 1, width):
            factor = left[j][i] / left[i][i]
            left[j] = [one - factor * other for one, other in zip(left[j], left[i], strict=True)]
            right[j] -= factor * right[i]
    weights = [0.0] * width
    for i in reversed(range(width)):
        weights[i] = (right[i] - sum(left[i][j] * weights[j] for j in range(i + 1, width))) / left[i][i]
    return [weight / size for weight, size in zip(weights, scale, strict=True)]


def train(path: Path, log: Path, labels: Path, registry: Path) -> int:
    """Train the next model on features as known then, and make it the active one; returns its number."""
    definition = read(path)
    with labels.open(encoding="utf-8", newline="") as file:
        trips = {int(row["ask"]): float(row["trips"]) for row in csv.DictReader(file)}
    found = [(trips[int(ask)], row_of(tuple(rest))) for ask, *rest in values(table(log), definition.features) if ask in trips]
    weights = fit([row for _, row in found], [told for told, _ in found])
    number = 1 + len(list(registry.glob("model-*.json")))
    put(registry / f"model-{number}.json", {"weights": weights, "definition": json.loads(path.read_text(encoding="utf-8"))})
    put(registry / "active.json", number)
    return number


def kept(registry: Path, number: int | None = None) -> dict[str, Any]:
    """A model's record, or the active one's; raises ValueError if there is none."""
    if number is None:
        number = json.loads((registry / "active.json").read_text(encoding="utf-8"))
    path = registry / f"model-{number}.json"
    if not path.is_file():
        raise ValueError(f"there is no model {number}")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def definition_of(model: dict[str, Any], folder: Path) -> Definition:
    """The definition that a model was trained with."""
    put(folder / "own.json", model["definition"])
    return read(folder / "own.json")


def answer(registry: Path, definition: Definition, log: Path, out: Path) -> None:
    """Answer asks with the active model; raises ValueError on features that are not its own."""
    model = kept(registry)
    own = definition_of(model, registry)
    if wrong := differences(own.features, definition):
        raise ValueError(f"this model was trained with other features: {'; '.join(wrong)}")
    found = values(table(log), own.features)
    save(out, ["prediction"], ([ask, predict(model["weights"], tuple(rest))] for ask, *rest in found))


def predict(weights: list[float], found: tuple[Value, ...]) -> float:
    """The number of an ask."""
    return sum(weight * value for weight, value in zip(weights, row_of(found), strict=True))


def rollback(registry: Path, number: int, out: Path) -> None:
    """Make a model the active one again, and hand out the definition that it was trained with."""
    put(out, kept(registry, number)["definition"])
    put(registry / "active.json", number)
