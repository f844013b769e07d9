"""Where a link leads, read as a browser reads it (WHATWG URL), and whether its words say so."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import ada_url
from findings import Said, say
from publicsuffixlist import PublicSuffixList

HERE = "https://guide.invalid/a/b/c.html"
"""Stands for the page that holds a link; no other host can have this name (RFC 6761)."""

INSIDE = re.compile(
    r"/?((\.\.?|[a-z0-9-]+)/)*([a-z0-9-]+\.(html|md)|kits/[a-z0-9-]+\.zip|ads/[a-z0-9-]+\.(csv|txt))?(\?[a-z]+=[a-z0-9_-]*)?(#[a-z0-9_-]*)?"
)
"""An address inside the site: plain words, so that every reader reads it alike. Chapters name .md, pages .html; kits are packed."""

ODD = re.compile(r"[\x00-\x20\"<>\\^`{|}\x7f]")
"""What an address never holds as it is (RFC 3986)."""

LETTERS = "A-Za-zÀ-ɏ0-9@:/.%_-"
WRITTEN = re.compile(f"[{LETTERS}]+")
"""What may be an address in the words of a link: a run of the letters that hosts, user names and paths are made of."""

PARTED = re.compile(r"(?<!\s)\s++(?=\.[a-z])|(?<=[a-z0-9]\.)\s++(?=[a-z]+(?:/|$))")
"""Blanks beside the full stop of a host, which the eye passes over: `github .com`, `github. com/`."""

FULL_STOPS = str.maketrans("。｡", "..")
"""What browsers take for a full stop in a host, as they do after NFKC (UTS #46)."""

WITHIN = re.compile(r"[/\\]{2}|https?:|javascript:|[=/]data:|aHR0c")
"""Another address inside an address, once it is decoded (aHR0c: `http` in base64): what an open redirect needs."""

GIVEN = re.compile(r"[?&#;][^?&#;=]*=([A-Za-z0-9.-]+\.[a-z]+)(?![A-Za-z0-9.-])")
"""A value of a query that may be a host."""

INNER = frozenset({"cn", "com", "edu", "gov", "io", "net", "org"})
"""Endings of hosts that, in the middle of a longer host, make it look like the shorter one: `github.com.evil.example`."""

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
    if ODD.search(address):
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
    before_path = address.split("/")[2]
    if not re.fullmatch(r"[a-z0-9.-]+([?#][^@]*)?", before_path) or url.username or url.password or url.port:
        return say("address_host", host=before_path[:SHOWN])
    if _is_number(host) or not owner(host):
        return say("address_private", host=host[:SHOWN])
    own = owner(host)
    if any(label.startswith("xn--") for label in host.split(".")) or _has_another_in_front(host.removesuffix(own)):
        return say("address_alike", host=host[:SHOWN])
    if scheme == "http" and host not in rules["plain_http"]:
        return say("address_http", host=host)
    labels = host.rstrip(".").split(".")
    if any(".".join(labels[start:]) in rules["stand_for_others"] for start in range(len(labels))):
        return say("address_stands_for_another", host=host)
    if host not in rules["keep_copies"] and _holds_another(address[len(scheme) + 3 :]):
        return say("address_within", address=shown)
    return None


def _has_another_in_front(labels: str) -> bool:
    """True when what stands before the part that an owner has is a host by itself, with one of the usual endings."""
    before = labels.strip(".")
    return before.rpartition(".")[2] in INNER and bool(owner(before))


def _holds_another(rest: str) -> bool:
    """True when the part of an address behind its scheme names another address or host, however often it is percent-encoded."""
    for _ in range(DECODED):
        rest = unquote(rest)
    return WITHIN.search(rest) is not None or any(owner(match.group(1)) for match in GIVEN.finditer(rest))


DECODED = 3
"""Times that an address may have been encoded."""


def hosts_in(words: str) -> Iterator[str]:
    """What reads like a host in some words; Mozilla's list says which endings hosts have."""
    plain = PARTED.sub("", unicodedata.normalize("NFKC", words).translate(FULL_STOPS))
    for run in WRITTEN.findall(plain):
        for part in run.split("//"):
            for told in re.split("[:@%]", part.lstrip("/").partition("/")[0].lower()):
                host = told.strip("._-")
                if owner(host) or ("." in host and suffixes().publicsuffix(host) == host):
                    yield host


def misnamed(words: Iterable[str], address: str) -> Iterator[Said]:
    """Hosts that the words of a link name and that it does not lead to; a link inside the site leads nobody astray."""
    if is_inside(address):
        return
    try:
        real = ada_url.URL(address, base=HERE).hostname
    except ValueError:
        real = ""
    for told in dict.fromkeys(host for part in words for host in hosts_in(part)):
        if (owner(told) or told) not in (owner(real), real) and not real.endswith(f".{told}"):
            yield say("link_misnamed", told=told, real=real)
