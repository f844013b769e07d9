"""Ask web addresses politely and judge the answers: the part that talks to the network.

`ask()` takes URLs and hands a `Verdict` for each to a callback as soon as it is known. It reads no file and prints nothing.
The way of one link: `address` (how a browser would write it) → `_visit` (its redirects) → `_fetch` (each address once a run,
however many links lead to it) → `_once` (one request, when its host may be asked again) → `judge` (what the last answer means).
Every link is asked with GET, as readers do: what hosts say to HEAD is often not what a reader sees.
"""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import errno
import http
import ipaddress
import os
import random
import re
import socket
import ssl
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import ada_url

from . import client, pages

AGENT = "link-check/2 ({}a link checker that people run; asks each page once)"
MAX_REDIRECTS = 20  # hops; where browsers stop
MAX_BODY = 5 * 2**20  # bytes of a page, packed and unpacked, read in search of its anchors; long manuals have 1 to 3 MiB
PEEK, PEEK_SECONDS = 64 * 2**10, 2.0  # as much of a page whose anchors nobody asks for: enough to see a refresh or a bot wall
BODIES_AT_ONCE = 16  # pages held in memory at once: 16 × MAX_BODY bounds what hostile pages can cost
LOOKUPS_AT_ONCE = 16  # name look-ups under way, each in a thread of its own for as long as it takes
SILENT_LINKS = 3  # links that get no answer, from a host that never gave one, before its other links are left for another day
LIMITED_LINKS = 3  # links in a row that end in 429 before the host is left alone
MAX_CHAIN = 3  # certificates fetched to complete a chain; two are already rare
CONTROL_NAMES = ("example.com", "iana.org")  # names that exist as long as the internet does: if they do not resolve, we are cut off
SAMPLED_NAMES = 10  # names of the run's own hosts that are looked up beside those before anything is asked

OUT_OF_TIME = "the time for the whole run was over; the next run asks it"
REDIRECTS, PERMANENT = frozenset({301, 302, 303, 307, 308}), frozenset({301, 308})
REFUSED = {401: "asks for a login", 402: "asks for money", 403: "", 405: "", 406: "", 407: "", 451: "", 999: "LinkedIn's way to refuse"}
HEALS = frozenset({408, 425, 429, 500, 502, 503, 504, *range(520, 528), 529, 530})  # 52x, 530: proxies whose origin failed
FAILURES = {  # no answer: what it was → (outcome, whether it may heal within the run)
    "name": ("broken", False),
    "name service": ("unreachable", True),
    "certificate": ("broken", False),
    "issuer": ("unreachable", False),  # browsers may know it: they remember what other hosts have sent
    "private": ("refused", False),
    "timeout": ("unreachable", True),
    "reset": ("unreachable", True),
    "closed port": ("unreachable", False),
    "no route": ("unreachable", False),
    "proxy": ("unreachable", False),
    "tls": ("unreachable", False),
    "not asked": ("unreachable", False),
    "odd": ("unreachable", False),
    "defect": ("refused", False),  # of this program: somebody must hear of it
}
NOT_HEARD = frozenset({"name", "no route", "proxy", "name service", "timeout", "private", "not asked"})  # no sign of life

PHRASES = {status.value: f"{status.value} {status.phrase}" for status in http.HTTPStatus}
LOGIN = re.compile(  # a place where one logs in: by its host, or by a path of which no part speaks of anything else
    r"https?://(?:(?:login|signin|sso|accounts|auth|idp)\.[^/]*/|[^/]*/(?:(?:users?|accounts?|auth|oauth2?|sessions?|members?|my|id|identity|sso|app"
    r"|admin|portal|customer|[a-z]{2}(?:[-_]\w{2,4})?)/){0,3}(?:wp-)?(?:log-?in|sign-?in|sign_in|logon|sso|authenticate|authorize)(?:\.\w+)?/?(?:[?;]|$))",
    re.IGNORECASE,
)
ABOUT_LOGINS = re.compile(r"/(docs?|documentation|guides?|help|manuals?|reference|api|learn|tutorials?|blog|wiki)/", re.IGNORECASE)
HOME = re.compile(r"/?((de|en|es|fr|it|ja|ko|pt|ru|zh)([-_]\w{2,4})?/?)?((index|home|default)(\.\w+)?)?", re.IGNORECASE)
SCRIPTED = re.compile(  # fragments that scripts read: routes, lines of code, states of a page
    r"[!/].*|.*[=&].*|L\d+(C\d+)?([-:]L?\d+(C\d+)?)?|lines?-?\d+([-:,]\d+)*|diff-[0-9a-f]{32,}.*", re.IGNORECASE
)
NO_ISSUER = (20, 21)  # OpenSSL's words for a certificate whose issuer's is neither sent nor known
ISSUER = re.compile(rb"\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02\x86([\x01-\x7f])")  # where a certificate says its issuer's is (RFC 5280)

Lookup = Callable[[str], Iterable[str]]
"""Gives the IP addresses of a host name, or raises `OSError`."""


