"""What people recorded: comparisons in which nothing differs, tests with a history, forty experiments, and two weeks in the shop.

Everything is drawn from a seed, and the truth of each is kept beside it, for the kit alone.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shop import HISTORY, LATE_DAY, WINDOW, Shop, Told, User

# Comparisons with new users every day

BASELINE, EFFECT = 0.082, 0.1
"""The share of users who order, and the effect that a design of about 18,000 users an arm can show."""

PLANNED = 14
EVERY_DAY = 1310
"""New users a day in each arm, about."""


def comparisons(seed: int, nothing: int = 1000, something: int = 600) -> list[tuple[Told, bool]]:
    """Comparisons of two arms over 14 days, and whether they differ; users and orders of each day are of new users."""
    chance = random.Random(seed)  # noqa: S311  a simulation, not a secret
    differs = [False] * nothing + [True] * something
    chance.shuffle(differs)

    def day(share: float) -> list[int]:
        users = round(chance.gauss(EVERY_DAY, 30))
        return [users, max(0, round(chance.gauss(users * share, math.sqrt(users * share * (1 - share)))))]

    return [
        (
            {
                "id": f"c{nth:04}",
                "planned": PLANNED,
                "days": [day(BASELINE) + day(BASELINE * (1 + EFFECT * other)) for _ in range(PLANNED)],
            },
            other,
        )
        for nth, other in enumerate(differs, 1)
    ]


# Tests with what users did before

COLUMNS = {"clicks": [0, 13], "before": [-28, -1], "visits": [0, 13]}
"""The columns of a test: the first and the last day on which each is measured, counted from assignment."""

LIFT = 0.08


def lambda_kinds(chance: random.Random, kinds: int) -> list[float]:
    """How many clicks a kind of user makes in 14 days, on average."""
    return [0.2 + chance.gammavariate(1.1, 1.9) for _ in range(kinds)]


def count_table(chance: random.Random, mean: float, size: int) -> list[int]:
    """Counts with a Poisson distribution of exactly this kind, for drawing."""
    counts, odds, weight = [], [], math.exp(-mean)
    for count in range(int(mean + 8 * math.sqrt(mean) + 8)):
        counts.append(count)
        odds.append(weight)
        weight *= mean / (count + 1)
    return chance.choices(counts, odds, k=size)


def tests(seed: int, count: int = 1000, users: int = 200) -> tuple[list[Told], float]:
    """Tests of two arms, each user with clicks, clicks of the 28 days before, and visits; and the true effect on clicks."""
    chance = random.Random(seed)  # noqa: S311  a simulation, not a secret
    kinds = lambda_kinds(chance, 200)
    size = 2000
    tables = {
        "a": [count_table(chance, mean, size) for mean in kinds],
        "b": [count_table(chance, mean * (1 + LIFT), size) for mean in kinds],
        "before": [count_table(chance, 2 * mean, size) for mean in kinds],
        "more": [count_table(chance, mean / 2, size) for mean in kinds],
    }

    def arm(name: str) -> list[list[int]]:
        drawn, told = chance.choices(range(len(kinds)), k=users), []
        for kind in drawn:
            clicks = tables[name][kind][int(chance.random() * size)]
            before = tables["before"][kind][int(chance.random() * size)]
            told.append([clicks, before, 1 + clicks // 2 + tables["more"][kind][int(chance.random() * size)]])
        return told

    def mean(name: str) -> float:
        return sum(map(sum, tables[name])) / (len(kinds) * size)

    return [{"test": nth, "a": arm("a"), "b": arm("b")} for nth in range(1, count + 1)], mean("b") - mean("a")


def write_tests(path: Path, rows: Sequence[Told]) -> None:
    """A line that names the columns, then a line for each test."""
    path.write_text("".join(json.dumps(one) + "\n" for one in ({"columns": COLUMNS}, *rows)), encoding="utf-8")


# Forty recorded experiments

SOUND, LOST, REQUESTS, STOCK, EVERYBODY = "sound", "users-lost", "requests-as-users", "shared-stock", "everybody-at-once"
VERDICTS = (SOUND, LOST, REQUESTS, STOCK, EVERYBODY)
LOSS = 0.06
VISITS = ((1, 2, 3, 4, 6), (50, 25, 12, 8, 5))
"""Requests of a user in two weeks, and how common that is."""

CLICKS = (0, 1, 2, 3)
KEEN = (0.15, 0.4, 0.8, 1.4)
"""Clicks a request of the four kinds of users, on average, in arm a."""


def odds(mean: float) -> list[float]:
    """How likely 0 to 3 clicks are, with this mean."""
    share = mean / 3
    return [math.comb(3, count) * share**count * (1 - share) ** (3 - count) for count in CLICKS]


@dataclass
class Recorded:
    """One experiment: what the team reported, the rows behind it, and the truth."""

    name: str
    verdict: str
    effect: float
    report: Told = field(default_factory=dict)
    rows: list[tuple[int, str, int, int]] = field(default_factory=list)
    """User, arm, day and clicks, one row a request."""


def by_user(rows: Sequence[tuple[int, str, int, int]]) -> dict[str, list[int]]:
    """The clicks of each user, by arm."""
    told: dict[str, dict[int, int]] = {"a": {}, "b": {}}
    for user, arm, _, clicks in rows:
        told[arm][user] = told[arm].get(user, 0) + clicks
    return {arm: list(held.values()) for arm, held in told.items()}


def difference(arms: dict[str, list[int]]) -> tuple[float, float]:
    """The difference of the means, b less a, and half the width of its 95 per cent interval."""
    means, squares = {}, 0.0
    for arm, values in arms.items():
        means[arm] = sum(values) / len(values)
        squares += (sum(value * value for value in values) / len(values) - means[arm] ** 2) / (len(values) - 1)
    return means["b"] - means["a"], 1.959964 * math.sqrt(squares)


def record(chance: random.Random, name: str, verdict: str, users: int) -> Recorded:
    """Draw one experiment."""
    lift = chance.choice((0.0, 0.0, 0.04, 0.08, -0.05))
    visits = sum(count * weight for count, weight in zip(*VISITS, strict=True)) / sum(VISITS[1])
    one = Recorded(name, verdict, lift * visits * sum(KEEN) / len(KEEN))
    table = {arm: [odds(mean * (1 + lift * (arm == "b"))) for mean in KEEN] for arm in "ab"}
    numbers = chance.sample(range(100_000, 999_999), users)
    for user, count in zip(numbers, chance.choices(*VISITS, k=users), strict=True):
        arm, kind = "ab"[chance.random() < 0.5], int(chance.random() * 4)
        days = [1 + int(chance.random() * 14) for _ in range(count)]
        if verdict == EVERYBODY:
            one.rows += [(user, (at := "ab"[day > 7]), day, chance.choices(CLICKS, table[at][kind])[0]) for day in days]
            continue
        drawn = chance.choices(CLICKS, table[arm][kind], k=count)
        one.rows += [(user, arm, day, clicks) for day, clicks in zip(days, drawn, strict=True)]
    one.rows.sort(key=lambda row: row[2])
    if verdict == LOST:
        one.rows = without_least_active(one.rows, "b")
    arms = by_user(one.rows)
    if verdict == REQUESTS:
        arms = {arm: [clicks for _, held, _, clicks in one.rows if held == arm] for arm in "ab"}
    effect, half = difference(arms)
    sold = [round(chance.gauss(users / 130, 3)) for _ in range(14)]
    empty = range(3, 14) if verdict == STOCK else chance.sample(range(14), chance.randrange(3))
    spare = [round(units * (1.0 if nth in empty else chance.uniform(1.15, 1.6))) for nth, units in enumerate(sold)]
    one.report = {
        "experiment": name,
        "metric": "clicks per user",
        "planned": {"a": 0.5, "b": 0.5},
        "users": {arm: len(values) for arm, values in arms.items()},
        "effect": round(effect, 5),
        "low": round(effect - half, 5),
        "high": round(effect + half, 5),
        "stock": [{"day": day, "available": units, "sold": gone} for day, (units, gone) in enumerate(zip(spare, sold, strict=True), 1)],
    }
    return one


def without_least_active(rows: list[tuple[int, str, int, int]], arm: str) -> list[tuple[int, str, int, int]]:
    """The rows without 6 per cent of the users of one arm: those with the fewest requests and clicks."""
    busy: dict[int, int] = {}
    for user, held, _, clicks in rows:
        if held == arm:
            busy[user] = busy.get(user, 0) + 10 + clicks
    gone = set(sorted(busy, key=busy.__getitem__)[: round(LOSS * len(busy))])
    return [row for row in rows if row[0] not in gone]


def recorded(seed: int) -> list[Recorded]:
    """Forty experiments, 24 of them sound, in mixed order; some have 20,000 users an arm, others 2,500."""
    chance = random.Random(seed)  # noqa: S311  a simulation, not a secret
    plan = [(SOUND, 40_000 if nth < 2 else 5_000) for nth in range(24)]
    plan += [(LOST, 40_000)] * 4 + [(verdict, 5_000) for verdict in (REQUESTS, STOCK, EVERYBODY) for _ in range(4)]
    chance.shuffle(plan)
    return [record(chance, f"e{nth:02}", verdict, users) for nth, (verdict, users) in enumerate(plan, 1)]


def write_recorded(folder: Path, experiments: Sequence[Recorded]) -> None:
    """A folder for each experiment, with report.json and rows.csv."""
    for one in experiments:
        place = folder / one.name
        place.mkdir(parents=True, exist_ok=True)
        (place / "report.json").write_text(json.dumps(one.report, indent=1) + "\n", encoding="utf-8")
        with (place / "rows.csv").open("w", encoding="utf-8") as out:
            out.write("user,arm,day,clicks\n")
            out.writelines(f"{user},{arm},{day},{clicks}\n" for user, arm, day, clicks in one.rows)


# Two weeks in the shop

LIVES = 40
"""So many fortnights of each kind of new user."""

ORDERS = 0.0197
"""How often a click becomes an order."""

LEAVES = 0.02
Outcome = tuple[int, int, int, int]
"""Requests, clicks, ordered and left of one user in 14 days."""


@dataclass
class Customer:
    """A kind of new user, with 28 days of history under the old system."""

    user: User
    history: list[Told]


def customers(shop: Shop, count: int) -> list[Customer]:
    """Kinds of new users; days of the history count from -28 to -1."""
    told = []
    for _ in range(count):
        user = shop.user()
        days = shop.days(user, -HISTORY, -1)
        told.append(Customer(user, [{**shop.request(user, LATE_DAY + HISTORY), "day": day} for day in days]))
    return told


def fortnights(shop: Shop, kinds: Sequence[Customer], lists: Sequence[Sequence[int]], leaves: float = LEAVES) -> list[Outcome]:
    """Forty fortnights of each kind with its list: the users from whom experiments draw."""
    chance, told = shop.chance, []
    for kind, items in zip(kinds, lists, strict=True):
        looks = [look * shop.click(kind.user, item) for look, item in zip(shop.look, items, strict=True)]
        share = [1.0]
        for look in looks:
            share = [stay * (1 - look) + come * look for stay, come in zip([*share, 0.0], [0.0, *share], strict=True)]
        for requests in count_table(chance, kind.user.busy * WINDOW, LIVES):
            clicks = sum(chance.choices(range(len(share)), share, k=requests)) if requests else 0
            ordered = chance.random() > (1 - ORDERS) ** clicks
            told.append((requests, clicks, int(ordered), int(chance.random() < leaves)))
    return told


def mean(users: Sequence[Outcome], metric: str) -> float:
    """The mean of a metric."""
    at = METRICS[metric]
    return sum(user[at] for user in users) / len(users)


METRICS = {"clicks": 1, "ordered": 2, "left": 3}


def experiment(chance: random.Random, a: Sequence[Outcome], b: Sequence[Outcome], users: int) -> list[tuple[str, Outcome]]:
    """Assign new users and draw their fortnight."""
    drawn = zip(chance.choices("ab", k=users), chance.choices(a, k=users), chance.choices(b, k=users), strict=True)
    return [(arm, one if arm == "a" else other) for arm, one, other in drawn]


def values(drawn: Sequence[tuple[str, Outcome]], metric: str) -> dict[str, list[int]]:
    """A metric of every user, by arm."""
    at = METRICS[metric]
    return {name: [one[at] for arm, one in drawn if arm == name] for name in "ab"}


def lose(drawn: Sequence[tuple[str, Outcome]], arm: str = "b") -> list[tuple[str, Outcome]]:
    """Drop 6 per cent of the users of an arm, the least active."""
    of_arm = sorted((nth for nth, one in enumerate(drawn) if one[0] == arm), key=lambda nth: drawn[nth][1][:2])
    gone = set(of_arm[: round(LOSS * len(of_arm))])
    return [one for nth, one in enumerate(drawn) if nth not in gone]


def write_outcome(path: Path, drawn: Sequence[tuple[str, Outcome]]) -> None:
    """A line for each user."""
    with path.open("w", encoding="utf-8") as out:
        out.write("user,arm,requests,clicks,ordered,left\n")
        out.writelines(f"{nth},{arm},{one[0]},{one[1]},{one[2]},{one[3]}\n" for nth, (arm, one) in enumerate(drawn, 1))


def lines(rows: Sequence[Any]) -> str:
    """JSON, one value a line."""
    return "".join(json.dumps(row) + "\n" for row in rows)
