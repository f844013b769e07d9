"""The commands: `python -m shop NAME ...`; results on standard output as JSON, troubles on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from . import decide, judge, trials
from .log import lines, looks
from .ranker import Ranker
from .server import serve


def printed(rows: Iterable[object]) -> str:
    """One JSON object a line."""
    return "\n".join(map(json.dumps, rows))


def train(items: str, log: str, last: str, model: str) -> str:
    """Learn up to a day and keep what was learnt."""
    Ranker.trained(Path(items), Path(log), int(last)).save(Path(model))
    return ""


def rank(model: str, requests: str) -> str:
    """A list for every line."""
    ranker = Ranker.load(Path(model))
    return printed({"id": one["id"], **ranker.rank(one)} for one in lines(Path(requests)))


def bias(log: str) -> str:
    """How often each place is looked at, and what the ordinary requests would say."""
    requests = list(lines(Path(log)))
    return json.dumps({"places": looks(requests), "ordered": looks(requests, mixed=False)})


COMMANDS: dict[str, Callable[..., str | None]] = {
    "train": train,
    "serve": lambda model, port: serve(Ranker.load(Path(model)), int(port)),
    "rank": rank,
    "bias": bias,
    "judge": lambda model, requests: json.dumps(judge.table(Ranker.load(Path(model)), list(lines(Path(requests))))),
    "size": lambda baseline, effect: json.dumps(trials.size(float(baseline), float(effect))),
    "looks": lambda path: printed(trials.looks(Path(path))),
    "adjust": lambda path, column: printed(trials.adjust(Path(path), column)),
    "analyse": lambda folder: printed(trials.analyse(place) for place in sorted(Path(folder).iterdir())),
    "decide": lambda outcome, day: json.dumps(decide.decide(Path(outcome), int(day))),
}


def main(argv: list[str]) -> int:
    """Run one command."""
    if not argv or argv[0] not in COMMANDS:
        print(f"expected one of {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        print(COMMANDS[argv[0]](*argv[1:]) or "")
    except (trials.MeasuredTooLateError, decide.TooEarlyError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
