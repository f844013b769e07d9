"""The link check on a hostile web: every verdict, what the hosts were asked, what is remembered, and where findings point."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import check_links
import pytest
from hostile_web import HostileWeb
from hypothesis import given
from hypothesis import strategies as st
from link_check import memory as link_memory
from link_check import pages as link_pages
from link_check import program
from link_check import sources as link_sources
from link_check import web as link_web

ROOT = Path(__file__).resolve().parent.parent
CHECKER = ROOT / "scripts" / "check_links.py"
FIXTURES = ROOT / "tests" / "fixtures" / "links"
NOW = 1_795_000_000.0  # 18 November 2026
DAY = 86400.0
FAST = ("--pause", "0", "--timeout", "2")

Result = dict[str, Any]


@pytest.fixture(scope="session", autouse=True)
def small_internet(web: HostileWeb) -> Iterator[None]:
    """127.0.0.1 counts as the open internet here and 127.9.9.9 as inside the house; waits between tries are short; no proxy."""
    real = link_web.is_private
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(link_web, "is_private", lambda ip: ip != "127.0.0.1" and real(ip))
        patch.setattr(link_web, "Settings", partial(link_web.Settings, backoff=0.02))
        patch.setenv("SSL_CERT_FILE", str(web.ca))
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "REPO_URL"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostileWeb]:
    """The hostile web, up for all tests."""
    with HostileWeb(tmp_path_factory.mktemp("web")) as up:
        yield up


@dataclass(frozen=True)
class Run:
    """What one run of the program gave back."""

    code: int
    results: dict[str, Result]
    whole: dict[str, Any]

    def __getitem__(self, url: str) -> Result:
        return self.results[url]


Check = Callable[..., Run]


def remembered(cache: Path) -> list[str]:
    """The URLs in a cache file, read from a copy: the file itself belongs to the run."""
    with tempfile.TemporaryDirectory() as folder:
        for part in cache.parent.glob(f"{cache.name}*"):
            with contextlib.suppress(FileNotFoundError):  # SQLite's own passing files
                shutil.copy(part, folder)
        try:
            with contextlib.closing(sqlite3.connect(Path(folder) / cache.name)) as file:
                return [str(url) for (url,) in file.execute("SELECT url FROM links ORDER BY url")]
        except sqlite3.Error:  # not there yet
            return []


@pytest.fixture
def check(web: HostileWeb, tmp_path: Path) -> Check:
    """Run the program on some URLs, without a cache unless one is named."""

    def run(*urls: str, options: tuple[str, ...] = ("--no-cache",), now: float = NOW, fast: tuple[str, ...] = FAST) -> Run:
        source = tmp_path / "urls.txt"
        source.write_text("\n".join(urls), encoding="utf-8")
        return run_main(web, "--urls", str(source), *fast, *options, folder=tmp_path, now=now)

    return run


def main(*arguments: Any, **settings: Any) -> int:
    """Run the program in a thread of its own: the browser tests leave an event loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(check_links.main, *arguments, **settings).result()


def run_main(web: HostileWeb, *arguments: str, folder: Path, now: float = NOW) -> Run:
    """Run the program in this process and read its JSON."""
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    code = main([*arguments, "--json", str(report)], lookup=web.lookup, now=now)
    whole = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {"results": []}
    return Run(code, {result["url"]: result for result in whole["results"]}, whole)


# -- the truth table -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One link, what is true of it, and how often its host may be asked."""

    name: str
    url: str  # {p} stands for the web's port, {s} for its secure one
    outcome: str
    reason: str = ""  # a pattern that the reason or the warning holds
    moved_to: str = ""
    asked: int = 2

    def __str__(self) -> str:
        return self.name


def case(name: str, host_and_path: str, outcome: str, reason: str = "", moved_to: str = "", asked: int = 2) -> Case:
    """A case at http://<host>.test:<port><path>."""
    host, slash, path = host_and_path.partition("/")
    target = f"http://{host}.test:{{p}}{moved_to}" if moved_to.startswith("/") else moved_to
    return Case(name, f"http://{host}.test:{{p}}{slash}{path}", outcome, reason, target, asked)


