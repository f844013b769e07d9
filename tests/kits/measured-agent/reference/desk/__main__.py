"""The commands of kit.toml."""

import sys
from collections.abc import Callable
from typing import Any

from desk import agent, report, server

COMMANDS: dict[str, Callable[..., Any]] = {
    "serve": server.serve,
    "run": agent.run,
    "report": report.report,
    "gate": report.gate,
    "judge": report.judge,
}

if __name__ == "__main__":
    sys.exit(COMMANDS[sys.argv[1]](*sys.argv[2:]))
