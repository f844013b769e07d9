"""Hostile contributions of every kind are refused, and a browser that knows nothing of the gate sees nothing in what passes.

All attacks on chapters and all that records let in stand in one copy of the guide, which is built once with the gate told to let
everything by.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import build_site
import catalogue
import jinja2
import oracle
import pytest
from allowed import Rules
from attacks import ATTACKS, BY_TECHNIQUE, FIXTURES, LINES_OF_HEAD, ON_CHAPTERS, ON_RECORDS, Attack, apply, bare_tree, chapter, named, real
from check_hostile import check as check_hostile
from check_output import Sources, check_chapters, judge_file, judge_fragment, source_of
from conftest import ROOT, SETTINGS
from findings import Problem, table
from guides import copy_guide, with_few_records
from playwright.sync_api import Browser
from templates import templates
from words import read_words


def test_the_attacks_are_many_and_told_apart() -> None:
    """At least eight of each technique, each with a name of its own; what is asked of a finding is a kind of finding."""
    assert [name for name, times in Counter(map(named, ATTACKS)).items() if times > 1] == []
    assert len(BY_TECHNIQUE) >= 20
    assert {technique: len(found) for technique, found in BY_TECHNIQUE.items() if len(found) < 8} == {}
    assert {attack["says"] for attack in ATTACKS if "says" in attack} <= set(table())


# -- one build with everything in it ----------------------------------------------------------------------------------------------

KEPT = {"about/tools.md", "certifications/catalogue.md", "community.md", "glossary.md", "index.md", "reading.md", "role.md"}
KEPT |= {"routes/backend-developer.md", "skills/systems.md"}
"""Pages that show records; all others are as short as a page can be."""

PAGES = sorted(f"{name.removesuffix('.md')}.html" for name in KEPT)

SHORT = """---
title: Page {number}
description: A page that is here so that links lead somewhere, and that says nothing, number {number}.
verified: 2026-11-20
---
# Page {number}
"""


@dataclass(frozen=True)
class World:
    """The guide with all attacks in it, what the gate said about it, and what was built all the same."""

    root: Path
    site: Path
    chapters: Mapping[str, Attack]
    problems: list[Problem]
    of_records: list[Problem]
    refused_records: Mapping[str, list[Problem]]
    lines: Mapping[str, int]


def refused_on_loading(root: Path) -> tuple[dict[str, list[Problem]], dict[str, int]]:
    """Make all changes of records; take those back that stop the records from loading, until the rest load.

    Returns the problems of those that were taken back, by name, and the line of each change.
    """
    untouched = {path: path.read_bytes() for path in (root / "docs/data").glob("*.yml")}
    refused: dict[str, list[Problem]] = {}
    while True:
        for path, content in untouched.items():
            path.write_bytes(content)
        lines = {named(attack): (attack["file"], apply(root, attack)) for attack in ON_RECORDS if named(attack) not in refused}
        found: dict[tuple[str, int], list[Problem]] = defaultdict(list)
        try:
            catalogue.load(root, catalogue.today_from(os.environ))
        except catalogue.CatalogueError as error:
            for problem in error.problems:
                found[problem.file, problem.line].append(problem)
        blamed = {name: found[place] for name, place in lines.items() if place in found}
        assert bool(blamed) == bool(found), found
        if not found:
            return refused, {name: line for name, (_, line) in lines.items()}
        refused |= blamed


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """All attacks on chapters and records in one copy of the guide, built although the gate says no."""
    folder = tmp_path_factory.mktemp("world")
    root = with_few_records(copy_guide(folder / "guide"))
    for number, path in enumerate(sorted((root / "docs").glob("*/**/*.md"))):
        if path.relative_to(root / "docs").as_posix().partition("/")[2] not in KEPT or "docs/zh" in path.as_posix():
            path.write_text(SHORT.format(number=number), encoding="utf-8")
    for name in ("mkdocs.yml", "mkdocs.zh.yml"):
        text = re.sub(r"\nnav:\n(?: .*\n)+", "\nnav: [index.md]\n", (root / name).read_text(encoding="utf-8"))
        (root / name).write_text(text.replace("strict: true", "strict: false"), encoding="utf-8")
    refused, lines = refused_on_loading(root)
    chapters = {}
    for number, attack in enumerate(ON_CHAPTERS, 1):
        if attack.get("builds", True):
            chapters[f"attack-{number}"] = attack
            (root / f"docs/en/attack-{number}.md").write_text(chapter(attack, number), encoding="utf-8", newline="")
    shutil.copy(FIXTURES / "honest.md", root / "docs/en/certifications/honest.md")
    problems: list[Problem] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_site, "judged", problems.extend)
        build_site.build(root, folder / "site", SETTINGS)
    rules, sources = Rules(root), Sources(root)
    pages = {page: judge_file(folder / "site" / page, folder / "site", rules) for page in PAGES}
    of_records = [Problem(*sources.find(one.clues, source_of(page, root)), "", one.said) for page, ones in pages.items() for one in ones]
    of_records += [problem for problem in check_hostile(root) if problem.file.startswith("docs/data/")]
    return World(root, folder / "site", chapters, problems, of_records, refused, lines)


@pytest.fixture(scope="module")
def found(world: World) -> dict[str, list[Problem]]:
    """What the gate says of each chapter, those included that no builder can build, and of each file."""
    by_file: dict[str, list[Problem]] = defaultdict(list)
    for problem in world.problems:
        if not (problem.said.kind == "output_file" and "zh/" in str(problem)):  # the attacks have no twins, and each page leads to its own
            by_file[problem.file].append(problem)
    return by_file


@pytest.fixture(scope="module")
def unbuilt(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Problem]]:
    """What the gate says of the chapters on which a builder ends."""
    root = tmp_path_factory.mktemp("unbuilt")
    (root / "docs/en").mkdir(parents=True)
    shutil.copytree(ROOT / "docs/data", root / "docs/data")
    shutil.copytree(ROOT / "scripts", root / "scripts")
    shutil.copy(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    by_name: dict[str, list[Problem]] = defaultdict(list)
    names = {}
    for number, attack in enumerate(ON_CHAPTERS, 1):
        if not attack.get("builds", True):
            names[f"docs/en/attack-{number}.md"] = named(attack)
            (root / f"docs/en/attack-{number}.md").write_text(chapter(attack, number), encoding="utf-8", newline="")
    for problem in [*check_hostile(root), *check_chapters(root, Rules(ROOT))]:
        if problem.file in names:
            by_name[names[problem.file]].append(problem)
    return by_name


@pytest.mark.parametrize("number", range(1, len(ON_CHAPTERS) + 1), ids=lambda number: named(ON_CHAPTERS[number - 1]))
def test_a_chapter_is_refused(world: World, found: Mapping[str, list[Problem]], unbuilt: Mapping[str, list[Problem]], number: int) -> None:
    """The finding names the chapter; where that is certain, line and kind too. What passes does so on purpose."""
    attack = ON_CHAPTERS[number - 1]
    problems = found[f"docs/en/attack-{number}.md"] if f"attack-{number}" in world.chapters else unbuilt[named(attack)]
    if "by_design" in attack:
        assert [str(problem) for problem in problems] == []
        return
    wanted = [problem for problem in problems if attack.get("says", problem.said.kind) == problem.said.kind]
    wanted = [problem for problem in wanted if "line" not in attack or problem.line == attack["line"] + LINES_OF_HEAD]
    assert wanted, [str(problem) for problem in problems]


@pytest.mark.parametrize("attack", ON_RECORDS, ids=named)
def test_a_record_is_refused(world: World, attack: Attack) -> None:
    """A change of records or words is refused at its line, when the records load or on the built page; or it comes to nothing."""
    problems = world.refused_records.get(named(attack)) or [
        problem for problem in world.of_records if (problem.file, problem.line) == (attack["file"], world.lines[named(attack)])
    ]
    if "by_design" in attack:
        assert [str(problem) for problem in problems] == []
    else:
        assert [problem for problem in problems if attack.get("says", problem.said.kind) == problem.said.kind], world.of_records


def test_an_honest_page_passes(world: World, found: Mapping[str, list[Problem]]) -> None:
    """Every construct that contributors are told of, and that chapters use, passes."""
    assert [str(problem) for problem in found["docs/en/certifications/honest.md"]] == []
    assert "<h2 id=a-table>" in (world.site / "certifications/honest.html").read_text(encoding="utf-8")


POLICY = re.compile(r'<meta http-equiv="?Content-Security-Policy"? content="[^"]*">')


@pytest.fixture(scope="module")
def seen(world: World, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[str]]]:
    """What the browser sees on each page without the policy and with it, by the page's name; less what it sees on an honest page."""
    names = [f"{name}.html" for name in world.chapters] + ["certifications/honest.html", "plan.html", *PAGES]
    bare = tmp_path_factory.mktemp("bare") / "site"
    shutil.copytree(world.site, bare)
    for page in bare.rglob("*.html"):
        page.write_text(POLICY.sub("", page.read_text(encoding="utf-8"), count=1), encoding="utf-8")
    told = {"without": oracle.look(browser, bare, names)}
    usual = {*told["without"]["certifications/honest.html"], *told["without"]["plan.html"]}
    told["with"] = oracle.look(browser, world.site, [name for name in names if set(told["without"][name]) - usual])
    return {how: {name: [one for one in ones if one not in usual] for name, ones in pages.items()} for how, pages in told.items()}


