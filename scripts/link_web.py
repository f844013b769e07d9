"""Ask web addresses politely and judge the answers: the half of check_links.py that talks to the network.

`ask()` takes URLs and hands a `Verdict` for each to a callback as soon as it is known. It reads no file and prints nothing.
The way of one link: `address` (how a browser would write it) → `_visit` (its redirects) → `_fetch` (each address once a run,
however many links lead to it) → `_once` (one request, when its host may be asked again) → `judge` (what the last answer means).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import html
import http
import ipaddress
import random
import re
import socket
import ssl
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from http.cookies import SimpleCookie
from urllib.parse import quote, unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import idna
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

AGENT = "mle-guide-link-check/1 (link check of the guide 'How to become a machine learning engineer'{})"
MAX_REDIRECTS = 10  # hops; browsers stop at 20, no honest page needs more than a few
MAX_BODY = 5 * 2**20  # bytes of a page, packed and unpacked, read in search of its anchors; long manuals have 1 to 3 MiB
MAX_HEADER = 64 * 2**10  # bytes of one header line; aiohttp's 8 KiB is less than some security policies take
BODIES_AT_ONCE = 16  # pages held in memory at once: 16 × MAX_BODY bounds what hostile pages can cost
CONNECT_TIMEOUT = 10.0  # seconds until a connection stands; a living host takes well under one
KEEP_ALIVE = 2.0  # seconds an idle connection is kept: longer than the pause, short enough for few open sockets
LOOKUPS_AT_ONCE = 16  # name look-ups under way, each in a thread of its own for as long as it takes
SILENT_LINKS = 3  # links that get no answer, from a host that never gave one, before its other links are left for another day
LIMITED_LINKS = 3  # links in a row that end in 429 before the host is left alone
CONTROL_NAMES = ("example.com", "iana.org")  # names that exist as long as the internet does: if they do not resolve, we are cut off
SAMPLED_NAMES = 10  # names of the run's own hosts that are looked up beside those before anything is asked

TOO_LONG, CUT_SHORT = "too long to be read whole", "cut short"

REDIRECTS, PERMANENT = frozenset({301, 302, 303, 307, 308}), frozenset({301, 308})
REFUSED = {
    401: "asks for a login",
    402: "asks for money",
    403: "",
    405: "",
    406: "",
    407: "",
    429: "",
    451: "",
    999: "LinkedIn's way to refuse",
}
HEALS = frozenset({408, 425, 429, 500, 502, 503, 504, *range(520, 528), 529, 530})  # 52x, 530: proxies whose origin failed
FAILURES = {  # no answer: what it was → (outcome, whether it may heal within the run)
    "name": ("broken", False),
    "name service": ("unreachable", True),
    "certificate": ("broken", False),
    "private": ("refused", False),
    "timeout": ("unreachable", True),
    "reset": ("unreachable", True),
    "closed port": ("unreachable", False),
    "no route": ("unreachable", False),
    "proxy": ("unreachable", False),
    "tls": ("unreachable", False),
    "not asked": ("unreachable", False),
    "odd": ("unreachable", False),
}
NO_WAY = frozenset({"name", "no route", "proxy"})  # what a dead host and a dead network have in common: decided at the end
NOT_HEARD = NO_WAY | {"name service", "timeout", "private", "not asked"}  # failures that are no sign of life

LINES_OF_CODE = re.compile(r"L\d+(C\d+)?(-L\d+(C\d+)?)?")  # GitHub's and GitLab's line anchors are made by scripts
PHRASES = {status.value: f"{status.value} {status.phrase}" for status in http.HTTPStatus}
LOGIN = re.compile(
    r"//(login|signin|accounts|sso|auth)\.|/(users/)?(log-?in|sign-?in|sign_in|sso|authenticate|oauth2?)([/.?]|$)", re.IGNORECASE
)
HOME = re.compile(r"/?((de|en|es|fr|it|ja|ko|pt|ru|zh)([-_]\w{2,4})?/?)?((index|home|default)(\.\w+)?)?", re.IGNORECASE)
MARKUP = re.compile(
    rb"<!--.*?(?:-->|\Z)|<(script|style|textarea|title)\b.*?(?:</\1|\Z)|<[a-z](?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+>",
    re.IGNORECASE | re.DOTALL,
)
ANCHOR = re.compile(rb"\s(?:(id)|name)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)

Lookup = Callable[[str], Iterable[str]]
"""Gives the IP addresses of a host name, or raises `OSError`."""


class NoNetwork(Exception):  # noqa: N818  it says what is, and is no programming error
    """Nothing on the net can be reached from here."""


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
    contact: str = ""  # an address for the hosts' owners, sent along with our name


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a link: ok, moved, broken, refused or unreachable, and why."""

    outcome: str
    reason: str = ""
    moved_to: str = ""
    warning: str = ""
    status: int = 0
    etag: str = ""
    modified: str = ""


