"""A small hostile web on 127.0.0.1 for the link check: real sockets, real TLS with throw-away certificates, and a record of every request.

Each host name `<behaviour>.test` behaves as the function of that name in `Behaviour` does; all names lead here by `HostileWeb.lookup`.
"""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import struct
import threading
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

PAGE = '<!doctype html><title>A page</title><h1 id="top-of-it">Hello</h1>'
INSIDE = "127.9.9.9"  # the address that stands for one inside the house


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    host: str
    method: str
    path: str
    headers: dict[str, str]
    at: float
    at_once: int


@dataclass
class Exchange:
    """What a behaviour gets: the request, the way to answer, and how often this host was asked for this path before."""

    asked: Asked
    before: int
    writer: asyncio.StreamWriter
    port: int
    tls_port: int
    state: dict[str, int]
    places: dict[str, str] = field(default_factory=dict)
    issuer: bytes = b""

    def url(self, host: str, path: str = "/") -> str:
        """An address on this web."""
        return f"http://{host}.test:{self.port}{path}"

    async def reply(self, status: int = 200, body: str | bytes = PAGE, **headers: str) -> None:
        """Answer properly; `_` in a header's name stands for `-`."""
        data = body.encode() if isinstance(body, str) else body
        fields = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(data))}
        fields |= {name.replace("_", "-").title(): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
        has_body = self.asked.method != "HEAD" and status not in (204, 304)
        await self.raw(f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + (data if has_body else b""))

    async def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def redirect(self, status: int, to: str, **headers: str) -> None:
        """Answer with a redirect."""
        await self.reply(status, "", location=to, **headers)

    def hang_up(self) -> None:
        """Reset the connection."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Behaviour:
    """What the hosts do; a host's name with hyphens is the method's name with underscores."""

    async def ok(self, x: Exchange) -> None:
        await x.reply()

    async def status(self, x: Exchange) -> None:
        """/404 answers 404, to a proxy's client as well; nobody is led through."""
        refused = 407 if x.asked.host.startswith("p.") else 405
        await x.reply(refused if x.asked.method == "CONNECT" else int(x.asked.path.rpartition("/")[2].partition("?")[0]))

    async def head_refused(self, x: Exchange) -> None:
        """/405 answers HEAD with 405, and GET with 200."""
        await x.reply(int(x.asked.path.strip("/")) if x.asked.method == "HEAD" else 200)

    async def redirecting(self, x: Exchange) -> None:
        """/301/302 redirects with 301 to /302, and that with 302 to /end; what follows /to/ is the last address itself."""
        first, _, rest = x.asked.path.removeprefix("/").partition("/")
        if not first.isdigit():
            await x.reply()
        else:
            await x.redirect(int(first), f"/{rest}" if rest else "/end")

    async def away(self, x: Exchange) -> None:
        """Redirects to the address in X-To's stead: the path names one of these."""
        targets = {
            "/private-address": f"http://{INSIDE}:{x.port}/",
            "/private-name": f"http://inside.test:{x.port}/",
            "/metadata": "http://169.254.169.254/latest/meta-data/",
            "/ftp": "ftp://ok.test/file",
            "/credentials": f"http://user:secret@ok.test:{x.port}/",
            "/nowhere": "",
            "/nonsense": "http://[",
            "/unicode": "/über",
            "/own-fragment": "/page#there",
            "/ok": x.url("ok", "/arrived"),
            "/https": f"https://good.test:{x.tls_port}/",
            "/was-deep": "/",
            "/account": "/users/login?next=%2Flogin",
            "/gone": x.url("status", "/404"),
        }
        if x.asked.path in targets:
            await x.redirect(301 if x.asked.path in ("/ok", "/own-fragment", "/gone", "/unicode", "/https") else 302, targets[x.asked.path])
        else:
            await x.reply(body=PAGE + '<p id="there">')

    async def loop(self, x: Exchange) -> None:
        await x.redirect(302, "/b" if x.asked.path == "/a" else "/a")

    async def endless(self, x: Exchange) -> None:
        """Each page redirects to the next."""
        await x.redirect(302, f"/{int(x.asked.path.strip('/')) + 1}")

    async def cookies(self, x: Exchange) -> None:
        """Lets in only who brings the cookie that it has just set."""
        if "seen=1" in x.asked.headers.get("cookie", ""):
            await x.reply(body=PAGE)
        else:
            await x.redirect(302, x.asked.path, set_cookie="seen=1; Path=/")

    async def wait_seconds(self, x: Exchange) -> None:
        await (x.reply() if x.before else x.reply(429, retry_after="1"))

    async def wait_date(self, x: Exchange) -> None:
        when = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
        await (x.reply() if x.before else x.reply(429, retry_after=format_datetime(when, usegmt=True)))

    async def wait_long(self, x: Exchange) -> None:
        await x.reply(429, retry_after="3600")

    async def limited(self, x: Exchange) -> None:
        await x.reply(429)

    async def twice_503(self, x: Exchange) -> None:
        await x.reply(200 if x.before >= 2 else 503)

    async def bot_wall(self, x: Exchange) -> None:
        await x.reply(503, cf_mitigated="challenge")

    async def quiet_bot_wall(self, x: Exchange) -> None:
        await x.reply(202, x_amzn_waf_action="challenge")

    async def slow(self, x: Exchange) -> None:
        await asyncio.sleep(0.7)
        await x.reply()

    async def never(self, _: Exchange) -> None:
        await asyncio.sleep(30)

    async def reset(self, x: Exchange) -> None:
        x.hang_up()

    async def reset_once(self, x: Exchange) -> None:
        if x.before:
            await x.reply()
        else:
            x.hang_up()

    async def cut_head(self, x: Exchange) -> None:
        await x.raw(b"HTTP/1.1 200 OK\r\nContent-Ty")
        x.writer.close()

    async def cut_body(self, x: Exchange) -> None:
        await x.raw(b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n<p id="early">')
        x.writer.close()

    async def no_http(self, x: Exchange) -> None:
        await x.raw(b"SSH-2.0-OpenSSH_9.6\r\n")
        x.writer.close()

    async def huge(self, x: Exchange) -> None:
        """200 MB, sent as long as somebody listens."""
        await x.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 200000000\r\n\r\n")
        for _ in range(200 if x.asked.method == "GET" else 0):
            await x.raw(b'<p id="early">' + b"x" * 999_986)
            x.state["sent"] = x.state.get("sent", 0) + 1_000_000

    async def bomb(self, x: Exchange) -> None:
        """200 MB of spaces in 200 kB."""
        await x.reply(body=BOMB, content_encoding="gzip")

    async def packed(self, x: Exchange) -> None:
        await x.reply(body=gzip.compress(b'<p id="inside">'), content_encoding="gzip")

    async def drip(self, x: Exchange) -> None:
        """A byte now and then, for ever."""
        await x.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while x.asked.method == "GET":
            await x.raw(b'<p id="early">')
            await asyncio.sleep(0.1)

    async def drip_head(self, x: Exchange) -> None:
        """Never ends its head."""
        await x.raw(b"HTTP/1.1 200 OK\r\n")
        while True:
            await x.raw(b"X-More: 1\r\n")
            await asyncio.sleep(0.1)

    async def head_lies(self, x: Exchange) -> None:
        """Says to HEAD that all is well."""
        await x.reply(200 if x.asked.method == "HEAD" else 404)

    async def refresh(self, x: Exchange) -> None:
        """Leads on by itself, by meta element or by header."""
        to = {
            "/dead": x.url("status", "/404"), "/fine": x.url("ok", "/refreshed"), "/self": "/self", "/quoted": "'/end?a=1'",
            "/no-url": "", "/bare": "/end",
        }  # fmt: skip
        if x.asked.path == "/header":
            await x.reply(refresh="0; url=" + to["/dead"])
        elif x.asked.path == "/later":
            await x.reply(body=f'<p>Read me<meta http-equiv="refresh" content="60; url={to["/dead"]}">')
        elif x.asked.path in to:
            between = "" if x.asked.path in ("/bare", "/no-url") else "url="
            await x.reply(body=f'<META content="0; {between}{to[x.asked.path]}" HTTP-EQUIV=Refresh>')
        else:
            await x.reply()

    async def forgiven(self, x: Exchange) -> None:
        """HTTP that is wrong and that browsers forgive; the path says what is wrong."""
        body = b'<h1 id="here">Hello</h1><p>and more of it</p>'
        deflate = zlib.compressobj(wbits=-15)
        raw = deflate.compress(body) + deflate.flush()
        ok, kind = b"HTTP/1.1 200 OK\r\n", b"Content-Type: text/html\r\n"
        plain = b"Content-Length: %d\r\n" % len(body)
        chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        answers = {
            "/length-twice": ok + kind + plain + plain + b"\r\n" + body,
            "/length-twice-in-one": ok + kind + plain.replace(b"\r\n", b", %d\r\n" % len(body)) + b"\r\n" + body,
            "/length-in-words": ok + kind + b"Content-Length: all\r\n\r\n" + body,
            "/length-and-chunks": ok + kind + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked,
            "/blank-before-colon": ok + kind.replace(b":", b" :") + plain.replace(b":", b" \t:") + b"\r\n" + body,
            "/encoding-identity": ok + kind + plain + b"Content-Encoding: identity\r\n\r\n" + body,
            "/encoding-utf-8": ok + kind + plain + b"Content-Encoding: utf-8\r\n\r\n" + body,
            "/encoding-none": ok + kind + plain + b"Content-Encoding:\r\n\r\n" + body,
            "/raw-deflate": ok + kind + b"Content-Encoding: deflate\r\nContent-Length: %d\r\n\r\n" % len(raw) + raw,
            "/charset-undefined": ok + kind.replace(b"html", b"html; charset=undefined") + plain + b"\r\n" + body,
            "/charset-empty": ok + kind.replace(b"html", b"html; charset=") + plain + b"\r\n" + body,
            "/no-phrase": ok.replace(b" OK", b"") + kind + plain + b"\r\n" + body,
            "/line-feeds": (ok + kind + plain + b"\r\n").replace(b"\r", b"") + body,
            "/early-hints": b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n" + ok + kind + plain + b"\r\n" + body,
            "/folded": ok + kind.replace(b"; ", b";\r\n ") + b"X-Long: a\r\n b\r\n" + plain + b"\r\n" + body,
            "/http-1.0": ok.replace(b"1.1", b"1.0") + kind + b"\r\n" + body,
            "/no-colon": ok + b"nonsense\r\n" + kind + plain + b"\r\n" + body,
            "/latin-header": ok + b"X-Name: caf\xe9\r\n" + kind + plain + b"\r\n" + body,
            "/chunk-extension": ok + kind + b"Transfer-Encoding: Chunked\r\n\r\n" + chunked.replace(b"\r\n", b" ; x=1\r\n", 1),
        }
        await x.raw(answers[x.asked.path])
        x.writer.close()

    async def brotli(self, x: Exchange) -> None:
        """Packs as nobody asked it to."""
        await x.reply(body=b"\x0b\x05\x80<p id=x>\x03", content_encoding="br")

    async def two_lengths(self, x: Exchange) -> None:
        """Two different lengths, which browsers refuse."""
        await x.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nHello!")
        x.writer.close()

    async def wall(self, x: Exchange) -> None:
        """A bot wall that says 200."""
        walls = {
            "/cloudflare": "<title>Just a moment...</title><script>window._cf_chl_opt={}</script><p>Verifying",
            "/captcha": "<title>Robot Check</title><form><p>Type the characters you see</p></form>",
            "/anubis": '<title>Making sure you&#39;re not a bot!</title><script id="anubis_challenge">{}</script>',
        }
        about = "<title>How walls work</title><h1 id=x>_cf_chl_opt</h1>" + "<p>It is a name that they use in their pages. " * 40
        await x.reply(body=walls.get(x.asked.path, about))

    async def drawn(self, x: Exchange) -> None:
        """Pages whose anchors scripts make, and some where they do not."""
        drawn = {
            "/shell": '<!doctype html><title>App</title><div id="root"></div><script src="/app.js"></script>',
            "/shell-noscript": "<div id=app>Loading…</div><noscript><h1>Please enable scripts</h1></noscript><script>start()</script>",
            "/ids": "<h1>Title</h1><h2>Part</h2><script>for (const h of document.querySelectorAll('h2')) h.id = slug(h)</script>",
            "/html": "<h1>Title</h1><div></div><script>document.body.innerHTML += '<p id=\"made\">'</script>",
        }
        page = "<h1>Title</h1><p>Much text<script>d.createElement('script')</script><script src='/menu.js'></script>"
        await x.reply(body=drawn.get(x.asked.path, page))

    async def written(self, x: Exchange) -> None:
        """Markup that is odd and that browsers read."""
        await x.reply(
            body='<p class="x"id="glued"><h2/id=slashed><!--><p id=behind><a name=old></a><svg><g id="drawn"/></svg>'
            '<p id=a&amp;b><p ID = "spaced"><template><p id="template"></template><p title=\'<b id="attribute">\'><p id="">'
            '<textarea><p id="area"></textarea>'
            '<noscript><p id="without-scripts"></noscript><p id="first" id="second"><xmp><p id=xmp></xmp><p id=last'
            + ">"
            + "<div>" * 300
            + "<p id=deep>"
        )

    async def charset(self, x: Exchange) -> None:
        """The same heading in many charsets; each is declared as browsers know it."""
        page, said = {
            "/gb2312-is-gbk": ("<meta charset=gb2312><h2 id='囍'>".encode("gbk"), ""),
            "/latin-is-windows": ("<meta charset=iso-8859-1><h2 id='“x”'>".encode("cp1252"), ""),
            "/header-first": ("<meta charset=utf-8><h2 id='é'>".encode("cp1252"), "; charset=ISO-8859-1"),
            "/mark-first": (b"\xff\xfe" + "<meta charset=utf-8><h2 id='é'>".encode("utf-16-le"), "; charset=utf-8"),
            "/utf-16": ("<h2 id='é'>".encode("utf-16"), ""),
            "/utf-16-said": ("<h2 id='é'>".encode("utf-16-le"), "; charset=utf-16"),
            "/xml-declaration": ("<?xml version='1.0' encoding='gbk'?><h2 id='囍'>".encode("gbk"), ""),
            "/http-equiv": ("<meta http-equiv=content-type content='text/html; charset=shift_jis'><h2 id='名'>".encode("shift_jis"), ""),
            "/in-comment": ("<!-- <meta charset=gbk> --><h2 id='é'>".encode(), ""),
            "/unsaid": ("<h2 id='é'>".encode("cp1252"), ""),
        }[x.asked.path]
        await x.reply(body=page, content_type=f"text/html{said}")

    async def xhtml(self, x: Exchange) -> None:
        """XHTML, where every element can close itself."""
        page = (
            '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="x"/></head>'
            '<body>&nbsp;<textarea/><h:p xmlns:h="http://www.w3.org/1999/xhtml" id="prefixed"/>'
            '<p id="here"/><![CDATA[<p id="data">]]></body></html>'
        )
        await x.reply(body=page, content_type="application/xhtml+xml")

    async def quoted_cookie(self, x: Exchange) -> None:
        """Lets in only who brings the cookie as it was set, with its quotes."""
        if x.asked.headers.get("cookie") == 'a="1=2"':
            await x.reply()
        else:
            await x.redirect(302, x.asked.path, set_cookie='a="1=2"; Path=/; HttpOnly')

    async def short(self, x: Exchange) -> None:
        """A short link, and pages that speak of logging in."""
        to = {
            "/10.1000/x": x.url("journal.ok", "/"), "/docs/oauth2-old": "/docs/oauth2/", "/docs/old-login": "/docs/login",
            "/guide": "/en/latest/topics/login", "/lost": x.url("www.short", "/"), "/members": "/accounts/login/?next=/members",
        }  # fmt: skip
        await (x.redirect(302, to[x.asked.path]) if x.asked.path in to else x.reply())

    async def issuer(self, x: Exchange) -> None:
        """Has the certificate that two hosts forgot."""
        await x.reply(body=x.issuer, content_type="application/pkix-cert")

    async def secret(self, x: Exchange) -> None:
        """Lets in only who brings a key."""
        await x.reply(200 if x.asked.headers.get("x-key") == "k1" else 403)

    async def placed(self, x: Exchange) -> None:
        """Moved to what the test set: `web.places[path]`."""
        await (x.redirect(301, x.places[x.asked.path]) if x.asked.path in x.places else x.reply())

    async def anchors(self, x: Exchange) -> None:
        body = (
            '<!-- <p id="comment"> --><script>var a = \'<p id="script">\'</script><style>/*<p id="style">*/</style>'
            '<p id="here"><a name=named></a><img name="image"><h2 ID=\'upper\'>&lt;p id="text"&gt;</h2><p title="1>0" id="after-quote">'
            '<h2 id="特征">特征</h2><h2 id="a b">space</h2><h2 id="x&amp;y">and</h2><div id="user-content-readme"></div>'
        )
        await x.reply(body=body)

    async def gbk(self, x: Exchange) -> None:
        await x.reply(body='<meta charset="gbk"><h2 id="特征">'.encode("gbk"), content_type="text/html")

    async def exact(self, x: Exchange) -> None:
        """Answers 200 only to the paths that a browser would send."""
        await x.reply(200 if x.asked.path in EXACT_PATHS else 404)

    async def punishing(self, x: Exchange) -> None:
        """More than four at once, and nobody gets anything any more."""
        if x.asked.at_once > 4:
            x.state["angry"] = 1
        await asyncio.sleep(0.05)
        await x.reply(429 if x.state.get("angry") else 200)

    async def odd_head(self, x: Exchange) -> None:
        """Answers HEAD with a length that is not that of the page."""
        await x.reply(content_length="987654" if x.asked.method == "HEAD" else "")

    async def head_with_body(self, x: Exchange) -> None:
        """Sends a body after HEAD, which HTTP forbids."""
        await x.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nHello")

    async def files(self, x: Exchange) -> None:
        """A PDF, an archive."""
        await x.reply(body=b"%PDF-1.7 ", content_type="application/pdf" if x.asked.path.endswith(".pdf") else "application/zip")

    async def long_header(self, x: Exchange) -> None:
        await x.reply(content_security_policy="x" * 30_000)

    async def tagged(self, x: Exchange) -> None:
        """Knows its own ETag."""
        if x.asked.headers.get("if-none-match") == '"v1"':
            await x.reply(304, "", etag='"v1"')
        else:
            await x.reply(body='<p id="here">', etag='"v1"')

    async def flaky(self, x: Exchange) -> None:
        """What the test set: `web.status[host]`."""
        await x.reply(x.state.get("status", 200))

    good = expired = self_signed = wrong_host = inside = unchained = orphan = legacy = ok


EXACT_PATHS = {
    "/a%20b", "/%E4%B8%AD%E6%96%87", "/q?x=%E4%B8%AD&y=a%20b", "/Foo_(bar)", "/a%2Fb", "/[x]", "/Inc.", "/q?a=1&b=2", "/",
    "/x,y;z='1'", "/%zz", "/c", "/a%41", "//double", "/%22quoted%22", "/a|b", "/back/slash", "/tab", "/x/y", "/q?%27",
}  # fmt: skip
BOMB = gzip.compress(b" " * 200_000_000, 1)


@dataclass
class HostileWeb:
    """The web in a thread of its own."""

    folder: Path
    asked: list[Asked] = field(default_factory=list)
    state: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    port: int = 0
    tls_port: int = 0
    legacy_port: int = 0
    places: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=lambda: {"example.com": "127.0.0.1"})

    def __enter__(self) -> HostileWeb:
        self._plain = socket.create_server(("127.0.0.1", 0), backlog=1000)
        self.port = self._plain.getsockname()[1]
        self._issuer_url = self.url("issuer", "/ca.der")
        self._make_certificates()
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(self._loop)])
        self._loop.call_soon_threadsafe(self._loop.call_later, 0.1, self._loop.stop)
        self._thread.join(5)

    @property
    def ca(self) -> Path:
        """The certificate to trust."""
        return self.folder / "ca.pem"

    def lookup(self, host: str) -> list[str]:
        """The name service of this web."""
        if host in self.names:
            return [self.names[host]]
        if host == "inside.test":
            return [INSIDE]
        if host.endswith(".test") and hasattr(Behaviour, host.removesuffix(".test").rpartition(".")[2].replace("-", "_")):
            return ["127.0.0.1"]
        if host == "trouble.test.invalid":
            raise socket.gaierror(socket.EAI_AGAIN, "try again")
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    def url(self, host: str, path: str = "/") -> str:
        """An address on this web."""
        return f"http://{host}.test:{self.port}{path}"

    def times(self, host: str, path: str | None = None) -> Counter[str]:
        """How often a host was asked, by method."""
        return Counter(a.method for a in self.asked if a.host == f"{host}.test" and path in (None, a.path))

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._open: Counter[str] = Counter()

        async def start() -> None:
            plain = await asyncio.start_server(self._serve, sock=self._plain, backlog=1000)
            inside = await asyncio.start_server(self._serve, INSIDE, self.port)
            secure = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls(), ssl_handshake_timeout=5)
            self.tls_port = secure.sockets[0].getsockname()[1]
            legacy = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._legacy, ssl_handshake_timeout=5)
            self.legacy_port = legacy.sockets[0].getsockname()[1]
            self._servers = [plain, inside, secure, legacy]
            ready.set()

        self._loop.set_exception_handler(lambda *_: None)  # clients that hang up are what this web is for
        self._loop.run_until_complete(start())
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readexactly(1):
                if head == b"\x16":  # the first byte of TLS, on a port that speaks none
                    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    return
                head += await reader.readuntil(b"\r\n\r\n")
                request, *lines = head.decode("latin-1").rstrip().split("\r\n")
                method, path, _ = request.split(" ")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                host = headers.get("host", "").partition(":")[0]
                self._open[host] += 1
                before = sum(a.host == host and a.path == path for a in self.asked)
                asked = Asked(host, method, path, headers, time.monotonic(), self._open[host])
                self.asked.append(asked)
                name = host.removesuffix(".test").rpartition(".")[2].replace("-", "_")
                behave: Callable[[Exchange], Awaitable[None]] = getattr(Behaviour(), name, Behaviour().ok)
                try:
                    await behave(Exchange(asked, before, writer, self.port, self.tls_port, self.state[host], self.places, self.issuer))
                finally:
                    self._open[host] -= 1
                if writer.is_closing():
                    return
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    def _make_certificates(self) -> None:
        ca = trustme.CA()
        ca.cert_pem.write_to_path(self.ca)
        now = datetime.now(UTC)
        leaves = {
            "good.test": ca.issue_cert("good.test"),
            "wrong-host.test": ca.issue_cert("other.test"),
            "expired.test": ca.issue_cert("expired.test", not_before=now - timedelta(days=9), not_after=now - timedelta(days=2)),
        }
        self._contexts: dict[str, ssl.SSLContext] = {}
        for name, leaf in leaves.items():
            self._contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            leaf.configure_cert(self._contexts[name])
        self._make_unchained(ca)
        self._legacy = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._legacy.maximum_version = ssl.TLSVersion.TLSv1_2
        self._legacy.set_ciphers("AES128-SHA:ECDHE-RSA-AES128-SHA:@SECLEVEL=0")
        ca.issue_cert("legacy.test", key_type=trustme.KeyType.RSA).configure_cert(self._legacy)
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "self-signed.test")])
        own = (
            x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=9))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("self-signed.test")]), critical=False)
            .sign(key, hashes.SHA256())
        )
        pem = self.folder / "self-signed.pem"
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        pem.write_bytes(own.public_bytes(serialization.Encoding.PEM) + private)
        self._contexts["self-signed.test"] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._contexts["self-signed.test"].load_cert_chain(pem)

    def _make_unchained(self, ca: trustme.CA) -> None:
        """Two hosts that send their own certificate and not that of its issuer; the first's says where that is."""
        middle = ca.create_child_ca()
        pem = middle.cert_pem.bytes()
        self.issuer = ssl.PEM_cert_to_DER_cert(pem.decode())
        issuer = x509.load_pem_x509_certificate(pem)
        signing = serialization.load_pem_private_key(middle.private_key_pem.bytes(), None)
        assert isinstance(signing, ec.EllipticCurvePrivateKey)
        for host in ("unchained.test", "orphan.test"):
            key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
            subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
            access = [x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(self._issuer_url))]
            builder = (
                x509.CertificateBuilder(
                    issuer.subject, subject, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=9)
                )
                .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
                .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False)  # type: ignore[arg-type]
            )
            if host == "unchained.test":
                builder = builder.add_extension(x509.AuthorityInformationAccess(access), critical=False)
            file = self.folder / f"{host}.pem"
            private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            file.write_bytes(builder.sign(signing, hashes.SHA256()).public_bytes(serialization.Encoding.PEM) + private)
            self._contexts[host] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._contexts[host].load_cert_chain(file)

    def _tls(self) -> ssl.SSLContext:
        """A context that shows each host its own certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "self-signed.pem")

        def choose(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
            connection.context = self._contexts.get(name or "", context)

        context.sni_callback = choose
        return context
