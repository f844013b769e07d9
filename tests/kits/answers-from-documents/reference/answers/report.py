"""The two tables: what retrieval finds, and what is right, wrong and refused."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from answers.search import SHIPPED, Search

Z = 1.959964


def share(count: int, of: int) -> dict[str, float]:
    """A share with its Wilson interval."""
    if not of:
        return {"count": 0, "of": 0, "low": 0.0, "high": 1.0}
    p, z2 = count / of, Z * Z
    middle, half = p + z2 / (2 * of), Z * math.sqrt(p * (1 - p) / of + z2 / (4 * of * of))
    return {"count": count, "of": of, "low": (middle - half) / (1 + z2 / of), "high": (middle + half) / (1 + z2 / of)}


def lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def retrieval(search: Search, questions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """How often the right passage is among the first five."""
    table: dict[str, Any] = {"shipped": SHIPPED}
    for by in ("keywords", "embeddings", "both"):
        hits = []
        for one in questions:
            found = search.find(one["question"], one["turns"], ["public"], by)
            hits.append(any((p.page, p.version) == (one["page"], one["version"]) and one["line"] in p.text for p in found))
        follow = [hit for hit, one in zip(hits, questions, strict=True) if one["turns"]]
        table[by] = {"all": share(sum(hits), len(hits)), "follow_ups": share(sum(follow), len(follow))}
    return table


def judge(judgements: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Right, wrong and refused, follow-ups apart."""
    table = {}
    for name, answerable in (("with_answer", True), ("without_answer", False)):
        for prefix, follow in (("", False), ("follow_ups_", True)):
            these = [one["outcome"] for one in judgements if one["answerable"] == answerable and (one["follow_up"] or not follow)]
            table[prefix + name] = {what: share(these.count(what), len(these)) for what in ("right", "wrong", "refused")}
    return table
