"""Pages in a real browser, each visited once: what it asks for and costs, what it complains of, how it fits, how it prints.

A Chinese page that has a twin is seen on a phone alone, and once a week in all that is asked of the English.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import pytest
from conftest import PAGES, THOROUGH, Built
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

BUDGET = 80_000  # bytes, everything compressed (gzip -9)
REQUESTS, SCRIPTS = 11, 6  # the page itself and its icon included

WIDTHS = (1440, 320)
"""A desk and the smallest phone, on which everything sticks out soonest."""

CHINESE_WIDTHS = (390,)
"""A Chinese line breaks at any character: what may stick out is code and addresses, and soonest where these are not broken."""

MORE_WIDTHS = (320, 360, 390, 412, 640, 768, 1024, 1440)
"""Tried on one page of each kind; 640 is what a desk of 1280 leaves at 200 per cent."""

PAPER = 680
"""The width of an A4 sheet between its margins, in CSS pixels."""

STRIP = 60
"""How much of a page is painted while its width is tried: nothing that is asked hangs on the height."""

OVERFLOWS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
AROUND = "[...document.querySelectorAll('.md-header, .md-sidebar, .md-footer, .mle-filters')].filter(e => e.checkVisibility()).length"
BARE_LINKS = (
    "[...document.querySelectorAll('article p a[href^=http]')]"
    ".filter(a => a.checkVisibility() && !getComputedStyle(a, '::after').content.includes(a.getAttribute('href'))).length"
)


@dataclass(frozen=True)
class Visit:
    """What one page did: addresses asked for, words in the console, widths at which it scrolls sideways, what is wrong on paper."""

    asked: tuple[str, ...]
    said: tuple[str, ...]
    wide: tuple[int, ...]
    on_paper: tuple[int, int, int]


def too_narrow(page: Page, widths: Sequence[int]) -> tuple[int, ...]:
    """The widths at which an open page scrolls sideways; only a strip of it is painted."""
    wide = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": STRIP})
        if page.evaluate(OVERFLOWS):
            page.wait_for_timeout(300)  # the theme's search moves to its new place
            wide += [width] if page.evaluate(OVERFLOWS) else []
    return tuple(wide)


def on_paper(page: Page) -> tuple[int, int, int]:
    """What is wrong with an open page on paper: parts that stand around the text, pixels beyond the sheet, links without their address."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER, "height": STRIP})
    shown = int(page.evaluate(AROUND))
    over = max(0, int(page.evaluate("document.documentElement.scrollWidth")) - PAPER)
    bare = int(page.evaluate(BARE_LINKS))
    page.emulate_media(media="screen")
    return shown, over, bare


@pytest.fixture(scope="module")
def visits(site: Built, strict_address: str, browser: Browser) -> Iterator[dict[str, Visit]]:
    """A visit of every page by one reader, under the headers that a host takes from the site's `_headers`."""
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    found = {}
    page.goto(f"{strict_address}/robots.txt")  # what a browser does when it begins is none of the pages' doing
    for file in site.pages():
        is_one_of_its_kind, is_english = site.name(file) in PAGES, site.edition(file) == "en"
        is_twin = not is_english and not is_one_of_its_kind and not THOROUGH and "only" not in site.head(file)
        asked.clear()
        said.clear()
        page.set_viewport_size({"width": CHINESE_WIDTHS[0] if is_twin else 1440, "height": 900})
        page.goto(f"{strict_address}/{site.name(file)}", wait_until="load")
        first = tuple(asked)
        wide = too_narrow(page, MORE_WIDTHS if is_one_of_its_kind else WIDTHS if is_english else CHINESE_WIDTHS)
        paper = (0, 0, 0) if is_twin else on_paper(page)  # it has the parts and the styles of its twin
        page.evaluate("document.body.hidden = true")  # nothing of it is laid out again while the next page comes
        found[site.name(file)] = Visit(first, tuple(said), wide, paper)
    context.close()
    assert len(found) > 100
    yield found


def test_pages_ask_no_other_host_and_complain_of_nothing(visits: dict[str, Visit], strict_address: str) -> None:
    """Every page loads from its own host alone, under the site's own Content-Security-Policy, with an empty console."""
    own = (strict_address, "data:", "blob:", "about:")
    assert {name: done.asked for name, done in visits.items() if any(not url.startswith(own) for url in done.asked)} == {}
    assert {name: done.said for name, done in visits.items() if done.said} == {}


def test_a_first_visit_stays_small(site: Built, visits: dict[str, Visit], strict_address: str) -> None:
    """No page asks for more than its budget, nor for many files, until the reader moves."""
    costs, many = {}, {}
    sizes: dict[str, int] = {}
    for name, done in visits.items():
        asked = {unquote(urlsplit(url).path).lstrip("/") for url in done.asked if url.startswith(strict_address)}
        for path in asked - sizes.keys():
            sizes[path] = len(gzip.compress((site.folder / path).read_bytes(), 9))
        costs[name] = sum(sizes[path] for path in asked)
        scripts = sum(path.endswith(".js") for path in asked)
        if len(asked) > REQUESTS or scripts > SCRIPTS:
            many[name] = (len(asked), scripts)
    assert {name: cost for name, cost in costs.items() if cost > BUDGET} == {}
    assert min(costs.values()) > BUDGET / 4  # the page, its styles and scripts have been counted
    assert many == {}


def test_nothing_scrolls_sideways(visits: dict[str, Visit]) -> None:
    """No page is wider than the screen, from a small phone to a desk, and at 200 per cent."""
    assert {name: done.wide for name, done in visits.items() if done.wide} == {}


def test_pages_print_as_text(visits: dict[str, Visit]) -> None:
    """On paper there is no navigation, nothing is wider than the sheet, and links to other sites show their address."""
    assert {name: done.on_paper for name, done in visits.items() if any(done.on_paper)} == {}