OF_REFUSED_RECORDS = {"hidden: U+202e", "names github.com, leads to evil.dev", "odd host: https://127.0.0.1/r6"}
"""What records bring onto pages that are built although the gate says no."""


@pytest.mark.browser
def test_what_the_browser_sees_was_refused(
    world: World, found: Mapping[str, list[Problem]], seen: Mapping[str, Mapping[str, list[str]]]
) -> None:
    """Every page on which something runs, asks, covers or deceives was refused; and the browser does see such things."""
    things = seen["without"]
    assert {page: things[page] for page in things if things[page] and page not in PAGES and not found[source_of(page, world.root)]} == {}
    assert {thing for page in PAGES for thing in things[page]} == OF_REFUSED_RECORDS
    assert sum("something ran" in ones for ones in things.values()) > 50


REFRESHES = {"left the page", "element: meta"}
"""What the oracle says of a page that refreshes itself, whether it has seen it go or only begin to."""


@pytest.mark.browser
def test_with_the_policy_nothing_runs(seen: Mapping[str, Mapping[str, list[str]]]) -> None:
    """On no page, refused or not, does anything run or load from elsewhere once the page has its policy; only a refresh it cannot stop."""
    ran = {page: [one for one in things if one == "something ran" or one.startswith("asks ")] for page, things in seen["with"].items()}
    assert {page: things for page, things in ran.items() if things and not REFRESHES & set(seen["with"][page])} == {}