CASES = [
    case("200", "ok/", "ok", "200 OK", asked=1),
    case("204", "c204.status/204", "ok", "204", asked=1),
    case("206", "c206.status/206", "ok", "206", asked=1),
    *(case(f"{n} to a page", f"r{n}.redirecting/{n}", "moved", "for good", "/end", asked=1) for n in (301, 308)),
    *(case(f"{n} to a page", f"r{n}.redirecting/{n}", "ok", asked=1) for n in (302, 303, 307)),
    case("chain of permanent redirects", "chain.redirecting/301/308/301", "moved", "", "/end", asked=1),
    case("permanent, then temporary", "mixed.redirecting/301/302", "moved", "", "/302", asked=1),
    case("temporary, then permanent", "mixed2.redirecting/302/301", "ok", asked=1),
    case("moved to another host", "away/ok", "moved", "", "http://ok.test:{p}/arrived"),
    case("moved to https", "h.away/https", "moved", "", "https://good.test:{s}/"),
    case("moved, and gone there", "g.away/gone", "broken", "404"),
    case("moved to a Unicode address", "u.away/unicode", "moved", "", "/%C3%BCber"),
    case("redirect loop", "loop/a", "broken", "loop", asked=1),
    case("endless redirects", "endless/1", "broken", "more than 20", asked=1),
    case("redirect without an address", "w.away/nowhere", "broken", "without an address"),
    case("redirect to nonsense", "n.away/nonsense", "broken", "no browser"),
    *(case(str(n), f"c{n}.status/{n}", "broken", str(n)) for n in (400, 404, 410, 418)),
    *(case(f"HEAD {n}, GET 200", f"h{n}.head-refused/{n}", "ok", "200") for n in (400, 401, 403, 404, 405, 410, 429, 500, 501, 503, 999)),
    *(case(str(n), f"c{n}.status/{n}", "refused", str(n)) for n in (401, 402, 403, 405, 406, 451, 999)),
    case("429, wait two seconds", "wait-seconds/", "ok", asked=2),
    case("429, wait until a date", "wait-date/", "ok", asked=2),
    case("429, wait an hour", "wait-long/", "unreachable", "429", asked=1),
    case("429 for ever", "limited/", "unreachable", "429", asked=3),
    case("503 twice, then fine", "twice-503/", "ok", asked=3),
    *(case(f"{n} for ever", f"c{n}.status/{n}", "unreachable", str(n), asked=3) for n in (500, 502, 503, 504, 520, 408)),
    case("501", "c501.status/501", "unreachable", "501"),
    case("bot wall with 503", "bot-wall/", "refused", "bot wall"),
    case("bot wall with 202", "quiet-bot-wall/", "refused", "bot wall"),
    case("slow first byte", "slow/", "ok"),
    case("never an answer", "never/", "unreachable", "in time", asked=3),
    case("a head that never ends", "drip-head/", "unreachable", "in time", asked=3),
    case("reset", "reset/", "unreachable", "cut", asked=3),
    case("reset once", "reset-once/", "ok"),
    case("cut short in the head", "cut-head/", "unreachable", "cut", asked=3),
    case("cut short in the body, anchor before", "a.cut-body/#early", "ok", asked=1),
    case("cut short in the body, anchor not seen", "b.cut-body/#late", "unreachable", "cut short", asked=1),
    case("not HTTP", "no-http/", "unreachable", "", asked=3),
    Case("closed port", "http://ok.test:{closed}/", "unreachable", "refused"),
    Case("no such host", "http://no-such-host.test/", "broken", "no such host"),
    Case("no such host, secure", "https://no-such-host-either.test/", "broken", "no such host"),
    Case("name service in trouble", "http://trouble.test.invalid/", "unreachable", "looked up"),
    Case("good certificate", "https://good.test:{s}/", "ok"),
    Case("expired certificate", "https://expired.test:{s}/", "broken", "certificate: certificate has expired"),
    Case("self-signed certificate", "https://self-signed.test:{s}/", "broken", "certificate: self-signed"),
    Case("certificate of another host", "https://wrong-host.test:{s}/", "broken", "certificate: Hostname mismatch"),
    Case("https on a plain port", "https://ok.test:{p}/", "unreachable", "secure"),
    case("200 MB", "huge/", "ok", asked=1),
    case("200 MB, anchor at the start", "a.huge/#early", "ok", asked=1),
    case("200 MB, anchor not in the part read", "b.huge/#late", "ok", "first 5 MiB", asked=1),
    case("gzip bomb", "bomb/#late", "ok", "first 5 MiB", asked=1),
    case("gzip", "packed/#inside", "ok", asked=1),
    case("gzip, anchor missing", "b.packed/#outside", "broken", "no #outside", asked=1),
    case("endless drip", "drip/", "ok", asked=1),
    case("endless drip, anchor at the start", "a.drip/#early", "ok", asked=1),
    case("endless drip, anchor not seen", "b.drip/#late", "unreachable", "", asked=1),
    *(
        case(f"anchor {fragment}", f"anchors/#{fragment}", "ok", asked=1)
        for fragment in (
            *("here", "named", "upper", "after-quote", "特征", "%E7%89%B9%E5%BE%81", "a%20b", "a b", "x&y", "readme", "top", "TOP", ""),
            *(":~:text=Hello", "here:~:text=Hello", "/route", "!/route", "L10", "L10-L20"),
        )
    ),
    *(
        case(f"anchor {fragment} missing", f"anchors/#{fragment}", "broken", "the page has no #", asked=1)
        for fragment in ("gone", "comment", "script", "style", "text", "image", "HERE", "没有", "gone:~:text=Hello")
    ),
    case("anchor in another charset", "gbk/#特征", "ok", asked=1),
    case("anchor kept through a move", "f.redirecting/301#top-of-it", "moved", "", "/end#top-of-it", asked=1),
    case("anchor lost in a move", "l.redirecting/301#lost", "broken", "no #lost", asked=1),
    case("a move that names its own anchor", "o.away/own-fragment#x", "moved", "", "/page#there", asked=1),
    case("page of a PDF", "p.files/a.pdf#page=3", "ok", asked=1),
    case("PDF", "q.files/a.pdf", "ok", asked=1),
    case("zip", "z.files/a.zip", "ok", asked=1),
    *(
        case(f"odd address {path}", f"exact{path}", "ok", asked=1)
        for path in (
            *("/a b", "/a%20b", "/中文", "/%E4%B8%AD%E6%96%87", "/q?x=中&y=a b", "/Foo_(bar)", "/a%2Fb", "/[x]", "/Inc.", "/q?a=1&b=2", ""),
            *("/x,y;z='1'", "/%zz", "/a/../c", "/a%41", "//double", '/"quoted"', "/a|b"),
        )
    ),
    case("odd address without its full stop", "exact/Inc", "broken", "404"),
    Case("Unicode host", "http://bücher.ok.test:{p}/", "ok", asked=1),
    Case("upper-case host and scheme", "HTTP://UPPER.Ok.Test:{p}/", "ok", asked=1),
    Case("without its scheme", "//bare.ok.test:{s}/", "broken", "certificate"),
    case("cookies needed", "cookies/", "ok"),
    case("cookies needed, with an anchor", "c.cookies/#top-of-it", "ok"),
    case("has become a login page", "lo.away/account", "moved", "login page", "/users/login?next=%2Flogin", asked=1),
    case("has become a home page", "ho.away/was-deep", "moved", "home page", "/", asked=1),
    case("wrong length on HEAD", "odd-head/", "ok", asked=1),
    case("body after HEAD", "head-with-body/", "ok", asked=2),
    case("30 kB of one header", "long-header/", "ok", asked=1),
    case("redirect to a private address", "pa.away/private-address", "refused", "private", asked=1),
    case("redirect to a private name", "pn.away/private-name", "refused", "private", asked=1),
    case("redirect to cloud metadata", "md.away/metadata", "refused", "private", asked=1),
    case("redirect to ftp", "fp.away/ftp", "refused", "scheme ftp", asked=1),
    case("redirect to credentials", "cr.away/credentials", "refused", "password", asked=1),
    Case("private address", "http://127.9.9.9:{p}/", "refused", "private", asked=0),
    Case("private address, written short", "http://127.9.2313:{p}/", "refused", "private", asked=0),
    Case("private address, as a number", "http://2131298569:{p}/", "refused", "private", asked=0),
    Case("private address, in hexadecimal", "http://0x7f.9.9.9:{p}/", "refused", "private", asked=0),
    Case("private address in IPv6", "http://[::1]:{p}/", "refused", "private", asked=0),
    Case("private address wrapped in IPv6", "http://[::ffff:10.0.0.1]/", "refused", "private", asked=0),
    Case("private name", "http://inside.test:{p}/", "refused", "private", asked=0),
    Case("metadata service", "http://169.254.169.254/latest/", "refused", "private", asked=0),
    Case("credentials", "http://someone:hunter2@creds.ok.test:{p}/", "refused", "password", asked=0),
    Case("user name alone", "http://someone@creds.ok.test:{p}/", "refused", "password", asked=0),
    Case("ftp", "ftp://files.ok.test/file", "refused", "scheme ftp", asked=0),
    Case("file", "file:///etc/passwd", "refused", "scheme file", asked=0),
    Case("no scheme", "ok.test/page", "refused", "no scheme", asked=0),
    Case("a slash too many", "https:///page", "broken", "no such host", asked=0),
    Case("broken brackets", "http://[::1/", "broken", "no browser", asked=0),
    Case("impossible port", "http://port.ok.test:99999/", "broken", "no browser", asked=0),
    Case("space in the host", "http://o k.test/", "broken", "no browser", asked=0),
    case("HEAD 200, GET 404", "head-lies/", "broken", "404", asked=1),
    case("refresh to a page that is gone", "refresh/dead", "broken", "404"),
    case("refresh by header to a page that is gone", "refresh/header", "broken", "404"),
    case("refresh to a page", "refresh/fine", "ok"),
    case("refresh, its address quoted", "refresh/quoted", "ok"),
    case("refresh without the word url", "refresh/bare", "ok"),
    case("refresh of the page itself", "refresh/self", "ok"),
    case("refresh that names no page", "refresh/no-url", "ok"),
    case("refresh after a minute", "refresh/later", "ok"),
    *(
        case(f"{name.replace('-', ' ')}, forgiven", f"f{n}.forgiven/{name}#here", "ok", asked=1)
        for n, name in enumerate(
            (
                *("length-twice", "length-twice-in-one", "length-in-words", "length-and-chunks", "blank-before-colon", "encoding-identity"),
                *("encoding-utf-8", "encoding-none", "raw-deflate", "charset-undefined", "charset-empty", "no-phrase", "line-feeds"),
                *("early-hints", "folded", "http-1.0", "no-colon", "latin-header", "chunk-extension"),
            )
        )
    ),
    case("packed as nobody asked, anchor not looked for", "brotli/#y", "ok", "not looked for", asked=1),
    case("two different lengths", "two-lengths/", "unreachable", "two different lengths", asked=1),
    *(
        case(f"bot wall with 200, {name}", f"wall/{name}#x", "unreachable", "bot wall", asked=1)
        for name in ("cloudflare", "captcha", "anubis")
    ),
    case("page about bot walls", "wall/about#x", "ok", asked=1),
    *(
        case(f"anchor made by scripts, {name}", f"drawn/{name}#made", "ok", "made by scripts", asked=1)
        for name in ("shell", "shell-noscript", "ids", "html")
    ),
    *(
        case(f"anchor made by scripts, #{fragment}", f"drawn/page#{fragment}", "ok", "made by scripts", asked=1)
        for fragment in (
            "L10-20",
            "L7",
            "lines-10:20",
            "gid=0",
            "scrollTo=abc",
            "t=1m&x=2",
            "!route",
            "/route",
            "page=3",
            "diff-" + "0a" * 16 + "R7",
        )
    ),
    *(
        case(f"anchor missing on a page with a few scripts, #{name}", f"drawn/page#{name}", "broken", f"no #{name}", asked=1)
        for name in ("gone", "linear-models", "L2-regularisation", "lines-of-code", "diff-format")
    ),
    *(
        case(f"anchor written oddly, #{name}", f"written/#{name}", "ok", asked=1)
        for name in ("glued", "slashed", "behind", "old", "drawn", "a&b", "spaced", "first", "last", "deep")
    ),
    *(
        case(f"anchor that is none, #{name}", f"written/#{name}", "broken", "the page has no", asked=1)
        for name in ("template", "attribute", "area", "second", "without-scripts", "xmp")
    ),
    *(
        case(f"charset, {path.replace('-', ' ')}", f"charset/{path}#{name}", "ok", "200 OK $", asked=1)
        for path, name in (
            *(("gb2312-is-gbk", "囍"), ("latin-is-windows", "“x”"), ("header-first", "é"), ("mark-first", "é"), ("utf-16", "é")),
            *(("utf-16-said", "é"), ("xml-declaration", "囍"), ("http-equiv", "名"), ("in-comment", "é"), ("unsaid", "é")),
        )
    ),
    *(case(f"XHTML, #{name}", f"xhtml/#{name}", "ok", asked=1) for name in ("here", "prefixed")),
    case("XHTML, not in its data", "xhtml/#data", "broken", "no #data", asked=1),
    case("cookie in quotes", "quoted-cookie/", "ok"),
    case("short link to another host's root", "short/10.1000/x", "ok"),
    case("deep page to its own site's root", "short/lost", "moved", "home page", "http://www.short.test:{p}/"),
    *(case(f"documentation of logins, {name}", f"short/{name}", "ok") for name in ("docs/oauth2-old", "docs/old-login", "guide")),
    case("members only", "short/members", "moved", "login page", "/accounts/login/?next=/members"),
    Case("issuer's certificate forgotten", "https://unchained.test:{s}/", "ok", asked=1),
    Case(
        "issuer's certificate forgotten, and nobody says where it is",
        "https://orphan.test:{s}/",
        "unreachable",
        "issued it is not known",
        asked=0,
    ),
    Case("older TLS, RSA key exchange and SHA-1", "https://legacy.test:{l}/", "ok", asked=1),
    *(Case(f"host {name}", f"http://{name}.ok.test:{{p}}/", "ok", asked=1) for name in ("i❤", "ಠ_ಠ", "a_b", "-a-")),
    *(case(f"odd address {path}", f"exact{path}", "ok", asked=1) for path in ("/back\\slash", "/t\tab", "//../x/./y", "/q?'")),
    *(
        Case(f"opened by a program, {url}", url, "ok", "program of the reader's not asked", asked=0)
        for url in (
            "vscode:extension/a.b",
            "webcal://never.ok.test/c.ics",
            "magnet:?xt=urn:btih:x",
            "slack://open",
            "ssh://git@never.ok.test/x",
        )
    ),
    *(
        Case(f"slip of the scheme, {url}", url, "broken", "does not exist", asked=0)
        for url in ("htps://never.ok.test/", "htttp://never.ok.test/")
    ),
    Case("host label too long", f"http://{'a' * 64}.test/", "broken", "no such host", asked=0),
]


