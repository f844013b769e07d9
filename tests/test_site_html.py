"""The built pages, read as files: titles, headings, links, images and what they would load."""

from __future__ import annotations

import posixpath
from collections import Counter
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from conftest import Built
from lxml import html


@pytest.fixture(scope="session")
def trees(site: Built) -> dict[str, html.HtmlElement]:
    """Every page by its path below the site."""
    return {site.name(page): html.fromstring(page.read_bytes()) for page in site.pages()}


def test_titles_and_descriptions_are_unique(trees: dict[str, html.HtmlElement]) -> None:
    """Each page has a title and a description, and no two pages share one."""
    for edition in ("en", "zh"):
        check_titles({name: tree for name, tree in trees.items() if name.startswith("zh/") == (edition == "zh")})


def check_titles(trees: dict[str, html.HtmlElement]) -> None:
    """Titles and descriptions of one edition."""
    assert trees
    titles = {name: tree.findtext(".//title") for name, tree in trees.items()}
    descriptions = {name: "".join(tree.xpath("//meta[@name='description']/@content")) for name, tree in trees.items()}
    for kind in (titles, descriptions):
        assert [name for name, value in kind.items() if not value] == []
        assert [value for value, count in Counter(kind.values()).items() if count > 1] == []


def test_headings_step_down_one_at_a_time(trees: dict[str, html.HtmlElement]) -> None:
    """Each page has one h1, skips no level, and gives every heading its own id."""
    for name, tree in trees.items():
        headings = tree.xpath("//article//*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::h6]")
        levels = [int(heading.tag[1]) for heading in headings]
        assert levels[0] == 1, name
        assert levels.count(1) == 1, name
        assert all(below <= above + 1 for above, below in pairwise(levels)), name
        ids = [heading.get("id") for heading in headings]
        assert all(ids), name
        every_id = tree.xpath("//@id")
        assert [i for i, count in Counter(every_id).items() if count > 1] == [], name


def test_links_lead_somewhere(site: Built, trees: dict[str, html.HtmlElement]) -> None:
    """Every link inside the site leads to a file that is there and an id on it, as it does from disk."""
    ids = {name: set(tree.xpath("//@id")) for name, tree in trees.items()}
    broken = []
    for name, tree in trees.items():
        for link in tree.xpath("//@href | //@src"):
            parts = urlsplit(urljoin(f"file:///{name}", link))
            if parts.scheme != "file":
                continue
            path = unquote(parts.path).lstrip("/")
            if not (site.folder / path).is_file():
                broken.append(f"{name}: {link}: no such file")
            elif parts.fragment and not parts.fragment.startswith("__") and unquote(parts.fragment) not in ids[path]:
                broken.append(f"{name}: {link}: no such id")
    assert broken == []


def test_nothing_is_loaded_from_another_host(trees: dict[str, html.HtmlElement]) -> None:
    """Scripts, styles, pictures and frames are the site's own; other hosts stand only in links to follow."""
    for name, tree in trees.items():
        loaded = tree.xpath(
            "//script/@src | //img/@src | //iframe/@src | //link[@rel!='canonical' and @rel!='alternate']/@href | //source/@src"
        )
        assert [address for address in loaded if urlsplit(address).netloc] == [], name


def test_styles_load_nothing_from_another_host(site: Built) -> None:
    """No style sheet asks for anything outside the site."""
    for sheet in sorted(site.folder.rglob("*.css")):
        text = sheet.read_text(encoding="utf-8")
        assert "url(http" not in text.replace('"', "").replace("'", ""), sheet.name
        assert "@import" not in text, sheet.name


def test_pictures_say_what_they_show(trees: dict[str, html.HtmlElement]) -> None:
    """Each drawing has a title and a description that it names; each image has a text."""
    drawings = 0
    for name, tree in trees.items():
        assert tree.xpath("//article//img[not(@alt) or normalize-space(@alt)='']") == [], name
        for drawing in tree.xpath("//article//*[local-name()='svg'][@role='img']"):
            drawings += 1
            named = [tree.get_element_by_id(i).text_content().strip() for i in drawing.get("aria-labelledby").split()]
            assert len(named) == 2, name
            assert all(named), name
    assert drawings >= 5


def test_every_page_opens_with_an_answer_and_ends_with_a_way_on(trees: dict[str, html.HtmlElement]) -> None:
    """A paragraph stands between the title and the first section, and the last section of the text is the way on."""
    for name, tree in trees.items():
        title = tree.xpath("//article//h1")[0]
        opening = title.xpath("following-sibling::p[not(contains(@class,'mle-checked'))][1]")
        assert opening, name
        words = opening[0].text_content()
        assert len(words) >= 36 if name.startswith("zh/") else len(words.split()) >= 20, name
        sections = [heading.get("id") for heading in tree.xpath("//article/h2")]
        assert sections[-1] == "next", name


def test_facts_of_a_page_carry_their_day(trees: dict[str, html.HtmlElement]) -> None:
    """Each page says on which day it was checked."""
    for name, tree in trees.items():
        days = tree.xpath("//p[contains(concat(' ',@class,' '),' mle-checked ')]/time/@datetime")
        assert len(days) == 1, name


def test_shim_is_ours_and_search_is_inlined(site: Built) -> None:
    """Search over file:// has what it needs on disk: the shim with its licence, and the index as a script."""
    assert "iframe-worker" in (site.folder / "assets/iframe-worker.js").read_text(encoding="utf-8")[:200]
    assert "Martin Donath" in (site.folder / "assets/iframe-worker.LICENSE.txt").read_text(encoding="utf-8")
    assert (site.folder / "search/search_index.js").read_text(encoding="utf-8").startswith("var __index = ")


def test_no_source_file_is_published(site: Built) -> None:
    """The site holds built pages and assets; no template, record or chapter source lies in it."""
    stray = [
        site.name(path) for path in site.folder.rglob("*") if path.suffix in (".md", ".yml", ".json5", ".py") or "catalogue/_" in str(path)
    ]
    assert stray == []
    assert not (site.folder / "drawings").exists()
    assert not (site.folder / "zh/drawings").exists()


def test_site_has_an_error_page_and_a_favicon(site: Built) -> None:
    """A wrong address gets a page of ours, and browser tabs get our mark."""
    assert (site.folder / "404.html").is_file()
    assert Path(site.folder / "assets/favicon.svg").is_file()


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_next_leads_through_the_whole_guide(site: Built, trees: dict[str, html.HtmlElement], edition: str) -> None:
    """From the home page, "next" leads through every page once, in the order of the navigation."""
    name = "zh/index.html" if edition == "zh" else "index.html"
    seen = [name]
    while following := trees[name].xpath("//a[contains(concat(' ',@class,' '),' md-footer__link--next ')]/@href"):
        name = posixpath.normpath(posixpath.join(posixpath.dirname(name), following[0]))
        assert name not in seen, name
        seen.append(name)
    assert sorted(seen) == sorted(site.name(file) for file in site.pages(edition))
