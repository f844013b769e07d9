"""The kit's own arithmetic: NDCG, the lists that need no model, paired differences, sizes, and what a comparison shows."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence

from shop import ITEMS, SHOWN, TRAINED_TO, Told

Z = 1.959964
PRIOR = 15.0
"""Looks of an average item that every item is given beforehand, so that one click on a new one is no record."""

Score = Callable[[int], float]


class Counts:
    """What a log says about its items up to a day: clicks, looks and shown places."""

    def __init__(self, log: Iterable[Told], look: Sequence[float], last: int = TRAINED_TO) -> None:
        self.clicks, looks = [0] * ITEMS, [0.0] * ITEMS
        places, shown = [0] * ITEMS, [0] * ITEMS
        for request in log:
            if request["day"] > last:
                continue
            for place, item in enumerate(request["items"]):
                looks[item] += look[place]
                if not request["random"]:
                    places[item] += place
                    shown[item] += 1
            for item in request["clicked"]:
                self.clicks[item] += 1
        usual = sum(self.clicks) / sum(looks)
        self.rate = [(clicks + PRIOR * usual) / (seen + PRIOR) for clicks, seen in zip(self.clicks, looks, strict=True)]
        """The click rate corrected for place."""
        self.old = [-place / times if times else -float(SHOWN) for place, times in zip(places, shown, strict=True)]
        """The old order: by mean place in the ordinary requests, those that were never shown last."""

    def most_clicked(self, count: int) -> list[int]:
        """The items with the most clicks."""
        return sorted(range(ITEMS), key=lambda item: (-self.clicks[item], item))[:count]


def by(scores: Sequence[float], items: Sequence[int]) -> list[int]:
    """Items by a score, ties by their number."""
    return sorted(items, key=lambda item: (-scores[item], item))


def ndcg(order: Sequence[int], clicked: Sequence[int]) -> float:
    """NDCG of an order of the ten items shown; a click counts 1, its place by 1 over log2(place + 1)."""
    held = set(clicked)
    got = sum(1 / math.log2(place + 2) for place, item in enumerate(order) if item in held)
    return got / sum(1 / math.log2(place + 2) for place in range(len(held)))


def paired(one: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """The mean of the paired differences and half the width of its 95 per cent interval."""
    differences = [a - b for a, b in zip(one, other, strict=True)]
    return statistics.fmean(differences), Z * statistics.stdev(differences) / math.sqrt(len(differences))


def per_arm(baseline: float, effect: float) -> float:
    """Users an arm for 80 per cent power at a two-sided level of 5 per cent; the effect is a share of the baseline."""
    other = baseline * (1 + effect)
    spread = baseline * (1 - baseline) + other * (1 - other)
    return (Z + 0.841621) ** 2 * spread / (other - baseline) ** 2


def significant(days: Sequence[Sequence[int]]) -> bool:
    """Two shares compared once, over all these days, at a level of 5 per cent."""
    a, ordered_a, b, ordered_b = (sum(day[at] for day in days) for at in range(4))
    share = (ordered_a + ordered_b) / (a + b)
    return abs(ordered_b / b - ordered_a / a) > Z * math.sqrt(share * (1 - share) * (1 / a + 1 / b))
