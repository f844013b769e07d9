"""What the tests share: the built site, a server for it and a browser."""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import build_site
import pytest
from chapters import EDITIONS, read_chapter
from chromium import find
from filelock import FileLock
from guides import small_guide
from hypothesis import settings
from playwright.sync_api import Browser, CDPSession, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SETTINGS = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "SITE_URL": "", "REPO_URL": ""}


settings.register_profile("here", max_examples=40, deadline=None)
settings.register_profile("thorough", max_examples=1000, deadline=None)
THOROUGH = bool(os.environ.get("THOROUGH"))
"""Set once a week (.github/workflows/care.yml): more inputs are made up, and what looks alike is looked at one by one."""

settings.load_profile("thorough" if THOROUGH else "here")


def pytest_xdist_auto_num_workers() -> int:
    """As many processes as processors; one more costs a seventh of the time, since each drives a browser too."""
    return os.cpu_count() or 1


FIRST = (
    "test_site_axe",
    "test_build_site",
    "test_attacks.py",
    "test_site_browser",
    "test_site_search",
    "test_site_slow_line",
    "test_site_pages",
)
"""Files whose tests take longest: begun first, so that no process is left alone with one at the end. The first two wait for the site."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; their own order stays."""
    place = {name: rank for rank, name in enumerate(FIRST)}
    items.sort(key=lambda item: next((place[name] for name in FIRST if name in item.nodeid), len(FIRST)))


@dataclass(frozen=True)
class Built:
    """A built site: English at its root, Chinese below zh/; and the guide that it was built of."""

    folder: Path
    root: Path = ROOT

    def pages(self, edition: str = "") -> list[Path]:
        """Every page of the guide, or of one edition (`en`, `zh`); the error page is none."""
        found = sorted(path for path in self.folder.rglob("*.html") if path.name != "404.html")
        return [path for path in found if not edition or self.edition(path) == edition]

    def edition(self, page: Path) -> str:
        """The edition that a page belongs to."""
        return "zh" if page.is_relative_to(self.folder / "zh") else "en"

    def head(self, page: Path) -> Mapping[str, Any]:
        """The head of the chapter that a page was made of."""
        folder = EDITIONS[self.edition(page)]
        chapter, _ = read_chapter(self.root, folder, self.root / folder / f"{self.name(page).removeprefix('zh/').removesuffix('.html')}.md")
        return chapter.head

    def name(self, page: Path) -> str:
        """A page's path below the site."""
        return page.relative_to(self.folder).as_posix()


PAGES = [
    *("zh/index.html", "zh/certifications/catalogue.html", "zh/assessment.html", "zh/skills/systems.html"),
    *("index.html", "role.html", "glossary.html", "skills/modelling.html", "certifications/catalogue.html", "about/freshness.html"),
    *("assessment.html", "plan.html", "routes/backend-developer.html", "projects/model-behind-an-api.html", "projects/index.html"),
    *("hired/pay.html", "hired/questions/index.html", "hired/questions/systems.html", "hired/hiring.html"),
    *("hired/design/delivery-time.html", "zh/hired/design/delivery-time.html"),
]
"""One page of each kind."""

ADDRESS = "https://guide.example.org/ml/"
FORGE = "https://forge.example.org/team/guide"


def _once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], None]) -> Path:
    """A folder that is filled once, whatever number of processes runs the tests; it is there when it is whole."""
    own = factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = shared / name
    with FileLock(shared / f"{name}.lock"):
        if not (folder / "site").exists():
            build(folder)
    return folder


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The guide as it is built without any setting, both editions, as `make build` builds them."""
    return Built(_once(tmp_path_factory, "built", lambda folder: build_site.build(ROOT, folder / "site", SETTINGS)) / "site")


KINDS = {"careers": "careers", "community": "events", "certifications/catalogue": "certifications"}
"""Pages of the published guide, each with the records of a kind."""

ALONE = """---
title: 只有中文的一页
description: 这一页只有中文版，没有英文版对应，用来测试地址、站点地图和语言切换在这种情况下的写法，此外什么也不说，也没有别的用处。
verified: 2026-11-20
only: {reason: "测试用", nearest: careers.md}
---
# 只有中文的一页

## 接下来 { #next }