class Settled(Exception):  # noqa: N818  no error
    """Carries the verdict of a link that is not to be asked, or not further."""

    def __init__(self, outcome: str, reason: str) -> None:
        super().__init__(reason)
        self.verdict = Verdict(outcome, reason)


@dataclass(slots=True)
class Answer:
    """One answer of a host, or why there was none (`failure`, a key of FAILURES)."""

    status: int = 0
    failure: str = ""
    reason: str = ""
    location: str = ""
    retry_after: float | None = None
    is_bot_wall: bool = False
    cookies: SimpleCookie | None = None
    anchors: frozenset[str] | None = None  # None: not looked for, or no HTML
    unread: str = ""  # why the rest of the page was not read, if so
    etag: str = ""
    modified: str = ""

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 400 and not self.is_bot_wall

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
    """One address and the links that lead to it: each as it was given, with its fragment and the anchor to look for."""

    address: str
    links: list[tuple[str, str, str]] = field(default_factory=list)
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


def plain_host(name: str) -> str:
    """Write a host name as it is asked: lower case, punycode, IP addresses in their plain form (`127.1` is 127.0.0.1)."""
    if ":" in name:
        return f"[{ipaddress.IPv6Address(name)}]"
    if not name.isascii():
        name = idna.encode(name, uts46=True).decode("ascii")
    if not re.fullmatch(r"[a-z0-9_.-]+", name):
        raise ValueError("not a host name")
    last = name.rstrip(".").rpartition(".")[2]
    return str(ipaddress.IPv4Address(socket.inet_aton(name))) if last.isdigit() or last.startswith("0x") else name


def address(url: str, allow_private: bool) -> tuple[str, str]:
    """Write a URL the way a browser sends it: the address to ask, and the fragment.

    Raises `Settled` for one that must not be asked or that no browser could open.
    """
    try:
        parts = urlsplit(f"https:{url.strip()}" if url.strip().startswith("//") else url.strip())
        if parts.scheme not in ("http", "https"):
            raise Settled("refused", f"the scheme {parts.scheme}: is not asked" if parts.scheme else "not a web address: it has no scheme")
        if "@" in parts.netloc:
            raise Settled("refused", "it holds a user name or password and was not asked; take them out")
        host, port = plain_host(parts.hostname or ""), parts.port
    except (ValueError, UnicodeError, OSError):  # OSError: inet_aton's word for a bad address
        raise Settled("broken", "not a web address: no browser could open it") from None
    bare = host.strip("[]")
    if not allow_private and is_ip(bare) and is_private(bare):
        raise Settled("refused", f"{bare} is a private address and was not asked (--allow-private asks it)")
    origin = f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, 80 if parts.scheme == "http" else 443) else "")
    safe = "%/:@!$&'()*+,;=~-._[]|^"  # what browsers leave as it is; an existing %-escape stays
    path = quote(parts.path or "/", safe, errors="surrogateescape")
    if "/." in path:
        path = urlsplit(urljoin(f"{origin}/", path)).path
    query = quote(parts.query, safe + "?\\`{}", errors="surrogateescape")
    return f"{origin}{path}" + (f"?{query}" if query else ""), parts.fragment


def anchor_of(fragment: str) -> str:
    """The anchor that a page must have for this fragment, or nothing where no page has one.

    Nothing stands for the top of the page, text directives (`:~:text=`), and what scripts make: routes, lines of code.
    """
    name = fragment.partition(":~:")[0]
    return "" if name.lower() == "top" or name.startswith(("!", "/")) or LINES_OF_CODE.fullmatch(name) else name


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
        anchor = anchor_of(fragment)
        job.links.append((url, fragment, anchor))
        job.wants_anchors = job.wants_anchors or bool(anchor)
        if job.validators != validators:
            job.validators = ("", "")  # one of its links is new: the page must be seen
    return list(jobs.values())


def system_lookup(host: str) -> Iterable[str]:
    """The IP addresses that this machine knows for a name, in the order in which to try them."""
    return dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))


