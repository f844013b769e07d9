"""What a host needs beside the pages: which scripts may run, and what search engines may read.

Reads a built site; writes `_headers` (the form that Netlify, Cloudflare Pages and others take) and `robots.txt` into it.
build_site.py runs it at the end of every build.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

INLINE = re.compile(r"<script(?P<attributes>[^>]*)>(?P<text>.*?)</script>", re.DOTALL)


def inline_scripts(pages: Iterable[Path]) -> set[str]:
    """The text of every script that stands in a page and would run; data (`application/json`) do not run."""
    return {
        match["text"]
        for page in pages
        for match in INLINE.finditer(page.read_text(encoding="utf-8"))
        if "src=" not in match["attributes"] and "json" not in match["attributes"]
    }


def policy(site: Path) -> str:
    """The Content-Security-Policy that the site runs under: its own files, and inline scripts by their hash (CSP level 3)."""
    hashes = sorted(base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inline_scripts(site.rglob("*.html")))
    scripts = " ".join(["'self'", *(f"'sha256-{value}'" for value in hashes)])
    others = "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return f"default-src 'self'; script-src {scripts}; {others}"


def write_host_files(site: Path, site_url: str) -> None:
    """Write `_headers` and `robots.txt` into the site; sitemaps are named only where the site has an address."""
    headers = (
        f"Content-Security-Policy: {policy(site)}",
        "Permissions-Policy: camera=(), geolocation=(), microphone=()",
        "Referrer-Policy: no-referrer",
        "X-Content-Type-Options: nosniff",
    )
    (site / "_headers").write_text("/*\n" + "".join(f"  {header}\n" for header in headers), encoding="utf-8")
    sitemaps = [f"Sitemap: {site_url}{folder}sitemap.xml" for folder in ("", "zh/")] if site_url else []
    (site / "robots.txt").write_text("\n".join(["User-agent: *", "Allow: /", *sitemaps, ""]), encoding="utf-8")
