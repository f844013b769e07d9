"""Read a data.frame out of an R data file (.rda) with Python's standard library: numbers, texts, factors, and missing values as None.

Only what such files hold is understood (versions 2 and 3 of R's XDR format); anything else is a `ValueError` that says so.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import math
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OPENERS: tuple[tuple[bytes, Callable[[bytes], bytes]], ...] = (
    (b"\xfd7zXZ", lzma.decompress),
    (b"\x1f\x8b", gzip.decompress),
    (b"BZh", bz2.decompress),
)
NULL, SYMBOL, PAIRS, CHARS, LOGICAL, INTEGER, REAL, TEXTS, LIST, SEEN, NIL = 254, 1, 2, 9, 10, 13, 14, 16, 19, 255, 0
MISSING = -(2**31)


@dataclass
class Vector:
    """A vector of R with its attributes."""

    values: list[Any]
    attributes: dict[str, Any] = field(default_factory=dict)


class Reader:
    """Reads one item of R's format after another."""

    def __init__(self, content: bytes) -> None:
        self.content, self.at = content, 0
        self.symbols: list[str] = []

    def take(self, size: int) -> bytes:
        """The next bytes."""
        self.at += size
        if self.at > len(self.content):
            raise ValueError("the file ends in the middle")
        return self.content[self.at - size : self.at]

    def integer(self) -> int:
        """The next 32-bit integer."""
        return int(struct.unpack(">i", self.take(4))[0])

    def numbers(self, code: str, width: int) -> tuple[Any, ...]:
        """A vector's length and its numbers."""
        count = self.integer()
        return struct.unpack(f">{count}{code}", self.take(count * width))

    def texts(self) -> list[str | None]:
        """A vector of texts."""
        return [self.item() for _ in range(self.integer())]

    def pairs(self, flags: int) -> dict[str, Any]:
        """A list of named items, such as attributes."""
        found: dict[str, Any] = {}
        while flags & 255 == PAIRS:
            if flags & 512:
                self.item()
            name = self.item() if flags & 1024 else ""
            found[name] = self.item()
            flags = self.integer()
        return found

    def symbol(self, flags: int) -> str | None:
        """A name: a new one, or one that was seen."""
        if flags & 255 == SEEN:
            return self.symbols[(flags >> 8 or self.integer()) - 1]
        self.symbols.append(self.item())
        return self.symbols[-1]

    def item(self) -> Any:
        """The next item of any kind."""
        flags = self.integer()
        kind = flags & 255
        if kind in (NULL, NIL):
            return None
        if kind in (SYMBOL, SEEN):
            return self.symbol(flags)
        if kind == PAIRS:
            return self.pairs(flags)
        if kind == CHARS:
            length = self.integer()
            return None if length < 0 else self.take(length).decode("utf-8", "replace")
        if kind in (LOGICAL, INTEGER):
            values = [None if value == MISSING else value for value in self.numbers("i", 4)]
        elif kind == REAL:
            values = [None if math.isnan(value) else value for value in self.numbers("d", 8)]
        elif kind == TEXTS:
            values = self.texts()
        elif kind == LIST:
            values = [self.item() for _ in range(self.integer())]
        else:
            raise ValueError(f"an item of R's type {kind} is not understood")
        return Vector(values, self.pairs(self.integer()) if flags & 512 else {})


def columns(path: Path) -> dict[str, list[Any]]:
    """The columns of the first data.frame in a file; dates stay days and times stay seconds since 1970 in UTC.

    Raises ValueError when the file is not whole.
    """
    return {name: plain(column) for name, column in frame_of(path).items()}


def frame_of(path: Path) -> dict[str, Vector]:
    """The columns of the first data.frame in a file with their attributes, such as class; raises ValueError when the file is not whole."""
    try:
        return first_frame(path)
    except (lzma.LZMAError, zlib.error, OSError, EOFError, LookupError, AttributeError, struct.error) as error:
        raise ValueError(f"{path} cannot be read: {error}") from None


def first_frame(path: Path) -> dict[str, Vector]:
    """The columns of the first data.frame."""
    content = path.read_bytes()
    for magic, opener in OPENERS:
        if content.startswith(magic):
            content = opener(content)
            break
    if content[:7] not in (b"RDX2\nX\n", b"RDX3\nX\n"):
        raise ValueError(f"{path.name} is not an R data file")
    reader = Reader(content)
    reader.take(7)
    version = reader.integer()
    reader.take(8)
    if version == 3:
        reader.take(reader.integer())
    frame = next(iter(reader.pairs(reader.integer()).values()))
    names = frame.attributes["names"].values
    return dict(zip(names, frame.values, strict=True))


def plain(column: Vector) -> list[Any]:
    """A column's values, a factor's as texts."""
    if "levels" not in column.attributes:
        return column.values
    levels = column.attributes["levels"].values
    return [None if value is None else levels[value - 1] for value in column.values]