class NoNetwork(Exception):  # noqa: N818  it says what is, and is no programming error
    """Nothing can be said of the net from here."""


class PrivateAddress(OSError):  # noqa: N818  it says what is
    """A name leads to an address that is not on the open internet."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the web is asked; the defaults are the polite ones."""

    timeout: float = 20.0  # seconds for one request, body included; as long as a patient reader
    per_host: int = 1  # requests at once to a host
    pause: float = 0.5  # seconds between the starts of two requests to a host
    max_connections: int = 128  # requests at once in all
    tries: int = 3  # times an address is asked when what failed may heal
    backoff: float = 1.0  # seconds before the second try, doubled for the third, each times 0.5 to 1.5
    max_wait: float = 60.0  # seconds that a host may make us wait (Retry-After); who asks for more is left for another day
    budget: float = 1800.0  # seconds for the whole run, all waits and tries included
    allow_private: bool = False
    agent: str = AGENT.format("")
    accept: frozenset[int] = frozenset()  # statuses that count as ok
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # what a host is told besides


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a link: ok, moved, broken, refused or unreachable, and why. The warning of an ok link: what was not looked at."""

    outcome: str
    reason: str = ""
    moved_to: str = ""
    warning: str = ""
    status: int = 0
    etag: str = ""
    modified: str = ""


class Settled(Exception):  # noqa: N818  no error
    """Carries the verdict of a link that is not to be asked, or not further."""

    def __init__(self, outcome: str, reason: str, warning: str = "") -> None:
        super().__init__(reason)
        self.verdict = Verdict(outcome, reason, warning=warning)


@dataclass(slots=True)
class Answer:
    """One answer of a host, or why there was none (`failure`, a key of FAILURES)."""

    status: int = 0
    failure: str = ""
    reason: str = ""
    location: str = ""
    is_refresh: bool = False
    retry_after: float | None = None
    is_bot_wall: bool = False
    cookies: tuple[str, ...] = ()
    page: pages.Foreign | None = None  # None: not looked for, or no HTML
    unread: str = ""  # why the rest of the page was not read, if so
    etag: str = ""
    modified: str = ""

    @property
    def may_heal(self) -> bool:
        return FAILURES[self.failure][1] if self.failure else self.status in HEALS and not self.is_bot_wall


@dataclass(slots=True)
class Host:
    """What is known of a host while the run lasts; times are those of `time.monotonic`."""

    slots: asyncio.Semaphore
    next_start: float = 0.0
    quiet_until: float = 0.0
    has_answered: bool = False
    silent_links: int = 0
    limited_links: int = 0
    closed: str = ""  # why it is not asked any more in this run


@dataclass(slots=True)
class Job:
    """One address and the links that lead to it: each as it was given, with its fragment."""

    address: str
    links: list[tuple[str, str]] = field(default_factory=list)
    validators: tuple[str, str] = ("", "")
    wants_anchors: bool = False


@dataclass(slots=True)
class Trail:
    """Where the redirects of an address ended."""

    answer: Answer
    end: str
    moved_to: str  # the last address that permanent redirects alone lead to
    has_own_fragment: bool  # a redirect named a place of its own, which replaces the link's


# -- addresses -----------------------------------------------------------------------------------


def is_private(ip: str) -> bool:
    """True for an address that is not on the open internet, also when it is wrapped in an IPv6 form."""
    number: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(ip.partition("%")[0])
    if isinstance(number, ipaddress.IPv6Address):
        is_nat64 = number in ipaddress.IPv6Network("64:ff9b::/96")
        number = number.ipv4_mapped or number.sixtofour or (ipaddress.IPv4Address(int(number) & 0xFFFFFFFF) if is_nat64 else number)
    return not number.is_global or number.is_multicast or number.is_reserved


def is_ip(host: str) -> bool:
    """True for a host that needs no look-up."""
    return ":" in host or host.replace(".", "").isdigit()


def address(url: str, allow_private: bool, base: str = "") -> tuple[str, str]:
    """Write a URL the way a browser sends it: the address to ask, and the fragment, both so that nothing but ASCII is left.

    Raises `Settled` for one that must not be asked or that no browser could open.
    """
    url = url.strip()
    scheme = re.match(r"([a-z][a-z0-9+.-]*):", url, re.IGNORECASE)
    try:
        if base:
            url = ada_url.join_url(base, url)
        elif not scheme and not url.startswith("//"):
            raise Settled("refused", "not a web address: it has no scheme")
        elif not scheme:
            url = f"https:{url}"
        parts = ada_url.parse_url(url, ("href", "protocol", "username", "password", "hostname"))
    except ValueError:  # UnicodeError is one too
        raise Settled("broken", "not a web address: no browser could open it") from None
    name = parts["protocol"].rstrip(":")
    if name not in ("http", "https"):
        if name in ("ftp", "file"):
            raise Settled("refused", f"the scheme {name}: is not asked")
        if difflib.get_close_matches(name, ("http", "https"), 1, 0.75):
            raise Settled("broken", f"not a web address: the scheme {name}: does not exist")
        raise Settled("ok", f"{name}: is opened by a program of the reader's", "not asked")
    if parts["username"] or parts["password"]:
        raise Settled("refused", "it holds a user name or password and was not asked; take them out")
    bare = parts["hostname"].strip("[]")
    if not allow_private and is_ip(bare) and is_private(bare):
        raise Settled("refused", f"{bare} is a private address and was not asked (--allow-private asks it)")
    asked, _, fragment = parts["href"].partition("#")
    return asked, fragment


def jobs_of(urls: Mapping[str, tuple[str, str]], allow_private: bool, report: Callable[[str, Verdict], None]) -> list[Job]:
    """One job for each distinct address; links that are not to be asked are reported at once."""
    jobs: dict[str, Job] = {}
    for url, validators in urls.items():
        try:
            asked, fragment = address(url, allow_private)
        except Settled as settled:
            report(url, settled.verdict)
            continue
        job = jobs.setdefault(asked, Job(asked, validators=validators))
        job.links.append((url, fragment))
        job.wants_anchors = job.wants_anchors or bool(anchor_of(fragment))
        if job.validators != validators:
            job.validators = ("", "")  # one of its links is new: the page must be seen
    return list(jobs.values())


def anchor_of(fragment: str) -> str:
    """The anchor that a page must have for this fragment, or nothing for the top of the page and text directives (`:~:text=`)."""
    name = fragment.partition(":~:")[0]
    return "" if name.lower() == "top" else name


def host_of(url: str) -> str:
    """The host of an address that `address` has written; its port belongs to it where it is not the usual one."""
    return url.split("/", 3)[2]


def site_of(host: str) -> str:
    """The part of a host name that one owner has, near enough: two labels, or three below the likes of co.uk."""
    labels = host.partition(":")[0].split(".")
    return ".".join(labels[-3 if len(labels[-1]) == 2 and len(labels[-2:][0]) <= 3 else -2 :])


def system_lookup(host: str) -> Iterable[str]:
    """The IP addresses that this machine knows for a name, in the order in which to try them."""
    return dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))


def system_proxies() -> dict[str, str]:
    """The proxies that the system or its environment names, by scheme; raises `NoNetwork` for one that cannot be used."""
    if sys.platform not in ("darwin", "win32") and not any(name.lower().endswith("_proxy") for name in os.environ):
        return {}
    from urllib.request import getproxies

    proxies = {
        scheme: proxy if "//" in proxy else f"http://{proxy}" for scheme, proxy in getproxies().items() if scheme in ("http", "https")
    }
    for scheme, proxy in proxies.items():
        try:
            is_usable = urlsplit(proxy).scheme == "http" and bool(urlsplit(proxy).hostname) and (urlsplit(proxy).port or 80) > 0
        except ValueError:
            is_usable = False
        if not is_usable:
            raise NoNetwork(f"the proxy for {scheme} ({scheme}_proxy) is not one that can be used; expected http://host:port")
    return proxies


def cookies_for(jar: Mapping[tuple[str, str], tuple[str, str, bool]], url: str) -> str:
    """What a browser would send of the cookies of a trail; values as they were set, quotes included."""
    host, path = urlsplit(url).hostname or "", urlsplit(url).path
    sent = [
        f"{name}={value}" if name else value
        for (name, domain), (value, below, is_secure) in jar.items()
        if (host == domain or (domain.startswith(".") and f".{host}".endswith(domain)))
        and f"{path}/".startswith(below if below.endswith("/") else f"{below}/")
        and (not is_secure or url.startswith("https:"))
    ]
    return "; ".join(sent)


def take_cookies(jar: dict[tuple[str, str], tuple[str, str, bool]], values: Iterable[str], url: str) -> None:
    """Put the cookies of an answer into the jar of its trail."""
    host, path = urlsplit(url).hostname or "", urlsplit(url).path
    for name, value, attributes in client.cookies_of(list(values)):
        domain = attributes.get("domain", "").lstrip(".").lower()
        if domain and f".{host}".endswith(f".{domain}"):
            domain = f".{domain}"
        below = attributes.get("path", "") if attributes.get("path", "").startswith("/") else path.rpartition("/")[0] or "/"
        key = (name, domain if domain.startswith(".") else host)
        jar.pop(key, None)
        if attributes.get("max-age", "1").lstrip("-") != "0" and not attributes.get("max-age", "").startswith("-"):
            jar[key] = (value, below, "secure" in attributes)


# -- answers -------------------------------------------------------------------------------------


def seconds_to_wait(retry_after: str) -> float | None:
    """Read a Retry-After header in both its forms, seconds or a date."""
    if re.fullmatch(r"[0-9]+", retry_after):
        return float(retry_after)
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()) if retry_after else None
    except (ValueError, TypeError):  # TypeError: a date without a time zone
        return None


def explain(error: Exception) -> Answer:
    """Say in one of our words why there was no answer."""
    code = getattr(error, "errno", None)
    unknown = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
    no_route = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL)
    kinds: list[tuple[bool, str, str]] = [
        (isinstance(error, PrivateAddress), "private", str(error)),
        (isinstance(error, client.ProxyTrouble), "proxy", str(error)),
        (isinstance(error, client.BadAnswer), "odd", str(error)),
        (getattr(error, "verify_code", 0) in NO_ISSUER, "issuer", "bad certificate: who issued it is not known here"),
        (isinstance(error, ssl.SSLCertVerificationError), "certificate", f"bad certificate: {getattr(error, 'verify_message', '')}"),
        (isinstance(error, socket.gaierror) and code in unknown, "name", "no such host"),
        (isinstance(error, socket.gaierror), "name service", "the name could not be looked up"),
        (isinstance(error, TimeoutError) or code == errno.ETIMEDOUT, "timeout", "no answer in time"),
        (isinstance(error, ssl.SSLError), "tls", f"no secure connection: {getattr(error, 'reason', None) or 'the handshake failed'}"),
        (code == errno.ECONNREFUSED, "closed port", "connection refused"),
        (code in no_route, "no route", "no route to the host"),
        (isinstance(error, OSError), "reset", "the connection was cut"),
        (True, "defect", f"this program failed on it, please report it: {type(error).__name__}: {error}"),
    ]  # fmt: skip
    return next(Answer(failure=failure, reason=reason) for is_so, failure, reason in kinds if is_so)


def judge(answer: Answer, accept: frozenset[int]) -> Verdict:
    """What the last answer of a link means."""
    if answer.failure:
        return Verdict(FAILURES[answer.failure][0], answer.reason)
    status = answer.status
    said = PHRASES.get(status, str(status))
    if answer.is_bot_wall:  # with 200 a reader may well arrive, but nobody can say where
        return Verdict("unreachable" if status == 200 else "refused", f"{said}: a bot wall", status=status)
    if status in REDIRECTS and status not in accept:
        return Verdict("broken", f"{said} without an address to go to", status=status)
    if 200 <= status < 400 or status in accept:
        return Verdict("ok", said, status=status, etag=answer.etag, modified=answer.modified)
    if status in REFUSED:
        return Verdict("refused", f"{said}: {REFUSED[status]}".rstrip(": "), status=status)
    return Verdict("broken" if 400 <= status < 500 and status not in HEALS else "unreachable", said, status=status)


def judge_anchor(verdict: Verdict, answer: Answer, anchor: str) -> Verdict:
    """The verdict of a link to a place within a page that is there."""
    name = unquote(anchor)
    if answer.page is None or {anchor, name, f"user-content-{name}"} & answer.page.anchors:
        return verdict  # user-content-: GitHub renames the anchors of a README, and its scripts find them again
    if SCRIPTED.fullmatch(name) or answer.page.makes(name):
        return replace(verdict, warning=f"#{name} is made by scripts, which are not run here")
    if answer.unread == pages.TOO_LONG:
        return replace(verdict, warning=f"#{name} is not in the first {MAX_BODY // 2**20} MiB, the rest was not read")
    if answer.unread and answer.unread != pages.CUT_SHORT:
        return replace(verdict, warning=f"#{name} was not looked for: the page is {answer.unread}")
    if answer.unread:
        return Verdict("unreachable", f"the page was {answer.unread} before #{name} came", status=verdict.status)
    return Verdict("broken", f"the page has no #{name}", status=verdict.status)


def judge_move(verdict: Verdict, start: str, trail: Trail, fragment: str) -> Verdict:
    """The verdict of a link whose redirects ended well: moved for good, become another page, or fine where it is."""
    old, new = urlsplit(start), urlsplit(trail.end)
    warning = ""
    if LOGIN.match(trail.end) and not LOGIN.match(start) and not ABOUT_LOGINS.search(new.path):
        warning = "it has become a login page"
    elif HOME.fullmatch(new.path) and not (HOME.fullmatch(old.path) and not old.query) and site_of(old.netloc) == site_of(new.netloc):
        warning = "it has become a home page"  # of its own site: short links and DOIs may well lead to another's
    target = trail.end if warning else trail.moved_to
    if not target:
        return replace(verdict, etag="", modified="")
    if fragment and not warning and "#" not in target:
        target = f"{target}#{fragment}"
    return Verdict("moved", "moved for good" if trail.moved_to else "redirected", target, warning, verdict.status)


# -- the run -------------------------------------------------------------------------------------


class Web:
    """One run: its hosts, what they answered, and the limits that it keeps."""

    def __init__(self, settings: Settings, lookup: Lookup, is_known_up: bool) -> None:
        self._settings, self._lookup, self._proxies, self._is_known_up = settings, lookup, system_proxies(), is_known_up
        self._deadline = time.monotonic() + settings.budget
        self._hosts: dict[str, Host] = {}
        self._answers: dict[tuple[str, str, bool, tuple[str, str]], asyncio.Future[Answer] | Answer] = {}
        self._names: dict[str, asyncio.Future[list[str]]] = {}
        self._lookups, self._bodies = asyncio.Semaphore(LOOKUPS_AT_ONCE), asyncio.Semaphore(BODIES_AT_ONCE)
        self._pool = client.Pool()
        self._completed: dict[str, ssl.SSLContext] = {}  # for hosts whose certificate chain had to be completed
        self._undecided: list[tuple[str, str, Verdict]] = []
        self._has_heard = self._has_tunnelled = False
        self._headers = {
            "User-Agent": settings.agent,
            "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
            "Accept-Language": "en,zh;q=0.8,*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
        }

    async def run(self, jobs: Iterable[Job], report: Callable[[str, Verdict], None]) -> None:
        """Settle every job. Hosts with most links begin first, because the busiest one decides how long a run takes.

        A worker stays with a host until its queue is empty, so that few connections serve many links.
        """
        queues: dict[str, deque[Job]] = {}
        for job in jobs:
            queues.setdefault(host_of(job.address), deque()).append(job)
        names = [urlsplit(f"//{host}").hostname or "" for host in list(queues)[:SAMPLED_NAMES]]
        if names and not self._proxies and not any(map(is_ip, names)) and not await self._resolves([*names, *CONTROL_NAMES]):
            raise NoNetwork("no network: no host name can be looked up")
        busiest_first = sorted(queues.values(), key=len, reverse=True)
        turns = deque(queue for n in range(self._settings.per_host) for queue in busiest_first if len(queue) > n)

        async def work() -> None:
            while turns:
                queue = turns.popleft()
                while queue:
                    await self._settle(queue.popleft(), report)

        workers = [asyncio.create_task(work()) for _ in range(min(self._settings.max_connections, len(turns)))]
        try:
            await asyncio.gather(*workers)
            await self._decide(report)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            self._pool.close()

    async def _resolves(self, names: Iterable[str]) -> bool:
        """True when at least one of the names can be looked up."""
        looks = await asyncio.gather(*map(self._look_up, names), return_exceptions=True)
        return any(isinstance(look, list) for look in looks)

    async def _reaches(self, name: str) -> bool:
        """True when a host that is always there takes a connection."""
        try:
            (await client.connect(await self._look_up(name), 443, None, name)).close()
        except OSError:
            return False
        return True

    async def _decide(self, report: Callable[[str, Verdict], None]) -> None:
        """Tell hosts that are gone from a network that is: only at the end it is known whether anything was heard."""
        failures = {failure: verdict.reason for _, failure, verdict in self._undecided}
        if "proxy" in failures and not self._has_tunnelled:
            raise NoNetwork(f"no network: {failures['proxy']}")
        is_silent = not self._has_heard and failures.keys() & {"timeout", "no route", "proxy"}
        if is_silent and not ("timeout" in failures and (self._is_known_up or await self._reaches(CONTROL_NAMES[0]))):
            raise NoNetwork("no network: no host has answered")
        is_lost = "name" in failures and not await self._resolves(CONTROL_NAMES)
        for url, failure, verdict in self._undecided:
            lost = Verdict("unreachable", "host names cannot be looked up any more")
            report(url, lost if is_lost and failure == "name" else verdict)

    async def _settle(self, job: Job, report: Callable[[str, Verdict], None]) -> None:
        """Find and report the verdict of every link of a job."""
        try:
            trail = await self._visit(job)
        except Settled as settled:
            for url, *_ in job.links:
                report(url, settled.verdict)
            return
        page, failure = judge(trail.answer, self._settings.accept), trail.answer.failure
        for url, fragment in job.links:
            verdict, anchor = page, anchor_of(fragment)
            if page.outcome == "ok" and anchor and not trail.has_own_fragment:
                verdict = judge_anchor(page, trail.answer, anchor)
            if verdict.outcome == "ok" and trail.end != job.address:
                verdict = judge_move(verdict, job.address, trail, fragment)
            if failure in ("name", "proxy") or (failure in NOT_HEARD and not self._has_heard):
                self._undecided.append((url, failure, verdict))
            else:
                report(url, verdict)

    async def _visit(self, job: Job) -> Trail:
        """Follow the redirects of an address to their end, with the cookies that are set on the way."""
        url, moved_to, is_permanent, has_own_fragment = job.address, "", True, False
        jar: dict[tuple[str, str], tuple[str, str, bool]] = {}
        seen: set[tuple[str, str]] = set()
        for hop in range(MAX_REDIRECTS + 1):
            cookies = cookies_for(jar, url) if jar else ""
            seen.add((url, cookies))
            answer = await self._fetch(url, cookies, job.wants_anchors, ("", "") if hop else job.validators)
            if not answer.location or answer.status in self._settings.accept:
                return Trail(answer, url, moved_to, has_own_fragment)
            take_cookies(jar, answer.cookies, url)
            try:
                target, fragment = address(answer.location, self._settings.allow_private, url)
            except Settled as settled:
                is_nonsense = settled.verdict.outcome == "broken"
                told = "it redirects to what no browser could open" if is_nonsense else f"it redirects to where nothing is asked: {settled}"
                raise Settled("broken" if is_nonsense else "refused", told) from None
            if (target, cookies_for(jar, target)) in seen:
                if answer.is_refresh:  # a page that shows itself, or its like, anew
                    return Trail(answer, url, moved_to, has_own_fragment)
                raise Settled("broken", "its redirects go round in a loop")
            url, is_permanent = target, is_permanent and answer.status in PERMANENT
            has_own_fragment = has_own_fragment or bool(fragment)
            if is_permanent:
                moved_to = f"{url}#{fragment}" if fragment else url
        raise Settled("broken", f"more than {MAX_REDIRECTS} redirects")

    async def _fetch(self, url: str, cookies: str, wants_anchors: bool, validators: tuple[str, str]) -> Answer:
        """Ask an address once in a run, however many links and redirects lead to it."""
        key = (url, cookies, wants_anchors, validators)
        for same in (key, (url, cookies, True, validators)):
            if known := self._answers.get(same):
                return known if isinstance(known, Answer) else await known
        future = self._answers[key] = asyncio.get_running_loop().create_future()
        headers = {"Cookie": cookies, "If-None-Match": validators[0], "If-Modified-Since": validators[1]}
        try:
            answer = await self._ask_until_settled(url, headers, wants_anchors)
        except BaseException:
            future.cancel()
            raise
        future.set_result(answer)
        self._answers[key] = answer
        return answer

    async def _ask_until_settled(self, url: str, headers: dict[str, str], wants_anchors: bool) -> Answer:
        """Ask, and ask again after a while what may heal."""
        settings, host = self._settings, self._hosts.get(host_of(url))
        if host is None:
            host = self._hosts[host_of(url)] = Host(asyncio.Semaphore(settings.per_host))
        answer = await self._once(url, host, headers, wants_anchors)
        for attempt in range(1, settings.tries):
            if not answer.may_heal or answer.status in settings.accept:
                break
            wait = settings.backoff * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311  no secret
            wait = wait if answer.retry_after is None else answer.retry_after
            if answer.retry_after is not None or answer.status == 429:
                host.quiet_until = max(host.quiet_until, time.monotonic() + wait)
            if wait > settings.max_wait or time.monotonic() + wait > self._deadline:
                break
            await asyncio.sleep(wait)
            answer = await self._once(url, host, headers, wants_anchors)
        self._note(host, answer)
        return answer

    def _note(self, host: Host, answer: Answer) -> None:
        """Learn from an answer: leave hosts alone that are silent or overrun."""
        if answer.failure not in NOT_HEARD:
            self._has_heard = host.has_answered = True
        host.limited_links = host.limited_links + 1 if answer.status == 429 else 0
        host.silent_links += answer.failure == "timeout" and not host.has_answered
        if host.limited_links >= LIMITED_LINKS:
            host.closed = f"the host answered 429 Too Many Requests to {LIMITED_LINKS} links in a row; the next run asks it"
        elif host.silent_links >= SILENT_LINKS and not host.has_answered:
            host.closed = f"the host gave no answer to {SILENT_LINKS} links; the next run asks it"

    async def _once(self, url: str, host: Host, headers: dict[str, str], wants_anchors: bool) -> Answer:
        """Send one request when the host may be asked, and read no more of the answer than is needed."""
        async with self._bodies if wants_anchors else contextlib.nullcontext(), host.slots:
            refusal = await self._wait_for_turn(host)
            if refusal:
                return Answer(failure="not asked", reason=refusal)
            try:
                return await self._request(url, headers, wants_anchors)
            except Exception as error:  # whatever a strange host provokes is a finding, never a crash
                if isinstance(error, NoNetwork):
                    raise
                return explain(error)

    async def _request(self, url: str, headers: dict[str, str], wants_anchors: bool) -> Answer:
        """One request, on a kept connection if there is one; a kept one may have ended in the meantime, as browsers know."""
        scheme, _, host = url.partition("/")[0], "", host_of(url)
        proxy = self._proxy(url) if self._proxies else ""
        target = url if proxy and scheme == "http:" else url[len(scheme) + 2 + len(host) :]
        more = {**self._headers, **headers, **self._settings.headers.get(host, self._settings.headers.get(host.partition(":")[0], {}))}
        if proxy and scheme == "http:":
            more["Proxy-Authorization"] = client.basic(unquote(urlsplit(proxy).netloc.rpartition("@")[0])).partition(": ")[2].strip()
        request, began = client.request_bytes(target, host, more), time.monotonic()
        connection = self._pool.take((scheme, host))
        try:
            async with asyncio.timeout(self._settings.timeout):
                head = None
                if connection:
                    with contextlib.suppress(client.CutShort):
                        head = await connection.head(request)
                if connection is None or head is None:
                    connection = await self._connect(scheme, host, proxy)
                    head = await connection.head(request)
            if proxy and head.status == 407:
                raise NoNetwork("no network: the proxy answered 407: it wants a name and a password")
            answer, is_drained = await self._read(connection, head, wants_anchors, self._settings.timeout + began - time.monotonic())
        except BaseException:
            if connection:
                connection.close()
            raise
        if is_drained and head.is_kept_alive:
            self._pool.give((scheme, host), connection)
        else:
            connection.close()
        return answer

    @staticmethod
    async def _read(connection: client.Connection, head: client.Head, wants_anchors: bool, seconds: float) -> tuple[Answer, bool]:
        """Take what is needed from an answer; True when the connection can be used again."""
        answer = Answer(head.status)
        answer.is_bot_wall = bool(head.get("cf-mitigated")) or head.get("x-amzn-waf-action") in ("captcha", "challenge")
        if answer.status in REDIRECTS:
            answer.location, answer.cookies = head.get("location"), tuple(head.headers.get("set-cookie", ()))
        elif answer.status >= 400:
            answer.retry_after = seconds_to_wait(head.get("retry-after"))
        else:
            answer.etag, answer.modified = head.get("etag"), head.get("last-modified")
        kind, _, parameters = head.get("content-type").partition(";")
        is_page = answer.status < 300 and kind.strip().lower() in ("text/html", "application/xhtml+xml", "")
        wants_anchors = wants_anchors and is_page
        limit, length = MAX_BODY if wants_anchors else PEEK, client.body_length(head)
        if not is_page and (length is None or length > PEEK):
            return answer, False
        pieces, received, is_drained = [], 0, False
        with contextlib.suppress(OSError):  # TimeoutError, CutShort and BadAnswer are some: what came before them counts
            async with asyncio.timeout(seconds if wants_anchors else min(seconds, PEEK_SECONDS)):
                async for piece in connection.body(head):
                    received += len(piece)
                    if is_page:
                        pieces.append(piece)
                    if received >= limit:
                        break
                else:
                    is_drained = True
        if is_page:
            data = client.unpacked(pieces, head.get("content-encoding"), limit)
            if set(re.findall(r"\w+", head.get("content-encoding").lower())) & {"br", "zstd", "compress", "dcb", "dcz"}:
                answer.page, answer.unread = pages.Foreign(), pages.PACKED
            elif wants_anchors or pages.MAY_BE_MORE.search(data.lower()) or head.get("refresh"):
                charset = re.search(r"charset\s*=\s*[\"']?([^\s\"';]+)", parameters, re.IGNORECASE)
                page = pages.read_foreign(data, charset[1] if charset else "", "xhtml" in kind, head.get("refresh"))
                answer.is_bot_wall = answer.is_bot_wall or page.is_bot_wall
                answer.page = page if wants_anchors else None
                answer.is_refresh, answer.location = bool(page.refresh), page.refresh
                answer.unread = page.unread
            if not answer.unread and not is_drained:
                answer.unread = pages.TOO_LONG if received >= limit else pages.CUT_SHORT
            if not answer.unread and len(data) >= limit:
                answer.unread = pages.TOO_LONG
        return answer, is_drained

    async def _connect(self, scheme: str, host: str, proxy: str) -> client.Connection:
        """A new connection to a host, or to the proxy that stands before it."""
        where = urlsplit(proxy or f"{scheme}//{host}")
        name = urlsplit(f"//{host}").hostname or ""
        tls = self._completed.get(host, self._tls) if scheme == "https:" else None
        port = where.port or (443 if where.scheme == "https" else 80)
        through = None
        if proxy and tls:
            through = (host if urlsplit(f"//{host}").port else f"{host}:443", client.basic(unquote(where.netloc.rpartition("@")[0])))
        try:
            addresses = await self._addresses(where.hostname or "", is_trusted=bool(proxy))
            connection = await client.connect(addresses, port, tls, name, through)
        except ssl.SSLCertVerificationError as error:
            if error.verify_code not in NO_ISSUER or host in self._completed:
                raise
            self._completed[host] = await self._complete(addresses, port, name, through)
            return await self._connect(scheme, host, proxy)
        except OSError as error:
            if proxy and not isinstance(error, ssl.SSLError | client.ProxyTrouble):
                raise client.ProxyTrouble("the proxy does not answer") from error
            raise
        self._has_tunnelled = True
        return connection

    async def _complete(self, addresses: list[str], port: int, name: str, through: tuple[str, str] | None) -> ssl.SSLContext:
        """The certificates that a host forgot to send, from where its own says they are, as browsers fetch them.

        They are links of a chain and no roots: one that is its own issuer is never taken.
        """
        unchecked, context, probe = self._context(), self._context(), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
        connection = await client.connect(addresses, port, unchecked, name, through)
        data = connection.certificate
        connection.close()
        with contextlib.suppress(OSError, ValueError, Settled):  # then the chain stays as it is
            for _ in range(MAX_CHAIN):
                if not (found := ISSUER.search(data)):
                    break
                url, _ = address(data[found.end() : found.end() + found[1][0]].decode("ascii"), self._settings.allow_private)
                host = host_of(url)
                where = urlsplit(url)
                other = await client.connect(await self._addresses(where.hostname or ""), where.port or 80, None, host)
                head = await other.head(client.request_bytes(url.split(host, 1)[1], host, self._headers))
                data = b"".join([piece async for piece in other.body(head)])[:PEEK]
                other.close()
                data = ssl.PEM_cert_to_DER_cert(data.decode("ascii")) if data.startswith(b"-----") else data
                probe.load_verify_locations(cadata=data)
                if any(known["subject"] == known["issuer"] for known in probe.get_ca_certs()):
                    break
                context.load_verify_locations(cadata=data)
        return context

    async def _addresses(self, host: str, is_trusted: bool = False) -> list[str]:
        """The addresses of a host; none that leads into the house, unless that is allowed.

        Connections go to exactly these addresses, so a name cannot change its mind between the look and the call.
        """
        found = [host] if is_ip(host) else await self._look_up(host)
        private = next((ip for ip in found if is_private(ip)), None)
        if private and not self._settings.allow_private and not is_trusted:
            raise PrivateAddress(f"{host} is {private}, a private address, and was not asked (--allow-private asks it)")
        return found

    async def _look_up(self, host: str) -> list[str]:
        """All addresses of a name, looked up once a run; raises `OSError`.

        Each look-up has a daemon thread: the usual thread pool would keep Ctrl-C waiting for a slow name server.
        """
        loop = asyncio.get_running_loop()

        def settle(future: asyncio.Future[list[str]], found: list[str], error: OSError | None) -> None:
            if not future.done():
                future.set_exception(error) if error else future.set_result(found)

        def work(future: asyncio.Future[list[str]]) -> None:
            found: list[str] = []
            error: OSError | None = None
            try:
                found = list(self._lookup(host))
            except OSError as problem:
                error = problem
            except UnicodeError:  # a label of more than 63 letters
                error = socket.gaierror(socket.EAI_NONAME, "not a host name")
            with contextlib.suppress(RuntimeError):  # the run is over and nobody waits any more
                loop.call_soon_threadsafe(settle, future, found, error)

        if (known := self._names.get(host)) is None:
            known = self._names[host] = loop.create_future()
            async with self._lookups:
                threading.Thread(target=work, args=(known,), daemon=True).start()
                await asyncio.wait([known])
            if known.exception():
                del self._names[host]
        return await asyncio.shield(known)

    async def _wait_for_turn(self, host: Host) -> str:
        """Wait until the host may be asked again; say why not, if it may not be asked in this run."""
        while not host.closed:
            now = time.monotonic()
            if host.quiet_until - now > self._settings.max_wait:
                return f"the host asks to be left alone for {host.quiet_until - now:.0f} s"
            start = max(now, host.next_start, host.quiet_until)
            if start > self._deadline:
                return OUT_OF_TIME
            host.next_start = start + self._settings.pause
            if start > now:
                await asyncio.sleep(start - now)
            if host.quiet_until <= time.monotonic():
                return ""
        return host.closed

    def _proxy(self, url: str) -> str:
        from urllib.request import proxy_bypass

        parts = urlsplit(url)
        return "" if proxy_bypass(parts.hostname or "") else self._proxies.get(parts.scheme, "")

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context, paths = self._context(), ssl.get_default_verify_paths()
        if not context.cert_store_stats()["x509_ca"] and not (paths.capath and any(Path(paths.capath).iterdir())):
            raise NoNetwork("no certificate store on this machine: install one (ca-certificates), or name one in SSL_CERT_FILE")
        return context

    @staticmethod
    def _context() -> ssl.SSLContext:
        """The system's certificates (SSL_CERT_FILE, SSL_CERT_DIR), what browsers still speak, and not more: TLS 1.2, SHA-1 in suites."""
        context = ssl.create_default_context()
        context.verify_flags &= ~(ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN)
        context.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("DEFAULT:!kDHE:!3DES:@SECLEVEL=1")
        context.set_alpn_protocols(["http/1.1"])
        return context


async def ask(
    urls: Mapping[str, tuple[str, str]], settings: Settings, report: Callable[[str, Verdict], None], lookup: Lookup, is_known_up: bool
) -> None:
    """Ask every URL once and report the verdict of each as soon as it is known.

    `urls` holds for each its ETag and Last-Modified from the last time it was ok, or two empty texts; `is_known_up` says that the
    network was there lately. Raises `NoNetwork` when nothing can be said of the net from here.
    """
    await Web(settings, lookup, is_known_up).run(jobs_of(urls, settings.allow_private, report), report)


def escaped(text: str) -> str:
    """A URL in which nothing is left that could end its place in Markdown, YAML, HTML or a template."""
    return re.sub(":$", "%3A", quote(text, safe="/?#@:&=+%-._~"))
