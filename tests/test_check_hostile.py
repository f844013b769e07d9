"""What only a source shows is refused with file and line: files that do not belong, what hides, what a template engine would run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from check_hostile import WIDTH, check, main
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from reading import LARGEST


def kinds(root: Path) -> list[tuple[str, int, str]]:
    """File, line and kind of each finding."""
    return [(problem.file, problem.line, problem.said.kind) for problem in check(root)]


def write(root: Path, name: str, text: str) -> Path:
    """A guide of one file."""
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")
    return root


STRAY = [
    *("docs/en/404.md", "docs/en/zh/index.md", "docs/zh/zh/a.md", "docs/en/assets/a.md", "docs/en/search/a.md", "docs/en/Evil.md"),
    *("docs/en/evil.html", "docs/en/.htaccess", "docs/en/e vil.md", "docs/data/evil.py", "docs/en/evil.svg", "docs/fr/a.md"),
    *(
        "overrides/hooks.py",
        "overrides/partials/copyright.html",
        "overrides/404.html",
        "overrides/drawings/a.html",
        "overrides/.icons/a.svg",
    ),
]


@pytest.mark.parametrize("name", STRAY)
def test_a_file_that_does_not_belong(tmp_path: Path, name: str) -> None:
    """A file of another kind, or with a name that would take the place of something else, is a finding."""
    assert kinds(write(tmp_path, name, "words\n")) == [(name, 1, "unused_file")]


def test_what_is_no_file(tmp_path: Path) -> None:
    """A link would publish what it leads to; a pipe would make every reader wait."""
    (tmp_path / "docs/en").mkdir(parents=True)
    (tmp_path / "docs/en/a.md").symlink_to("/etc/hostname")
    (tmp_path / "docs/en/b.md").symlink_to("nowhere")
    (tmp_path / "docs/zh").symlink_to(tmp_path / "docs/en")
    os.mkfifo(tmp_path / "docs/en/c.md")
    assert kinds(tmp_path) == [
        ("docs/en/a.md", 1, "symbolic_link"),
        ("docs/en/b.md", 1, "symbolic_link"),
        ("docs/en/c.md", 1, "no_file"),
        ("docs/zh", 1, "symbolic_link"),
    ]


def test_bounds(tmp_path: Path) -> None:
    """A file or a line of a size that nobody writes, and one that is not UTF-8."""
    write(tmp_path, "docs/en/large.md", "words\n" * (LARGEST // 6 + 1))
    write(tmp_path, "docs/en/wide.md", "words\n" + "x" * (WIDTH + 1))
    write(tmp_path, "docs/en/wide-enough.md", "x" * WIDTH)
    (tmp_path / "docs/en/latin.md").write_bytes(b"words\nand \xe9 more\n")
    assert kinds(tmp_path) == [
        ("docs/en/large.md", 1, "large_file"),
        ("docs/en/latin.md", 2, "not_utf_8"),
        ("docs/en/wide.md", 2, "long_line"),
    ]


RUN = [
    *("{{ environment }}", "{{ config.plugins }}", "{{ ''.__class__ }}", "{% include 'x' %}", "{# hidden #}", "{% raw %}x{% endraw %}"),
    *('{{ cert(config.site_url, "price") }}', '{{ drawing("../../x") }}', '{{ drawing("home") | attr("x") }}', '{{ cert("a" ~ "b") }}'),
    *(
        "`{{ config }}`",
        "```\n{{ environment }}\n```",
        "{{ drawing(name='home') }}",
        "{{ drawing(*[]) }}",
        "{{ config }}",
        "{{",
        "{%",
    ),
    *("---\ntitle: '{{ config }}'\n---", "{{ drawing('home') }}{{ 1 }}", "{{ drawing('home')() }}", "{{ drawing('a' if 1 else 'b') }}"),
]


@pytest.mark.parametrize("text", RUN)
def test_nothing_runs_but_plain_calls(tmp_path: Path, text: str) -> None:
    """Whatever else a template engine would run is a finding at its line, wherever it stands."""
    line = 1 + next(number for number, part in enumerate(text.split("\n")) if "{{" in part or "{%" in part or "{#" in part)
    assert ("docs/en/a.md", line, "no_plain_call") in kinds(write(tmp_path, "docs/en/a.md", text + "\n"))


def test_a_call_that_does_not_exist(tmp_path: Path) -> None:
    """A slip in the name of a call is told with the name that was meant."""
    (problem,) = check(write(tmp_path, "docs/en/a.md", 'words\n\nA fee of {{ crt("a-b", "price") }}.\n'))
    assert str(problem).startswith("docs/en/a.md:3: found the call crt, expected one of cert(…)")
    assert problem.message.endswith("; did you mean 'cert'?")


def test_plain_calls_pass(tmp_path: Path) -> None:
    """Calls with plain words in quotes are what chapters are made with."""
    text = 'Of {{ cert("aws-ml-engineer", "price") }}.\n\n{{ drawing("home") }}\n\n{{ skill("containers") }}\n\n## W { #w }\n'
    assert kinds(write(tmp_path, "docs/en/a.md", text)) == []


SETTINGS = {
    "hooks: [evil.py]\n": ["hooks"],
    "extra_javascript: [https://evil.example/x.js]\n": ["extra_javascript"],
    "plugins: {search: {}, exec: {}}\n": ["exec"],
    "markdown_extensions: [toc, pymdownx.snippets, {md_in_html: {}}]\n": ["md_in_html", "pymdownx.snippets"],
    "theme: {name: material, static_templates: [x.html]}\n": ["static_templates"],
    "extra: {edition: en, analytics: {provider: google}}\n": ["analytics"],
}


@pytest.mark.parametrize("text", SETTINGS)
def test_settings_that_the_guide_does_not_use(tmp_path: Path, text: str) -> None:
    """Hooks, other plugins, other extensions, scripts and templates of a setting's own are findings that name them."""
    found = [problem.field for problem in check(write(tmp_path, "mkdocs.yml", text)) if problem.said.kind == "unknown_setting"]
    assert sorted(found) == SETTINGS[text]


def test_a_setting_runs_nothing(tmp_path: Path) -> None:
    """MkDocs reads its settings with tags that call Python; none but !ENV is let through."""
    text = "site_url: !ENV [SITE_URL, '']\nmarkdown_extensions:\n  - toc: {slugify: !!python/name:os.system }\n"
    assert kinds(write(tmp_path, "mkdocs.yml", text)) == [("mkdocs.yml", 3, "setting_tag"), ("mkdocs.yml", 3, "unknown_setting")]


def test_the_guide_itself_is_clean(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing that is there today is refused."""
    assert main([str(ROOT)]) == 0
    assert capsys.readouterr().out == ""


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_no_text_makes_the_check_fall_over(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever is contributed, the check says something or nothing, and ends."""
    root = tmp_path_factory.mktemp("text")
    for name in ("docs/en/a.md", "docs/data/a.yml", "overrides/drawings/a.svg.html"):
        write(root, name, text)
    check(root)