@pytest.fixture(scope="module")
def table(web: HostileWeb, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, dict[str, int]]:
    """One run over all cases at once."""
    folder = tmp_path_factory.mktemp("table")
    with socket.create_server(("127.0.0.1", 0)) as held:
        ports = {"p": web.port, "s": web.tls_port, "l": web.legacy_port, "closed": held.getsockname()[1]}
    source = folder / "urls.txt"
    source.write_text("\n".join(filled(case.url, ports) for case in CASES), encoding="utf-8")
    return run_main(web, "--urls", str(source), "--no-cache", *FAST, folder=folder), ports


def filled(url: str, ports: dict[str, int]) -> str:
    """Put the ports into an address."""
    return re.sub(r"\{(p|s|l|closed)\}", lambda match: str(ports[match[1]]), url)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_verdict(case: Case, table: tuple[Run, dict[str, int]], web: HostileWeb) -> None:
    """Every link gets the outcome that is true of it, with the reason, and no address is asked more often than the rules allow."""
    run, ports = table
    url = filled(case.url, ports)
    shown = "".join(filter(str.isprintable, re.sub(r"//[^/@]*@", "//***@", url)))
    result = run[shown]
    assert result["outcome"] == case.outcome, result
    assert re.search(case.reason, f"{result['reason']} {result['warning']}"), result
    assert result["moved_to"] == filled(case.moved_to, ports)
    host = url.partition("//")[2].partition("/")[0].rpartition("@")[2].partition(":")[0].lower()
    paths = Counter(asked.path for asked in web.asked if asked.host == host)
    if host not in ("anchors.test", "exact.test", "written.test", "drawn.test", "charset.test", "wall.test", "short.test", "refresh.test"):
        assert all(count <= case.asked for count in paths.values()), paths
        assert case.asked or not paths, paths


def verdict_table() -> str:
    """The truth table as it stands in scripts/README.md: every situation by its outcome."""
    rows = {outcome: [c.name for c in CASES if c.outcome == outcome and not c.name.startswith("anchor ")] for outcome in program.ORDER}
    lines = [f"| `{outcome}` | {' · '.join(name.replace('|', '') for name in names)} |" for outcome, names in rows.items() if names]
    return "\n".join(["| outcome | situations |", "|---|---|", *lines])


def test_the_readme_shows_the_truth_table() -> None:
    """What scripts/README.md says of each situation is what is tested; on a difference, put this table there."""
    text = (ROOT / "scripts" / "README.md").read_text(encoding="utf-8")
    shown = text.partition("<!-- verdicts -->")[2].partition("<!-- /verdicts -->")[0].strip()
    assert shown == verdict_table()


@pytest.mark.usefixtures("table")
def test_each_address_is_asked_once_for_all_its_anchors(web: HostileWeb) -> None:
    """28 links into one page cost one request."""
    assert web.times("anchors") == {"GET": 1}


def test_spellings_of_one_address_are_one_request(table: tuple[Run, dict[str, int]], web: HostileWeb) -> None:
    """`/a b` and `/a%20b` are one address, but both are reported as they were given."""
    run, ports = table
    assert web.times("exact", "/a%20b") == {"GET": 1}
    assert {f"http://exact.test:{ports['p']}/a b", f"http://exact.test:{ports['p']}/a%20b"} <= set(run.results)


@pytest.mark.usefixtures("table")
def test_nothing_reaches_the_inside(web: HostileWeb) -> None:
    """No request arrives at the private address: not directly, not by name, not after a redirect."""
    assert not [asked for asked in web.asked if asked.host in ("127.9.9.9", "inside.test")]


def test_credentials_are_never_sent_or_shown(table: tuple[Run, dict[str, int]], web: HostileWeb) -> None:
    """User names and passwords go neither over the wire nor into the report."""
    run, _ = table
    assert not [asked for asked in web.asked if "authorization" in asked.headers]
    assert not re.search(r"hunter2|someone|secret", json.dumps(run.whole))


@pytest.mark.usefixtures("table")
def test_huge_pages_are_not_read_to_the_end(web: HostileWeb) -> None:
    """Of 200 MB no more than the cap and what the sockets hold leaves the host; less, where no anchor is looked for."""
    assert web.state["b.huge.test"].get("sent", 0) < 40_000_000
    assert web.state["huge.test"].get("sent", 0) < 15_000_000


@pytest.mark.usefixtures("table")
def test_who_we_are_is_said(web: HostileWeb) -> None:
    """Every request names the program and the project."""
    agents = {asked.headers["user-agent"] for asked in web.asked if asked.host != "named.ok.test"}
    assert agents == {link_web.AGENT.format("How to become a machine learning engineer; ")}
    assert "link check" in link_web.AGENT


def test_the_report_has_every_link_once(table: tuple[Run, dict[str, int]]) -> None:
    """As many results as links, each with its place; the totals agree, and something is to be mended."""
    run, ports = table
    assert len(run.whole["results"]) == len({filled(case.url, ports) for case in CASES})
    assert sum(run.whole["totals"].values()) == len(run.whole["results"])
    assert run.whole["schema_version"] == 1
    assert run.code == 1
    lines = {place["line"] for result in run.whole["results"] for place in result["places"]}
    assert lines == set(range(1, len(CASES) + 1))


# -- a good guest --------------------------------------------------------------------------------


@pytest.mark.parametrize("per_host", [1, 4])
def test_the_punishing_host_is_never_angered(check: Check, web: HostileWeb, per_host: int) -> None:
    """A host is asked no more than N at a time, redirects from other hosts included."""
    host = f"n{per_host}.punishing"
    urls = [web.url(host, f"/{n}") for n in range(24)] + [web.url(f"x{n}.ok", "/") for n in range(4)]
    run = check(*urls, options=("--no-cache", "--per-host", str(per_host)))
    assert {result["outcome"] for result in run.results.values()} == {"ok"}
    assert max(asked.at_once for asked in web.asked if asked.host == f"{host}.test") == per_host


