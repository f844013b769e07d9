"""docs/data/README.md shows one record of each kind with every field explained, and agrees with the schemas."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from catalogue import DATA, ROOT, load, read_schemas
from test_catalogue import WORLDS, world

README = (ROOT / DATA / "README.md").read_text(encoding="utf-8")
SCHEMAS = read_schemas(ROOT)


def section(kind: str) -> str:
    """The part of the page that is about one kind."""
    match = re.search(rf"^## `{kind}\.yml`.*?(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert match, f"docs/data/README.md has no section about {kind}.yml"
    return match.group()


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_field_is_explained(kind: str) -> None:
    """The table of a kind has exactly the fields of its schema, says which are required, and in the schema's words."""
    rows = re.findall(r"^\| `(\w+)` \| (yes|no) \| (.*?) \|$", section(kind), re.MULTILINE)
    schema = SCHEMAS[kind]
    expected = [
        (field, "yes" if field in schema["required"] else "no", rule["description"]) for field, rule in schema["properties"].items()
    ]
    assert rows == [(field, required, words.replace("|", "\\|")) for field, required, words in expected]


@pytest.mark.parametrize("kind", SCHEMAS)
def test_shelf_life_is_named(kind: str) -> None:
    """The page names the shelf life of each kind as the schema has it."""
    assert f"Shelf life: {SCHEMAS[kind]['shelf_life_days']} days." in section(kind)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_record_shown_is_a_good_one(kind: str, tmp_path: Path) -> None:
    """The record shown loads among sound records, and shows every field that is required."""
    shown = re.search(r"```yaml\n(.*?)```", section(kind), re.DOTALL)
    assert shown
    record = yaml.safe_load(shown.group(1))[0]
    assert set(SCHEMAS[kind]["required"]) <= set(record)
    root = world(tmp_path)
    sound = (WORLDS / "sound" / f"{kind}.yml").read_text(encoding="utf-8")
    (root / DATA / f"{kind}.yml").write_text(sound + shown.group(1), encoding="utf-8")
    assert record["id"] in [loaded.id for loaded in load(root, date(2026, 11, 23)).kinds[kind]]
