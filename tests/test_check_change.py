"""A change is content or machine, as .github/CODEOWNERS draws the line."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from check_change import OWNERS, changed, machine, main, read_owners
from conftest import ROOT

CONTENT = ["docs/en/role.md", "docs/zh/skills/index.md", "docs/data/skills.yml", "docs/data/labels.yml", "docs/data/README.md"]
MACHINE = [
    *(
        "docs/data/schema/common.json",
        "docs/data/shipped.yml",
        "docs/kits/a/test_x.py",
        "overrides/main.html",
        "overrides/drawings/home.svg.html",
    ),
    *(
        "overrides/assets/guide.css",
        "scripts/macros.py",
        "scripts/allowed.yml",
        "mkdocs.yml",
        "requirements.txt",
        ".github/workflows/check.yml",
    ),
    *(".github/CODEOWNERS", "Makefile", "tests/conftest.py", "docs/en/evil.py", "docs/data/en/x.sh"),
]


def test_the_line_between_the_two() -> None:
    """Chapters, records and words have no owner; everything else has one, whatever folder it hides in."""
    owners = read_owners((ROOT / OWNERS).read_text(encoding="utf-8"))
    assert machine([*CONTENT, *MACHINE], owners) == MACHINE


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository of one commit, with the settings that make git's lists differ."""
    (tmp_path / ".github").mkdir()
    (tmp_path / OWNERS).write_text((ROOT / OWNERS).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "docs/en").mkdir(parents=True)
    (tmp_path / "docs/en/a.md").write_text("words\n", encoding="utf-8")
    for words in (["init", "-q"], ["config", "diff.noprefix", "true"], ["config", "core.quotePath", "true"], ["add", "-A"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "x"], cwd=tmp_path, check=True)
    return tmp_path


def test_what_a_change_is_called(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing, content alone, or the machine with the files that make it so; new files count, in any letters."""
    assert main([str(repository)]) == 0
    assert capsys.readouterr().out.startswith("Nothing has changed\n")
    (repository / "docs/en/页.md").write_text("x", encoding="utf-8")
    assert main([str(repository)]) == 0
    assert "content alone, 1 files" in capsys.readouterr().out
    assert changed(repository, "") == ["docs/en/页.md"]
    (repository / "Makefile").write_text("x", encoding="utf-8")
    assert main([str(repository), "--base", "HEAD"]) == 0
    said = capsys.readouterr().out
    assert "needs a maintainer: Makefile\n" in said
    assert "需要维护者" in said


def test_without_git(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No repository, no answer: one line and exit 2."""
    assert main([str(tmp_path)]) == 2
    assert "git cannot say" in capsys.readouterr().err
