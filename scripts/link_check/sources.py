"""What is a link, and where it stands: the part that reads files, and writes new addresses into them.

Links come from the built pages, because those are what readers see, and from the values of catalogues and front matters.
Each is given its places in the sources, where a person can mend it; only a link that no source holds is placed in its built page.
"""

from __future__ import annotations

import difflib
import html
import os
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TextIO
from urllib.parse import unquote, urljoin

from . import pages

PAGE = re.compile(r"\.(html?|xhtml|xht|shtml)", re.IGNORECASE)
EXTERNAL = re.compile(r"[\\/]{2}|(?!(?:mailto|tel|sms|data|javascript|blob|about):)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
NOT_PROSE = re.compile(  # what is no link in Markdown and templates: fenced code, comments, inline code within one paragraph
    r"^[ >]*(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:^[ >]*(?P=fence)[`~]*[ \t]*$|\Z)|<!--.*?(?:-->|\Z)|\{#(?!\w|[^#\n]*\}).*?#\}"
    r"|(?<!`)(?P<tick>`{1,6})(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=tick)(?!`)",
    re.MULTILINE | re.DOTALL,
)
SHOWN = re.compile(r"(<(pre|code|samp|kbd|script|style|textarea|template)\b[^<>]*>)(.*?)(?=</\2|\Z)", re.IGNORECASE | re.DOTALL)
CONTAINER = re.compile(  # what indented text can belong to: items of lists, admonitions, tabs, footnotes, definitions
    r"[ \t]*(?:(?P<marker>(?:[-*+]|\d{1,9}[.)])[ \t]{1,4})(?=\S)|(?:!!!|\?\?\?\+?|===[!+]?|:|\[\^[^\]]+\]:)(?=[ \t]))"
)
FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE | re.DOTALL)
WITHIN_URL = re.compile(r"[A-Za-z0-9/=&%?#.+~@:_-]")
AFTER_URL = re.compile(r"""(?=[\s)>\]}"'|`\\，。；：！？、）》”]|\Z|[.,;:!?*_]+(?:[\s，。；：！？、）》”]|\Z))""")
LONGEST = 2000  # characters of an address that is written into a source; nobody links to longer ones
BOM = b"\xef\xbb\xbf"


class CannotRun(Exception):  # noqa: N818  it says what is
    """Why nothing can be checked; the message is for a person."""


class Place(NamedTuple):
    """Where a link stands."""

    file: str
    line: int


Links = dict[str, set[Place]]
"""Every URL as it was given, with all its places."""


