"""Characters that hide, turn the text round, or pass for others; what they are is Unicode's to say.

Scripts and properties come from the `regex` library, look-alikes from Unicode's table of confusables (UTS #39).
The guide is written in Latin and Chinese; a Greek letter that stands alone is mathematics.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import regex
from confusable_homoglyphs.confusables import confusables_data
from findings import Said, say

UNSEEN = regex.compile(r"[\p{Default_Ignorable_Code_Point}\p{C}\p{Zl}\p{Zp}\uFFFC\uFFFD\U0001D159]")
"""Nothing to see, by Unicode's properties; and three signs that stand for nothing (UTR #36): an object, a lost letter, an empty note."""

FOREIGN = regex.compile(r"[^\p{Script=Latin}\p{Script=Han}\p{Script=Common}]")
GREEK_ALONE = regex.compile(r"(?<![\p{L}\p{N}_])[\p{Script=Greek}&&\p{L}](?![\p{L}_])", regex.V1)
SPACES = " \u3000"
STROKES = "/."
"""What a host ends with or is cut at: a sign that looks like one could name another host."""

FULL_STOPS = "…"
"""Looks like a row of full stops, and is one."""


def passes_for_another(c: str) -> bool:
    """True for what looks like a plain letter, digit, stroke or full stop, and for a letter in a ring or a square."""
    alike = {entry["c"] for entry in confusables_data.get(c, ())}
    plain = unicodedata.normalize("NFKC", c)
    if unicodedata.category(c) == "No":  # ² ½ ①: nobody takes them for the digit
        return False
    if unicodedata.category(c)[0] in "LN":
        return plain != c or any(other.isascii() for other in alike)
    if (plain != c and len(plain) == 1 and plain.isalnum()) or regex.search("LATIN|REGIONAL INDICATOR", unicodedata.name(c, "")):
        return True
    return c not in FULL_STOPS and bool(alike & set(STROKES))


@lru_cache(maxsize=100_000)
def fault(c: str) -> str:
    """What is wrong with a character, wherever it stands: unseen, space, combining or alike; nothing for a good one."""
    if c == "\n" or (c.isascii() and c.isprintable()):
        return ""
    if UNSEEN.match(c):
        return "unseen"
    if unicodedata.category(c) == "Zs":
        return "" if c in SPACES else "space"
    if unicodedata.category(c)[0] == "M":
        return "combining"
    return "alike" if FOREIGN.match(c) or passes_for_another(c) else ""


def judge(text: str) -> Iterator[tuple[int, Said]]:
    """Each character that should not be there, with its place in `text`; line breaks are none of them."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return
    if not any(map(fault, set(text))):
        return
    alone = {match.start() for match in GREEK_ALONE.finditer(text)}
    for place, c in enumerate(text):
        kind, point, name = fault(c), f"U+{ord(c):04X}", unicodedata.name(c, "-")
        if kind == "unseen":
            yield place, say("character_unseen", point=point, name=name)
        elif kind == "space":
            yield place, say("character_space", point=point, name=name)
        elif kind == "combining":
            yield place, say("character_combining", point=point, name=name)
        elif kind == "alike" and place not in alone:
            yield place, say("character_alike", point=point, name=name)
