"""The guide builds in both engines, and every script has its line in the README."""

from __future__ import annotations

import posixpath
import re
import subprocess
from pathlib import Path

import pytest
from ads import write_counts
from build_site import mend_error_page
from catalogue import load_once
from check_output import check_site
from conftest import BIN, ROOT, SETTINGS, Built
from guides import copy_guide, small_guide
from kits import write_kits
from lxml import html


def run(command: str, folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one of the project's tools in a folder, with some settings of the environment."""
    return subprocess.run(
        [BIN / command, *arguments], cwd=folder, env={**SETTINGS, **settings}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("settings", ["mkdocs.yml", "mkdocs.zh.yml"])
def test_a_warning_ends_the_build(tmp_path: Path, settings: str) -> None:
    """Both editions are built strictly, so that the built guide has had no warning: a link that leads nowhere ends the build."""
    folder = small_guide(tmp_path / "guide")
    page = folder / f"docs/{'zh' if 'zh' in settings else 'en'}/plan.md"
    page.write_text(page.read_text(encoding="utf-8").replace("Words.", "[Words](nowhere.md)."), encoding="utf-8")
    done = run("mkdocs", folder, "build", "-f", settings)
    assert done.returncode != 0
    assert "nowhere.md" in done.stdout + done.stderr


def test_second_engine_builds_the_same_pages(site: Built, tmp_path: Path) -> None:
    """Zensical builds both editions without a finding: the same pages, with the same records, drawings and ways to the twins."""
    folder = copy_guide(tmp_path)
    for settings in ("mkdocs.yml", "mkdocs.zh.yml"):
        done = run("zensical", folder, "build", "--strict", "-f", settings)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "No issues found" in done.stdout + done.stderr
    other = Built(folder / "site")
    assert [other.name(page) for page in other.pages()] == [site.name(page) for page in site.pages()]
    for page in site.pages():
        assert outline(page) == outline(other.folder / site.name(page)), site.name(page)
    write_kits(ROOT, load_once(ROOT).kinds["projects"], [other.folder / "kits", other.folder / "zh/kits"])  # the step after either engine
    write_counts(ROOT, [other.folder / "ads", other.folder / "zh/ads"])
    mend_error_page(other.folder / "zh/404.html", "zh/")
    assert [str(problem) for problem in check_site(ROOT, other.folder)] == []  # the gate holds its output to the same list


def outline(page: Path) -> tuple[list[str], list[int], list[str]]:
    """The ids of a page's headings, how many drawings, tables and list entries its text has, and where its twin is."""
    tree = html.fromstring(page.read_bytes())
    article = tree.xpath("//article")[0]
    counts = [len(article.xpath(path)) for path in (".//*[local-name()='svg'][@role='img']", ".//table", ".//li", ".//dd")]
    return (
        article.xpath("(.//h1 | .//h2 | .//h3)/@id"),
        counts,
        [posixpath.normpath(link) for link in tree.xpath("//a[@class='mle-twin']/@href")],
    )


def test_a_wrong_record_stops_both_engines(tmp_path: Path) -> None:
    """A bad record ends both builds with its file, line and field, and without a traceback."""
    folder = small_guide(tmp_path, "{{ skills_table() }}")
    skills = folder / "docs/data/skills.yml"
    skills.write_text(skills.read_text(encoding="utf-8").replace("group: systems", "group: sistems", 1), encoding="utf-8")
    for command in (("mkdocs", "build"), ("zensical", "build", "-f", "mkdocs.yml")):
        done = run(command[0], folder, *command[1:])
        said = done.stdout + done.stderr
        assert done.returncode != 0, said
        assert re.search(r'docs/data/skills\.yml:\d+: group: found "sistems", expected one of', said), said


def test_unknown_call_stops_the_build(tmp_path: Path) -> None:
    """A chapter that calls for something unknown stops the build, and the message names it."""
    done = run("mkdocs", small_guide(tmp_path, '{{ certificat("x") }}'), "build", "--strict")
    assert done.returncode != 0
    assert "certificat" in done.stdout + done.stderr
    assert "index.md" in done.stdout + done.stderr


def test_every_script_has_its_line_in_the_readme() -> None:
    """scripts/README.md names each script."""
    readme = (ROOT / "scripts/README.md").read_text(encoding="utf-8")
    assert [path.name for path in sorted((ROOT / "scripts").glob("*.py")) if f"`{path.name}`" not in readme] == []


def test_every_command_is_in_the_makefile() -> None:
    """Each `make …` that the README names exists, and `make help` tells what it does."""
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = set(re.findall(r"^make (\S+)", said, re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert named <= listed
