"""The criteria of "answers from documents" that a machine can judge, with a stand-in for the language model.

The documents, the questions and the stand-in's replies are generated: the figures show that the project works, not how good a model is.
"""

from __future__ import annotations

import itertools
import json
import math
import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faults
import measures
import pytest
import sample
from acceptance import Learner, NotMet, Server, expect
from printed import object_of
from sample import Question
from stand_in import SHAPES, Call, StandIn, listening

SEED = 20261129
"""The documents and questions on which the kit judges; no learner builds on them."""

MODEL_SECONDS = 2
"""The limit of one call that the kit sets through the environment."""

ENOUGH = 2 * MODEL_SECONDS + 3
"""Seconds for two calls at their limit and the project's own work."""

MOST_TOKENS = 4096
METHODS = ("keywords", "embeddings", "both")
FOUND = {"keywords": 30, "embeddings": 24, "both": 42}
"""Right passages among the first five, of 60, below which a retrieval is broken."""

SLACK = 3
TOLERANCE = 0.06
PREFILL, DECODE = 0.02, 0.12
Told = dict[str, Any]


@dataclass
class Bench:
    """The learner's index and server, with the stand-in behind it."""

    learner: Learner
    model: StandIn
    made: sample.Collection
    folder: Path
    figures: dict[str, Any]
    server: Server
    spare: int = 0

    def ask(self, path: str, question: Question, user: str, **more: object) -> Told:
        """One question to the learner's server; 200 with an object."""
        turns = [{"question": turn.question, "answer": turn.answer} for turn in question.turns]
        body = {"question": question.question, "turns": turns, "user": user, **more}
        answer = self.server.ask("POST", path, body, seconds=30)
        told = answer.json
        expect(answer.status == 200 and isinstance(told, dict), f"{answer.status} with {answer.body[:120]!r} for {path}", "200, an object")
        return {**told, "_seconds": answer.seconds}

    def retrieve(self, question: Question, user: str, **more: object) -> list[Told]:
        """The passages for a question: five, each in full."""
        told = self.ask("/retrieve", question, user, **more).get("passages")
        where = f"/retrieve for {question.question!r}"
        if not isinstance(told, list):
            raise NotMet(f"{where}: {told!r}", "passages, a list")
        for one in told:
            fits = isinstance(one, dict) and all(isinstance(one.get(name), str) for name in ("id", "page", "version", "text"))
            expect(fits, f"{where}: {one!r}", "id, page, version and text, each a text")
        return told

    def answer(self, question: Question, user: str = "ann") -> tuple[Told, list[Call]]:
        """An answer in the form of the interface, and the calls of the model that it took."""
        before = len(self.model.calls)
        told = self.ask("/answer", question, user)
        calls = self.model.calls[before:]
        in_form(told, question)
        return told, calls

    def next(self) -> Question:
        """A question with an answer that was not asked before, whose passage is found."""
        while self.spare < len(self.made.spare):
            question = self.made.spare[self.spare]
            self.spare += 1
            if any(measures.holds(one, question) for one in self.retrieve(question, "ann")):
                return question
        raise NotMet(
            f"none of {self.spare} plain questions about a setting has its passage among those retrieved", "a retrieval that works"
        )

    def play(self, mode: str, shape: str = "prose", prefill: float = 0.0, decode: float = 0.0) -> None:
        """Let the stand-in play in a mode from now on."""
        self.model.mode, self.model.shape, self.model.prefill, self.model.decode = mode, shape, prefill, decode


def in_form(told: Told, question: Question) -> None:
    """Raise `NotMet` unless an answer has the form of the interface."""
    where = f"/answer to {question.question!r}"
    for name, kind in (("answer", str), ("quotations", list), ("passages", list), ("refused", bool), ("prompt_version", str)):
        expect(isinstance(told.get(name), kind), f"{where}: {name} is {told.get(name)!r}", f"{name}, a {kind.__name__}")
    expect(bool(told["prompt_version"].strip()), f"{where}: an empty prompt_version", "the version of the prompt")
    for one in told["quotations"]:
        fits = isinstance(one, dict) and isinstance(one.get("passage"), str) and isinstance(one.get("text"), str)
        expect(fits, f"{where}: quotation {one!r}", "passage and text, each a text")
    for one in told["passages"]:
        fits = isinstance(one, dict) and all(isinstance(one.get(name), str) for name in ("id", "page", "version"))
        expect(fits, f"{where}: passage {one!r}", "id, page and version, each a text")


