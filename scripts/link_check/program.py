"""The program: options, exceptions, what a verdict means for a site, and the reports. See README.md beside this file."""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import sources
from .memory import DAY, Cache, Memory
from .sources import CannotRun, Links, Place, Source

if TYPE_CHECKING:
    from .web import Lookup, Verdict

SETTINGS = "link-check.toml"  # in the site's folder; or the table [tool.link-check] of its pyproject.toml
EXCEPTIONS = "docs/data/link-exceptions.yml"
SOURCES = ("docs/**/*.md", "docs/data/*.yml", "mkdocs*.yml", "overrides/**/*.html")
SCHEMA_VERSION = 1  # of --json; goes up when a field changes its meaning or goes
FRESH_DAYS = 5.0  # days a link that was ok is not asked again: less than the week between two scheduled runs
OVERDUE_DAYS, OVERDUE_LOOKS = 14, 3  # a link unreachable for so long, and so often, needs a person: dead hosts answer nobody
ARCHIVE = "https://web.archive.org/web/{when}/{url}"  # looked at by people, never by this program
ORDER = ("broken", "moved", "refused", "unreachable", "exempt", "ok")
TO_MEND = ORDER[:3]


# -- judge ---------------------------------------------------------------------------------------


def fits(pattern: str, url: str) -> bool:
    """True if a pattern fits the whole URL; `*` stands for anything, every other character for itself."""
    first, *parts = pattern.split("*")
    if not parts or not url.startswith(first):
        return pattern == url
    *middle, last = parts
    at = len(first)
    for part in middle:
        at = url.find(part, at) + len(part)
        if at < len(part):
            return False
    return len(url) - len(last) >= at and url.endswith(last)


@dataclass(frozen=True)
class LinkException:
    """A link, or a pattern of links, that is allowed not to be ok, until a day."""

    pattern: str
    reason: str
    look_again: date
    place: Place


def read_exceptions(path: Path, name: str) -> list[LinkException]:
    """Read the exceptions; raises `CannotRun` with everything that is wrong with them."""
    import yaml

    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRun(f"{name}: cannot be read: {error}") from None
    sources.yaml_source(name, text)
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
        covered = [outcome for url, outcome in outcomes.items() if fits(exception.pattern, url)]
        if exception.look_again < today:
            due = f"was to be looked at again by {exception.look_again}; renew the day or take it out"
            yield exception.place, f"{exception.pattern}: {due}"
        elif not covered:
            yield exception.place, f"{exception.pattern}: fits no link any more; take it out"
        elif set(covered) == {"ok"}:
            yield exception.place, f"{exception.pattern}: all it covers is ok ({len(covered)}); take it out"


@dataclass(frozen=True, slots=True)
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

    @property
    def where(self) -> str:
        """The first place, and how many more there are."""
        more = len(self.places) - 1
        return f" (and {more} more place{'s' if more > 1 else ''})" if more > 0 else ""


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
    when = day(memory.last_ok).replace("-", "") or "*"
    return Finding(
        url=shown,
        outcome=outcome,
        reason=redacted(reason),
        moved_to=redacted(memory.moved_to),
        warning=warning,
        archived=ARCHIVE.format(when=when, url=shown) if outcome == "broken" and "//" in url else "",
        checked=day(memory.checked),
        last_ok=day(memory.last_ok),
        streak=memory.streak,
        is_remembered=memory is before,
        is_to_mend=is_to_mend,
        places=tuple(sorted(places)),
    )