def test_a_host_has_its_pause(check: Check, web: HostileWeb) -> None:
    """Requests to one host begin at least a pause apart, whichever links they serve."""
    check(*(web.url("pause.ok", f"/{n}") for n in range(4)), web.url("pause.redirecting", "/302"), fast=("--pause", "0.4"))
    times = [asked.at for asked in web.asked if asked.host == "pause.ok.test"]
    assert len(times) == 4
    assert all(later - earlier > 0.3 for earlier, later in pairwise(times))
    first, second = (asked.at for asked in web.asked if asked.host == "pause.redirecting.test")
    assert second - first > 0.3


def test_a_wait_that_is_asked_for_holds_for_the_whole_host(check: Check, web: HostileWeb) -> None:
    """After `Retry-After: 1` nothing of that host is asked for a second, other links included."""
    check(*(web.url("all.wait-seconds", f"/{n}") for n in range(3)), options=("--no-cache", "--per-host", "3"))
    times = [asked.at for asked in web.asked if asked.host == "all.wait-seconds.test"]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(times) == 6
    assert max(gaps) > 0.95
    assert sum(gap > 0.5 for gap in gaps) == 1


def test_a_host_that_asks_for_an_hour_is_left_alone(check: Check, web: HostileWeb) -> None:
    """All are left for another day, and only the first costs a request."""
    run = check(*(web.url("many.wait-long", f"/{n}") for n in range(5)))
    assert Counter(result["outcome"] for result in run.results.values()) == {"unreachable": 5}
    assert web.times("many.wait-long") == {"GET": 1}
    assert run.code == 0


def test_a_host_that_always_says_429_is_left_alone(check: Check, web: HostileWeb) -> None:
    """After three links in a row that end so, the rest is not asked."""
    run = check(*(web.url("many.limited", f"/{n}") for n in range(9)))
    assert Counter(result["outcome"] for result in run.results.values()) == {"unreachable": 9}
    assert web.times("many.limited").total() == 9


def test_a_silent_host_costs_three_links(check: Check, web: HostileWeb) -> None:
    """A host that never answered is not waited for link after link."""
    run = check(*(web.url("many.never", f"/{n}") for n in range(9)), web.url("ok"), fast=("--pause", "0", "--timeout", "0.3"))
    assert Counter(result["outcome"] for result in run.results.values()) == {"unreachable": 9, "ok": 1}
    assert web.times("many.never").total() == 9


