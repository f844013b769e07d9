"""What a first visit costs: bytes, requests and scripts of every page, counted as the browser asks for them."""

from __future__ import annotations

import gzip
from urllib.parse import unquote, urlsplit

import pytest
from conftest import Built
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

BUDGET = 80_000  # bytes, everything compressed (gzip -9)
REQUESTS, SCRIPTS = 13, 7  # the page itself included
STILL_OVER = {
    "assessment.html": 86_000,
    "certifications/catalogue.html": 94_000,
    "plan.html": 100_000,
    "reading.html": 107_000,
}
"""Pages that hold a whole catalogue, with the bytes that they may cost until they are cut; this list only shrinks."""


def test_a_first_visit_stays_small(site: Built, address: str, browser: Browser) -> None:
    """No page asks for more than its budget, nor for many files; a page that has come under the budget leaves the list."""
    costs, many = {}, {}
    page = browser.new_page()
    for file in site.pages():
        name = site.name(file)
        page.goto(f"{address}/{name}", wait_until="load")
        asked = [str(url) for url in page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")]
        files = [file, *(site.folder / unquote(urlsplit(url).path).lstrip("/") for url in asked if url.startswith(address))]
        costs[name] = sum(len(gzip.compress(path.read_bytes(), 9)) for path in files)
        scripts = sum(path.suffix == ".js" for path in files)
        if len(files) > REQUESTS or scripts > SCRIPTS:
            many[name] = (len(files), scripts)
    page.close()
    assert {name: cost for name, cost in costs.items() if cost > STILL_OVER.get(name, BUDGET)} == {}
    assert [name for name in STILL_OVER if costs[name] <= BUDGET] == []
    assert many == {}
