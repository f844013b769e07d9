"""The two editions side by side: the same pages and headings, a way from each to the other, and each in its own language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, Built
from lxml import html
from playwright.sync_api import Browser, Page

TERMS = yaml.safe_load((ROOT / "docs/data/terms.yml").read_text(encoding="utf-8"))
GARBLED = sorted({wrong for term in TERMS for wrong in term.get("avoid", ())} | {"大魔神", "巨蟒", "功能编程"})
"""What the machine translation of 2020 made of names."""


def twin(site: Built, page: Path) -> Path:
    """The same page in the other edition, or the nearest where a page is declared to be of one edition alone."""
    name = site.name(page)
    if only := site.head(page).get("only"):
        name = ("zh/" if name.startswith("zh/") else "") + str(only["nearest"]).replace(".md", ".html")
    return site.folder / (name.removeprefix("zh/") if name.startswith("zh/") else f"zh/{name}")


def shared_ids(site: Built, page: Path) -> list[str]:
    """The ids of a page's headings, without those of sections that are declared to be of its edition alone."""
    found, outer, own = [], "", site.head(page).get("only_sections", ())
    for heading in html.fromstring(page.read_bytes()).xpath("//article//*[self::h2 or self::h3]"):
        if not (outer and heading.tag > outer):
            outer = heading.tag if heading.get("id") in own else ""
        if not outer:
            found.append(heading.get("id"))
    return found


def test_each_page_has_the_sections_of_its_twin(site: Built) -> None:
    """Every page stands in both editions, with the same anchors in the same order, but for what is declared to be of one alone."""
    pages = [page for page in site.pages() if not site.head(page).get("only")]
    assert {twin(site, page) for page in pages} == set(pages)
    for page in pages:
        assert shared_ids(site, page) == shared_ids(site, twin(site, page)), site.name(page)


def test_each_page_leads_to_its_twin(site: Built) -> None:
    """The way to the other language is a plain relative link, named in that language."""
    for page in site.pages():
        (link,) = html.fromstring(page.read_bytes()).xpath("//a[@class='mle-twin']")
        assert (page.parent / link.get("href")).resolve() == twin(site, page).resolve(), site.name(page)
        expected = ("en", "English") if site.edition(page) == "zh" else ("zh-Hans", "中文")
        assert (link.get("hreflang"), link.text_content()) == expected
        assert link.get("lang") == link.get("hreflang")


def test_pages_say_their_language(site: Built) -> None:
    """`lang` names the language of the page."""
    for page in site.pages():
        assert html.fromstring(page.read_bytes()).get("lang") == site.edition(page), site.name(page)


def prose(page: Path) -> list[str]:
    """The paragraphs and entries of a page's text, without code, sources and names of records."""
    tree = html.fromstring(page.read_bytes())
    for part in tree.xpath(
        "//pre | //code | //*[contains(@class,'mle-sources') or contains(@class,'mle-fact') or contains(@class,'mle-aka')"
        " or @class='mle-abroad']"
    ):
        part.drop_tree()
    found = []
    for element in tree.xpath("//article//p | //article//li"):
        text = " ".join(element.text_content().split())
        titles = " ".join(" ".join(link.text_content().split()) for link in element.xpath(".//a"))
        if text and text != titles:  # a title stays in the language of its book
            found.append(text)
    return found


def test_chinese_pages_are_in_chinese(site: Built) -> None:
    """Few letters of the Chinese prose are Latin (names, mostly), and no paragraph is English."""
    letters = han = 0
    for page in site.pages("zh"):
        for text in prose(page):
            latin, chinese = len(re.findall("[A-Za-z]", text)), len(re.findall("[\u4e00-\u9fff]", text))
            letters, han = letters + latin, han + chinese
            words = re.findall(r"[A-Za-z]{2,}", text)
            assert len(words) < 12 or chinese > len(words), f"{site.name(page)}: {text[:120]}"
    assert letters / (letters + han) < 0.15, letters / (letters + han)


def test_english_pages_are_in_english(site: Built) -> None:
    """Chinese stands in the English edition only where it is the subject."""
    for page in site.pages("en"):
        for text in prose(page):
            chinese = len(re.findall("[\u4e00-\u9fff]", text))
            assert chinese <= 40, f"{site.name(page)}: {text[:120]}"


def test_no_garbled_name_of_2020_appears(site: Built) -> None:
    """The Chinese pages use none of the names that the machine translation of the article garbled."""
    for page in site.pages("zh"):
        text = html.fromstring(page.read_bytes()).xpath("string(//article)")
        assert [wrong for wrong in GARBLED if wrong in text] == [], site.name(page)


def test_no_mark_of_the_source_is_left(site: Built) -> None:
    """Emphasis and links are rendered everywhere; Chinese punctuation beside them leaves no asterisk or bracket behind."""
    for page in site.pages():
        tree = html.fromstring(page.read_bytes())
        for code in tree.xpath("//article//pre | //article//code | //article//svg"):
            code.drop_tree()
        assert re.findall(r"\*\*|\]\(|\{ #", tree.xpath("string(//article)")) == [], site.name(page)


@pytest.mark.browser
@pytest.mark.parametrize("way", ["http", "file"])
def test_the_way_leads_to_the_heading_that_is_read(site: Built, address: str, page: Page, way: str) -> None:
    """From the middle of a page the switch leads to the same heading of the twin, and back."""
    base = address if way == "http" else site.folder.as_uri()
    page.goto(f"{base}/role.html#definitions")
    page.locator(".mle-twin").click()
    page.wait_for_url(f"{base}/zh/role.html#definitions")
    assert page.locator("#definitions").is_visible()
    page.locator(".mle-twin").click()
    page.wait_for_url(f"{base}/role.html#definitions")


@pytest.mark.browser
def test_the_way_works_without_scripts(site: Built, browser: Browser) -> None:
    """Without scripts and without a server, the switch leads to the top of the twin, in every folder."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for name in ("index.html", "skills/index.html", "zh/certifications/catalogue.html"):
        page.goto((site.folder / name).as_uri())
        page.locator(".mle-twin").click()
        page.wait_for_url(twin(site, site.folder / name).as_uri())
        assert page.locator("h1").is_visible()
    context.close()


@pytest.mark.browser
def test_what_a_reader_ticks_is_there_in_both_languages(address: str, page: Page) -> None:
    """A level chosen in one language is chosen in the other."""
    page.goto(f"{address}/assessment.html")
    page.locator('input[name="python"][value="3"]').check()
    page.goto(f"{address}/zh/assessment.html")
    assert page.locator('input[name="python"]:checked').get_attribute("value") == "3"
