"""Check the external links that readers of a built site see, and say where in the sources each can be mended.

Reads the built pages (site/), the chapters, the catalogues (docs/data/*.yml) and the exceptions (docs/data/link-exceptions.yml);
with --site any built site, with --urls any list. Remembers what it learned in a cache file.
Prints a line a finding, `file:line: outcome: URL: reason`; on a terminal a table; --json for machines (see scripts/README.md).
Exit 0: nothing to do. 1: something to mend. 2: could not run (no network, no built site, interrupted).
The way: collect (link_sources.py) → ask (link_web.py) → remember → judge → report.
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
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import yaml
from link_sources import EXCEPTIONS, CannotRun, Links, Place, Source, added_since, collect_guide, collect_list, collect_site, yaml_source

if TYPE_CHECKING:
    from link_web import Lookup, Verdict

ROOT = Path(__file__).resolve().parent.parent
CACHE = ".cache/links.sqlite"
SCHEMA_VERSION = 1  # of --json; goes up when a field changes its meaning or goes
CACHE_VERSION = 1  # of the cache file; another one is set aside
FRESH_DAYS = 5.0  # days a link that was ok is not asked again: less than the week between two scheduled runs
FORGET_DAYS = 120  # days after which a link that nobody asked about leaves the cache
OVERDUE_DAYS, OVERDUE_LOOKS = 14, 3  # a link unreachable for so long, and so often, needs a person: dead hosts answer nobody
ARCHIVE = "https://web.archive.org/web/{when}/{url}"  # looked at by people, never by this program
ORDER = ("broken", "moved", "refused", "unreachable", "exempt", "ok")
TO_MEND = ORDER[:3]
DAY = 86400  # seconds

# -- remember ------------------------------------------------------------------------------------


class Memory(NamedTuple):
    """What is known of a link from its last look; times in seconds since 1970, 0: never."""

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


KEEP = "REPLACE INTO links VALUES (" + ", ".join("?" * (1 + len(Memory._fields))) + ")"  # noqa: S608  only question marks


class Cache:
    """The memory between runs, an SQLite file: each verdict is safe as soon as it is known, so a killed run loses nothing."""

    def __init__(self, path: Path | None, now: float, notify: Callable[[str], None]) -> None:
        self.entries: dict[str, Memory] = {}
        self._path, self._now, self._notify = path, int(now), notify
        self._file: sqlite3.Connection | None = None
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._open(path)
            except sqlite3.OperationalError as error:
                if "no such" not in str(error):  # a table or column: a file of somebody else
                    raise
                self._set_aside(path)
            except sqlite3.DatabaseError:
                self._set_aside(path)
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)

    def _open(self, path: Path) -> None:
        self._file = sqlite3.connect(path, timeout=0, isolation_level=None)
        self._file.execute("PRAGMA locking_mode = EXCLUSIVE")  # one run at a time; and memory instead of a third file beside the two
        if self._file.execute("PRAGMA user_version").fetchone()[0] != CACHE_VERSION:
            if self._file.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                raise sqlite3.DatabaseError("of another version")
            self._file.execute(
                "CREATE TABLE links (url TEXT PRIMARY KEY, " + ", ".join(f"{name} NOT NULL" for name in Memory._fields) + ")"
            )
            self._file.execute(f"PRAGMA user_version = {CACHE_VERSION}")
        self._file.execute("PRAGMA journal_mode = WAL")  # a verdict is one append; what a kill leaves behind is taken up again
        self._file.execute("PRAGMA synchronous = OFF")  # safe from a kill; a power cut may cost the last verdicts
        columns = ", ".join(Memory._fields)
        for url, *values in self._file.execute(f"SELECT url, {columns} FROM links"):  # noqa: S608  our own names
            self.entries[url] = Memory(*values)

    def _set_aside(self, path: Path) -> None:
        if self._file:
            self._file.close()
        for end in ("-wal", "-shm", ""):
            if (part := path.with_name(path.name + end)).exists():
                part.replace(path.with_name(f"{path.name}.bad{end}"))
        self.entries = {}
        self._notify(f"{path} is damaged or of another version: set aside as {path.name}.bad, this run begins without memory")
        self._open(path)

    def _give_up(self, error: Exception) -> None:
        """Go on without writing: what was remembered before stays as it is."""
        self._file = None
        self._notify(f"the cache {self._path} cannot be written ({error}): what follows is not remembered")

    def _execute(self, statement: str, values: Sequence[object] = ()) -> None:
        if self._file:
            try:
                self._file.execute(statement, values)
            except sqlite3.Error as error:
                self._give_up(error)

    def learn(self, url: str, verdict: Verdict) -> Memory:
        """Remember a verdict; returns what is now known of the link."""
        before, is_ok, now = self.entries.get(url), verdict.outcome == "ok", self._now
        is_unchanged = before is not None and verdict.status == 304 and not verdict.etag
        memory = self.entries[url] = Memory(
            outcome=verdict.outcome,
            reason=verdict.reason,
            moved_to=verdict.moved_to,
            warning=verdict.warning,
            checked=now,
            last_ok=now if is_ok else before.last_ok if before else 0,
            since=0 if is_ok else (before.since if before else 0) or now,
            streak=before.streak + 1 if before and before.outcome == verdict.outcome else 1,
            etag=before.etag if before and is_unchanged else verdict.etag,
            modified=before.modified if before and is_unchanged else verdict.modified,
        )
        self._execute(KEEP, (url, *memory))
        return memory

    def close(self) -> None:
        """Forget what nobody asked about for long, and close the file."""
        self._execute("DELETE FROM links WHERE checked < ?", (self._now - FORGET_DAYS * DAY,))
        if self._file:
            self._file.close()


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
    root, records = yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text) or []
    lines = [node.start_mark.line + 1 for node in root.value] if isinstance(root, yaml.SequenceNode) else []
    found, problems = [], [] if isinstance(records, list) else [f"{name}:1: expected a list of exceptions"]
    wanted = {"pattern", "reason", "added", "look_again"}
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


def exception_problems(exceptions: Sequence[LinkException], outcomes: Mapping[str, str], today: date) -> Iterator[tuple[Place, str]]:
    """The exceptions that are past their day or no longer needed; `outcomes` are the true ones of the links."""
    for exception in exceptions:
        covered = [outcome for url, outcome in outcomes.items() if exception.covers(url)]
        if exception.look_again < today:
            due = f"was to be looked at again by {exception.look_again}; renew the day or take it out"
            yield exception.place, f"{exception.pattern}: {due}"
        elif not covered:
            yield exception.place, f"{exception.pattern}: fits no link any more; take it out"
        elif set(covered) == {"ok"}:
            yield exception.place, f"{exception.pattern}: all it covers is ok ({len(covered)}); take it out"


@dataclass(frozen=True)
class Finding:
    """What a run says of one link; its fields are those of a result in --json."""

    url: str
    outcome: str
    reason: str
    moved_to: str
    warning: str
    archived: str
    checked: str
    last_ok: str
    streak: int
    is_remembered: bool
    is_to_mend: bool
    places: tuple[Place, ...]

    @property
    def what(self) -> str:
        """The reason, and what can be done."""
        parts = [self.reason, self.warning, self.moved_to and f"→ {self.moved_to}", self.archived and f"archived copies: {self.archived}"]
        return "; ".join(filter(None, parts))


def judge(url: str, places: Iterable[Place], memory: Memory, before: Memory | None, exception: LinkException | None) -> Finding:
    """Weigh a verdict against what was known before, and against the exceptions."""
    outcome, reason, warning = memory.outcome, memory.reason, memory.warning
    is_to_mend = outcome in TO_MEND
    if outcome == "broken" and before and before.last_ok and before.outcome != "broken":
        outcome, is_to_mend = "unreachable", False
        reason = f"{reason}; it was ok on {day(before.last_ok)}, so the next run takes a second look before it is called broken"
    elif outcome == "unreachable" and memory.streak >= OVERDUE_LOOKS and memory.checked - memory.since >= OVERDUE_DAYS * DAY:
        is_to_mend, warning = True, f"so since {day(memory.since)}, in {memory.streak} looks: a person must look"
    if exception and outcome != "ok":
        outcome, is_to_mend, reason = "exempt", False, f"{exception.reason} ({outcome}: {reason})"
    shown = redacted(url)
    return Finding(
        url=shown,
        outcome=outcome,
        reason=redacted(reason),
        moved_to=redacted(memory.moved_to),
        warning=warning,
        archived=ARCHIVE.format(when=day(memory.last_ok).replace("-", "") or "*", url=shown) if outcome == "broken" and "//" in url else "",
        checked=day(memory.checked),
        last_ok=day(memory.last_ok),
        streak=memory.streak,
        is_remembered=memory is before,
        is_to_mend=is_to_mend,
        places=tuple(sorted(places)),
    )


def day(seconds: int) -> str:
    """The day of a time in seconds since 1970; nothing for never."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds else ""


