"""Check the external links that readers of a built site see, and say where in the sources each can be mended.

Reads the built pages (site/), the chapters (docs/en, docs/zh), the catalogues (docs/data/*.yml) and the exceptions
(docs/data/link-exceptions.yml); with --site any built site, with --urls any list. Remembers what it learned in a cache file.
Prints one line a finding, `file:line: outcome: URL: reason`, on a terminal a table; --json gives
{"schema_version": 1, "totals", "results": [{"url", "outcome", "reason", "moved_to", "places": [{"file", "line"}], …}], "exceptions"}.

Exit 0: nothing to do. 1: something to mend. 2: could not run (no network, no built site, interrupted).
The way: collect → ask (link_web.py) → remember → report.
"""

from __future__ import annotations

import argparse
import asyncio
import difflib
import gc
import html
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

import yaml

if TYPE_CHECKING:
    from link_web import Lookup, Verdict

ROOT = Path(__file__).resolve().parent.parent
EXCEPTIONS = "docs/data/link-exceptions.yml"
CACHE = ".cache/links.jsonl"
SCHEMA_VERSION = 1  # of --json; goes up when a field changes its meaning or goes
CACHE_VERSION = 1  # of the cache file; another one is set aside
FRESH_DAYS = 5.0  # days a link that was ok is not asked again: less than the week between two scheduled runs, so those ask them all
FORGET_DAYS = 120  # days after which a link that nobody asked about leaves the cache
OVERDUE_DAYS, OVERDUE_LOOKS = 14, 3  # a link unreachable for so many days, and looks, needs a person: dead hosts answer nobody
PLACES_SHOWN = 3  # places of a link that a table names; JSON has all
ARCHIVE = "https://web.archive.org/web/{when}/{url}"  # looked at by people, never by this program

MENDED = ("broken", "moved", "refused")  # outcomes that leave something to do
ORDER = ("broken", "moved", "refused", "unreachable", "exempt", "ok")
WEB = re.compile(r"(?:https?:)?//", re.IGNORECASE)
NOT_LINKS = re.compile(r"(?:mailto|tel|sms|data|javascript|blob|about):", re.IGNORECASE)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
LINK_RELS = {"stylesheet", "icon", "apple-touch-icon", "mask-icon", "manifest", "preload", "modulepreload"}  # what a page loads
URL_ATTRIBUTES = ("href", "src", "poster", "data", "xlink:href")
TAGS = re.compile(  # what is no link first: comments, and what stands inside code
    r"""<!--.*?(?:-->|\Z)|<(?P<hidden>pre|code|samp|kbd|template|textarea|style)\b[^>]*>.*?</(?P=hidden)\s*>"""
    r"""|<script\b(?P<script>(?:[^>"']|"[^"]*"|'[^']*')*)>.*?(?:</script\s*>|\Z)|<[a-z](?:[^>"']|"[^"]*"|'[^']*')*>""",
    re.IGNORECASE | re.DOTALL,
)
NOT_PROSE = re.compile(  # Markdown and templates: fenced code, comments, inline code within one paragraph
    r"^[ >]*(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:^[ >]*(?P=fence)[`~]*[ \t]*$|\Z)|<!--.*?(?:-->|\Z)|\{#(?!\w|[^#\n]*\}).*?#\}"
    r"|(?<!`)(?P<tick>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=tick)(?!`)",
    re.MULTILINE | re.DOTALL,
)
BEFORE_URL = re.compile(r"(?<![A-Za-z0-9/=&%?#.+~@:_-])")
AFTER_URL = re.compile(r"""(?=[\s)>\]}"'|`，。；：！？、）》”]|\Z|[.,;:!?*_]+(?:[\s，。；：！？、）》”]|\Z))""")
FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE | re.DOTALL)


class CannotRun(Exception):  # noqa: N818  it says what is
    """Why nothing can be checked; the message is for a person."""


class Place(NamedTuple):
    """Where a link stands."""

    file: str
    line: int


Links = dict[str, set[Place]]
"""Every URL as it was given, with all its places."""


