"""The defence: every project is asked, by several of its criteria, and no question twice."""

from __future__ import annotations

from collections import Counter

import pytest
from catalogue import ROOT, Record, load_once

RECORDS = load_once(ROOT).kinds
PROJECTS = RECORDS["projects"]
QUESTIONS = RECORDS["defence"]


@pytest.mark.parametrize("project", PROJECTS, ids=lambda record: record.id)
def test_every_project_has_its_defence(project: Record) -> None:
    """Eight to ten questions, carried by at least five criteria."""
    asked = [question for question in QUESTIONS if question.project == project.id]
    assert 8 <= len(asked) <= 10
    assert len({question.by for question in asked}) >= 5


@pytest.mark.parametrize("edition", ["en", "zh"])
def test_no_question_or_answer_stands_twice(edition: str) -> None:
    """Each text is written for its question."""
    texts = Counter(question.values[field][edition] for question in QUESTIONS for field in ("asks", "weak", "good", "senior", "follow_up"))
    assert [text for text, times in texts.items() if times > 1] == []
