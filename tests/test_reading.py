"""Reading files: whatever lies there is read within bounds, or is one finding at its line, at once."""

from __future__ import annotations

import os
import time
from itertools import pairwise
from pathlib import Path

import pytest
from reading import DEEPEST, LARGEST, LARGEST_RECORDS, MOST_FINDINGS, read_text, read_yaml, read_yaml_file

SECONDS = 1.0  # of processor time: ten times what any of these takes
ALIASES = "a: &a [x]\n" + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in pairwise("abcdefghij"))

REFUSED = {
    "nine aliases of nine": (ALIASES, "yaml_extras", 1),
    "an alias": ("a: 1\nb: *a\n", "yaml_extras", 2),
    "an anchor": ("a: 1\nb: &b 2\n", "yaml_extras", 2),
    "a tag": ("a: !!python/object/apply:os.system [id]\n", "yaml_extras", 1),
    "a tag that says nothing": ("a: ! b\n", "yaml_extras", 1),
    "nested flow lists": ("[" * 60_000 + "]" * 60_000, "yaml_too_deep", 1),
    "nested flow lists, never closed": ("a: 1\nb: " + "[" * 60_000, "yaml_too_deep", 2),
    "nested flow mappings": ("{a: " * 60_000, "yaml_too_deep", 1),
    "nested block lists": ("- " * 60_000, "yaml_too_deep", 1),
    "nested keys": ("? " * 60_000, "yaml_too_deep", 1),
    "nested blocks": ("".join(" " * depth + "a:\n" for depth in range(900)), "yaml_too_deep", DEEPEST + 1),
    "one level too deep": ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "yaml_too_deep", 1),
    "too many values": ("- a\n" * 120_000, "yaml_too_much", 99_998),
    "too large": ("x" * 10_000_000, "large_file", 1),
    "infinity": ("- 1\n- a: .inf\n", "not_finite", 2),
    "less than infinity": ("- -.INF\n", "not_finite", 1),
    "no number": ("a: .NaN\n", "not_finite", 1),
    "a number that grows to infinity": ("a: 1.0e+999\n", "not_finite", 1),
    "a number without end": ("a: " + "9" * 400_000, "number_too_long", 1),
    "a number of base 60": ("a: 1" + ":1" * 200_000, "number_too_long", 1),
    "a fraction of base 60": ("a: 1" + ":1" * 200_000 + ".5", "number_too_long", 1),
    "a key twice": ("a: 1\nb: 2\na: 3\n", "field_twice", 3),
    "a merge key": ("<<: {a: b}\n", "field_name_no_word", 1),
    "many documents": ("--- a\n--- b\n", "not_yaml", 2),
    "control characters": ("a: 1\nb: \x00\n", "not_yaml", 1),
    "a quote that is never closed": ('a: "' + "x" * 400_000, "not_yaml", 1),
    "lone carriage returns": ("a: 1\rb: *a\r", "yaml_extras", 2),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bomb_is_one_finding_at_once(name: str) -> None:
    """What YAML allows and the guide does not use is refused with one finding of one line, and soon."""
    text, kind, line = REFUSED[name]
    started = time.process_time()
    data, _, problems = read_yaml(text.encode(), "docs/data/x.yml")
    assert time.process_time() - started < SECONDS
    assert [(problem.said.kind, problem.line) for problem in problems] == [(kind, line)]
    assert data is None
    assert "\n" not in str(problems[0])


def test_no_more_findings_than_a_person_reads() -> None:
    """Of very many findings in a file, the first hundred are told."""
    assert len(read_yaml(b"\t\n" * 100_000, "x.yml")[2]) == MOST_FINDINGS
    assert len(read_yaml(b"1: a\n" * 5_000, "x.yml")[2]) == MOST_FINDINGS


def test_what_is_within_bounds_is_read() -> None:
    """The deepest and the longest that is allowed; a day stays a text; every value has its line."""
    assert read_yaml(b"[" * DEEPEST + b"]" * DEEPEST, "x.yml")[2] == []
    data, lines, problems = read_yaml(b"\xef\xbb\xbfa: 1\r\nb:\r\n  - 2026-11-20\r\n  - 1.5\r\n", "x.yml")
    assert (data, problems) == ({"a": 1, "b": ["2026-11-20", 1.5]}, [])
    assert (lines["a",], lines["b", 1]) == (1, 4)


def test_what_is_no_plain_file(tmp_path: Path) -> None:
    """A pipe would make every reader wait; a folder, a link to nowhere and nothing at all are told alike."""
    os.mkfifo(tmp_path / "pipe.yml")
    (tmp_path / "folder.yml").mkdir()
    (tmp_path / "link.yml").symlink_to("nowhere")
    for name in ("pipe.yml", "folder.yml", "link.yml", "nothing.yml"):
        assert [problem.said.kind for problem in read_text(tmp_path, name)[1]] == ["no_file"], name
        assert [problem.said.kind for problem in read_yaml_file(tmp_path, name)[2]] == ["no_file"], name


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """A file that is too large is not opened; what the system refuses is told in its words; a byte that is no UTF-8 has its line."""
    (tmp_path / "large.md").write_bytes(b"x" * (LARGEST + 1))
    (tmp_path / "large.yml").write_bytes(b"# x\n" * (LARGEST_RECORDS // 4 + 1))
    (tmp_path / "long.yml").write_bytes(b"# x\n" * (LARGEST // 4 + 1))
    (tmp_path / "latin.md").write_bytes(b"one\r\ntwo\rthr\xe9e\n")
    assert [problem.said.kind for problem in read_text(tmp_path, "large.md")[1]] == ["large_file"]
    assert [problem.said.kind for problem in read_yaml_file(tmp_path, "large.yml")[2]] == ["large_file"]
    assert read_yaml_file(tmp_path, "long.yml")[2] == []
    assert [problem.said.kind for problem in read_text(tmp_path, "x" * 300)[1]] == ["not_readable"]
    assert [(problem.said.kind, problem.line) for problem in read_text(tmp_path, "latin.md")[1]] == [("not_utf_8", 3)]


def test_text_is_read_as_the_builders_do(tmp_path: Path) -> None:
    """Every kind of line break is one, and a mark at the beginning is no text."""
    raw = "\ufeffone\r\ntwo\rthree\n\r\nfour".encode()
    (tmp_path / "a.md").write_bytes(raw)
    with (tmp_path / "a.md").open(encoding="utf-8-sig") as file:
        assert read_text(tmp_path, "a.md") == (file.read(), [])
