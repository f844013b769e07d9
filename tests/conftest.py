"""What the tests share: the built site, a server for it and a browser."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from chromium import find
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SETTINGS = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "SITE_URL": "", "REPO_URL": ""}


@dataclass(frozen=True)
class Built:
    """A built site and what the builder said about it."""

    folder: Path
    output: str

    def pages(self) -> list[Path]:
        """Every page of the guide; the error page is none."""
        return sorted(path for path in self.folder.rglob("*.html") if path.name != "404.html")

    def name(self, page: Path) -> str:
        """A page's path below the site."""
        return page.relative_to(self.folder).as_posix()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The guide as MkDocs builds it, strictly."""
    folder = tmp_path_factory.mktemp("mkdocs") / "site"
    done = subprocess.run(
        [BIN / "mkdocs", "build", "--strict", "--site-dir", folder], cwd=ROOT, env=SETTINGS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Built(folder, done.stdout + done.stderr)


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the base class's
        """Say nothing: the tests look at the browser's own log."""


@pytest.fixture(scope="session")
def address(site: Built) -> Iterator[str]:
    """The built site on a local HTTP server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_QuietHandler, directory=str(site.folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium, asked to make no request of its own."""
    path = find()
    assert path, "no Chromium: run `make test`, which installs one, or set CHROMIUM to its path"
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic"]
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=quiet + as_root)
        yield running
        running.close()
