"""The pages of records: each record shown once, tables that filter and sort, complete without scripts."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from catalogue import ROOT, Catalogue, load_once
from conftest import FORGE, Built
from lxml import html
from playwright.sync_api import Browser, Page

PAGES = {
    "careers": "careers.html",
    "certifications": "certifications/catalogue.html",
    "events": "community.html",
    "mainland": "about/mainland.html",
    "readings": "reading.html",
    "terms": "glossary.html",
    "tools": "about/tools.html",
}


@pytest.fixture(scope="module")
def records() -> Catalogue:
    """The guide's own records."""
    return load_once(ROOT)


def visible_rows(page: Page) -> list[str]:
    """The first cell of each row that is shown, in order."""
    rows = page.locator("table[data-catalogue] tbody tr:not([hidden])")
    return [str(text) for text in rows.evaluate_all("rows => rows.map(row => row.cells[0].querySelector('a').textContent)")]


@pytest.mark.parametrize("kind", PAGES)
def test_each_record_is_shown_once(site: Built, records: Catalogue, kind: str) -> None:
    """Every record has exactly one heading with its id on the page of its kind, and no other page has one."""
    tree = html.fromstring((site.folder / PAGES[kind]).read_bytes())
    headings = [heading.get("id") for heading in tree.xpath("//article/h3")]
    ids = [record.id for record in records.kinds[kind]]
    assert [i for i in ids if headings.count(i) != 1] == []


def test_each_record_can_be_corrected_at_its_line(published: Built) -> None:
    """With a repository address, "Correct this" opens the forge's editor at the record's first line; without one there is no such link."""
    links = html.fromstring((published.folder / "careers.html").read_bytes()).xpath("//a[@class='mle-edit']/@href")
    lines = (ROOT / "docs/data/careers.yml").read_text(encoding="utf-8").split("\n")
    assert links
    for link in links:
        place, _, line = link.partition("#L")
        assert place == f"{FORGE}/edit/main/docs/data/careers.yml"
        assert lines[int(line) - 1].startswith("- id: ")


@pytest.mark.parametrize("kind", ["careers", "certifications", "events", "mainland", "readings", "tools"])
def test_no_link_to_correct_without_a_repository(site: Built, kind: str) -> None:
    """The guide does not invent a home for itself."""
    assert html.fromstring((site.folder / PAGES[kind]).read_bytes()).xpath("//a[@class='mle-edit']") == []


@pytest.mark.parametrize("kind", ["careers", "certifications", "events", "mainland", "readings", "tools"])
def test_each_record_shows_its_day_and_its_sources(site: Built, records: Catalogue, kind: str) -> None:
    """Below a record's heading stand the day of its check and a link to each of its sources."""
    tree = html.fromstring((site.folder / PAGES[kind]).read_bytes())
    for record in records.kinds[kind]:
        fact = tree.get_element_by_id(record.id).xpath("following-sibling::p[@class='mle-fact'][1]")[0]
        assert fact.xpath(".//time/@datetime")[0] == record.verified, record.id
        assert fact.xpath(".//a/@href") == [source["url"] for source in record.sources], record.id


def test_what_is_not_verified_says_so(site: Built, records: Catalogue) -> None:
    """A certificate whose price is not verified has the mark beside the price, in the table and in its section."""
    tree = html.fromstring((site.folder / PAGES["certifications"]).read_bytes())
    marked = {record.id for record in records.kinds["certifications"] if "price" in record.unverified}
    rows = tree.xpath("//table[@data-catalogue]/tbody/tr")
    shown = {
        row.xpath("string(.//a/@href)").partition("#")[2]
        for row in rows
        if row.xpath(".//td[contains(@class,'mle-number')][1]//span[@class='mle-unsure']")
    }
    assert marked
    assert shown >= marked


