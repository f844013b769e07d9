# /// script
# requires-python = ">=3.11"
# dependencies = ["ada-url>=1.15", "aiohappyeyeballs>=2.4", "pyyaml>=6", "selectolax>=1.0", "webencodings>=0.5"]
# ///
"""Check the external links that readers of the built guide see, and say where in the sources each can be mended.

The program is the folder link_check/, which needs nothing of this guide; here it is told only where the guide is.
Exit 0: all was looked at, nothing to do. 1: something to mend. 2: not everything could be looked at (no network, no site, interrupted).
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from link_check.web import Lookup

ROOT = Path(__file__).resolve().parent.parent


def main(argv: Sequence[str] | None = None, *, lookup: Lookup | None = None, now: float | None = None) -> int:
    """Check, report, and say by the exit code what is left to do. Names and the clock can be put in by tests."""
    from link_check.program import main as run

    return run(argv, lookup=lookup, now=now, root=ROOT)


if __name__ == "__main__":
    gc.set_threshold(50_000)  # objects; the usual 700 spends a tenth of a long run on looking through answers that stay
    try:
        code = main()
    except KeyboardInterrupt:  # while it is loaded
        code = 2
    sys.exit(code)
