"""Pages and sections of one edition alone, as both engines build them: a sample guide of three pages with the guide's own templates."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import check_twins
import pytest
from allowed import Rules
from build_site import mend_search
from catalogue import load_once
from check_output import judge_page
from conftest import BIN, ROOT, SETTINGS
from guides import with_few_records
from lxml import html
from mainland import hosts_of, mark_links
from playwright.sync_api import Browser
from search_index import finish_index, whole_words
from test_site_search import search

SAMPLE = Path(__file__).parent / "fixtures/editions"
ADDRESS = "https://guide.example.org/"


def settings(name: str, place: str, pages: list[str]) -> str:
    """The guide's own settings for an edition, with another navigation."""
    text = re.sub(r"^nav:\n(?:[ #].*\n)*", f"nav: {json.dumps(pages)}\n", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return text.replace('!ENV [SITE_URL, ""]', f"{ADDRESS}{place}") if place == "" else f"{text}\nsite_url: {ADDRESS}{place}\n"


@pytest.fixture(scope="module")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with the guide's templates, programs and records."""
    root = tmp_path_factory.mktemp("sample")
    shutil.copytree(SAMPLE, root / "docs")
    for folder in ("docs/data", "overrides", "scripts"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    with_few_records(root)
    both = ["index.md", "hired/index.md"]
    (root / "mkdocs.yml").write_text(settings("mkdocs.yml", "", both), encoding="utf-8")
    (root / "mkdocs.zh.yml").write_text(settings("mkdocs.zh.yml", "zh/", [*both, "china/index.md"]), encoding="utf-8")
    check_twins.note(root, "index.md")
    check_twins.note(root, "hired/index.md")
    return root


@pytest.fixture(scope="module", params=["mkdocs", "zensical"])
def built(guide: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The sample as one of the engines builds it."""
    root = tmp_path_factory.mktemp(request.param)
    shutil.copytree(guide, root, dirs_exist_ok=True)
    for name in ("mkdocs.yml", "mkdocs.zh.yml"):
        done = subprocess.run(
            [BIN / request.param, "build", "--strict", "-f", name], cwd=root, env=SETTINGS, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    return root / "site"


def test_the_sample_is_in_order(guide: Path) -> None:
    """The check of twins has no finding: what differs is declared."""
    assert check_twins.check(guide) == []


def test_the_switch_leads_to_the_nearest_page_and_says_so(built: Path) -> None:
    """Where there is no twin: a link to the nearest page, a hint that says so, the same in the text, and no alternate."""
    tree = html.fromstring((built / "zh/china/index.html").read_bytes())
    (switch,) = tree.xpath("//a[@class='mle-twin']")
    assert (built / "zh/china" / switch.get("href")).resolve() == (built / "hired/index.html").resolve()
    assert "in Chinese only" in switch.get("title")
    assert switch.get("data-lacks") == ""
    (said,) = tree.xpath("//p[@class='mle-checked']")
    assert "只有中文版（nearest page in English）" in "".join(said.text_content().split("\n")).replace("  ", "")
    assert said.xpath("a[@hreflang='en']/@href") == [switch.get("href")]
    assert tree.xpath("//link[@rel='alternate']") == []
    assert tree.xpath("//link[@rel='canonical']/@href") == [f"{ADDRESS}zh/china/index.html"]


def test_a_page_with_a_section_of_its_own_keeps_its_twin(built: Path) -> None:
    """It names both editions, and the switch knows which headings the twin lacks; the twin lacks nothing."""
    for name, lacks in (("zh/hired/index.html", "china"), ("hired/index.html", None)):
        tree = html.fromstring((built / name).read_bytes())
        (switch,) = tree.xpath("//a[@class='mle-twin']")
        assert switch.get("data-lacks") == lacks
        assert len(tree.xpath("//link[@rel='alternate']")) == 3


def test_the_output_passes_the_list(built: Path) -> None:
    """Page by page, what is new is on the list of what a page may hold."""
    rules = Rules(ROOT, ADDRESS)
    for name in ("zh/china/index.html", "zh/hired/index.html", "hired/index.html"):
        assert [str(one.said) for one in judge_page((built / name).read_bytes(), name, built, rules)] == []


def test_links_that_may_not_open_are_marked(built: Path) -> None:
    """On the page of either engine the words stand behind the link, and the page passes the list."""
    mark_links(built / "zh", hosts_of(load_once(ROOT)))
    page = (built / "zh/china/index.html").read_bytes()
    assert html.fromstring(page).xpath("//span[@class='mle-abroad']/preceding-sibling::*[1]/@href") == ["https://huggingface.co/models"]
    assert [str(one.said) for one in judge_page(page, "zh/china/index.html", built, Rules(ROOT, ADDRESS))] == []


def test_sitemap_and_search_know_the_page(built: Path) -> None:
    """The Chinese sitemap and index have it, the English have not."""
    for name, times in (("zh/sitemap.xml", 1), ("sitemap.xml", 0)):
        assert (built / name).read_text(encoding="utf-8").count("china/index.html</loc>") == times
    indexes = [next((built / folder).glob("search*.json"), built / folder / "search/search_index.json") for folder in ("zh", ".")]
    assert ["china/index.html" in index.read_text(encoding="utf-8") for index in indexes] == [True, False]


@pytest.mark.browser
@pytest.mark.parametrize("built", ["mkdocs"], indirect=True)  # the script reads one attribute, which both engines write
def test_the_way_from_a_section_of_its_own(built: Path, browser: Browser) -> None:
    """From a section that the twin lacks, and from one below it, the way leads to the last heading before it; from others, to the same."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    for start, expected in (("letters", "#letters"), ("china", "#letters"), ("campus", "#letters"), ("next", "#next")):
        page.goto(f"{(built / 'zh/hired/index.html').as_uri()}#{start}")
        page.locator(".mle-twin").click()
        page.wait_for_url(f"{(built / 'hired/index.html').as_uri()}{expected}")
    page.goto(f"{(built / 'zh/china/index.html').as_uri()}#campus")
    page.locator(".mle-twin").click()
    page.wait_for_url((built / "hired/index.html").as_uri())
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("built", ["mkdocs"], indirect=True)  # the second engine has a search of its own
def test_a_whole_word_is_found_as_one(built: Path, browser: Browser) -> None:
    """Whoever asks for 算法工程师 gets the page that has the word, not one that has 算法 and 工程师 apart; a part finds both."""
    finish_index(built / "zh/search", {}, whole_words(ROOT))
    mend_search(built / "zh")
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto((built / "zh/hired/index.html").as_uri())
    page.locator("[data-md-component=search-query]").click()
    page.locator(".mle-coming").wait_for(state="detached")
    for words, expected in (("算法工程师", ["china/index.html"]), ("工程师", ["china/index.html", "index.html"])):
        found = search(page, words)
        assert sorted(url.removeprefix(f"{(built / 'zh').as_uri()}/") for url, _ in found) == expected, words
    page.close()
