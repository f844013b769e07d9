"""Photograph every page of the built site into build/screenshots/, and write an index to look at.

Phone (390 px) and desk (1440 px), light and dark; `make screenshots` runs it on site/.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from chromium import find
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
WIDTHS = {"phone": (390, 844), "desk": (1440, 900)}


def main() -> int:
    """Take the pictures; exit 2 when nothing is built."""
    site, target = ROOT / "site", ROOT / "build/screenshots"
    pages = sorted(path for path in site.rglob("*.html") if path.name != "404.html")
    if not pages:
        print("site/: found no page, expected a built site; run: make build", file=sys.stderr)
        return 2
    target.mkdir(parents=True, exist_ok=True)
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=["--disable-background-networking", *as_root])
        for size, (width, height) in WIDTHS.items():
            for scheme in ("light", "dark"):
                context = browser.new_context(
                    viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light"
                )
                tab = context.new_page()
                for path in pages:
                    name = path.relative_to(site).with_suffix("").as_posix().replace("/", "--")
                    tab.goto(path.as_uri(), wait_until="load")
                    tab.screenshot(path=target / f"{name}.{size}.{scheme}.png", full_page=True)
                    picture = f"{name}.{size}.{scheme}.png"
                    rows.append(f'<a href="{picture}"><img loading="lazy" width="260" src="{picture}" alt="{picture}"></a>')
                context.close()
        browser.close()
    (target / "index.html").write_text(f'<!doctype html><meta charset="utf-8"><title>Screenshots</title>{"".join(rows)}', encoding="utf-8")
    print(f"{len(rows)} pictures; open {(target / 'index.html').relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
