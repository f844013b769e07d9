"""What a first visit costs: bytes, requests and scripts of every page, counted as the browser asks for them."""

from __future__ import annotations

import gzip
from urllib.parse import unquote, urlsplit

import pytest
from conftest import Built
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

BUDGET = 80_000  # bytes, everything compressed (gzip -9)
REQUESTS, SCRIPTS = 11, 6  # the page itself and its icon included


def test_a_first_visit_stays_small(site: Built, address: str, browser: Browser) -> None:
    """No page asks for more than its budget, nor for many files, until the reader moves."""
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
    assert {name: cost for name, cost in costs.items() if cost > BUDGET} == {}
    assert many == {}
