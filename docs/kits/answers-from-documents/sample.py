"""The sample: the documentation of a made-up system in two versions, with access groups, and questions about it.

Every component has a page in each version, with a table of settings, limits, error codes and notes. Defaults and limits differ
between the versions, so an answer from the wrong one is wrong. A tenth of the components is internal. Every figure is invented.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

SEED = 7
"""The seed of the documents and questions for you to build with; the kit judges on others."""

USERS = {"ann": ["public"], "olga": ["public", "internal"]}
VERSIONS = ("1", "2")
COMPONENTS, INTERNAL = 40, 4
SETTINGS = (
    ("retention", "duration", "days"),
    ("timeout", "duration", "seconds"),
    ("replicas", "number", "copies"),
    ("cache", "size", "megabytes"),
    ("interval", "duration", "minutes"),
    ("retries", "number", "attempts"),
    ("backlog", "number", "messages"),
    ("lease", "duration", "hours"),
    ("quota", "size", "gigabytes"),
    ("workers", "number", "threads"),
)
LIMITS = (("requests", "minute"), ("connections", "node"), ("uploads", "hour"), ("subscribers", "channel"))
CAUSES = (
    "the lease has run out",
    "the disk is full",
    "the key was revoked",
    "the clock is ahead",
    "the peer is silent",
    "the queue is closed",
)
FIRST = ("tide", "lock", "harbour", "beacon", "anchor", "mast", "keel", "drift", "buoy", "rope")
SECOND = ("gate", "keeper", "store", "relay", "ledger", "router", "mirror", "sweeper")
HEADER = "| setting | type | default |"
NEVER = ("colour", "priority", "encoding", "jitter", "banner", "mood")
STRANGERS = ("moonferry", "saltclock", "windcellar", "fogpress", "sandpilot", "reefwriter")


@dataclass(frozen=True)
class Turn:
    """A question before the question, with its answer."""

    question: str
    answer: str


@dataclass(frozen=True)
class Question:
    """A question with the line that answers it; without an answer `answer` and `line` are empty."""

    id: str
    kind: str
    question: str
    turns: tuple[Turn, ...] = ()
    answer: str = ""
    page: str = ""
    version: str = ""
    line: str = ""

    @property
    def follow_up(self) -> bool:
        """True when it means nothing without the turn before."""
        return bool(self.turns)


@dataclass
class Facts:
    """What the page of one component says in one version: kind of fact to (answer, line)."""

    settings: dict[str, tuple[str, str]] = field(default_factory=dict)
    limits: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    errors: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass
class Collection:
    """The documents by path, and the questions: two halves, spare ones, and those about internal pages."""

    pages: dict[str, str]
    marks: list[str]
    halves: tuple[list[Question], list[Question]]
    spare: list[Question]
    internal: list[Question]

    def everything(self) -> list[Question]:
        """All questions."""
        return [*self.halves[0], *self.halves[1], *self.spare, *self.internal]

    def save(self, folder: Path) -> None:
        """Write the documents."""
        for path, text in self.pages.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        (folder / "users.json").write_text(json.dumps(USERS) + "\n", encoding="utf-8")


def misspelt(text: str, chance: random.Random) -> str:
    """Two neighbouring letters changed in every word of five letters and more, as people type in a hurry."""
    told = []
    for word in text.split():
        if len(word) >= 5:
            at = chance.randrange(1, len(word) - 3) if len(word) > 5 else 2
            word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        told.append(word)
    return " ".join(told)


def page(name: str, version: str, access: str, mark: str, codes: list[str], chance: random.Random) -> tuple[str, Facts]:
    """A page and what stands in it."""
    facts = Facts()
    rows = []
    for setting, kind, unit in sorted(chance.sample(SETTINGS, 7)) if version == "1" else sorted(SETTINGS[:8]):
        value = f"{chance.randrange(12, 990)} {unit}"
        facts.settings[setting] = (value, f"| {name}.{setting} | {kind} | {value} |")
        rows.append(facts.settings[setting][1])
    limits = []
    for what, per in LIMITS:
        value = str(chance.randrange(1000, 9990))
        facts.limits[what, per] = (value, f"{name.capitalize()} accepts at most {value} {what} per {per}.")
        limits.append(facts.limits[what, per][1])
    errors = []
    for code in codes:
        cause = chance.choice(CAUSES)
        facts.errors[code] = (cause, f"- {code}: {cause}.")
        errors.append(facts.errors[code][1])
    noted = f" Mark: {mark}." if mark else ""
    text = "\n".join(
        [
            "---",
            f"title: {name.capitalize()}",
            f"version: {version}",
            f"access: {access}",
            "---",
            f"# {name.capitalize()}",
            "",
            f"{name.capitalize()} is a part of Quayside.{noted}",
            "",
            "## Settings",
            "",
            f"The settings of {name} stand in `{name}.toml`.{noted}",
            "",
            HEADER,
            "|---|---|---|",
            *rows,
            "",
            "## Limits",
            "",
            *limits,
            *([noted.strip()] if noted else []),
            "",
            "## Error codes",
            "",
            f"What {name} writes to its log:{noted}",
            "",
            *errors,
            "",
            "## Notes",
            "",
            f"Restart {name} after a change of `{name}.toml`. It reads the file once.{noted}",
            "",
        ]
    )
    return text, facts


def of_setting(name: str, setting: str, version: str) -> str:
    """How one asks for a setting."""
    return f"What is the default of {name}.{setting} in version {version}?"


def answerable(name: str, facts: dict[str, Facts], chance: random.Random) -> Iterator[Question]:
    """All questions that the pages of a component answer; the newest version counts where none is named."""
    path = f"{name}.md"
    for version in VERSIONS:
        for setting, (value, line) in facts[version].settings.items():
            yield Question("", "setting", of_setting(name, setting, version), (), value, path, version, line)
    newest = facts["2"]
    for (what, per), (value, line) in newest.limits.items():
        asked = f"How many {what} per {per} does {name} accept at most?"
        yield Question("", "limit", asked, (), value, path, "2", line)
        yield Question("", "misspelt", misspelt(f"How many {what} per {per} can {name} accept?", chance), (), value, path, "2", line)
        turn = Turn(asked, f"At most {value} {what}.")
        old, old_line = facts["1"].limits[what, per]
        yield Question("", "follow-up", "And in version 1?", (turn,), old, path, "1", old_line)
    for code, (cause, line) in newest.errors.items():
        yield Question("", "error", f"What does error {code} mean?", (), cause, path, "2", line)
    known = sorted(newest.settings)
    for before, setting in itertools.pairwise(known):
        turn = Turn(of_setting(name, before, "2"), f"The default is {newest.settings[before][0]}.")
        value, line = newest.settings[setting]
        yield Question("", "follow-up", f"And of its {setting}?", (turn,), value, path, "2", line)


def unanswerable(names: list[str], newest: dict[str, Facts], chance: random.Random) -> Iterator[Question]:
    """Questions on which the documents are silent."""
    for name in names:
        for setting in NEVER:
            yield Question("", "no-setting", of_setting(name, setting, "2"))
        turn = Turn(of_setting(name, "cache", "2"), f"The default is {newest[name].settings['cache'][0]}.")
        yield Question("", "no-follow-up", f"And of its {chance.choice(NEVER)}?", (turn,))
    for number in range(40):
        yield Question("", "no-error", f"What does error ZX-{9000 + number * 7} mean?")
    for name in STRANGERS:
        for what, per in LIMITS:
            yield Question("", "no-component", f"How many {what} per {per} does {name} accept at most?")


SHARES = {
    "setting": 16,
    "limit": 10,
    "error": 10,
    "misspelt": 12,
    "follow-up": 12,
    "no-setting": 14,
    "no-error": 10,
    "no-component": 8,
    "no-follow-up": 8,
}
"""Questions of each kind in a half: 60 with an answer and 40 without, 20 of them follow-ups."""


def collection(seed: int) -> Collection:
    """The documents and questions of a seed."""
    chance = random.Random(seed)  # noqa: S311  invented documents, not secrets
    names = chance.sample([one + other for one in FIRST for other in SECOND], COMPONENTS)
    secret = set(chance.sample(names, INTERNAL))
    codes = [f"QS-{number}" for number in chance.sample(range(1000, 8999), COMPONENTS * 3)]
    pages, marks, facts = {}, [], {}
    for nth, name in enumerate(names):
        mark = f"kelp{chance.randrange(10**7, 10**8)}" if name in secret else ""
        marks += [mark] if mark else []
        facts[name] = {}
        for version in VERSIONS:
            access = "internal" if mark else "public"
            pages[f"{version}/{name}.md"], facts[name][version] = page(name, version, access, mark, codes[nth * 3 : nth * 3 + 3], chance)
    public = [name for name in names if name not in secret]
    pool: dict[str, list[Question]] = {kind: [] for kind in SHARES}
    for name in public:
        for question in answerable(name, facts[name], chance):
            pool[question.kind].append(question)
    for question in unanswerable(public, {name: facts[name]["2"] for name in public}, chance):
        pool[question.kind].append(question)
    inside = [
        question
        for name in sorted(secret)
        for question in answerable(name, facts[name], chance)
        if (question.kind, question.version) == ("setting", "2")
    ]
    halves: tuple[list[Question], list[Question]] = ([], [])
    spare = []
    for kind, many in SHARES.items():
        drawn = chance.sample(pool[kind], 2 * many + (60 if kind == "setting" else 0))
        halves[0].extend(drawn[:many])
        halves[1].extend(drawn[many : 2 * many])
        spare += drawn[2 * many :]
    return Collection(
        pages,
        marks,
        (named(halves[0], "a"), named(halves[1], "b")),
        named(spare, "s"),
        named(chance.sample(inside, 20), "i"),
    )


def named(questions: list[Question], letter: str) -> list[Question]:
    """The questions with their ids."""
    return [Question(f"{letter}{nth:03}", *list(vars(one).values())[1:]) for nth, one in enumerate(questions, 1)]


def write_questions(questions: list[Question], path: Path) -> None:
    """A line of JSON for each question."""
    path.write_text("".join(json.dumps(asdict(one)) + "\n" for one in questions), encoding="utf-8")


def read_questions(path: Path) -> list[Question]:
    """The questions of a file."""
    told = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Question(**{**one, "turns": tuple(Turn(**turn) for turn in one["turns"])}) for one in told]


def write(folder: Path) -> None:
    """The sample in a folder: documents/, and questions.jsonl with the open half and the questions about internal pages."""
    made = collection(SEED)
    made.save(folder / "documents")
    write_questions([*made.halves[0], *made.internal], folder / "questions.jsonl")
