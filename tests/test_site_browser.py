"""The site in a real browser: what it asks for, what it says, how it fits, and what its search finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from conftest import PAGES, Built
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as TooLateError
from selectolax.lexbor import LexborHTMLParser

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page on a desk, 1440 pixels wide."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


def watch(page: Page) -> tuple[list[str], list[str]]:
    """Collect the addresses that a page asks for, and what its console complains of."""
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return asked, said


def test_everything_runs_under_the_policy(strict_address: str, page: Page) -> None:
    """Search, filters, ticks and the choice of colours work with the headers of `_headers`, and the console stays empty."""
    asked, said = watch(page)
    page.goto(f"{strict_address}/certifications/catalogue.html", wait_until="load")
    page.locator("select").first.select_option(index=1)
    page.locator("[data-md-component=search-query]").click()
    page.keyboard.type("kubernetes", delay=20)
    page.locator(".md-search-result__item").first.wait_for()
    page.keyboard.press("Escape")
    page.goto(f"{strict_address}/zh/assessment.html", wait_until="load")
    page.locator("input[type=radio]").nth(2).check()
    page.locator(".mle-profile svg").wait_for()
    page.locator("label[title]:visible").first.click()
    assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"
    assert asked
    assert said == []


def test_the_policy_forbids_a_foreign_script(strict_address: str, page: Page) -> None:
    """A script that is not the site's does not run under the policy."""
    _, said = watch(page)
    page.goto(f"{strict_address}/role.html", wait_until="load")
    page.evaluate("const s = document.createElement('script'); s.textContent = 'window.foreign = 1'; document.body.append(s)")
    assert page.evaluate("window.foreign") is None
    assert any("Content Security Policy" in line for line in said)


def test_pages_work_from_disk(site: Built, page: Page) -> None:
    """A page of each kind loads over file:// without a request that leaves the folder and without a complaint."""
    asked, said = watch(page)
    for name in PAGES:
        page.goto((site.folder / name).as_uri(), wait_until="load")
    assert [url for url in asked if not url.startswith((site.folder.as_uri(), "data:", "blob:", "about:"))] == []
    assert said == []


@pytest.mark.parametrize("name", ["role.html", "zh/certifications/catalogue.html", "assessment.html"])
def test_every_stop_of_the_tab_key_can_be_seen(address: str, page: Page, name: str) -> None:
    """By keyboard: the skip link first, the way to the other language among the first, and an outline at every stop."""
    page.goto(f"{address}/{name}", wait_until="load")
    stops = []
    for _ in range(30):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate(
                """() => {
                    let at = document.activeElement;
                    if (at.matches(".md-option")) at = at.nextElementSibling;  // the switch of colours shows itself by its label
                    const style = getComputedStyle(at), box = at.getBoundingClientRect();
                    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
                    return [at.className || at.tagName, outlined && box.width > 0 && box.bottom > 0 && box.top < innerHeight];
                }"""
            )
        )
    names = [str(stop) for stop, _ in stops]
    assert "md-skip" in names[0]
    assert any("mle-twin" in stop for stop in names[:6])
    assert [stop for stop, seen in stops if not seen] == []


def test_pages_read_without_scripts(site: Built, address: str, browser: Browser) -> None:
    """With JavaScript off every page has its title, its text and its navigation, and a page of each kind shows them."""
    for file in site.pages():
        page = LexborHTMLParser(file.read_bytes())
        assert page.css_first("article h1") and page.css_first("article h2#next"), site.name(file)
        assert len(page.css(".md-sidebar--primary a")) >= 10, site.name(file)
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    shown = context.new_page()
    for name in PAGES:
        shown.goto(f"{address}/{name}", wait_until="load")
        assert shown.locator("article h1").is_visible(), name
        assert shown.locator("article h2#next").is_visible(), name
        assert shown.locator(".md-sidebar--primary a:visible").count() >= 10, name
    context.close()


SHIFTS = """
window.shifts = 0;
new PerformanceObserver(list => { for (const entry of list.getEntries()) window.shifts += entry.value; })
  .observe({type: "layout-shift", buffered: true});
"""