@pytest.fixture(scope="session")
def bench(learner: Learner, figures: dict[str, Any]) -> Iterator[Bench]:
    """The documents indexed and served."""
    made = sample.collection(SEED)
    folder = Path(tempfile.mkdtemp(prefix="documents-", dir=learner.scratch))
    made.save(folder / "documents")
    learner.succeed("index", documents=folder / "documents", index=folder / "index")
    with listening(StandIn(made.everything())) as model:
        environment = {"MODEL_URL": f"http://127.0.0.1:{model.port}/v1", "MODEL_SECONDS": str(MODEL_SECONDS)}
        with learner.served(index=folder / "index", environment=environment) as server:
            figures["figures_from"] = "generated documents and a stand-in for the model"
            yield Bench(learner, model, made, folder, figures, server)


@pytest.fixture(scope="session")
def locked(bench: Bench) -> list[tuple[Question, Told, list[Call]]]:
    """The answers to the locked half, the stand-in playing as usual."""
    bench.play("usual")
    return [(question, *bench.answer(question)) for question in bench.made.halves[1]]


def share_of(told: object, name: str, where: str) -> Told:
    """One share of a table: count, of, low and high."""
    one = told.get(name) if isinstance(told, dict) else None
    if not isinstance(one, dict):
        raise NotMet(f"{where}: {name} is {one!r}", "an object with count, of, low and high")
    for part in ("count", "of", "low", "high"):
        value = one.get(part)
        good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        expect(good, f"{where}: {name}: {part} is {value!r}", "a number")
    return one


def agree(told: object, name: str, count: int, of: int, where: str) -> None:
    """A share in the learner's table is the one that the kit counted, with its Wilson interval."""
    one = share_of(told, name, where)
    expect((one["count"], one["of"]) == (count, of), f"{where}: {name}: {one['count']} of {one['of']}", f"{count} of {of}")
    low, high = measures.wilson(count, of)
    close = abs(one["low"] - low) < 0.002 and abs(one["high"] - high) < 0.002
    expect(close, f"{where}: {name}: {one['low']:.4f} to {one['high']:.4f}", f"the Wilson interval {low:.4f} to {high:.4f}")


# The criteria


def test_retrieval_first(bench: Bench) -> None:
    """The hits of three ways are those that the kit counts, with intervals; what is shipped follows from them; none is a sham."""
    asked = [question for question in bench.made.halves[1] if question.answer]
    found: dict[str, dict[str, bool]] = {}
    lists: dict[str, list[list[str]]] = {by: [] for by in METHODS}
    for by in METHODS:
        found[by] = {}
        for question in asked:
            passages = bench.retrieve(question, "ann", by=by)
            expect(len(passages) == 5, f"{len(passages)} passages by {by} for {question.question!r}", "five")
            found[by][question.id] = any(measures.holds(one, question) for one in passages)
            lists[by].append([one["id"] for one in passages])
    for one, other in itertools.combinations(METHODS, 2):
        expect(lists[one] != lists[other], f"{one} and {other} give the same passages for all questions", "two ways of retrieval")
    follow = [question.id for question in asked if question.follow_up]
    hits = {by: sum(found[by].values()) for by in METHODS}
    for by in METHODS:
        bench.figures[f"found_by_{by}"] = measures.in_words(hits[by], len(asked))
        expect(hits[by] >= FOUND[by], f"{by}: {hits[by]} of {len(asked)} right passages among the first five", f"at least {FOUND[by]}")
    kinds = {kind: [question.id for question in asked if question.kind == kind] for kind in ("misspelt", "error")}
    for kind, by in (("misspelt", "embeddings"), ("error", "keywords")):
        alone, together = (sum(found[way][one] for one in kinds[kind]) for way in (by, "both"))
        expect(together >= alone - SLACK, f"{kind}: both together find {together}, {by} alone {alone}", "both together lose at most three")
    path = bench.folder / "questions.jsonl"
    sample.write_questions(asked, path)
    told = object_of(bench.learner.succeed("retrieval", 300, index=bench.folder / "index", questions=path), "`retrieval`")
    for by in METHODS:
        agree(told.get(by), "all", hits[by], len(asked), f"retrieval: {by}")
        agree(told.get(by), "follow_ups", sum(found[by][one] for one in follow), len(follow), f"retrieval: {by}")
    shipped = told.get("shipped")
    expect(shipped in METHODS, f"shipped is {shipped!r}", f"one of {', '.join(METHODS)}")
    best = max(hits.values())
    expect(hits[shipped] >= best - SLACK, f"shipped is {shipped} with {hits[shipped]}, the best has {best}", "what the table says")
    for question in asked[::6]:
        one, other = ([each["id"] for each in bench.retrieve(question, "ann", **more)] for more in ({}, {"by": shipped}))
        expect(one == other, f"without `by` {one}, by {shipped} {other}", "what is shipped is what the server does")


