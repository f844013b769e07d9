"""Links that may not open in mainland China, marked in words on the Chinese pages.

The hosts are records, docs/data/mainland.yml, each with its sources and the day. The mark is set on the built pages, of either engine:
so that it stands beside every such link, those that records and the heads of chapters bring too, and nobody has to think of it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from catalogue import Catalogue

MARK = '<span class="mle-abroad">（境内可能打不开）</span>'
"""What stands behind such a link: words, and no more than is known."""

ARTICLE = re.compile(r"<article\b.*</article>", re.DOTALL)
LINK = re.compile(
    r"""<a\b(?:[^>"']|"[^"]*"|'[^']*')*?\shref=(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))(?:[^>"']|"[^"]*"|'[^']*')*>.*?</a>""", re.DOTALL
)


def hosts_of(records: Catalogue) -> frozenset[str]:
    """The hosts of all records."""
    return frozenset(host for record in records.kinds["mainland"] for host in record.hosts)


def may_not_open(address: str, hosts: Iterable[str]) -> bool:
    """True when an address leads to one of the hosts, or to a host below one of them."""
    host = urlsplit(address).hostname or ""
    return any(host == one or host.endswith(f".{one}") for one in hosts)


def mark_links(site: Path, hosts: Iterable[str]) -> None:
    """Mark the links in the text of every page of an edition."""
    hosts = frozenset(hosts)

    def marked(link: re.Match[str]) -> str:
        address = html.unescape(link[1] or link[2] or link[3] or "")
        return link[0] + MARK if may_not_open(address, hosts) else link[0]

    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        path.write_text(ARTICLE.sub(lambda article: LINK.sub(marked, article[0]), text), encoding="utf-8")