def blank(pattern: re.Pattern[str], text: str) -> str:
    """The text with spaces in place of all that the pattern finds, its lines kept."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def prose(text: str) -> str:
    """Markdown or a template with all that is no link blanked, at the same offsets."""
    last = text.rfind("#}")  # behind it no comment can begin: without this, every `{#` would be looked through to the end
    shown = blank(NOT_PROSE, text[: last + 2] + text[last + 2 :].replace("{#", "  "))
    shown = SHOWN.sub(lambda match: match[1] + re.sub(r"[^\n]", " ", match[3]), shown)
    lines, containers, may_be_code = [], [0], True
    for line, written in zip(shown.split("\n"), text.split("\n"), strict=True):
        bare = written.expandtabs(4).lstrip()
        indent = len(written.expandtabs(4)) - len(bare)
        while bare and containers[-1] > indent:
            containers.pop()
        if may_be_code and indent - containers[-1] >= 4 and not bare.startswith("<"):
            line = " " * len(line)
        elif line.strip():
            may_be_code = bare.startswith("#")
            if opened := CONTAINER.match(written):
                containers.append(indent + (len(opened["marker"].expandtabs(4)) if opened["marker"] else 4))
        else:
            may_be_code = True
        lines.append(line)
    return "\n".join(lines)


@dataclass(frozen=True)
class Source:
    """A text that people edit. `visible` is the text with all that is no link blanked, at the same offsets."""

    file: str
    text: str
    visible: str
    values: tuple[tuple[str, int], ...] = ()  # URLs that are whole values in YAML, with their lines
    events: tuple[str, ...] = ()  # what the YAML in it says
    head_end: int = 0  # where the YAML in it ends
    mark: bytes = b""  # the byte-order mark that it begins with

    def spans(self, url: str) -> list[tuple[int, int]]:
        """Where the URL stands, whole and letter by letter: not inside a longer one, not in code or comments."""
        found = set()
        for spelled in {url, html.escape(url, quote=False)}:
            start = self.visible.find(spelled)
            while start >= 0:
                end = start + len(spelled)
                if is_free(self.visible, start) and AFTER_URL.match(self.visible, end):
                    found.add((start, end))
                start = self.visible.find(spelled, end)
        return sorted(found)

    def places(self, url: str) -> set[Place]:
        """The lines where the URL stands, as it is or spelled as Markdown and HTML allow."""
        starts = [start for start, _ in self.spans(url)]
        if not starts and "//" in url and longest_word(url) in self.visible and (loose := as_spelled(url)):
            starts = [match.start() for match in loose.finditer(self.visible) if is_free(self.visible, match.start())]
        return {Place(self.file, self.text.count("\n", 0, start) + 1) for start in starts}


def is_free(text: str, start: int) -> bool:
    """True when what begins here is not the inside of a longer URL; `[r]:` and `href=` may stand before it."""
    before = text[max(0, start - 1) : start]
    if not before or not WITHIN_URL.match(before):
        return True
    run = re.search(r"[^\s\"'<>()]*\Z", text[max(0, start - 2000) : start])
    return before in ":=" and run is not None and "/" not in run[0] and "." not in run[0] and not re.search(r"[?&]", run[0])


@lru_cache(10_000)
def longest_word(url: str) -> str:
    """The part of a URL that every spelling of it holds; most sources do not, and need not be looked through."""
    return max(re.findall(r"[A-Za-z0-9]+", re.sub(r"%\w\w", " ", url)), key=len, default="")


@lru_cache(1_000)
def as_spelled(url: str) -> re.Pattern[str] | None:
    """The URL with backslashes before its signs, with entities, or percent-encoded."""

    def forms(sign: str) -> str:
        encoded = "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "replace"))
        return rf"(?:\\?{re.escape(sign)}|&#{ord(sign)};|&#x{ord(sign):x};|{encoded}{'|&amp;' if sign == '&' else ''})"

    signs = [sign if sign.isascii() and sign.isalnum() else forms(sign) for sign in unquote(url)]
    return re.compile("".join(signs) + AFTER_URL.pattern, re.IGNORECASE) if len(url) <= LONGEST else None


def yaml_source(file: str, text: str, is_strict: bool = False) -> Source:
    """A YAML file; its values that are a URL and nothing else are links. `is_strict` reads it by PyYAML's own, slower parser."""
    import yaml  # here, because a run over a list or a built site needs none

    values, events, shown = [], [], []
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader if is_strict else getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            events += [type(event).__name__, str(getattr(event, "anchor", "")), str(getattr(event, "tag", ""))]
            if isinstance(event, yaml.ScalarEvent):
                start, end = (mark.index if mark else 0 for mark in (event.start_mark, event.end_mark))
                shown.append((start, end))
                value = event.value.strip()
                if re.fullmatch(r"https?://\S+", value):
                    values.append((value, text.count("\n", 0, max(start, text.find(value, start, end))) + 1))
                events += [event.value, event.style or ""]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise CannotRun(f"{file}:{mark.line + 1 if mark else 1}: not readable as YAML") from None
    visible, last = [], 0
    for start, end in shown:
        visible += [re.sub(r"[^\n]", " ", text[last:start]), text[start:end]]
        last = end
    rest = re.sub(r"[^\n]", " ", text[last:])
    return Source(file, text, "".join([*visible, rest]), tuple(sorted(values)), tuple(events), len(text))


def make_source(file: str, text: str, is_strict: bool = False) -> Source:
    """Read a source by its name: YAML, a chapter with YAML at its head, or a template."""
    if Path(file).suffix.lower() in (".yml", ".yaml"):
        return yaml_source(file, text, is_strict)
    head = FRONT_MATTER.match(text)
    if not head:
        return Source(file, text, prose(text))
    front = yaml_source(file, "\n" + head[1], is_strict)  # the line break stands for the line of dashes
    end = head.end(1)
    return Source(file, text, " " * head.start(1) + front.visible[1:] + prose(text[end:]), front.values, front.events, end)


def read_source(root: Path, path: Path) -> Source:
    """Read one source; its name is its path below `root`."""
    file = path.relative_to(root).as_posix()
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRun(f"{file}: cannot be read: {error}") from None
    return replace(make_source(file, text), mark=BOM if data.startswith(BOM) else b"")


