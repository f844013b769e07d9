"""The definition of the features: one file, which both paths read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KINDS = {"starts": "minutes", "same_hour": "weeks", "since": None}
"""The kinds of features, and the number that each one needs."""


@dataclass(frozen=True)
class Feature:
    """A feature: its name, how it is computed, and how far the served value may be from the finished history."""

    name: str
    kind: str
    number: int
    share: float
    relative: float

    @property
    def meaning(self) -> tuple[str, int]:
        """What a model depends on: the bounds are no part of it."""
        return self.kind, self.number


@dataclass(frozen=True)
class Definition:
    """The features in their order, and the settings of the stream."""

    features: tuple[Feature, ...]
    late_minutes: float
    max_age_seconds: float

    @property
    def names(self) -> list[str]:
        """The names of the features."""
        return [feature.name for feature in self.features]

    def named(self, name: str) -> Feature:
        """A feature by its name; raises ValueError if there is none."""
        for feature in self.features:
            if feature.name == name:
                return feature
        raise ValueError(f"there is no feature {name}; known are {', '.join(self.names)}")


def read(path: Path) -> Definition:
    """Read a definition; raises ValueError with what is wrong in it."""
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    features = []
    for one in told["features"]:
        if one["kind"] not in KINDS:
            raise ValueError(f"{one['name']}: unknown kind {one['kind']}; known are {', '.join(KINDS)}")
        number = KINDS[one["kind"]]
        bound = one.get("bound", {"share": 1, "relative": 1})
        features.append(Feature(one["name"], one["kind"], int(one[number]) if number else 0, bound["share"], bound["relative"]))
    if len({feature.name for feature in features}) < len(features):
        raise ValueError("two features have the same name")
    return Definition(tuple(features), told["late_minutes"], told["max_age_seconds"])


def differences(released: Iterable[Feature], given: Definition) -> list[str]:
    """What a user of released features finds changed in a definition: one line for each feature that means something else or is gone."""
    now = {feature.name: feature for feature in given.features}
    known = {feature.name for feature in released}
    fresh = [name for name in given.names if name not in known]
    found = []
    for feature in released:
        if feature.name not in now:
            found.append(f"{feature.name} is not defined; new here: {', '.join(fresh) or 'nothing'}")
        elif now[feature.name].meaning != feature.meaning:
            found.append(f"{feature.name} was {feature.meaning} and is now {now[feature.name].meaning}: give it a new name")
    return found
