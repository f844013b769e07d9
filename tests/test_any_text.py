"""Whatever text is put into a chapter or a record: what the gate lets through holds nothing off a short list, read by another parser.

The list here is written by itself, and Chromium reads the HTML, so that neither allowed.yml nor its parser answers for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import catalogue
import pytest
from allowed import Rules
from check_output import judge_fragment, judge_words
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page
from render import renderer
from templates import templates
from words import read_words

RULES = Rules(ROOT)
RENDER = renderer(ROOT)

NASTY = (
    *(
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<a href='",
        "</div>",
        "<!--",
        "-->",
        "<?",
        "<",
    ),
    *("[", "]", "](", ")", "![", "[x](", "[x][b]", "[b]: ", "javascript:alert(1)", "data:text/html,x", "//evil.dev/", "https://evil.dev/"),
    *(
        "https://github.com@evil.dev/",
        "github.com",
        "role.md",
        "#a",
        "`",
        "``",
        "```\n",
        "~~~\n",
        "*",
        "**",
        "_",
        "> ",
        "- ",
        "1. ",
        "    ",
    ),
    *(
        "\n",
        "\n\n",
        "  \n",
        "| a | b |\n|---|---|\n| ",
        " | ",
        "{ ",
        " }",
        "{: ",
        "onclick=alert(1)",
        "style='x'",
        ".md-overlay",
        "#__search",
    ),
    *(
        " title=x",
        "&#",
        "&lt;",
        "&#x3c;",
        "&quot;",
        "&#x202e;",
        "&",
        "\\",
        '"',
        "'",
        "!!! note\n    ",
        "## a { #b }\n",
        "=\n",
        "---\n",
        "[TOC]",
    ),
    *("klzzwxh:0001", "wzxhzdk:0", "words", "中文", "é", "α", ": ", "\t", "$", "~", "^", "+", "{{", "}}", "{%"),
)
"""Pieces that mean something to Markdown, to HTML, to the engine or to a template."""

TEXTS = st.lists(st.sampled_from(NASTY) | st.text(st.characters(codec="utf-8"), max_size=3), min_size=1, max_size=14).map("".join)

READ = """
(pieces) => pieces.map((html) => {
  const page = new DOMParser().parseFromString("<!doctype html><body><article>" + html + "</article>", "text/html");
  const found = [];
  const names = {
    A: ["href", "title"], BLOCKQUOTE: [], BR: [], CODE: [], DIV: ["class"], EM: [], H1: ["id"], H2: ["id"], H3: ["id"], HR: [],
    IMG: ["alt", "src", "title"], LI: [], OL: ["start"], P: ["class"], PRE: [], SPAN: ["class"], STRONG: [], TABLE: [], TBODY: [], TD: [],
    TH: [], THEAD: [], TR: [], UL: [],
  };
  const values = {
    alt: /^[^\\u202a-\\u202e\\u200b]*$/, title: /^[^\\u202a-\\u202e\\u200b]*$/, id: /^(_1|[a-z0-9][a-z0-9-]*)$/, start: /^[0-9]+$/,
    class: /^(highlight|admonition (note|tip|warning)|admonition-title|mle-lead|[a-z0-9]{1,3}( [a-z]+(-[A-Z][A-Za-z]*)+)*)$/,
    src: /^[a-z0-9./-]+\\.(png|svg|webp)$/,
    href: /^(https:\\/\\/[a-z0-9.-]+\\.[a-z]+([/?#][^\\s"<>]*)?|[a-z0-9./-]*(\\?[a-z]+=[a-z0-9_-]*)?(#[a-z0-9_-]*)?)$/,
  };
  for (const element of page.querySelectorAll("article *")) {
    const allowed = names[element.tagName];
    if (!allowed || element.namespaceURI !== "http://www.w3.org/1999/xhtml") found.push(element.tagName);
    for (const { name, value } of element.attributes)
      if (!allowed?.includes(name) || !values[name].test(value)) found.push(`${element.tagName} ${name}=${value}`);
  }
  if (page.body.children.length !== 1 || page.body.attributes.length || page.head.children.length) found.push("outside");
  const comments = page.createNodeIterator(page, NodeFilter.SHOW_COMMENT | NodeFilter.SHOW_PROCESSING_INSTRUCTION);
  if (comments.nextNode()) found.push("comment");
  return found;
})
"""

SHAPE = """
(html) => {
  const page = new DOMParser().parseFromString("<!doctype html><body><article>" + html + "</article>", "text/html");
  const shown = ({ name, value }) => (["href", "id", "class"].includes(name) ? `${name}=${value}` : name);
  return [...page.querySelectorAll(":not(code)")].map((element) => [element.localName, ...[...element.attributes].map(shown)].join(" "));
}
"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """An empty page, to parse in."""
    opened = browser.new_page()
    yield opened
    opened.close()


@pytest.mark.browser
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(TEXTS, min_size=10, max_size=10))
def test_any_text_in_a_chapter(page: Page, texts: list[str]) -> None:
    """What is let through is plain: elements, attributes, addresses and classes of a list written here."""
    rendered = [RENDER(text) for text in texts]
    passed = [one.html for one in rendered if not judge_words(one, RULES)]
    assert page.evaluate(READ, passed) == [[] for _ in passed]


SHOWN = {
    "careers": "catalogue/careers.html",
    "designs": "catalogue/design.html",
    "events": "catalogue/events.html",
    "mainland": "catalogue/mainland.html",
    "projects": "catalogue/project.html",
    "questions": "catalogue/questions.html",
    "readings": "catalogue/readings.html",
    "routes": "catalogue/route.html",
    "terms": "catalogue/terms.html",
    "tools": "catalogue/tools.html",
}
"""Kinds of records and the template that shows the whole of one."""


def spoilt(value: Any, text: str) -> Any:
    """A record's values, with the text in the place of every text in two languages."""
    if isinstance(value, dict):
        return {"en": text, "zh": text} if set(value) == {"en", "zh"} else {key: spoilt(part, text) for key, part in value.items()}
    return [spoilt(part, text) for part in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def show() -> Callable[[str, str], str]:
    """A function that shows the first record of a kind, with a text in all its fields, as a page would."""
    records = catalogue.load_once(ROOT)
    builder = SimpleNamespace(project_dir=ROOT, conf={}, page=SimpleNamespace(path="role.md"), macro=None)
    engine = templates(builder, records, read_words(ROOT, "labels"), "en")
    first: Mapping[str, catalogue.Record] = {kind: records.kinds[kind][0] for kind in SHOWN}

    def made(kind: str, text: str) -> str:
        record = replace(first[kind], values=spoilt(first[kind].values, text))
        engine.globals["questions_of"] = lambda _: [record]
        shown = records.kinds["skills"][:1] if kind == "questions" else [record]
        source = engine.get_template(SHOWN[kind]).render(record=record, records=shown, kinds=records.kinds, today=records.today)
        return RENDER(source).html

    return made


@pytest.mark.browser
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(sorted(SHOWN)), text=TEXTS.filter(str.strip))
def test_any_text_in_a_record(page: Page, show: Callable[[str, str], str], kind: str, text: str) -> None:
    """A record with any text makes the page that one with plain words makes: text comes and goes, and elements do not, but code."""
    html = show(kind, text)
    if not judge_fragment(html, RULES.article, RULES):
        assert page.evaluate(SHAPE, html) == page.evaluate(SHAPE, show(kind, "words"))
