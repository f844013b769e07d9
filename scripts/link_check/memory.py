"""The memory between runs, an SQLite file: each verdict is safe as soon as it is known, so a killed run loses nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .web import Verdict

VERSION = 2  # of the file; another one is set aside
FORGET_DAYS = 120  # days after which a link that nobody asked about leaves it
DAY = 86400  # seconds


class Memory(NamedTuple):
    """What is known of a link from its last look; times in seconds since 1970, 0: never."""

    outcome: str
    reason: str
    moved_to: str
    warning: str
    checked: int
    last_ok: int
    since: int  # when it first was not ok, after it was
    streak: int  # looks in a row with this outcome
    etag: str
    modified: str


KEEP = "REPLACE INTO links VALUES (" + ", ".join("?" * (1 + len(Memory._fields))) + ")"  # noqa: S608  only question marks


class Cache:
    """What is known of every link, and the file that keeps it."""

    def __init__(self, path: Path | None, now: float, notify: Callable[[str], None]) -> None:
        self.entries: dict[str, Memory] = {}
        self._path, self._now, self._notify = path, int(now), notify
        self._file: sqlite3.Connection | None = None
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._open(path)
            except sqlite3.OperationalError as error:
                if "no such" not in str(error):  # a table or column: a file of somebody else
                    raise
                self._set_aside(path)
            except sqlite3.DatabaseError:
                self._set_aside(path)
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)

    def _open(self, path: Path) -> None:
        self._file = sqlite3.connect(path, timeout=0, isolation_level=None)
        self._file.execute("PRAGMA locking_mode = EXCLUSIVE")  # one run at a time; and memory instead of a third file beside the two
        if self._file.execute("PRAGMA user_version").fetchone()[0] != VERSION:
            if self._file.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                raise sqlite3.DatabaseError("of another version")
            names = ", ".join(f"{name} NOT NULL" for name in Memory._fields)
            self._file.execute(f"CREATE TABLE links (url TEXT PRIMARY KEY, {names})")
            self._file.execute(f"PRAGMA user_version = {VERSION}")
        self._file.execute("PRAGMA journal_mode = WAL")  # a verdict is one append; what a kill leaves behind is taken up again
        self._file.execute("PRAGMA synchronous = OFF")  # safe from a kill; a power cut may cost the last verdicts
        columns = ", ".join(Memory._fields)
        for url, *values in self._file.execute(f"SELECT url, {columns} FROM links"):  # noqa: S608  our own names
            self.entries[url] = Memory(*values)

    def _set_aside(self, path: Path) -> None:
        if self._file:
            self._file.close()
        for end in ("-wal", "-shm", ""):
            if (part := path.with_name(path.name + end)).exists():
                part.replace(path.with_name(f"{path.name}.bad{end}"))
        self.entries = {}
        self._notify(f"{path} is damaged or of another version: set aside as {path.name}.bad, this run begins without memory")
        self._open(path)

    def _give_up(self, error: Exception) -> None:
        """Go on without writing: what was remembered before stays as it is."""
        self._file = None
        self._notify(f"the cache {self._path} cannot be written ({error}): what follows is not remembered")

    def _execute(self, statement: str, values: Sequence[object] = ()) -> None:
        if self._file:
            try:
                self._file.execute(statement, values)
            except sqlite3.Error as error:
                self._give_up(error)

    def fresh(self, url: str, days: float) -> Memory | None:
        """What is known of a link that was ok so lately that it need not be asked again; nothing was ok in the future."""
        known = self.entries.get(url)
        return known if known and known.outcome == "ok" and 0 <= self._now - known.last_ok < days * DAY else None

    def learn(self, url: str, verdict: Verdict, is_secret: bool) -> Memory:
        """Remember a verdict; returns what is now known of the link. A link that holds a password never reaches the file."""
        before, is_ok, now = self.entries.get(url), verdict.outcome == "ok", self._now
        is_unchanged = before is not None and verdict.status == 304 and not verdict.etag
        memory = self.entries[url] = Memory(
            outcome=verdict.outcome,
            reason=verdict.reason,
            moved_to=verdict.moved_to,
            warning=before.warning if before and is_unchanged else verdict.warning,
            checked=now,
            last_ok=now if is_ok else min(before.last_ok, now) if before else 0,
            since=0 if is_ok else min((before.since if before else 0) or now, now),
            streak=before.streak + 1 if before and before.outcome == verdict.outcome else 1,
            etag=before.etag if before and is_unchanged else verdict.etag,
            modified=before.modified if before and is_unchanged else verdict.modified,
        )
        if not is_secret:
            self._execute(KEEP, (url, *memory))
        return memory

    def close(self) -> None:
        """Forget what nobody asked about for long, and close the file."""
        self._execute("DELETE FROM links WHERE checked < ?", (self._now - FORGET_DAYS * DAY,))
        if self._file:
            self._file.close()
