"""What pytest looks for in this file stands in judge.py; what the kit cannot do without is looked for here."""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036  a learner's Python may be any
    raise SystemExit(f"this is Python {sys.version.split()[0]}; the kit needs 3.11 or newer · 验收包需要 Python 3.11 或更新版本")
if not hasattr(os, "killpg"):
    raise SystemExit("the kit runs on Linux and macOS; on Windows run it inside WSL · 验收包在 Linux 和 macOS 上运行，Windows 请用 WSL")

from judge import (  # noqa: F401
    figures,
    learner,
    pytest_collectreport,
    pytest_configure,
    pytest_runtest_makereport,
    pytest_sessionfinish,
    pytest_terminal_summary,
)
