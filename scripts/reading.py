"""Reading what people write: the text of a file and the YAML in it, within bounds, with the line of every value.

Whatever is wrong with a file (a pipe or a folder in its place, too large, not UTF-8, YAML that is broken, deep, endless or clever)
is a finding, told in a fraction of a second; nothing is raised.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import yaml
from findings import Problem, Said, say

Json = Any
"""A value as YAML or JSON gives it."""

FieldPath = tuple[str | int, ...]
"""Where a value stands inside a file: record number, field, sub-field …"""

LARGEST = 500_000  # bytes of a file: a dozen times the longest chapter
LARGEST_RECORDS = 1_000_000  # bytes of a file of records: twice the largest there is
DEEPEST = 12  # lists and mappings inside each other: the records need seven
MOST_EVENTS = 100_000  # of YAML's parser: six times what the longest file has
LONGEST_NUMBER = 20  # characters
MOST_FINDINGS = 100  # in one file: nobody reads more at once


class _Loader(yaml.CSafeLoader):
    """The safe loader of libyaml; dates stay text, so that a wrong one is reported like any other value."""


_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: str(node.value))


def dotted(path: FieldPath) -> str:
    """Write the path of a field inside its record the way people do: `sources[2].url`."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def limit_of(name: str) -> int:
    """How many bytes the file `name` may have."""
    return LARGEST_RECORDS if name.endswith(".yml") else LARGEST


def read_bytes(root: Path, name: str) -> tuple[bytes, list[Problem]]:
    """The bytes of the file `name` below `root`; none, and why, when it is no plain file, too large or not to be read."""
    path = root / name
    try:
        if not path.is_file():  # opening a pipe would wait for ever
            return b"", [Problem(name, 1, "", say("no_file"))]
        if path.stat().st_size > limit_of(name):
            return b"", [_too_large(name, path.stat().st_size)]
        return path.read_bytes(), []
    except OSError as error:
        return b"", [Problem(name, 1, "", say("not_readable", reason=str(error.strerror)))]


def _too_large(name: str, size: int) -> Problem:
    return Problem(name, 1, "", say("large_file", bytes=size, limit=limit_of(name)))


def decoded(raw: bytes, name: str) -> tuple[str, list[Problem]]:
    """Bytes as text, the way both site builders read a file: UTF-8, every line break one character, no mark at the beginning."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(re.findall(rb"\r\n|\r|\n", raw[: error.start])) + 1
        return "", [Problem(name, line, "", say("not_utf_8", byte=f"{error.object[error.start]:02x}"))]
    return text.replace("\r\n", "\n").replace("\r", "\n"), []


def read_text(root: Path, name: str) -> tuple[str, list[Problem]]:
    """The text of the file `name` below `root`; empty, and why, when it cannot be read."""
    raw, problems = read_bytes(root, name)
    return ("", problems) if problems else decoded(raw, name)


def read_yaml_file(root: Path, name: str) -> tuple[Json, dict[FieldPath, int], list[Problem]]:
    """Read the YAML file `name` below `root`; see `read_yaml`."""
    raw, problems = read_bytes(root, name)
    return (None, {}, problems) if problems else read_yaml(raw, name)


def read_yaml(raw: bytes, name: str) -> tuple[Json, dict[FieldPath, int], list[Problem]]:
    """Read the bytes of one YAML file with the line of every value; `name` is what the findings call it.

    Returns the data, the line of each field path, and what is wrong with the text itself
    (size, encoding, tabs, syntax, bounds, duplicate keys); with such problems the data is None.
    """
    if len(raw) > limit_of(name):
        return None, {}, [_too_large(name, len(raw))]
    text, problems = decoded(raw, name)
    tabs = (Problem(name, number, "", say("tab")) for number, line in enumerate(text.split("\n"), 1) if "\t" in line)
    problems += islice(tabs, MOST_FINDINGS)
    if problems:
        return None, {}, problems
    try:
        if crossed := _crossed_bound(text):
            return None, {}, [Problem(name, crossed[0], "", crossed[1])]
        return _compose(text, name)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        said = [str(part) for part in (getattr(error, "context", None), getattr(error, "problem", None)) if part]
        reason = " ".join((", ".join(said) or str(error) or type(error).__name__).split())
        return None, {}, [Problem(name, mark.line + 1 if mark else 1, "", say("not_yaml", reason=reason))]


def _crossed_bound(text: str) -> tuple[int, Said] | None:
    """The line and the finding where a text goes beyond what the guide uses of YAML, before anything is put together."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, _Loader)):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if getattr(event, "anchor", None) or getattr(event, "tag", None):
            return line, say("yaml_extras")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            return line, say("yaml_too_deep", limit=DEEPEST)
        if count >= MOST_EVENTS:
            return line, say("yaml_too_much", limit=MOST_EVENTS)
    return None


def _compose(text: str, name: str) -> tuple[Json, dict[FieldPath, int], list[Problem]]:
    """The data of a text within bounds, and the line of each field path."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, {}, []
        lines: dict[FieldPath, int] = {}
        found = _walk(loader, node, (), lines)
        problems = [Problem(name, line, dotted(path[1:]), said) for line, path, said in islice(found, MOST_FINDINGS)]
        return None if problems else loader.construct_document(node), lines, problems
    finally:
        loader.dispose()


def _walk(loader: _Loader, node: yaml.Node, path: FieldPath, lines: dict[FieldPath, int]) -> Iterator[tuple[int, FieldPath, Said]]:
    """Note the line of every value below `node`; yield what YAML allows and we do not."""
    line = lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            yield from _walk(loader, child, (*path, index), lines)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, child in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
                yield line, path, say("field_name_no_word")
                continue
            if key.value in seen:
                yield line, (*path, key.value), say("field_twice")
            seen.add(key.value)
            yield from _walk(loader, child, (*path, key.value), lines)
            lines[(*path, key.value)] = line
    elif isinstance(node, yaml.ScalarNode) and node.tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float"):
        if len(node.value) > LONGEST_NUMBER:
            yield line, path, say("number_too_long", limit=LONGEST_NUMBER)
        elif node.tag.endswith("float") and not math.isfinite(loader.construct_yaml_float(node)):
            yield line, path, say("not_finite", found=node.value)


def texts(data: Json, path: FieldPath = ()) -> Iterator[tuple[FieldPath, str]]:
    """Every single value of some data as text, with the path of its field."""
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from texts(value, (*path, key))
    elif data is not None:
        yield path, str(data)
