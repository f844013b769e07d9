"""The message of a bad day: six lines for somebody who was asleep."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from .checks import Verdict
from .contract import Contract
from .reading import Delivery
from .store import Line, Store


def message(folder: Path, store: Store, delivery: Delivery, contract: Contract, verdicts: list[Verdict]) -> str:
    """What, how many, since when, an example, whose turn, and the command; nothing when nothing was refused."""
    rules = Counter(one.rule for one in verdicts if one.rule)
    if not rules:
        return ""
    example = next(one for one in verdicts if one.rule and (one.rule != "day_held" or len(rules) == 1))
    kept = "the others are in" if any(one.value is not None for one in verdicts) else "nothing of it is visible, readers keep what they had"
    began = since(delivery, rules, store.refused())
    return "\n".join(
        [
            f"{delivery.title}: {rules.total()} of {len(verdicts)} rows refused; {kept}",
            "what:    " + ", ".join(f"{rule} {count}" for rule, count in rules.most_common()),
            "since:   " + ", ".join(f"{rule} {began[rule]}" for rule in rules),
            f"example: line {example.line}, {example.rule}: {delivery.raw[example.line - 2]}",
            f"turn:    {contract.terms['on_duty']}; for the sender answers {contract.terms['answers']}",
            f"run: python -m pipeline refused {shlex.quote(str(folder))} {delivery.title}",
        ]
    )


def since(delivery: Delivery, rules: Iterable[str], refused: Iterable[Line]) -> dict[str, str]:
    """For each rule the first of the days in an unbroken row on which it refused something; for corrections their arrival."""
    found = {rule: delivery.arrived.isoformat() for rule in rules}
    if delivery.name == "corrections.csv":
        return found
    struck = {(line["rule"], line["delivery"].partition("/")[2].removesuffix(".csv")) for line in refused}
    for rule in found:
        day = date.fromisoformat(delivery.name.removesuffix(".csv"))
        while (rule, (day - timedelta(1)).isoformat()) in struck:
            day -= timedelta(1)
        found[rule] = day.isoformat()
    return found
