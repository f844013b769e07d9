"""The search over a slow line: whatever the reader's first move is, no key is lost, the search wakes, and a sign says that it is coming."""

from __future__ import annotations

import base64
import gzip
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import quote_plus

import pytest
from conftest import Built, serve, until
from playwright.sync_api import Browser, Locator, Page, Route, expect

pytestmark = pytest.mark.browser

LINES = {"400 kbit/s": (400, 50_000), "slow 4G": (150, 200_000)}
"""By name, the milliseconds that an answer takes, and bytes a second."""

DESK, PHONE = 1440, 390
PLACES = {"en": "", "zh": "zh/"}
WORDS = {"en": "kubernetes", "zh": "容器 kubernetes"}
COMING = {"en": "The search is loading. You can type already.", "zh": "搜索正在加载，可以先输入。"}
FAILED = {"en": "The search did not load. Reload the page to try again.", "zh": "搜索未能加载。请重新加载页面再试一次。"}
FIELD = "[data-md-component=search-query]"
PAINTED = "performance.getEntriesByType('paint').length > 0 && typeof heard === 'number'"

LISTEN = """
new MutationObserver((_, watcher) => {
  if (!document.documentElement?.classList.contains("js")) return;
  window.heard = performance.now();
  watcher.disconnect();
}).observe(document, {attributes: true, childList: true, subtree: true});
"""
"""Note when the script that answers the first move has run."""

RECORD = """sign => {
  window.said = [];
  new MutationObserver(() => said.push(sign.textContent.trim())).observe(sign, {childList: true, subtree: true});
}"""
"""Note everything that the search says of itself from now on."""

HEARD = """() => {
  const asked = (end) => performance.getEntriesByType("resource").find(({ name }) => name.endsWith(end));
  return asked("later.js").startTime < performance.getEntriesByType("resource").find(({ name }) => /main\\..*css/.test(name)).responseEnd;
}"""
"""It was asked for before the styles were there, not behind them: so it runs with the first words, on a busy machine too."""


def thinned(index: bytes) -> bytes:
    """A search index that takes as long to arrive and a fraction of the time to make ready: three pages, and noise."""
    whole = json.loads(index)
    pages = ("glossary.html", "role.html", "projects/ship-on-every-merge.html")
    kept = [entry for entry in whole["docs"] if entry["location"].startswith(pages)]
    missing = len(gzip.compress(index, 9)) - len(gzip.compress(json.dumps({**whole, "docs": kept}).encode(), 9))
    return json.dumps({**whole, "docs": kept, "noise": base64.b64encode(os.urandom(missing)).decode()}).encode()


@pytest.fixture(scope="module")
def compressed(site: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The built site on a local HTTP server that compresses, as hosts do; for many readers at once, whose searches are thinned."""
    folder = tmp_path_factory.mktemp("compressed")
    for path in site.folder.rglob("*"):
        if path.is_file():
            packed = folder / path.relative_to(site.folder)
            packed.parent.mkdir(parents=True, exist_ok=True)
            content = path.read_bytes()
            packed.write_bytes(gzip.compress(thinned(content) if path.name == "search_index.json" else content, 9))
    yield from serve(folder, ["Content-Encoding: gzip"])


@contextmanager
def opened(browser: Browser, width: int = DESK, touch: bool = False, line: str = "") -> Iterator[Page]:
    """A page in a browser that remembers nothing, on a line; nothing turns, which would keep the machine busy meanwhile."""
    context = browser.new_context(viewport={"width": width, "height": 900}, has_touch=touch, is_mobile=touch, reduced_motion="reduce")
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


def found(page: Page, words: str) -> Locator:
    """A result that has all the words: the theme writes into its address which ones it has."""
    return page.locator(f'.md-search-result a[href*="h={quote_plus(words)}"]').first


def hold(page: Page, part: str = "bundle.*.js") -> Callable[[], None]:
    """Let a part of the search, at first the theme's script, not come before what is returned is called."""
    held: list[Route] = []
    page.route(f"**/{part}", lambda route: held.append(route))

    def release() -> None:
        for route in held:
            route.continue_()

    return release


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
    "s on the longest page": First(lambda page: page.keyboard.press("s"), "certifications/catalogue.html"),
    "f after a look down the page": First(look_then_f),
    "Tab into the field": First(tab_to_field),
    "click on the field": First(lambda page: field(page).click()),
    "click on the magnifier": First(lambda page: magnifier(page).click(), width=PHONE),
    "touch of the magnifier": First(lambda page: magnifier(page).tap(), width=PHONE, touch=True),
    "/ on a page with an anchor": First(lambda page: page.keyboard.press("/"), "role.html#next"),
    "search in the address": First(lambda _: None, "role.html?q=", width=PHONE, touch=True, given=2),
}


