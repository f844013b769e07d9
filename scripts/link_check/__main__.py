# /// script
# requires-python = ">=3.11"
# dependencies = ["ada-url>=1.15", "aiohappyeyeballs>=2.4", "pyyaml>=6", "selectolax>=1.0", "webencodings>=0.5"]
# ///
"""Check the links of any site: `python link_check --help`. It needs what stands above; `uv run` and `pipx run` fetch that by themselves."""

import gc
import sys
from pathlib import Path

if __name__ == "__main__":
    if not __package__:
        sys.path[0] = str(Path(__file__).resolve().parent.parent)
    try:
        from link_check.program import main

        gc.set_threshold(50_000)  # objects; the usual 700 spends a tenth of a long run on looking through answers that stay
        code = main()
    except KeyboardInterrupt:  # while it is loaded
        code = 2
    sys.exit(code)