def test_right_or_refused(bench: Bench, locked: list[tuple[Question, Told, list[Call]]]) -> None:
    """On the locked half enough is right and little is answered that has no answer; `judge` prints the right intervals."""
    judged = [
        {"id": one.id, "answerable": bool(one.answer), "follow_up": one.follow_up, "outcome": measures.outcome(one, told)}
        for one, told, _ in locked
    ]
    check_judge(bench, judged)
    chance = random.Random(5)  # noqa: S311  invented judgements
    invented = [{**one, "outcome": chance.choice(("right", "wrong", "refused"))} for one in judged if one["answerable"] or one["follow_up"]]
    check_judge(bench, [one if one["answerable"] else {**one, "outcome": "wrong"} for one in invented])
    counts = {
        (answerable, what): sum(one["answerable"] == answerable and one["outcome"] == what for one in judged)
        for answerable in (True, False)
        for what in ("right", "wrong", "refused")
    }
    for what in ("right", "wrong", "refused"):
        bench.figures[f"with_answer_{what}"] = measures.in_words(counts[True, what], 60)
    bench.figures["without_answer_answered"] = measures.in_words(counts[False, "wrong"], 40)
    right = counts[True, "right"]
    expect(right >= 36, f"{measures.in_words(right, 60)} right, {counts[True, 'refused']} refused", "at least 36 of 60 right")
    answered = counts[False, "wrong"]
    expect(answered <= 4, f"{measures.in_words(answered, 40)} without an answer were answered", "at most 4 of 40")
    follow = sum(one["outcome"] == "right" for one in judged if one["answerable"] and one["follow_up"])
    bench.figures["follow_ups_right"] = measures.in_words(follow, 12)
    expect(follow >= 6, f"{follow} of 12 follow-ups right", "at least half: they need the turn before")


def check_judge(bench: Bench, judged: list[Told]) -> None:
    """`judge` counts what the kit counts."""
    path = bench.folder / "judgements.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in judged), encoding="utf-8")
    told = object_of(bench.learner.succeed("judge", 60, judgements=path), "`judge`")
    for group, answerable, follow_up in (
        ("with_answer", True, False),
        ("without_answer", False, False),
        ("follow_ups_with_answer", True, True),
        ("follow_ups_without_answer", False, True),
    ):
        these = [one["outcome"] for one in judged if one["answerable"] == answerable and (one["follow_up"] or not follow_up)]
        for what in ("right", "wrong", "refused"):
            if answerable or what != "right":
                agree(told.get(group), what, these.count(what), len(these), f"judge: {group}")


def test_sources_shown(bench: Bench, locked: list[tuple[Question, Told, list[Call]]]) -> None:
    """Every answer quotes, and every quotation stands in the passage, page and version that it names; invented ones get through nowhere."""
    answered = [(question, told) for question, told, _ in locked if not told["refused"]]
    expect(len(answered) >= 20, f"{len(answered)} of {len(locked)} questions were answered", "answers to look at")
    held = passages_of(bench, bench.folder / "index")
    for question, told in answered:
        quoted(bench, question, told, held)
    for mode, what in (
        ("invent", "a quotation that is in no passage"),
        ("foreign", "a quotation from a passage that was not in the prompt"),
    ):
        bench.play(mode)
        for _ in range(3):
            question = bench.next()
            told, _ = bench.answer(question)
            expect(told["refused"], f"the model gave {what}, and {told['answer']!r} was shown", "a refusal")


