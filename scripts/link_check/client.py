"""Speak HTTP/1.1 as forgivingly as browsers do: one request, its answer, as much of the body as is wanted.

Written here and not taken from a library, because the libraries at hand refuse answers that every browser shows (a length given twice
or in words, a blank before a colon, unknown encodings), and because loading one takes longer than checking two hundred links.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import aiohappyeyeballs

MAX_HEAD = 256 * 2**10  # bytes of a head; what browsers take
MAX_AHEAD = 256 * 2**10  # bytes taken from the network before somebody reads them
CONNECT_TIMEOUT = 10.0  # seconds until a connection stands; a living host takes well under one
FALL_BACK = 0.25  # seconds until the next address of a host is tried beside the first (RFC 8305)
KEEP_ALIVE = 2.0  # seconds an idle connection is kept: longer than the pause, short enough for few open sockets

HEAD_END = re.compile(rb"\r?\n\r?\n")
STATUS = re.compile(r".{0,4}?HTTP/(\d)(?:\.(\d+))?[ \t]*(\d{3})?", re.IGNORECASE | re.DOTALL)  # browsers forgive four bytes before it


class BadAnswer(OSError):  # noqa: N818  it says what is
    """What came is not HTTP, or not as far as a browser would need it."""


class CutShort(ConnectionError):  # noqa: N818  it says what is
    """The connection ended too early."""


class ProxyTrouble(OSError):  # noqa: N818  it says what is
    """The proxy does not do what it is there for."""


@dataclass(slots=True)
class Head:
    """The head of an answer; names of headers in lower case, all values of one name in order."""

    status: int
    is_kept_alive: bool
    headers: dict[str, list[str]] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """The first value of a header, or nothing."""
        return self.headers.get(name, [""])[0]


def parse_head(data: bytes) -> Head:
    """Read a head the way browsers do: what cannot be understood is left out."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    first, *lines = re.split(r"\r?\n", text)
    status = STATUS.match(first)
    if not status:
        raise BadAnswer("the answer is not HTTP")
    head = Head(int(status[3] or 200), (int(status[1]), int(status[2] or 0)) >= (1, 1))
    values: list[str] = []
    for line in lines:
        name, colon, value = line.partition(":")
        if line[:1] in (" ", "\t") and values:
            values[-1] += " " + line.strip()
        elif colon:
            values = head.headers.setdefault(name.strip().lower(), [])
            values.append(value.strip())
    if connection := ",".join(head.headers.get("connection", [])).lower():
        head.is_kept_alive = "close" not in connection and (head.is_kept_alive or "keep-alive" in connection)
    return head


def body_length(head: Head) -> int | None:
    """How long the body is said to be; None: until the connection ends."""
    if head.status in (204, 304) or head.status < 200:
        return 0
    said = {part.strip() for value in head.headers.get("content-length", []) for part in value.split(",")}
    lengths = {int(length) for length in said if re.fullmatch(r"\+?[0-9]{1,18}", length)}
    if len(lengths) > 1:
        raise BadAnswer("it names two different lengths")
    return lengths.pop() if lengths else None


class Connection(asyncio.Protocol):
    """One connection; what has come waits in `_buffer` until it is read."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._error: Exception | None = None
        self._is_over = self._is_paused = self.was_used = False
        self.closing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  for the type checker
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._buffer += data
        if len(self._buffer) > MAX_AHEAD and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio, also at an orderly end."""
        self._is_over, self._error = True, exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    async def _more(self) -> None:
        """Wait until something came; raises `CutShort` when nothing more will."""
        if self._is_paused:
            self._is_paused = False
            self._transport.resume_reading()
        if not self._is_over:
            self._waiter = asyncio.get_running_loop().create_future()
            had = len(self._buffer)
            await self._waiter
            if len(self._buffer) > had:
                return
        raise CutShort("the connection was cut") from self._error

    @property
    def is_alive(self) -> bool:
        """True while nothing has come or gone unasked."""
        return not self._is_over and not self._buffer

    @property
    def certificate(self) -> bytes:
        """The other side's certificate, unchecked."""
        tls = self._transport.get_extra_info("ssl_object")
        return tls.getpeercert(binary_form=True) or b""

    def close(self) -> None:
        """End it at once; there is nothing to say good-bye to."""
        self._transport.abort()

    async def head(self, request: bytes) -> Head:
        """Send a request and read the head of its answer; those that only announce another one are skipped."""
        self._transport.write(request)
        while True:
            looked = 0
            while (end := HEAD_END.search(self._buffer, max(0, looked - 3))) is None:
                looked = len(self._buffer)
                if looked > MAX_HEAD:
                    raise BadAnswer("the head of its answer does not end")
                try:
                    await self._more()
                except CutShort:
                    if self._buffer and not STATUS.match(self._buffer[:12].decode("latin-1")):
                        raise BadAnswer("the answer is not HTTP") from None
                    raise
            head = parse_head(bytes(self._buffer[: end.start()]))
            del self._buffer[: end.end()]
            if head.status >= 200 or head.status == 101:
                return head

    async def _line(self) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > MAX_HEAD:
                raise BadAnswer("its body is not cut into chunks as it says")
            await self._more()
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line.strip()

    async def _take(self, length: int) -> AsyncIterator[bytes]:
        while length:
            if not self._buffer:
                await self._more()
            piece = bytes(self._buffer[:length])
            del self._buffer[: len(piece)]
            length -= len(piece)
            yield piece

    async def body(self, head: Head) -> AsyncIterator[bytes]:
        """The body as it comes, out of its chunks; raises `CutShort` when it is shorter than it says."""
        if "chunked" in head.get("transfer-encoding").lower():
            while size := re.match(rb"[0-9a-fA-F]+", await self._line()):
                if not (length := int(size[0], 16)):
                    while await self._line():  # trailers
                        pass
                    return
                async for piece in self._take(length):
                    yield piece
                await self._line()
            raise BadAnswer("its body is not cut into chunks as it says")
        length_said = body_length(head)
        if length_said is not None:
            async for piece in self._take(length_said):
                yield piece
            return
        head.is_kept_alive = False
        with contextlib.suppress(CutShort):
            while True:
                async for piece in self._take(len(self._buffer)):
                    yield piece
                await self._more()