def redacted(text: str) -> str:
    """The text without user names and passwords in URLs, and without characters that a terminal would obey."""
    text = re.sub(r"(?<=//)[^/?#\s]*@", "***@", text) if "@" in text else text
    return text if text.isprintable() else "".join(filter(str.isprintable, text))


# -- report --------------------------------------------------------------------------------------

Problems = Sequence[tuple[Place, str]]
"""What is wrong with exceptions, with the place of each."""


def summed_up(findings: Sequence[Finding]) -> str:
    """The totals in one line."""
    if not findings:
        return "0 links: nothing to check"
    totals = Counter(finding.outcome for finding in findings)
    counts = ", ".join(f"{totals[outcome]} {outcome}" for outcome in reversed(ORDER) if totals[outcome])
    return f"{len(findings)} links: {counts} ({sum(finding.is_remembered for finding in findings)} remembered)"


def as_lines(findings: Iterable[Finding], problems: Problems) -> Iterator[str]:
    """A line for each place of each finding."""
    for place, problem in problems:
        yield f"{place.file}:{place.line}: exception: {problem}"
    for finding in findings:
        for place in finding.places:
            yield f"{place.file}:{place.line}: {finding.outcome}: {finding.url}: {finding.what}"


def as_annotations(findings: Iterable[Finding], problems: Problems) -> Iterator[str]:
    """GitHub's commands that put each finding beside its line."""

    def annotation(level: str, place: Place, text: str) -> str:
        file, text = (
            "".join(f"%{ord(c):02X}" if c in special else c for c in part) for part, special in ((place.file, "%\r\n:,"), (text, "%\r\n"))
        )
        return f"::{level} file={file},line={place.line}::{text}"

    for place, problem in problems:
        yield annotation("error", place, f"exception: {problem}")
    for finding in findings:
        level = "error" if finding.outcome == "broken" else "warning" if finding.is_to_mend else "notice"
        yield from (annotation(level, place, f"{finding.outcome}: {finding.url}: {finding.what}") for place in finding.places)


