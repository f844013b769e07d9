"""The faults of "what breaks", and the experiment itself, as switches for the tests and for you.

python acceptance/faults.py planted LOG OUT                    a thousand clicks that nobody made, in week 7
python acceptance/faults.py users LOG OUT                      the users of a log with their last 28 days, for your `rank`
python acceptance/faults.py month LISTS SHARE OUT ITEMS        28 more days under the lists that `rank` printed for `users`, with 50 new
                                                               items; SHARE of the requests is in random order, such as 0 or 0.15
python acceptance/faults.py new-users OUT                      the new users of the experiment with 28 days of history, for your `rank`
python acceptance/faults.py experiment A B USERS OUT           two weeks with USERS new users, at most 40,000: arm a gets the lists A
python acceptance/faults.py lost OUTCOME OUT                   the same without 6 per cent of arm b, the least active

LOG and LISTS are files of JSON lines. `month` and `experiment` play the shop of the sample. `month` prints the true clicks of a request,
how many different items were shown in ordinary requests, and how many of the 50 new ones. The experiment can be had once: it is you who
keeps to that.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import experiments
import sample
from shop import DAYS, HISTORY, SEED, TRAINED_TO, Shop, Told

NEW = 50
NEW_KINDS = 2000


def seen(request: Told) -> Told:
    """A request as part of a history."""
    return {name: request[name] for name in ("day", "random", "items", "clicked")}


def planted(log: Sequence[Told], count: int = 1000) -> list[Told]:
    """The log with clicks on low places in week 7."""
    chance = random.Random(7)  # noqa: S311  a fault, not a secret
    week = [nth for nth, one in enumerate(log) if TRAINED_TO < one["day"] <= TRAINED_TO + 7 and one["items"][7] not in one["clicked"]]
    told = list(log)
    for nth in chance.sample(week, count):
        told[nth] = {**told[nth], "clicked": [*told[nth]["clicked"], told[nth]["items"][7]]}
    return told


def read(path: str) -> list[Told]:
    """JSON lines."""
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def users(log: Sequence[Told]) -> list[Told]:
    """A line for each user, with the requests of the last 28 days."""
    last = max(one["day"] for one in log)
    told: dict[int, list[Told]] = {}
    for one in log:
        told.setdefault(one["user"], [])
        if one["day"] > last - HISTORY:
            told[one["user"]].append(seen(one))
    return [{"id": user, "history": history} for user, history in sorted(told.items())]


def month(lists: Sequence[Told], share: float) -> tuple[Shop, list[Told], Told]:
    """The next 28 days of the sample's shop under these lists, and what they were truly worth."""
    shop, people, _ = sample.world(SEED)
    shop.grow(NEW)
    shop.mixed = share
    own = {one["id"]: one["items"] for one in lists}
    visits = [(day, nth) for nth, user in enumerate(people) for day in shop.days(user, DAYS + 1, DAYS + HISTORY)]
    rows = [
        {"request": nth, "user": who, **shop.request(people[who], day, own.get(who, ()))}
        for nth, (day, who) in enumerate(sorted(visits), 1)
    ]
    shown = {item for one in rows if not one["random"] for item in one["items"]}
    worth = sum(shop.worth(people[one["user"]], one["items"]) for one in rows) / len(rows)
    return (
        shop,
        rows,
        {"true_clicks": round(worth, 3), "items_shown": len(shown), "new_items_shown": len(shown & set(range(1000, 1000 + NEW)))},
    )


def customers() -> tuple[Shop, list[experiments.Customer]]:
    """The new users of the sample's shop: two thousand kinds, from which an experiment draws."""
    shop = Shop(SEED)
    return shop, experiments.customers(shop, NEW_KINDS)


def run(a: Sequence[Told], b: Sequence[Told], number: int) -> list[tuple[str, experiments.Outcome]]:
    """Two weeks with new users under the lists of both arms."""
    shop, kinds = customers()
    arms = [experiments.fortnights(shop, kinds, [one["items"] for one in lists]) for lists in (a, b)]
    return experiments.experiment(shop.chance, *arms, users=number)


def read_outcome(path: str) -> list[tuple[str, experiments.Outcome]]:
    """An outcome that was written before."""
    told = []
    for line in Path(path).read_text(encoding="utf-8").splitlines()[1:]:
        _, arm, *numbers = line.split(",")
        requests, clicks, ordered, left = map(int, numbers)
        told.append((arm, (requests, clicks, ordered, left)))
    return told


def main(argv: Sequence[str]) -> int:
    """One switch."""
    match list(argv):
        case ["planted", log, out]:
            Path(out).write_text(experiments.lines(planted(read(log))), encoding="utf-8")
        case ["users", log, out]:
            Path(out).write_text(experiments.lines(users(read(log))), encoding="utf-8")
        case ["month", lists, share, out, items]:
            shop, rows, told = month(read(lists), float(share))
            Path(out).write_text(experiments.lines(rows), encoding="utf-8")
            sample.write_items(shop, Path(items))
            print(json.dumps(told))
        case ["new-users", out]:
            rows = [{"id": nth, "history": kind.history} for nth, kind in enumerate(customers()[1])]
            Path(out).write_text(experiments.lines(rows), encoding="utf-8")
        case ["experiment", a, b, number, out] if number.isdigit() and 0 < int(number) <= 40_000:
            experiments.write_outcome(Path(out), run(read(a), read(b), int(number)))
        case ["lost", outcome, out]:
            experiments.write_outcome(Path(out), experiments.lose(read_outcome(outcome)))
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