# -- what only a maintainer changes, and what lies in the tree --------------------------------------------------------------------


def make(path: Path, what: str) -> None:
    """Something that is no text: a pipe, a link, a folder, letters of another encoding."""
    if what == "pipe":
        os.mkfifo(path)
    elif what == "link":
        path.symlink_to("/etc/hostname")
    elif what == "folder link":
        path.symlink_to("/etc", target_is_directory=True)
    elif what == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"# caf\xe9\n")


@pytest.mark.parametrize("attack", BY_TECHNIQUE["files"] + BY_TECHNIQUE["settings"], ids=named)
def test_a_file_or_a_setting_is_refused(tmp_path: Path, attack: Attack) -> None:
    """A file that does not belong, something that is no file, a setting of its own: the sources show it before anything is built."""
    root = bare_tree(tmp_path / "guide")
    path = root / real(attack["file"])
    if "make" in attack:
        path.parent.mkdir(parents=True)
        make(path, attack["make"])
    else:
        apply(root, attack)
    problems = check_hostile(root)
    if "by_design" in attack:
        assert [str(problem) for problem in problems] == []
    else:
        assert attack["says"] in {problem.said.kind for problem in problems}, [str(problem) for problem in problems]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Attack], str]:
    """A function that draws a drawing with an attack in it."""
    root = tmp_path_factory.mktemp("drawn")
    records = catalogue.load_once(ROOT)
    words = read_words(ROOT, "drawings")
    page = SimpleNamespace(path="role.md")

    def draw(attack: Attack) -> str:
        shutil.rmtree(root / "overrides", ignore_errors=True)
        shutil.copytree(ROOT / "overrides", root / "overrides")
        apply(root, attack)
        name = Path(attack["file"]).name.removesuffix(".svg.html")
        engine = templates(SimpleNamespace(project_dir=root, conf={}, page=page, macro=None), records, read_words(ROOT, "labels"), "en")
        said = {key: value["en"] for key, value in words[name].items()}
        return engine.get_template(f"drawings/{name}.svg.html").render(name=name, words=said)

    return draw


@pytest.mark.parametrize("attack", BY_TECHNIQUE["drawings"], ids=named)
def test_a_drawing_is_refused(drawn: Callable[[Attack], str], attack: Attack) -> None:
    """What a drawing draws is held to the list of pages; a program in it does not run."""
    rules = Rules(ROOT)
    if attack.get("raises"):
        with pytest.raises((jinja2.exceptions.SecurityError, jinja2.TemplateNotFound, OverflowError)):
            drawn(attack)
    else:
        assert attack["says"] in {one.said.kind for one in judge_fragment(drawn(attack), rules.article, rules)}


@pytest.mark.parametrize("attack", BY_TECHNIQUE["assets"], ids=named)
def test_an_asset_is_refused(tmp_path: Path, attack: Attack) -> None:
    """Styles ask for nothing, scripts are known by their hash, pictures hold shapes alone."""
    (tmp_path / "overrides").mkdir()
    shutil.copytree(ROOT / "overrides/assets", tmp_path / "overrides/assets")
    apply(tmp_path, attack)
    found = judge_file(tmp_path / attack["file"], tmp_path / "overrides", Rules(ROOT))
    assert attack["says"] in {one.said.kind for one in found}
