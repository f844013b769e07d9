"""The build of both editions: whole or not at all, at the address that was set, with what a host needs."""

from __future__ import annotations

import json
import re
import struct
import threading
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import build_site
import draw_preview
import pytest
from conftest import ADDRESS, FORGE, SETTINGS, Built
from guides import small_guide
from lxml import html
from mkdocs.livereload import LiveReloadServer


def test_each_page_names_itself_and_its_twin(published: Built) -> None:
    """Canonical address, alternates and preview lead to files of the site, and agree in both editions."""
    for page in published.pages():
        tree = html.fromstring(page.read_bytes())
        own = ADDRESS + published.name(page)
        english = own.replace("/ml/zh/", "/ml/")
        assert tree.xpath("//link[@rel='canonical']/@href") == [own]
        assert tree.xpath("//meta[@property='og:url']/@content") == [own]
        alternates = {link.get("hreflang"): link.get("href") for link in tree.xpath("//link[@rel='alternate']")}
        chinese = english.replace("/ml/", "/ml/zh/")
        is_alone = "only" in published.head(page)
        assert alternates == ({} if is_alone else {"en": english, "zh-Hans": chinese, "x-default": english})
        for address in alternates.values():
            assert (published.folder / urlsplit(address).path.removeprefix("/ml/")).is_file(), address


def test_each_page_names_the_preview_picture(published: Built) -> None:
    """Pages of both editions name one picture by its whole address; it is a PNG of the size that previews are cut to."""
    named = {
        (image, card)
        for page in published.pages()
        for tree in [html.fromstring(page.read_bytes())]
        for image in tree.xpath("//meta[@property='og:image']/@content")
        for card in tree.xpath("//meta[@name='twitter:card']/@content")
    }
    assert named == {(ADDRESS + draw_preview.PLACE, "summary_large_image")}
    png = (published.folder / draw_preview.PLACE).read_bytes()
    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">II", png[16:24]) == draw_preview.SIZE


def test_the_preview_shows_the_drawing(published: Built, tmp_path: Path) -> None:
    """Without the drawing's dots the picture would be another; without a drawing there is none, and the message says what is missing."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/guide.css").write_bytes((published.folder / "assets/guide.css").read_bytes())
    page = (published.folder / "index.html").read_text(encoding="utf-8")
    (tmp_path / "index.html").write_text(re.sub(r"<circle[^>]*>", "", page), encoding="utf-8")
    draw_preview.draw_preview(tmp_path)
    assert (tmp_path / draw_preview.PLACE).stat().st_size < 0.7 * (published.folder / draw_preview.PLACE).stat().st_size
    (tmp_path / "index.html").write_text("<p>nothing</p>", encoding="utf-8")
    with pytest.raises(ValueError, match="found no drawing"):
        draw_preview.draw_preview(tmp_path)


def test_the_guide_invents_no_address(site: Built) -> None:
    """Without an address, no page names one, and robots.txt names no sitemap."""
    for page in site.pages():
        tree = html.fromstring(page.read_bytes())
        assert tree.xpath("//link[@rel='canonical' or @rel='alternate'] | //meta[@property='og:url' or @property='og:image']") == []
    assert (site.folder / "robots.txt").read_text(encoding="utf-8") == "User-agent: *\nAllow: /\n"


def test_the_error_page_works_from_any_depth(published: Built) -> None:
    """404.html is shown at addresses of any depth, so all that it loads and the ways out stand below the site's path."""
    for edition in ("", "zh/"):
        tree = html.fromstring((published.folder / f"{edition}404.html").read_bytes())
        addresses = [
            a for a in tree.xpath("//link/@href | //script/@src | //nav//a/@href | //data/@value") if not a.startswith(("#", FORGE))
        ]
        assert addresses
        assert [address for address in addresses if not address.startswith(f"/ml/{edition}")] in ([], ["/ml/zh/../index.html"])


def test_robots_and_sitemaps_name_every_page(published: Built) -> None:
    """robots.txt names both sitemaps, and they list every page of their edition."""
    robots = (published.folder / "robots.txt").read_text(encoding="utf-8")
    sitemaps = re.findall(r"^Sitemap: (.+)$", robots, re.MULTILINE)
    assert sitemaps == [f"{ADDRESS}sitemap.xml", f"{ADDRESS}zh/sitemap.xml"]
    listed = [
        address
        for sitemap in sitemaps
        for address in re.findall("<loc>(.+?)</loc>", (published.folder / sitemap.removeprefix(ADDRESS)).read_text(encoding="utf-8"))
    ]
    assert sorted(listed) == sorted(ADDRESS + published.name(page) for page in published.pages())


