"""Intervals of shares: Wilson's for single advertisements, and a bootstrap that draws whole employers.

Wilson's interval is a line of arithmetic, its quantile is the standard library's; a statistics package would weigh more than the guide.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from statistics import NormalDist

QUANTILE = NormalDist().inv_cdf(0.975)


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's score method, without correction for continuity; raises `ValueError` for no share."""
    if not 0 <= hits <= of or of == 0:
        raise ValueError(f"{hits} of {of} is no share")
    share, square = hits / of, QUANTILE**2
    middle = share + square / (2 * of)
    half = QUANTILE * math.sqrt(share * (1 - share) / of + square / (4 * of**2))
    low, high = (middle - half) / (1 + square / of), (middle + half) / (1 + square / of)
    return (0.0 if hits == 0 else low), (1.0 if hits == of else high)


def by_employer(sizes: Sequence[int], hits: Mapping[str, Mapping[int, int]], draws: int, seed: int) -> dict[str, tuple[float, float]]:
    """The 95 % interval of each share when whole employers are drawn anew: percentiles of `draws` samples with repeats.

    `sizes` are the advertisements of each employer, `hits` says for each item how many of them name it, by the employer's place.
    """
    places = range(len(sizes))
    chance = random.Random(seed)  # noqa: S311  a sample, no secret
    shares: dict[str, list[float]] = {item: [] for item in hits}
    pairs = {item: list(named.items()) for item, named in hits.items()}
    for _ in range(draws):
        times = [0] * len(sizes)
        for place in chance.choices(places, k=len(sizes)):
            times[place] += 1
        ads = sum(size * often for size, often in zip(sizes, times, strict=True))
        for item, named in pairs.items():
            shares[item].append(sum(count * times[place] for place, count in named) / ads)
    return {item: (_percentile(found, 0.025), _percentile(found, 0.975)) for item, found in shares.items()}


def _percentile(values: Iterable[float], part: float) -> float:
    """A percentile, by straight lines between the values."""
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