class PrivateAddress(OSError):  # noqa: N818  it says what is
    """A name leads to an address that is not on the open internet."""


class GuardedResolver(AbstractResolver):
    """Looks names up, and lets none through that leads into the house.

    aiohttp connects to exactly the addresses given here, so a name cannot change its mind between the look and the call.
    Each look-up has a daemon thread: the usual thread pool would keep Ctrl-C waiting for a slow name server.
    """

    def __init__(self, lookup: Lookup, allow_private: bool, trusted: Iterable[str | None]) -> None:
        self._lookup, self._allow_private, self._trusted = lookup, allow_private, frozenset(trusted)
        self._gate = asyncio.Semaphore(LOOKUPS_AT_ONCE)

    async def look_up(self, host: str) -> list[str]:
        """All addresses of a name; raises `OSError`."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[str]] = loop.create_future()

        def settle(found: list[str], error: OSError | None) -> None:
            if not future.done():
                future.set_exception(error) if error else future.set_result(found)

        def work() -> None:
            found: list[str] = []
            error: OSError | None = None
            try:
                found = list(self._lookup(host))
            except OSError as problem:
                error = problem
            except UnicodeError:  # a label of more than 63 letters
                error = socket.gaierror(socket.EAI_NONAME, "not a host name")
            with contextlib.suppress(RuntimeError):  # the run is over and nobody waits any more
                loop.call_soon_threadsafe(settle, found, error)

        async with self._gate:
            threading.Thread(target=work, daemon=True).start()
            return await future

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        """What aiohttp calls before it connects; `family` is left to the system."""
        del family
        found = await self.look_up(host)
        private = next((ip for ip in found if is_private(ip)), None)
        if private and not self._allow_private and host not in self._trusted:
            raise PrivateAddress(f"{host} is {private}, a private address, and was not asked (--allow-private asks it)")
        common = {"hostname": host, "port": port, "proto": 0, "flags": socket.AI_NUMERICHOST}
        return [ResolveResult(**common, host=ip, family=socket.AF_INET6 if ":" in ip else socket.AF_INET) for ip in found]  # type: ignore[typeddict-item]

    async def close(self) -> None:
        """Nothing is held."""


# -- answers -------------------------------------------------------------------------------------


def seconds_to_wait(retry_after: str | None) -> float | None:
    """Read a Retry-After header in both its forms, seconds or a date."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):  # TypeError: a date without a time zone
        return None


