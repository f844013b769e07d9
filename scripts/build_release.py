"""Pack the built site into dist/how-to-become-an-ml-engineer.zip, for reading without a network.

Reads site/; the same site gives the same bytes (names sorted, one fixed time stamp).
Exits 0 when the zip is written, 2 when there is no built site.
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from catalogue import ROOT
from findings import complain, say

NAME = "how-to-become-an-ml-engineer"
STAMP = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold; the content alone decides the bytes."""


def pack(site: Path, target: Path) -> int:
    """Write every file of `site` into the zip `target`, below one folder; return the number of files."""
    files = sorted(path for path in site.rglob("*") if path.is_file())
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in files:
            entry = zipfile.ZipInfo(f"{NAME}/{path.relative_to(site).as_posix()}", STAMP)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    unfinished.replace(target)
    return len(files)


def main(argv: Sequence[str] | None = None) -> int:
    """Pack site/ of this guide, or of the folder named."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    root = Path(arguments[0]) if arguments else ROOT
    if not (root / "site/index.html").is_file():
        complain(say("no_built_site", folder=str(root / "site")))
        return 2
    target = root / "dist" / f"{NAME}.zip"
    count = pack(root / "site", target)
    print(f"{target.relative_to(root)}: {count} files, {target.stat().st_size / 1e6:.1f} MB. Unpack it and open index.html.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
