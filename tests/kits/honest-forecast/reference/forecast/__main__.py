"""The commands: `python -m forecast NAME ...`; results on standard output as JSON, troubles on standard error."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

from . import agree, check, losses, report
from .data import DAY, baseline, load
from .features import KnownTooLateError, listed
from .model import Forecaster


def lines(told: list[dict[str, object]]) -> str:
    """One JSON object a line."""
    return "\n".join(map(json.dumps, told))


def forecasts(path: str, first: str, last: str) -> str:
    """A forecast for every day from the first to the last."""
    walker = Forecaster(load(Path(path)))
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return lines([walker.forecast(begin + number * DAY) for number in range((end - begin).days + 1)])


def compare(ours: str, theirs: str) -> str:
    """Ends with 1 when the two sides do not agree."""
    found = agree.disagreements(Path(ours), Path(theirs))
    if found:
        raise SystemExit("\n".join(found))
    return "agreed"


def slopes(path: str) -> str:
    """A slope for each case."""
    cases = map(json.loads, Path(path).read_text(encoding="utf-8").splitlines())
    return lines([{"slope": losses.slope_of(case)} for case in cases])


COMMANDS = {
    "baseline": lambda data: json.dumps(baseline(load(Path(data)))),
    "forecast": forecasts,
    "features": lambda path: "\n".join(listed(Path(path))),
    "claims": lambda data: json.dumps(report.claims(load(Path(data)))),
    "backtest": lambda data: json.dumps(report.backtest(load(Path(data)))),
    "figures": lambda data: json.dumps(agree.figures(load(Path(data)))),
    "agree": compare,
    "slopes": slopes,
    "constants": lambda data: json.dumps(losses.constants(load(Path(data)))),
    "check-data": lambda data: lines(check.check(load(Path(data)))),
    "table": lambda data: report.table(load(Path(data))),
}


def main(argv: list[str]) -> int:
    """Run one command."""
    if not argv or argv[0] not in COMMANDS:
        print(f"expected one of {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        print(COMMANDS[argv[0]](*argv[1:]))
    except (KnownTooLateError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
