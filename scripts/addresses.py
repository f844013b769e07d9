"""Where a link leads, read as a browser reads it (WHATWG URL), and whether its words say so."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import ada_url
from findings import Said, say
from publicsuffixlist import PublicSuffixList

HERE = "https://guide.invalid/a/b/c.html"
"""Stands for the page that holds a link; no other host can have this name (RFC 6761)."""

INSIDE = re.compile(r"/?((\.\.?|[a-z0-9-]+)/)*([a-z0-9-]+\.(html|md))?(\?[a-z]+=[a-z0-9_-]*)?(#[a-z0-9_-]*)?")
"""An address inside the site: plain words, so that every reader reads it alike. Chapters name .md, pages .html."""

NAMED = re.compile(r"(?:(?<=//)|(?<![\w@./-]))(?:[\w-]+\.)+[a-z]{2,}(?![\w-])", re.IGNORECASE)
"""What looks like a host in the words of a link; the list of public suffixes says whether it is one."""

WITHIN = re.compile(r"https?(:|%3a)|(=|%3d|/)(//|%2f%2f)", re.IGNORECASE)
"""Another address inside an address: what an open redirect needs."""

SHOWN = 60
"""Characters of an address that a message repeats."""


@lru_cache(maxsize=1)
def suffixes() -> PublicSuffixList:
    """Mozilla's list of public suffixes, as the library ships it; a suffix that is not on it is none."""
    return PublicSuffixList(accept_unknown=False)


@lru_cache(maxsize=4096)
def owner(host: str) -> str:
    """The part of a host that one owner has (`docs.example.co.uk` → `example.co.uk`); empty when there is none."""
    return suffixes().privatesuffix(host.lower().rstrip(".")) or ""


def _is_number(host: str) -> bool:
    """True for an IP address, however it is written: a browser takes a last label of digits for one."""
    last = host.rstrip(".").rsplit(".", 1)[-1]
    if last.isdigit() or last.startswith("0x"):
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def is_inside(address: str) -> bool:
    """True when an address stays in the site, whoever reads it."""
    return INSIDE.fullmatch(address) is not None


def judge(address: str, rules: Mapping[str, Any]) -> Said | None:
    """What is wrong with an address as it stands in a built page; None when nothing is.

    `rules` is the part `links` of allowed.yml: hosts that have no https, that stand for other hosts, that keep copies.
    """
    shown = address[:SHOWN]
    if is_inside(address):
        return None
    if re.search(r"[\x00-\x20\\\x7f]", address):
        return say("address_odd", address=ascii(shown)[1:-1])
    try:
        url = ada_url.URL(address, base=HERE)
    except ValueError:
        return say("address_unreadable", address=shown)
    scheme, host = url.protocol.rstrip(":"), url.hostname
    if scheme not in ("http", "https"):
        return say("address_scheme", scheme=scheme)
    if not address.startswith(f"{scheme}://"):
        return say("address_inside_odd", address=shown) if url.host == "guide.invalid" else say("address_no_scheme", address=shown)
    if not re.fullmatch(r"[a-z0-9.-]+", address.split("/")[2].split("?")[0].split("#")[0]) or url.username or url.password or url.port:
        return say("address_host", host=address.split("/")[2][:SHOWN])
    if _is_number(host) or not owner(host):
        return say("address_private", host=host[:SHOWN])
    if any(label.startswith("xn--") for label in host.split(".")):
        return say("address_alike", host=host[:SHOWN])
    if scheme == "http" and host not in rules["plain_http"]:
        return say("address_http", host=host)
    if owner(host) in rules["stand_for_others"] or host in rules["stand_for_others"]:
        return say("address_stands_for_another", host=host)
    if WITHIN.search(address, len(scheme) + 3) and host not in rules["keep_copies"]:
        return say("address_within", address=shown)
    return None


def misnamed(words: str, address: str) -> Iterator[Said]:
    """Hosts that the words of a link name and that it does not lead to; a link inside the site leads nobody astray."""
    if is_inside(address):
        return
    try:
        real = ada_url.URL(address, base=HERE).hostname
    except ValueError:
        real = ""
    for match in NAMED.finditer(unicodedata.normalize("NFKC", words)):
        told = match.group()
        if owner(told) and owner(told) != owner(real):
            yield say("link_misnamed", told=told, real=real)
