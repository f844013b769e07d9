"""AutoCorrect, in a process of its own: on text that means no good it can think for ever, or die and take its process with it."""

from __future__ import annotations

import faulthandler
import multiprocessing
import re
from multiprocessing.connection import Connection
from types import TracebackType

import autocorrect_py

SECONDS = 5.0
"""For one text: far more than the longest chapter takes, on a busy machine too."""

Changes = list[tuple[int, str, str]]
"""What AutoCorrect would change: the line, what stands there, what should."""


def changes(text: str) -> Changes:
    """What AutoCorrect would change in a Markdown text; raises `ValueError` when it cannot read it."""
    return [(found.line, found.old.strip(), found.new.strip()) for found in autocorrect_py.lint_for(text, "text.md").lines]


def _work(pipe: Connection) -> None:
    faulthandler.disable()  # when AutoCorrect dies, the finding says so; a trace of ours would help nobody
    while True:
        try:
            text = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(changes(text))
        except ValueError as error:  # its words begin with the place
            place = re.search(r"--> (\d+):", str(error))
            pipe.send(int(place[1]) if place else 1)


class Typographer:
    """Asks AutoCorrect about one text after the other; a context manager, since a process has to be ended."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def _end(self) -> None:
        self._pipe.close()
        self._process.kill()
        self._process.join()

    def __enter__(self) -> Typographer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def ask(self, text: str) -> Changes | int:
        """What to change; or the line of a text that AutoCorrect cannot read, has not read in `SECONDS`, or has died of."""
        try:
            self._pipe.send(text)
            if self._pipe.poll(SECONDS):
                found: Changes | int = self._pipe.recv()
                return found
        except (EOFError, ConnectionError):
            pass  # it has died
        self._end()
        self._start()
        return 1
