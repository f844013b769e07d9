"""Accessibility, as far as a program can tell: axe-core finds nothing, whole pages, theme included."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from conftest import PAGES, THOROUGH
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SHORTEN = """
for (const parent of document.querySelectorAll("article, article :is(ul, ol, dl, tbody, form), .md-nav__list")) {
  const kept = {};
  for (const child of [...parent.children]) {
    const kind = child.localName + child.className;
    kept[kind] = (kept[kind] ?? 0) + 1;
    if (kept[kind] > 3) child.remove();
  }
}
"""
"""Leaves the first three of each kind of element in each list, each table and the text: the others look alike."""


BY_TAG = f"{{type: 'tag', values: {RULES}}}"


def findings(page: Page, which: str = BY_TAG) -> list[str]:
    """What axe-core says of the page as it is, by all rules or by those named: the rule, and the first element."""
    page.add_style_tag(content="* { content-visibility: visible !important; }")  # axe-core passes over what is not laid out yet
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    asked = f"{{resultTypes: ['violations'], runOnly: {which}}}"  # of what passes, nothing is written down
    found: list[dict[str, Any]] = page.evaluate(f"axe.run(document, {asked}).then(result => result.violations)")
    return [f"{finding['id']}: {str(finding['nodes'][0]['html'])[:160]}" for finding in found]


LOOKS: list[dict[str, Any]] = [
    {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
    {"viewport": {"width": 1440, "height": 900}, "forced_colors": "active"},
]


@pytest.mark.parametrize("look", LOOKS, ids=["desk, light", "phone, dark", "forced colours"])
def test_axe_finds_nothing(browser: Browser, address: str, look: dict[str, Any]) -> None:
    """WCAG 2.2 A and AA and best practices, on one page of each kind (see `pages_for`), with a reader's data in it."""
    context = browser.new_context(bypass_csp=True, **look)
    page = context.new_page()
    page.goto(f"{address}/assessment.html")
    for skill, level in (("python", 2), ("statistics", 0), ("git", 3)):
        page.locator(f'input[name="{skill}"][value="{level}"]').check()
    page.goto(f"{address}/routes/backend-developer.html")
    page.locator("button[data-route]").click()
    found: dict[str, list[str]] = {}
    for name in pages_for(look):
        page.goto(f"{address}/{name}")
        found[name] = []
        if look == LOOKS[0]:
            found[name] += nameless(page) + findings(page, f"{BY_TAG}, rules: {{'color-contrast': {{enabled: false}}}}")
        page.evaluate(SHORTEN)
        found[name] += findings(page, f"{{type: 'rule', values: {OF_LOOKS}}}")
    context.close()
    assert {name: said for name, said in found.items() if said} == {}


def pages_for(look: dict[str, Any]) -> list[str]:
    """One page of each kind; in the looks after the first some of them, and once a week all."""
    if look == LOOKS[0] or THOROUGH:
        return PAGES
    some = [name for name in PAGES if not name.startswith("zh/") or name == "zh/skills/systems.html"]
    return some[::2] if "forced_colors" not in look else some[::3]


OF_LOOKS = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]
"""The rules whose answer hangs on how a page looks: asked in every look, of a few of each kind; the others once, of whole pages."""


def nameless(page: Page) -> list[str]:
    """What a screen reader is given without a name by Chromium itself, which reads the words of links otherwise than axe-core does."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    named = {"link", "button", "heading", "textbox", "combobox", "checkbox", "radio", "dialog", "navigation"}
    return [
        f"a {node['role']['value']} without a name"
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in named and not node.get("name", {}).get("value", "").strip()
    ]


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("awaited", [".mle-coming", ".md-search-result__item"], ids=["coming", "results"])
def test_axe_finds_nothing_while_searching(browser: Browser, address: str, width: int, awaited: str) -> None:
    """With the search open: while it is coming, and with results in it."""
    context = browser.new_context(bypass_csp=True, viewport={"width": width, "height": 900})
    page = context.new_page()
    if awaited == ".mle-coming":
        page.route("**/bundle.*.js", lambda _: None)  # never answered
    page.goto(f"{address}/index.html", wait_until="domcontentloaded")
    page.locator("[data-md-component=search-query], label[for=__search]:visible").locator("visible=true").first.click()
    field = page.locator("[data-md-component=search-query]")
    field.fill("python")
    field.dispatch_event("keyup")
    page.locator(awaited).first.wait_for()
    page.wait_for_timeout(600)  # colours change slowly while the search opens
    said, without = findings(page), nameless(page)
    context.close()
    assert said == []
    assert without == []


def test_axe_finds_nothing_in_the_open_menu(browser: Browser, address: str) -> None:
    """On a phone with the navigation drawn."""
    context = browser.new_context(bypass_csp=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{address}/role.html")
    page.evaluate("document.querySelector('#__drawer').click()")
    page.wait_for_timeout(400)  # the drawer slides
    said = findings(page)
    context.close()
    assert said == []
