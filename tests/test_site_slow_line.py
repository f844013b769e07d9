"""The search over a slow line: whatever the reader's first move is, no key is lost, the search wakes, and a sign says that it is coming."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from urllib.parse import quote_plus

import pytest
from conftest import Built, serve
from playwright.sync_api import Browser, Locator, Page, Route, expect

pytestmark = pytest.mark.browser

LINES = {"400 kbit/s": (400, 50_000), "slow 4G": (150, 200_000)}
"""By name, the milliseconds that an answer takes, and bytes a second."""

DESK, PHONE = 1440, 390
PLACES = {"en": "", "zh": "zh/"}
WORDS = {"en": "kubernetes", "zh": "容器 kubernetes"}
COMING = {"en": "The search is loading. You can type already.", "zh": "搜索正在加载，可以先输入。"}
FAILED = {"en": "The search could not be loaded. Reload the page to try again.", "zh": "搜索未能加载。请重新加载页面再试一次。"}
FIELD = "[data-md-component=search-query]"
PAINTED = "performance.getEntriesByType('paint').length > 0"


@pytest.fixture(scope="module")
def compressed(site: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The built site on a local HTTP server that compresses, as hosts do."""
    folder = tmp_path_factory.mktemp("compressed")
    for path in site.folder.rglob("*"):
        if path.is_file():
            packed = folder / path.relative_to(site.folder)
            packed.parent.mkdir(parents=True, exist_ok=True)
            packed.write_bytes(gzip.compress(path.read_bytes(), 9))
    yield from serve(folder, ["Content-Encoding: gzip"])


@contextmanager
def opened(browser: Browser, width: int = DESK, touch: bool = False, line: str = "") -> Iterator[Page]:
    """A page in a browser that remembers nothing, on a line."""
    context = browser.new_context(viewport={"width": width, "height": 900}, has_touch=touch, is_mobile=touch)
    page = context.new_page()
    if line:
        latency, rate = LINES[line]
        network = context.new_cdp_session(page)
        network.send("Network.enable")
        speed = {"offline": False, "latency": latency, "downloadThroughput": rate, "uploadThroughput": rate}
        network.send("Network.emulateNetworkConditions", speed)
    yield page
    context.close()


def field(page: Page) -> Locator:
    """The search field."""
    return page.locator("[data-md-component=search-query]")


def magnifier(page: Page) -> Locator:
    """The way to the search on a phone."""
    return page.locator("header label[for=__search]").first


def sign(page: Page) -> Locator:
    """What the search says of itself, to the eye and to a screen reader."""
    return page.get_by_role("dialog").get_by_role("status")


def tab_to_field(page: Page) -> None:
    """Press Tab until the cursor is in the search field."""
    for _ in range(8):
        page.keyboard.press("Tab")
        if field(page).evaluate("field => field === document.activeElement"):
            return


def look_then_f(page: Page) -> None:
    """Look down the page, which begins to load the theme's scripts, then ask for the search."""
    page.mouse.wheel(0, 300)
    page.keyboard.press("f")


def write(page: Page, character: str) -> None:
    """Type one character; a Chinese one as an input method does: its sound first, then what was chosen for it."""
    if character.isascii():
        page.keyboard.press(character)
    else:
        method = page.context.new_cdp_session(page)
        method.send("Input.imeSetComposition", {"text": "rong", "selectionStart": 4, "selectionEnd": 4})
        method.send("Input.insertText", {"text": character})


@dataclass(frozen=True)
class First:
    """A reader's first move: how, on which page, with which device, and what stands in the field after it."""

    move: Callable[[Page], None]
    start: str = "role.html"
    width: int = DESK
    touch: bool = False
    given: int = 0  # characters


MOVES = {
    "/": First(lambda page: page.keyboard.press("/")),
    "s": First(lambda page: page.keyboard.press("s")),
    "f after a look down the page": First(look_then_f),
    "Tab into the field": First(tab_to_field),
    "click on the field": First(lambda page: field(page).click()),
    "click on the magnifier": First(lambda page: magnifier(page).click(), width=PHONE),
    "touch of the magnifier": First(lambda page: magnifier(page).tap(), width=PHONE, touch=True),
    "/ on a page with an anchor": First(lambda page: page.keyboard.press("/"), "role.html#next"),
    "search in the address": First(lambda page: None, "role.html?q=", width=PHONE, touch=True, given=2),
}


@pytest.mark.parametrize("line", LINES)
def test_the_first_move_may_be_the_search(browser: Browser, compressed: str, line: str) -> None:
    """In both languages each first move opens the search at once with a sign, and leads to results for all that was typed.

    The readers type while the scripts arrive, one character each, in turn.
    """
    with ExitStack() as stack:
        readers = []
        for first, edition in product(MOVES.values(), PLACES):
            page = stack.enter_context(opened(browser, first.width, first.touch, line))
            start = first.start.replace("?q=", f"?q={WORDS[edition][: first.given]}")
            page.goto(f"{compressed}/{PLACES[edition]}{start}", wait_until="commit")
            readers.append((first, edition, page))
        for first, edition, page in reversed(readers):  # those who have begun by their address are last
            page.wait_for_function(PAINTED)
            first.move(page)
            expect(sign(page)).to_have_text(COMING[edition])
            expect(field(page)).to_be_focused()
        for at in range(max(map(len, WORDS.values()))):
            for first, edition, page in readers:
                for character in WORDS[edition][max(at, first.given) : at + 1]:
                    write(page, character)
        for _, edition, page in readers:
            expect(page.locator(f'a[href*="h={quote_plus(WORDS[edition])}"]').first).to_be_visible(timeout=30_000)
            expect(sign(page)).not_to_contain_text(COMING[edition])
            expect(field(page)).to_be_focused()
            expect(field(page)).to_have_value(WORDS[edition])
