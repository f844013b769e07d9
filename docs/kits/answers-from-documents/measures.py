"""What the kit counts by itself: intervals, hits, and whether an answer is right."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from sample import Question

Z = 1.959963984540054


def wilson(count: int, of: int) -> tuple[float, float]:
    """The 95 per cent interval of a share."""
    if not of:
        return 0.0, 1.0
    share, square = count / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return middle - half, middle + half


def plain(text: object) -> str:
    """Text with single spaces."""
    return " ".join(str(text).split())


def holds(passage: dict[str, Any], question: Question) -> bool:
    """True when a passage is of the right page and version and has the line that answers the question."""
    return (passage["page"], passage["version"]) == (question.page, question.version) and plain(question.line) in plain(passage["text"])


def outcome(question: Question, told: dict[str, Any]) -> str:
    """An answer's outcome: `right`, `wrong` or `refused`. Any answer to a question without one is wrong."""
    if told["refused"]:
        return "refused"
    pages = {(one["page"], one["version"]) for one in told["passages"]}
    said = question.answer and re.search(rf"(?<!\w){re.escape(question.answer)}(?!\w)", plain(told["answer"]), re.IGNORECASE)
    return "right" if said and (question.page, question.version) in pages else "wrong"


def in_words(count: int, of: int) -> str:
    """A share with its interval, for the table."""
    low, high = wilson(count, of)
    return f"{count} of {of} (95% interval {100 * low:.0f} to {100 * high:.0f} %)"


def at(values: Iterable[float], share: float) -> float:
    """A percentile: the value in place ⌈share n⌉ when sorted."""
    ordered: Sequence[float] = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