@lru_cache(1_000)
def day(seconds: int) -> str:
    """The day of a time in seconds since 1970; nothing for never."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds else ""


def redacted(text: str) -> str:
    """The text without user names and passwords in URLs, and without characters that a terminal would obey."""
    text = re.sub(r"(?i)\b([a-z][a-z0-9+.-]*:[/\\]*|//)[^/?#\s\\]*@(?=[^@]*)", r"\1***@", text) if "@" in text else text
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
    remembered, partly = sum(finding.is_remembered for finding in findings), sum(f.outcome == "ok" and bool(f.warning) for f in findings)
    return f"{len(findings)} links: {counts} ({remembered} remembered{f', {partly} not looked at in full' if partly else ''})"


def as_lines(findings: Iterable[Finding], problems: Problems) -> Iterator[str]:
    """A line for each finding, at its first place."""
    for place, problem in problems:
        yield f"{place.file}:{place.line}: exception: {problem}"
    for finding in findings:
        place = finding.places[0]
        yield f"{place.file}:{place.line}: {finding.outcome}: {finding.url}: {finding.what}{finding.where}"


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
        yield annotation(level, finding.places[0], f"{finding.outcome}: {finding.url}: {finding.what}{finding.where}")


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
            places = [cell(f"{row.places[0].file}:{row.places[0].line}{row.where}") for row in rows]
            lines += [f"| {place} | {cell(row.url)} | {cell(row.what)} |" for place, row in zip(places, rows, strict=True)] + [""]
    return "\n".join(lines)


def as_json(findings: Sequence[Finding], problems: Problems, is_complete: bool, is_ascii: bool) -> str:
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
    return json.dumps(whole, ensure_ascii=is_ascii, indent=1) + "\n"


def report(findings: Sequence[Finding], problems: Problems, options: argparse.Namespace, is_complete: bool) -> None:
    """Write the findings in every form that was asked for."""
    findings = sorted(findings, key=lambda finding: (ORDER.index(finding.outcome), finding.url))
    shown = [finding for finding in findings if finding.outcome not in ("ok", "exempt")]
    if options.summary:
        options.summary.write_text(as_markdown(findings, problems), encoding="utf-8", errors="backslashreplace")
    is_on_github = os.environ.get("GITHUB_ACTIONS") == "true"
    if is_on_github and (step := os.environ.get("GITHUB_STEP_SUMMARY")):
        with Path(step).open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(as_markdown(findings, problems))
    if options.json and options.json != "-":
        text = as_json(findings, problems, is_complete, is_ascii=False)
        Path(options.json).write_text(text, encoding="utf-8", errors="backslashreplace")  # of names that are no UTF-8: JSON's own \udc80
    if options.json == "-":
        sys.stdout.write(as_json(findings, problems, is_complete, is_ascii=True))
    else:
        sys.stdout.writelines(f"{line}\n" for line in (as_annotations if is_on_github else as_lines)(shown, problems))
    if options.json != "-":
        print(summed_up(findings))


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
        exception = next((exception for exception in self.exceptions if fits(exception.pattern, url)), None)
        self.outcomes[url] = memory.outcome
        self.findings.append(judge(url, self.links[url], memory, before, exception))


def statuses(text: str) -> frozenset[int]:
    """Read `403,500-599`."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if not re.fullmatch(r"[1-9]\d\d", first) or not re.fullmatch(r"|[1-9]\d\d", last):
            raise argparse.ArgumentTypeError(f"found {part.strip()!r}, expected statuses such as 403 or 500-599")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