def test_a_fact_past_its_shelf_life_says_so(published: Built) -> None:
    """Built two years later, the same records carry "due for a check"; built today, none that is fresh does."""
    for kind in ("careers", "certifications", "events"):
        facts = html.fromstring((published.folder / PAGES[kind]).read_bytes()).xpath("//p[@class='mle-fact']")
        assert facts
        assert all("due for a check" in fact.text_content() for fact in facts), kind


@pytest.mark.browser
@pytest.mark.parametrize("way", ["http", "file"])
def test_filter_by_keyboard_and_share(site: Built, address: str, page: Page, records: Catalogue, way: str) -> None:
    """A vendor chosen by keyboard leaves its certificates alone; the address shows the same to somebody else."""
    base = address if way == "http" else site.folder.as_uri()
    page.goto(f"{base}/{PAGES['certifications']}")
    page.locator("select[name=vendor]").focus()
    page.keyboard.type("AWS")
    expected = {record.name for record in records.kinds["certifications"] if record.vendor == "aws"}
    assert set(visible_rows(page)) == expected
    assert page.locator(".mle-filters output").text_content() == f"{len(expected)} of {len(records.kinds['certifications'])} shown"
    assert parse_qs(urlsplit(page.url).query) == {"vendor": ["aws"]}
    page.goto(page.url)
    assert set(visible_rows(page)) == expected
    page.locator(".mle-filters button").press("Enter")
    assert len(visible_rows(page)) == len(records.kinds["certifications"])
    assert urlsplit(page.url).query == ""


@pytest.mark.browser
def test_filters_narrow_together(address: str, page: Page, records: Catalogue) -> None:
    """Two filters leave what fits both."""
    page.goto(f"{address}/{PAGES['certifications']}")
    page.select_option("select[name=status]", "retired")
    page.select_option("select[name=vendor]", "microsoft")
    fits = {record.name for record in records.kinds["certifications"] if (record.vendor, record.status) == ("microsoft", "retired")}
    assert fits
    assert set(visible_rows(page)) == fits


@pytest.mark.browser
@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_sort_by_price(address: str, page: Page, records: Catalogue, way: str) -> None:
    """A press on the price sorts cheapest first, a second one dearest first, a third one as before; unknown stays last."""
    page.goto(f"{address}/{PAGES['certifications']}")
    before = visible_rows(page)
    price = {record.name: record.price["amount"] for record in records.kinds["certifications"] if record.price}
    button = page.locator("thead th").filter(has_text="Price").locator("button")

    def press() -> list[float]:
        if way == "mouse":
            button.click()
        else:
            button.focus()
            page.keyboard.press("Enter")
        return [price.get(name, -1) for name in visible_rows(page)]

    known = sorted(price.values())
    rising = press()
    assert rising[: len(known)] == known
    assert page.locator("thead th[aria-sort=ascending]").count() == 1
    assert press()[: len(known)] == known[::-1]
    assert "sort=-4" in page.url
    press()
    assert visible_rows(page) == before


@pytest.mark.browser
def test_tables_are_complete_without_scripts(address: str, browser: Browser, records: Catalogue) -> None:
    """With JavaScript off the tables have every row, and no control that would do nothing."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for kind in ("certifications", "readings"):
        page.goto(f"{address}/{PAGES[kind]}")
        assert page.locator("table[data-catalogue] tbody tr").count() == len(records.kinds[kind])
        assert not page.locator("form.mle-filters").is_visible()
    context.close()


@pytest.mark.browser
def test_rows_are_cards_on_a_phone(address: str, browser: Browser) -> None:
    """On a phone each value of a row stands on its own line with its label."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{address}/{PAGES['certifications']}")
    tops = page.eval_on_selector_all(
        "table[data-catalogue] tbody tr:first-child > *", "cells => cells.map(c => c.getBoundingClientRect().top)"
    )
    assert tops == sorted(set(tops))
    label = page.evaluate("getComputedStyle(document.querySelector('table[data-catalogue] td'), '::before').content")
    assert re.fullmatch(r'"Vendor"|attr\(data-label\)', label)
    context.close()