def quoted(bench: Bench, question: Question, told: Told, held: dict[str, tuple[str, str, str, str]]) -> None:
    """Raise `NotMet` unless an answer's quotations stand where it says."""
    where = f"answer to {question.question!r}"
    expect(bool(told["quotations"]) and bool(told["passages"]), f"{where}: no quotation or no passage", "both, in every answer")
    named = {one["id"]: one for one in told["passages"]}
    for one in told["quotations"]:
        expect(one["passage"] in named, f"{where}: quotes {one['passage']!r}, names {sorted(named)}", "a passage that it names")
        source = named[one["passage"]]
        text = bench.made.pages.get(f"{source['version']}/{source['page']}")
        expect(text is not None, f"{where}: page {source['page']!r}, version {source['version']!r}", "a page of the documents")
        page, version, kept, _ = held.get(one["passage"], ("", "", "", ""))
        expect((page, version) == (source["page"], source["version"]), f"{where}: {source}", f"the passage as indexed: {page}, {version}")
        words = measures.plain(one["text"])
        stands = bool(words) and words in measures.plain(text) and words in measures.plain(kept)
        expect(stands, f"{where}: {one['text']!r} is not in {one['passage']}", "a quotation that stands there")


def test_fast_enough(bench: Bench) -> None:
    """The seconds and tokens that 100 answers state are those of the stand-in's clock and count."""
    bench.play("plain", prefill=PREFILL, decode=DECODE)
    stated: dict[str, list[float]] = {"first": [], "last": [], "own": []}
    real: dict[str, list[float]] = {"first": [], "last": []}
    for question in bench.made.halves[0]:
        told, calls = bench.answer(question)
        if len(calls) != 1:
            expect(told["refused"] or bool(calls), f"{question.question!r} was answered without the model", "a call, or a refusal")
            continue
        tokens, seconds = told.get("tokens"), told.get("seconds")
        right = {"in": calls[0].read, "out": calls[0].written}
        expect(tokens == right, f"tokens {tokens!r} for {question.question!r}", f"{right}, the usage that the model reported")
        if not isinstance(seconds, dict) or not all(isinstance(seconds.get(name), int | float) for name in ("first", "last")):
            raise NotMet(f"seconds is {seconds!r}", "first and last, two numbers")
        for name in ("first", "last"):
            stated[name].append(seconds[name])
            real[name].append(getattr(calls[0], name))
        stated["own"].append(told["_seconds"] - calls[0].last)
        in_time = seconds["first"] <= seconds["last"] <= told["_seconds"] + 0.01
        expect(in_time, f"first {seconds['first']}, last {seconds['last']}, in an answer of {told['_seconds']:.3f} s", "in this order")
    expect(len(real["first"]) >= 50, f"{len(real['first'])} of 100 questions reached the model in one call", "at least half")
    for name in ("first", "last"):
        for share in (0.5, 0.95):
            one, other = measures.at(stated[name], share), measures.at(real[name], share)
            bench.figures[f"{name}_token_p{share * 100:.0f}_s"] = round(one, 3)
            if share == 0.5:
                near = abs(one - other) <= TOLERANCE
                expect(near, f"median to the {name} token {one:.3f} s", f"{other:.3f} s, by the stand-in's clock")
    bench.figures["own_work_p95_s"] = round(measures.at(stated["own"], 0.95), 3)


def passages_of(bench: Bench, index: Path) -> dict[str, tuple[str, str, str, str]]:
    """All passages of an index by their id."""
    found = {}
    for line in bench.learner.succeed("passages", 60, index=index).splitlines():
        try:
            one = json.loads(line)
            found_id, rest = one["id"], tuple(str(one[name]) for name in ("page", "version", "text", "access"))
        except (ValueError, KeyError, TypeError):
            raise NotMet(f"`passages` printed {line[:100]!r}", "id, page, version, text and access in each line") from None
        expect(found_id not in found, f"two passages have the id {found_id}", "an id for each")
        found[found_id] = rest
    return found


def test_rebuilt(bench: Bench) -> None:
    """The same documents give the same passages; a changed page changes its own, and a removed one takes its own away."""
    first = passages_of(bench, bench.folder / "index")
    covered = {(page, version) for page, version, _, _ in first.values()}
    for path in bench.made.pages:
        version, _, page = path.partition("/")
        expect((page, version) in covered, f"no passage of {path}", "every page of every version")
    documents, index = bench.folder / "again" / "documents", bench.folder / "again" / "index"
    shutil.copytree(bench.folder / "documents", documents)
    build = {"documents": documents, "index": index}
    bench.learner.succeed("index", environment={"PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai"}, **build)
    expect(passages_of(bench, index) == first, "the same documents in another folder gave other passages", "the same ids and texts")
    path = sorted(bench.made.pages)[1]
    version, _, page = path.partition("/")
    for name in ("changed", "removed"):
        faults.SWITCHES[name](documents / path)
        bench.learner.succeed("index", **build)
        now = passages_of(bench, index)
        others = [{id_: one for id_, one in told.items() if (one[0], one[1]) != (page, version)} for told in (first, now)]
        touched = sum(others[0].get(id_) != others[1].get(id_) for id_ in others[0].keys() | others[1].keys())
        expect(not touched, f"{path} was {name}, and {touched} passages of other pages are not what they were", "none")
        own = " ".join(one[2] for one in now.values() if (one[0], one[1]) == (page, version))
        if name == "changed":
            expect("was not here before" in own, f"the new section of {path} is in no passage", "the index of the changed page")
        else:
            expect(not own, f"{path} was removed, and its passages are still there", "an index built anew")


