"""Copies of the guide, to spoil or to build elsewhere: whole, or with a few short pages in place of all others."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from catalogue import ROOT

COPIED = ("docs", "overrides", "scripts", "mkdocs.yml", "mkdocs.zh.yml")


def copy_guide(target: Path) -> Path:
    """A copy of everything that a build reads."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target / name)
    return target


SHORT = """---
title: {title}
description: One of few pages for tests that need a build, {title}.
verified: 2026-11-20
---
# {title}

{call}

## Next {{ #next }}

Words.
"""


def with_few_records(root: Path) -> Path:
    """A copy of the guide in which the longest kinds have one record each, so that they load in half the time."""
    for kind in ("questions", "defence", "designs"):
        path = root / f"docs/data/{kind}.yml"
        before, *records = path.read_text(encoding="utf-8").split("\n- id:")
        path.write_text("\n- id:".join([before, *records[:1]]) + "\n", encoding="utf-8")
    return root


def small_guide(target: Path, call: str = "", others: Mapping[str, str] = {"plan": "Words."}) -> Path:
    """A copy of the guide with few pages in each edition, in place of all others: `index`, and others by name, each with its call."""
    root = with_few_records(copy_guide(target))
    pages = {"index": call, **others}
    for edition in ("en", "zh"):
        shutil.rmtree(root / "docs" / edition)
        for name, what in pages.items():
            path = root / f"docs/{edition}/{name}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(SHORT.format(title=f"{name}-{edition}", call=what), encoding="utf-8")
    for name in ("mkdocs.yml", "mkdocs.zh.yml"):
        listed = ", ".join(f"{page}.md" for page in pages)
        text = re.sub(r"\nnav:\n(?: .*\n)+", f"\nnav: [{listed}]\n", (root / name).read_text(encoding="utf-8"))
        (root / name).write_text(text, encoding="utf-8")
    return root
