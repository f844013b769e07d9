"""What a command printed, taken apart: JSON objects and the numbers in them; whatever else is there is `NotMet`, with its beginning."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from acceptance import NotMet, expect

Told = dict[str, Any]
"""An object that a command printed."""


def object_of(text: str, what: str) -> Told:
    """The one JSON object that `what` printed, over one line or several."""
    try:
        one = json.loads(text)
    except ValueError:
        one = None
    if not isinstance(one, dict):
        raise NotMet(f"{what} printed {text.strip()[:120]!r}", "one JSON object and nothing else on standard output")
    return one


def lines_of(text: str, what: str) -> list[Told]:
    """The JSON objects that `what` printed, one a line; the first line that is none is told."""
    told = []
    for line in filter(None, map(str.strip, text.splitlines())):
        try:
            one = json.loads(line)
        except ValueError:
            one = None
        good = isinstance(one, dict)
        expect(good, f"{what} printed {line[:120]!r}", "one JSON object on every line, and nothing else on standard output")
        told.append(one)
    return told


def number(told: Mapping[str, Any], key: str, what: str) -> float:
    """A finite number of an object."""
    value = told.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise NotMet(f"{what}: {key!r} is {value!r}", "a finite number")
    return float(value)


def near(told: Mapping[str, Any], key: str, what: str, right: float, within: float) -> float:
    """A number that has to be near what the kit computed itself."""
    seen = number(told, key, what)
    expect(abs(seen - right) <= within, f"{what}: {key} {seen:.6g}", f"{right:.6g} within {within:.3g}, as the kit computes it")
    return seen
