"""The commands: `python -m forecast NAME ...`; results on standard output as JSON, troubles on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from . import agree, check, losses, report
from .data import DAY, Days, baseline, load
from .features import WEATHER, KnownTooLateError, listed
from .model import Forecaster, Pipeline


def lines(told: list[dict[str, object]]) -> str:
    """One JSON object a line."""
    return "\n".join(map(json.dumps, told))


def forecasts(path: str, first: str, last: str) -> str:
    """A forecast for every day from the first to the last."""
    walker = Forecaster(load(Path(path)))
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return lines([walker.forecast(begin + number * DAY) for number in range((end - begin).days + 1)])


def predictions(pipeline: Pipeline, days: Days, first: date, count: int) -> str:
    """What one pipeline forecasts for some days, without a range."""
    return lines([{"date": f"{day}", "forecast": pipeline.predict(days, day)} for day in (first + n * DAY for n in range(count))])


def save(path: str, first: str, target: str) -> str:
    """Train on what lies before a day, keep the pipeline, and say what it forecasts for 50 days."""
    days, begin = load(Path(path)), date.fromisoformat(first)
    pipeline = Pipeline.fitted(days, begin, WEATHER)
    pipeline.save(Path(target))
    return predictions(pipeline, days, begin, 50)


def use(source: str, path: str, first: str) -> str:
    """What a kept pipeline forecasts for 50 days."""
    return predictions(Pipeline.load(Path(source)), load(Path(path)), date.fromisoformat(first), 50)


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


COMMANDS: dict[str, Callable[..., str]] = {
    "baseline": lambda data: json.dumps(baseline(load(Path(data)))),
    "forecast": forecasts,
    "save": save,
    "use": use,
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
