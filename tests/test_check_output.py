"""The gate on what comes out: each part of the list holds, and a finding names the place that is to blame."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from allowed import Rules
from check_output import Found, check_chapter, check_site, judge_fragment, judge_index, judge_page, judge_style, main
from conftest import ROOT, Built
from render import renderer

RULES = Rules(ROOT)
RENDER = renderer(ROOT)


def kinds(found: list[Found]) -> list[str]:
    """The kind of each finding, without the place it came from."""
    return sorted({one.said.kind for one in found})


FRAGMENTS = {
    "<p>words <em>and</em> <a href='role.md#x'>more</a></p>": [],
    "<p onclick=alert(1)>x</p>": ["output_attribute"],
    "<p style='position:fixed'>x</p>": ["output_attribute"],
    "<p>x</p></article><p>y</p>": ["output_breaks_out"],
    "<p>x</p></main>": ["output_breaks_out"],
    "<p>x</p></div>": ["output_breaks_out"],
    "<a href='role.md'>x": ["output_breaks_out"],
    "<article>x</article>": ["output_element"],
    "<p class='md-overlay'>x</p>": ["output_value"],
    "<p class='mle-lead md-overlay'>x</p>": ["output_value"],
    "<p class='mle-done'>x</p>": ["output_value"],
    "<h2 id='__search'>x</h2>": ["output_value"],
    "<button>x</button>": ["output_element"],
    "<svg><path d='M0 0'/></svg>": ["output_element"],
    "<template><img src=x onerror=alert(1)></template>": ["output_element"],
    "<noscript><p>x</p></noscript>": ["output_element"],
    "<img src='https://evil.example/x.png' alt='x'>": ["output_value"],
    "<!-- words -->": ["output_comment"],
    "<?php x ?>": ["output_comment"],
    "</div></article><div>x</div>": ["output_breaks_out"],
    "<body onload=alert(1)>x": ["output_element"],
    "<a href='javascript:alert(1)'>x</a>": ["address_scheme"],
    "<a href='  java&#10;script:alert(1)'>x</a>": ["address_odd"],
    "<a href='https://evil.example/'><b>github</b>.com</a>": ["address_private", "link_misnamed", "output_element"],
    "<a href='https://evil.dev/'><em>github</em>.com</a>": ["link_misnamed"],
    "<p>safe &#x202e;gpj.exe</p>": ["character_unseen"],
    "<a href='role.md' title='p&#x430;ge'>x</a>": ["character_alike"],
}


@pytest.mark.parametrize("html", FRAGMENTS)
def test_a_piece_of_html(html: str) -> None:
    """What Markdown makes passes; anything else is named."""
    assert kinds(judge_fragment(html, RULES.chapter, RULES)) == sorted(FRAGMENTS[html])


def test_an_address_below_our_own() -> None:
    """What lies below the repository needs no other judge, unless it leads up and out of it."""
    rules = Rules(ROOT, "", "https://forge.dev/team/guide")
    below = ["edit/main/docs/data/tools.yml#L12", "../../evil/x", "%2e%2e/evil/x", "?a=https://evil.dev/", "//evil.dev/"]
    own = [address for address in below if rules.is_own(f"https://forge.dev/team/guide/{address}")]
    assert own == ["edit/main/docs/data/tools.yml#L12"]
    assert not rules.is_own("https://forge.dev/team/guide.evil.dev/")


LINES = {
    "words\n\nmore <script>alert(1)</script> words\n\nwords": [(3, "chapter_html"), (3, "chapter_html")],
    "words\n\n- item\n- [x](javascript:alert(1))\n- item\n": [(4, "address_scheme")],
    "[a][b]\n\nwords\n\n> [b]: javascript:alert(1)\n\nwords": [(5, "address_scheme")],
    "---\ntitle: x\n---\n# T { #t }\n\n*x*{ onclick=alert(1) }\n": [(6, "output_attribute")],
    'words {{ cert("a", "price") }} words\n\n{{ drawing("home") }}\n\n<b>x</b>': [(5, "chapter_html"), (5, "chapter_html")],
    "one <b>x</b>\n\ntwo <u>y</u>": [(1, "chapter_html"), (1, "chapter_html"), (3, "chapter_html"), (3, "chapter_html")],
    "> " * 3000 + "x": [(1, "chapter_deep")],
}


@pytest.mark.parametrize("text", LINES, ids=lambda text: text[:30])
def test_the_line_that_is_to_blame(text: str) -> None:
    """A finding in a chapter stands at the line that brought it, whatever the Markdown around it means."""
    assert sorted((line, said.kind) for line, said in check_chapter(text, RENDER, RULES)) == LINES[text]


def test_a_chapter_that_takes_too_long() -> None:
    """Text made to keep the engine busy is refused after half a second, at the first line of the words."""
    found = list(check_chapter("---\ntitle: x\n---\n" + "[" * 7000 + "\n", RENDER, RULES))
    assert [(line, said.kind) for line, said in found] == [(4, "chapter_slow")]


STYLES = {
    "p { color: red; mask: url('data:image/svg+xml;charset=utf-8,<svg/>') }": [],
    "@media print { p { background: url(picture.png) } }": [],
    "@import 'https://evil.example/x.css';": ["output_style"],
    "@IMPORT url(//evil.example/x.css);": ["output_style"],
    "@import url(x.css);": ["output_style"],
    "p { background: url(https://evil.example/x.png) }": ["output_style"],
    "p { background: u\\72l('//evil.example/x.png') }": ["output_style"],
    "@media screen { p { background: image-set('https://evil.example/x.png' 1x) } }": ["output_style"],
    "@font-face { src: url('\\68ttps://evil.example/x.woff') }": ["output_style"],
    "p { background: url(data:text/html;base64,AAAA) }": ["output_style"],
}


@pytest.mark.parametrize("text", STYLES)
def test_style_sheets_load_nothing(text: str) -> None:
    """However it is written, a style sheet that would ask for something elsewhere is found."""
    assert kinds(list(judge_style(text))) == STYLES[text]


def test_the_search_index_is_html_too() -> None:
    """The theme shows titles and texts of the index as HTML."""
    docs = [{"title": "x", "text": "<p>x <code>y</code></p>"}, {"title": "<img src=x onerror=alert(1)>", "text": "<p class=x>y</p>"}]
    assert [dict(one.said.values)["element"] for one in judge_index(json.dumps({"docs": docs}), RULES)] == ["img", "p"]


def page(site: Built, change: tuple[str, str]) -> list[str]:
    """The findings of a real page in which one thing is another."""
    text = (site.folder / "role.html").read_text(encoding="utf-8")
    assert change[0] in text
    return kinds(list(judge_page(text.replace(*change, 1).encode(), "role.html", site.folder, RULES)))


PAGES = {
    "as it is": (("<title>", "<title>"), []),
    "an inline script": (("</head>", "<script>alert(1)</script></head>"), ["output_script"]),
    "an inline script that is nearly the theme's": (("__md_scope=new", "__md_scope=alert(1);new"), ["output_script"]),
    "a script of another host": (("<script src=assets/later.js", "<script src=https://evil.example/later.js"), ["output_script"]),
    "a script that only looks like one of the site": (("<script src=assets/later.js", "<script src=x/assets/later.js"), ["output_script"]),
    "data that are none": (
        ("type=application/json>{", "type=application/json>x{"),
        ["output_script"],
    ),
    "another policy": (("default-src", "default-src https:;"), ["output_attribute"]),
    "a refresh": (
        ("<title>", '<meta http-equiv=refresh content="0;url=https://evil.example/"><title>'),
        ["output_attribute"],
    ),
    "a base": (("<title>", "<base href=https://evil.example/><title>"), ["output_element"]),
    "a style": (("<title>", "<style>p{}</style><title>"), ["output_element"]),
    "a style sheet of another host": (("assets/guide.css", "https://evil.example/guide.css"), ["output_file"]),
    "a form in the text": (("<h1", "<form action=https://evil.example/><h1"), ["output_attribute"]),
    "an overlay behind the article": (("</article>", "</article><div class=md-overlay>x</div>"), ["output_breaks_out"]),
    "the article ended early": (("</h1>", "</h1></article></div><div class=md-content><article>"), ["output_breaks_out"]),
    "the rest swallowed": (("</h1>", "</h1><textarea>"), ["output_breaks_out", "output_element"]),
    "a handler on the body": (("<body ", "<body onload=alert(1) "), ["output_attribute"]),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_whole_page(site: Built, name: str) -> None:
    """Head, theme and article are each held to their own list, and nothing stands beside the article."""
    change, wanted = PAGES[name]
    found = page(site, change)
    assert set(wanted) <= set(found)
    assert bool(wanted) == bool(found)


def test_files_and_scripts_of_the_site(site: Built, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A script that is not the one whose hash is known, and a file of another kind, are found; the finding leads to the source."""
    folder = tmp_path / "site"
    (folder / "assets").mkdir(parents=True)
    shutil.copy(site.folder / "assets/twin.js", folder / "assets/twin.js")
    (folder / "assets/later.js").write_text("alert(1)\n", encoding="utf-8")
    (folder / "assets/evil.js").write_text("alert(1)\n", encoding="utf-8")
    (folder / "assets/evil.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", encoding="utf-8")
    (folder / "evil.php").write_text("x", encoding="utf-8")
    found = [(problem.file, problem.said.kind) for problem in check_site(ROOT, folder)]
    assert found == [
        ("assets/evil.js", "output_script_file"),
        ("assets/evil.svg", "output_element"),
        ("evil.php", "output_kind"),
        ("overrides/assets/later.js", "output_script_file"),
    ]
    assert main([str(folder)]) == 1
    assert "assets/evil.js:1: " in capsys.readouterr().out
