"""Passages: one for each section of a page, so that no table is cut, with rights and version."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Passage:
    """A section of a page."""

    id: str
    page: str
    version: str
    access: str
    text: str


def of_page(path: Path, version: str) -> list[Passage]:
    """The passages of one page."""
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    facts = dict(line.split(": ", 1) for line in head.splitlines())
    title, *sections = re.split(r"^## ", body, flags=re.MULTILINE)
    found = []
    for section in sections:
        heading = section.partition("\n")[0]
        text = f"{title.strip()}\n\n## {section.strip()}"
        found.append(Passage(f"{version}/{path.name}#{heading.lower().replace(' ', '-')}", path.name, version, facts["access"], text))
    return found


def build(documents: Path, index: Path) -> None:
    """Build the index anew from a folder of documents."""
    found: list[Passage] = []
    for path in sorted(documents.glob("*/*.md")):
        found += of_page(path, path.parent.name)
    index.mkdir(parents=True, exist_ok=True)
    target = index / "passages.jsonl"
    target.write_text("".join(json.dumps(asdict(one)) + "\n" for one in found), encoding="utf-8")
    (index / "users.json").write_text((documents / "users.json").read_text(encoding="utf-8"), encoding="utf-8")


def load(index: Path) -> list[Passage]:
    """The passages of an index."""
    return [Passage(**json.loads(line)) for line in (index / "passages.jsonl").read_text(encoding="utf-8").splitlines()]
