"""The sample, which is all the data there is: eight weeks of a simulated shop, and what people recorded of their experiments.

It is drawn from one seed; the kit judges with others, so no figure of the sample helps there.
"""

from __future__ import annotations

from pathlib import Path

import experiments
import reports
from shop import RANDOM_SHARE, SEED, USERS, Shop, Told, User


def write_items(shop: Shop, path: Path) -> None:
    """The catalogue: what everybody may know about an item."""
    with path.open("w", encoding="utf-8") as out:
        out.write("item,category,price,since\n")
        out.writelines(f"{item},{shop.category[item]},{shop.price[item]},{shop.since[item]}\n" for item in range(len(shop.price)))


def world(seed: int, users: int = USERS, fall: float = 0.75, mixed: float = RANDOM_SHARE) -> tuple[Shop, list[User], list[Told]]:
    """A shop, its users and their eight weeks; how fast looks fall with the place, and the share of requests in random order."""
    shop = Shop(seed, fall, mixed)
    people = [shop.user() for _ in range(users)]
    return shop, people, shop.log(people)


def write(folder: Path) -> None:
    """Write items.csv, log.jsonl, comparisons.jsonl, tests.jsonl and the folders experiments and reports."""
    shop, _, log = world(SEED)
    write_items(shop, folder / "items.csv")
    (folder / "log.jsonl").write_text(experiments.lines(log), encoding="utf-8")
    (folder / "comparisons.jsonl").write_text(experiments.lines([one for one, _ in experiments.comparisons(SEED)]), encoding="utf-8")
    experiments.write_tests(folder / "tests.jsonl", experiments.tests(SEED)[0])
    experiments.write_recorded(folder / "experiments", experiments.recorded(SEED))
    reports.write(folder / "reports")
