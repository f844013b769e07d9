"""The search index after the builder: smaller, and with the other names that people type.

The builder writes six ASCII characters for each Chinese one, and knows a section by its heading alone. Here a record's section
is known by its `also` and its codes too, and a chapter by the `also` of its head: in a field of their own, which the theme's
search asks with the rest and never shows. They only bring the best page first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jieba
from catalogue import Catalogue
from chapters import EDITIONS, read_chapters
from templates import page_of
from words import title_of

FIELD = "names"
BOOST = 3000.0
"""Three times what a heading counts: somebody who types a name means the thing."""


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


def finish_index(folder: Path, names: Mapping[str, list[str]]) -> None:
    """Write the index of one edition anew, as JSON and as the script that a page from disk loads."""
    index: dict[str, Any] = json.loads((folder / "search_index.json").read_bytes())
    index["config"]["fields"][FIELD] = {"boost": BOOST}
    for entry in index["docs"]:
        if known := names.get(entry["location"]):
            entry[FIELD] = " ".join(jieba.cut(" ".join(known)))  # as the builder cuts the text
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    (folder / "search_index.json").write_text(text, encoding="utf-8")
    (folder / "search_index.js").write_text(f"var __index = {text}", encoding="utf-8")