def test_the_budget_ends_the_run(check: Check, web: HostileWeb, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not asked when the time is over is left for another day, and said: exit 0 means that all was looked at."""
    start = time.monotonic()
    run = check(*(web.url("budget.ok", f"/{n}") for n in range(50)), options=("--no-cache", "--budget", "0.5"), fast=("--pause", "0.1"))
    assert time.monotonic() - start < 3
    outcomes = Counter(result["outcome"] for result in run.results.values())
    assert 3 <= outcomes["ok"] <= 7
    assert outcomes["unreachable"] == 50 - outcomes["ok"]
    assert (run.code, run.whole["is_complete"]) == (2, False)
    assert f"{outcomes['unreachable']} of 50 links were not asked" in capsys.readouterr().err


def test_links_that_redirect_to_one_page_ask_it_once(check: Check, web: HostileWeb) -> None:
    """Thirty links that end at one login page cost one look at it."""
    check(*(web.url("thirty.redirecting", f"/302/x?{n}") for n in range(30)), web.url("thirty.redirecting", "/x"))
    assert web.times("thirty.redirecting", "/x").total() <= 30
    check(*(web.url(f"t{n}.away", "/ok") for n in range(9)))
    assert web.times("ok", "/arrived").total() <= 3


def test_the_same_host_is_asked_on_the_same_connection(check: Check, web: HostileWeb) -> None:
    """All through main, with one verdict for each URL as it was given, in any order."""
    urls = [web.url("many.ok", f"/{n}") for n in range(40)]
    run = check(*urls, *urls)
    assert list(run.results) == sorted(urls)
    assert web.times("many.ok") == {"GET": 40}
    assert len(run[urls[0]]["places"]) == 2


# -- no network, proxies, certificates -----------------------------------------------------------


def nothing_resolves(host: str) -> list[str]:
    """The name service of a machine without a network."""
    raise socket.gaierror(socket.EAI_NONAME, f"{host}?")


@pytest.mark.parametrize("count", [1, 3, 300])
def test_without_network_one_line_is_said(count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No name resolves, not even those that always do: one line, exit 2, no findings, nothing remembered."""
    source, cache = tmp_path / "urls.txt", tmp_path / "cache.sqlite"
    source.write_text("\n".join(f"https://host{n}.test/" for n in range(count)), encoding="utf-8")
    assert main(["--urls", str(source), "--cache", str(cache)], lookup=nothing_resolves, now=NOW) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(r"check_links: no network: [^\n]+\n", said.err)
    assert remembered(cache) == []


def test_one_dead_host_is_not_no_network(check: Check) -> None:
    """Where names resolve, a single link to a host that does not exist is broken."""
    run = check("https://no-such-host.test/")
    assert run["https://no-such-host.test/"]["outcome"] == "broken"
    assert run.code == 1


def test_names_lost_during_a_run_are_not_called_broken(web: HostileWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When one host answers, then no name resolves any more, the rest is unreachable, not dead."""
    monkeypatch.setattr(web, "names", {})
    source = tmp_path / "urls.txt"
    source.write_text("\n".join([web.url("first.ok"), *(f"http://lost{n}.test/" for n in range(8))]), encoding="utf-8")
    run = run_main(web, "--urls", str(source), "--no-cache", *FAST, folder=tmp_path)
    assert Counter(result["outcome"] for result in run.results.values()) == {"ok": 1, "unreachable": 8}
    assert run.code == 0


def test_a_proxy_is_used_and_may_be_inside(web: HostileWeb, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's proxy gets the request, wherever it stands; names behind it are its own business."""
    monkeypatch.setenv("http_proxy", f"http://127.9.9.9:{web.port}")
    monkeypatch.setenv("no_proxy", "direct.ok.test")
    run = check("http://proxied.ok.test/page", web.url("direct.ok", "/page"), "http://169.254.169.254/")
    assert run["http://proxied.ok.test/page"]["outcome"] == "ok"
    assert web.times("proxied.ok", "http://proxied.ok.test/page") == {"GET": 1}
    assert web.times("direct.ok", "/page") == {"GET": 1}
    assert run["http://169.254.169.254/"]["outcome"] == "refused"


def test_a_dead_proxy_is_no_network(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the proxy does not answer, nothing can be said of any link."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{held.getsockname()[1]}")
    assert check("http://a.ok.test/", "http://b.ok.test/").code == 2


def test_a_certificate_file_that_is_missing_stops_the_run(check: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Else every certificate in the world would look bad."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    assert check("https://good.test/").code == 2


@pytest.mark.parametrize(
    "ip",
    [
        *("127.0.0.2", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1", "255.255.255.255"),
        *(
            "::1",
            "::",
            "fe80::1",
            "fe80::1%eth0",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "2002:7f00:1::",
            "64:ff9b::a00:1",
            "::127.0.0.1",
        ),
    ],
)
def test_private_addresses_are_known(ip: str) -> None:
    """Loopback, private, link-local, shared, multicast and metadata addresses, also when wrapped in IPv6."""
    assert link_web.is_private(ip)


@pytest.mark.parametrize("ip", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "::ffff:93.184.216.34"])
def test_public_addresses_are_known(ip: str) -> None:
    """The open internet, also behind NAT64."""
    assert not link_web.is_private(ip)


def test_allow_private_opens_the_house(web: HostileWeb, check: Check) -> None:
    """Who asks for it may check a site of their own."""
    run = check(f"http://127.9.9.9:{web.port}/mine", options=("--no-cache", "--allow-private"))
    assert run.code == 0
    web.asked[:] = [asked for asked in web.asked if asked.path != "/mine"]


# -- memory --------------------------------------------------------------------------------------


def test_what_was_ok_is_not_asked_again(check: Check, web: HostileWeb, tmp_path: Path) -> None:
    """Within five days an ok link is taken from memory; after that it is asked."""
    url, cache = web.url("remembered.ok"), ("--cache", str(tmp_path / "c.sqlite"))
    assert not check(url, options=cache)[url]["is_remembered"]
    assert check(url, options=cache, now=NOW + 4 * DAY)[url]["is_remembered"]
    assert web.times("remembered.ok").total() == 1
    assert not check(url, options=cache, now=NOW + 6 * DAY)[url]["is_remembered"]
    assert web.times("remembered.ok").total() == 2


def test_a_run_that_needs_no_network_does_not_load_the_client(web: HostileWeb, check: Check, tmp_path: Path) -> None:
    """A warm run is quick because it leaves the HTTP client alone."""
    url, cache = web.url("warm.ok"), tmp_path / "c.sqlite"
    check(url, options=("--cache", str(cache)), now=time.time())
    arguments = ["--urls", str(tmp_path / "urls.txt"), "--cache", str(cache)]
    probe = f"import sys, check_links; check_links.main({arguments!r}); print('aiohttp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], cwd=CHECKER.parent, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


def test_broken_after_ok_needs_a_second_look(check: Check, web: HostileWeb, tmp_path: Path) -> None:
    """A link that was ok is called broken only when the next run finds it so too."""
    url, cache = web.url("second.flaky"), ("--cache", str(tmp_path / "c.sqlite"))
    check(url, options=cache)
    web.state["second.flaky.test"]["status"] = 404
    first = check(url, options=cache, now=NOW + 10 * DAY)
    assert (first[url]["outcome"], first.code) == ("unreachable", 0)
    assert "was ok on 2026-11-18" in first[url]["reason"]
    second = check(url, options=cache, now=NOW + 11 * DAY)
    assert (second[url]["outcome"], second.code) == ("broken", 1)
    assert second[url]["archived"] == f"https://web.archive.org/web/20261118/{url}"
    web.state["second.flaky.test"]["status"] = 200
    assert check(url, options=cache, now=NOW + 12 * DAY)[url]["outcome"] == "ok"


def test_a_link_that_was_never_ok_is_broken_at_once(check: Check, web: HostileWeb, tmp_path: Path) -> None:
    """A new dead link needs no second look; its archived copies are suggested."""
    url = web.url("never-ok.status", "/404")
    run = check(url, options=("--cache", str(tmp_path / "c.sqlite")))
    assert (run[url]["outcome"], run[url]["archived"]) == ("broken", f"https://web.archive.org/web/*/{url}")


def test_a_time_out_is_never_called_dead_but_a_person_looks_in_the_end(check: Check, web: HostileWeb, tmp_path: Path) -> None:
    """Unreachable leaves nothing to do; for two weeks and three looks on end, it asks for a person, still as unreachable."""
    url, cache = web.url("long.status", "/500"), ("--cache", str(tmp_path / "c.sqlite"))
    runs = [check(url, options=cache, now=NOW + days * DAY) for days in (0, 7, 13, 15)]
    assert [run[url]["outcome"] for run in runs] == ["unreachable"] * 4
    assert [run.code for run in runs] == [0, 0, 0, 1]
    assert "a person must look" in runs[-1][url]["warning"]
    assert runs[-1][url]["streak"] == 4


def test_a_page_that_has_not_changed_is_not_read_again(check: Check, web: HostileWeb, tmp_path: Path) -> None:
    """An anchor that was there is still there when the host says 304; another anchor of the page is looked for."""
    url, cache = web.url("tagged", "/#here"), ("--cache", str(tmp_path / "c.sqlite"))
    for days in (0, 6, 12):
        assert check(url, options=cache, now=NOW + days * DAY)[url]["outcome"] == "ok"
    assert [asked.headers.get("if-none-match") for asked in web.asked if asked.host == "tagged.test"] == [None, '"v1"', '"v1"']
    other = web.url("tagged", "/#gone")
    assert check(url, other, options=cache, now=NOW + 18 * DAY)[other]["outcome"] == "broken"


def damage_text(path: Path) -> None:
    path.write_bytes(b"\x00\xff rubbish" * 500)


def damage_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def damage_version(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA user_version = 99")


def damage_other(path: Path) -> None:
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE photos (name)")


def damage_columns(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.execute("ALTER TABLE links DROP COLUMN etag")


@pytest.mark.parametrize("damage", [damage_text, damage_half, damage_version, damage_other, damage_columns])
def test_a_damaged_cache_is_set_aside(
    check: Check, web: HostileWeb, tmp_path: Path, damage: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever stands in the cache file, the run goes on without memory, says so, and keeps the old file."""
    url, cache = web.url("damage.ok"), tmp_path / "c.sqlite"
    check(url, options=("--cache", str(cache)))
    damage(cache)
    kept = cache.read_bytes()
    capsys.readouterr()
    assert check(url, options=("--cache", str(cache))).code == 0
    assert "set aside" in capsys.readouterr().err
    assert (tmp_path / "c.sqlite.bad").read_bytes() == kept
    assert check(url, options=("--cache", str(cache)))[url]["is_remembered"]


def test_two_runs_at_once_do_no_harm(check: Check, web: HostileWeb, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second says that it remembers nothing, and leaves the file to the first."""
    cache = tmp_path / "c.sqlite"
    first = link_memory.Cache(cache, NOW, print)
    first.learn("http://first.test/", link_web.Verdict("ok"), is_secret=False)
    assert check(web.url("twice.ok"), options=("--cache", str(cache))).code == 0
    assert "locked" in capsys.readouterr().err
    first.close()
    assert remembered(cache) == ["http://first.test/"]


def test_what_nobody_asks_about_is_forgotten(check: Check, web: HostileWeb, tmp_path: Path) -> None:
    """Links that left the guide leave the cache after 120 days; the file is sorted, so two runs write the same."""
    cache = tmp_path / "c.sqlite"
    check(web.url("forget.ok", "/old"), options=("--cache", str(cache)))
    check(web.url("forget.ok", "/new"), options=("--cache", str(cache)), now=NOW + 121 * DAY)
    assert remembered(cache) == [web.url("forget.ok", "/new")]


def test_what_was_asked_about_lately_is_kept(check: Check, web: HostileWeb, tmp_path: Path) -> None:
    """A link that stood in no page for 119 days is still remembered."""
    cache = tmp_path / "links.sqlite"
    check(web.url("forget.ok", "/old"), options=("--cache", str(cache)))
    check(web.url("forget.ok", "/new"), options=("--cache", str(cache)), now=NOW + 119 * DAY)
    assert sorted(remembered(cache)) == [web.url("forget.ok", "/new"), web.url("forget.ok", "/old")]


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://example.org:80/a", "http://example.org/a"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("https://example.org:80/a", "https://example.org:80/a"),
        ("http://example.org:443", "http://example.org:443/"),
        ("https://example.org:444/a?b=c#d", "https://example.org:444/a?b=c"),
    ],
)
def test_a_scheme_has_its_usual_port(url: str, asked: str) -> None:
    """The port that a scheme has anyway is left out; another one stays."""
    assert link_web.address(url, False)[0] == asked


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Run the program as a person does, in a process of its own."""
    command = [sys.executable, str(CHECKER), "--allow-private", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment})


def slow_list(web: HostileWeb, folder: Path, name: str) -> Path:
    """Four links of one host, and one that hangs on another."""
    source = folder / "urls.txt"
    hanging = f"http://127.0.0.1:{web.port}/"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        del listening
    source.write_text("\n".join([*(f"{hanging}{name}/{n}" for n in range(4)), f"http://127.0.0.9:{silent_port()}/hangs"]), encoding="utf-8")
    return source


_HELD: list[socket.socket] = []


def silent_port() -> int:
    """A port where connections are taken and nothing is ever said."""
    listening = socket.create_server(("127.0.0.9", 0))
    _HELD.append(listening)
    return int(listening.getsockname()[1])


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait, ten seconds at most."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_killed_run_loses_nothing(web: HostileWeb, tmp_path: Path) -> None:
    """What was known at the moment of a SIGKILL is known to the next run."""
    source, cache = slow_list(web, tmp_path, "killed"), tmp_path / "c.sqlite"
    process = start("--urls", str(source), "--cache", str(cache), "--pause", "0")
    wait_for(lambda: len(remembered(cache)) == 4)
    process.kill()
    process.communicate()
    process = start("--urls", str(source), "--cache", str(cache), "--pause", "0", "--timeout", "0.2", "--json", "-")
    out, err = process.communicate(timeout=20)
    assert Counter(result["is_remembered"] for result in json.loads(out)["results"]) == {True: 4, False: 1}
    assert err == ""


def test_ctrl_c_ends_within_a_second(web: HostileWeb, tmp_path: Path) -> None:
    """What is known so far is reported and saved; exit 2, because the run is not complete."""
    source, cache = slow_list(web, tmp_path, "interrupted"), tmp_path / "c.sqlite"
    process = start("--urls", str(source), "--cache", str(cache), "--pause", "0")
    wait_for(lambda: len(remembered(cache)) == 4)
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert time.monotonic() - begin < 1
    assert process.returncode == 2
    assert "interrupted: 4 of 5 links are known" in err
    assert "4 links: 4 ok" in out
    assert len(remembered(cache)) == 4


def test_ctrl_c_does_not_wait_for_the_name_service(tmp_path: Path) -> None:
    """A name server that never answers holds a thread, not the program."""
    source = tmp_path / "urls.txt"
    source.write_text("http://hangs.test/", encoding="utf-8")
    script = (
        "import check_links, os, sys, time\n"
        "def lookup(host):\n    print('asked', flush=True); time.sleep(30); return []\n"
        f"code = check_links.main(['--urls', r'{source}', '--no-cache'], lookup=lookup)\nsys.exit(code)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=CHECKER.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert time.monotonic() - begin < 1
    assert process.returncode == 2


def test_a_full_disk_costs_the_memory_and_nothing_else(web: HostileWeb, tmp_path: Path) -> None:
    """A write that fails is said once; the verdicts stand, and what was remembered before is still there."""
    source, cache = tmp_path / "urls.txt", tmp_path / "c.sqlite"
    urls = [f"http://127.0.0.1:{web.port}/disk/{n}" for n in range(60)]
    source.write_text("\n".join(urls[:5]), encoding="utf-8")
    start("--urls", str(source), "--cache", str(cache), "--pause", "0").communicate(timeout=20)
    before = cache.read_bytes()
    source.write_text("\n".join(urls), encoding="utf-8")
    limit = f"import resource, signal, runpy, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, ({len(before) + 500},) * 2); sys.argv = sys.argv[1:]; sys.path.insert(0, r'{CHECKER.parent}'); runpy.run_path(sys.argv[0], run_name='__main__')"  # noqa: E501
    command = [sys.executable, "-c", limit, str(CHECKER), "--urls", str(source), "--cache", str(cache), "--allow-private", "--pause", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert "60 links: 60 ok (5 remembered)" in done.stdout, done.stderr
    assert done.stderr.count("cannot be written") == 1
    assert done.returncode == 0
    process = start("--urls", str(source), "--cache", str(cache), "--pause", "0", "--json", "-")
    results = json.loads(process.communicate(timeout=20)[0])["results"]
    assert sum(result["is_remembered"] for result in results) >= 5
    assert (tmp_path / "c.sqlite.bad").exists() is False


def test_a_cache_that_cannot_be_written_is_said(check: Check, web: HostileWeb, capsys: pytest.CaptureFixture[str]) -> None:
    """/dev/full is always full; a folder is no file."""
    for path in ("/dev/full", "/proc"):
        assert check(web.url("full.ok"), options=("--cache", path)).code == 0
        assert capsys.readouterr().err.count("cannot be written") == 1


def test_results_that_cannot_be_written_are_an_error(
    check: Check, web: HostileWeb, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A report that nobody gets is not a success."""
    assert check(web.url("full2.ok"), options=("--no-cache", "--summary", str(tmp_path / "no" / "such" / "folder.md"))).code == 2
    assert "cannot be written" in capsys.readouterr().err


# -- exceptions ----------------------------------------------------------------------------------


def exceptions(folder: Path, *records: tuple[str, str]) -> tuple[str, ...]:
    """Options with a file of exceptions: pattern and the day to look again."""
    file = folder / "exceptions.yml"
    lines = [f'- pattern: "{pattern}"\n  reason: a wall\n  added: 2026-01-01\n  look_again: {day}\n' for pattern, day in records]
    file.write_text("# why\n" + "".join(lines), encoding="utf-8")
    return ("--no-cache", "--exceptions", str(file))


def test_an_exception_exempts_with_its_reason(check: Check, web: HostileWeb, tmp_path: Path) -> None:
    """A refused link that is excepted leaves nothing to do; others of the host are not covered."""
    covered, other = web.url("e1.status", "/403"), web.url("e1.status", "/404")
    run = check(covered, other, options=exceptions(tmp_path, (web.url("e1.status", "/403*"), "2027-01-01")))
    assert (run[covered]["outcome"], run[other]["outcome"]) == ("exempt", "broken")
    assert run[covered]["reason"] == "a wall (refused: 403 Forbidden)"
    assert check(covered, options=exceptions(tmp_path, (covered, "2027-01-01"))).code == 0


@pytest.mark.parametrize(
    ("pattern", "day", "said"),
    [
        ("{url}", "2026-11-17", "renew the day"),
        ("http://elsewhere.test/*", "2027-01-01", "fits no link"),
        ("{ok}", "2027-01-01", "all it covers is ok"),
    ],
    ids=["past its day", "fits nothing", "no longer needed"],
)
def test_exceptions_do_not_live_for_ever(check: Check, web: HostileWeb, tmp_path: Path, pattern: str, day: str, said: str) -> None:
    """An exception past its day, or no longer needed, is an error at its own line."""
    url, fine = web.url("e2.status", "/403"), web.url("e2.ok")
    keep = (url, "2027-01-01")
    run = check(url, fine, options=exceptions(tmp_path, keep, (pattern.format(url=url, ok=fine), day)))
    assert run.code == 1
    (problem,) = run.whole["exceptions"]
    assert said in problem["problem"]
    assert problem["line"] == 6


def test_an_exception_is_good_on_its_last_day(check: Check, web: HostileWeb, tmp_path: Path) -> None:
    """Look again *by* that day."""
    url = web.url("e3.status", "/403")
    assert check(url, options=exceptions(tmp_path, (url, "2026-11-18"))).code == 0


@pytest.mark.parametrize(
    "text",
    ["- pattern: x", "pattern: x", "- 1", "- {pattern: x, reason: '', added: 2026-01-01, look_again: 2026-02-01}", "- [",
     "- {pattern: a, b: c}", "- {pattern: x, reason: y, added: 2026-02-01, look_again: 2026-02-01}",
     "- {pattern: x, reason: y, added: soon, look_again: later}"],
)  # fmt: skip
def test_wrong_exceptions_stop_the_run(check: Check, tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that cannot be trusted is refused with file and line, before anything is asked."""
    file = tmp_path / "exceptions.yml"
    file.write_text(text, encoding="utf-8")
    assert check("http://no.test/", options=("--no-cache", "--exceptions", str(file))).code == 2
    assert re.match(rf"check_links: {re.escape(str(file))}:\d+: ", capsys.readouterr().err)


def test_the_guides_own_exceptions_are_well_formed() -> None:
    """The file in the repository can be read."""
    path = ROOT / program.EXCEPTIONS
    program.read_exceptions(path, program.EXCEPTIONS)
    assert path.is_file()


# -- what is a link, and where it stands ---------------------------------------------------------


@pytest.fixture
def guide(web: HostileWeb, tmp_path: Path) -> Path:
    """A copy of the little guide in fixtures/links/guide, its links leading to the hostile web."""
    root = tmp_path / "guide"
    shutil.copytree(FIXTURES / "guide", root)
    (root / "built").rename(root / "site")
    for path in [path for path in root.rglob("*") if path.is_file()]:
        path.write_bytes(path.read_bytes().replace(b"PORT", str(web.port).encode()))
    return root


def check_guide(web: HostileWeb, root: Path, *options: str, now: float = NOW) -> Run:
    """Run the program on a guide."""
    return run_main(web, "--root", str(root), *FAST, *options, folder=root.parent, now=now)


def places(run: Run, url: str) -> list[str]:
    """Where a link stands, as people write it."""
    return [f"{place['file']}:{place['line']}" for place in run[url]["places"]]


def test_findings_stand_where_they_can_be_mended(web: HostileWeb, guide: Path) -> None:
    """Chapters, front matter, records, templates and settings: every link at all its lines, the built page only as a last resort."""
    run = check_guide(web, guide)
    expected = json.loads((FIXTURES / "guide-places.json").read_text(encoding="utf-8").replace("PORT", str(web.port)))
    assert {url: places(run, url) for url in run.results} == expected


def test_code_comments_drafts_and_local_links_are_none(web: HostileWeb, guide: Path) -> None:
    """Nothing that a reader cannot follow out of the page is asked."""
    run = check_guide(web, guide)
    assert not [url for url in run.results if re.search(r"code|comment|draft|local|mailto", url)]


def test_a_built_site_alone_is_checked_at_the_lines_of_its_pages(web: HostileWeb, guide: Path) -> None:
    """--site takes any folder with HTML in it; places are the pages."""
    run = run_main(web, "--site", str(guide / "site"), "--no-cache", *FAST, folder=guide.parent)
    assert places(run, web.url("g1.ok", "/shared")) == [f"{guide}/site/role.html:4", f"{guide}/site/zh/role.html:3"]


def test_without_a_built_site_the_run_says_what_to_do(web: HostileWeb, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No site, no check; a missing list is no success either."""
    assert check_guide(web, tmp_path).code == 2
    assert "build the site first" in capsys.readouterr().err
    assert run_main(web, "--urls", str(tmp_path / "none"), folder=tmp_path).code == 2


PAGE = """<!DOCTYPE html>
<link rel="stylesheet" href="https://a.test/style.css"><link rel="canonical" href="https://a.test/canonical"><link rel=preconnect href=https://a.test>
<base href="https://a.test/base/"><script src="https://a.test/script.js">"<a href='https://a.test/in-script'>"</script>
<a href=https://a.test/plain>x</a><A HREF='https://a.test/upper?a=1&amp;b=2'>y</A><a title="a > b" href="https://a.test/quoted">z</a>
<!-- <a href="https://a.test/comment"> --><pre><a href="https://a.test/pre"></a></pre><p><code>a <a href="https://a.test/code"></a></code>
<a
   href="  https://a.test/spaced  ">w</a><a href="mailto:x@a.test"></a><a href="local.html"></a><a href="#x"></a><a href="tel:1">
<img src="//a.test/image.png" srcset="https://a.test/1x.png 1x, https://a.test/2x.png 2x"><svg><image xlink:href="https://a.test/i.svg"/></svg>
<a href="ftp://a.test/f">f</a><video poster="https://a.test/poster"><source src="https://a.test/film"></video><a href="javascript:void(0)">
<style>a { background: url(https://a.test/css) }</style><template><a href="https://a.test/template"></template><a href="https://a.test/last">
<!-- <a href="https://a.test/unclosed">"""


def test_what_the_reader_sees_is_a_link() -> None:
    """Links, images, scripts and styles of a page at their lines; not what stands in comments, code, scripts or metadata."""
    page = link_sources.Built("p.html", link_pages.read_local(PAGE.encode(), is_xml=False))
    found = [(line, url.replace("https://a.test/", "")) for url, line in page.external()]
    assert found == [
        (2, "style.css"),
        (3, "script.js"),
        *[(4, "plain"), (4, "upper?a=1&b=2"), (4, "quoted")],
        *[(6, "spaced"), (7, "base/local.html"), (7, "base/#x"), (8, "//a.test/image.png"), (8, "1x.png"), (8, "2x.png"), (8, "i.svg")],
        *[(9, "ftp://a.test/f"), (9, "poster"), (9, "film"), (10, "last")],
    ]


def test_a_url_is_found_whole() -> None:
    """Not inside a longer one, not in code or comments, with or without punctuation behind it."""
    text = """See https://a.test/x. And https://a.test/x/y and [x](https://a.test/x) and <https://a.test/x>, https://a.test/x?b=1&amp;c=2
`https://a.test/x` https://web.archive.org/web/2020/https://a.test/x [r]: https://a.test/x "title"
```
https://a.test/x
```
<!-- https://a.test/x --> https://a.test/x_(y) 见https://a.test/x。 ~~~ https://a.test/x#part
{# https://a.test/x #} | https://a.test/x | **https://a.test/x** ``a ` https://a.test/x``
"""
    source = link_sources.make_source("p.md", text)
    lines = [text.count("\n", 0, start) + 1 for start, _ in source.spans("https://a.test/x")]
    assert lines == [1, 1, 1, 2, 6, 7, 7]
    assert len(source.spans("https://a.test/x?b=1&c=2")) == 1
    assert len(source.spans("https://a.test/x_(y)")) == 1


URLS = st.from_regex(r"https://[a-z]{1,5}\.test/[a-z0-9_()\-~%&=?.#/]{0,8}[a-z0-9/=]", fullmatch=True)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="`<>[]{}~\\"), max_size=12)


@given(st.lists(st.tuples(WORDS, URLS, st.sampled_from(["[t]({})", "<{}>", "![t]({} 'x')", "[t]: {}"])), min_size=1, max_size=8))
def test_every_markdown_link_is_found_at_its_line(lines: list[tuple[str, str, str]]) -> None:
    """Whatever stands around it, a link is found at its own lines and at no other."""
    text = "\n\n".join(f"{word.replace('://', '')} {form.format(url)} end" for word, url, form in lines)
    source = link_sources.make_source("p.md", text)
    for url in {url for _, url, _ in lines}:
        expected = {number * 2 + 1 for number, (_, other, _) in enumerate(lines) if other == url}
        assert {place.line for place in source.places(url)} == expected


VALUES = st.one_of(URLS, st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20), st.integers(), st.none())


@given(st.lists(st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), VALUES, min_size=1, max_size=4), min_size=1, max_size=5))
def test_every_yaml_url_is_found_at_its_line(records: list[dict[str, Any]]) -> None:
    """Each value that is a URL is a link at its own line, whatever the other values are."""
    import yaml

    text = "# 注释 https://comment.test/x\n" + yaml.safe_dump(records, allow_unicode=True, width=10_000)
    source = link_sources.yaml_source("d.yml", text)
    wanted = sorted(
        value for record in records for value in record.values() if isinstance(value, str) and re.fullmatch(r"https?://\S+", value.strip())
    )
    assert sorted(url for url, _ in source.values) == [url.strip() for url in wanted]
    lines = text.split("\n")
    assert all(url.partition("%")[0] in lines[line - 1] for url, line in source.values)
    assert len(source.visible) == len(text)
    assert "comment.test" not in source.visible
    for url, line in source.values:
        assert link_sources.Place("d.yml", line) in source.places(url)