STILL = [
    *("index.html", "certifications/catalogue.html", "assessment.html", "plan.html"),
    *("routes/graduate.html", "projects/honest-forecast.html", "zh/plan.html", "zh/reading.html"),
]
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000}
"""A slow line: milliseconds, bytes a second."""


def shifts_of(browser: Browser, address: str, width: int, names: list[str]) -> dict[str, float]:
    """How much each page moves while it loads over a slow line; the pages load side by side, and one that does not come is left out."""
    pages = {}
    for name in names:
        page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
        page.add_init_script(SHIFTS)
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.send("Network.emulateNetworkConditions", SLOW)
        pages[name] = page
    for name, page in pages.items():
        page.evaluate("address => { setTimeout(() => location.replace(address), 10); }", f"{address}/{name}")
    found = {}
    for name, page in pages.items():
        with suppress(TooLateError):
            page.wait_for_url(f"{address}/{name}", wait_until="load")
            found[name] = page
    pages[names[0]].wait_for_timeout(500)
    moved = {name: float(page.evaluate("window.shifts")) for name, page in found.items()}
    for page in pages.values():
        page.context.close()
    return moved


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_moves_while_a_page_loads(address: str, browser: Browser, width: int) -> None:
    """Over a slow network, where each script comes by itself, what the reader sees stays where it is."""
    moved: dict[str, float] = {}
    for _ in range(3):  # on a busy machine Chromium's slow line now and then loses an answer, and the page waits for it for ever
        moved |= shifts_of(browser, address, width, [name for name in STILL if name not in moved])
        if len(moved) == len(STILL):
            break
    assert moved.keys() == set(STILL)
    assert {name: shift for name, shift in moved.items() if shift >= 0.002} == {}


@pytest.mark.parametrize(
    ("name", "record"), [("certifications/catalogue.html", "cncf-ckad"), ("zh/reading.html", "sculley-2015"), ("reading.html", "d2l")]
)
def test_the_address_of_a_record_leads_to_it(address: str, page: Page, name: str, record: str) -> None:
    """Its heading comes to the top of the window, by address and by a link, though the records above are laid out only when near."""
    top = f"document.getElementById({record!r}).getBoundingClientRect().top"
    for follow in (False, True):
        page.goto(f"{address}/{name}" + ("" if follow else f"#{record}"), wait_until="load")
        if follow:
            page.locator(f'article a[href$="#{record}"]:visible').first.click()
        page.wait_for_timeout(500)
        assert 40 < page.evaluate(top) < 160, (name, follow)


def background(page: Page) -> str:
    """The colour of the paper."""
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


DAY, NIGHT = "rgb(253, 252, 248)", "rgb(22, 26, 25)"


@pytest.mark.parametrize("scripts", [True, False])
def test_the_system_decides_between_day_and_night(address: str, browser: Browser, scripts: bool) -> None:
    """From the first moment, before anything moves and without scripts, the page has the colours that the reader's system asks for."""
    for scheme, expected in (("light", DAY), ("dark", NIGHT)):
        context = browser.new_context(color_scheme=scheme, java_script_enabled=scripts)  # type: ignore[arg-type]  # one of its words
        page = context.new_page()
        page.goto(f"{address}/role.html", wait_until="load")
        assert background(page) == expected
        context.close()


def test_the_reader_decides_otherwise(address: str, browser: Browser) -> None:
    """Once chosen, the other colours stay, whatever the system asks for, and from the first moment of the next page."""
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{address}/role.html", wait_until="load")
    page.mouse.move(200, 200)
    page.locator("[data-md-component=palette] label:visible").click()
    assert background(page) == DAY
    page.goto(f"{address}/backgrounds.html", wait_until="commit")
    page.locator("h1").wait_for()
    assert background(page) == DAY
    context.close()


def test_skip_link_comes_first(address: str, page: Page) -> None:
    """The first stop of the Tab key is the link past the navigation, and it can be seen then."""
    page.goto(f"{address}/role.html", wait_until="load")
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.className")
    assert "md-skip" in focused
