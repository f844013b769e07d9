"""Routes, levels and projects hang together: no skill without proof, no route with a jump, none that ends short."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from catalogue import ROOT, STAGES, Record, load_once
from words import LEVELS

RECORDS = load_once(ROOT)
PROJECTS = {record.id: record for record in RECORDS.kinds["projects"]}
SKILLS = {record.id: record for record in RECORDS.kinds["skills"]}
HOURS_A_WEEK = {"career-changer": 15}
WEEKS = {"week-1": 1, "month-1": 4, "month-3": 13, "month-6": 26, "year-1": 52}

routes = pytest.mark.parametrize("route", RECORDS.kinds["routes"], ids=lambda record: record.id)


def climb(route: Record) -> Iterator[tuple[str, str, int, int]]:
    """Every step up on a route: where, which skill, from which rank to which."""
    have = {claim["skill"]: LEVELS.index(claim["level"]) for claim in route.brings}
    for stage in route.stages:
        steps = [(stage["when"], stage.get("learns", []))]
        steps += [(f"{stage['when']}, {project}", PROJECTS[project].proves) for project in stage.get("projects", [])]
        for where, claims in steps:
            for claim in claims:
                rank = LEVELS.index(claim["level"])
                yield where, claim["skill"], have.get(claim["skill"], 0), rank
                have[claim["skill"]] = max(have.get(claim["skill"], 0), rank)


def proven(skill: str) -> int:
    """The highest rank at which some project proves a skill."""
    return max(
        (LEVELS.index(claim["level"]) for project in PROJECTS.values() for claim in project.proves if claim["skill"] == skill), default=0
    )


@pytest.mark.parametrize("skill", SKILLS)
def test_every_skill_is_proven_or_says_why_not(skill: str) -> None:
    """A project proves each skill as far as a senior is expected to be; where none does, and only there, the skill says so in `no_rung`."""
    assert (proven(skill) < LEVELS.index(SKILLS[skill].expected["senior"])) == bool(SKILLS[skill].no_rung)


@pytest.mark.parametrize("skill", SKILLS)
def test_what_an_entry_level_engineer_needs_has_a_project(skill: str) -> None:
    """Nobody is told of a gap on the way to the first job that nothing here can close: reading reaches awareness, a project the rest."""
    assert max(proven(skill), LEVELS.index("awareness")) >= LEVELS.index(SKILLS[skill].expected["entry"])


@pytest.mark.parametrize("skill", SKILLS)
def test_expectations_never_fall(skill: str) -> None:
    """A senior is expected to reach at least what a mid is, and a mid what an entry-level engineer is."""
    ranks = [LEVELS.index(SKILLS[skill].expected[role]) for role in ("entry", "mid", "senior")]
    assert ranks == sorted(ranks)
    assert ranks[-1] > 0


@routes
def test_a_route_has_all_its_stages(route: Record) -> None:
    """First week, first 90 days and first year, each with a step and a result."""
    assert [stage["when"] for stage in route.stages] == list(STAGES)


@routes
def test_a_route_rises_without_a_jump(route: Record) -> None:
    """No project and no reading asks for more than one level above what the reader has by then."""
    assert [step for step in climb(route) if step[3] > step[2] + 1] == []


@routes
def test_reading_alone_proves_nothing(route: Record) -> None:
    """What is learnt by reading reaches awareness; more takes a project."""
    assert [claim for stage in route.stages for claim in stage.get("learns", []) if claim["level"] != "awareness"] == []


@routes
def test_a_route_reaches_the_entry_level(route: Record) -> None:
    """At its end every skill stands at least where an entry-level engineer is expected."""
    have = {claim["skill"]: LEVELS.index(claim["level"]) for claim in route.brings}
    for _, skill, _, rank in climb(route):
        have[skill] = max(have.get(skill, 0), rank)
    assert {s: r.expected["entry"] for s, r in SKILLS.items() if have.get(s, 0) < LEVELS.index(r.expected["entry"])} == {}


@routes
def test_the_projects_of_a_route_fit_its_time(route: Record) -> None:
    """At the hours a week that the guide assumes, the projects so far fit into each stage, half-way between their two estimates.

    The other hours of the stage are for what is read and written beside them.
    """
    spent = 0.0
    for stage in route.stages:
        spent += sum(sum(PROJECTS[project].hours) / 2 for project in stage.get("projects", []))
        assert spent <= 0.9 * WEEKS[stage["when"]] * HOURS_A_WEEK.get(route.id, 10), stage["when"]


@routes
def test_a_project_is_done_once_and_upwards(route: Record) -> None:
    """No project stands on a route twice, and a year holds at most nine."""
    done = [project for stage in route.stages for project in stage.get("projects", [])]
    assert len(done) == len(set(done))
    assert 4 <= len(done) <= 9


@routes
def test_a_title_with_ai_in_it_takes_two_projects_on_language_models(route: Record) -> None:
    """A route that offers the title of AI engineer includes answers from documents and a system that acts."""
    done = [project for stage in route.stages for project in stage.get("projects", [])]
    if any("AI engineer" in title["title"]["en"] for title in route.titles):
        assert "answers-from-documents" in done
        assert {"guarded-assistant", "measured-agent"} & set(done)


def test_every_rung_is_on_a_route() -> None:
    """A project that no route leads to is a project that nobody does."""
    done = {project for route in RECORDS.kinds["routes"] for stage in route.stages for project in stage.get("projects", [])}
    assert set(PROJECTS) - done == set()


def test_the_ladder_is_complete() -> None:
    """Eight to fifteen rungs without a gap, at least two for language models, each with a page of its own."""
    assert [project.order for project in PROJECTS.values()] == list(range(1, len(PROJECTS) + 1))
    assert 8 <= len(PROJECTS) <= 15
    assert sum(project.about == "language-model" for project in PROJECTS.values()) >= 2
    for kind in ("projects", "routes"):
        pages = {path.stem for path in (ROOT / "docs/en" / kind).glob("*.md")} - {"index"}
        assert pages == {record.id for record in RECORDS.kinds[kind]}


@pytest.mark.parametrize("skill", SKILLS)
def test_levels_begin_alike(skill: str) -> None:
    """Every level is a sentence about what one can do, in both languages."""
    for level, words in SKILLS[skill].levels.items():
        assert words["en"].startswith("You can "), (skill, level)
        assert words["en"].endswith("."), (skill, level)
        assert words["zh"].startswith("你能"), (skill, level)


UNSEEN = re.compile(r"You can (?:understand|know|appreciate|grasp|master|be familiar)\b|你能(?:了解|理解|熟悉|掌握|精通)")
"""Beginnings of a sentence that nobody can check by looking."""


@pytest.mark.parametrize("skill", SKILLS)
def test_levels_name_what_can_be_seen(skill: str) -> None:
    """A level says what one does, not what one has in one's head."""
    assert [(level, text) for level, words in SKILLS[skill].levels.items() for text in words.values() if UNSEEN.match(text)] == []


@pytest.mark.parametrize("project", PROJECTS)
def test_every_rung_says_how_our_own_run_went(project: str) -> None:
    """Or why there is none yet; a rung with a kit has one, with its day and machine."""
    record = PROJECTS[project]
    assert record.tried, project
    if record.kit:
        assert {"on", "machine", "says"} <= set(record.tried), project
