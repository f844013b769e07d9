"""What the site's own Markdown makes of a chapter, so that checks judge what a reader would get.

Takes the extensions from mkdocs.yml, as both site builders do, and sets bounds to the time that a chapter may take.
"""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import markdown
import yaml
from chapters import VALUES
from mkdocs.utils.meta import YAML_RE

CALL = re.compile(r"\{\{\s*(\w*).*?\}\}", re.DOTALL)
"""A call of a chapter; check_hostile.py has seen to it that nothing else stands between such braces."""

BUILT_IN = ("toc", "tables", "fenced_code")
"""Extensions that MkDocs always adds."""

SECONDS = 0.4
"""Of processor time, for one chapter: eight times what the longest takes."""

AGAIN = 0.05
"""Seconds after which the clock strikes once more: what is raised while Python clears its memory away reaches nobody."""


class TooSlowError(BaseException):
    """A chapter took more time than `SECONDS`; no `Exception`, so that no library takes it for a fault of its own and goes on."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise `TooSlowError` in what runs inside once it has used so much processor time; where the system has no such clock, never."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def read_settings(root: Path, name: str = "mkdocs.yml") -> dict[str, Any]:
    """The settings of an edition as plain data; a tag such as !ENV stands for None."""

    class Loader(yaml.SafeLoader):
        """Reads tags, which mean nothing here."""

    Loader.add_multi_constructor("!", lambda *_: None)
    Loader.add_multi_constructor("tag:", lambda *_: None)
    settings: dict[str, Any] = yaml.load((root / name).read_text(encoding="utf-8"), Loader)  # noqa: S506  a safe loader with more tags
    return settings


@dataclass(frozen=True)
class Rendered:
    """What became of a text: its HTML, what the engine took for HTML already, other names that headings gave themselves.

    `before` is what the engine looked for HTML in: the text without its fenced code.
    """

    html: str
    raw: Sequence[str]
    labels: Sequence[str]
    before: str = ""


def renderer(root: Path) -> Callable[[str], Rendered]:
    """A function that turns Markdown into HTML as the site does; its extensions keep nothing from one text to the next."""
    names: list[str] = list(BUILT_IN)
    options: dict[str, Mapping[str, Any]] = {}
    for entry in read_settings(root).get("markdown_extensions", ()):
        name, option = next(iter(entry.items())) if isinstance(entry, dict) else (entry, None)
        names += [] if name in names else [name]
        options[name] = option or {}
    engine = markdown.Markdown(extensions=names, extension_configs=options)

    raw, before = _note_raw(engine)

    def render(text: str) -> Rendered:
        raw.clear()
        before.clear()
        html = engine.reset().convert(text)
        return Rendered(html, tuple(raw), tuple(_labels(engine.toc_tokens)), "\n".join(before))  # type: ignore[attr-defined]  # set by the extension toc

    return render


def _note_raw(engine: markdown.Markdown) -> tuple[list[str], list[str]]:
    """A list to which an engine adds what its own two readers of HTML, of blocks and within lines, find; and one of the lines they read."""
    noted: list[str] = []
    before: list[str] = []
    blocks, inline = engine.preprocessors["html_block"], engine.inlinePatterns["html"]
    read_blocks, read_inline = blocks.run, inline.handleMatch

    def note_blocks(lines: list[str]) -> list[str]:
        before.extend(lines)
        known = len(engine.htmlStash.rawHtmlBlocks)
        left = read_blocks(lines)
        noted.extend(map(str, engine.htmlStash.rawHtmlBlocks[known:]))
        return left

    def note_inline(match: re.Match[str], data: str) -> Any:
        noted.append(match.group(1))
        return read_inline(match, data)  # type: ignore[call-arg]  # typed as the older kind of pattern

    blocks.run, inline.handleMatch = note_blocks, note_inline  # type: ignore[method-assign, assignment]
    return noted, before


def _labels(headings: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for heading in headings:
        if heading["data-toc-label"]:
            yield heading["data-toc-label"]
        yield from _labels(heading["children"])


def own_words(text: str) -> tuple[str, int]:
    """The part of a chapter below its head, cut where MkDocs cuts it, with a word in the place of each call; and the lines above it."""
    head = YAML_RE.match(text)
    start = head.end() if head else 0
    return CALL.sub("call", text[start:]), text.count("\n", 0, start)


def brings_html(text: str) -> bool:
    """True when a chapter has a call that brings more than a value."""
    return any(call.group(1) not in VALUES for call in CALL.finditer(text))
