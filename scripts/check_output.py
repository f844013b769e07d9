"""Hold what the engine makes of chapters and records to a list of what the guide uses; everything else is a finding.

Two looks, the same list (allowed.yml). `check_chapters` renders the words of each chapter with the site's own Markdown and names the
line that is to blame. `check_site` reads a whole built site, of either engine: pages, search index, styles, drawings and scripts.
Pages are parsed as browsers parse them (lexbor). build_site.py runs both before the old site is replaced;
`python scripts/check_output.py SITE` looks at a site that is there. Exits 1 if there is a finding, 0 if there is none.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import addresses
import characters
import policy
import tinycss2
from allowed import Elements, Rules
from catalogue import DATA, ROOT
from chapters import read_chapter
from findings import Problem, Said, report, say
from mkdocs.utils.meta import YAML_RE
from reading import MOST_FINDINGS, read_yaml_file, texts
from render import SECONDS, Rendered, TooSlowError, at_most, brings_html, own_words, renderer
from selectolax.lexbor import LexborHTMLParser, LexborNode

EDITIONS = {"": "docs/en", "zh/": "docs/zh"}
"""Where the pages of an edition lie in the site, and its chapters in the guide."""

SHOWN = 60
"""Characters of a finding that its message repeats."""

AROUND = ("div", "main", "article")
"""What stands round a piece of HTML when it is judged by itself, as it does on a page."""

DEEPEST = 22
"""Elements inside each other, from the document downwards: twice what the guide has."""

SECONDS_TO_BLAME = 0.2
"""Of processor time, to find the lines of the findings of one chapter."""

TELLING = 4
"""ASCII letters that a clue needs to tell one place from all others."""

INLINE = ("-text", "a", "b", "code", "em", "span", "strong")
"""What stands in a line of text."""

INDEX = "var __index = "
NO_ELEMENT = ("-comment", None)
"""Comments, and processing instructions, which the parser gives no name."""

COMMENT = ("<!--", "<?", "<!", "</")


@dataclass(frozen=True)
class Found:
    """One thing off the list: what is said, and the letters that tell where in the sources it came from."""

    said: Said
    clues: tuple[str, ...]


# -- one tree of HTML --------------------------------------------------------------------------------------------------------


def nodes(parsed: LexborHTMLParser) -> Iterator[LexborNode]:
    """Everything of a document, text and comments too, in its order; no recursion, however deep it is."""
    top = parsed.root and (parsed.root.parent or parsed.root)
    yield from top.traverse(include_text=True) if top else ()


def judge_element(node: LexborNode, elements: Elements, rules: Rules) -> Iterator[Found]:
    """What is off the list in one element: its name, its attributes, their values, where it leads and where it says it leads."""
    tag = str(node.tag)
    if tag not in elements:
        yield Found(say("output_element", element=_shown(tag)), (f"<{tag}",))
        return
    for name, raw in node.attributes.items():
        value, wanted = raw or "", elements[tag].get(name)
        if wanted is None:
            yield Found(say("output_attribute", element=tag, attribute=_shown(name), value=_shown(value)), (value, name))
        elif not wanted.fits(value):
            yield Found(say("output_value", element=tag, attribute=name, value=_shown(value), wanted=wanted.name), (value, name))
        else:
            yield from (Found(said, (value, value[place])) for place, said in characters.judge(value))
    address = node.attributes.get("href") or ""
    if tag == "a" and not rules.is_own(address):
        if said := addresses.judge(address, rules.links):
            yield Found(said, (address,))
        words = [*seen_as(node), *(node.attributes.get(name) or "" for name in ("title", "aria-label"))]
        yield from (Found(said, (address,)) for said in addresses.misnamed(words, address))


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def seen_as(link: LexborNode) -> Iterator[str]:
    """The words of a link as the eye takes them in: with what touches them on either side, and what its pictures say."""
    yield _touching(link, "prev") + link.text(deep=True) + _touching(link, "next")
    yield from (picture.attributes.get("alt") or "" for picture in link.css("img"))


def _touching(node: LexborNode, side: Literal["prev", "next"]) -> str:
    """What of an address stands right beside an element, in as many neighbours as it takes, and no further than its paragraph."""
    text = ""
    here: LexborNode | None = node
    while here is not None and len(text) < SHOWN:
        beside: LexborNode | None = getattr(here, side)
        if beside is None and here.parent is not None and here.parent.tag in INLINE:
            here = here.parent
        elif beside is None or beside.tag not in INLINE:
            break
        else:
            more = str(beside.text(deep=beside.tag != "-text"))
            text = more + text if side == "prev" else text + more
            if not addresses.WRITTEN.fullmatch(more):
                break
            here = beside
    return re.split(f"[^{addresses.LETTERS}]", text)[-1 if side == "prev" else 0]


def judge_text(text: str) -> Iterator[Found]:
    """Characters that should not be on a page; entities are resolved by now."""
    yield from (Found(said, (text[place],)) for place, said in characters.judge(text))


def judge_fragment(html: str, elements: Elements, rules: Rules) -> list[Found]:
    """What is off the list in a piece of HTML, put where the text of a page stands."""
    parsed = LexborHTMLParser(f"<!doctype html><body>{''.join(f'<{tag}>' for tag in AROUND)}{html}<hr>")
    found: list[Found] = []
    frame = [node for node in (parsed.root, parsed.head, parsed.body) if node is not None]
    for tag in AROUND:
        inside = list(frame[-1].iter(include_text=True))
        frame += inside if [node.tag for node in inside] == [tag] else ()
    last = frame[-1].last_child
    if [node.tag for node in frame] == ["html", "head", "body", *AROUND] and last is not None and last.tag == "hr":
        frame.append(last)
    else:
        found.append(Found(say("output_breaks_out"), ("</",)))
    framed = {node.mem_id for node in frame}
    unseen = ("-document", "-doctype", *(AROUND if found else ()))
    depth: dict[int, int] = {}
    for node in nodes(parsed):
        depth[node.mem_id] = depth.get(node.parent.mem_id, 0) + 1 if node.parent else 0
        if depth[node.mem_id] == DEEPEST:
            found.append(Found(say("chapter_deep"), ()))
        if node.tag == "-text":
            found += judge_text(str(node.text(deep=False)))
        elif node.tag in NO_ELEMENT:
            found.append(Found(say("output_comment"), COMMENT))
        elif node.attributes or not (node.mem_id in framed or node.tag in unseen):
            found += judge_element(node, elements, rules)
    return list(dict.fromkeys(found))


# -- chapters, as their own words make them ----------------------------------------------------------------------------------


def check_chapter(text: str, render: Callable[[str], Rendered], rules: Rules) -> list[tuple[int, Said]]:
    """What is off the list in the words of one chapter, each with its line; calls are left out, and judged on the built page."""
    above = 0
    has_blocks = brings_html(text)

    def judged(part: str) -> list[Found]:
        page = render(part)
        return judge_words(page, rules) or (judge_open_tags(page) if has_blocks else [])

    try:
        with at_most(SECONDS):
            words, above = own_words(text)
            found = judged(words)
    except TooSlowError:
        return [(above + 1, say("chapter_slow", seconds=str(SECONDS)))]
    except RecursionError:
        return [(above + 1, say("chapter_deep"))]
    return [(above + line, one.said) for one, line in blame(words, found[:MOST_FINDINGS], judged)]


WHOLE_TAG = re.compile(r"""</?[a-zA-Z][^<>"']*(?:"[^"<>]*"[^<>"']*|'[^'<>]*'[^<>"']*)*>|<!--[^<>]*-->""")
OPEN_TAG = re.compile(r"<[a-zA-Z/!?][^\n]*")


def judge_open_tags(page: Rendered) -> list[Found]:
    """HTML that is begun and not ended, in code too: the engine would end it inside what a call brings."""
    return [Found(say("open_tag", found=_shown(tag)), ()) for tag in dict.fromkeys(OPEN_TAG.findall(WHOLE_TAG.sub("", page.before)))]


def judge_words(page: Rendered, rules: Rules) -> list[Found]:
    """What is off the list in a chapter's own words. HTML in them is refused as such, before it is read."""
    if page.raw:
        return [Found(say("chapter_html", html=_shown(piece.partition("\n")[0])), ()) for piece in dict.fromkeys(page.raw)]
    labels = [Found(say("output_attribute", element="h2", attribute="data-toc-label", value=_shown(label)), ()) for label in page.labels]
    return labels + judge_fragment(page.html, rules.chapter, rules)


def blame(words: str, found: Sequence[Found], judged: Callable[[str], list[Found]]) -> list[tuple[Found, int]]:
    """Each finding with the line of `words`, counted from 1, at which it first comes up: the shortest beginning that already has it.

    The first line stands for those that are not found out in time.
    """
    lines = words.split("\n")
    told: dict[int, set[Said]] = {}
    places: list[int] = []
    try:
        with at_most(SECONDS_TO_BLAME):
            for one in found:
                low, high = 0, len(lines)
                while low + 1 < high:
                    middle = (low + high) // 2
                    if middle not in told:
                        told[middle] = {other.said for other in judged("\n".join(lines[:middle]))}
                    low, high = (low, middle) if one.said in told[middle] else (middle, high)
                places.append(high)
    except (TooSlowError, RecursionError):
        places += [1] * (len(found) - len(places))
    return list(zip(found, places, strict=True))


def check_chapters(root: Path, rules: Rules | None = None) -> list[Problem]:
    """All findings in the heads of the chapters and in their own words, sorted by place."""
    rules = rules or Rules(root)
    render = renderer(root)
    problems: list[Problem] = []
    for folder in EDITIONS.values():
        for file in sorted((root / folder).rglob("*.md")):
            chapter, found = read_chapter(root, folder, file)
            problems += found or [
                Problem(chapter.file, chapter.lines.get((field,), 1), field, said)
                for field, value in chapter.head.items()
                for said in judge_field(value, rules)
            ]
            words = file.read_text(encoding="utf-8-sig")
            problems += [Problem(chapter.file, line, "", said) for line, said in check_chapter(words, render, rules)]
    return sorted(problems)


def judge_field(value: Any, rules: Rules) -> Iterator[Said]:
    """What is wrong with a field of a head: the theme prints it in many places as it is, and a title that calls is rendered."""
    for _, text in texts(value):
        if re.search(r"\{[{%#]", text):
            yield say("no_plain_call", found=repr(_shown(text)))
        yield from dict.fromkeys(one.said for one in [*judge_text(text), *judge_fragment(text, {}, rules)])


# -- a built site ------------------------------------------------------------------------------------------------------------


class Sources:
    """The texts of records, heads and templates, to find out where something on a page came from."""

    def __init__(self, root: Path) -> None:
        self.texts: list[tuple[str, int, str, bool]] = []  # file, line, words, and whether they are shown on other pages too
        for file in sorted((root / DATA).glob("*.yml")):
            name = file.relative_to(root).as_posix()
            data, lines, _ = read_yaml_file(root, name)
            self.texts += [(name, lines.get(path, 1), text, True) for path, text in texts(data)]
        chapters = sorted((root / "docs").glob("*/**/*.md"))
        others = [*sorted((root / "overrides").rglob("*.*")), *sorted(root.glob("mkdocs*.yml"))]
        for file in [*chapters, *others]:
            text = file.read_text(encoding="utf-8")
            head = YAML_RE.match(text)
            last = head.group().count("\n") if head and file not in others else 0
            name = file.relative_to(root).as_posix()
            self.texts += [(name, number, line, number <= last or file in others) for number, line in enumerate(text.split("\n"), 1)]

    def find(self, clues: Sequence[str], first: str) -> tuple[str, int]:
        """The place that holds one of the clues, in the file `first` if it is there; else the beginning of that file."""
        is_page = first.endswith((".md", ".html"))
        for clue in (clue for clue in clues if len(clue) >= TELLING or not clue.isascii()):
            places = [
                (name != first, index)
                for index, (name, _, text, is_shared) in enumerate(self.texts)
                if clue in text and (name == first or (is_page and is_shared))
            ]
            if places:
                name, line, _, _ = self.texts[min(places)[1]]
                return name, line
        return first, 1


def signature(node: LexborNode) -> str:
    """An element's name with its id and classes, as a style sheet would name it."""
    place = node.attributes.get("id")
    return ".".join([str(node.tag) + (f"#{place}" if place else ""), *(node.attributes.get("class") or "").split()])


def judge_skeleton(article: LexborNode | None, rules: Rules) -> Iterator[Found]:
    """From the article outwards nothing stands beside it but what the theme puts there."""
    found = []
    node = article
    while node is not None and node.parent is not None and node.tag != "html":
        node = node.parent
        found.append(" ".join(signature(child) for child in node.iter()))
    if found != rules.skeleton:
        yield Found(say("output_breaks_out"), ("</", "<"))


def judge_page(page: bytes, name: str, site: Path, rules: Rules) -> Iterator[Found]:
    """What is off the list in a whole page: head, theme and article, each held to its own part of it."""
    parsed = LexborHTMLParser(page)
    yield from judge_skeleton(parsed.css_first("article"), rules)
    seen: Counter[str] = Counter()
    for node in nodes(parsed):
        if node.tag == "-text":
            if node.parent is None or node.parent.tag != "script":
                yield from judge_text(str(node.text(deep=False)))
        elif node.tag in NO_ELEMENT:
            yield Found(say("output_comment"), COMMENT)
        elif node.tag not in ("-document", "-doctype"):
            part = part_of(node)
            yield from judge_element(node, getattr(rules, part), rules)
            yield from judge_loaded(node, name, site, rules)
            seen[node.attributes.get("id") or ""] += 1
    yield from (
        Found(say("output_id_twice", id=_shown(place)), (f"#{place} ", place)) for place, times in seen.items() if place and times > 1
    )


def part_of(node: LexborNode) -> str:
    """Which part of the list an element is held to: the head, the article, or the theme around both."""
    above = node if node.tag == "head" else node.parent
    while above is not None and above.tag not in ("article", "head", "html"):
        above = above.parent
    return str(above.tag) if above is not None and above.tag in ("article", "head") else "theme"


def judge_loaded(node: LexborNode, page: str, site: Path, rules: Rules) -> Iterator[Found]:
    """What an element makes the page load or obey: scripts that the policy knows, files of the site, the policy itself."""
    given = node.attributes
    if node.tag == "script" and "src" not in given:
        text = node.text(deep=True)
        if not (_is_json(text) if given.get("type") == "application/json" else text in rules.scripts):
            yield Found(say("output_script", script=_shown(text)), (text[:SHOWN],))
    elif node.tag == "script" or given.get("class") == "mle-later":
        address = given.get("src" if node.tag == "script" else "value") or ""
        if rules.place(address, page).removeprefix("zh/") not in rules.policy.files:
            yield Found(say("output_script", script=_shown(address)), (address,))
    elif node.tag in ("link", "img") or (node.tag == "a" and addresses.is_inside(given.get("href") or "")):
        address = re.split("[?#]", given.get("src" if node.tag == "img" else "href") or "")[0]
        if (address or node.tag != "a") and not rules.is_own(address) and not (site / (rules.place(address, page) or " ")).is_file():
            yield Found(say("output_file", address=_shown(address)), (address,))
    elif node.tag == "meta" and "http-equiv" in given and given.get("content") != rules.policy_text:
        yield Found(
            say("output_attribute", element="meta", attribute="http-equiv", value=_shown(str(given["http-equiv"]))), ("http-equiv",)
        )


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


NAMING = ("attr", "counter", "counters", "format", "lang", "local", "tech")
"""Functions of style sheets whose strings are names; those of all others are taken for addresses."""


def judge_style(text: str) -> Iterator[Found]:
    """A style sheet asks for nothing outside the site: no import, and no address but data and files beside it."""
    stack = list(tinycss2.parse_stylesheet(text))
    while stack:
        node = stack.pop()
        if node.type == "at-rule" and node.lower_at_keyword in ("import", "namespace"):
            yield Found(say("output_style", found=f"@{node.at_keyword}"), (f"@{node.at_keyword}",))
        given = node.value if node.type == "url" else None
        if node.type == "function":
            stack += node.arguments
            if node.lower_name not in NAMING:
                given = "".join(part.value for part in node.arguments if part.type == "string")
        if (given and not re.match(r"data:image/svg\+xml[;,]|[a-z0-9./-]+$|#", given)) or (given or "").startswith(("//", "/")):
            yield Found(say("output_style", found=_shown(str(given))), (str(given),))
        for field in ("prelude", "content", "value"):
            part = getattr(node, field, None)
            stack += part if isinstance(part, list) else []


def judge_index(text: str, rules: Rules) -> Iterator[Found]:
    """The search shows its index as HTML: plain elements without attributes, and no others."""
    index = json.loads(text)
    for entry in index.get("docs") or index.get("items") or ():
        for field in ("title", "text"):
            parsed = LexborHTMLParser(f"<!doctype html><body>{entry.get(field, '')}")
            for node in nodes(parsed):
                tag = str(node.tag)
                if tag in ("-document", "-doctype", "-text", "html", "head", "body") and not node.attributes:
                    continue
                if tag not in rules.search or node.attributes:
                    yield Found(say("output_element", element=_shown(tag)), (f"<{tag}",))


def judge_file(path: Path, site: Path, rules: Rules) -> Iterator[Found]:
    """What is off the list in one file of the site, by its kind."""
    name = path.relative_to(site).as_posix()
    if path.suffix == ".html":
        yield from judge_page(path.read_bytes(), name, site, rules)
    elif not rules.files.fullmatch(name):
        yield Found(say("output_kind", file=name), ())
    elif path.suffix == ".css":
        yield from judge_style(path.read_text(encoding="utf-8"))
    elif path.suffix == ".svg":
        yield from judge_fragment(path.read_text(encoding="utf-8"), rules.picture, rules)
    elif path.suffix == ".json" or (path.suffix == ".js" and "/assets/" not in f"/{name}"):
        yield from judge_index(path.read_text(encoding="utf-8").removeprefix(INDEX).rstrip("; \n"), rules)
    elif path.suffix == ".js" and rules.policy.files.get(name.removeprefix("zh/")) != policy.sha256(path.read_bytes()):
        yield Found(say("output_script_file", file=name), ())


def source_of(name: str, root: Path) -> str:
    """The source of a file of the site: its chapter, its asset, or itself where it has none."""
    edition = "zh/" if name.startswith("zh/") else ""
    bare = name.removeprefix(edition)
    places = (f"{EDITIONS[edition]}/{bare.removesuffix('.html')}.md", f"overrides/{bare}")
    return next((place for place in places if (root / place).is_file()), name)


def check_site(root: Path, site: Path, rules: Rules | None = None) -> list[Problem]:
    """All findings in a built site, each with the source it came from, as nearly as can be known."""
    rules = rules or Rules(root)
    found = {
        path.relative_to(site).as_posix(): dict.fromkeys(judge_file(path, site, rules))
        for path in sorted(site.rglob("*"))
        if path.is_file()
    }
    sources = Sources(root) if any(found.values()) else None
    return sorted(
        {Problem(*sources.find(one.clues, source_of(name, root)), "", one.said) for name, ones in found.items() for one in ones}
        if sources
        else ()
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Print the findings; exit 1 if there is one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", nargs="?", type=Path, default=ROOT / "site", help="the built site (default: site/)")
    site: Path = parser.parse_args(argv).site
    rules = Rules(ROOT, os.environ.get("SITE_URL", ""), os.environ.get("REPO_URL", ""))
    return report(check_site(ROOT, site, rules), say("in_the_output"))


if __name__ == "__main__":
    sys.exit(main())