def where(finding: Finding) -> list[str]:
    """The first places of a finding, and how many more there are."""
    more = len(finding.places) - 3
    return [f"{place.file}:{place.line}" for place in finding.places[:3]] + ([f"and {more} more"] if more > 0 else [])


def as_markdown(findings: Sequence[Finding], problems: Problems) -> str:
    """A summary for an issue or a pull request."""

    def cell(text: str) -> str:
        return re.sub(r"([\\|`*_\[\]<>@#])", r"\\\1", text)

    lines = ["## Links", "", summed_up(findings), ""]
    if problems:
        lines += ["### Exceptions", "", *(f"- `{place.file}:{place.line}` {cell(problem)}" for place, problem in problems), ""]
    for outcome in ORDER[:-1]:
        rows = [finding for finding in findings if finding.outcome == outcome]
        if rows:
            lines += [f"### {outcome} ({len(rows)})", "", "| where | link | what |", "|---|---|---|"]
            lines += [f"| {'<br>'.join(map(cell, where(row)))} | {cell(row.url)} | {cell(row.what)} |" for row in rows] + [""]
    return "\n".join(lines)


def print_table(findings: Iterable[Finding], problems: Problems) -> None:
    """What a person at a terminal sees."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    styles = {"broken": "bold red", "moved": "yellow", "refused": "magenta", "unreachable": "cyan"}
    table = Table("outcome", "where", "link and what", show_lines=True)
    for place, problem in problems:
        table.add_row(Text("exception", "bold red"), f"{place.file}:{place.line}", Text(problem))
    for finding in findings:
        text = Text(f"{finding.url}\n{finding.what}", overflow="fold")
        table.add_row(Text(finding.outcome, styles.get(finding.outcome, "")), Text("\n".join(where(finding))), text)
    if table.row_count:
        Console().print(table)


def as_json(findings: Sequence[Finding], problems: Problems, is_complete: bool) -> str:
    """The documented form for machines."""
    totals = Counter(finding.outcome for finding in findings)
    names = [item.name for item in fields(Finding)[:-1]]
    whole = {
        "schema_version": SCHEMA_VERSION,
        "is_complete": is_complete,
        "totals": {name: totals[name] for name in ORDER},
        "results": [{name: getattr(f, name) for name in names} | {"places": [place._asdict() for place in f.places]} for f in findings],
        "exceptions": [{**place._asdict(), "problem": problem} for place, problem in problems],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def fix_moved(findings: Iterable[Finding], sources: Iterable[Source], root: Path) -> Iterator[str]:
    """Write the new address of what moved for good into the sources, exactly where the old one stands; yields each diff first."""
    moved = [finding for finding in findings if finding.outcome == "moved" and not finding.warning]
    for source in sources:
        new_text = source.text
        spans = {span: finding.moved_to for finding in moved for span in source.spans(finding.url)}
        for (start, end), new in sorted(spans.items(), reverse=True):
            if "&amp;" in source.text[start:end]:
                new = html.escape(new, quote=False)
            if source.file.endswith(".md") and new.count("(") != new.count(")"):
                new = new.replace("(", "%28").replace(")", "%29")
            new_text = new_text[:start] + new + new_text[end:]
        if new_text != source.text:
            old_lines, new_lines = source.text.splitlines(keepends=True), new_text.splitlines(keepends=True)
            yield "".join(difflib.unified_diff(old_lines, new_lines, f"a/{source.file}", f"b/{source.file}", n=1))
            (root / source.file).write_bytes(new_text.encode("utf-8"))


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
        """Take a verdict in."""
        exception = next((exception for exception in self.exceptions if exception.covers(url)), None)
        self.outcomes[url] = memory.outcome
        self.findings.append(judge(url, self.links[url], memory, before, exception))


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
    add = parser.add_argument
    add("--site", type=Path, metavar="DIR", help="check any built site instead of the guide")
    add("--urls", metavar="FILE", help="check a list, one URL a line (-: standard input)")
    add("--root", type=Path, default=ROOT, metavar="DIR", help="the guide's folder (default: the one this program is in)")
    add("--changed-since", metavar="REV", help="check only the links that were added since this git revision")
    add("--fix-moved", action="store_true", help="rewrite permanent moves in the sources, showing the diff")
    add("--exceptions", type=Path, metavar="FILE", help=f"links that may fail (default for the guide: {EXCEPTIONS})")
    add("--json", metavar="FILE", help="write the results as JSON (-: standard output, nothing else there)")
    add("--summary", type=Path, metavar="FILE", help="write a summary in Markdown, for an issue")
    add("--cache", type=Path, metavar="FILE", help=f"the memory between runs (default: {CACHE} in the guide's folder)")
    add("--no-cache", action="store_true", help="remember nothing, ask everything")
    add("--fresh", type=float, default=FRESH_DAYS, metavar="DAYS", help="do not ask again what was ok within (%(default)s)")
    add("--allow-private", action="store_true", help="ask addresses in private networks and on this machine as well")
    add("--timeout", type=float, default=20.0, metavar="SECONDS", help="for one request (%(default)s)")
    add("--per-host", type=int, default=1, metavar="N", help="requests at once to a host (%(default)s)")
    add("--pause", type=float, metavar="SECONDS", help="between two requests to a host (0.5; with --per-host above 1: 0)")
    add("--max-connections", type=int, default=128, metavar="N", help="requests at once in all (%(default)s)")
    add("--budget", type=float, default=1800.0, metavar="SECONDS", help="for the whole run (%(default)s)")
    options = parser.parse_args(argv)
    if options.pause is None:
        options.pause = 0.5 if options.per_host == 1 else 0.0
    if min(options.per_host, options.max_connections, options.timeout, options.budget) <= 0 or min(options.pause, options.fresh) < 0:
        parser.error("numbers must be positive")
    if options.site and options.urls:
        parser.error("--site and --urls do not go together")
    if (options.site or options.urls) and (options.changed_since or options.fix_moved):
        parser.error("--changed-since and --fix-moved need the guide's sources; they do not go with --site or --urls")
    return options


def collect(options: argparse.Namespace) -> tuple[Links, list[Source]]:
    """The links to check, and the sources that can be mended."""
    if options.urls:
        return collect_list(options.urls, sys.stdin), []
    if options.site:
        links: Links = {}
        for _, found in collect_site(options.site, options.site.as_posix().rstrip("/")):
            for url, place in found:
                links.setdefault(url, set()).add(place)
        return links, []
    links, sources = collect_guide(options.root)
    return (added_since(options.root, options.changed_since, links) if options.changed_since else links), sources


def ask_web(run: Run, urls: Sequence[str], options: argparse.Namespace, lookup: Lookup | None) -> None:
    """Ask what is not remembered. The client is loaded only here: a run that needs no network does not wait for it."""
    import link_web

    names = ("timeout", "per_host", "pause", "max_connections", "budget", "allow_private")
    settings = link_web.Settings(**{name: getattr(options, name) for name in names}, contact=os.environ.get("REPO_URL", ""))
    known = {url: run.cache.entries.get(url) for url in urls}
    validators = {url: (memory.etag, memory.modified) if memory and memory.outcome == "ok" else ("", "") for url, memory in known.items()}
    with progress(len(urls)) as advance:

        def learn(url: str, verdict: Verdict) -> None:
            run.add(url, run.cache.learn(url, verdict), known[url])
            advance()

        async def asking() -> None:
            task = asyncio.current_task()
            with suppress(NotImplementedError, ValueError, RuntimeError):  # Windows; not the main thread
                # unlike asyncio's own, this handler wakes a loop that is about to sleep
                asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel if task else sys.exit)
            await link_web.ask(validators, settings, learn, lookup or link_web.system_lookup)

        try:
            asyncio.run(asking())
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
        except link_web.NoNetwork as problem:
            raise CannotRun(str(problem)) from None


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


def report(findings: Sequence[Finding], problems: Problems, options: argparse.Namespace, is_complete: bool) -> None:
    """Write the findings in every form that was asked for."""
    findings = sorted(findings, key=lambda finding: (ORDER.index(finding.outcome), finding.url))
    shown = [finding for finding in findings if finding.outcome not in ("ok", "exempt")]
    if options.summary:
        options.summary.write_text(as_markdown(findings, problems), encoding="utf-8")
    is_on_github = os.environ.get("GITHUB_ACTIONS") == "true"
    if is_on_github and (step := os.environ.get("GITHUB_STEP_SUMMARY")):
        with Path(step).open("a", encoding="utf-8") as file:
            file.write(as_markdown(findings, problems))
    if options.json and options.json != "-":
        Path(options.json).write_text(as_json(findings, problems, is_complete), encoding="utf-8")
    if options.json == "-":
        sys.stdout.write(as_json(findings, problems, is_complete))
        return
    if sys.stdout.isatty():
        print_table(shown, problems)
    else:
        sys.stdout.writelines(f"{line}\n" for line in (as_annotations if is_on_github else as_lines)(shown, problems))
    print(summed_up(findings))


def main(argv: Sequence[str] | None = None, *, lookup: Lookup | None = None, now: float | None = None) -> int:
    """Check, report, and say by the exit code what is left to do. Names and the clock can be put in by tests."""
    options = parse(sys.argv[1:] if argv is None else argv)
    now = time.time() if now is None else now

    def notify(text: str) -> None:
        print(f"check_links: {text}", file=sys.stderr)

    try:
        certificates = os.environ.get("SSL_CERT_FILE")
        if certificates and not Path(certificates).is_file():
            raise CannotRun(f"SSL_CERT_FILE names {certificates}, which is no file: every certificate would look bad")
        links, sources = collect(options)
        own = None if options.site or options.urls else options.root / EXCEPTIONS
        listed = options.exceptions or own
        exceptions = read_exceptions(listed, EXCEPTIONS if listed == own else str(listed)) if listed else []
    except CannotRun as problem:
        notify(str(problem))
        return 2
    run = Run(links, Cache(None if options.no_cache else options.cache or options.root / CACHE, now, notify), exceptions)
    to_ask, is_complete = [], True
    for url in sorted(links):
        known = run.cache.entries.get(url)
        if known and known.outcome == "ok" and now - known.last_ok < options.fresh * DAY:
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
        run.cache.close()
    is_whole = is_complete and not options.changed_since
    problems = list(exception_problems(exceptions, run.outcomes, datetime.fromtimestamp(now, UTC).date())) if is_whole else []
    try:
        report(run.findings, problems, options, is_complete)
        if options.fix_moved:
            for diff in fix_moved(run.findings, sources, options.root):
                print(diff, end="", file=sys.stderr if options.json == "-" else sys.stdout)
    except OSError as problem:
        notify(f"the results cannot be written: {problem}")
        return 2
    if not is_complete:
        return 2
    return 1 if problems or any(finding.is_to_mend for finding in run.findings) else 0


if __name__ == "__main__":
    gc.set_threshold(50_000)  # objects; the usual 700 spends a tenth of a long run on looking through answers that stay
    sys.exit(main())
