"""A store of computed features. Readers see what the pointer names, and nothing of what is being computed."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from pathlib import Path

from .batch import save, table, values
from .definition import Feature

PARTS = 12


def put(path: Path, told: object) -> None:
    """Write JSON, whole or not at all."""
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(told), encoding="utf-8")
    unfinished.replace(path)


def backfill(feature: Feature, log: Path, store: Path) -> None:
    """Compute a feature as it would have been known at each ask, in parts; parts that are there are not computed again."""
    waiting = store / "waiting.json"
    waiting.unlink(missing_ok=True)
    stamp = hashlib.sha256(repr((feature.name, feature.meaning)).encode() + log.read_bytes()).hexdigest()[:16]
    work, column = store / f"work-{stamp}", store / f"column-{stamp}.csv"
    if not column.is_file():
        work.mkdir(exist_ok=True)
        base = table(log)
        last = base.execute("select max(ask) from asks").fetchone()[0] or 0
        size = last // PARTS + 1
        for part in range(PARTS):
            path = work / f"{part}.csv"
            if not path.is_file():
                save(path, [feature.name], values(base, [feature], first=part * size, last=(part + 1) * size - 1))
        save(column, [feature.name], (row for part in range(PARTS) for row in rows(work / f"{part}.csv")))
    shutil.rmtree(work, ignore_errors=True)
    put(waiting, {feature.name: column.name})


def publish(store: Path) -> None:
    """Switch the pointer; raises ValueError when no backfill is finished."""
    waiting, pointer = store / "waiting.json", store / "published.json"
    if not waiting.is_file():
        raise ValueError("there is no finished backfill to publish")
    before = json.loads(pointer.read_text(encoding="utf-8")) if pointer.is_file() else {}
    put(pointer, before | json.loads(waiting.read_text(encoding="utf-8")))
    waiting.unlink()


def read(store: Path, out: Path) -> None:
    """What readers see; raises ValueError as long as nothing was published."""
    pointer = store / "published.json"
    if not pointer.is_file():
        raise ValueError("nothing was published yet")
    columns = json.loads(pointer.read_text(encoding="utf-8"))
    held = [dict(rows(store / name)) for name in columns.values()]
    save(out, list(columns), ([ask, *(column[ask] for column in held)] for ask in held[0]))


def rows(path: Path) -> list[list[str]]:
    """The rows of a part."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]
