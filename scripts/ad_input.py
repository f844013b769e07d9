"""Advertisements as people have them: CSV, TSV, JSON, JSON lines, YAML and text files, or folders of such files.

Each advertisement has a title, an employer and a text; `columns` of docs/data/ad-rules.yml says under which names they may stand.
A text file begins with lines such as `title: ML engineer` and `employer: Example Ltd`, then an empty line, then the text.
Whatever cannot be read is a finding with its file, line and field; nothing is guessed, and nothing is raised.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ad_patterns import plain
from catalogue import nearest
from findings import Problem, Said, say
from reading import MOST_FINDINGS, decoded, read_yaml

KINDS = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".yaml", ".yml", ".txt", ".md")
LARGEST = 200_000_000  # bytes of one file
LONGEST = 100_000  # characters of one advertisement: ten times a long one
FIELDS = ("title", "employer", "text")

csv.field_size_limit(LARGEST)

Columns = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Advertisement:
    """One advertisement and where it stands."""

    file: str
    line: int
    title: str
    employer: str
    text: str


Found = Advertisement | Problem


def read_advertisements(paths: Iterable[Path], columns: Columns) -> tuple[list[Advertisement], list[Problem]]:
    """Every advertisement of some files and folders in the order of their names, and what is wrong."""
    advertisements: list[Advertisement] = []
    problems: list[Problem] = []
    for path in paths:
        for one in _read(path, columns):
            if isinstance(one, Problem):
                problems.append(one)
            else:
                advertisements.append(one)
    return advertisements, problems


def _read(path: Path, columns: Columns) -> Iterator[Found]:
    """What one path holds."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() in KINDS and file.is_file())
        if not files:
            yield Problem(path.as_posix(), 1, "", say("no_ads_here", kinds=", ".join(KINDS)))
        for file in files:
            yield from _read_file(file, columns)
    elif path.suffix.lower() not in KINDS:
        yield Problem(path.as_posix(), 1, "", say("ad_kind", found=path.suffix or path.name, kinds=", ".join(KINDS)))
    else:
        yield from _read_file(path, columns)


def _read_file(path: Path, columns: Columns) -> Iterator[Found]:
    """What one file holds; no more findings than anybody reads."""
    name = path.as_posix()
    try:
        if not path.is_file():  # opening a pipe would wait for ever
            yield Problem(name, 1, "", say("no_file"))
            return
        if path.stat().st_size > LARGEST:
            yield Problem(name, 1, "", say("large_file", bytes=path.stat().st_size, limit=LARGEST))
            return
        raw = path.read_bytes()
    except OSError as error:
        yield Problem(name, 1, "", say("not_readable", reason=str(error.strerror)))
        return
    wrong = 0
    for one in _rows(path.suffix.lower(), raw, name, columns):
        wrong += isinstance(one, Problem)
        yield one
        if wrong >= MOST_FINDINGS:
            return


def _rows(suffix: str, raw: bytes, name: str, columns: Columns) -> Iterator[Found]:
    """The advertisements of a file by its kind."""
    if suffix in (".yaml", ".yml"):
        raw = re.sub(rb"(?m)^([ -]*)\t+", rb"\1", raw).replace(b"\t", b" ")  # of foreign texts; what a tab breaks is told by YAML
        data, lines, problems = read_yaml(raw, name)
        yield from problems or _items(data, name, columns, {index: lines.get((index,), 1) for index in range(_length(data))})
        return
    text, problems = decoded(raw, name)
    if problems:
        yield from problems
    elif "\0" in text:
        yield Problem(name, text[: text.index("\0")].count("\n") + 1, "", say("ad_binary"))
    elif suffix in (".csv", ".tsv"):
        yield from _table(text, name, columns, "\t" if suffix == ".tsv" else ",")
    elif suffix in (".txt", ".md"):
        yield _text_file(text, name)
    else:
        yield from _json(text, name, columns, suffix != ".json")


def _length(data: Any) -> int:
    return len(data) if isinstance(data, list) else 1