# -- collect -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Built:
    """A built page: its path in the site, its links as written, and what it is."""

    path: str
    page: pages.Local

    def external(self) -> Iterator[tuple[str, int]]:
        """The links that lead out of the site, with their lines."""
        is_away = EXTERNAL.match(self.page.base)
        for url, line in self.page.links:
            if EXTERNAL.match(url):
                yield url, line
            elif is_away and not re.match(r"(?:mailto|tel|sms|data|javascript|blob|about):", url, re.IGNORECASE):
                yield urljoin(self.page.base, url), line


def files_of(folder: Path) -> Iterator[Path]:
    """Every file below a folder, links followed, each folder once; raises `CannotRun` for a folder that cannot be looked into."""

    def stop(error: OSError) -> None:
        raise CannotRun(f"{error.filename}/: cannot be read: {error.strerror}")

    seen = set()
    for here, folders, files in os.walk(folder, onerror=stop, followlinks=True):
        state = Path(here).stat()
        if (state.st_dev, state.st_ino) in seen:
            folders.clear()
            continue
        seen.add((state.st_dev, state.st_ino))
        folders.sort()
        yield from (path for path in (Path(here, name) for name in sorted(files)) if path.is_file())


def collect_site(folder: Path, name: str) -> list[Built]:
    """The pages of a built site."""
    if not folder.is_dir():
        raise CannotRun(f"{name}/ is missing: build the site first (make build, mkdocs build, …), or name its folder: --site DIR")
    built = []
    for path in sorted(files_of(folder)):
        if PAGE.fullmatch(path.suffix):
            inside = path.relative_to(folder).as_posix()
            try:
                built.append(Built(inside, pages.read_local(path.read_bytes(), path.suffix.lower() in (".xhtml", ".xht"))))
            except OSError as error:
                raise CannotRun(f"{name}/{inside}: cannot be read: {error.strerror}") from None
            except pages.TooDeep:
                raise CannotRun(f"{name}/{inside}: {pages.TOO_DEEP}") from None
    if not built:
        raise CannotRun(f"{name}/ has no pages (*.html, *.htm, *.xhtml): build the site first")
    return built


def site_links(built: Iterable[Built], name: str) -> Links:
    """The links that lead out of a site, placed in its pages."""
    links: Links = {}
    for page in built:
        for url, line in page.external():
            links.setdefault(url, set()).add(Place(f"{name}/{page.path}", line))
    return links


def chapter_of(page: str, chapters: Mapping[str, Sequence[str]]) -> str:
    """The source of a built page: the one whose path ends as the page's does, and begins with least; or nothing."""
    stem = page.rpartition(".")[0]
    for end in (stem, stem.removesuffix("/index")):
        fitting = [file for file in chapters.get(end.rpartition("/")[2], ()) if f"/{stem_of(file)}".endswith(f"/{end}")]
        if fitting:
            return min(fitting, key=lambda file: ("README" in file, file.count("/"), file))
    return ""


def stem_of(file: str) -> str:
    """A source's path without its suffix; `README` is another word for `index`."""
    return re.sub(r"(^|/)README$", r"\1index", file.rpartition(".")[0])


def collect_guide(root: Path, built: Sequence[Built], name: str, exceptions: str, globs: Sequence[str]) -> tuple[Links, list[Source]]:
    """The links of a site at the places of its sources, and the sources."""
    found = {path.relative_to(root).as_posix(): path for pattern in globs for path in sorted(root.glob(pattern)) if path.is_file()}
    sources = {file: read_source(root, path) for file, path in found.items() if file != exceptions and root / exceptions != path}
    links: Links = {}
    data = [source for file, source in sources.items() if "/data/" in f"/{file}" and not file.endswith((".md", ".html"))]
    chapters: dict[str, list[str]] = {}
    for file in sources:
        if file.endswith((".md", ".markdown", ".mdx", ".rst")):
            chapters.setdefault(stem_of(file).rpartition("/")[2], []).append(file)
    for source in data:
        for url, line in source.values:
            links.setdefault(url, set()).add(Place(source.file, line))
    in_data = {url: frozenset(places) for url, places in links.items()}
    mine = {file for files in chapters.values() for file in files}
    shared = [source for file, source in sources.items() if file not in mine]
    elsewhere: dict[str, set[Place]] = {}
    for page in built:
        file = chapter_of(page.path, chapters)
        chapter = sources[file] if file else Source("", "", "")
        for url, line in chapter.values:
            links.setdefault(url, set()).add(Place(chapter.file, line))
        for url, line in page.external():
            places = chapter.places(url) or in_data.get(url)
            if not places and url not in elsewhere:
                elsewhere[url] = set().union(*(source.places(url) for source in shared))
            links.setdefault(url, set()).update(places or elsewhere[url] or {Place(f"{name}/{page.path}", line)})
    return links, list(sources.values())