@pytest.mark.parametrize(("line", "editions", "step"), [("400 kbit/s", ("en", "zh"), 1), ("slow 4G", ("zh", "en"), 3)])
def test_the_first_move_may_be_the_search(browser: Browser, compressed: str, line: str, editions: tuple[str, str], step: int) -> None:
    """On the slower line each first move, on the faster every third one, opens the search at once with a sign,
    and leads to results for all that was typed. The readers type while the scripts arrive, one character each, in turn."""
    with ExitStack() as stack:
        readers = []
        for first, edition in zip(list(MOVES.values())[::step], cycle(editions), strict=False):
            page = stack.enter_context(opened(browser, first.width, first.touch, line))
            page.add_init_script(LISTEN)
            start = first.start.replace("?q=", f"?q={WORDS[edition][: first.given]}")
            page.goto(f"{compressed}/{PLACES[edition]}{start}", wait_until="commit")
            readers.append((first, edition, page))
        for first, edition, page in reversed(readers):  # those who have begun by their address are last
            until(page, PAINTED)
            assert page.evaluate(HEARD)
            first.move(page)
            expect(sign(page)).to_have_text(COMING[edition], use_inner_text=True)
            expect(field(page)).to_be_focused()
        for at in range(max(map(len, WORDS.values()))):
            for first, edition, page in readers:
                for character in WORDS[edition][max(at, first.given) : at + 1]:
                    write(page, character)
        for _, edition, page in readers:
            expect(found(page, WORDS[edition])).to_be_visible(timeout=30_000)
            expect(sign(page)).not_to_contain_text(COMING[edition])
            expect(field(page)).to_be_focused()
            expect(field(page)).to_have_value(WORDS[edition])


@pytest.mark.parametrize(("way", "edition"), [("http", "zh"), ("file", "en")])
def test_what_was_typed_before_the_theme_came_is_searched(site: Built, address: str, browser: Browser, way: str, edition: str) -> None:
    """Over HTTP and from disk, where no line can be slowed: the whole search stands in the field before the first script of the theme."""
    with opened(browser, PHONE, touch=True) as page:
        release = hold(page)
        page.goto(f"{address if way == 'http' else site.folder.as_uri()}/{PLACES[edition]}role.html#next", wait_until="domcontentloaded")
        magnifier(page).tap()
        for character in WORDS[edition]:
            write(page, character)
        expect(sign(page)).to_have_text(COMING[edition], use_inner_text=True)
        assert page.evaluate("innerWidth") == PHONE  # nothing behind the open search makes the page wider
        sign(page).evaluate(RECORD)
        release()
        expect(found(page, WORDS[edition])).to_be_visible()
        assert FAILED[edition] not in page.evaluate("said")
        expect(field(page)).to_be_focused()
        expect(field(page)).to_have_value(WORDS[edition])


def test_the_sign_comes_as_well_when_only_the_index_is_missing(address: str, browser: Browser) -> None:
    """The reader has looked around first: the theme is there, the search is not."""
    with opened(browser) as page:
        release = hold(page, "search_index.json")
        page.goto(f"{address}/role.html")
        page.mouse.move(200, 200)
        until(page, "document.body.hasAttribute('data-md-color-media')")  # the theme's scripts have run
        page.keyboard.press("/")
        expect(sign(page)).to_have_text(COMING["en"], use_inner_text=True)
        page.keyboard.type(WORDS["en"])
        release()
        expect(found(page, WORDS["en"])).to_be_visible()