def _json(text: str, name: str, columns: Columns, is_lines: bool) -> Iterator[Found]:
    """The advertisements of JSON: a list, one object, or one object a line."""
    if not is_lines:
        data = _loaded(text, name, 1)
        yield from [data] if isinstance(data, Problem) else _items(data, name, columns, {})
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            data = _loaded(line, name, number)
            yield from [data] if isinstance(data, Problem) else _items(data, name, columns, {0: number})


def _loaded(text: str, name: str, line: int) -> Any:
    """JSON as data, or a finding."""
    try:
        return json.loads(text)
    except ValueError as error:
        return Problem(name, line + getattr(error, "lineno", 1) - 1, "", say("not_json", reason=getattr(error, "msg", str(error))))
    except RecursionError:
        return Problem(name, line, "", say("not_json", reason="too deep"))


def _items(data: Any, name: str, columns: Columns, lines: Mapping[int, int]) -> Iterator[Found]:
    """The advertisements of a list of mappings, or of one."""
    for index, row in enumerate(data if isinstance(data, list) else [data]):
        line = lines.get(index, 1)
        if not isinstance(row, dict):
            yield Problem(name, line, f"[{index + 1}]", say("ad_no_mapping", found=type(row).__name__))
            continue
        known, said = _columns([str(key) for key in row], columns)
        if said:
            yield Problem(name, line, f"[{index + 1}]", said)
        else:
            yield _advertisement(name, line, {field: row[key] for field, key in known.items()})


def _table(text: str, name: str, columns: Columns, delimiter: str) -> Iterator[Found]:
    """The advertisements of a table."""
    rows = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        head = next(rows, [])
        known, said = _columns(head, columns)
        if said:
            yield Problem(name, 1, "", said)
            return
        begins = rows.line_num + 1
        for row in rows:
            if len(row) == len(head):
                yield _advertisement(name, begins, {field: row[head.index(key)] for field, key in known.items()})
            elif row:
                yield Problem(name, begins, "", say("ad_row_width", found=len(row), expected=len(head)))
            begins = rows.line_num + 1
    except csv.Error as error:
        yield Problem(name, rows.line_num, "", say("not_csv", reason=str(error)))


def _columns(head: Sequence[str], columns: Columns) -> tuple[dict[str, str], Said | None]:
    """The column of each field, or what is missing."""
    by_name = {" ".join(plain(key).lower().split()): key for key in reversed(head)}
    known = {field: next((by_name[one] for one in columns[field] if one in by_name), None) for field in FIELDS}
    for field, column in known.items():
        if column is None:
            names, shown = ", ".join(columns[field]), ", ".join(head[:20])[:300]
            return {}, say("ad_no_column", field=field, names=names, found=shown, hint=nearest(field, by_name))
    return {field: column for field, column in known.items() if column is not None}, None


def _text_file(text: str, name: str) -> Found:
    """The advertisement of a text file with its head."""
    head, _, body = text.partition("\n\n")
    known = {}
    for number, line in enumerate(head.split("\n"), 1):
        key, colon, value = line.partition(":")
        if not colon or key.strip().lower() not in ("title", "employer"):
            return Problem(name, number, "", say("ad_head", found=line[:60]))
        known[key.strip().lower()] = value
    for field in ("title", "employer"):
        if field not in known:
            return Problem(name, 1, field, say("ad_head", found=head[:60]))
    return _advertisement(name, 1, {**known, "text": body})


def _advertisement(name: str, line: int, row: Mapping[str, Any]) -> Found:
    """An advertisement of its three values, or what is wrong with them."""
    for field in FIELDS:
        value = row[field]
        if value is not None and not isinstance(value, str | int | float):
            return Problem(name, line, field, say("ad_no_text", found=type(value).__name__))
    values = {field: "" if row[field] is None else str(row[field]).strip() for field in FIELDS}
    if not values["title"] or not values["text"]:
        return Problem(name, line, "title" if not values["title"] else "text", say("ad_empty"))
    if len(values["text"]) > LONGEST:
        return Problem(name, line, "text", say("ad_too_long", found=len(values["text"]), limit=LONGEST))
    return Advertisement(name, line, values["title"], values["employer"], values["text"])
