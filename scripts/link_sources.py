"""What is a link of the guide, and where it stands: the half of check_links.py that reads files.

Links come from the built pages, because those are what readers see, and from the values of the catalogues and front matters.
Each is given its places in the sources, where a person can mend it; only a link that no source holds is placed in its built page.
"""

from __future__ import annotations

import html
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TextIO

import yaml

EXCEPTIONS = "docs/data/link-exceptions.yml"
ATTRIBUTES = ("href", "src", "poster", "data", "xlink:href")
CODE = ("pre", "code", "samp", "kbd", "template", "textarea")  # what stands inside is shown, not followed
LINKING = (
    f"//*[{' or '.join(f'@*[name()={name!r}]' for name in (*ATTRIBUTES, 'srcset'))}]"
    f"[not(self::base or {' or '.join(f'ancestor::{tag}' for tag in CODE)})]"
)
LOADED = frozenset({"stylesheet", "icon", "apple-touch-icon", "mask-icon", "manifest", "preload", "modulepreload"})  # by <link>
EXTERNAL = re.compile(r"(?:https?:)?//|(?!mailto:|tel:|sms:|data:|javascript:|blob:|about:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
NOT_PROSE = re.compile(  # what is no link in Markdown and templates: fenced code, comments, inline code within one paragraph
    r"^[ >]*(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:^[ >]*(?P=fence)[`~]*[ \t]*$|\Z)|<!--.*?(?:-->|\Z)|\{#(?!\w|[^#\n]*\}).*?#\}"
    r"|(?<!`)(?P<tick>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=tick)(?!`)",
    re.MULTILINE | re.DOTALL,
)
YAML_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\n]*", re.MULTILINE)
FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE | re.DOTALL)
BEFORE_URL = re.compile(r"(?<![A-Za-z0-9/=&%?#.+~@:_-])")
AFTER_URL = re.compile(r"""(?=[\s)>\]}"'|`，。；：！？、）》”]|\Z|[.,;:!?*_]+(?:[\s，。；：！？、）》”]|\Z))""")


class CannotRun(Exception):  # noqa: N818  it says what is
    """Why nothing can be checked; the message is for a person."""


class Place(NamedTuple):
    """Where a link stands."""

    file: str
    line: int


Links = dict[str, set[Place]]
"""Every URL as it was given, with all its places."""


def page_links(page: bytes) -> Iterator[tuple[str, int]]:
    """The external links of a built page with their lines; code, comments, and what only machines follow are left out."""
    import lxml.html  # here, because a run over a list needs none

    try:
        tree = lxml.html.document_fromstring(page, parser=lxml.html.HTMLParser(encoding="utf-8"))
    except lxml.etree.ParserError:  # no element in it, so no link
        return
    for element in tree.xpath(LINKING):
        if element.tag == "link" and not LOADED & set(element.get("rel", "").lower().split()):
            continue
        urls = [element.get(name, "").strip() for name in ATTRIBUTES]
        urls += [part.split()[0] for part in re.split(r",\s+", element.get("srcset", "")) if part.split()]
        yield from ((url, element.sourceline) for url in urls if EXTERNAL.match(url))


@dataclass(frozen=True)
class Source:
    """A text that people edit. `visible` is the text with all that is no link blanked, at the same offsets."""

    file: str
    text: str
    visible: str
    values: tuple[tuple[str, int], ...] = ()  # URLs that are whole values in YAML, with their lines

    def spans(self, url: str) -> list[tuple[int, int]]:
        """Where the URL stands, whole: not inside a longer one, not in code or comments."""
        found = set()
        for spelled in {url, html.escape(url, quote=False)}:
            start = self.visible.find(spelled)
            while start >= 0:
                end = start + len(spelled)
                if BEFORE_URL.match(self.visible, start) and AFTER_URL.match(self.visible, end):
                    found.add((start, end))
                start = self.visible.find(spelled, end)
        return sorted(found)

    def places(self, url: str) -> set[Place]:
        """The lines where the URL stands."""
        return {Place(self.file, self.text.count("\n", 0, start) + 1) for start, _ in self.spans(url)}