def header(text: str) -> tuple[str, str, str]:
    """Read `host: Name: value`."""
    found = re.fullmatch(r"\s*([^\s:]+(?::\d+)?)\s*:\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*:\s*([^\r\n\0]*)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"found {text.partition(':')[0]!r} …, expected 'host: Name: value'")
    return found[1].lower(), found[2], found[3].strip()


def number(text: str) -> float:
    """Read a number that is one: no `inf`, no `nan`."""
    if not abs(float(text)) < 1e9:
        raise ValueError
    return float(text)


def parser_of(name: str) -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(
        prog=name,
        description="Check the links of a site, politely and with a memory, and say where in its sources each can be mended.",
        epilog=f"""examples:
  %(prog)s --site public                     any built site: a folder of HTML
  %(prog)s --site public --internal          its links from page to page as well
  %(prog)s                                   a MkDocs project: pages in site/, findings at the lines of its sources
  %(prog)s --changed-since origin/main       only the links that this branch adds
  %(prog)s --fix-moved                       write the new addresses of moved pages into the sources
  %(prog)s --site public --json -            the results for machines
  grep -o 'https://[^ )]*' notes.txt | %(prog)s --urls - --no-cache

settings: every option can stand in {SETTINGS} of the project's folder, or under [tool.link-check] in its pyproject.toml,
  without its dashes: per-host = 2, exclude = ["https://example.com/*"], internal = true. ${{NAME}} stands for an environment variable.
exit code: 0 all was looked at and nothing is to be done; 1 something is to be mended; 2 not everything could be looked at.""",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    what = parser.add_argument_group("what is checked").add_argument
    what("--site", type=Path, metavar="DIR", help="a built site, any folder of HTML; findings stand in its pages")
    what("--urls", metavar="FILE", help="a list, one URL a line (-: standard input)")
    what("--root", type=Path, metavar="DIR", help="a project, its pages built in site/ (default: the folder you are in)")
    what("--source", action="append", metavar="GLOB", help=f"the project's sources (default: {' '.join(SOURCES)})")
    what("--changed-since", metavar="REV", help="only the links that were added since this git revision")
    what("--internal", action="store_true", help="links from page to page and their anchors as well")
    what("--site-url", default="", metavar="URL", help="where the site will stand: links to it are internal")
    what("--include", action="append", default=[], metavar="PATTERN", help="only links that fit; * stands for anything")
    what("--exclude", action="append", default=[], metavar="PATTERN", help="no links that fit")
    add = parser.add_argument_group("what is said of it").add_argument
    add("--exceptions", type=Path, metavar="FILE", help=f"links that may fail for a while (default for a project: {EXCEPTIONS})")
    add("--accept", type=statuses, default=frozenset(), metavar="CODES", help="statuses that count as ok, such as 403,500-599")
    add("--json", metavar="FILE", help="write the results as JSON (-: standard output, nothing else there)")
    add("--summary", type=Path, metavar="FILE", help="write a summary in Markdown, for an issue")
    add("--fix-moved", action="store_true", help="rewrite permanent moves in the sources, showing the diff")
    add = parser.add_argument_group("how it is asked").add_argument
    add("--name", default="", metavar="TEXT", help="the site's name, told to the hosts that are asked")
    add("--contact", default="", metavar="URL", help="where their owners can reach you (default: $REPO_URL)")
    add("--header", type=header, action="append", default=[], metavar="'HOST: NAME: VALUE'", help="a header for one host")
    add("--allow-private", action="store_true", help="ask addresses in private networks and on this machine as well")
    add("--timeout", type=number, default=20.0, metavar="SECONDS", help="for one request (%(default)s)")
    add("--per-host", type=int, default=1, metavar="N", help="requests at once to a host (%(default)s)")
    add("--pause", type=number, metavar="SECONDS", help="between two requests to a host (0.5; with --per-host above 1: 0)")
    add("--max-connections", type=int, default=128, metavar="N", help="requests at once in all (%(default)s)")
    add("--budget", type=number, default=1800.0, metavar="SECONDS", help="for the whole run (%(default)s)")
    add = parser.add_argument_group("what is remembered").add_argument
    add("--cache", type=Path, metavar="FILE", help="where (default: .cache/links.sqlite in a project, else the user's cache folder)")
    add("--no-cache", action="store_true", help="remember nothing, ask everything")
    add("--fresh", type=number, default=FRESH_DAYS, metavar="DAYS", help="do not ask again what was ok within (%(default)s)")
    parser.add_argument("--config", type=Path, metavar="FILE", help=f"settings (default: {SETTINGS}, or pyproject.toml)")
    return parser


def settings_of(path: Path | None, root: Path) -> list[str]:
    """The settings of a file as options; raises `CannotRun`."""
    import tomllib

    file = path or next((file for file in (root / SETTINGS, root / "pyproject.toml") if file.is_file()), None)
    if not file:
        return []
    try:
        values: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise CannotRun(f"{file}: cannot be read: {error}") from None
    if file.name == "pyproject.toml":
        values = values.get("tool", {}).get("link-check", {})
    options = []
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            if one is True:
                options.append(f"--{name}")
            elif isinstance(one, str | int | float) and one is not False:
                options.append(f"--{name}=" + re.sub(r"\$\{(\w+)\}", lambda match: os.environ.get(match[1], ""), str(one)))
            elif one is not False:
                raise CannotRun(f"{file}: {name}: found a table, expected a value or a list of values")
    return options


def parse(argv: Sequence[str], default_root: Path) -> argparse.Namespace:
    """Read the settings and the command line; the command line wins."""
    parser = parser_of(Path(sys.argv[0]).name if not sys.argv[0].endswith("__main__.py") else Path(sys.argv[0]).parent.name)
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--config", type=Path)
    first.add_argument("--root", type=Path, default=default_root)
    early, _ = first.parse_known_args(argv)
    set_up = settings_of(early.config, early.root)
    if any(option.partition("=")[0] in ("--site", "--urls") for option in argv):  # then what the settings name is not what is checked
        of_project = ("--site", "--urls", "--internal", "--fix-moved", "--changed-since", "--source")
        set_up = [option for option in set_up if option.partition("=")[0] not in of_project]
    options = parser.parse_args([*set_up, *argv])
    options.root = options.root or default_root
    if options.pause is None:
        options.pause = 0.5 if options.per_host == 1 else 0.0
    if min(options.per_host, options.max_connections, options.timeout, options.budget) <= 0 or min(options.pause, options.fresh) < 0:
        parser.error("numbers must be positive")
    if options.site and options.urls:
        parser.error("--site and --urls do not go together")
    if (options.site or options.urls) and (options.changed_since or options.fix_moved):
        parser.error("--changed-since and --fix-moved need a project's sources; they do not go with --site or --urls")
    if options.urls and options.internal:
        parser.error("--internal needs a site; it does not go with --urls")
    return options


def user_cache() -> Path:
    """Where this user's programs keep what they remember."""
    named = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return Path(named) if named else Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def collect(options: argparse.Namespace, notify: Callable[[str], None]) -> tuple[Links, list[Source], list[tuple[str, Place, str]]]:
    """The links to ask, the sources that can be mended, and what is known of the links from page to page."""
    texts: list[Source] = []
    inside: list[tuple[str, Place, str]] = []
    if options.urls:
        links = sources.collect_list(options.urls, sys.stdin)
    else:
        name = options.site.as_posix().rstrip("/") if options.site else "site"
        folder = options.site or options.root / name
        built = sources.collect_site(folder, name)
        if options.site:
            links = sources.site_links(built, name)
        else:
            links, texts = sources.collect_guide(options.root, built, name, EXCEPTIONS, options.source or SOURCES)
        if options.internal:
            found = sources.check_inside(built, folder, name, options.site_url)
            inside = [one for one in found if not any(fits(pattern, one[0]) for pattern in options.exclude)]
        if options.changed_since:
            links, unseen = sources.added_since(options.root, options.changed_since, links, texts, name)
            inside = []
            if unseen:
                notify(f"{unseen} link{'s' if unseen > 1 else ''} that no source holds: not looked at")
    own = f"{options.site_url.rstrip('/')}/" if options.internal and options.site_url else None
    wanted = {
        url: places
        for url, places in links.items()
        if (not options.include or any(fits(pattern, url) for pattern in options.include))
        and not any(fits(pattern, url) for pattern in options.exclude)
        and not (own and url.startswith(own))
    }
    if links and not wanted and options.include:
        raise CannotRun(f"none of the {len(links)} links is left by --include and --exclude")
    return wanted, texts, inside


def ask_web(run: Run, urls: Sequence[str], options: argparse.Namespace, lookup: Lookup | None) -> int:
    """Ask what is not remembered; how many there was no time for. Loaded only here: a run that needs no network does not wait for it."""
    import asyncio

    from . import web

    names = ("timeout", "per_host", "pause", "max_connections", "budget", "allow_private", "accept")
    headers: dict[str, dict[str, str]] = {}
    for host, name, value in options.header:
        headers.setdefault(host, {})[name] = value
    contact = "".join(f"{said}; " for said in (options.name, options.contact or os.environ.get("REPO_URL", "")) if said)
    agent = re.sub(r"[^ -~]", "?", web.AGENT.format(contact))
    settings = web.Settings(**{name: getattr(options, name) for name in names}, agent=agent, headers=headers)
    known = {url: run.cache.entries.get(url) for url in urls}
    validators = {url: (memory.etag, memory.modified) if memory and memory.outcome == "ok" else ("", "") for url, memory in known.items()}
    left, is_watched = 0, sys.stderr.isatty()

    def learn(url: str, verdict: Verdict) -> None:
        nonlocal left
        left += verdict.reason == web.OUT_OF_TIME
        run.add(url, run.cache.learn(url, verdict, redacted(url) != url), known[url])
        if is_watched:
            print(f"\r{len(run.findings)} of {len(run.links)} links", end="", file=sys.stderr, flush=True)

    async def asking() -> None:
        task = asyncio.current_task()
        with suppress(NotImplementedError, ValueError, RuntimeError):  # Windows; not the main thread
            # unlike asyncio's own, this handler wakes a loop that is about to sleep
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel if task else sys.exit)
        await web.ask(validators, settings, learn, lookup or web.system_lookup, any(f.is_remembered for f in run.findings))

    try:
        asyncio.run(asking())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    except web.NoNetwork as problem:
        raise CannotRun(str(problem)) from None
    finally:
        if is_watched:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    return left


def check(argv: Sequence[str], lookup: Lookup | None, now: float, root: Path, notify: Callable[[str], None]) -> int:
    """Collect, ask, remember, judge, report; raises `CannotRun`."""
    options = parse(argv, root)
    certificates = os.environ.get("SSL_CERT_FILE")
    if certificates and not Path(certificates).is_file():
        raise CannotRun(f"SSL_CERT_FILE names {certificates}, which is no file: every certificate would look bad")
    links, texts, inside = collect(options, notify)
    own = None if options.site or options.urls or not (options.root / EXCEPTIONS).is_file() else options.root / EXCEPTIONS
    listed = options.exceptions or own
    exceptions = read_exceptions(listed, EXCEPTIONS if listed == own else str(listed)) if listed else []
    usual = user_cache() / "link-check/links.sqlite" if options.site or options.urls else options.root / ".cache/links.sqlite"
    run = Run(links, Cache(None if options.no_cache else options.cache or usual, now, notify), exceptions)
    for target, place, _ in inside:
        run.links.setdefault(target, set()).add(place)
    for target, problem in {target: problem for target, _, problem in inside}.items():
        known = Memory("broken" if problem else "ok", problem, "", "", int(now), 0, 0, 1, "", "")
        run.add(target, known, None)
    to_ask, is_complete = [], True
    for url in sorted(links.keys() - run.outcomes.keys()):
        if fresh := run.cache.fresh(url, options.fresh):
            run.add(url, fresh, fresh)
        else:
            to_ask.append(url)
    try:
        if to_ask and (left := ask_web(run, to_ask, options, lookup)):
            is_complete = False
            notify(f"the time was over: {left} of {len(links)} links were not asked (--budget)")
    except KeyboardInterrupt:
        is_complete = False
        notify(f"interrupted: {len(run.findings)} of {len(links)} links are known, and remembered")
    finally:
        run.cache.close()
    is_whole = is_complete and not options.changed_since
    problems = list(exception_problems(exceptions, run.outcomes, datetime.fromtimestamp(now, UTC).date())) if is_whole else []
    try:
        report(run.findings, problems, options, is_complete)
        if options.fix_moved:
            from .web import escaped

            moved = {f.url: escaped(f.moved_to) for f in run.findings if f.outcome == "moved" and not f.warning}
            for text in sources.fix_moved(moved, texts, options.root):
                print("\n".join(map(redacted, text.split("\n"))), end="", file=sys.stderr if options.json == "-" else sys.stdout)
        sys.stdout.flush()
    except OSError as problem:
        if isinstance(problem, BrokenPipeError):  # whoever read has gone; what is still to be said at the end goes nowhere
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise CannotRun(f"the results cannot be written: {problem}") from None
    if not is_complete:
        return 2
    return 1 if problems or any(finding.is_to_mend for finding in run.findings) else 0


def main(argv: Sequence[str] | None = None, *, lookup: Lookup | None = None, now: float | None = None, root: Path | None = None) -> int:
    """Check, report, and say by the exit code what is left to do. Names, the clock and the usual project can be put in."""

    def notify(text: str) -> None:
        for line in text.split("\n"):
            print(f"check_links: {redacted(line)}", file=sys.stderr)

    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115  as long as the program runs
    if sys.stdout is None:
        notify("standard output is closed: nobody would see the results")
        return 2
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):  # a stand-in of a test
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        return check(sys.argv[1:] if argv is None else argv, lookup, time.time() if now is None else now, root or Path(), notify)
    except CannotRun as problem:
        notify(str(problem))
    except KeyboardInterrupt:
        notify("interrupted")
    except RecursionError:
        notify("a file is nested too deep to be read")
    return 2