@given(st.text(max_size=40), st.sampled_from(["", "http://", "https://", "//", "https://a.test/", "https://a.test/?"]))
def test_any_text_becomes_an_address_or_a_verdict(text: str, start: str) -> None:
    """Nothing that a page can hold makes the program fall over; an address is plain ASCII and stays what it is when written again."""
    try:
        address, _ = link_web.address(start + text, allow_private=True)
    except link_web.Settled as settled:
        assert settled.verdict.outcome in ("refused", "broken")
    else:
        assert re.fullmatch(r"https?://[!-~]+/[!-~]*", address)
        assert link_web.address(address, allow_private=True) == (address, "")


@given(st.binary(max_size=400))
def test_any_page_can_be_read(data: bytes) -> None:
    """Neither a page of the guide nor a strange host's makes the program fall over."""
    for is_xml in (False, True):
        link_pages.read_local(data, is_xml)
        link_pages.read_foreign(data, "", is_xml)


@pytest.mark.parametrize(
    "page",
    [
        b"<a " * 300_000,
        b"<!--" * 300_000,
        b"<a '\"" * 200_000,
        b"<script " * 200_000,
        b'<a id="' * 200_000,
        b"<" * 10**6,
        b"<div>" * 10**5,
        b"<ul><li>" * 10**5,
        b"<!-- http-equiv" * 10**5,
        b"<meta http-equiv=refresh content='" + b"0;" * 10**6,
    ],
)
def test_no_page_costs_more_than_its_length(page: bytes) -> None:
    """Neither patterns nor the parser are slowed down by what is made for it."""
    begin = time.monotonic()
    link_pages.read_foreign(page, "", is_xml=False)
    assert time.monotonic() - begin < 3


