"""Templates print nothing unescaped and run no program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import jinja2
import pytest
from conftest import ROOT, SETTINGS
from guides import small_guide
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import nodes
from markdown import markdown
from markupsafe import Markup
from selectolax.lexbor import LexborHTMLParser
from words import one_line, plain, prose

TREE = jinja2.Environment().parse((ROOT / "overrides/main.html").read_text(encoding="utf-8"))  # noqa: S701  reads, and renders nothing
SET = {assign.target.name: assign.node for assign in TREE.find_all(nodes.Assign) if isinstance(assign.target, nodes.Name)}
BLOCKS = {block.target.name for block in TREE.find_all(nodes.AssignBlock) if isinstance(block.target, nodes.Name)}
"""What main.html sets to pieces of HTML; what those print is looked at where they are made."""

ESCAPED = ("e", "escape", "int", "length", "url")


def unescaped(node: nodes.Node) -> list[str]:
    """The parts of what a template prints that go through no escape; numbers and fixed words need none."""
    if isinstance(node, nodes.Filter) and node.name == "replace" and node.node is not None:
        return [*unescaped(node.node), *(part for argument in node.args[1:] for part in unescaped(argument))]
    if isinstance(node, nodes.Concat):
        return [part for inner in node.nodes for part in unescaped(inner)]
    if isinstance(node, nodes.CondExpr):
        return [*unescaped(node.expr1), *(unescaped(node.expr2) if node.expr2 is not None else [])]
    if isinstance(node, nodes.Name) and node.name in SET and node.name not in BLOCKS:
        return unescaped(SET[node.name])
    if isinstance(node, nodes.Getitem | nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name in SET:
        return unescaped(SET[node.node.name])
    if isinstance(node, nodes.List | nodes.Dict | nodes.Pair):
        return [part for inner in node.iter_child_nodes() for part in unescaped(inner)]
    is_safe = (
        isinstance(node, nodes.Const)
        or (isinstance(node, nodes.Filter) and node.name in ESCAPED)
        or (isinstance(node, nodes.Name) and node.name in BLOCKS)
        or (isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in ("super", "namespace"))
    )
    return [] if is_safe else [repr(node)]


def test_the_page_template_escapes_what_it_prints() -> None:
    """main.html is rendered by engines that do not escape by themselves: each value goes through `e`, or is a number or a fixed word."""
    printed = [node for output in TREE.find_all(nodes.Output) for node in output.nodes if not isinstance(node, nodes.TemplateData)]
    assert len(printed) > 20
    assert [part for node in printed for part in unescaped(node)] == []


PROGRAM = '{{ cycler.__init__.__globals__.os.system("touch " ~ "MARK") }}'


@pytest.mark.parametrize("name", ["overrides/main.html", "overrides/drawings/home.svg.html", "overrides/catalogue/skills.html"])
def test_no_template_runs_a_program(tmp_path: Path, name: str) -> None:
    """A template that reaches for Python ends the build, and the program does not run."""
    folder = small_guide(tmp_path / "guide", '{{ drawing("home") }}\n\n{{ skills_table() }}')
    mark = tmp_path / "mark"
    file = folder / name
    text = file.read_text(encoding="utf-8").replace("{% block content %}", "{% block content %}" + PROGRAM)
    file.write_text((text if PROGRAM in text else text + PROGRAM).replace("MARK", str(mark)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"], cwd=folder, env={**os.environ, **SETTINGS}, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "is unsafe" in done.stdout + done.stderr
    assert not mark.exists()


TEXTS = st.text(
    st.sampled_from(list("ab `*_[]()<>!&#;{}|\\~^=+-:.'\"\n\t1")) | st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]),
    max_size=40,
)


EXTENSIONS, SMARTY = ["attr_list", "toc", "tables", "smarty"], {"smart_dashes": False, "smart_ellipses": False}
"""As mkdocs.yml sets them."""


@given(TEXTS)
def test_words_of_a_record_mean_nothing_to_markdown(text: str) -> None:
    """Whatever a record says, in a heading it comes out as text: no element but the heading, and no other letters."""
    html = markdown(f"### x{plain(text)}y {{ #id }}", extensions=EXTENSIONS, extension_configs={"smarty": SMARTY})
    body = LexborHTMLParser(html).body
    assert body is not None
    assert [node.tag for node in body.traverse()] == ["body", "h3"]
    assert body.text() == f"x{one_line(text)}y"


@given(TEXTS)
def test_words_of_a_record_are_one_paragraph(text: str) -> None:
    """In a paragraph of a template a text brings nothing but code between backticks, and no empty line to end the HTML with."""
    html = prose(text)
    assert isinstance(html, Markup)
    assert "\n" not in html
    body = LexborHTMLParser(markdown(f"<p>{html}</p>\n\nwords")).body
    assert body is not None
    assert {node.tag for node in body.traverse()} <= {"body", "p", "code"}
