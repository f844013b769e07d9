"""Ask Chromium about the doubtful cases of the link check's truth table; run by hand: `python tests/ask_chromium.py [words]`.

Serves the hostile web, opens every case whose name holds one of the words (none: all that a browser can be asked) and prints, beside
what tests/test_check_links.py expects, the status, the last address and `:target` that a reader gets.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from chromium import find

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
from hostile_web import HostileWeb
from playwright.sync_api import BrowserContext, Error, sync_playwright
from test_check_links import CASES, filled

SLOW = (
    "never",
    "drip",
    "huge",
    "bomb",
    "slow",
    "200 MB",
    "reset",
    "cut short",
    "for ever",
    "wait",
    "429",
    "page itself",
)  # whatever takes a browser long


def asked(context: BrowserContext, url: str) -> tuple[bool, str]:
    """Whether a reader arrives, and what the browser says."""
    page = context.new_page()
    try:
        response = page.goto(url, wait_until="load", timeout=5000)
        page.wait_for_timeout(300)  # for a refresh, and for scripts
        target = page.evaluate("document.querySelector(':target')?.outerHTML.slice(0, 40) ?? ''")
        status = response.status if response else 0
        wants = urlsplit(url).fragment.partition(":~:")[0]
        shown = page.evaluate("document.contentType")
        is_there = bool(target) or not wants or wants.lower() == "top" or shown != "text/html"
        return status < 400 and is_there, f"{status} {page.url} {target}"
    except Error as error:
        return False, error.message.splitlines()[0].rpartition(" at ")[0] or error.message.splitlines()[0]
    finally:
        page.close()


def main(words: list[str]) -> int:
    """Print the table; 0 whatever it says: people judge."""
    rows = []
    with tempfile.TemporaryDirectory() as folder, HostileWeb(Path(folder)) as web, sync_playwright() as playwright:
        arguments = ["--host-resolver-rules=MAP *.test 127.0.0.1", "--disable-background-networking", "--disable-quic"]
        as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=find(), args=arguments + as_root)
        context = browser.new_context(ignore_https_errors=True)  # the throw-away authority is not in its store
        ports = {"p": web.port, "s": web.tls_port, "l": web.legacy_port, "closed": 9}
        for case in CASES:
            url = filled(case.url, ports)
            is_chosen = any(word in case.name for word in words) if words else not any(word in f"{case.name} {url}" for word in SLOW)
            if is_chosen and url.lower().startswith(("http:", f"https://legacy.test:{web.legacy_port}")):
                arrives, said = asked(context, url)
                rows.append(arrives == (case.outcome in ("ok", "moved")))
                print(f"{'agree ' if rows[-1] else 'DIFFER'} {case.outcome:12} {case.name}: {said}", flush=True)
        browser.close()
    print(f"{len(rows)} cases, {rows.count(False)} differ")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
