"""The search in a real browser: what people type leads to the page that answers, over HTTP and from disk."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from catalogue import ROOT, load, today_from
from conftest import Built, until
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

Searches = dict[str, list[tuple[str, str]]]

TABLE = yaml.safe_load((Path(__file__).parent / "searches.yml").read_text(encoding="utf-8"))
BEST: Searches = {edition: [tuple(pair) for pair in pairs] for edition, pairs in TABLE.pop("best").items()}
"""By edition, pairs of a search and the page that has to come first or second."""

SEARCHES: Searches = {edition: [tuple(pair) for pair in pairs] for edition, pairs in TABLE.items()}
"""By edition, pairs of a search and the page (with anchor) that it has to find."""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page on a desk, 1440 pixels wide."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


def search(page: Page, words: str) -> list[tuple[str, list[str]]]:
    """Type into the search; return each page found, best first, with the anchors found on it."""
    box = page.locator("[data-md-component=search-query]")
    items = "document.querySelectorAll('.md-search-result__item').length"
    for value, awaited in (
        ("", f"{items} === 0"),
        (words, f"{items} > 0 || /No matching|没有找到/.test(document.querySelector('.md-search-result__meta').textContent)"),
    ):
        box.fill(value)
        box.dispatch_event("keyup")  # the theme searches when a key is let go
        until(page, awaited)
    links = page.eval_on_selector_all(".md-search-result__item", "items => items.map(i => [...i.querySelectorAll('a')].map(a => a.href))")
    found = []
    for group in links:
        split = [re.sub(r"\?h=[^#]*", "", link).partition("#") for link in group]
        found.append((split[0][0], [anchor for _, _, anchor in split if anchor]))
    return found


def open_search(page: Page, start: str) -> None:
    """Open a page and its search, as a reader does."""
    page.goto(start, wait_until="load")
    page.locator("[data-md-component=search-query]").click()
    page.locator(".mle-coming").wait_for(state="detached")


def missed(page: Page, base: str, searches: list[tuple[str, str]], first: int) -> list[str]:
    """The searches whose page is not among the first results, or whose anchor is not among that page's sections."""
    failures = []
    for words, target in searches:
        path, _, anchor = target.partition("#")
        results = search(page, words)
        hit = next((anchors for url, anchors in results[:first] if url == f"{base}/{path}"), None)
        if hit is None or (anchor and anchor not in hit):
            failures.append(f"{words!r} does not find {target}; first: {[url.removeprefix(base) for url, _ in results[:3]]}")
    return failures


@pytest.mark.parametrize("edition", ["en", "zh"])
@pytest.mark.parametrize("way", ["http", "file"])
def test_search_finds_what_people_type(site: Built, address: str, page: Page, way: str, edition: str) -> None:
    """What people type finds its page among the first four, a term its best page among the first two, over HTTP and from disk."""
    base = (address if way == "http" else site.folder.as_uri()) + ("/zh" if edition == "zh" else "")
    open_search(page, f"{base}/index.html")
    assert missed(page, base, SEARCHES[edition], first=4) == []
    assert len(BEST[edition]) >= 60
    assert missed(page, base, BEST[edition], first=2) == []


def test_search_finds_every_record_by_name(address: str, page: Page) -> None:
    """Every skill, certificate and reading is found by its full name, at its own section."""
    records = load(ROOT, today_from(os.environ)).kinds
    searches = [(record.name["en"], f"skills/{record.group}.html#{record.id}") for record in records["skills"]]
    searches += [(record.name, f"certifications/catalogue.html#{record.id}") for record in records["certifications"]]
    searches += [(record.title, f"reading.html#{record.id}") for record in records["readings"]]
    open_search(page, f"{address}/index.html")
    plain = [(re.sub(r"[^\w\s]+", " ", words), target) for words, target in searches]
    failures = []
    for words, target in plain:
        path, _, anchor = target.partition("#")
        hit = next((anchors for url, anchors in search(page, words) if url == f"{address}/{path}"), [])
        if anchor not in hit:
            failures.append(f"{words!r} does not find {target}")
    assert failures == []