def explain(error: Exception) -> Answer:
    """Say in one of our words why there was no answer."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    code = getattr(cause, "errno", None)
    if isinstance(cause, PrivateAddress):
        return Answer(failure="private", reason=str(cause))
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        problem = getattr(error.certificate_error, "verify_message", "") or "not valid for this host"
        return Answer(failure="certificate", reason=f"bad certificate: {problem.rstrip('.')}")
    if isinstance(cause, socket.gaierror):
        is_unknown = code in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
        return (
            Answer(failure="name", reason="no such host")
            if is_unknown
            else Answer(failure="name service", reason="the name could not be looked up")
        )
    if isinstance(cause, TimeoutError) or code == errno.ETIMEDOUT:
        return Answer(failure="timeout", reason="no answer in time")
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return Answer(failure="tls", reason=f"no secure connection: {getattr(cause, 'reason', None) or 'the handshake failed'}")
    kinds: list[tuple[bool, str, str]] = [
        (isinstance(error, aiohttp.ClientProxyConnectionError), "proxy", "the proxy does not answer"),
        (isinstance(error, aiohttp.ClientHttpProxyError), "reset", f"the proxy answered {getattr(error, 'status', '')}"),
        (code == errno.ECONNREFUSED, "closed port", "connection refused"),
        (code in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL), "no route", "no route to the host"),
        (isinstance(error, aiohttp.ClientResponseError), "odd", "the answer is not HTTP"),
        (isinstance(error, aiohttp.ClientError | OSError), "reset", "the connection was cut"),
        (True, "odd", f"this check failed on it: {type(error).__name__}"),
    ]
    return next(Answer(failure=failure, reason=reason) for is_so, failure, reason in kinds if is_so)


async def read_anchors(response: aiohttp.ClientResponse) -> tuple[frozenset[str], str]:
    """The anchors of a page, and why its rest was not read, if so: TOO_LONG or CUT_SHORT."""
    inflate = zlib.decompressobj(47) if response.headers.get("Content-Encoding") else None  # 47: gzip or zlib, whichever it is
    body, received, unread = bytearray(), 0, CUT_SHORT
    with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError, zlib.error):
        async for chunk in response.content.iter_any():
            received += len(chunk)
            body += inflate.decompress(chunk, MAX_BODY - len(body)) if inflate else chunk
            if max(received, len(body)) >= MAX_BODY:
                unread = TOO_LONG
                break
        else:
            unread = ""
    declared = CHARSET.search(body, 0, 2048)
    charset = response.charset or (declared.group(1).decode("ascii") if declared else "utf-8")
    try:
        "".encode(charset)
    except LookupError:  # a charset that nobody knows
        charset = "utf-8"
    found: set[bytes] = set()
    for tag in MARKUP.finditer(body):
        if not tag.group(1) and tag.group()[:2] != b"<!":
            names = ANCHOR.findall(tag.group())
            found.update(b"".join(forms) for is_id, *forms in names if is_id or tag.group()[:2].lower() == b"<a")
    return frozenset(html.unescape(name.decode(charset, "replace")) for name in found), unread


def judge(answer: Answer) -> Verdict:
    """What the last answer of a link means."""
    if answer.failure:
        return Verdict(FAILURES[answer.failure][0], answer.reason)
    status = answer.status
    said = PHRASES.get(status, str(status))
    if answer.is_bot_wall:
        return Verdict("refused", f"{said}: a bot wall", status=status)
    if status in REDIRECTS:
        return Verdict("broken", f"{said} without an address to go to", status=status)
    if answer.is_good:
        return Verdict("ok", said, status=status, etag=answer.etag, modified=answer.modified)
    if status in REFUSED:
        return Verdict("refused", f"{said}: {REFUSED[status]}".rstrip(": "), status=status)
    return Verdict("broken" if 400 <= status < 500 and status not in HEALS else "unreachable", said, status=status)


def judge_fragment(verdict: Verdict, answer: Answer, anchor: str) -> Verdict:
    """The verdict of a link to a place within a page that is there."""
    if answer.anchors is None or {anchor, unquote(anchor), f"user-content-{unquote(anchor)}"} & answer.anchors:
        return verdict  # user-content-: GitHub renames the anchors of a README, and its scripts find them again
    if answer.unread == TOO_LONG:
        return replace(verdict, reason=f"{verdict.reason}; #{anchor} is not in the first {MAX_BODY // 2**20} MiB, the rest was not read")
    if answer.unread == CUT_SHORT:
        return Verdict("unreachable", f"the page was {CUT_SHORT} before #{anchor} came", status=verdict.status)
    return Verdict("broken", f"the page has no #{anchor}", status=verdict.status)


def judge_move(verdict: Verdict, start: str, trail: Trail, fragment: str) -> Verdict:
    """The verdict of a link whose redirects ended well: moved for good, become another page, or fine where it is."""
    old, new = urlsplit(start), urlsplit(trail.end)
    warning = ""
    if LOGIN.search(trail.end) and not LOGIN.search(start):
        warning = "it has become a login page"
    elif HOME.fullmatch(new.path) and not (HOME.fullmatch(old.path) and not old.query):
        warning = "it has become a home page"
    target = trail.end if warning else trail.moved_to
    if not target:
        return replace(verdict, etag="", modified="")
    if fragment and not warning and "#" not in target:
        target = f"{target}#{fragment}"
    return Verdict("moved", "moved for good" if trail.moved_to else "redirected", target, warning, verdict.status)


# -- the run -------------------------------------------------------------------------------------


class Web:
    """One run: its hosts, what they answered, and the limits that it keeps."""

    def __init__(self, session: aiohttp.ClientSession, resolver: GuardedResolver, proxies: Mapping[str, str], settings: Settings) -> None:
        self._session, self._resolver, self._proxies, self._settings = session, resolver, proxies, settings
        self._deadline = time.monotonic() + settings.budget
        self._hosts: dict[str, Host] = {}
        self._answers: dict[tuple[str, str, bool, tuple[str, str]], asyncio.Future[Answer]] = {}
        self._bodies = asyncio.Semaphore(BODIES_AT_ONCE)
        self._undecided: list[tuple[str, str, Verdict]] = []
        self._has_heard = False

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

    async def _resolves(self, names: Iterable[str]) -> bool:
        """True when at least one of the names can be looked up."""
        looks = await asyncio.gather(*map(self._resolver.look_up, names), return_exceptions=True)
        return any(isinstance(look, list) for look in looks)

    async def _decide(self, report: Callable[[str, Verdict], None]) -> None:
        """Tell hosts that are gone from a network that is: only at the end it is known whether anything was heard."""
        failures = {failure for _, failure, _ in self._undecided}
        if not self._has_heard and failures - {"name"}:
            raise NoNetwork("no network: there is no way to any host")
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
        page = judge(trail.answer)
        for url, fragment, anchor in job.links:
            verdict = page
            if page.outcome == "ok" and anchor and not trail.has_own_fragment:
                verdict = judge_fragment(page, trail.answer, anchor)
            if verdict.outcome == "ok" and trail.end != job.address:
                verdict = judge_move(verdict, job.address, trail, fragment)
            if trail.answer.failure in NO_WAY:
                self._undecided.append((url, trail.answer.failure, verdict))
            else:
                report(url, verdict)

    async def _visit(self, job: Job) -> Trail:
        """Follow the redirects of an address to their end, with the cookies that are set on the way."""
        url, moved_to, is_permanent, has_own_fragment = job.address, "", True, False
        jar: aiohttp.CookieJar | None = None
        seen: set[tuple[str, str]] = set()
        for hop in range(MAX_REDIRECTS + 1):
            cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in jar.filter_cookies(URL(url)).items()) if jar else ""
            if (url, cookies) in seen:
                raise Settled("broken", "its redirects go round in a loop")
            seen.add((url, cookies))
            answer = await self._fetch(url, cookies, job.wants_anchors, ("", "") if hop else job.validators)
            if not answer.location:
                return Trail(answer, url, moved_to, has_own_fragment)
            if answer.cookies:
                jar = jar or aiohttp.CookieJar(unsafe=True)  # unsafe: hosts that are bare IP addresses may set cookies as well
                jar.update_cookies(answer.cookies, URL(url))
            try:
                url, fragment = address(urljoin(url, answer.location), self._settings.allow_private)
            except ValueError:
                raise Settled("broken", "it redirects to what no browser could open") from None
            except Settled as settled:
                raise Settled(settled.verdict.outcome, f"it redirects to where nothing is asked: {settled}") from None
            is_permanent = is_permanent and answer.status in PERMANENT
            has_own_fragment = has_own_fragment or bool(fragment)
            if is_permanent:
                moved_to = f"{url}#{fragment}" if fragment else url
        raise Settled("broken", f"more than {MAX_REDIRECTS} redirects")

    async def _fetch(self, url: str, cookies: str, wants_anchors: bool, validators: tuple[str, str]) -> Answer:
        """Ask an address once in a run, however many links and redirects lead to it."""
        for key in ((url, cookies, True, validators), (url, cookies, wants_anchors, validators)):
            if key in self._answers:
                return await self._answers[key]
        future = self._answers[url, cookies, wants_anchors, validators] = asyncio.get_running_loop().create_future()
        headers = {"Cookie": cookies, "If-None-Match": validators[0], "If-Modified-Since": validators[1]}
        try:
            answer = await self._ask_until_settled(url, {name: value for name, value in headers.items() if value}, wants_anchors)
        except BaseException:
            future.cancel()
            raise
        future.set_result(answer)
        return answer

    async def _ask_until_settled(self, url: str, headers: dict[str, str], wants_anchors: bool) -> Answer:
        """HEAD first, unless the page itself is wanted; GET where HEAD got no good answer; again, after a while, what may heal."""
        settings, host = self._settings, self._hosts.setdefault(host_of(url), Host(asyncio.Semaphore(self._settings.per_host)))
        method, tries = "GET" if wants_anchors else "HEAD", 0
        while True:
            answer = await self._once(method, url, host, headers, wants_anchors)
            if answer.is_good or (answer.failure and not answer.may_heal and not (method == "HEAD" and answer.failure == "odd")):
                break
            if answer.may_heal:
                tries += 1
                wait = settings.backoff * 2 ** (tries - 1) * random.uniform(0.5, 1.5)  # noqa: S311  no secret
                wait = wait if answer.retry_after is None else answer.retry_after
                if answer.retry_after is not None or answer.status == 429:
                    host.quiet_until = max(host.quiet_until, time.monotonic() + wait)
                if tries >= settings.tries or wait > settings.max_wait or time.monotonic() + wait > self._deadline:
                    break
                await asyncio.sleep(wait)
            elif method == "GET":
                break
            method = "GET"
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

    async def _once(self, method: str, url: str, host: Host, headers: dict[str, str], wants_anchors: bool) -> Answer:
        """Send one request when the host may be asked, and read no more of the answer than is needed."""
        async with self._bodies if wants_anchors else contextlib.nullcontext(), host.slots:
            refusal = await self._wait_for_turn(host)
            if refusal:
                return Answer(failure="not asked", reason=refusal)
            asking = self._session.request(
                method,
                URL(url, encoded=True),
                headers=headers or None,
                allow_redirects=False,
                proxy=self._proxy(url) if self._proxies else None,
                ssl=self._tls if url.startswith("https:") else True,
            )
            try:
                async with asking as response:
                    return await self._read(response, wants_anchors)
            except Exception as error:  # whatever a strange host provokes is a finding, never a crash
                return explain(error)

    @staticmethod
    async def _read(response: aiohttp.ClientResponse, wants_anchors: bool) -> Answer:
        """Take what is needed from an answer."""
        headers, answer = response.headers, Answer(response.status)
        answer.is_bot_wall = "cf-mitigated" in headers or headers.get("x-amzn-waf-action") in ("captcha", "challenge")
        if answer.status in REDIRECTS:
            answer.location = headers.get("Location", "")
            answer.cookies = response.cookies or None
        elif answer.status >= 400:
            answer.retry_after = seconds_to_wait(headers.get("Retry-After"))
        elif answer.status == 200 and wants_anchors:
            answer.etag, answer.modified = headers.get("ETag", ""), headers.get("Last-Modified", "")
            if response.content_type in ("text/html", "application/xhtml+xml"):
                answer.anchors, answer.unread = await read_anchors(response)
        return answer

    async def _wait_for_turn(self, host: Host) -> str:
        """Wait until the host may be asked again; say why not, if it may not be asked in this run."""
        while not host.closed:
            now = time.monotonic()
            if host.quiet_until - now > self._settings.max_wait:
                return f"the host asks to be left alone for {host.quiet_until - now:.0f} s"
            start = max(now, host.next_start, host.quiet_until)
            if start > self._deadline:
                return "the time for the whole run was over; the next run asks it"
            host.next_start = start + self._settings.pause
            if start > now:
                await asyncio.sleep(start - now)
            if host.quiet_until <= time.monotonic():
                return ""
        return host.closed

    def _proxy(self, url: str) -> str | None:
        parts = urlsplit(url)
        return None if proxy_bypass(parts.hostname or "") else self._proxies.get(parts.scheme)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """The system's certificates (SSL_CERT_FILE, SSL_CERT_DIR), as strict as a browser on every version of Python."""
        context = ssl.create_default_context()
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return context