def unpacked(pieces: Sequence[bytes], encoding: str, limit: int) -> bytes:
    """A body out of its content encodings, up to a limit; encodings that nobody knows are none, as in browsers."""
    data = b"".join(pieces)
    for name in reversed([part.strip().lower() for part in encoding.split(",")]):
        if name in ("gzip", "x-gzip", "deflate") and data:
            for window in (47, -15):  # gzip or zlib, whichever it is; raw, which some call deflate
                with contextlib.suppress(zlib.error):
                    data = zlib.decompressobj(window).decompress(data, limit)
                    break
            else:
                raise BadAnswer("its body cannot be unpacked")
    return data[:limit]


class Pool:
    """Connections that are kept for the next request to the same place."""

    def __init__(self) -> None:
        self._idle: dict[object, list[Connection]] = {}

    def take(self, key: object) -> Connection | None:
        """A connection that is still good, or None."""
        idle = self._idle.get(key)
        while idle:
            connection = idle.pop()
            if connection.closing:
                connection.closing.cancel()
            if connection.is_alive:
                return connection
            connection.close()
        return None

    def give(self, key: object, connection: Connection) -> None:
        """Keep a connection for a while."""
        connection.was_used = True
        connection.closing = asyncio.get_running_loop().call_later(KEEP_ALIVE, connection.close)
        self._idle.setdefault(key, []).append(connection)

    def close(self) -> None:
        """End all."""
        for connection in (one for idle in self._idle.values() for one in idle):
            connection.close()


async def tunnel(sock: socket.socket, host: str, credentials: str) -> None:
    """Have a proxy lead a connection through to `host` (with its port)."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n{credentials}\r\n".encode())
    said = b""
    while not HEAD_END.search(said):
        more = await loop.sock_recv(sock, 4096)
        if not more or len(said) > MAX_HEAD:
            raise ProxyTrouble("the proxy cut the connection")
        said += more
    status = parse_head(said).status
    if status != 200:
        raise ProxyTrouble(f"the proxy answered {status}" + (": it wants a name and a password" if status == 407 else ""))


async def connect(
    addresses: Sequence[str], port: int, tls: ssl.SSLContext | None, name: str, through: tuple[str, str] | None = None
) -> Connection:
    """Open a connection to the first address that answers; `through` is the host behind a proxy, with what the proxy wants to hear."""
    six = (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
    four = (socket.AF_INET, *six[1:])
    infos = [(*six, (ip, port, 0, 0)) if ":" in ip else (*four, (ip, port)) for ip in addresses]
    async with asyncio.timeout(CONNECT_TIMEOUT):
        sock = await aiohappyeyeballs.start_connection(infos, happy_eyeballs_delay=FALL_BACK)
        try:
            if through:
                await tunnel(sock, *through)
            host = name.rstrip(".").strip("[]") if tls else None
            _, connection = await asyncio.get_running_loop().create_connection(Connection, sock=sock, ssl=tls, server_hostname=host)
        except BaseException:
            sock.close()
            raise
    return connection


def request_bytes(target: str, host: str, headers: Mapping[str, str]) -> bytes:
    """A GET request."""
    lines = [f"GET {target} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers.items() if value), "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


def basic(credentials: str) -> str:
    """Proxy credentials as a header line."""
    return f"Proxy-Authorization: Basic {base64.b64encode(credentials.encode()).decode()}\r\n" if credentials else ""


def cookies_of(values: Sequence[str]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """The cookies that Set-Cookie headers hold: name, value as it is, attributes in lower case."""
    for value in values:
        first, *rest = value.split(";")
        name, equals, content = first.partition("=")
        attributes = {key.strip().lower(): what.strip() for key, _, what in (part.partition("=") for part in rest)}
        yield (name.strip(), content.strip(), attributes) if equals else ("", name.strip(), attributes)