# -- what a branch adds, what moved --------------------------------------------------------------


def git(root: Path, *arguments: str) -> None:
    """Run git without a person's settings."""
    identity = ("-c", "user.name=t", "-c", "user.email=t@t.test", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main")
    subprocess.run(
        ["git", *identity, *arguments], cwd=root, check=True, capture_output=True, env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    )


def test_only_what_a_branch_adds_is_checked(web: HostileWeb, guide: Path) -> None:
    """New links in chapters, records and new files; not those that only moved, nor those that were there."""
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "a"], ["checkout", "-qb", "work"]):
        git(guide, *arguments)
    assert check_guide(web, guide, "--changed-since", "main", "--no-cache").results == {}
    chapter = guide / "docs/en/role.md"
    text = chapter.read_text(encoding="utf-8")
    first, rest = text.split("\n# ", 1)
    added, moved, record = web.url("new.ok", "/added"), web.url("g1.ok", "/shared"), web.url("new.ok", "/record")
    chapter.write_text(
        f"{first}\n# {rest}\nNew: [a]({added}). Moved: [b]({moved}).\n".replace(f"[the role]({moved})", "gone"), encoding="utf-8"
    )
    git(guide, "commit", "-qam", "b")
    data = guide / "docs/data/tools.yml"
    data.write_text(data.read_text(encoding="utf-8") + f"- id: z\n  url: {record}\n", encoding="utf-8")
    (guide / "docs/en/fresh.md").write_text(f"[x]({web.url('new.ok', '/untracked')})\n", encoding="utf-8")
    for page, url in (("role", added), ("fresh", web.url("new.ok", "/untracked"))):
        built = guide / f"site/{page}.html"
        before = built.read_text(encoding="utf-8") if built.exists() else ""
        built.write_text(f"{before}<a href='{url}'>x</a>", encoding="utf-8")
    run = check_guide(web, guide, "--changed-since", "main", "--no-cache")
    assert sorted(run.results) == sorted([added, record, web.url("new.ok", "/untracked")])
    assert run.whole["exceptions"] == []


