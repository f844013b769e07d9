"""The values of records in words: days, prices, languages, levels, in the language of an edition and safe to print.

Reads the tables of words, docs/data/labels.yml and drawings.yml; templates.py hands these functions to the templates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pygments
from catalogue import DATA, Record
from findings import MissingError, Problem, both, say
from markupsafe import Markup, escape
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from reading import read_yaml_file

MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]


def date_text(day: str, edition: str) -> str:
    """Write a day, month or year (`2026-06-30`, `2026-06`, `2026`) the way its readers do."""
    parts = [int(part) for part in str(day).split("-")]
    if edition == "zh":
        return " ".join(f"{part} {unit}" for part, unit in zip(parts, "年月日", strict=False))
    return " ".join([*map(str, parts[2:]), *(MONTHS[month - 1] for month in parts[1:2]), str(parts[0])])


def read_words(root: Path, name: str) -> Mapping[str, Any]:
    """Read a table of words, docs/data/<name>.yml; a wrong one ends the build with file and line."""
    path = (DATA / f"{name}.yml").as_posix()
    words, _, problems = read_yaml_file(root, path)
    if problems or not isinstance(words, dict):
        raise click.ClickException("\n".join(map(both, problems or [Problem(path, 1, "", say("no_table_of_words"))])))
    return words


COMES_FROM = {"length": "minutes", "ended": "ends", "validity": "validity_months"}
"""Fields of a record by the name under which a chapter asks for them in words."""


def field_text(record: Record, field: str, labels: Mapping[str, Any], edition: str) -> str:
    """Write one field of a certificate as words in the language of the edition.

    `field` is a field of the record or one of `price`, `length`, `ended`, `validity`, `languages`.
    Raises `MissingError` when the record has no such value: a chapter must not talk about what is not known.
    """

    def label(key: str) -> str:
        return str(labels[key][edition])

    values = record.values
    if COMES_FROM.get(field, field) not in values:
        raise MissingError(say("no_value", id=record.id, file=record.file, line=record.line, field=COMES_FROM.get(field, field)))
    if field == "status":
        return value_text(values["status"], labels, edition)
    if field == "price":
        return price_text(values["price"], labels, edition)
    if field == "length":
        return f"{values['minutes']} {label('minutes')}"
    if field == "ended":
        return date_text(values["ends"], edition)
    if field == "validity":
        months = values["validity_months"]
        return f"{months} {label('months')}" if months else label("no_expiry")
    if field == "languages":
        names = [language_text(tag, labels, edition) for tag in values["languages"]]
        return ("、" if edition == "zh" else ", ").join(names)
    value = values[field]
    return str(value[edition]) if isinstance(value, dict) else str(value)


def value_text(value: str, labels: Mapping[str, Any], edition: str) -> str:
    """Write one of a schema's fixed values (`in-person`, `retired`, a vendor) in words."""
    words = labels["values"].get(value)
    if words is None:
        raise MissingError(say("no_words_for", value=value, file="docs/data/labels.yml"))
    return str(words[edition])


def price_text(price: Mapping[str, Any], labels: Mapping[str, Any], edition: str) -> str:
    """Write a price: `99 US dollars`, `99 美元`, `free`."""
    if price["amount"] == 0:
        return str(labels["free"][edition])
    return f"{price['amount']:,g} {labels['currencies'][price['currency']][edition]}"


def language_text(tag: str, labels: Mapping[str, Any], edition: str) -> str:
    """Write a language tag (BCP 47) as the name of the language; an unlisted tag stays as it is."""
    words = labels["languages"].get(tag)
    return str(words[edition]) if words else tag


def typeset(text: str) -> str:
    """Give English text its curly quotes and apostrophes, as Markdown's smarty does for the chapters; code in backticks stays."""

    def curl(found: re.Match[str]) -> str:
        return found["code"] or (CURLS[found["quote"]][1] if found["quote"] else CURLS[found[0]][0])

    return re.sub(r"""(?P<code>`[^`]+`)|(?:^|(?<=[\s(\[]))["']|(?P<quote>["'])""", curl, text)


CURLS = {'"': "“”", "'": "‘’"}
"""The opening and the closing mark of each straight quote."""


def title_of(record: Record, edition: str) -> str:
    """What a record is called in lists: its name, title or term in the language of the edition."""
    named = record.name or record.title or record.asks or record.values[edition]
    return str(named[edition] if isinstance(named, dict) else named)


LEVELS = ("none", "awareness", "working", "practitioner", "expert")
"""The scale of skill, upwards; a level's rank is its place here."""


def prose(text: str) -> Markup:
    """Escape a record's text and show what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(one_line(text)))))  # noqa: S704  escaped just before


def program(code: str) -> Markup:
    """A Python program in the theme's colours, on one line of HTML: an empty line would end the HTML around it and begin Markdown."""
    html = pygments.highlight(code, PythonLexer(), HtmlFormatter(cssclass="highlight", wrapcode=True))
    return Markup(html.rstrip("\n").replace("\n", "&#10;"))  # noqa: S704  escaped by the highlighter


def opening(text: Mapping[str, str]) -> dict[str, str]:
    """The first sentence of a text in each language; a full stop inside a name, a number or code ends none."""
    ends = {"en": r"(?<=[.?!])\s+(?=[A-Z`])", "zh": r"(?<=[。？！])"}
    return {edition: re.split(ends[edition], words, maxsplit=1)[0] for edition, words in text.items()}


def one_line(value: object) -> object:
    """What a template prints, without line breaks of its own: an empty line would end the HTML around it and begin Markdown."""
    return " ".join(value.split()) if type(value) is str and value.splitlines() != [value] else value


def plain(text: str) -> Markup:
    """Words of a record for a place where Markdown is read: none of its signs means anything there, HTML's neither."""
    return Markup("".join(c if c.isalnum() or c in PLAIN else f"&#{ord(c)};" for c in str(one_line(text))))  # noqa: S704  escaped here


PLAIN = frozenset(" ,.;?’“”()-–—/%+，。：；？！（）、《》·")
"""Signs that mean nothing to Markdown inside a line."""
