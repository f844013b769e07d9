"""An answer: held to a schema, its quotations checked, or a refusal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from answers import model
from answers.passages import Passage
from answers.search import Search

TRIES = 2


def on_schema(text: str) -> dict[str, Any] | None:
    """The reply as an object, or None when it is off the schema."""
    try:
        told = json.loads(text)
    except ValueError:
        return None
    fits = (
        isinstance(told, dict)
        and set(told) == {"answer", "quotations", "refused"}
        and isinstance(told["answer"], str)
        and isinstance(told["refused"], bool)
        and isinstance(told["quotations"], list)
        and all(
            isinstance(one, dict) and isinstance(one.get("passage"), str) and isinstance(one.get("text"), str) for one in told["quotations"]
        )
    )
    return told if fits else None


def plain(text: str) -> str:
    """Text with single spaces."""
    return " ".join(text.split())


def grounded(told: dict[str, Any], passages: Sequence[Passage]) -> bool:
    """True when the quotations stand in the passages of the prompt."""
    texts = {one.id: plain(one.text) for one in passages}
    return bool(told["quotations"]) and all(plain(one["text"]) in texts.get(one["passage"], "") for one in told["quotations"])


class Answers:
    """Answers for users, with a cache that knows their rights."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.cache: dict[Any, dict[str, Any]] = {}

    def answer(self, question: str, turns: Sequence[dict[str, Any]], groups: Sequence[str]) -> dict[str, Any]:
        """One answer, from the cache or new."""
        key = (question, json.dumps(turns), tuple(sorted(groups)))
        if key not in self.cache:
            self.cache[key] = self.fresh(question, turns, groups)
        return self.cache[key]

    def fresh(self, question: str, turns: Sequence[dict[str, Any]], groups: Sequence[str]) -> dict[str, Any]:
        """A new answer."""
        passages = self.search.find(question, turns, groups)
        text = model.prompt(question, turns, passages)
        told, first, last, read, written = None, None, None, 0, 0
        for _ in range(TRIES):
            try:
                reply = model.ask(text)
            except OSError:
                break
            first, last, read, written = reply.first, reply.last, read + reply.read, written + reply.written
            told = on_schema(reply.text)
            if told is not None:
                break
        if told is None or told["refused"] or not grounded(told, passages):
            told = {"answer": "", "quotations": [], "refused": True}
        return {
            **told,
            "passages": [{"id": one.id, "page": one.page, "version": one.version} for one in passages],
            "prompt_version": model.PROMPT_VERSION,
            "tokens": {"in": read, "out": written},
            "seconds": {"first": first, "last": last},
        }