def test_a_search_in_the_address_may_be_gone_on_with(address: str, browser: Browser) -> None:
    """What is typed after it while the theme is on its way stays."""
    with opened(browser) as page:
        release = hold(page)
        page.goto(f"{address}/role.html?q=kuber", wait_until="domcontentloaded")
        expect(sign(page)).to_have_text(COMING["en"], use_inner_text=True)
        page.keyboard.type("netes")
        release()
        expect(found(page, "kubernetes")).to_be_visible()
        expect(field(page)).to_have_value("kubernetes")


def test_other_keys_do_before_the_theme_comes_what_they_do_after(address: str, browser: Browser) -> None:
    """Enter stays on the page, Escape and Tab close the search, a letter goes into a search left with the mouse,
    the cross clears the field for another search, n and p turn the page."""
    with opened(browser) as page:
        hold(page)
        page.goto(f"{address}/role.html", wait_until="domcontentloaded")
        for closing in ("Escape", "Tab"):
            page.keyboard.type("/x")
            page.keyboard.press("Enter")
            expect(sign(page)).to_be_visible()
            page.keyboard.press(closing)
            expect(page.locator("#__search")).not_to_be_checked()
            expect(field(page)).not_to_be_focused()
        assert field(page).input_value() == "xx"
        page.keyboard.press("/")
        page.locator(".md-search-result").click()
        page.keyboard.press("x")
        expect(field(page)).to_have_value("xxx")
        page.get_by_role("button", name="Clear").click()
        expect(field(page)).to_have_value("")
        expect(field(page)).to_be_focused()
        page.keyboard.press("Escape")
        page.keyboard.press("Control+f")
        expect(page.locator("#__search")).not_to_be_checked()
        page.keyboard.press("n")
        page.wait_for_url(f"{address}/demand.html")
        page.keyboard.press("p")
        page.wait_for_url(f"{address}/role.html")


@pytest.mark.parametrize("edition", PLACES)
@pytest.mark.parametrize("missing", ["bundle.*.js", "workers/*.js", "search_index.json"])
def test_a_search_that_cannot_come_says_so(address: str, browser: Browser, missing: str, edition: str) -> None:
    """Whatever part of it does not arrive, the sign does not go on promising."""
    with opened(browser) as page:
        page.route(f"**/{missing}", lambda route: route.abort())
        page.goto(f"{address}/{PLACES[edition]}role.html")
        page.keyboard.press("/")
        expect(sign(page)).to_have_text(FAILED[edition], use_inner_text=True)


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_the_sign_turns_only_for_readers_who_let_things_move(address: str, browser: Browser, motion: str) -> None:
    """With reduced motion it stands still; the words are the same."""
    with opened(browser) as page:
        hold(page)
        page.emulate_media(reduced_motion=motion)  # type: ignore[arg-type]  # one of its words
        page.goto(f"{address}/role.html", wait_until="domcontentloaded")
        page.keyboard.press("/")
        expect(sign(page)).to_have_text(COMING["en"], use_inner_text=True)
        moves = page.locator(".mle-coming").evaluate("sign => getComputedStyle(sign, '::before').animationName !== 'none'")
        assert moves == (motion == "no-preference")


def test_nothing_is_promised_before_the_search_is_wanted(address: str, browser: Browser) -> None:
    """Nobody is told of a search that comes: not with scripts before a move, and without scripts never."""
    for scripts in (True, False):
        context = browser.new_context(java_script_enabled=scripts)
        page = context.new_page()
        page.goto(f"{address}/role.html")
        assert page.get_by_text(COMING["en"]).count() == 1
        expect(page.get_by_text(COMING["en"])).to_be_hidden()
        context.close()
