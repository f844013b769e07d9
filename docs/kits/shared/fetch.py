"""Fetch the open data of this kit, or make the small sample: `python acceptance/fetch.py DIR` or `… --sample DIR`.

The address and the SHA-256 of each file stand in kit.json. A file that is there and has the right hash is not fetched again;
one with another hash is refused and left out, and the tests refuse it in KIT_DATA too, so that nothing half or foreign is ever used.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import runpy
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent

MOST = 200_000_000
"""Bytes of a file, at most."""

LONGEST = 1800
"""Seconds that a file may take, however slow the line."""


def right(path: Path, sha256: str) -> bool:
    """True when the file is there and whole."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def fetch(name: str, url: str, sha256: str, folder: Path) -> None:
    """Bring one file; raises SystemExit with one line when that cannot be."""
    target = folder / name
    if right(target, sha256):
        print(f"{target}: already here")
        return
    end = time.monotonic() + LONGEST
    content = b""
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310  https, from kit.json
            while len(content) <= MOST and time.monotonic() < end and (more := answer.read1()):
                content += more
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        hint = "try again later; until then leave KIT_DATA out, and the kit uses its own sample"
        raise SystemExit(f"{url} cannot be fetched ({error}); {hint}") from None
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise SystemExit(
            f"{url} has SHA-256 {found}, expected {sha256}: the file changed or was damaged on the way; nothing was kept, try again"
        )
    unfinished = target.with_suffix(target.suffix + ".part")
    unfinished.write_bytes(content)
    unfinished.replace(target)
    print(f"{target}: {len(content):,} bytes")


def main(argv: Sequence[str] | None = None) -> int:
    """Fetch what kit.json names, or write the sample."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the files go")
    parser.add_argument("--sample", action="store_true", help="write the small generated sample instead of fetching")
    options = parser.parse_args(argv)
    try:
        wanted = json.loads((HERE / "kit.json").read_text(encoding="utf-8"))["data"]
        write = runpy.run_path(str(HERE / "sample.py"))["write"]
    except (OSError, ValueError) as error:
        raise SystemExit(f"the kit is not whole ({error}): unpack its zip again") from None
    try:
        options.folder.mkdir(parents=True, exist_ok=True)
        if options.sample:
            write(options.folder)
            print(f"{options.folder}: the sample")
            return 0
        for data in wanted:
            fetch(data["name"], data["url"], data["sha256"], options.folder)
    except OSError as error:
        raise SystemExit(f"{options.folder} cannot be written ({error}): name a folder of your own") from None
    if not wanted:
        print("nothing to fetch: this kit makes its data itself")
    return 0


if __name__ == "__main__":
    sys.exit(main())
