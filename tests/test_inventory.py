"""Everything that the article of 2020 said has its place: each item under a heading that really speaks of it.

tests/inventory.yml lists the article's numbered statements, each with the page, the heading's anchor and a
handful of phrases that stand in that section as a reader sees it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import Built
from lxml import html

INVENTORY: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "inventory.yml").read_text(encoding="utf-8"))

NUMBERS = {
    "0": 3, "1": 6, "2": 9, "3": 2, "3A": 10, "3B": 16, "3C": 3, "4": 4, "4A": 4, "4B": 5, "4C": 4, "4D": 6,
    "5": 3, "6": 4, "7": 4, "8": 3, "9": 3, "10": 3,
}  # fmt: skip
"""How many statements each part of the article makes."""


def test_every_item_is_listed() -> None:
    """The table has every number of the inventory and no other."""
    assert sorted(INVENTORY) == sorted(f"{part}.{number}" for part, count in NUMBERS.items() for number in range(1, count + 1))


def section_text(tree: Any, anchor: str) -> str:
    """The text from a heading to the next one of its level or above, with single spaces."""
    heading = tree.get_element_by_id(anchor)
    level = int(heading.tag[1])
    parts = [heading.text_content()]
    for element in heading.itersiblings():
        if re.fullmatch(r"h[1-6]", str(element.tag)) and int(element.tag[1]) <= level:
            break
        parts.append(element.text_content())
    straight = str.maketrans("’‘“”", "''\"\"")
    return re.sub(r"\s+", " ", " ".join(parts)).lower().translate(straight)


@pytest.mark.parametrize("item", sorted(INVENTORY))
def test_item_has_its_place(site: Built, item: str) -> None:
    """The page has the heading, and the section under it speaks of the item."""
    place = INVENTORY[item]
    tree = html.fromstring((site.folder / place["page"].replace(".md", ".html")).read_bytes())
    text = section_text(tree, place["anchor"])
    assert len(place["terms"]) >= 1
    assert [term for term in place["terms"] if str(term).lower() not in text] == [], place
