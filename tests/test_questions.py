"""The question bank and the design interviews: complete by skill and level, their code runs, their sums are right."""

from __future__ import annotations

import ast
import operator
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from types import ModuleType

import pytest
from catalogue import ROOT, Record, load_once
from words import program

RECORDS = load_once(ROOT).kinds
QUESTIONS = RECORDS["questions"]
DESIGNS = RECORDS["designs"]
CODE = [question for question in QUESTIONS if question.code]
ROLES = ("entry", "mid", "senior")


def named(record: Record) -> str:
    """A record's id, to name a test by."""
    return record.id


def test_the_bank_is_large_and_mixed() -> None:
    """At least 150 questions, a third of them with code, of every round that an interview has."""
    assert len(QUESTIONS) >= 150
    assert len(CODE) >= len(QUESTIONS) / 3
    assert min(Counter(question.round for question in QUESTIONS).values()) >= 5


@pytest.mark.parametrize("skill", RECORDS["skills"], ids=named)
def test_every_skill_is_asked_at_each_level_that_is_expected(skill: Record) -> None:
    """A question at every level that a role is expected to have, and for a talk between two what counts and what comes next."""
    expected = {skill.expected[role] for role in ROLES} - {"none"}
    assert {question.level for question in QUESTIONS if question.skill == skill.id} == expected
    assert set(skill.evidence) == set(skill.quarter) == expected


@pytest.mark.parametrize("question", CODE, ids=named)
def test_the_code_of_an_answer_runs(question: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs, holds assertions, and they hold."""
    tree = ast.parse(question.code)
    assert [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    module = ModuleType(question.id)
    monkeypatch.setitem(sys.modules, question.id, module)  # where a dataclass looks for itself
    with ThreadPoolExecutor(1) as thread:  # of its own: beside a browser's event loop asyncio.run would be refused
        thread.submit(exec, compile(tree, question.id, "exec"), module.__dict__).result()  # our own records


def test_code_is_shown_as_it_stands() -> None:
    """What a page shows of a program is its text, on one line of HTML."""
    html = program("a = '<b>'\n\nb = 1\n")
    assert "\n" not in html
    assert "&lt;b&gt;" in html
    assert html.count("&#10;") >= 2


@pytest.mark.parametrize("field", ["asks", "answer", "judged", "wrong"])
@pytest.mark.parametrize("edition", ["en", "zh"])
def test_no_text_stands_twice(edition: str, field: str) -> None:
    """Each text is written for its question."""
    texts = Counter(question.values[field][edition] for question in QUESTIONS)
    assert [text for text, times in texts.items() if times > 1] == []


# -- design interviews ----------------------------------------------------------------------------------------------------------

SIGNS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Pow: operator.pow}


def value(node: ast.AST) -> float:
    """What a sum of numbers comes to."""
    if isinstance(node, ast.Expression):
        return value(node.body)
    if isinstance(node, ast.BinOp):
        return float(SIGNS[type(node.op)](value(node.left), value(node.right)))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -value(node.operand)
    assert isinstance(node, ast.Constant)
    return float(node.value)  # type: ignore[arg-type]  # a number, by the schema's pattern


@pytest.mark.parametrize("design", DESIGNS, ids=named)
def test_sums_are_right(design: Record) -> None:
    """What a sum comes to is what the record says, within five per cent."""
    for one in design.numbers:
        assert value(ast.parse(one["works"], mode="eval")) == pytest.approx(one["value"], rel=0.05), one["works"]


@pytest.mark.parametrize("design", DESIGNS, ids=named)
def test_the_walk_fills_the_time(design: Record) -> None:
    """Its parts follow each other from the beginning to the 45th minute."""
    parts = [tuple(map(int, part["minutes"].split("–"))) for part in design.walk]
    assert (parts[0][0], parts[-1][1]) == (0, 45)
    assert all(before[1] == after[0] for before, after in pairwise(parts))


def test_two_interviews_are_told_in_full() -> None:
    """At least ten problems; two with the whole conversation, in which time goes on and the margin speaks often."""
    assert len(DESIGNS) >= 10
    told = [design for design in DESIGNS if design.transcript]
    assert len(told) >= 2
    for design in told:
        times = [turn["at"] for turn in design.transcript]
        assert times == sorted(times)
        assert {turn["who"] for turn in design.transcript} == {"interviewer", "candidate"}
        assert sum("note" in turn for turn in design.transcript) >= len(times) / 3
