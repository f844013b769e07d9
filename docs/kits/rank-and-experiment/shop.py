"""The simulated shop: what only the kit knows. Items with a quality, users with a taste, and a page that is looked at from the top.

A request shows ten items. Whether a place is looked at depends on the place alone; whether an item that is looked at is clicked
depends on its quality and on the user's taste for its category and its price; a click becomes an order now and then.
The old system shows what it believes to be good, and its belief has nothing to do with the quality.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

SEED = 20261129
ITEMS, CATEGORIES, USERS, DAYS = 1000, 20, 8000, 56
SHOWN = 10
LATE, LATE_DAY = 50, 36
"""So many items came on that day only: the old system never shows them."""

TRAINED_TO = 42
"""The last day of week 6."""

PER_DAY = 20 / DAYS
"""Requests of a mean user a day."""

RANDOM_SHARE = 0.15
KNOWS = 0.5
"""How much the old system heeds the user's taste when it puts ten items in order."""

HISTORY, WINDOW = 28, 14
"""Days of history before an experiment, and days of the experiment."""

Told = dict[str, Any]


@dataclass
class User:
    """A customer: a taste for each category, one for price, and how often the page is opened."""

    taste: list[float]
    price: float
    busy: float
    seen: list[Told] = field(default_factory=list)


class Shop:
    """One shop with its truth; the same seed gives the same shop."""

    def __init__(self, seed: int = SEED, fall: float = 0.75, mixed: float = RANDOM_SHARE) -> None:
        self.mixed = mixed
        self.chance = chance = random.Random(seed)  # noqa: S311  a simulation, not a secret
        self.look = [(place + 1) ** -fall for place in range(SHOWN)]
        self.category = [nth % CATEGORIES for nth in range(ITEMS)]
        chance.shuffle(self.category)
        self.price = [round(math.exp(chance.gauss(3.0, 0.6)), 2) for _ in range(ITEMS)]
        self.dear = [(math.log(price) - 3.0) / 0.6 for price in self.price]
        self.quality = [chance.gauss(-2.9, 0.7) for _ in range(ITEMS)]
        self.belief = [chance.gauss(0, 1) for _ in range(ITEMS)]
        self.since = [1] * ITEMS
        for item in chance.sample(range(ITEMS), LATE):
            self.since[item] = LATE_DAY
        self.shelf = [item for item in range(ITEMS) if self.since[item] == 1]
        self.weights = list(itertools.accumulate(math.exp(0.6 * self.belief[item]) for item in self.shelf))

    def user(self) -> User:
        """A new customer."""
        chance = self.chance
        return User([chance.gauss(0, 1.1) for _ in range(CATEGORIES)], chance.gauss(0, 0.5), chance.gammavariate(2.0, PER_DAY / 2.0))

    def click(self, user: User, item: int) -> float:
        """How likely an item is clicked once it is looked at."""
        return 1 / (1 + math.exp(-self.quality[item] - user.taste[self.category[item]] - user.price * self.dear[item]))

    def old_list(self, user: User) -> list[int]:
        """What the old system shows: ten of the items in which it believes, best first."""
        drawn = dict.fromkeys(self.chance.choices(self.shelf, cum_weights=self.weights, k=16))
        while len(drawn) < SHOWN:
            drawn |= dict.fromkeys(self.chance.choices(self.shelf, cum_weights=self.weights, k=16))
        held = [(self.belief[item] + KNOWS * user.taste[self.category[item]], item) for item in list(drawn)[:SHOWN]]
        return [item for _, item in sorted(held, reverse=True)]

    def request(self, user: User, day: int, own: Sequence[int] = ()) -> Told:
        """One opened page, with what was shown from the first place on and what was clicked; `own` in place of the old system's list."""
        chance = self.chance
        mixed = chance.random() < self.mixed
        if mixed:
            items = chance.sample(self.shelf if day < LATE_DAY else range(len(self.quality)), SHOWN)
        else:
            items = list(own) or self.old_list(user)
        roll, click = chance.random, self.click
        clicked = [item for item, look in zip(items, self.look, strict=True) if roll() < look and roll() < click(user, item)]
        return {"day": day, "random": mixed, "items": items, "clicked": clicked}

    def days(self, user: User, first: int, last: int) -> list[int]:
        """The days on which a user opens the page, in order."""
        count = poisson(self.chance, user.busy * (last - first + 1))
        return sorted(self.chance.choices(range(first, last + 1), k=count))

    def log(self, users: Sequence[User]) -> list[Told]:
        """The requests of all users on all days, in the order of the days."""
        visits = [(day, nth) for nth, user in enumerate(users) for day in self.days(user, 1, DAYS)]
        visits.sort(key=lambda one: one[0])
        return [{"request": nth, "user": who, **self.request(users[who], day)} for nth, (day, who) in enumerate(visits, 1)]

    def grow(self, count: int) -> None:
        """Add items that nobody has seen; their numbers follow the last one."""
        chance = random.Random(len(self.quality))  # noqa: S311  a simulation, not a secret
        for _ in range(count):
            self.category.append(chance.randrange(CATEGORIES))
            self.price.append(round(math.exp(chance.gauss(3.0, 0.6)), 2))
            self.dear.append((math.log(self.price[-1]) - 3.0) / 0.6)
            self.quality.append(chance.gauss(-2.9, 0.7))
            self.belief.append(-9.0)
            self.since.append(DAYS + 1)

    def worth(self, user: User, items: Sequence[int]) -> float:
        """The true clicks of one request with this list."""
        return sum(look * self.click(user, item) for look, item in zip(self.look, items, strict=False))


def poisson(chance: random.Random, mean: float) -> int:
    """A count with this mean."""
    count, left = 0, chance.expovariate(1)
    while left < mean:
        count += 1
        left += chance.expovariate(1)
    return count
