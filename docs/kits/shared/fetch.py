"""Fetch the open data of this kit, or make the small sample: `python acceptance/fetch.py DIR` or `… --sample DIR`.

The address and the SHA-256 of each file stand in kit.json. A file that is there and has the right hash is not fetched again;
one with another hash is refused and left out, so that nothing half or foreign is ever used.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import runpy
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent


def right(path: Path, sha256: str) -> bool:
    """True when the file is there and whole."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def fetch(name: str, url: str, sha256: str, folder: Path) -> None:
    """Bring one file; raises SystemExit with one line when that cannot be."""
    target = folder / name
    if right(target, sha256):
        print(f"{target}: already here")
        return
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310  https, from kit.json
            content = answer.read()
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        hint = f"without a network use the sample: python {Path(__file__).name} --sample {folder}"
        raise SystemExit(f"{url} cannot be fetched ({error}); {hint}") from None
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise SystemExit(f"{url} has SHA-256 {found}, expected {sha256}: the file changed or was damaged on the way; nothing was kept")
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
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.sample:
        runpy.run_path(str(HERE / "sample.py"))["write"](options.folder)
        print(f"{options.folder}: the sample")
        return 0
    for data in json.loads((HERE / "kit.json").read_text(encoding="utf-8"))["data"]:
        fetch(data["name"], data["url"], data["sha256"], options.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
