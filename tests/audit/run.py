"""Audit the built site: Lighthouse for each kind of page, and the Nu HTML checker for every page.

`make audit` runs it on site/. RUNS=5 takes the median of five, ALL=1 each device in light and dark,
PAGES="role.html zh/role.html" other pages.
Prints a table; exits 1 when a category is below 100 (performance below 99), or the HTML checker finds an error.
Not part of `make test`: it takes minutes, and its times depend on the machine.
"""

from __future__ import annotations

import functools
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))

from chromium import find  # noqa: E402  after the path is set

KINDS = [
    *("index.html", "role.html", "certifications/catalogue.html", "reading.html", "assessment.html", "plan.html"),
    *("routes/backend-developer.html", "projects/honest-forecast.html", "glossary.html"),
]
"""One page of each kind; each is audited in both editions."""

CATEGORIES = {"performance": 99, "accessibility": 100, "best-practices": 100, "seo": 100, "agentic-browsing": 100}
"""All of Lighthouse's categories and the least score of each."""

DEVICES = {"phone": [], "desk": ["--preset=desktop"]}
THEMES = {"light": 1, "dark": 0}
"""Chromium's numbers for the reader's preferred colours (blink-settings preferredColorScheme)."""


class Compressed(SimpleHTTPRequestHandler):
    """Serves a folder as a good host does: compressed, to be kept for an hour, with the headers of `_headers`."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the base class's
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer with the file, or with nothing."""
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        body = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        charset = "; charset=utf-8" if path.suffix in (".html", ".css", ".js", ".txt") else ""
        self.send_header("Content-Type", self.guess_type(str(path)) + charset)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=3600")
        for line in (Path(self.directory) / "_headers").read_text(encoding="utf-8").splitlines()[1:]:
            self.send_header(*line.strip().split(": ", 1))
        self.end_headers()
        self.wfile.write(body)


@dataclass(frozen=True)
class Result:
    """The medians of a page's runs: scores (0 to 100) by category, and what a first visit takes."""

    scores: dict[str, float]
    paint_ms: float
    blocked_ms: float
    shift: float
    kilobytes: float


def lighthouse(url: str, device: str, theme: str) -> dict[str, Any]:
    """One run of Lighthouse, as it reports itself."""
    flags = f"--headless=new --no-sandbox --disable-gpu --blink-settings=preferredColorScheme={THEMES[theme]}"
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run(
            [
                *(Path(sys.executable).with_name("node"), HERE / "node_modules/lighthouse/cli/index.js", url),
                *("--quiet", "--output=json", f"--output-path={report}", f"--chrome-flags={flags}"),
                f"--only-categories={','.join(CATEGORIES)}",
                *DEVICES[device],
            ],
            env={**os.environ, "CHROME_PATH": find() or ""},
            check=True,
        )
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return found


def audit(url: str, device: str, theme: str, runs: int) -> tuple[Result, list[str]]:
    """Run Lighthouse some times; return the medians, and the audits that any run failed."""
    reports = [lighthouse(url, device, theme) for _ in range(runs)]

    def median(value: Callable[[dict[str, Any]], float]) -> float:
        return statistics.median(value(report) for report in reports)

    def numeric(name: str) -> float:
        return median(lambda report: float(report["audits"][name]["numericValue"]))

    def score(name: str, report: dict[str, Any]) -> float:
        return 100 * float(report["categories"][name]["score"])

    failed = {
        name
        for report in reports
        for category in set(CATEGORIES) - {"performance"}
        for reference in report["categories"][category]["auditRefs"]
        if report["audits"][name := reference["id"]]["score"] not in (None, 1) and reference["weight"]
    }
    result = Result(
        scores={name: median(functools.partial(score, name)) for name in CATEGORIES},
        paint_ms=numeric("largest-contentful-paint"),
        blocked_ms=numeric("total-blocking-time"),
        shift=numeric("cumulative-layout-shift"),
        kilobytes=numeric("total-byte-weight") / 1000,
    )
    return result, sorted(failed)


def html_errors(site: Path) -> list[str]:
    """What the Nu HTML checker says of every page."""
    pages = [str(path) for path in sorted(site.rglob("*.html"))]
    jar = HERE / "node_modules/vnu-jar/build/dist/vnu.jar"
    said = subprocess.run(
        ["java", "-jar", jar, "--errors-only", "--format", "json", *pages],
        capture_output=True,
        text=True,
        check=False,
    ).stderr
    places: dict[str, list[str]] = {}
    for message in json.loads(said)["messages"]:
        page = Path(message["url"].removeprefix("file:")).relative_to(site).as_posix()
        places.setdefault(message["message"], []).append(page)
    return [f"{message} ({len(pages)} times, first on {pages[0]})" for message, pages in places.items()]


def main() -> int:
    """Print the table; exit 1 when something is below its bar, 2 when nothing is built."""
    site, runs = ROOT / "site", int(os.environ.get("RUNS", "1"))
    if not (site / "index.html").is_file():
        print("site/: found no index.html, expected a built site; run: make build", file=sys.stderr)
        return 2
    pages = os.environ.get("PAGES", "").split() or [f"{edition}{page}" for page in KINDS for edition in ("", "zh/")]
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Compressed, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    every = [(device, theme) for device in DEVICES for theme in THEMES]
    looks = every if os.environ.get("ALL") else [("phone", "light"), ("desk", "dark")]
    low: list[str] = []
    print("| page | device | colours | performance | accessibility | best practices | SEO | agents | paint | blocked | shift | weight |")
    print("|" + "---|" * 12)
    for page in pages:
        for device, theme in looks:
            result, failed = audit(f"http://127.0.0.1:{server.server_port}/{page}", device, theme, runs)
            scores = " | ".join(f"{score:.0f}" for score in result.scores.values())
            print(
                f"| {page} | {device} | {theme} | {scores} | {result.paint_ms / 1000:.2f} s | {result.blocked_ms:.0f} ms "
                f"| {result.shift:.3f} | {result.kilobytes:.0f} kB |",
                flush=True,
            )
            low += [f"{page}, {device}: {name}" for name in failed]
            low += [f"{page}, {device}: {name} {result.scores[name]:.0f}" for name, bar in CATEGORIES.items() if result.scores[name] < bar]
    server.shutdown()
    errors = html_errors(site)
    print("\n".join(["", *low, *errors, f"{len(low)} below the bar, {len(errors)} HTML errors"]))
    return 1 if low or errors else 0


if __name__ == "__main__":
    sys.exit(main())