def host_of(url: str) -> str:
    """The host of an address that `address` has written; its port belongs to it where it is not the usual one."""
    return url.split("/", 3)[2]


async def ask(
    urls: Mapping[str, tuple[str, str]], settings: Settings, report: Callable[[str, Verdict], None], lookup: Lookup = system_lookup
) -> None:
    """Ask every URL once and report the verdict of each as soon as it is known.

    `urls` holds for each its ETag and Last-Modified from the last time it was ok, or two empty texts.
    Raises `NoNetwork` when nothing can be reached at all.
    """
    proxies = {scheme: proxy for scheme, proxy in getproxies().items() if scheme in ("http", "https")}
    resolver = GuardedResolver(lookup, settings.allow_private, (urlsplit(proxy).hostname for proxy in proxies.values()))
    headers = {
        "User-Agent": AGENT.format(f"; {settings.contact}" if settings.contact else ""),
        "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
        "Accept-Language": "en,zh;q=0.8,*;q=0.5",
        "Accept-Encoding": "gzip, deflate",
    }
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, resolver=resolver, ttl_dns_cache=None, keepalive_timeout=KEEP_ALIVE),
        headers=headers,
        timeout=aiohttp.ClientTimeout(total=settings.timeout, sock_connect=CONNECT_TIMEOUT),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,  # read_anchors unpacks, within its cap
        max_line_size=MAX_HEADER,
        max_field_size=MAX_HEADER,
    ) as session:
        session._retry_connection = False  # aiohttp would ask twice when a kept connection is cut; what is asked again is our rule
        await Web(session, resolver, proxies, settings).run(jobs_of(urls, settings.allow_private, report), report)
