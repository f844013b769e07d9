"""The list of what a built page may hold: allowed.yml and policy.yml, ready to be asked."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import policy
import yaml

FILE = Path("scripts/allowed.yml")

THEME_CLASS = re.compile(r"md-[a-z_-]+|mle-twin|mle-coming")
"""A class of the theme's own; of ours, what main.html puts into the theme's header."""

BELOW = re.compile(r"(?!.*(?:\.\.|//))[A-Za-z0-9._/-]*(#[A-Za-z0-9-]*)?")
"""The rest of an address below one that is known, from which nothing leads up or out."""

PLACE = re.compile(r"[a-z0-9_-][a-z0-9./_-]*")
"""A file of the site, by its path."""


@dataclass(frozen=True)
class Wanted:
    """What the value of an attribute must be: a test, and what to call it."""

    name: str
    fits: Callable[[str], bool]

    def __or__(self, other: Wanted) -> Wanted:
        """For classes: each of them passes one of two tests."""
        return Wanted(f"{self.name}, {other.name}", lambda value: all(self.fits(part) or other.fits(part) for part in value.split()))


Elements = Mapping[str, Mapping[str, Wanted]]
"""Attributes by element, and what their values must be."""


class Rules:
    """The list of the guide in `root`, for a site at `site_url` whose source is at `repo_url` (each may be empty)."""

    def __init__(self, root: Path, site_url: str = "", repo_url: str = "") -> None:
        said = yaml.safe_load((root / FILE).read_text(encoding="utf-8"))
        self.values = {name: re.compile(pattern, re.DOTALL) for name, pattern in said["values"].items()}
        self.chapter, templates, self.head, self.theme, self.picture = (
            self._elements(said[part]) for part in ("chapter", "templates", "head", "theme", "picture")
        )
        self.article = {tag: _joined(self.chapter.get(tag, {}), templates.get(tag, {})) for tag in {*self.chapter, *templates}}
        self.skeleton: Sequence[str] = [" ".join(line.split()) for line in said["skeleton"]]
        self.search = frozenset(said["search"])
        self.files = re.compile(said["files"])
        self.links: Mapping[str, Any] = {**said["links"], "stand_for_others": frozenset(chain(*said["links"]["stand_for_others"]))}
        self.settings: Mapping[str, Any] = said["settings"]
        self.policy = policy.read(root)
        self.scripts = self.policy.texts(site_url)
        self.policy_text = self.policy.text(site_url, in_page=True)
        self.tops = sorted({urlsplit(site_url).path or "/", site_url or "/"}, key=len, reverse=True)
        self.own = tuple(url.rstrip("/") + "/" for url in (site_url, repo_url) if url)

    def is_own(self, address: str) -> bool:
        """True for a plain address below the site's or the repository's own, as the settings give them."""
        return any(address.startswith(own) and BELOW.fullmatch(address, len(own)) for own in self.own)

    def place(self, address: str, page: str) -> str:
        """Where in the site an address leads, from a page by its path; empty when it leaves the site or is written oddly."""
        top = next((top for top in self.tops if address.startswith(top)), None)
        path = posixpath.normpath(posixpath.join("/" if top else posixpath.dirname(page), address[len(top or "") :]))
        path = path.removeprefix("/") if top else path
        return path if PLACE.fullmatch(path) and "//" not in address else ""

    def _elements(self, said: Mapping[str, Mapping[str, Any]]) -> Elements:
        return {tag: {name: self._wanted(name, wanted) for name, wanted in attributes.items()} for tag, attributes in said.items()}

    def _wanted(self, name: str, wanted: str | Sequence[str]) -> Wanted:
        if name == "class":
            names = THEME_CLASS if wanted == "theme" else re.compile(wanted) if isinstance(wanted, str) else None
            fits = names.fullmatch if names else frozenset(wanted).__contains__
            return Wanted("md-…" if names is THEME_CLASS else _listed(wanted), lambda value: all(fits(part) for part in value.split()))
        if isinstance(wanted, str):
            return Wanted(wanted, lambda value: self.values[wanted].fullmatch(value) is not None)
        return Wanted(_listed(wanted), frozenset(wanted).__contains__)


def _listed(wanted: str | Sequence[str]) -> str:
    return wanted if isinstance(wanted, str) else ", ".join(wanted)


def _joined(one: Mapping[str, Wanted], two: Mapping[str, Wanted]) -> Mapping[str, Wanted]:
    both = {name: one[name] | two[name] for name in one.keys() & two.keys() & {"class"}}
    return {**one, **two, **both}
