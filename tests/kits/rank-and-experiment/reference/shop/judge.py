"""Judging offline: NDCG on ordinary and on random requests, and the gain over the most clicked with its interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import fmean, stdev
from typing import Any

from .log import Request
from .ranker import Ranker

Z = 1.96


def ndcg(order: Sequence[int], clicked: Sequence[int]) -> float:
    """How near the clicked items are to the top."""
    got = sum(1 / math.log2(place + 2) for place, item in enumerate(order) if item in clicked)
    return got / sum(1 / math.log2(place + 2) for place in range(len(clicked)))


def table(ranker: Ranker, requests: Sequence[Request]) -> dict[str, Any]:
    """The table of the gain that vanishes, and what explains it."""
    orders: dict[str, Callable[[Request], list[int]]] = {
        "old_order": lambda one: sorted(one["items"], key=lambda item: (ranker.old[item], item)) if one["random"] else one["items"],
        "most_clicked": lambda one: sorted(one["items"], key=lambda item: (-ranker.popular[item], item)),
        "ours": lambda one: list(ranker.rank(one)["items"]),
    }
    told: dict[str, Any] = {}
    for name, mixed in (("ordinary", False), ("random", True)):
        some = [one for one in requests if one["random"] == mixed]
        scores = {order: [ndcg(make(one), one["clicked"]) for one in some] for order, make in orders.items()}
        told[name] = {order: fmean(values) for order, values in scores.items()}
        gains = [one - other for one, other in zip(scores["ours"], scores["most_clicked"], strict=True)]
    half = Z * stdev(gains) / math.sqrt(len(gains))
    told["gain"], told["low"], told["high"] = fmean(gains), fmean(gains) - half, fmean(gains) + half
    told["explained_by"], told["settled_by"] = "position bias", "random requests"
    return told