def collect_list(file: str, stdin: TextIO) -> Links:
    """The URLs of a list, one a line; empty lines and lines that begin with # are none."""
    try:
        text = stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRun(f"{file}: cannot be read: {error}") from None
    links: Links = {}
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if line.strip() and not line.startswith("#"):
            links.setdefault(line.strip(), set()).add(Place("<stdin>" if file == "-" else file, number))
    if not links:
        raise CannotRun(f"{'standard input' if file == '-' else file} holds no link; expected one a line")
    return links


# -- links inside a site -------------------------------------------------------------------------


def check_inside(built: Sequence[Built], folder: Path, name: str, site_url: str) -> Iterator[tuple[str, Place, str]]:
    """The links from page to page: each target with a place and what is wrong with it, or nothing."""
    known = {page.path: page.page for page in built}
    prefix = re.sub(r"^[a-z]+://[^/]*", "", site_url).rstrip("/") + "/"
    for page in built:
        base = urljoin(f"http://site/{page.path}", page.page.base)
        for url, line in page.page.links:
            own = site_url and url.startswith(site_url.rstrip("/") + "/")
            if not own and (EXTERNAL.match(url) or re.match(r"[a-z][a-z0-9+.-]*:", url, re.IGNORECASE) or EXTERNAL.match(page.page.base)):
                continue
            target = urljoin(base, url[len(site_url.rstrip("/")) :] if own else url.replace("\\", "/"))
            path, _, fragment = target.removeprefix("http://site").partition("#")
            path = unquote(path.partition("?")[0])
            if path.startswith(prefix) and not own:
                path = f"/{path[len(prefix) :]}"
            place = Place(f"{name}/{page.path}", line)
            file = next(
                (file for file in (path[1:], f"{path[1:]}.html", f"{path[1:].rstrip('/')}/index.html") if is_file(folder, file)), None
            )
            shown = f"{path}#{fragment}" if fragment else path
            fragment = unquote(fragment.partition(":~:")[0])
            if file is None:
                yield shown, place, "there is no such file in the site"
            elif fragment and fragment.lower() != "top" and file in known and fragment not in known[file].anchors:
                is_scripted = known[file].is_scripted and re.match(r"[!/]|__|.*[=&]", fragment)
                yield shown, place, "" if is_scripted else f"the page has no #{fragment}"
            else:
                yield shown, place, ""


def is_file(folder: Path, file: str) -> bool:
    """True for a file of the site; a path that leads out of it, or that no system takes, is none."""
    try:
        return ".." not in file.split("/") and (folder / file.lstrip("/")).is_file()
    except (OSError, ValueError):
        return False


# -- what a branch adds --------------------------------------------------------------------------


def added_since(root: Path, revision: str, links: Links, sources: Iterable[Source], built: str) -> tuple[Links, int]:
    """The links that stand on lines added since the branch left `revision`, and on none that it removed.

    Also how many were not looked at, because they stand in no source. Files are compared here, so that no setting of git matters.
    """

    def git(*arguments: str) -> bytes:
        try:
            done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)  # noqa: S603, S607  no shell
        except OSError as error:
            raise CannotRun(f"--changed-since {revision}: git cannot be run: {error.strerror}") from None
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
            no_base = "this branch and it have nothing in common here; in a shallow clone fetch more (git fetch --unshallow)"
            raise CannotRun(f"--changed-since {revision}: git says: {said}" if said else f"--changed-since {revision}: {no_base}")
        return done.stdout

    base = git("merge-base", "--end-of-options", revision, "HEAD").decode().strip()
    changed = set(git("diff-index", "-z", "--name-only", "--no-renames", "--relative", base, "--", ".").split(b"\0"))
    changed |= set(git("ls-files", "-z", "--others", "--exclude-standard").split(b"\0"))
    old_names = set(git("ls-tree", "-r", "-z", "--name-only", base, ".").split(b"\0"))
    added: set[Place] = set()
    added_text, removed_text = list[str](), list[str]()
    for source in sources:
        name = os.fsencode(source.file)
        if name not in changed:
            continue
        old = git("cat-file", "blob", f"{base}:./{source.file}").decode("utf-8-sig", "replace") if name in old_names else ""
        new_lines, old_lines = source.text.replace("\r\n", "\n").split("\n"), old.replace("\r\n", "\n").split("\n")
        left = Counter(old_lines)
        for number, line in enumerate(new_lines, 1):
            if left[line]:
                left[line] -= 1
            else:
                added.add(Place(source.file, number))
                added_text.append(line)
        removed_text += left.elements()
    before, after = (Source("", "", "\n".join(text)) for text in (removed_text, added_text))
    found, unseen = {}, 0
    for url, places in links.items():
        is_homeless = all(place.file.startswith(f"{built}/") for place in places)
        if (any(place in added for place in places) or (is_homeless and after.places(url))) and not before.spans(url):
            found[url] = places
        elif is_homeless and added:
            unseen += 1
    return found, unseen