def test_the_switches_of_the_theme_are_valid_html(site: Built) -> None:
    """`autocomplete` stands only on fields of text, in no page on a switch."""
    for page in site.pages():
        switches = html.fromstring(page.read_bytes()).xpath("//input[@type='checkbox' and contains(@class, 'md-toggle')]")
        assert len(switches) >= 2, site.name(page)
        assert [switch for switch in switches if switch.get("autocomplete")] == [], site.name(page)


def test_the_search_index_is_utf8(site: Built) -> None:
    """The Chinese index holds Chinese characters, and its copy for the disk says the same."""
    text = (site.folder / "zh/search/search_index.json").read_text(encoding="utf-8")
    assert "机器\u200b学习" in text
    assert "\\u6" not in text  # a Chinese character as an ASCII escape
    script = (site.folder / "zh/search/search_index.js").read_text(encoding="utf-8")
    assert json.loads(script.removeprefix("var __index = ")) == json.loads(text)


def test_a_failed_build_leaves_the_old_site(tmp_path: Path) -> None:
    """When one edition cannot be built, the error names the record once, and the site that stood there still stands."""
    root = small_guide(tmp_path / "guide", "{{ skills_table() }}")
    (root / "site").mkdir()
    (root / "site/index.html").write_text("old", encoding="utf-8")
    skills = root / "docs/data/skills.yml"
    skills.write_text(skills.read_text(encoding="utf-8").replace("group: systems", "group: sistems", 1), encoding="utf-8")
    with pytest.raises(build_site.BuildError) as caught:
        build_site.build(root, root / "site", SETTINGS)
    assert str(caught.value).count('group: found "sistems"') == 1
    assert (root / "site/index.html").read_text(encoding="utf-8") == "old"
    assert list(root.glob(".site-*")) == []


def test_the_command_says_what_to_open_or_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Built: what to open, and 0. Not built: what the builder said, and 1. With --serve: the server is asked for."""
    root = tmp_path / "guide"
    monkeypatch.setattr(build_site, "ROOT", root)
    built: list[tuple[Path, Path]] = []
    monkeypatch.setattr(build_site, "build", lambda *places: built.append(places))
    assert build_site.main([]) == 0
    assert built == [(root, root / "site")]
    assert "site/zh/index.html" in capsys.readouterr().out
    served: list[tuple[Path, int]] = []
    monkeypatch.setattr(build_site, "serve", lambda root, port: served.append((root, port)))
    assert build_site.main(["--serve", "8123"]) == 0
    assert served == [(root, 8123)]

    def fail(*_: object) -> None:
        raise build_site.BuildError("docs/data/skills.yml:3: wrong")

    monkeypatch.setattr(build_site, "build", fail)
    assert build_site.main([]) == 1
    assert "docs/data/skills.yml:3: wrong" in capsys.readouterr().err


def test_serving_builds_again_when_a_page_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The served site follows a change of a chapter; a chapter that does not build leaves the last good site."""
    root = small_guide(tmp_path / "guide")
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("webbrowser.open", lambda _url: True)
    build_site.build(root, root / "site")
    servers: list[LiveReloadServer] = []

    class Server(LiveReloadServer):
        def __init__(self, *given: object) -> None:
            super().__init__(*given)  # type: ignore[arg-type]  # whatever serve() gives
            servers.append(self)

    monkeypatch.setattr(build_site, "LiveReloadServer", Server)
    thread = threading.Thread(target=build_site.serve, args=(root, 0), daemon=True)
    thread.start()
    wait_until(lambda: bool(servers) and servers[0].serve_thread.is_alive())
    address = f"http://127.0.0.1:{servers[0].server_address[1]}"
    page = root / "docs/zh/plan.md"
    sound = page.read_text(encoding="utf-8")
    time.sleep(1)  # the watcher looks at times of files, in steps
    page.write_text(sound.replace("Words.", "他的计划"), encoding="utf-8")
    wait_until(lambda: "他的计划" in fetch(f"{address}/zh/plan.html"))
    time.sleep(1)
    capfd.readouterr()
    page.write_text(sound + "\n{{ nope() }}\n", encoding="utf-8")
    wait_until(lambda: "nope" in "".join(capfd.readouterr()))
    assert "他的计划" in fetch(f"{address}/zh/plan.html")
    servers[0].shutdown()
    thread.join(timeout=20)
    assert not thread.is_alive()


def fetch(address: str) -> str:
    """The text at an address; nothing while the new site takes the place of the old one."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310  our own server
            return str(answer.read().decode())
    except OSError:
        return ""


def wait_until(holds: object, seconds: float = 60) -> None:
    """Wait until a condition holds; fail after some time."""
    assert callable(holds)
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.2)