话。
"""


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A guide of few pages as it is built in two years, with a forge, for an address with a sub-path given without its last stroke."""

    def build(folder: Path) -> None:
        root = small_guide(folder, '{{ drawing("home") }}', {page: f'{{{{ catalogue("{kind}") }}}}' for page, kind in KINDS.items()})
        (root / "docs/zh/alone.md").write_text(ALONE, encoding="utf-8")
        settings = root / "mkdocs.zh.yml"
        settings.write_text(settings.read_text(encoding="utf-8").replace("nav: [", "nav: [alone.md, "), encoding="utf-8")
        later = int((datetime.now(UTC) + timedelta(days=800)).timestamp())
        build_site.build(
            root, folder / "site", {**SETTINGS, "SITE_URL": ADDRESS.rstrip("/"), "REPO_URL": FORGE, "SOURCE_DATE_EPOCH": str(later)}
        )

    folder = _once(tmp_path_factory, "published", build)
    return Built(folder / "site", folder)


class _QuietHandler(SimpleHTTPRequestHandler):
    headers_of_host: Sequence[str] = ()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the base class's
        """Say nothing: the tests look at the browser's own log."""

    def end_headers(self) -> None:
        """Add the headers that a host would take from the site's `_headers`."""
        for header in self.headers_of_host:
            self.send_header(*header.split(": ", 1))
        super().end_headers()


class _Server(ThreadingHTTPServer):
    request_queue_size = 64  # many pages at once


def serve(folder: Path, headers: Sequence[str] = ()) -> Iterator[str]:
    """A folder on a local HTTP server."""
    handler = type("Handler", (_QuietHandler,), {"headers_of_host": headers})
    server = _Server(("127.0.0.1", 0), partial(handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="session")
def address(site: Built) -> Iterator[str]:
    """The built site on a local HTTP server."""
    yield from serve(site.folder)


@pytest.fixture(scope="session")
def strict_address(site: Built) -> Iterator[str]:
    """The built site on a local HTTP server that sends the headers of its `_headers`."""
    first, *headers = (site.folder / "_headers").read_text(encoding="utf-8").splitlines()
    assert first == "/*"
    yield from serve(site.folder, [header.strip() for header in headers])


DESK: ViewportSize = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium, asked to make no request of its own."""
    path = find()
    assert path, "no Chromium: run `make test`, which installs one, or set CHROMIUM to its path"
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic"]
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=quiet + as_root)
        running.new_page().close()  # it has begun when this is done
        yield running
        running.close()


def _opened(browser: Browser, errors: list[str]) -> Page:
    page = browser.new_context(viewport=DESK, accept_downloads=True).new_page()
    page.on("pageerror", lambda error: errors.append(error.stack or str(error)))
    return page


def _of_the_guide(errors: Sequence[str]) -> list[str]:
    """The errors of the guide's own scripts; the theme's stumble where storage is refused."""
    return [error for error in errors if re.search(r"assets/(?!javascripts)", error)]


@pytest.fixture
def fresh_page(browser: Browser) -> Iterator[Page]:
    """A page of its own in a browser that remembers nothing from before, on a desk; no script of the guide may fail on it."""
    errors: list[str] = []
    page = _opened(browser, errors)
    yield page
    page.context.close()
    assert _of_the_guide(errors) == []


@pytest.fixture(scope="module")
def shared(browser: Browser) -> Iterator[tuple[Page, CDPSession, list[str]]]:
    """One page for the tests of a file: to open a new one costs more than most of them do."""
    errors: list[str] = []
    page = _opened(browser, errors)
    yield page, page.context.new_cdp_session(page), errors
    page.context.close()


@pytest.fixture
def page(shared: tuple[Page, CDPSession, list[str]], address: str) -> Iterator[Page]:
    """As `fresh_page`, but shared: what one test left in the browser is gone before the next. Scripts and listeners would stay."""
    page, session, errors = shared
    page.goto("about:blank")
    for origin in (address, "file://"):
        session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage"})
    page.emulate_media(media="screen")
    page.set_viewport_size(DESK)
    errors.clear()
    yield page
    assert _of_the_guide(errors) == []


def until(page: Page, condition: str, seconds: float = 20) -> None:
    """Wait until an expression holds in a page; the browser's own way of waiting is forbidden by the site's policy."""
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        page.wait_for_timeout(20)
