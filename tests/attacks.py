"""The attacks of fixtures/attacks.yml, which says what each of its fields means."""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from conftest import ROOT

Attack = Mapping[str, Any]


def real(text: str) -> str:
    """The text with <U+200B> and the like as the characters that they name."""
    return re.sub(r"<U\+([0-9A-F]{4,5})>", lambda match: chr(int(match[1], 16)), text)


FIXTURES = Path(__file__).parent / "fixtures"
ATTACKS: list[Attack] = yaml.load(FIXTURES.joinpath("attacks.yml").read_bytes(), yaml.CSafeLoader)
BY_TECHNIQUE: dict[str, list[Attack]] = defaultdict(list)
for _attack in ATTACKS:
    BY_TECHNIQUE[_attack["technique"]].append(_attack)

BUSY = BY_TECHNIQUE["time-and-memory"]
ON_CHAPTERS = [attack for attack in ATTACKS if ("text" in attack or "head" in attack) and attack not in BUSY]
ON_RECORDS = [attack for attack in ATTACKS if attack.get("file", "").startswith("docs/data/") and attack.get("old")]

HEAD = """---
title: Attack {number}
description: The words of a chapter that is an attack and should not get through, number {number}.
verified: 2026-11-20
---
# Attack {number}

"""
LINES_OF_HEAD = HEAD.count("\n")


def named(attack: Attack) -> str:
    """What the test of an attack is called."""
    return f"{attack['technique']}: {attack['name']}"


def chapter(attack: Attack, number: int) -> str:
    """A whole chapter with the attack in it."""
    return real(attack["head"]) if "head" in attack else HEAD.format(number=number) + real(attack["text"]) + "\n"


def apply(root: Path, attack: Attack) -> int:
    """Make the change that an attack on a real file is, in a copy of the guide; the line at which it is made."""
    path = root / real(attack["file"])
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    assert attack["old"] in text, f"{named(attack)}: {attack['old']}"
    place = text.index(attack["old"]) if attack["old"] else len(text)
    path.write_text(text[:place] + real(attack["new"]) + text[place + len(attack["old"]) :], encoding="utf-8")
    return text.count("\n", 0, place) + 1


def bare_tree(root: Path) -> Path:
    """A guide without chapters and records: its settings, and what the checks have to know."""
    for name in ("scripts/allowed.yml", "scripts/policy.yml", "mkdocs.yml", "mkdocs.zh.yml"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    return root
