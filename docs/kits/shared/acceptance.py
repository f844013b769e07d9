"""What every kit needs to judge a project from outside: the learner's commands, a server, HTTP, and figures.

Python's standard library only. Nothing here leaves the machine: addresses other than 127.0.0.1 are refused.
The project is reached through the commands of `kit.toml`, which lies in the learner's folder; in which language it is written is no matter.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shlex
import signal
import socket
import subprocess
import tempfile
import time
import tomllib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

Environment = Mapping[str, str] | None
Done = subprocess.CompletedProcess[str]

LONGEST = 4000
"""Characters of a command's last words that are shown."""

MOST = 100_000_000
"""Bytes that a command may print."""

SECOND_TIME = 10
"""Seconds that a command gets once it has used up its own time before."""

ALTOGETHER = 7200
"""Seconds that all commands of one run may take together."""

TRACE = "KIT_STARTED"
"""The variable by which a process knows the command that it comes from, wherever it went."""


class NotMet(AssertionError):  # noqa: N818  an assertion about the project, not an error of the kit
    """A criterion is not met: what was seen and what was expected, each one line."""

    def __init__(self, seen: object, expected: object) -> None:
        self.seen, self.expected = one_line(seen), one_line(expected)
        super().__init__(f"seen: {self.seen}; expected: {self.expected}")


class Trouble(Exception):  # noqa: N818  the kit cannot judge at all
    """The kit cannot go on: one line that says what to do."""


def one_line(value: object) -> str:
    """Anything in one line of at most 300 characters."""
    text = " ".join(str(value).split())
    return text if len(text) <= 300 else text[:299] + "…"


def expect(holds: bool, seen: object, expected: object) -> None:
    """Raise `NotMet` unless the condition holds."""
    if not holds:
        raise NotMet(seen, expected)


def last_words(text: str) -> str:
    """The end of what a command said."""
    return text.strip()[-LONGEST:] or "nothing"


def last_line(text: str) -> str:
    """The last line of what a command said: after a traceback the error itself."""
    return (text.strip() or "nothing").splitlines()[-1]


@dataclass
class Learner:
    """The learner's project: its folder, its commands with `{placeholders}`, and where its output goes."""

    folder: Path
    commands: Mapping[str, str]
    scratch: Path
    late: set[str] = field(default_factory=set)
    """Commands that have used up their time once."""
    begun: float = field(default_factory=time.monotonic)

    @classmethod
    def read(cls, folder: Path) -> Learner:
        """Read kit.toml in `folder`; raises `Trouble` with the line to mend."""
        file = folder / "kit.toml"
        if not file.is_file():
            raise Trouble(f"{file} is missing: copy kit.example.toml there and name the commands of your project")
        try:
            settings = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Trouble(f'{file}: {error}; expected lines such as serve = "python -m app --port {{port}}" below [commands]') from None
        commands = settings.get("commands")
        if not isinstance(commands, dict) or not all(isinstance(value, str) for value in commands.values()):
            raise Trouble(f"{file}: expected a table [commands] of texts")
        return cls(folder, commands, Path(tempfile.mkdtemp(prefix="kit-")))

    def command(self, name: str, **values: object) -> list[str]:
        """One of the commands with its placeholders filled in; raises `Trouble` if there is none."""
        if name not in self.commands:
            raise Trouble(f'{self.folder / "kit.toml"}: [commands] has no "{name}"; see kit.example.toml')
        try:
            words = [part.format(**values) for part in shlex.split(self.commands[name])]
        except (KeyError, IndexError, ValueError) as error:
            known = ", ".join(f"{{{value}}}" for value in sorted(values)) or "none"
            raise Trouble(f"{self.folder / 'kit.toml'}: {name}: {error}; mend quotes and braces, the placeholders are {known}") from None
        if not words:
            raise Trouble(f"{self.folder / 'kit.toml'}: {name} is empty; see kit.example.toml")
        return words

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of the learner's commands."""
        return {**os.environ, "PYTHONUNBUFFERED": "1", **(more or {})}

    def seconds(self, name: str, seconds: float) -> float:
        """The seconds that a command gets now: fewer when it was late before, and never more than are left for all."""
        left = self.begun + ALTOGETHER - time.monotonic()
        expect(left > 0, f"all commands together took more than {ALTOGETHER / 3600:g} hours", "quicker ones")
        return min(SECOND_TIME if name in self.late else seconds, seconds, left)

    def run(self, name: str, seconds: float = 600, environment: Environment = None, **values: object) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; raises `NotMet` when it does not end in time or prints without end. The caller judges how it ended."""
        words = self.command(name, **values)
        seconds = self.seconds(name, seconds)
        with tempfile.TemporaryFile(dir=self.scratch) as out, tempfile.TemporaryFile(dir=self.scratch) as err:
            with started(words, self.folder, self.environment(environment), out, err) as process:
                end = time.monotonic() + seconds
                while True:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(max(0, min(0.5, end - time.monotonic())))
                        break
                    expect(os.fstat(out.fileno()).st_size + os.fstat(err.fileno()).st_size < MOST, f"`{name}` prints without end", "an end")
                    if time.monotonic() > end:
                        self.late.add(name)
                        raise NotMet(f"`{name}` had not ended after {seconds:.0f} s", "an end within its time")
            told = []
            for file in (out, err):
                file.seek(0)
                told.append(file.read(MOST).decode("utf-8", "replace").replace("\r\n", "\n"))
        return subprocess.CompletedProcess(words, process.returncode, *told)

    def succeed(self, name: str, seconds: float = 600, environment: Environment = None, **values: object) -> str:
        """Run a command that has to end with 0; return what it printed."""
        done = self.run(name, seconds, environment, **values)
        if done.returncode:
            raise NotMet(f"`{name}` ended with {done.returncode}: {last_line(done.stderr or done.stdout)}", "an end with 0")
        return done.stdout

    @contextlib.contextmanager
    def served(
        self,
        name: str = "serve",
        health: str = "/health",
        seconds: float = 60,
        environment: Environment = None,
        **values: object,
    ) -> Iterator[Server]:
        """Start a server on a free port, wait until `health` answers 200, and stop it with all that it started."""
        port = free_port()
        log = self.scratch / f"{name}-{port}.log"
        words = self.command(name, port=port, **values)
        with log.open("w", encoding="utf-8") as out, started(words, self.folder, self.environment(environment), out) as process:
            server = Server(port, process, log)
            try:
                server.wait(health, self.seconds(name, seconds))
            except NotMet:
                if process.poll() is None:
                    self.late.add(name)
                raise
            yield server

    def stays_down(
        self,
        name: str = "serve",
        health: str = "/health",
        seconds: float = 30,
        environment: Environment = None,
        **values: object,
    ) -> str:
        """Start a server that must not come up: it has to end by itself, not with 0, and never answer 200 on `health`. Its last words."""
        port = free_port()
        log = self.scratch / f"{name}-{port}.log"
        words = self.command(name, port=port, **values)
        with log.open("w", encoding="utf-8") as out, started(words, self.folder, self.environment(environment), out) as process:
            server = Server(port, process, log)
            end = time.monotonic() + seconds
            while process.poll() is None:
                if time.monotonic() > end:
                    raise NotMet(f"it still ran after {seconds:g} s: {server.words()}", f"an end with a reason within {seconds:g} s")
                with contextlib.suppress(ConnectionError):
                    if server.says(health) == 200:
                        raise NotMet(f"200 on {health}", f"an end with a reason, and never 200 on {health}")
                time.sleep(0.05)
            expect(process.returncode != 0, "it ended with 0", "an end with a reason and another code than 0")
            return server.words()


@contextlib.contextmanager
def started(
    words: list[str], folder: Path, environment: Mapping[str, str], out: IO[Any], err: IO[Any] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own; at the end the whole group is stopped, first kindly, then not, and what left the group too."""
    trace = uuid.uuid4().hex
    try:
        process = subprocess.Popen(  # noqa: S603  the learner's own command
            words,
            cwd=folder,
            env={**environment, TRACE: trace},
            stdout=out,
            stderr=subprocess.STDOUT if err is None else err,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise Trouble(f"`{words[0]}` cannot be started: {error.strerror}; mend [commands] in {folder / 'kit.toml'}") from None
    try:
        yield process
    finally:
        for sign, patience in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience)
                if not group_lives(process.pid):
                    break
        stop_strays(trace)