def blank(pattern: re.Pattern[str], text: str) -> str:
    """The text with spaces in place of all that the pattern finds."""
    return pattern.sub(lambda match: " " * len(match[0]), text)


def yaml_source(file: str, text: str) -> Source:
    """A YAML file; its values that are a URL and nothing else are links."""
    values, seen = [], set()
    try:
        nodes: list[yaml.Node] = list(yaml.compose_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise CannotRun(f"{file}:{mark.line + 1 if mark else 1}: not readable as YAML") from None
    while nodes:
        node = nodes.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode) and re.fullmatch(r"https?://\S+", node.value.strip()):
            values.append((node.value.strip(), node.start_mark.line + 1))
        elif isinstance(node, yaml.SequenceNode):
            nodes += node.value
        elif isinstance(node, yaml.MappingNode):
            nodes += [part for pair in node.value for part in pair]
    return Source(file, text, blank(YAML_COMMENT, text), tuple(sorted(values)))


def prose_source(file: str, text: str) -> Source:
    """A chapter or a template; the front matter of a chapter is YAML."""
    head = FRONT_MATTER.match(text)
    if not head:
        return Source(file, text, blank(NOT_PROSE, text))
    front = yaml_source(file, "\n" + head[1])  # the line break stands for the line of dashes
    end = head.end(1)
    return Source(file, text, " " * head.start(1) + front.visible[1:] + blank(NOT_PROSE, text[end:]), front.values)


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
        page = path.relative_to(folder)
        yield page, [(url, Place(f"{name}/{page.as_posix()}", line)) for url, line in page_links(path.read_bytes())]


def collect_guide(root: Path) -> tuple[Links, list[Source]]:
    """The links of the guide at the places of its sources, and the sources."""
    links: Links = {}
    data = [read_source(root, path) for path in sorted(root.glob("docs/data/*.yml")) if path != root / EXCEPTIONS]
    frame = [read_source(root, path) for path in [*sorted(root.glob("mkdocs*.yml")), *sorted(root.glob("overrides/**/*.html"))]]
    chapters = {path: read_source(root, path) for path in sorted(root.glob("docs/[ez][nh]/**/*.md"))}
    built = list(collect_site(root / "site", "site"))
    for source in data:
        for url, line in source.values:
            links.setdefault(url, set()).add(Place(source.file, line))
    in_data = {url: frozenset(places) for url, places in links.items()}
    elsewhere: dict[str, set[Place]] = {}
    for page, found in built:
        edition, inside = ("zh", Path(*page.parts[1:])) if page.parts[0] == "zh" else ("en", page)
        chapter = chapters.get(root / "docs" / edition / inside.with_suffix(".md"), Source("", "", ""))
        for url, line in chapter.values:
            links.setdefault(url, set()).add(Place(chapter.file, line))
        for url, place in found:
            places = chapter.places(url) or in_data.get(url)
            if not places and url not in elsewhere:
                elsewhere[url] = set().union(*(source.places(url) for source in [*data, *frame]))
            links.setdefault(url, set()).update(places or elsewhere[url] or {place})
    return links, [*data, *frame, *chapters.values()]


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
    removed, file = [], ""
    for line in git("diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-renames", "--relative", base, "--", ".").split("\n"):
        if line.startswith("+++ b/"):
            file = line[6:].rstrip("\t")
        elif hunk := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
            added.update(Place(file, int(hunk[1]) + number) for number in range(int(hunk[2] or 1)))
        elif line.startswith("-"):
            removed.append(line[1:])
    new_files = set(git("ls-files", "--others", "--exclude-standard").split("\n"))
    before = Source("", "", "\n".join(removed))
    is_new = {url: any(place in added or place.file in new_files for place in places) for url, places in links.items()}
    return {url: places for url, places in links.items() if is_new[url] and not before.spans(url)}
