"""The Content-Security-Policy: written down, the same in the header and in every page, and strong enough by itself."""

from __future__ import annotations

import html
import re
from pathlib import Path

import build_site
import policy
import pytest
from conftest import ROOT, SETTINGS, Built
from guides import copy_guide, small_guide
from host_files import MOVED, write_policy
from playwright.sync_api import Page, Request
from selectolax.lexbor import LexborHTMLParser

KNOWN = policy.read(ROOT)


def in_page(file: Path) -> str:
    """The policy that a page carries; it stands before everything that could load or run."""
    head = LexborHTMLParser(file.read_bytes()).head
    assert head is not None
    first, second, *_ = head.iter()
    assert first.attributes == {"charset": "utf-8"}
    assert second.attributes.get("http-equiv") == "Content-Security-Policy"
    return str(second.attributes.get("content"))


def test_header_and_pages_say_the_same(site: Built) -> None:
    """What `_headers` holds is what every page carries, but for the one directive that a page cannot say of itself."""
    said = re.search(r"Content-Security-Policy: (.+)", (site.folder / "_headers").read_text(encoding="utf-8"))
    assert said
    assert said[1] == KNOWN.text("")
    assert "unsafe" not in said[1]
    pages = {in_page(page) for page in [*site.pages(), site.folder / "404.html", site.folder / "zh/404.html"]}
    assert pages == {said[1].replace("; frame-ancestors 'none'", "")}


def test_old_addresses_lead_on(site: Built) -> None:
    """What `_redirects` leads away from is no page any more, and what it leads to is one, with that anchor; in both editions."""
    lines = (site.folder / "_redirects").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2 * len(MOVED)
    for old, new, code in map(str.split, lines):
        page, _, anchor = new.partition("#")
        assert (code, old.startswith("/zh/")) == ("301", new.startswith("/zh/"))
        assert not (site.folder / old[1:]).exists()
        assert LexborHTMLParser((site.folder / page[1:]).read_bytes()).css_matches(f"#{anchor}" if anchor else "article h1")


def test_a_page_without_a_place_for_it_is_an_error(tmp_path: Path) -> None:
    """A page that the policy cannot be put into does not go out without it."""
    (tmp_path / "a.html").write_text("<!doctype html><title>x</title>", encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.html"):
        write_policy(tmp_path, "x")


def test_the_error_page_has_its_script_at_any_address() -> None:
    """The error page names the top of the site by the path of its address; its script is known by that, and by no other host's."""
    texts = KNOWN.texts("https://guide.example.org/ml/")
    assert any('new URL("/ml/",location)' in text for text in texts)
    assert any('new URL("/ml/zh/",location)' in text for text in texts)
    assert not any("{base}" in text for text in texts)


def test_nothing_on_a_page_widens_the_policy(tmp_path: Path) -> None:
    """A script that a template puts into the page ends the build, which names the template; the old site stays."""
    folder = small_guide(tmp_path)
    template = folder / "overrides/main.html"
    template.write_text(
        template.read_text(encoding="utf-8").replace("{% block extrahead %}", "{% block extrahead %}<script>alert(1)</script>")
    )
    with pytest.raises(build_site.BuildError, match=r"overrides/main\.html:\d+: found the script alert\(1\)"):
        build_site.build(folder, folder / "site", SETTINGS)
    assert not (folder / "site").exists()


def test_hashes_are_noted_by_command(tmp_path: Path) -> None:
    """`make policy` writes the hash of a changed script of ours, keeps the theme's, and says what is new."""
    folder = copy_guide(tmp_path)
    assert policy.note(folder, [folder / "overrides"]) == []
    (folder / "overrides/assets/twin.js").write_text("// other\n", encoding="utf-8")
    assert policy.note(folder, [folder / "overrides"]) == ["assets/twin.js"]
    known = policy.read(folder)
    assert known.files == {**KNOWN.files, "assets/twin.js": policy.sha256(b"// other\n")}
    assert known.inline == KNOWN.inline


ACTIVE = {
    "an inline script": "<script>window.ran = 1</script>",
    "a handler": "<img src=x onerror='window.ran = 1'>",
    "a link": "<a id=go href='javascript:window.ran = 1'>x</a>",
    "a data script": "<script src='data:text/javascript,window.ran = 1'></script>",
    "a base": "<base href='http://127.0.0.1:9/'><script src='x.js'></script>",
    "a style": "<style>h1 { position: fixed; inset: 0; }</style>",
    "a style attribute": "<p id=cover style='position: fixed; inset: 0'>x</p>",
    "a frame": "<iframe srcdoc='<script>parent.ran = 1</script>'></iframe>",
    "an object": "<object data='http://127.0.0.1:9/x.html'></object>",
    "a form": "<form action='http://127.0.0.1:9/'><input name=x><button id=go>x</button></form>",
    "a picture": "<img src='http://127.0.0.1:9/x.png'>",
}


@pytest.mark.browser
@pytest.mark.parametrize("name", ACTIVE)
@pytest.mark.parametrize("is_kept", [True, False], ids=["with the policy", "without"])
def test_a_page_protects_itself_where_a_host_sends_no_headers(site: Built, address: str, page: Page, name: str, is_kept: bool) -> None:
    """Whatever active thing stood on a page, the policy in it keeps it from running, from covering and from asking; without, it acts."""
    text = (site.folder / "role.html").read_text(encoding="utf-8").replace("</h1>", f"</h1>{ACTIVE[name]}", 1)
    if not is_kept:
        text = text.replace(html.escape(in_page(site.folder / "role.html"), quote=True), "").replace("Content-Security-Policy", "x")
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    def has_asked() -> bool:
        return any(url.startswith("http://127.0.0.1:9/") for url in asked)

    def take_back(request: Request) -> None:
        if request.failure == "csp":  # was never sent
            asked.remove(request.url)

    page.on("request", note)
    page.on("requestfailed", take_back)
    page.route(f"{address}/role.html", lambda route: route.fulfill(body=text, content_type="text/html; charset=utf-8"))
    page.goto(f"{address}/role.html", wait_until="load")
    if page.locator("#go").count():
        page.locator("#go").click(no_wait_after=True)
        for _ in range(50):  # on a busy machine it takes its time
            page.wait_for_timeout(100)
            if is_kept or has_asked():
                break
    acted = (
        page.evaluate("window.ran === 1")
        or has_asked()
        or page.evaluate("[...document.querySelectorAll('h1, #cover')].some(e => getComputedStyle(e).position === 'fixed')")
    )
    page.unroute(f"{address}/role.html")
    page.remove_listener("request", note)
    page.remove_listener("requestfailed", take_back)
    assert acted is not is_kept
