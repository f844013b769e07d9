"""The commands; kit.toml names their words."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from . import backfill, batch, compare, definition, live, models, stream

OWN = Path("features.json")


def main(words: list[str]) -> int:
    """Run one command."""
    match words:
        case ["definition"]:
            print(OWN.read_text(encoding="utf-8"))
        case ["serve" | "batch" | "parity" | "skew" | "live" as command, given, log, *rest]:
            return paths(command, definition.read(Path(given)), Path(log), rest)
        case ["backfill" | "publish" | "read", *_]:
            store(words)
        case _:
            registry(words)
    return 0


def paths(command: str, given: definition.Definition, log: Path, rest: list[str]) -> int:
    """The live path, the table, and both beside each other."""
    match [command, *rest]:
        case ["serve", state, out]:
            stream.serve(given, log, Path(state), Path(out))
        case ["batch", out]:
            batch.batch(given, log, Path(out))
        case ["parity", served]:
            told = compare.parity(given, log, Path(served))
            print(json.dumps(told))
            return int(any(told["differing"].values()))
        case ["skew", served]:
            print(json.dumps(compare.skew(given, log, Path(served))))
        case ["live", port]:
            live.live(given, log, int(port))
        case _:
            raise ValueError(f"{command}: see kit.toml for its words")
    return 0


def store(words: list[str]) -> None:
    """The store of computed features."""
    match words:
        case ["backfill", given, name, log, folder]:
            backfill.backfill(definition.read(Path(given)).named(name), Path(log), Path(folder))
        case ["publish", folder]:
            backfill.publish(Path(folder))
        case ["read", folder, out]:
            backfill.read(Path(folder), Path(out))
        case _:
            raise ValueError(f"{words[0]}: see kit.toml for its words")


def registry(words: list[str]) -> None:
    """Models and their features."""
    match words:
        case ["train", given, log, labels, folder]:
            print(json.dumps({"model": models.train(Path(given), Path(log), Path(labels), Path(folder))}))
        case ["answer", folder, given, log, out]:
            models.answer(Path(folder), definition.read(Path(given)), Path(log), Path(out))
        case ["rollback", folder, number, out]:
            models.rollback(Path(folder), int(number), Path(out))
        case ["merge", released, given]:
            if wrong := definition.differences(definition.read(Path(released)).features, definition.read(Path(given))):
                raise ValueError("; ".join(wrong))
        case _:
            raise ValueError(f"unknown command {' '.join(words)}; see kit.toml")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (ValueError, OSError, KeyError) as error:
        sys.exit(f"twospeed: {error}")
