"""The search in a real browser: what people type leads to the page that answers, over HTTP and from disk."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import yaml
from catalogue import ROOT, load_once
from conftest import Built, until
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

Searched = list[tuple[str, str]]
Searches = dict[str, Searched]

TABLE = yaml.safe_load((Path(__file__).parent / "searches.yml").read_text(encoding="utf-8"))
BEST: Searches = {edition: [tuple(pair) for pair in pairs] for edition, pairs in TABLE.pop("best").items()}
"""By edition, pairs of a search and the page that has to come first or second."""

SEARCHES: Searches = {edition: [tuple(pair) for pair in pairs] for edition, pairs in TABLE.items()}
"""By edition, pairs of a search and the page (with anchor) that it has to find."""


def search(page: Page, words: str) -> list[tuple[str, list[str]]]:
    """Type into the search; return each page found, best first, with the anchors found on it."""
    box = page.locator("[data-md-component=search-query]")
    items = "document.querySelectorAll('.md-search-result__item').length"
    for value, awaited in (
        ("", f"{items} === 0"),
        (words, f"{items} > 0 || /No matching|没有找到/.test(document.querySelector('.md-search-result__meta').textContent)"),
    ):
        box.fill(value)
        box.dispatch_event("keyup")  # the theme searches when a key is let go
        until(page, awaited)
    links = page.eval_on_selector_all(".md-search-result__item", "items => items.map(i => [...i.querySelectorAll('a')].map(a => a.href))")
    found = []
    for group in links:
        split = [re.sub(r"\?h=[^#]*", "", link).partition("#") for link in group]
        found.append((split[0][0], [anchor for _, _, anchor in split if anchor]))
    return found


def open_search(page: Page, start: str) -> None:
    """Open a page and its search, as a reader does."""
    page.goto(start, wait_until="load")
    page.locator("[data-md-component=search-query]").click()
    page.locator(".mle-coming").wait_for(state="detached")


ASK = """
async ([base, script, questions]) => {
  const worker = new Worker(`${base}/${script}`);
  const say = (message) => new Promise((done, fail) => {
    setTimeout(() => fail(new Error("no answer from the search")), 60_000);
    worker.onerror = ({ message }) => fail(new Error(message));
    worker.onmessage = ({ data }) => done(data);
    worker.postMessage(message);
  });
  const index = await (await fetch(`${base}/search/search_index.json`)).json();
  await say({ type: 0, data: { ...index, options: { suggest: false } } });
  const found = [];
  for (const question of questions) {
    const { data } = await say({ type: 2, data: question });
    found.push(data.items.map((sections) => sections.map(({ location }) => location)));
  }
  worker.terminate();
  return found;
}
"""
"""Asks the theme's own worker, with the built index, as its search field does, which would take one question at a time."""


def ask(page: Page, base: str, questions: Sequence[str]) -> list[list[tuple[str, list[str]]]]:
    """What the search finds for each question: each page, best first, with the anchors found on it."""
    answer = page.goto(f"{base}/index.html")
    script = re.search(r'"search":\s*"([^"]+)"', answer.text() if answer else "")
    assert script
    page.goto(f"{base.removesuffix('/zh')}/robots.txt")  # a page on which nothing else runs
    found: list[list[list[str]]] = page.evaluate(ASK, [base, script[1], [*questions]])
    return [[(f"{base}/{split(group)[0]}", split(group)[1]) for group in groups] for groups in found]


def split(places: Sequence[str]) -> tuple[str, list[str]]:
    """The page of some places, and their anchors."""
    parts = [place.partition("#") for place in places]
    return parts[0][0], [anchor for _, _, anchor in parts if anchor]


def missed(base: str, searches: Searched, found: Mapping[str, list[tuple[str, list[str]]]], first: int) -> list[str]:
    """The searches whose page is not among the first results, or whose anchor is not among that page's sections."""
    failures = []
    for words, target in searches:
        results = found[words]
        path, _, anchor = target.partition("#")
        hit = next((anchors for url, anchors in results[:first] if url == f"{base}/{path}"), None)
        if hit is None or (anchor and anchor not in hit):
            failures.append(f"{words!r} does not find {target}; first: {[url.removeprefix(base) for url, _ in results[:3]]}")
    return failures


Answers = dict[str, dict[str, list[tuple[str, list[str]]]]]


def names_of_records() -> Searched:
    """The full name of every skill, certificate and reading as it is typed, and its own section."""
    records = load_once(ROOT).kinds
    searches = [(record.name["en"], f"skills/{record.group}.html#{record.id}") for record in records["skills"]]
    searches += [(record.name, f"certifications/catalogue.html#{record.id}") for record in records["certifications"]]
    searches += [(record.title, f"reading.html#{record.id}") for record in records["readings"]]
    return [(re.sub(r"[^\w\s.]+|\.(?!\d)", " ", words), place) for words, place in searches]


@pytest.fixture(scope="module")
def answers(address: str, browser: Browser) -> Answers:
    """By edition, what the search finds for all that the tests ask: its index is made ready once."""
    page = browser.new_page()
    found = {}
    for edition, others in (("en", names_of_records()), ("zh", [])):
        questions = [words for words, _ in [*SEARCHES[edition], *BEST[edition], *others]]
        base = address + ("/zh" if edition == "zh" else "")
        found[edition] = dict(zip(questions, ask(page, base, questions), strict=True))
    page.close()
    return found


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_search_finds_what_people_type(address: str, answers: Answers, edition: str) -> None:
    """What people type finds its page among the first four, a term its best page among the first two."""
    base = address + ("/zh" if edition == "zh" else "")
    assert missed(base, SEARCHES[edition], answers[edition], first=4) == []
    assert len(BEST[edition]) >= 60
    assert missed(base, BEST[edition], answers[edition], first=2) == []


def test_search_finds_every_record_by_name(address: str, answers: Answers) -> None:
    """Every skill, certificate and reading is found by its full name, at its own section."""
    assert missed(address, names_of_records(), answers["en"], first=1000) == []


@pytest.mark.parametrize(("way", "edition"), [("http", "en"), ("file", "zh")])
def test_a_reader_who_types_sees_the_same(site: Built, address: str, page: Page, answers: Answers, way: str, edition: str) -> None:
    """Typed into the field, English over HTTP, Chinese from disk, a dozen show the pages that the worker finds, in its order."""
    place = "/zh" if edition == "zh" else ""
    base = (address if way == "http" else site.folder.as_uri()) + place
    open_search(page, f"{base}/index.html")
    for words, _ in BEST[edition][:: len(BEST[edition]) // 12]:
        shown = search(page, words)
        asked = [url.removeprefix(address + place) for url, _ in answers[edition][words]]
        assert shown, words
        assert [url.removeprefix(base) for url, _ in shown] == asked[: len(shown)], words
