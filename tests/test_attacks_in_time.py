"""What was made to keep a check busy is refused in a second, and takes no memory to speak of."""

from __future__ import annotations

import gc
import resource
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from allowed import Rules
from attacks import BY_TECHNIQUE, HEAD, Attack, bare_tree, named
from check_hostile import check as check_hostile
from check_output import check_chapters
from conftest import ROOT
from reading import read_yaml_file

BUSY = BY_TECHNIQUE["time-and-memory"]

SECONDS = 1.0
"""Of processor time, to say no to something that was made to keep a check busy."""

MEMORY = 300_000_000
"""Bytes that may be taken on top of what is taken already."""


def busy(attack: Attack) -> tuple[str, str]:
    """The file and its content, of an attack that keeps a check busy."""
    piece, times, how = attack.get("text", ""), attack.get("times", 1), attack.get("make", "")
    words = {
        "": piece * times,
        "deep lists": "".join(f"{' ' * depth * 4}- a\n" for depth in range(220)),
        "table": f"{piece * times}\n{'|-' * times}\n{piece * times}\n" * 6,
        "call": "{{ cert" + piece * times + " }}",
        "link words": "".join(f"[{piece * 900}](https://evil.dev/{number})\n\n" for number in range(times // 900)),
        "reference": piece * times + "\n[a]: https://evil.dev/\n",
        "host": "".join(f"[x](https://{piece * 3900}com/{number})\n\n" for number in range(times // 3900)),
        "query": f"[x](https://evil.dev/{piece * times})\n" * 12,
        "words": f"[{piece * times}](https://evil.dev/)\n\n" * 12,
        "many names": "".join(f"<x-{number}>\n" for number in range(10_000)),
    }
    if how in words:
        return "docs/en/busy.md", HEAD.format(number=0) + words[how] + "\n"
    bomb = "".join(
        f"{name}: &{name} [{', '.join(f'*{before}' for _ in range(9))}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    values = {
        "aliases": f"a: &a [{', '.join(['x'] * 9)}]\n{bomb}title: *i\n",
        "head": f"title: {piece * times}\n",
        "keys": "".join(f"key-{number}: x\n" for number in range(40_000)),
        "record": "\n".join(f'- id: r{number}\n  name: "{piece.replace(chr(34), "")}"' for number in range(times // 2)),
    }
    return ("docs/data/tools.yml", values[how]) if "file" in attack else ("docs/en/busy.md", f"---\n{values[how]}---\n# Words\n")


@pytest.fixture(scope="module")
def busy_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A guide without chapters and records, with the schemas of heads and records."""
    root = bare_tree(tmp_path_factory.mktemp("busy"))
    shutil.copytree(ROOT / "docs/data/schema", root / "docs/data/schema")
    (root / "docs/en").mkdir()
    (root / "docs/zh").mkdir()
    return root


def ends(*_: object) -> None:
    """End a test that waits."""
    raise TimeoutError


@pytest.fixture
def alarm() -> Iterator[None]:
    """A minute on the clock, for what waits without using the processor; nobody is told when Python clears its memory away,
    since what the clock of `render.at_most` raises in there would reach pytest and not the check."""
    before, listeners = signal.signal(signal.SIGALRM, ends), gc.callbacks[:]
    gc.callbacks.clear()
    signal.alarm(60)
    yield
    signal.alarm(0)
    gc.callbacks.extend(listeners)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("alarm")
@pytest.mark.parametrize("attack", BUSY, ids=named)
def test_what_keeps_a_check_busy_is_refused_in_time(busy_tree: Path, attack: Attack) -> None:
    """The checks that read it, in the order of a build up to the one that refuses it, end within a second of processor time."""
    name, text = busy(attack)
    path = busy_tree / name
    path.write_text(text, encoding="utf-8")
    rules = Rules(busy_tree)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.process_time()
    try:
        problems = check_hostile(busy_tree) or check_chapters(busy_tree, rules)
        if name.endswith(".yml"):
            problems = problems or read_yaml_file(busy_tree, name)[2]
    finally:
        path.unlink()
    assert time.process_time() - begin < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held < MEMORY // 1024
    assert bool([problem for problem in problems if problem.file == name]) == ("by_design" not in attack), problems