@dataclass(frozen=True)
class Source:
    """A text that people edit. `visible` is the text with all that is no link blanked, at the same offsets."""

    file: str
    text: str
    visible: str
    own: tuple[tuple[str, int], ...] = ()  # URLs that are values of their own (YAML), with their lines

    def spans(self, url: str) -> list[tuple[int, int]]:
        """Where the URL stands, whole: not inside a longer one, not in code or comments."""
        found = []
        for spelled in {url, html.escape(url, quote=False)}:
            start = self.visible.find(spelled)
            while start >= 0:
                end = start + len(spelled)
                if BEFORE_URL.match(self.visible, start) and AFTER_URL.match(self.visible, end):
                    found.append((start, end))
                start = self.visible.find(spelled, end)
        return sorted(found)

    def places(self, url: str) -> set[Place]:
        """The lines where the URL stands."""
        return {Place(self.file, self.text.count("\n", 0, start) + 1) for start, _ in self.spans(url)}


# -- collect -------------------------------------------------------------------------------------


class _Attributes(HTMLParser):
    """Reads the attributes of one tag."""

    found: tuple[str, dict[str, str]] = ("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found = (tag, {name: value or "" for name, value in reversed(attrs)})  # of two alike, the first counts


def page_links(page: str) -> Iterator[tuple[str, int]]:
    """The external links of a built page with their lines.

    The tags are found by pattern, and only those that can hold such a link are parsed: ten times as fast as parsing everything.
    """
    line, counted = 1, 0
    for match in TAGS.finditer(page):
        script = match["script"]
        tag_text = f"<script{script}>" if script else match[0]
        if match["hidden"] or tag_text.startswith("<!") or (":" not in tag_text and "//" not in tag_text):
            continue
        parser = _Attributes()
        parser.feed(tag_text)
        tag, values = parser.found
        if tag == "base" or (tag == "link" and not LINK_RELS & set(values.get("rel", "").lower().split())):
            continue
        line, counted = line + page.count("\n", counted, match.start()), match.start()
        candidates = [values[name] for name in URL_ATTRIBUTES if name in values]
        candidates += [part.split()[0] for part in re.split(r",\s+", values.get("srcset", "")) if part.split()]
        for url in map(str.strip, candidates):
            if WEB.match(url) or (SCHEME.match(url) and not NOT_LINKS.match(url)):
                yield url, line


def yaml_source(file: str, text: str) -> Source:
    """A YAML file: only its values are visible; those that are a URL and nothing else are links of their own."""
    visible, own, seen = [" "] * 0, [], set()
    try:
        nodes: list[yaml.Node] = list(yaml.compose_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise CannotRun(f"{file}:{mark.line + 1 if mark else 1}: not readable as YAML") from None
    spans = []
    while nodes:
        node = nodes.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode) and "//" in node.value:
            spans.append((node.start_mark.index, node.end_mark.index))
            if re.fullmatch(r"https?://\S+", node.value.strip()):
                own.append((node.value.strip(), node.start_mark.line + 1))
        elif isinstance(node, yaml.SequenceNode):
            nodes += node.value
        elif isinstance(node, yaml.MappingNode):
            nodes += [part for pair in node.value for part in pair]
    end = 0
    for start, stop in sorted(spans):
        visible += [" " * (start - end), text[start:stop]]
        end = stop
    return Source(file, text, "".join(visible) + " " * (len(text) - end), tuple(sorted(own)))


def prose_source(file: str, text: str) -> Source:
    """A chapter or a template; the front matter of a chapter is YAML."""
    blanked = NOT_PROSE.sub(lambda match: " " * len(match[0]), text)
    head = FRONT_MATTER.match(text)
    if not head:
        return Source(file, text, blanked)
    front = yaml_source(file, "\n" + head[1])  # the line break stands for the line of dashes
    return Source(file, text, " " * head.start(1) + front.visible[1:] + blanked[head.end(1) :], front.own)


def read_source(root: Path, path: Path) -> Source:
    """Read one source; its name is its path below `root`."""
    file = path.relative_to(root).as_posix()
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRun(f"{file}: cannot be read: {error}") from None
    return yaml_source(file, text) if path.suffix in (".yml", ".yaml") else prose_source(file, text)


def collect_site(folder: Path, name: str) -> Iterator[tuple[Path, list[tuple[str, Place]]]]:
    """The pages of a built site, each with its external links at their lines."""
    if not folder.is_dir():
        raise CannotRun(f"{name}/ is missing: build the site first (make build)")
    for path in sorted(folder.rglob("*.html")):
        relative = path.relative_to(folder)
        place = f"{name}/{relative.as_posix()}"
        yield relative, [(url, Place(place, line)) for url, line in page_links(path.read_bytes().decode("utf-8", "replace"))]


def collect_guide(root: Path) -> tuple[Links, dict[str, Source]]:
    """The links of the guide at the places of its sources, and the sources by their names."""
    links: Links = {}
    data = [read_source(root, path) for path in sorted(root.glob("docs/data/*.yml")) if path != root / EXCEPTIONS]
    frame = [read_source(root, path) for path in [*sorted(root.glob("mkdocs*.yml")), *sorted(root.glob("overrides/**/*.html"))]]
    sources = {source.file: source for source in [*data, *frame]}
    elsewhere: dict[str, set[Place]] = {}
    for source in data:
        for url, line in source.own:
            links.setdefault(url, set()).add(Place(source.file, line))
    from_data = {url: set(places) for url, places in links.items()}
    for page, found in collect_site(root / "site", "site"):
        edition, inside = ("zh", Path(*page.parts[1:])) if page.parts[0] == "zh" else ("en", page)
        chapter = root / "docs" / edition / inside.with_suffix(".md")
        source = read_source(root, chapter) if chapter.is_file() else Source("", "", "")
        sources[source.file] = source
        for url, line in source.own:
            links.setdefault(url, set()).add(Place(source.file, line))
        for url, place in found:
            places = source.places(url) or from_data.get(url)
            if not places:
                if url not in elsewhere:
                    elsewhere[url] = set().union(*(other.places(url) for other in data)) or set().union(*(o.places(url) for o in frame))
                places = elsewhere[url] or {place}
            links.setdefault(url, set()).update(places)
    return links, sources


def collect_list(file: str, stdin: TextIO) -> Links:
    """The URLs of a list, one a line; empty lines and lines that begin with # are none."""
    try:
        text = stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRun(f"{file}: cannot be read: {error}") from None
    links: Links = {}
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.startswith("#"):
            links.setdefault(line.strip(), set()).add(Place("<stdin>" if file == "-" else file, number))
    return links


def added_since(root: Path, revision: str, links: Links) -> Links:
    """The links that stand on lines added since the branch left `revision`, and on none that it removed."""

    def git(*arguments: str) -> str:
        command = ["git", "-c", "core.quotepath=off", "-C", str(root), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False)  # noqa: S603  no shell
        if done.returncode:
            raise CannotRun(f"--changed-since {revision}: git says: {done.stderr.strip() or 'no'}")
        return done.stdout

    base = git("merge-base", "--end-of-options", revision, "HEAD").strip()
    added: set[Place] = set()
    removed = []
    file = ""
    for line in git("diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-renames", "--relative", base, "--", ".").split("\n"):
        if line.startswith("+++ b/"):
            file = line[6:].rstrip("\t")
        elif hunk := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
            first, count = int(hunk[1]), int(hunk[2] or 1)
            added.update(Place(file, number) for number in range(first, first + count))
        elif line.startswith("-"):
            removed.append(line[1:])
    new_files = set(git("ls-files", "--others", "--exclude-standard").split("\n"))
    before = Source("", "", "\n".join(removed))
    return {
        url: places
        for url, places in links.items()
        if any(place in added or place.file in new_files for place in places) and not before.spans(url)
    }


# -- remember ------------------------------------------------------------------------------------


class Memory(NamedTuple):
    """What is known of a link from earlier runs; times in seconds since 1970, 0: never."""

    outcome: str
    reason: str
    moved_to: str
    warning: str
    checked: int
    last_ok: int
    since: int  # when it first was not ok, after it was
    streak: int  # looks in a row with this outcome
    etag: str
    modified: str


MEMORY_TYPES = [str] * 4 + [int] * 4 + [str] * 2


class Cache:
    """The memory between runs: a JSON array a line (URL, then the fields of Memory) below a line with the version.

    Each verdict is appended at once, so a killed run loses nothing; at its end a new file takes the place of the old one.
    """

    def __init__(self, path: Path | None, now: float, notify: Callable[[str], None]) -> None:
        self.entries: dict[str, Memory] = {}
        self._path = path
        self._now = int(now)
        self._notify = notify
        self._journal: TextIO | None = None
        if path is not None:
            try:
                self._load(path)
                self._journal = self._open(path)
            except OSError as error:
                self._give_up(error)

    def _load(self, path: Path) -> None:
        if not path.exists():
            return
        head, *lines = path.read_bytes().split(b"\n")
        if lines and lines[-1]:  # a run was killed while it wrote this line
            with path.open("r+b") as file:
                file.truncate(path.stat().st_size - len(lines[-1]))
        try:
            if json.loads(head) != {"link_cache": CACHE_VERSION}:
                raise ValueError
            for line in filter(None, lines[:-1]):
                url, *values = json.loads(line)
                if [type(value) for value in values] != MEMORY_TYPES or not isinstance(url, str):
                    raise ValueError
                self.entries[url] = Memory(*values)
        except ValueError:
            aside = path.with_name(f"{path.name}.bad")
            path.replace(aside)
            self.entries = {}
            self._notify(f"{path} is damaged or of another version: set aside as {aside.name}, this run begins without memory")

    @staticmethod
    def _open(path: Path) -> TextIO:
        path.parent.mkdir(parents=True, exist_ok=True)
        journal = path.open("a", encoding="utf-8")
        if not path.stat().st_size:
            journal.write(json.dumps({"link_cache": CACHE_VERSION}) + "\n")
            journal.flush()
        return journal

    def _give_up(self, error: OSError) -> None:
        """Go on without writing: what was remembered before stays as it is."""
        self._journal = None
        self._notify(f"the cache {self._path} cannot be written ({error.strerror or error}): what follows is not remembered")

    def learn(self, url: str, verdict: Verdict) -> Memory:
        """Remember a verdict; returns what is now known of the link."""
        before, is_ok = self.entries.get(url), verdict.outcome == "ok"
        memory = Memory(
            verdict.outcome, verdict.reason, verdict.moved_to, verdict.warning,
            checked=self._now,
            last_ok=self._now if is_ok else before.last_ok if before else 0,
            since=0 if is_ok else (before.since if before else 0) or self._now,
            streak=before.streak + 1 if before and before.outcome == verdict.outcome else 1,
            etag=verdict.etag, modified=verdict.modified,
        )  # fmt: skip
        if verdict.etag == "" and verdict.status == 304 and before:
            memory = memory._replace(etag=before.etag, modified=before.modified)
        self.entries[url] = memory
        if self._journal:
            try:
                self._journal.write(json.dumps([url, *memory], ensure_ascii=False) + "\n")
                self._journal.flush()
            except OSError as error:
                self._give_up(error)
        return memory

    def close(self) -> None:
        """Write the file anew, sorted and without what was long forgotten."""
        if self._journal is None or self._path is None:
            return
        beside = self._path.with_name(f"{self._path.name}.new")
        try:
            self._journal.close()
            with beside.open("w", encoding="utf-8") as file:
                file.write(json.dumps({"link_cache": CACHE_VERSION}) + "\n")
                for url, memory in sorted(self.entries.items()):
                    if self._now - memory.checked < FORGET_DAYS * 86400:
                        file.write(json.dumps([url, *memory], ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            self._give_up(error)


# -- judge ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LinkException:
    """A link, or a pattern of links, that is allowed not to be ok, until a day."""

    pattern: str
    reason: str
    look_again: date
    place: Place

    def covers(self, url: str) -> bool:
        """True if the pattern fits the whole URL; `*` stands for anything, every other character for itself."""
        return re.fullmatch(re.escape(self.pattern).replace(r"\*", ".*"), url) is not None


def read_exceptions(path: Path, name: str) -> list[LinkException]:
    """Read the exceptions; raises `CannotRun` with everything that is wrong with them."""
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    yaml_source(name, text)
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    records = yaml.safe_load(text) or []
    lines = [node.start_mark.line + 1 for node in root.value] if isinstance(root, yaml.SequenceNode) else []
    wanted = {"pattern", "reason", "added", "look_again"}
    found, problems = [], []
    if not isinstance(records, list):
        problems.append(f"{name}:1: expected a list of exceptions")
    for line, record in zip(lines, records, strict=False):
        try:
            if not isinstance(record, dict) or set(record) != wanted or not all(str(record[key] or "").strip() for key in wanted):
                raise ValueError(f"expected exactly the fields {', '.join(sorted(wanted))}, none of them empty")
            added, look_again = date.fromisoformat(str(record["added"])), date.fromisoformat(str(record["look_again"]))
            if look_again <= added:
                raise ValueError(f"look_again: found {look_again}, expected a day after {added}, when it was added")
            found.append(LinkException(str(record["pattern"]), str(record["reason"]), look_again, Place(name, line)))
        except ValueError as error:
            problems.append(f"{name}:{line}: {error}")
    if problems:
        raise CannotRun("\n".join(problems))
    return found


@dataclass(frozen=True)
class Finding:
    """What a run says of one link."""

    url: str
    outcome: str
    reason: str
    places: tuple[Place, ...]
    moved_to: str = ""
    warning: str = ""
    archived: str = ""
    checked: str = ""
    last_ok: str = ""
    streak: int = 0
    is_remembered: bool = False
    is_to_mend: bool = False


@lru_cache(maxsize=4096)
def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds else ""


def finding_of(url: str, places: Iterable[Place], memory: Memory, before: Memory | None, exception: LinkException | None) -> Finding:
    """Weigh a verdict against what was known before, and against the exceptions."""
    outcome, reason, warning = memory.outcome, memory.reason, memory.warning
    is_to_mend = outcome in MENDED
    if outcome == "broken" and before and before.last_ok and before.outcome != "broken":
        outcome, is_to_mend = "unreachable", False
        reason = f"{reason}; it was ok on {_day(before.last_ok)}, so the next run takes a second look before it is called broken"
    elif outcome == "unreachable" and memory.streak >= OVERDUE_LOOKS and memory.checked - memory.since >= OVERDUE_DAYS * 86400:
        is_to_mend, warning = True, f"so since {_day(memory.since)}, in {memory.streak} looks: a person must look"
    if exception and outcome != "ok":
        outcome, is_to_mend, reason = "exempt", False, f"{exception.reason} ({outcome}: {reason})"
    when = _day(memory.last_ok).replace("-", "") or "*"
    archived = ARCHIVE.format(when=when, url=redacted(url)) if outcome == "broken" and WEB.match(url) else ""
    return Finding(
        redacted(url), outcome, redacted(reason), tuple(sorted(places)), redacted(memory.moved_to), warning, archived,
        _day(memory.checked), _day(memory.last_ok), memory.streak, memory is before, is_to_mend,
    )  # fmt: skip


def exception_problems(exceptions: Sequence[LinkException], outcomes: Mapping[str, str], today: date) -> list[tuple[Place, str]]:
    """The exceptions that are past their day or no longer needed; `outcomes` are the true ones of the links."""
    problems = []
    for exception in exceptions:
        covered = [outcome for url, outcome in outcomes.items() if exception.covers(url)]
        if exception.look_again < today:
            due = f"was to be looked at again by {exception.look_again}; renew the day or take it out"
            problems.append((exception.place, f"{exception.pattern}: {due}"))
        elif not covered:
            problems.append((exception.place, f"{exception.pattern}: fits no link any more; take it out"))
        elif set(covered) == {"ok"}:
            problems.append((exception.place, f"{exception.pattern}: all it covers is ok ({len(covered)}); take it out"))
    return problems


def redacted(text: str) -> str:
    """The text without user names and passwords in URLs, and without characters that a terminal would obey."""
    text = re.sub(r"(?<=//)[^/?#\s]*@", "***@", text) if "@" in text else text
    return text if text.isprintable() else "".join(filter(str.isprintable, text))


# -- report --------------------------------------------------------------------------------------


def what(finding: Finding) -> str:
    """The reason of a finding, and what can be done."""
    parts = [finding.reason, finding.warning, f"→ {finding.moved_to}" if finding.moved_to else ""]
    return "; ".join(filter(None, [*parts, f"archived copies: {finding.archived}" if finding.archived else ""]))


def summed_up(findings: Sequence[Finding]) -> str:
    """The totals in one line."""
    totals = Counter(finding.outcome for finding in findings)
    remembered = sum(finding.is_remembered for finding in findings)
    return f"{len(findings)} links: " + (
        ", ".join(f"{totals[outcome]} {outcome}" for outcome in reversed(ORDER) if totals[outcome]) + f" ({remembered} remembered)"
        if findings
        else "nothing to check"
    )


def as_lines(findings: Iterable[Finding], problems: Iterable[tuple[Place, str]]) -> Iterator[str]:
    """A line for each place of each finding."""
    for place, problem in problems:
        yield f"{place.file}:{place.line}: exception: {problem}"
    for finding in findings:
        for place in finding.places:
            yield f"{place.file}:{place.line}: {finding.outcome}: {finding.url}: {what(finding)}"


def as_annotations(findings: Iterable[Finding], problems: Iterable[tuple[Place, str]]) -> Iterator[str]:
    """GitHub's commands that put each finding beside its line."""

    def escaped(text: str, more: str = "") -> str:
        return "".join(f"%{ord(c):02X}" if c in "%\r\n" + more else c for c in text)

    def annotation(level: str, place: Place, text: str) -> str:
        return f"::{level} file={escaped(place.file, ':,')},line={place.line}::{escaped(text)}"

    for place, problem in problems:
        yield annotation("error", place, f"exception: {problem}")
    for finding in findings:
        level = "error" if finding.outcome == "broken" else "warning" if finding.is_to_mend else "notice"
        yield from (annotation(level, place, f"{finding.outcome}: {finding.url}: {what(finding)}") for place in finding.places)


def as_markdown(findings: Sequence[Finding], problems: Sequence[tuple[Place, str]], total: str) -> str:
    """A summary for an issue or a pull request."""

    def cell(text: str) -> str:
        return re.sub(r"([\\|`*_\[\]<>@#])", r"\\\1", text)

    lines = ["## Links", "", total, ""]
    if problems:
        lines += ["### Exceptions", "", *(f"- `{place.file}:{place.line}` {cell(problem)}" for place, problem in problems), ""]
    for outcome in ORDER[:-1]:
        rows = [finding for finding in findings if finding.outcome == outcome]
        if rows:
            lines += [f"### {outcome} ({len(rows)})", "", "| where | link | what |", "|---|---|---|"]
            lines += [f"| {cell(where(row)).replace('↵', '<br>')} | {cell(row.url)} | {cell(what(row))} |" for row in rows] + [""]
    return "\n".join(lines)


def where(finding: Finding) -> str:
    """The first places of a finding, and how many more there are."""
    shown = [f"{place.file}:{place.line}" for place in finding.places[:PLACES_SHOWN]]
    more = len(finding.places) - len(shown)
    return "↵".join(shown + ([f"and {more} more"] if more else []))


def print_table(findings: Iterable[Finding], problems: Iterable[tuple[Place, str]]) -> None:
    """What a person at a terminal sees."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    styles = {"broken": "bold red", "moved": "yellow", "refused": "magenta", "unreachable": "cyan"}
    table = Table("outcome", "where", "link and what", show_lines=True)
    for place, problem in problems:
        table.add_row(Text("exception", "bold red"), f"{place.file}:{place.line}", Text(problem))
    for finding in findings:
        text = Text(f"{finding.url}\n{what(finding)}", overflow="fold")
        table.add_row(Text(finding.outcome, styles.get(finding.outcome, "")), Text(where(finding).replace("↵", "\n")), text)
    if table.row_count:
        Console().print(table)


def as_json(findings: Sequence[Finding], problems: Sequence[tuple[Place, str]], is_complete: bool) -> str:
    """The documented form for machines."""
    results: list[dict[str, Any]] = [{**vars(finding), "places": [place._asdict() for place in finding.places]} for finding in findings]
    totals = Counter(finding.outcome for finding in findings)
    exceptions = [{**place._asdict(), "problem": problem} for place, problem in problems]
    whole = {"schema_version": SCHEMA_VERSION, "is_complete": is_complete, "totals": {name: totals[name] for name in ORDER}}
    return json.dumps({**whole, "results": results, "exceptions": exceptions}, ensure_ascii=False, indent=1) + "\n"


def fix_moved(findings: Iterable[Finding], sources: Mapping[str, Source], root: Path) -> Iterator[str]:
    """Write the new address of what moved for good into the sources, exactly where the old one stands; yields the diff first."""
    edits: dict[str, list[tuple[int, int, str]]] = {}
    for finding in findings:
        if finding.outcome == "moved" and not finding.warning:
            for file in {place.file for place in finding.places} & set(sources):
                source = sources[file]
                for start, end in source.spans(finding.url):
                    new = html.escape(finding.moved_to, quote=False) if source.text[start:end] != finding.url else finding.moved_to
                    if file.endswith(".md") and new.count("(") != new.count(")"):
                        new = new.replace("(", "%28").replace(")", "%29")  # would end a Markdown link early
                    edits.setdefault(file, []).append((start, end, new))
    for file, changes in sorted(edits.items()):
        old = new_text = sources[file].text
        for start, end, new in sorted(changes, reverse=True):
            new_text = new_text[:start] + new + new_text[end:]
        yield "".join(difflib.unified_diff(old.splitlines(True), new_text.splitlines(True), f"a/{file}", f"b/{file}", n=1))
        (root / file).write_bytes(new_text.encode("utf-8"))


# -- the program ---------------------------------------------------------------------------------


@dataclass
class Run:
    """What one run found so far."""

    links: Links
    cache: Cache
    exceptions: Sequence[LinkException]
    findings: list[Finding] = field(default_factory=list)
    outcomes: dict[str, str] = field(default_factory=dict)

    def add(self, url: str, memory: Memory, before: Memory | None) -> None:
        exception = next((exception for exception in self.exceptions if exception.covers(url)), None)
        self.outcomes[url] = memory.outcome
        self.findings.append(finding_of(url, self.links[url], memory, before, exception))


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description="Check the external links of a built site, politely and with a memory.",
        epilog="""examples:
  check_links.py                              the guide: site/, docs/, with file and line of the sources
  check_links.py --changed-since origin/main  only the links that this branch adds
  check_links.py --fix-moved                  write the new addresses of moved pages into the sources
  check_links.py --site public --json -       any built site, as JSON
  grep -o 'https://[^ )]*' notes.txt | check_links.py --urls - --no-cache""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what_to_check = parser.add_mutually_exclusive_group()
    what_to_check.add_argument("--site", type=Path, metavar="DIR", help="check any built site instead of the guide")
    what_to_check.add_argument("--urls", metavar="FILE", help="check a list, one URL a line (-: standard input)")
    parser.add_argument("--root", type=Path, default=ROOT, metavar="DIR", help="the guide's folder (default: the one this program is in)")
    parser.add_argument("--changed-since", metavar="REV", help="check only the links that were added since this git revision")
    parser.add_argument("--fix-moved", action="store_true", help="rewrite permanent moves in the sources, showing the diff")
    parser.add_argument("--exceptions", type=Path, metavar="FILE", help=f"links that may fail (default for the guide: {EXCEPTIONS})")
    parser.add_argument("--json", metavar="FILE", help="write the results as JSON (-: standard output, nothing else there)")
    parser.add_argument("--summary", type=Path, metavar="FILE", help="write a summary in Markdown, for an issue")
    parser.add_argument("--cache", type=Path, metavar="FILE", help=f"the memory between runs (default: {CACHE} in the guide's folder)")
    parser.add_argument("--no-cache", action="store_true", help="remember nothing, ask everything")
    parser.add_argument("--fresh", type=float, default=FRESH_DAYS, metavar="DAYS", help="do not ask again what was ok within (%(default)s)")
    parser.add_argument("--allow-private", action="store_true", help="ask addresses in private networks and on this machine as well")
    parser.add_argument("--timeout", type=float, default=20.0, metavar="SECONDS", help="for one request (%(default)s)")
    parser.add_argument("--per-host", type=int, default=1, metavar="N", help="requests at once to a host (%(default)s)")
    parser.add_argument("--pause", type=float, metavar="SECONDS", help="between two requests to a host (0.5; with --per-host above 1: 0)")
    parser.add_argument("--max-connections", type=int, default=128, metavar="N", help="requests at once in all (%(default)s)")
    parser.add_argument("--budget", type=float, default=1800.0, metavar="SECONDS", help="for the whole run (%(default)s)")
    options = parser.parse_args(argv)
    if options.pause is None:
        options.pause = 0.5 if options.per_host == 1 else 0.0
    if min(options.per_host, options.max_connections, options.timeout, options.budget) <= 0 or min(options.pause, options.fresh) < 0:
        parser.error("numbers must be positive")
    if (options.site or options.urls) and (options.changed_since or options.fix_moved):
        parser.error("--changed-since and --fix-moved need the guide's sources; they do not go with --site or --urls")
    return options


def ask_web(run: Run, urls: Sequence[str], options: argparse.Namespace, lookup: Lookup | None) -> None:
    """Ask what is not remembered. The client is loaded only here: a run that needs no network does not wait for it."""
    import link_web

    settings = link_web.Settings(
        timeout=options.timeout, per_host=options.per_host, pause=options.pause, max_connections=options.max_connections,
        budget=options.budget, allow_private=options.allow_private, contact=os.environ.get("REPO_URL", ""),
    )  # fmt: skip
    known = {url: run.cache.entries.get(url) for url in urls}
    validators = {url: (memory.etag, memory.modified) if memory and memory.outcome == "ok" else ("", "") for url, memory in known.items()}
    with progress(len(urls)) as advance:

        def learn(url: str, verdict: Verdict) -> None:
            run.add(url, run.cache.learn(url, verdict), known[url])
            advance()

        try:
            with asyncio.Runner(loop_factory=fast_loop()) as runner:
                runner.run(link_web.ask(validators, settings, learn, lookup or link_web.system_lookup))
        except link_web.NoNetwork as problem:
            raise CannotRun(str(problem)) from None


def fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The event loop of uvloop, which saves a seventh of the time; the usual one where it is not to be had (Windows)."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


@contextmanager
def progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error where a person looks at it; nothing where the output is piped."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("asking", total=total)
        yield lambda: bar.advance(task)


def collect(options: argparse.Namespace) -> tuple[Links, dict[str, Source]]:
    """The links to check, and the sources that can be mended."""
    if options.urls:
        return collect_list(options.urls, sys.stdin), {}
    if options.site:
        links: Links = {}
        for _, found in collect_site(options.site, options.site.as_posix().rstrip("/")):
            for url, place in found:
                links.setdefault(url, set()).add(place)
        return links, {}
    links, sources = collect_guide(options.root)
    return (added_since(options.root, options.changed_since, links) if options.changed_since else links), sources


def report(run: Run, options: argparse.Namespace, problems: Sequence[tuple[Place, str]], is_complete: bool) -> None:
    """Write the findings in every form that was asked for."""
    findings = sorted(run.findings, key=lambda finding: (ORDER.index(finding.outcome), finding.url))
    shown = [finding for finding in findings if finding.outcome not in ("ok", "exempt")]
    total = summed_up(findings)
    if options.json:
        text = as_json(findings, problems, is_complete)
        sys.stdout.write(text) if options.json == "-" else Path(options.json).write_text(text, encoding="utf-8")
    if options.summary:
        options.summary.write_text(as_markdown(findings, problems, total), encoding="utf-8")
    on_github = os.environ.get("GITHUB_ACTIONS") == "true"
    if on_github and (step := os.environ.get("GITHUB_STEP_SUMMARY")):
        with Path(step).open("a", encoding="utf-8") as file:
            file.write(as_markdown(findings, problems, total))
    if options.json == "-":
        return
    if sys.stdout.isatty():
        print_table(shown, problems)
    else:
        for line in (as_annotations if on_github else as_lines)(shown, problems):
            print(line)
    print(total)


def main(argv: Sequence[str] | None = None, *, lookup: Lookup | None = None, now: float | None = None) -> int:
    """Check, report, and say by the exit code what is left to do. Names and the clock can be put in by tests."""
    options = parse(sys.argv[1:] if argv is None else argv)
    now = time.time() if now is None else now

    def notify(text: str) -> None:
        print(f"check_links: {text}", file=sys.stderr)

    try:
        links, sources = collect(options)
        is_guide = not options.urls and not options.site
        listed = options.exceptions or (options.root / EXCEPTIONS if is_guide else None)
        exceptions = read_exceptions(listed, EXCEPTIONS if listed == options.root / EXCEPTIONS else str(listed)) if listed else []
        certificates = os.environ.get("SSL_CERT_FILE")
        if certificates and not Path(certificates).is_file():
            raise CannotRun(f"SSL_CERT_FILE names {certificates}, which is no file: every certificate would look bad")
    except CannotRun as problem:
        notify(str(problem))
        return 2
    cache = Cache(None if options.no_cache else options.cache or options.root / CACHE, now, notify)
    run, is_complete = Run(links, cache, exceptions), True
    to_ask = []
    for url in sorted(links):
        known = cache.entries.get(url)
        if known and known.outcome == "ok" and now - known.last_ok < options.fresh * 86400:
            run.add(url, known, known)
        else:
            to_ask.append(url)
    try:
        if to_ask:
            ask_web(run, to_ask, options, lookup)
    except KeyboardInterrupt:
        is_complete = False
        notify(f"interrupted: {len(run.findings)} of {len(links)} links are known, and remembered")
    except CannotRun as problem:
        notify(str(problem))
        return 2
    finally:
        cache.close()
    whole = is_complete and not options.changed_since
    problems = exception_problems(exceptions, run.outcomes, datetime.fromtimestamp(now, UTC).date()) if whole else []
    try:
        report(run, options, problems, is_complete)
        if options.fix_moved:
            for diff in fix_moved(run.findings, sources, options.root):
                print(diff, end="")
    except OSError as problem:
        notify(f"the results cannot be written: {problem}")
        return 2
    if not is_complete:
        return 2
    return 1 if problems or any(finding.is_to_mend for finding in run.findings) else 0


if __name__ == "__main__":
    gc.set_threshold(50_000)  # objects; the usual 700 spends a tenth of a long run on looking through answers that stay
    code = main()
    sys.stdout.flush()
    os._exit(code)  # all is written; freeing thousands of connections one by one would take longer than a warm run
