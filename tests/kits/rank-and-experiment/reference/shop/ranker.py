"""Two stages: a hundred items by their rate and the user's taste for categories, then the order by the taste for price as well."""

from __future__ import annotations

import heapq
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .log import Request, catalogue, lines, looks

PRIOR = 15.0
"""Looks of an average item that every item is given beforehand."""

TASTE, PRICE = 1.0, 4.0
"""Expected clicks in a category, and for the price, before a user's own clicks count as much as the average."""

FETCHED, SHOWN = 100, 10


@dataclass
class Ranker:
    """What is learnt from the log; a user comes as a history."""

    look: list[float]
    rate: list[float]
    category: list[int]
    dear: list[float]
    popular: list[int]
    old: list[float]

    @classmethod
    def trained(cls, items: Path, log: Path, last: int) -> Ranker:
        """Learn from the requests up to the last day."""
        goods = catalogue(items)
        requests = [request for request in lines(log) if request["day"] <= last]
        look = looks(requests)
        clicks, looked = [0] * len(goods), [0.0] * len(goods)
        places, shown = [0] * len(goods), [0] * len(goods)
        for request in requests:
            for place, item in enumerate(request["items"]):
                looked[item] += look[place]
                if not request["random"]:
                    places[item] += place
                    shown[item] += 1
            for item in request["clicked"]:
                clicks[item] += 1
        usual = sum(clicks) / sum(looked)
        logs = [math.log(one["price"]) for one in goods]
        middle = sum(logs) / len(logs)
        spread = math.sqrt(sum((value - middle) ** 2 for value in logs) / len(logs))
        return cls(
            look,
            [(count + PRIOR * usual) / (seen + PRIOR) for count, seen in zip(clicks, looked, strict=True)],
            [int(one["category"]) for one in goods],
            [(value - middle) / spread for value in logs],
            clicks,
            [place / times if times else float(SHOWN) for place, times in zip(places, shown, strict=True)],
        )

    def save(self, path: Path) -> None:
        """Keep it."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Ranker:
        """Bring it back."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def tastes(self, history: Sequence[Request]) -> tuple[list[float], float]:
        """The user's clicks in each category over those of an average user, and the slope in the price."""
        seen = [
            (item, self.look[place] * self.rate[item], item in request["clicked"])
            for request in history
            for place, item in enumerate(request["items"])
        ]
        expected, got = [TASTE] * (1 + max(self.category)), [TASTE] * (1 + max(self.category))
        for item, usual, clicked in seen:
            expected[self.category[item]] += usual
            got[self.category[item]] += clicked
        taste = [one / other for one, other in zip(got, expected, strict=True)]
        pull, weight = 0.0, PRICE
        for item, usual, clicked in seen:
            mine = usual * taste[self.category[item]]
            pull += (clicked - mine) * self.dear[item]
            weight += mine * self.dear[item] ** 2
        return taste, pull / weight

    def fetch(self, taste: Sequence[float]) -> list[int]:
        """The first stage."""
        scores = [rate * taste[category] for rate, category in zip(self.rate, self.category, strict=True)]
        return heapq.nlargest(FETCHED, range(len(scores)), key=scores.__getitem__)

    def rank(self, request: dict[str, Any]) -> dict[str, Any]:
        """The ten for a history, out of a hundred that are fetched; or the given items in order."""
        taste, slope = self.tastes(request["history"])
        fetched = request.get("items") or self.fetch(taste)
        scores = {item: self.rate[item] * taste[self.category[item]] * math.exp(slope * self.dear[item]) for item in fetched}
        best = sorted(fetched, key=lambda item: (-scores[item], item))
        return {"items": best} if request.get("items") else {"fetched": fetched, "items": best[:SHOWN]}
