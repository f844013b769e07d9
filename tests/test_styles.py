"""The tokens of guide.css: enough contrast by day and by night, and no colour outside them."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT

CSS = (ROOT / "overrides/assets/guide.css").read_text(encoding="utf-8")
TOKENS = {name: (day, night) for name, day, night in re.findall(r"--mle-([\w-]+): light-dark\((#\w+), (#\w+)\)", CSS)}


def luminance(colour: str) -> float:
    """Relative luminance of a colour such as #fff or #0b5d48 (WCAG 2.2)."""
    digits = colour.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    """The contrast of two colours, from 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(two)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_rightly() -> None:
    """Black on white is 21 to 1; a grey at the limit is 4.54 to 1."""
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.01)


PAIRS = [
    *(("ink", "paper"), ("ink", "paper-2"), ("ink-2", "paper"), ("ink-2", "paper-2"), ("accent", "paper"), ("accent", "paper-2")),
    *(("on-accent", "accent"), ("ink", "mark")),
]
"""What is written on what."""


@pytest.mark.parametrize("time", [0, 1], ids=["day", "night"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read(text: str, ground: str, time: int) -> None:
    """At least 4.5 to 1, by day and by night (WCAG 2.2, 1.4.3)."""
    assert contrast(TOKENS[text][time], TOKENS[ground][time]) >= 4.5


def test_no_colour_outside_the_tokens() -> None:
    """A colour is written once, as a token; everything else names it."""
    rest = re.sub(r"--mle-[\w-]+: light-dark\(.*?\);", "", re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL))
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", re.sub(r"#[a-z][\w-]*(?=[\s,){+~>:])", "", rest)) == []
    assert "!important" not in CSS
