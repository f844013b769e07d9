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
        case ["serve", given, log, state, out]:
            stream.serve(definition.read(Path(given)), Path(log), Path(state), Path(out))
        case ["batch", given, log, out]:
            batch.batch(definition.read(Path(given)), Path(log), Path(out))
        case ["parity", given, log, served]:
            told = compare.parity(definition.read(Path(given)), Path(log), Path(served))
            print(json.dumps(told))
            return int(any(told["differing"].values()))
        case ["skew", given, log, served]:
            print(json.dumps(compare.skew(definition.read(Path(given)), Path(log), Path(served))))
        case ["backfill", given, name, log, store]:
            backfill.backfill(definition.read(Path(given)).named(name), Path(log), Path(store))
        case ["publish", store]:
            backfill.publish(Path(store))
        case ["read", store, out]:
            backfill.read(Path(store), Path(out))
        case ["train", given, log, labels, registry]:
            print(json.dumps({"model": models.train(Path(given), Path(log), Path(labels), Path(registry))}))
        case ["answer", registry, given, log, out]:
            models.answer(Path(registry), definition.read(Path(given)), Path(log), Path(out))
        case ["rollback", registry, number, out]:
            models.rollback(Path(registry), int(number), Path(out))
        case ["merge", released, given]:
            if wrong := definition.differences(definition.read(Path(released)).features, definition.read(Path(given))):
                raise ValueError("; ".join(wrong))
        case ["live", given, log, port]:
            live.live(definition.read(Path(given)), Path(log), int(port))
        case _:
            raise ValueError(f"unknown command {' '.join(words)}; see kit.toml")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (ValueError, OSError, KeyError) as error:
        sys.exit(f"twospeed: {error}")
