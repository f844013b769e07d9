"""The search index after the builder: smaller, with the other names that people type, and with words that stay whole.

The builder writes six ASCII characters for each Chinese one, and knows a section by its heading alone. Here a record's section
is known by its `also` and its codes too, and a chapter by the `also` of its head: in a field of their own, which the theme's
search asks with the rest and never shows. They only bring the best page first.

The builder cuts Chinese text into the words that jieba knows; the search cuts what is asked into the longest words that the index holds.
So the words of docs/data/search-words.yml, made whole here, are whole in a question, too; their parts are still found.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jieba
from catalogue import DATA, Catalogue, CatalogueError
from chapters import EDITIONS, read_chapters
from reading import read_yaml_file
from templates import page_of
from words import title_of

jieba.setLogLevel(logging.WARNING)  # how long its dictionary took interests nobody

FIELD = "names"
BOOST = 3000.0
"""Three times what a heading counts: somebody who types a name means the thing."""

PARTS = "parts"
"""The field for the parts of words that stay whole; it counts as much as text."""

REPEATS = ("plan.html#route-", "plan.html#project-", "assessment.html#tick-")
"""Sections that repeat what stands on other pages, for the reader to tick; a search leads to those."""

CUT = "\u200b"
"""What the builder puts between Chinese words."""

HAN = re.compile(r"[\u3400-\u9fff]+")


def names_of(root: Path, records: Catalogue, edition: str) -> Mapping[str, list[str]]:
    """The other names by the place that they lead to: a page, or a section of one."""
    found: dict[str, list[str]] = {}
    for kind in ("skills", "certifications", "readings", "careers"):
        for record in records.kinds[kind]:
            also = [name for name in record.also or () if edition == "zh" or name.isascii()]
            codes = [code for code in (record.code, *(record.former_codes or ())) if code]
            found[page_of(record, records)] = [title_of(record, edition), *also, *codes]
    for chapter in read_chapters(root, EDITIONS[edition])[0]:
        if known := chapter.head.get("also"):
            found[chapter.path.removesuffix(".md") + ".html"] = [str(name) for name in known]
    return found


def whole_words(root: Path) -> list[str]:
    """The words that the Chinese search takes whole; raises `CatalogueError` when their list cannot be read."""
    words, _, problems = read_yaml_file(root, (DATA / "search-words.yml").as_posix())
    if problems:
        raise CatalogueError(problems)
    return [str(word) for word in words["whole"]]


class Cutter:
    """Cuts Chinese text as the builder does, but for the words that stay whole."""

    def __init__(self, whole: Sequence[str]) -> None:
        self._parts = {word: [part for part in jieba.cut(word) if part != word] for word in whole}
        self._jieba = jieba.Tokenizer()  # its own, since words are added to it
        for word in whole:
            self._jieba.add_word(word)

    def words(self, text: str) -> list[str]:
        """The words of a text; what stands between is none."""
        return list(self._jieba.cut(text))

    def text(self, text: str) -> str:
        """A text of the index, cut anew where it holds a word that stays whole."""
        plain = text.replace(CUT, "")
        if not any(word in plain for word in self._parts):
            return text
        return HAN.sub(lambda run: f"{CUT}{CUT.join(self.words(run.group()))}{CUT}", plain).strip(CUT)

    def parts(self, texts: Iterable[str]) -> list[str]:
        """The parts of the whole words in some texts that were cut here, as often as these stand there."""
        return [part for text in texts for word in re.split(r"[\s\u200b]+", text) for part in self._parts.get(word, ())]


@cache
def cutter_of(*whole: str) -> Cutter:
    """The cutter for these words; it reads jieba's dictionary, which takes half a second."""
    return Cutter(whole)


def finish_index(folder: Path, names: Mapping[str, list[str]], whole: Sequence[str] = ()) -> None:
    """Write the index of one edition anew, as JSON and as the script that a page from disk loads; `whole` is empty where nothing is cut."""
    index: dict[str, Any] = json.loads((folder / "search_index.json").read_bytes())
    index["config"]["fields"] |= {FIELD: {"boost": BOOST}, PARTS: {"boost": 1.0}}
    index["docs"] = [entry for entry in index["docs"] if not entry["location"].startswith(REPEATS)]
    cutter = cutter_of(*whole) if whole else None
    for entry in index["docs"]:
        known = " ".join(names.get(entry["location"], ()))
        if known:
            entry[FIELD] = " ".join(cutter.words(known)) if cutter else known
        if cutter is None:
            continue
        for field in ("title", "text"):
            entry[field] = cutter.text(entry[field])
        if parts := cutter.parts(entry.get(field, "") for field in ("title", "text", FIELD)):
            entry[PARTS] = " ".join(parts)
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    (folder / "search_index.json").write_text(text, encoding="utf-8")
    (folder / "search_index.js").write_text(f"var __index = {text}", encoding="utf-8")