# -- write what has moved ------------------------------------------------------------------------


def shape(source: Source, renew: Callable[[str], str]) -> list[str]:
    """What a source says, with its addresses renewed: its YAML, its elements, its prose, and the signs that give it its form."""
    told = [renew(part) for part in source.events]
    markup = re.sub(r"<(?=[a-z][a-z0-9+.-]*:)", " ", source.visible, flags=re.IGNORECASE)  # an address in Markdown's own brackets
    for tag, attributes, _, is_code in pages.html_elements(markup):
        told += [tag, str(is_code), *(f"{name}={renew(value or '')}" for name, value in attributes.items())]
    return [*told, renew(source.visible.replace("&amp;", "&")), re.sub(r"[^`{}|<>()\[\]\n]", "", source.text)]


def fix_moved(moved: Mapping[str, str], sources: Iterable[Source], root: Path) -> Iterator[str]:
    """Write the new address of what moved for good into the sources, exactly where the old one stands.

    Yields each diff when it is written, and a line for what could not be written. A new text takes the old one's place only after
    it was read again from the disk and found to say the same, but for the addresses.
    """
    left = dict(moved)
    for source in sources:
        spans = sorted((span, url) for url in moved for span in source.spans(url))
        text, last, parts = source.text, 0, []
        for (start, end), url in spans:
            in_markup = source.file.endswith((".html", ".htm")) or text[max(0, start - 1) : start] in ('"', "'", "=")
            is_escaped = "&amp;" in text[start:end] or (in_markup and start >= source.head_end)
            parts += [text[last:start], html.escape(moved[url], quote=False) if is_escaped else moved[url]]
            last = end
        if not spans:
            continue
        new_text = "".join([*parts, text[last:]])
        problem = write(source, new_text, {url: moved[url] for _, url in spans}, root)
        for (start, _), url in spans:
            left.pop(url, None)
            if problem:
                yield f"{source.file}:{text.count(chr(10), 0, start) + 1}: not written: {url}: {problem}\n"
        if not problem:
            lines = text.splitlines(keepends=True), new_text.splitlines(keepends=True)
            yield "".join(difflib.unified_diff(*lines, f"a/{source.file}", f"b/{source.file}", n=1))
    yield from (f"not written: {url}: no source holds it letter by letter\n" for url in sorted(left))


def write(source: Source, text: str, moved: Mapping[str, str], root: Path) -> str:
    """Put a new text in a source's place if it can be shown to be safe; else say why not."""
    path = (root / source.file).resolve()
    if any(len(new) > LONGEST for new in moved.values()):
        return f"the new address has more than {LONGEST} characters"

    def renew(part: str) -> str:
        inside = Source("", part, part)
        for (start, end), new in sorted(((span, new) for old, new in moved.items() for span in inside.spans(old)), reverse=True):
            part = part[:start] + new + part[end:]
        return part

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    beside = Path(name)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123  a handle has no path
            file.write(source.mark + text.encode("utf-8"))
        read = beside.read_bytes().decode("utf-8-sig")
        for is_strict in (False, True):  # YAML's readers differ in what they take
            written, before = make_source(source.file, read, is_strict), make_source(source.file, source.text, is_strict)
            is_whole = all(len(written.spans(new)) >= len(before.spans(old)) for old, new in moved.items())
            if not is_whole or shape(written, str) != shape(before, renew):
                return "the file would not say the same any more"
        if path.read_bytes() != source.mark + source.text.encode("utf-8"):
            return "the file has changed meanwhile"
        beside.chmod(path.stat().st_mode & 0o7777)
        beside.replace(path)
        return ""
    except CannotRun as problem:
        return f"the file could not be read any more ({problem})"
    finally:
        beside.unlink(missing_ok=True)
