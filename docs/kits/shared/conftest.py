"""What pytest looks for in this file stands in judge.py."""

from judge import (  # noqa: F401
    figures,
    learner,
    pytest_runtest_makereport,
    pytest_sessionfinish,
    pytest_terminal_summary,
)