def stop_strays(trace: str) -> None:
    """Stop what a command started outside its group, such as a server in the background. Linux shows it; other systems do not.

    It looks twice: a process that is just becoming another program shows nothing for a moment.
    """
    for pause in (0.03, 0):
        for path in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if f"{TRACE}={trace}".encode() in path.read_bytes().split(b"\0"):
                    os.kill(int(path.parent.name), signal.SIGKILL)
        time.sleep(pause)


def group_lives(group: int) -> bool:
    """True while a process of the group is there."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Answer:
    """What a server answered: status, body, and seconds from the request to the last byte."""

    status: int
    body: bytes
    seconds: float
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:
        """The body as JSON; raises `NotMet` when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise NotMet(f"{self.status} with {self.body[:80]!r}", "a body of JSON") from None


@dataclass(frozen=True)
class Server:
    """A server of the learner's on this machine."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        seconds: float = 30,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; `body` goes as JSON, `raw` as it is. Raises `NotMet` without an answer."""
        sent = raw if raw is not None else None if body is None else json.dumps(body).encode()
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        begun = time.perf_counter()
        try:
            line.request(method, path, sent, {"Content-Type": "application/json", **(headers or {})})
            got = line.getresponse()
            content = got.read()
        except (OSError, http.client.HTTPException) as error:
            why = f"{type(error).__name__}: {error}"
            raise NotMet(f"no answer to {method} {path}: {why}; the server's last words: {last_line(self.words())}", "an answer") from None
        finally:
            line.close()
        return Answer(got.status, content, time.perf_counter() - begun, {key.lower(): value for key, value in got.getheaders()})

    def says(self, path: str) -> int:
        """The status of one GET; raises ConnectionError without an answer."""
        try:
            return self.ask("GET", path, seconds=2).status
        except NotMet as silence:
            raise ConnectionError(silence.seen) from None

    def wait(self, path: str, seconds: float) -> None:
        """Wait until `path` answers 200; raises `NotMet` when the server ends first or stays silent."""
        end = time.monotonic() + seconds
        last = "no answer"
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise NotMet(f"the server ended with {self.process.returncode}: {last_line(self.words())}", f"200 on {path}")
            try:
                answer = self.ask("GET", path, seconds=2)
                if answer.status == 200:
                    return
                last = f"{answer.status} on {path}"
            except NotMet:
                time.sleep(0.1)
        raise NotMet(f"{last} after {seconds:.0f} s; its last words: {last_line(self.words())}", f"200 on {path} within {seconds:.0f} s")

    def words(self) -> str:
        """The end of the server's log."""
        return last_words(self.log.read_text(encoding="utf-8", errors="replace"))
