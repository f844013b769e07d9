"""Turn the data files of the R package bikeshare14 into CSV: `python acceptance/convert.py DIR` (all three .rda files lie in DIR).

Writes trips.csv, stations.csv and weather.csv beside them, with the columns of the package and no change to a value:
the times of the trips stay what the files hold, UTC. Python's standard library only; it reads R's binary format (XDR)
as far as tables of numbers, words, days and times need it.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import lzma
import math
import struct
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

NAMES = {"batrips.rda": "trips.csv", "bastations.rda": "stations.csv", "baweather.rda": "weather.csv"}
MISSING_INTEGER = -(2**31)
OPENERS: dict[bytes, Callable[[bytes], bytes]] = {b"\x1f\x8b": gzip.decompress, b"BZ": bz2.decompress, b"\xfd7": lzma.decompress}

Vector = tuple[list[Any], dict[str, Any]]
"""Values and attributes (names, class, levels)."""


class Reader:
    """R's serialization, version 2 or 3, in the order in which it is written."""

    def __init__(self, content: bytes) -> None:
        self.content, self.at, self.known = content, 0, list[Any]()

    def take(self, form: str, count: int = 1) -> tuple[Any, ...]:
        """The next numbers, big-endian."""
        form = f">{count}{form}"
        self.at += struct.calcsize(form)
        return struct.unpack_from(form, self.content, self.at - struct.calcsize(form))

    def integer(self) -> int:
        """The next integer."""
        return int(self.take("i")[0])

    def head(self) -> None:
        """What stands before the first item."""
        if self.content[:5] not in (b"RDX2\n", b"RDX3\n") or self.content[5:7] != b"X\n":
            raise ValueError("not a file that R's save() wrote")
        self.at = 7
        form, _, _ = self.take("i", 3)
        if form == 3:
            self.at += self.integer()

    def words(self) -> str | None:
        """A CHARSXP."""
        flags, length = self.take("i", 2)
        if flags & 255 != 9:
            raise ValueError(f"expected a text, found kind {flags & 255}")
        if length < 0:
            return None
        self.at += length
        return self.content[self.at - length : self.at].decode("utf-8", "replace")

    def pairs(self) -> dict[str, Any]:
        """A pairlist: attributes, or the tables of the file."""
        found: dict[str, Any] = {}
        while (flags := self.integer()) & 255 != 254:
            if flags & 255 != 2:
                raise ValueError(f"expected a pair, found kind {flags & 255}")
            if flags & 512:
                self.pairs()
            key = self.item() if flags & 1024 else str(len(found))
            found[str(key)] = self.item()
        return found

    def item(self) -> Any:
        """The next item: a name, a vector with its attributes, or None."""
        flags = self.integer()
        kind = flags & 255
        if kind == 254:
            return None
        if kind == 255:
            return self.known[(flags >> 8) - 1]
        if kind == 1:
            self.known.append(self.words())
            return self.known[-1]
        if kind not in (10, 13, 14, 16, 19):
            raise ValueError(f"kind {kind} is not read here")
        count = self.integer()
        if kind in (10, 13):
            values: list[Any] = [None if value == MISSING_INTEGER else value for value in self.take("i", count)]
        elif kind == 14:
            values = [None if math.isnan(value) else value for value in self.take("d", count)]
        else:
            values = [self.words() if kind == 16 else self.item() for _ in range(count)]
        return values, self.pairs() if flags & 512 else {}


def column(vector: Vector) -> list[Any]:
    """The values of a column as texts or numbers: days, times and levels written out."""
    values, attributes = vector
    classes = attributes.get("class", ([], {}))[0]
    if "levels" in attributes:
        levels = attributes["levels"][0]
        return [None if value is None else levels[value - 1] for value in values]
    if "Date" in classes:
        return [None if value is None else (date(1970, 1, 1) + timedelta(days=value)).isoformat() for value in values]
    if "POSIXct" in classes:
        return [None if value is None else datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S") for value in values]
    return [int(value) if isinstance(value, float) and value.is_integer() else value for value in values]


def convert(source: Path, target: Path) -> int:
    """Write the one table of an .rda file as CSV; return how many rows it has."""
    packed = source.read_bytes()
    reader = Reader(OPENERS[packed[:2]](packed) if packed[:2] in OPENERS else packed)
    reader.head()
    ((_, (vectors, attributes)),) = reader.pairs().items()
    names, columns = attributes["names"][0], [column(vector) for vector in vectors]
    unfinished = target.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(zip(*columns, strict=True))
    unfinished.replace(target)
    return len(columns[0])


def main(argv: Sequence[str] | None = None) -> int:
    """Convert the three files of a folder."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    folder = Path(arguments[0])
    for source, target in NAMES.items():
        if not (folder / source).is_file():
            raise SystemExit(f"{folder / source} is missing: python acceptance/fetch.py {folder}")
        try:
            print(f"{folder / target}: {convert(folder / source, folder / target):,} rows")
        except (ValueError, EOFError, OSError, struct.error, lzma.LZMAError) as error:
            raise SystemExit(f"{folder / source} cannot be read: {error}") from None
    return 0


if __name__ == "__main__":
    sys.exit(main())