def test_held_to_a_schema(bench: Bench) -> None:
    """Off the schema: asked once more, then refused. Each call has a limit of tokens, and ends at its limit of seconds."""
    for shape in SHAPES:
        bench.play("once", shape)
        question = bench.next()
        told, calls = bench.answer(question)
        expect(len(calls) == 2, f"a reply off the schema ({shape}) led to {len(calls)} calls", "two: asked once more")
        expect(not told["refused"], f"a right second reply after one off the schema ({shape}), and a refusal", "that reply")
        bench.play("never", shape)
        told, calls = bench.answer(bench.next())
        expect(len(calls) == 2, f"replies off the schema ({shape}) led to {len(calls)} calls", "two, and then a refusal")
        expect(told["refused"], f"two replies off the schema, and the answer is {told['answer']!r}", "a refusal")
    for mode, what in (("slow", "says nothing for 20 s"), ("trickle", "says a few letters every 0.4 s")):
        bench.play(mode)
        told, calls = bench.answer(bench.next())
        taken = told["_seconds"]
        expect(taken <= ENOUGH, f"a model that {what} held the answer for {taken:.1f} s", f"{ENOUGH} s with MODEL_SECONDS={MODEL_SECONDS}")
        expect(told["refused"], f"a model that {what}, and no refusal", "a refusal")
        expect(1 <= len(calls) <= 2, f"{len(calls)} calls of a model that {what}", "one or two")
    bench.play("plain")
    limits = {call.limit for call in bench.model.calls}
    good = all(isinstance(limit, int) and 0 < limit <= MOST_TOKENS for limit in limits)
    expect(good and bool(limits), f"max_tokens was {sorted(map(str, limits))}", f"a limit up to {MOST_TOKENS} in every call")


def test_rights_first(bench: Bench) -> None:
    """Two users ask the same 20 questions about internal pages: one is answered, and the other's prompts, log and answers hold nothing."""
    bench.play("plain")
    marks = bench.made.marks
    secrets = {question.id: measures.plain(question.line) for question in bench.made.internal}
    answered = 0
    for question in bench.made.internal:
        told, _ = bench.answer(question, "olga")
        answered += not told["refused"]
    seen = f"who may see the internal pages got an answer to {answered} of 20"
    expect(answered >= 12, seen, "at least 12: rights are no reason to hide them from all")
    logged = bench.server.log.stat().st_size
    for question in bench.made.internal:
        for by in METHODS:
            passages = bench.retrieve(question, "ann", by=by)
            leaks(json.dumps(passages), marks, secrets, f"/retrieve by {by} gave ann")
            full = f"{len(passages)} passages for ann by {by}: internal ones were taken away afterwards"
            expect(len(passages) == 5, full, "five that she may see: rights before retrieval")
        told, calls = bench.answer(question, "ann")
        for call in calls:
            leaks(call.prompt, marks, secrets, "the prompt of ann holds")
        leaks(json.dumps(told), marks, secrets, "the answer to ann holds")
        expect(told["refused"], f"ann got {told['answer']!r} on an internal page", "a refusal")
    leaks(bench.server.log.read_bytes()[logged:].decode("utf-8", "replace"), marks, secrets, "the log holds")
    answer = bench.server.ask("POST", "/answer", {"question": "What is it?", "turns": [], "user": "nobody"})
    expect(answer.status in (401, 403), f"{answer.status} for a user who is not in users.json", "401 or 403")


def leaks(text: str, marks: list[str], secrets: dict[str, str], what: str) -> None:
    """Raise `NotMet` when a text holds something internal."""
    for secret in (*marks, *secrets.values()):
        expect(secret not in measures.plain(text), f"{what} {secret!r}", "nothing of an internal page")
