"""The commands."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from . import lookup, model
from .checks import History, judge
from .contract import Contract
from .message import message
from .reading import Delivery, arrivals, read
from .store import Store, opened


def load(folder: Path, terms: Path, inbox: Path, first: str, last: str) -> None:
    """Load what arrived from `first` to `last` and is not loaded yet; print a message for each file in which something was refused."""
    contract, store = Contract.read(terms), opened(folder)
    store.agree(contract)
    for delivery in arrivals(inbox, first, last):
        if store.has(delivery):
            continue
        history = before(store, delivery)
        verdicts = judge(delivery.name, delivery.arrived, delivery.columns, delivery.rows, contract, history)
        store.add(delivery, contract, verdicts)
        told = message(folder, store, delivery, contract, verdicts)
        if told:
            print(told, flush=True)


def before(store: Store, delivery: Delivery) -> History:
    """For a file of a day, the value of each station last known before that day, no more than a week old."""
    if delivery.name == "corrections.csv":
        return {}
    day = date.fromisoformat(delivery.name.removesuffix(".csv"))
    told = store.values(f"{day - timedelta(7)}", f"{day - timedelta(1)}", delivery.arrived.isoformat())
    return {(station, element, f"{day}"): value for station, _, element, value in sorted(told)}


def check(terms: Path, file: Path) -> None:
    """What the sender runs before sending: the same checks, without a store."""
    contract, delivery = Contract.read(terms), read(file)
    verdicts = judge(delivery.name, delivery.arrived, delivery.columns, delivery.rows, contract, {})
    for one in verdicts:
        if one.rule:
            print(f"line {one.line}: {one.rule}: {delivery.raw[one.line - 2]}")
    if any(one.rule for one in verdicts):
        raise SystemExit(1)


def lines(told: Iterable[dict[str, Any]]) -> None:
    """Print lines of JSON."""
    sys.stdout.writelines(json.dumps(one) + "\n" for one in told)


def main(words: list[str]) -> None:
    """Run one command."""
    match words:
        case ["load", store, contract, inbox, first, last]:
            load(Path(store), Path(contract), Path(inbox), first, last)
        case ["check", contract, file]:
            check(Path(contract), Path(file))
        case ["values", store, first, last, known]:
            names = ("station", "day", "element", "value")
            lines(dict(zip(names, row, strict=True)) for row in opened(Path(store)).values(first, last, known))
        case ["week", store, last, known]:
            lines({"station": station, "mean": mean, "days": days} for station, mean, days in opened(Path(store)).week(last, known))
        case ["quarantine", store]:
            lines(opened(Path(store)).refused())
        case ["refused", store, title]:
            lines(line for line in opened(Path(store)).refused() if line["delivery"] == title)
        case ["dump", store]:
            lines(opened(Path(store)).dump())
        case ["train", store, first, last, path]:
            model.save(model.train(opened(Path(store)), first, last), Path(path))
        case ["forecast", path, cases]:
            learned = json.loads(Path(path).read_text(encoding="utf-8"))
            told = map(json.loads, Path(cases).read_text(encoding="utf-8").splitlines())
            lines(model.forecast(learned, case) for case in told)
        case ["lookup"]:
            lookup.main()
        case _:
            raise SystemExit("load | check | values | week | quarantine | refused | dump | train | forecast | lookup; see README.md")


if __name__ == "__main__":
    main(sys.argv[1:])