def test_an_unknown_revision_is_said(web: HostileWeb, guide: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """git's own words, and exit 2."""
    git(guide, "init", "-q")
    assert check_guide(web, guide, "--changed-since", "nowhere").code == 2
    assert "--changed-since nowhere: git says" in capsys.readouterr().err


def test_moved_links_are_rewritten_exactly(web: HostileWeb, guide: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--fix-moved writes the new address where the old one stood, and nowhere else, and shows the diff before."""
    paths = [path for path in sorted(guide.rglob("*")) if path.is_file()]
    before = {path: path.read_bytes() for path in paths}
    run = check_guide(web, guide, "--fix-moved", "--no-cache")
    out = capsys.readouterr().out
    old, new = f"http://g.redirecting.test:{web.port}/301".encode(), f"http://g.redirecting.test:{web.port}/end".encode()
    changed = {path.relative_to(guide).as_posix() for path in paths if path.read_bytes() != before[path]}
    assert changed == {"docs/en/role.md", "docs/zh/role.md", "docs/data/tools.yml"}
    for path in paths:
        assert len(path.read_bytes().split(b"\n")) == len(before[path].split(b"\n"))
        if path.name == "role.md" and "/en/" in path.as_posix():
            expected = (
                before[path]
                .replace(b"[moved](" + old + b")", b"[moved](" + new + b")")
                .replace(b"(" + old + b"/end)", b"(" + new + b")")
                .replace(b"<" + old + b">", b"<" + new + b">")
            )
            assert path.read_bytes() == expected
    assert len(re.findall(rf"^\+ +- url: {re.escape(new.decode())}$", out, re.MULTILINE)) == 1
    assert "--- a/docs/en/role.md" in out
    assert run.code == 1
    login = web.url("g.away", "/account")
    assert (run[login]["outcome"], run[login]["warning"]) == ("moved", "it has become a login page")
    assert login.encode() in (guide / "docs/en/role.md").read_bytes()


def test_windows_line_ends_survive_a_rewrite(web: HostileWeb, guide: Path) -> None:
    """Only the address changes, not a byte beside it."""
    chapter = guide / "docs/en/role.md"
    text = chapter.read_bytes().replace(b"\n", b"\r\n")
    chapter.write_bytes(text)
    check_guide(web, guide, "--fix-moved", "--no-cache")
    assert chapter.read_bytes().count(b"\r\n") == text.count(b"\r\n")
    assert b"/end)" in chapter.read_bytes()


# -- reports -------------------------------------------------------------------------------------


def test_output_is_a_line_a_link(check: Check, web: HostileWeb, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """file:line first, how many more places, no colour, no progress; what is ok is only counted."""
    dead, moved = web.url("p1.status", "/404"), web.url("p1.redirecting", "/301")
    check(web.url("p1.ok"), dead, moved, dead)
    said = capsys.readouterr()
    source = tmp_path / "urls.txt"
    assert said.out.splitlines() == [
        f"{source}:2: broken: {dead}: 404 Not Found; archived copies: https://web.archive.org/web/*/{dead} (and 1 more place)",
        f"{source}:3: moved: {moved}: moved for good; → {web.url('p1.redirecting', '/end')}",
        "3 links: 1 ok, 1 moved, 1 broken (0 remembered)",
    ]
    assert said.err == ""


def test_the_json_form_is_the_documented_one(check: Check, web: HostileWeb, capsys: pytest.CaptureFixture[str]) -> None:
    """Every field of every result, and with `--json -` nothing else on standard output."""
    url = web.url("j.redirecting", "/301")
    run = check(url)
    assert set(run.whole) == {"schema_version", "is_complete", "totals", "results", "exceptions"}
    assert run.whole["totals"] == {"broken": 0, "moved": 1, "refused": 0, "unreachable": 0, "exempt": 0, "ok": 0}
    assert run[url] == {
        "url": url, "outcome": "moved", "reason": "moved for good", "moved_to": web.url("j.redirecting", "/end"), "warning": "",
        "archived": "", "checked": "2026-11-18", "last_ok": "", "streak": 1, "is_remembered": False, "is_to_mend": True,
        "places": run[url]["places"],
    }  # fmt: skip
    capsys.readouterr()
    source = run[url]["places"][0]["file"]
    main(["--urls", source, "--no-cache", "--json", "-", *FAST], lookup=web.lookup, now=NOW)
    assert json.loads(capsys.readouterr().out) == run.whole


def test_github_gets_annotations_and_a_summary(
    check: Check, web: HostileWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a workflow each finding stands beside its line, and the summary on the run's page."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "step.md"))
    dead, slow = web.url("gh.status", "/404%0a"), web.url("gh.status", "/500")
    web.state["x"]["y"] = 1
    check(web.url("gh.status", "/404"), slow, web.url("gh.redirecting", "/301"))
    out = capsys.readouterr().out
    source = tmp_path / "urls.txt"
    assert f"::error file={source},line=1::broken: {dead.removesuffix('%0a')}: 404 Not Found" in out
    assert f"::notice file={source},line=2::unreachable: {slow}" in out
    assert f"::warning file={source},line=3::moved" in out
    assert "### broken (1)" in (tmp_path / "step.md").read_text(encoding="utf-8")


def test_the_summary_is_safe_markdown(check: Check, web: HostileWeb, tmp_path: Path) -> None:
    """Nothing in a link breaks out of its cell, mentions a person or closes an issue."""
    summary = tmp_path / "summary.md"
    check(web.url("md.status", "/404?a|b=`c`&<img>@someone#1"), options=("--no-cache", "--summary", str(summary)))
    row = next(line for line in summary.read_text(encoding="utf-8").splitlines() if "404" in line and line.startswith("|"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 4
    assert not re.search(r"(?<!\\)[`<@#]", row.replace("<br>", ""))


def test_terminals_are_not_commanded_by_links(check: Check, web: HostileWeb, capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters in a link never reach the screen."""
    check(web.url("esc.status", "/404?\x1b[31m\x07"))
    assert not set(capsys.readouterr().out) & {"\x1b", "\x07"}


def test_progress_is_for_people(check: Check, web: HostileWeb, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A count on standard error where a person looks at it."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert check(web.url("bar.ok")).code == 0
    said = capsys.readouterr()
    assert said.out == "1 links: 1 ok (0 remembered)\n"
    assert "1 of 1 links" in said.err


def test_standard_input_is_a_list_too(web: HostileWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--urls -` reads a list from a pipe; comments and empty lines are no links."""
    import io

    monkeypatch.setattr(sys, "stdin", io.StringIO(f"# mine\n\n{web.url('in.ok')}\n"))
    run = run_main(web, "--urls", "-", "--no-cache", *FAST, folder=tmp_path)
    assert places(run, web.url("in.ok")) == ["<stdin>:3"]


@pytest.mark.parametrize(
    "arguments", [["--per-host", "0"], ["--timeout", "-1"], ["--urls", "x", "--fix-moved"], ["--site", "x", "--urls", "y"]]
)
def test_wrong_options_are_said(arguments: list[str]) -> None:
    """A misunderstanding ends before anything is asked, with exit 2."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_the_help_has_examples() -> None:
    """--help shows how it is used."""
    done = subprocess.run([sys.executable, str(CHECKER), "--help"], capture_output=True, text=True, check=True)
    assert "--changed-since origin/main" in done.stdout


def test_no_thread_is_left_behind(check: Check, web: HostileWeb) -> None:
    """Look-ups have threads of their own, and those end."""
    check(*(web.url(f"thread{n}.ok") for n in range(10)))
    wait_for(lambda: threading.active_count() < 8)
