"""Finding the rows already seen: in a list, and in the set that the checks use."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Container

SIZES = (1000, 2000, 4000)


def seconds(keys: list[tuple[str, int]], seen: Container[tuple[str, int]]) -> float:
    """The processor time in which every key is looked up once: the best of five, since other programs disturb."""
    best = math.inf
    for _ in range(5):
        begun = time.process_time()
        if not all(key in seen for key in keys):
            raise AssertionError
        best = min(best, time.process_time() - begun)
    return best


def main() -> None:
    """A line for each size."""
    for size in SIZES:
        keys = [(f"KIT{number % 12:08d}", number) for number in range(size)]
        print(json.dumps({"size": size, "list": seconds(keys, keys), "chosen": seconds(keys, set(keys))}))
