"""What a host needs beside the pages: which scripts may run, and what search engines may read.

Reads a built site; writes `_headers` and `_redirects` (the form that Netlify, Cloudflare Pages and others take) and `robots.txt`
into it, and the policy into every page, for hosts that send no headers of ours. build_site.py runs it at the end of every build.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from policy import Policy

CHARSET = re.compile(r'<meta charset="?utf-8"?>')
"""What the policy stands behind: before it there is nothing that a page could load or run."""

MOVED = {
    "hired.html": "hired/index.html",
    "certifications/azure.html": "certifications/index.html#azure",
    "certifications/google-cloud.html": "certifications/index.html#google-cloud",
    "certifications/aws.html": "certifications/index.html#aws",
    "certifications/others.html": "certifications/index.html#others",
    "certifications/choosing.html": "certifications/index.html#choosing",
}
"""Pages that are gone, and the section that took them in; both editions have the same."""


def write_policy(site: Path, policy: str) -> None:
    """Put the policy into the head of every page; raises `ValueError` for a page that has no place for it."""
    meta = f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">'
    for page in site.rglob("*.html"):
        text, times = CHARSET.subn(lambda charset: charset.group() + meta, page.read_text(encoding="utf-8"), count=1)
        if not times:
            raise ValueError(f"{page}: found no <meta charset>, expected one to put the policy behind")
        page.write_text(text, encoding="utf-8")


def write_host_files(site: Path, site_url: str, policy: Policy) -> None:
    """Write `_headers`, `_redirects`, `robots.txt` and each page's own policy; sitemaps are named only where the site has an address."""
    headers = (
        f"Content-Security-Policy: {policy.text(site_url)}",
        "Permissions-Policy: camera=(), geolocation=(), microphone=()",
        "Referrer-Policy: no-referrer",
        "X-Content-Type-Options: nosniff",
    )
    (site / "_headers").write_text("/*\n" + "".join(f"  {header}\n" for header in headers), encoding="utf-8")
    moves = [f"/{place}{old} /{place}{new} 301\n" for place in ("", "zh/") for old, new in MOVED.items()]
    (site / "_redirects").write_text("".join(moves), encoding="utf-8")
    sitemaps = [f"Sitemap: {site_url}{folder}sitemap.xml" for folder in ("", "zh/")] if site_url else []
    (site / "robots.txt").write_text("\n".join(["User-agent: *", "Allow: /", *sitemaps, ""]), encoding="utf-8")
    write_policy(site, policy.text(site_url, in_page=True))
