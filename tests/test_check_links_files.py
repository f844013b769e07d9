"""The link check on small worlds of files: what is found, where it stands, what is never written, and what is said when it cannot run."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import check_links
import pytest
import yaml
from hostile_web import HostileWeb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from link_check import pages, program, sources, web
from markdown import Markdown
from selectolax.lexbor import LexborHTMLParser

ROOT = Path(__file__).resolve().parent.parent
CHECKER = ROOT / "scripts" / "check_links.py"
PACKAGE = ROOT / "scripts" / "link_check"
NOW = 1_795_000_000.0  # 18 November 2026
FAST = ("--pause", "0", "--timeout", "2", "--allow-private")


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostileWeb]:
    """The hostile web, and no proxy."""
    with HostileWeb(tmp_path_factory.mktemp("net")) as up, pytest.MonkeyPatch.context() as patch:
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "REPO_URL"):
            patch.delenv(name, raising=False)
        patch.setenv("SSL_CERT_FILE", str(up.ca))
        patch.setattr(web, "Settings", partial(web.Settings, backoff=0.02))
        yield up


@dataclass(frozen=True)
class Run:
    """What a run gave back."""

    code: int
    out: str
    err: str
    results: dict[str, dict[str, Any]]

    def places(self, url: str) -> list[str]:
        """Where a link stands, as people write it."""
        return [f"{place['file']}:{place['line']}" for place in self.results[url]["places"]]


@pytest.fixture
def run(net: HostileWeb, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the program on a project in `tmp_path`, or on what the options say."""

    def go(*options: str, cache: bool = False, now: float = NOW) -> Run:
        report = tmp_path.parent / f"{tmp_path.name}.json"
        report.unlink(missing_ok=True)
        where = () if "--urls" in options or "--site" in options else ("--root", str(tmp_path))
        arguments = [*where, *FAST, *(() if cache else ("--no-cache",)), "--json", str(report), *options]
        capsys.readouterr()
        with ThreadPoolExecutor(1) as pool:
            code = pool.submit(check_links.main, arguments, lookup=net.lookup, now=now).result()
        said = capsys.readouterr()
        results = json.loads(report.read_text(encoding="utf-8"))["results"] if report.exists() else []
        return Run(code, said.out, said.err, {result["url"]: result for result in results})

    return go


def write(root: Path, **files: str | bytes) -> None:
    """Write files; in their names `__` stands for `/` and `_dot_` for a full stop."""
    for name, content in files.items():
        path = root / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def git(root: Path, *arguments: str) -> None:
    """Run git without a person's settings."""
    identity = ("-c", "user.name=t", "-c", "user.email=t@t.test", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True, env=environment)


# -- 1: sources are never harmed -----------------------------------------------------------------

ATTACKS = [
    "/n#x) and read [this offer](https://evil.example/buy", "/n'x", '/n"x', "/n\\x", "/n,x", "/n[x]", "/n #x", "/n#: x", "/n: x", "/n)x(y",
    "/n|x", "/n`x`", "/n{{ x }}", "/n{% x %}", "/n#{{x}}{%y%}", "/n' onclick='x", "/n\"><script>x</script>", "/n>x<", "/n*x*_y_~~z~~",
    "/n$x$", "/n!x", "/n;x", "/n&copy", "/n?a=1&b=2&lt;", "/n^x^", "/n==x==", "/n#" + "x)" * 9, "/n\t\r x", "/n%0a%22x",
    "/n?q=中 文#特'征", "/n:", "/n?:#-",
]  # fmt: skip


def moved_project(root: Path, old: str) -> None:
    """A project in which one address stands in every kind of place."""
    write(
        root,
        site__p_dot_html=f'<a href="{old}">x</a>',
        docs__en__p_dot_md=(
            f"---\ntitle: T\nsources:\n  - url: {old}\n---\n# T\n\n"
            f"See [a]({old}), <{old}>, [b]({old} 'title').\n\n| t |\n|---|\n| [c]({old}) |\n\n"
            f"<a href='{old}'>d</a> <a href=\"{old}\">e</a>\n\n[r]: {old}\n\n<pre>{old}</pre> <code class=x>{old}</code>\n\n"
            f"    {old} in indented code\n\n`{old}`\n\n```\n{old}\n```\n\n- item\n\n    [in item]({old})\n\n        {old} in code\n"
        ),
        docs__data__d_dot_yml=(
            f"# {old}\n- plain: {old}\n  single: '{old}'\n  double: \"{old}\"\n  flow: [{old}, b]\n  map: {{a: {old}, b: c}}\n"
            f"  folded: >-\n    see {old} and\n    more\n  literal: |\n    {old}\n  text: 'it''s [x]({old})'\n"
        ),
        overrides__t_dot_html=f'<a href=\'{old}\'>x</a> <a href="{old}">y</a> {{# {old} #}} {{{{ f("{old}") }}}}\n',
    )


def html_of(text: str) -> list[tuple[str, dict[str, str | None]]]:
    """The elements and attributes that Python-Markdown makes of a chapter."""
    page = LexborHTMLParser(Markdown(extensions=["tables", "attr_list", "fenced_code"]).convert(text.partition("\n---\n")[2]))
    return [(node.tag or "", dict(node.attributes)) for node in (page.root.traverse() if page.root else ())]


def shape_of(value: Any, old: str, new: str) -> Any:
    """A value with one address in place of another."""
    if isinstance(value, list):
        return [shape_of(item, old, new) for item in value]
    if isinstance(value, dict):
        return {key: shape_of(item, old, new) for key, item in value.items()}
    return value.replace(old, new) if isinstance(value, str) else value


def assert_only_addresses_changed(root: Path, before: dict[Path, str], old: str) -> None:
    """Every file says what it said, but for one address, which is the same everywhere."""
    found = re.search(r"^- plain: (.*)$", (root / "docs/data/d.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    new = found[1]
    assert re.fullmatch(r"http://[A-Za-z0-9/?#@:&=+%._~-]+", new)
    for path, text in before.items():
        after = path.read_text(encoding="utf-8")
        assert after.replace("&amp;", "&").replace(new, old) == text.replace("&amp;", "&"), path
        assert after.count("\n") == text.count("\n")
    data = root / "docs/data/d.yml"
    assert yaml.safe_load(data.read_text(encoding="utf-8")) == shape_of(yaml.safe_load(before[data]), old, new)
    chapter = root / "docs/en/p.md"
    text = chapter.read_text(encoding="utf-8")
    assert yaml.safe_load(text.split("---")[1]) == shape_of(yaml.safe_load(before[chapter].split("---")[1]), old, new)
    expected = [(tag, {key: value and value.replace(old, new) for key, value in all_.items()}) for tag, all_ in html_of(before[chapter])]
    assert html_of(text) == expected
    assert f"    {old} in indented code" in text
    assert f"        {old} in code" in text
    assert f"`{old}`" in text
    assert f"<pre>{old}</pre> <code class=x>{old}</code>" in text
    assert f"\n[r]: {new}\n" in text


@pytest.mark.parametrize("location", ATTACKS)
def test_a_foreign_host_never_writes_into_a_source(run: Any, net: HostileWeb, tmp_path: Path, location: str) -> None:
    """Whatever a host says that a page has moved to, every source keeps its structure, and nothing but the address changes."""
    old = net.url("placed", f"/old{ATTACKS.index(location)}")
    net.places[f"/old{ATTACKS.index(location)}"] = location
    moved_project(tmp_path, old)
    before = {path: path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file() and "site" not in path.parts}
    result = run("--fix-moved").results[old]
    assert result["outcome"] == "moved"
    changed = [path for path in before if path.read_text(encoding="utf-8") != before[path]]
    if "?" in location:  # some readers of YAML take no `?` between brackets
        assert tmp_path / "docs/data/d.yml" not in changed
        text = (tmp_path / "docs/data/d.yml").read_text(encoding="utf-8").replace(f", {old}", "")
        (tmp_path / "docs/data/d.yml").write_text(
            re.sub(r"\n  (flow|map): .*", "", text).replace(f"- plain: {old}\n", ""), encoding="utf-8"
        )
        before[tmp_path / "docs/data/d.yml"] = (tmp_path / "docs/data/d.yml").read_text(encoding="utf-8")
        assert "not written" not in run("--fix-moved").out
        assert old not in (tmp_path / "docs/data/d.yml").read_text(encoding="utf-8").partition("\n")[2]
    else:
        assert len(changed) == 3
        assert_only_addresses_changed(tmp_path, before, old)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_whatever_the_new_address_is_the_source_stays_well_formed(tmp_path: Path, text: str) -> None:
    """Any text as a new address is written safely or not at all."""
    old = "http://old.test/page"
    shutil.rmtree(tmp_path / "w", ignore_errors=True)
    root = tmp_path / "w"
    moved_project(root, old)
    paths = [root / "docs/en/p.md", root / "docs/data/d.yml", root / "overrides/t.html"]
    before = {path: path.read_text(encoding="utf-8") for path in paths}
    try:
        address, fragment = web.address(f"http://new.test/{text}", allow_private=True)
    except web.Settled:
        return
    new = web.escaped(f"{address}#{fragment}" if fragment else address)
    said = "".join(sources.fix_moved({old: new}, [sources.read_source(root, path) for path in paths], root))
    if "not written" not in said:
        assert_only_addresses_changed(root, before, old)
    for path in paths:
        assert sources.read_source(root, path)
        assert len(list(path.parent.iterdir())) == 1


def test_what_cannot_be_written_is_said(run: Any, net: HostileWeb, tmp_path: Path) -> None:
    """A move that would change what a file says, or whose address stands there in another spelling, is reported and left."""
    net.places["/query"], net.places["/es_caped"] = "/n?x", "/new"
    plain, escaped = net.url("placed", "/query"), net.url("placed", "/es_caped")
    write(
        tmp_path,
        site__p_dot_html=f'<a href="{plain}">x</a><a href="{escaped}">y</a>',
        docs__data__d_dot_yml=f"- url: [{plain}]\n",
        docs__en__p_dot_md=f"[y]({escaped.replace('_', chr(92) + '_')})\n",
    )
    done = run("--fix-moved")
    assert f"docs/data/d.yml:1: not written: {plain}: the file" in done.out
    assert f"not written: {escaped}: no source holds it letter by letter" in done.out
    assert done.places(escaped) == ["docs/en/p.md:1"]
    assert (tmp_path / "docs/data/d.yml").read_text() == f"- url: [{plain}]\n"


def test_a_very_long_address_is_not_written(run: Any, net: HostileWeb, tmp_path: Path) -> None:
    """A host may name sixty kilobytes; nobody wants them in a file."""
    net.places["/long"] = "/" + "x" * 5000
    old = net.url("placed", "/long")
    write(tmp_path, site__p_dot_html=f'<a href="{old}">x</a>', docs__data__d_dot_yml=f"- url: {old}\n")
    assert "not written" in run("--fix-moved").out
    assert (tmp_path / "docs/data/d.yml").read_text() == f"- url: {old}\n"


def test_a_mark_and_a_mode_survive_a_rewrite(run: Any, net: HostileWeb, tmp_path: Path) -> None:
    """The byte-order mark, the mode, and the file behind a link stay what they are."""
    net.places["/mark"] = "/new"
    old = net.url("placed", "/mark")
    text = b"\xef\xbb\xbf" + f"---\nsources: [{{url: {old}}}]\n---\n[x]({old})\r\n".encode()
    write(tmp_path, site__p_dot_html=f'<a href="{old}">x</a>', real_dot_md=text)
    (tmp_path / "docs/en").mkdir(parents=True)
    (tmp_path / "docs/en/p.md").symlink_to(tmp_path / "real.md")
    (tmp_path / "real.md").chmod(0o640)
    run("--fix-moved")
    assert (tmp_path / "real.md").read_bytes() == text.replace(b"/mark", b"/new")
    assert (tmp_path / "docs/en/p.md").is_symlink()
    assert (tmp_path / "real.md").stat().st_mode & 0o777 == 0o640


# -- 2: nothing is passed over in silence --------------------------------------------------------


def dead_pages(url: str) -> dict[str, bytes]:
    """Pages in which a link is easily overlooked."""
    other = url.encode()
    link = b'<a href="' + other + b'">x</a>'
    return {
        "deep.html": b"<div>" * 2000 + link,
        "long-text.html": b"<p>" + b"x" * 11_000_000 + link,
        "long-attribute.html": b"<p title='" + b"x" * 11_000_000 + b"'>" + link,
        "long-script.html": b"<script>" + b"var x = 1;\n" * 1_000_000 + b"</script>" + link,
        "srcset.html": b'<img srcset="a.png 1x,' + other + b' 2x">',
        "srcset-comma.html": b'<img srcset="' + other + b' 1x,">',
        "imagesrcset.html": b'<link rel=preload as=image imagesrcset="' + other + b'">',
        "utf-16.html": link.decode().encode("utf-16"),
        "windows.html": "<p>é".encode("cp1252") + link,
        "old.htm": link,
        "other.xhtml": b'<html xmlns="http://www.w3.org/1999/xhtml"><head><script src="x"/><title/></head><body>'
        + link
        + b"</body></html>",
        "broken.xhtml": b"<html><body><p>" + link,
        "UPPER.HTML": link,
        "base.html": b'<base href="' + other.rpartition(b"/")[0] + b'/"><a href="' + other.rpartition(b"/")[2] + b'">x</a>',
        "refresh.html": b'<meta http-equiv="refresh" content="0; url=' + other + b'">',
        "unquoted.html": b"<a href=" + other + b">x</a>",
        "slashed.html": b"<a/href=" + other + b">x</a>",
        "behind-comment.html": b"<!--><a href=" + other + b">x</a>",
        "backslashes.html": link.replace(b"//", b"\\\\"),
        "frame.html": b"<iframe src=" + other + b"></iframe>",
        "noscript.html": b"<noscript><img src=" + other + b"></noscript>",
        "svg.html": b'<svg><image href="' + other + b'"/></svg>',
        "file \"quoted\" 'name'.html": link,
        "sub.html/inside.html": link,
    }


@pytest.mark.parametrize("name", dead_pages(""))
def test_no_link_of_a_page_is_overlooked(run: Any, net: HostileWeb, tmp_path: Path, name: str) -> None:
    """However a page is written, named and encoded, its dead link is found."""
    url = net.url("found.status", "/404")
    path = tmp_path / "built" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(dead_pages(url)[name])
    done = run("--site", str(tmp_path / "built"))
    assert [result["outcome"] for result in done.results.values()] == ["broken"], done.err
    assert done.code == 1


def test_the_query_is_in_the_pages_own_charset() -> None:
    """In a page in windows-1252, `?q=é` is sent as %E9 and `/é` as UTF-8, as browsers do."""
    assert pages.read_local('<a href="http://a.test/é?q=é#é">'.encode("cp1252"), is_xml=False).links == [("http://a.test/é?q=%E9#é", 1)]
    assert pages.read_local('<a href="http://a.test/é?q=é">'.encode("utf-16"), is_xml=False).links == [("http://a.test/é?q=é", 1)]


def branch(root: Path, **files: str | bytes) -> None:
    """A repository with an old chapter, then with these files changed."""
    write(root, docs__en__p_dot_md="# T\n\nOld.\n", site__p_dot_html="<h1>T</h1>")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "a"], ["checkout", "-qb", "work"]):
        git(root, *arguments)
    write(root, **files)


SETTINGS_OF_GIT = ["diff.mnemonicPrefix true", "diff.noprefix true", "color.ui always", "diff.external false", "core.quotePath true",
                   "diff.renames copies",
                   "diff.context 9", "diff.srcPrefix x/", "diff.relative false", "diff.wordRegex .", "core.autocrlf true"]  # fmt: skip


@pytest.mark.parametrize("setting", SETTINGS_OF_GIT)
def test_no_setting_of_git_hides_a_new_link(run: Any, net: HostileWeb, tmp_path: Path, setting: str) -> None:
    """What a branch adds is found whatever a person has set."""
    url = net.url("new.status", "/404")
    branch(tmp_path, docs__en__p_dot_md=f"# T\n\nOld.\n\n[x]({url})\n", site__p_dot_html=f'<a href="{url}">x</a>')
    git(tmp_path, "config", *setting.split(" "))
    assert list(run("--changed-since", "main").results) == [url]


@pytest.mark.parametrize(
    "spelling",
    ["[r]:{url}", "[x]({escaped})", "<a href={url}>x</a>", "<a href='{entity}'>x</a>", "[x](<{url}>)", "see:{url}", "[x]({percent})"],
)
def test_a_new_link_is_found_however_it_is_spelled(run: Any, net: HostileWeb, tmp_path: Path, spelling: str) -> None:
    """A source need not hold a link letter by letter for it to be new."""
    url = net.url("new.status", "/404?a_b&c=é")
    forms = {
        "url": url, "escaped": url.replace("_", "\\_").replace("&", "\\&"), "entity": url.replace("&", "&#38;"),
        "percent": url.replace("é", "%C3%A9"),
    }  # fmt: skip
    shown = url.replace("&", "&amp;")
    branch(tmp_path, docs__en__p_dot_md=f"# T\n\nOld.\n\n{spelling.format(**forms)}\n", site__p_dot_html=f'<a href="{shown}">x</a>')
    done = run("--changed-since", "main")
    assert list(done.results) == [url]
    assert done.places(url) == ["docs/en/p.md:5"]


def test_new_links_are_found_whatever_the_files_are_called(run: Any, net: HostileWeb, tmp_path: Path) -> None:
    """Quotes, blanks, Chinese and line ends in a name are nothing to git's own quoting here."""
    names = ['a "q" b', "中文", "tab\there", "back\\slash"]
    branch(tmp_path)
    for number, name in enumerate(names):
        url = net.url("new.ok", f"/{number}")
        (tmp_path / f"docs/en/{name}.md").write_text(f"[x]({url})\n", encoding="utf-8")
        (tmp_path / f"site/{name}.html").write_text(f'<a href="{url}">x</a>', encoding="utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "b")
    assert len(run("--changed-since", "main").results) == len(names)


def test_what_stands_in_no_source_is_counted(run: Any, net: HostileWeb, tmp_path: Path) -> None:
    """A link that the theme makes cannot be told to be new; that it was not looked at is said."""
    url = net.url("theme.ok")
    branch(tmp_path, docs__en__p_dot_md="# T\n\nNew.\n", site__p_dot_html=f'<a href="{url}">x</a>')
    done = run("--changed-since", "main")
    assert (done.code, done.results) == (0, {})
    assert "1 link that no source holds: not looked at" in done.err


def test_in_a_subfolder_of_a_repository_the_same_is_found(run: Any, net: HostileWeb, tmp_path: Path) -> None:
    """A project need not stand at the root of its repository."""
    url = net.url("new.ok", "/below")
    (tmp_path / "outer.txt").write_text("x")
    branch(tmp_path)
    inner = tmp_path / "inner"
    write(inner, docs__p_dot_md=f"[x]({url})\n", site__p_dot_html=f'<a href="{url}">x</a>')
    assert list(run("--root", str(inner), "--changed-since", "main").results) == [url]


def test_a_shallow_clone_is_explained(run: Any, tmp_path: Path) -> None:
    """Where the history is missing, it is said how to get it."""
    branch(tmp_path)
    git(tmp_path, "checkout", "-q", "--orphan", "alone")
    git(tmp_path, "commit", "-qm", "c")
    done = run("--changed-since", "main")
    assert done.code == 2
    assert "git fetch --unshallow" in done.err


def test_without_git_it_is_said(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No git, no comparison: exit 2."""
    branch(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("--changed-since", "main")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "git cannot be run" in done.err


CANNOT_RUN = {
    "an empty folder": ((), ("--site", "{root}"), "has no pages"),
    "an empty list": (("list",), ("--urls", "{root}/list"), "holds no link"),
    "a list of comments": (("comments",), ("--urls", "{root}/comments"), "holds no link"),
    "exceptions that are not there": (("site/p.html",), ("--exceptions", "{root}/none.yml"), "none.yml: cannot be read"),
    "settings that are not there": (("site/p.html",), ("--config", "{root}/none.toml"), "none.toml: cannot be read"),
    "nothing left": (("site/p.html",), ("--include", "https://nowhere/*"), "none of the 1 links is left"),
}


@pytest.mark.parametrize("name", CANNOT_RUN)
def test_nothing_to_look_at_is_no_success(run: Any, net: HostileWeb, tmp_path: Path, name: str) -> None:
    """A mistake in what is to be checked ends with one line and exit 2."""
    files, options, said = CANNOT_RUN[name]
    for file in files:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        content = {"list": "\n\n", "comments": "# x\n"}.get(file, f"<a href={net.url('ok')}>x</a>")
        (tmp_path / file).write_text(content, encoding="utf-8")
    done = run(*(option.format(root=tmp_path) for option in options))
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert said in done.err


@pytest.mark.parametrize("number", ["inf", "-inf", "nan", "1e400", "0", "x"])
def test_only_numbers_are_numbers(run: Any, number: str) -> None:
    """`--timeout inf` would wait for ever, and `nan` for nothing."""
    with pytest.raises(SystemExit) as ended:
        run("--timeout", number)
    assert ended.value.code == 2


def urls(root: Path, *found: str) -> tuple[str, str]:
    """Options for a list."""
    (root / "urls.txt").write_text("\n".join(found), encoding="utf-8")
    return ("--urls", str(root / "urls.txt"))


def test_when_every_host_is_silent_nothing_is_known(run: Any, net: HostileWeb, tmp_path: Path) -> None:
    """Then it is more likely the network: one line, exit 2; with one host that answers it is the hosts."""
    silent = [net.url(f"s{n}.never") for n in range(3)]
    fast = ("--timeout", "0.2")
    done = run(*urls(tmp_path, *silent), *fast)
    assert (done.code, done.err.count("\n"), done.out) == (2, 1, "")
    done = run(*urls(tmp_path, *silent, net.url("ok")), *fast)
    assert done.code == 0
    assert sum(result["outcome"] == "unreachable" for result in done.results.values()) == 3


PROXIES = {
    "without a scheme, closed": ("http_proxy", "127.0.0.1:{closed}", "http://a.ok.test/"),
    "of another kind": ("http_proxy", "socks5://127.0.0.1:1080", "http://a.ok.test/"),
    "not an address": ("https_proxy", "http://[", "https://a.ok.test/"),
    "that refuses to connect": ("https_proxy", "http://127.0.0.1:{port}", "https://a.status.test/405"),
    "that wants a password": ("http_proxy", "http://127.0.0.1:{port}", "http://p.status.test/407"),
    "that wants a password to connect": ("https_proxy", "http://127.0.0.1:{port}", "https://p.status.test/407"),
}


@pytest.mark.parametrize("name", PROXIES)
def test_a_proxy_that_does_not_work_is_no_network(
    run: Any, net: HostileWeb, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be said of links then, least of all that they are fine: one line, exit 2."""
    variable, proxy, url = PROXIES[name]
    with socket.create_server(("127.0.0.1", 0)) as held:
        closed = held.getsockname()[1]
    monkeypatch.setenv(variable, proxy.format(closed=closed, port=net.port))
    done = run(*urls(tmp_path, url, url + "?2"))
    assert (done.code, done.err.count("\n"), done.out) == (2, 1, ""), done.err
    assert "proxy" in done.err


def test_a_proxy_without_a_scheme_is_one(run: Any, net: HostileWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`http_proxy=host:port` is what many write; its user and password are for the proxy alone."""
    monkeypatch.setenv("http_proxy", f"user:pa%40ss@127.0.0.1:{net.port}")
    assert run(*urls(tmp_path, "http://via.ok.test/")).code == 0
    (asked,) = [asked for asked in net.asked if asked.host == "via.ok.test"]
    assert asked.headers["proxy-authorization"] == "Basic dXNlcjpwYUBzcw=="


def test_without_certificates_nothing_is_called_broken(run: Any, tmp_path: Path, net: HostileWeb, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a certificate store cannot look at https links: one line, exit 2."""
    (tmp_path / "none.pem").write_text("")
    (tmp_path / "certificates").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "certificates"))
    done = run(*urls(tmp_path, f"https://good.test:{net.tls_port}/"))
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "certificate" in done.err


def test_a_verdict_from_the_future_is_asked_again(run: Any, net: HostileWeb, tmp_path: Path) -> None:
    """A clock that was wrong once does not hide a link for ever."""
    url, cache = net.url("future.ok"), ("--cache", str(tmp_path / "c.sqlite"))
    run(*urls(tmp_path, url), *cache, cache=True, now=NOW + 9e8)
    done = run(*urls(tmp_path, url), *cache, cache=True)
    assert not done.results[url]["is_remembered"]
    assert done.results[url]["last_ok"] == "2026-11-18"


def test_a_rate_limit_is_no_finding(run: Any, net: HostileWeb, tmp_path: Path) -> None:
    """429 is for another day, also for a link that was ok last week."""
    url, cache = net.url("lim.flaky"), ("--cache", str(tmp_path / "c.sqlite"))
    assert run(*urls(tmp_path, url), *cache, cache=True).code == 0
    net.state["lim.flaky.test"]["status"] = 429
    done = run(*urls(tmp_path, url), *cache, cache=True, now=NOW + 7 * 86400)
    assert (done.code, done.results[url]["outcome"]) == (0, "unreachable")


def test_a_list_with_a_mark_is_a_list(run: Any, net: HostileWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows editors put a byte-order mark before the first link."""
    url = net.url("mark.ok")
    (tmp_path / "l.txt").write_bytes(b"\xef\xbb\xbf" + url.encode())
    assert list(run("--urls", str(tmp_path / "l.txt")).results) == [url]
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"\ufeff{url}\n"))
    assert list(run("--urls", "-").results) == [url]


# -- 5: no crash, no hang ------------------------------------------------------------------------


def test_any_file_tree_can_be_walked(run: Any, net: HostileWeb, tmp_path: Path) -> None:
    """Folders named like pages, pipes, links that lead nowhere, round in a circle, or to a folder elsewhere."""
    url, other = net.url("tree.ok"), net.url("tree.ok", "/linked")
    site = tmp_path / "built"
    (site / "folder.html").mkdir(parents=True)
    (site / "page.html").write_text(f"<a href={url}>x</a>")
    os.mkfifo(site / "pipe.html")
    (site / "dead.html").symlink_to("nowhere")
    (site / "self.html").symlink_to("self.html")
    (site / "round").symlink_to(".")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/p.html").write_text(f"<a href={other}>x</a>")
    (site / "linked").symlink_to(tmp_path / "elsewhere")
    done = run("--site", str(site), "--internal")
    assert (done.code, sorted(done.results)) == (0, [url, other])


def program_with(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program as a person does."""
    command = [sys.executable, str(CHECKER), "--allow-private", "--no-cache", *arguments]
    return subprocess.run(command, capture_output=True, timeout=30, check=False, env={**os.environ, **environment})


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_terminal_can_show_it(net: HostileWeb, tmp_path: Path, encoding: str) -> None:
    """Chinese on a terminal that knows none is escaped; JSON stays JSON."""
    (tmp_path / "l.txt").write_text(f"http://127.0.0.1:{net.port}/中文\n未知\n", encoding="utf-8")
    done = program_with("--urls", str(tmp_path / "l.txt"), "--pause", "0", PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (1, b"")
    done = program_with("--urls", str(tmp_path / "l.txt"), "--pause", "0", "--json", "-", PYTHONIOENCODING=encoding)
    assert [result["url"] for result in json.loads(done.stdout)["results"]] == ["未知", f"http://127.0.0.1:{net.port}/中文"]


def test_a_file_name_that_is_no_text_is_reported(net: HostileWeb, tmp_path: Path) -> None:
    """Bytes that are not UTF-8 in a name come through JSON and summary."""
    site = tmp_path / "built"
    site.mkdir()
    Path(os.fsdecode(bytes(site) + b"/caf\xe9.html")).write_text(f"<a href=http://127.0.0.1:{net.port}/x>y</a>")
    report, summary = tmp_path / "r.json", tmp_path / "s.md"
    done = program_with("--site", str(site), "--json", str(report), "--summary", str(summary))
    assert (done.returncode, done.stderr) == (0, b"")
    (result,) = json.loads(report.read_bytes())["results"]
    assert os.fsencode(result["places"][0]["file"]).endswith(b"/caf\xe9.html")


@pytest.mark.parametrize("closing", ["| head -c 0", ">&-", "2>&-", "> /dev/full"])
def test_a_closed_output_is_no_traceback(tmp_path: Path, closing: str) -> None:
    """Whoever stops listening gets exit 2 and at most one line."""
    found = "\n".join(f"nonsense{n}" for n in range(3000))
    (tmp_path / "l.txt").write_text(found)
    command = f"{sys.executable} {CHECKER} --urls {tmp_path}/l.txt --no-cache {closing}"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == (1 if closing == "2>&-" else 2)
    assert done.stderr.count("\n") <= 1, done.stderr


def test_ctrl_c_before_anything_is_asked() -> None:
    """While it still reads, one line and exit 2; whoever runs the tests may ignore Ctrl-C, so the program is told not to."""
    ready = "signal.signal(signal.SIGINT, signal.default_int_handler); print('ready', flush=True)"
    code = f"import check_links, signal, sys; {ready}; sys.exit(check_links.main(['--urls', '-', '--no-cache']))"
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=CHECKER.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (2, "check_links: interrupted\n")


# -- 6: places, words, cost ----------------------------------------------------------------------


def test_links_stand_at_their_own_lines(run: Any, net: HostileWeb, tmp_path: Path) -> None:
    """Folded and literal scalars, a front matter behind a mark, long tags, pages of many lines."""
    at = {name: net.url("line.ok", f"/{name}") for name in ("folded", "literal", "quoted", "front", "tag", "far", "comment", "list", "tab")}
    write(
        tmp_path,
        docs__data__d_dot_yml=f'- a: >-\n    {at["folded"]}\n  b: |\n\n    {at["literal"]}\n  c:\n    "{at["quoted"]}"\n',
        docs__en__p_dot_md=b"\xef\xbb\xbf"
        + f"---\ntitle: é\nsources:\n  - url: {at['front']}\n---\n\n!!! note\n\n    [x]({at['tab']})\n\n1. a\n\n"
        f"   [y]({at['list']})\n".encode(),
        site__p_dot_html="\n" * 70_000 + f"<a\n\n href='{at['far']}'>x</a>\n<a title='\n\n'\n href='{at['tag']}'>"
        f"<a href={at['tab']}></a><a href={at['list']}></a>",
    )
    done = run()
    expected = {"folded": "docs/data/d.yml:2", "literal": "docs/data/d.yml:5", "quoted": "docs/data/d.yml:7", "front": "docs/en/p.md:4",
                "tab": "docs/en/p.md:9", "list": "docs/en/p.md:13", "far": "site/p.html:70001", "tag": "site/p.html:70004"}  # fmt: skip
    assert {name: done.places(at[name]) for name in expected} == {name: [place] for name, place in expected.items()}


def test_a_menu_link_is_reported_once(run: Any, net: HostileWeb, tmp_path: Path) -> None:
    """One line for a link that stands in three hundred pages; all its places are in the JSON."""
    url = net.url("menu.status", "/404")
    site = tmp_path / "built"
    site.mkdir()
    for number in range(300):
        (site / f"p{number}.html").write_text(f"<a href={url}>x</a>")
    done = run("--site", str(site))
    assert done.out.count(url) == done.out.count(f"broken: {url}") + 1  # and once in the address of its archived copies
    assert f"{site}/p0.html:1: broken: {url}" in done.out
    assert "(and 299 more places)" in done.out
    assert len(done.results[url]["places"]) == 300


@pytest.mark.parametrize(
    "url",
    [
        "http://u:hunter2@ok.test/",
        "http:\\\\u:hunter2@ok.test/",
        "https:u:hunter2@ok.test",
        "//u:hunter2@ok.test/x",
        "ftp://u:hunter2@ok.test/",
    ],
)
def test_no_password_reaches_any_file(run: Any, tmp_path: Path, url: str) -> None:
    """Neither the cache nor a report nor the screen holds it."""
    cache, summary = tmp_path / "c.sqlite", tmp_path / "s.md"
    done = run(*urls(tmp_path, url), "--cache", str(cache), "--summary", str(summary), cache=True)
    assert done.code == 1
    kept = cache.read_bytes() + summary.read_bytes() + (tmp_path.parent / f"{tmp_path.name}.json").read_bytes()
    assert b"hunter2" not in kept + (done.out + done.err).encode()
    with sqlite3.connect(cache) as file:
        assert file.execute("SELECT count(*) FROM links").fetchone() == (0,)


@pytest.mark.parametrize("text", ["{# " * 50_000, "`" * 300 + " ` `` ```` " * 3000, "<!-- " * 50_000, "- " * 50_000, "    x\n" * 50_000,
                                  "```\n" * 50_000, "[^x]: " * 30_000, "{#" * 50_000 + "#}" + "{# " * 50_000])  # fmt: skip
def test_no_source_costs_more_than_its_length(text: str) -> None:
    """Reading a chapter takes no time to speak of, whatever stands in it."""
    begin = time.monotonic()
    sources.make_source("p.md", text)
    assert time.monotonic() - begin < 2


@pytest.mark.parametrize("srcset", ["x (" * 20_000, ", " * 20_000, "a," * 20_000, "a 1x," * 20_000])
def test_no_srcset_costs_more_than_its_length(srcset: str) -> None:
    """Nor does an attribute."""
    begin = time.monotonic()
    pages.read_local(f"<img srcset='{srcset}'>".encode(), is_xml=False)
    assert time.monotonic() - begin < 2


def test_patterns_of_exceptions_cost_no_time() -> None:
    """Any number of stars, and each still stands for anything."""
    begin = time.monotonic()
    assert not program.fits("*a" * 60 + "*b", "a" * 5000)
    assert program.fits("*a" * 60 + "*", "a" * 5000)
    assert time.monotonic() - begin < 1
    for pattern, url, is_fit in (("a*c", "abc", True), ("a*c", "ac", True), ("a*c", "abcd", False), ("a", "ab", False),
                                 ("ab*ba", "aba", False),
                                 ("*", "", True), ("a*b*c", "a-b-c", True), ("a*b*c", "acb", False), ("[a]", "a", False)):  # fmt: skip
        assert program.fits(pattern, url) is is_fit, (pattern, url)


# -- 7: taken elsewhere --------------------------------------------------------------------------


def test_links_inside_a_site_and_their_anchors(run: Any, tmp_path: Path) -> None:
    """`--internal` follows every link from page to page, as a web server and a browser do."""
    write(
        tmp_path,
        built__index_dot_html="<h1 id=top-of-it>x</h1><a href=sub/a.html#there>1</a><a href='sub/'>2</a><a href=sub>3</a>"
        "<a href='sub/a'>4</a>"
        "<a href='#top-of-it'>5</a><a href='#gone'>6</a><a href=none.html>7</a><a href='sub/a.html#missing'>8</a>"
        "<a href='/sub/a.html?x=1'>9</a>"
        "<img src=sub/none.png><a href='中文.html'>10</a><a href='%E4%B8%AD%E6%96%87.html'>11</a>"
        "<a href='../../etc/passwd'>12</a><a href='#'>13</a>"
        "<a href='sub\\a.html'>14</a><a href='mailto:x@a.test'>15</a>"
        "<a href='sub/A.html'>16</a><a href='#top'>17</a><a href=' sub/a.html '>18</a>",
        built__sub__index_dot_html="<a href='../index.html'>x</a><a href='a.html#h%C3%A9'>y</a>",
        built__sub__a_dot_html="<h2 id=there>x</h2><a name='hé'></a><base href=../><a href=index.html>x</a>",
    )
    (tmp_path / "built/中文.html").write_text("x", encoding="utf-8")
    done = run("--site", str(tmp_path / "built"), "--internal")
    broken = {url: result["reason"] for url, result in done.results.items() if result["outcome"] == "broken"}
    assert broken == {
        "/index.html#gone": "the page has no #gone",
        "/none.html": "there is no such file in the site",
        "/sub/a.html#missing": "the page has no #missing",
        "/sub/none.png": "there is no such file in the site",
        "/etc/passwd": "there is no such file in the site",
        "/sub/A.html": "there is no such file in the site",
    }
    assert done.places("/none.html") == [f"{tmp_path}/built/index.html:1"]
    assert done.code == 1


def test_a_page_finds_its_chapter(run: Any, net: HostileWeb, tmp_path: Path) -> None:
    """With and without directory addresses, in one language or several; an index is a chapter too, and a README only if nothing else is."""
    pairs = {"index.html": "docs/index.md", "a/index.html": "docs/a.md", "b/index.html": "docs/b/README.md", "c.html": "docs/c.md"}
    pairs |= {"zh/index.html": "docs/zh/index.md", "zh/c.html": "docs/zh/c.md"}
    expected = {}
    for number, (page, chapter) in enumerate(pairs.items()):
        url = net.url("paired.ok", f"/{number}")
        for name in (f"site/{page}", chapter):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / page).write_text(f"<a href={url}>x</a>")
        (tmp_path / chapter).write_text(f"\n[x]({url})\n")
        expected[url] = [f"{chapter}:2"]
    write(tmp_path, docs__data__README_dot_md=f"[x]({net.url('paired.ok', '/0')})")
    done = run()
    assert {url: done.places(url) for url in done.results} == expected


def test_a_site_knows_its_own_address(run: Any, tmp_path: Path) -> None:
    """With --site-url, links to the site's own address and below its path are internal, and nobody is asked."""
    write(
        tmp_path,
        built__index_dot_html="<a href='https://me.test/guide/a.html'>1</a><a href='/guide/a.html'>2</a><a href='https://me.test/guide/no.html'>3</a>",
        built__a_dot_html="x",
    )
    done = run("--site", str(tmp_path / "built"), "--internal", "--site-url", "https://me.test/guide/")
    assert {url: result["outcome"] for url, result in done.results.items()} == {"/a.html": "ok", "/no.html": "broken"}


def test_what_is_included_excluded_and_accepted(run: Any, net: HostileWeb, tmp_path: Path) -> None:
    """Patterns choose links; statuses that are accepted are ok, redirects and bot walls included."""
    found = [net.url(f"c{status}.status", f"/{status}") for status in (200, 403, 404, 500)]
    done = run(*urls(tmp_path, *found), "--exclude", "*/404", "--include", "*.status.test:*", "--accept", "403,500-599")
    assert {url: result["outcome"] for url, result in done.results.items()} == dict.fromkeys(sorted([found[0], found[1], found[3]]), "ok")


def test_a_header_goes_to_its_host_alone(run: Any, net: HostileWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key is sent where it belongs, not to the host that a redirect leads to."""
    monkeypatch.setenv("KEY_OF_MINE", "k1")
    net.places["/away"] = net.url("other.ok", "/from-placed")
    (tmp_path / "link-check.toml").write_text(
        'header = ["secret.test: X-Key: ${KEY_OF_MINE}", "placed.test: X-Key: k2"]\nname = "My site"\n'
    )
    write(tmp_path, site__p_dot_html=f"<a href={net.url('secret')}>x</a><a href={net.url('placed', '/away')}>x</a>")
    assert run().results[net.url("secret")]["outcome"] == "ok"
    (asked,) = [asked for asked in net.asked if asked.path == "/from-placed"]
    assert "x-key" not in asked.headers
    assert "My site" in asked.headers["user-agent"]
    assert "k1" not in json.dumps([a.headers for a in net.asked if a.host != "secret.test"])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("per-host = 0", "positive"),
        ("nonsense = 1", "nonsense"),
        ("accept = 'x'", "expected statuses"),
        ("header = 'x'", "host: Name: value"),
    ],
)
def test_wrong_settings_are_said(run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: str, said: str) -> None:
    """A setting is an option, and is held to the same."""
    (tmp_path / "link-check.toml").write_text(settings)
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_what_the_command_line_names_is_checked(run: Any, net: HostileWeb, tmp_path: Path) -> None:
    """A site in the settings does not stand in the way of a list, and the settings for asking still hold."""
    (tmp_path / "link-check.toml").write_text('site = "public"\ninternal = true\naccept = "404"\n')
    url = net.url("named.status", "/404")
    assert run(*urls(tmp_path, url), "--root", str(tmp_path)).results[url]["outcome"] == "ok"


def test_settings_that_cannot_be_read_are_said(run: Any, tmp_path: Path) -> None:
    """One line with the file."""
    (tmp_path / "link-check.toml").write_text("x = [")
    assert run().err.startswith(f"check_links: {tmp_path}/link-check.toml: cannot be read")
    (tmp_path / "link-check.toml").write_text("[headers]\na = 1")
    assert "headers: found a table" in run().err


def test_the_folder_alone_is_the_program(net: HostileWeb, tmp_path: Path) -> None:
    """Copied elsewhere it runs, reads that project's settings, and leaves nothing behind but what it is told to."""
    shutil.copytree(PACKAGE, tmp_path / "tools/link_check", ignore=shutil.ignore_patterns("__pycache__"))
    project = tmp_path / "project"
    write(project, public__p_dot_html=f"<a href=http://127.0.0.1:{net.port}/x>y</a>", link_dash_check="")
    (project / "link-check.toml").write_text('site = "public"\nallow-private = true\nname = "Elsewhere"\n')
    environment = {**os.environ, "PYTHONPATH": "", "XDG_CACHE_HOME": str(tmp_path / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, str(tmp_path / "tools/link_check")]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, env=environment, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 links: 1 ok (0 remembered)\n", "")
    assert (tmp_path / "cache/link-check/links.sqlite").is_file()
    assert sorted(path.name for path in project.iterdir()) == ["link-check.toml", "link_dash_check", "public"]
    assert net.asked[-1].headers["user-agent"].startswith("link-check/2 (Elsewhere; ")
    shown = subprocess.run([*command, "--help"], capture_output=True, text=True, env=environment, timeout=30, check=True).stdout
    assert "usage: link_check" in shown
    assert "guide" not in shown


def test_both_scripts_name_what_they_need() -> None:
    """Their own metadata (PEP 723) names the same libraries, each of which is imported, and no other is."""
    named = []
    for script in (CHECKER, PACKAGE / "__main__.py"):
        block = re.search(r"^# /// script\n((?:# .*\n)+)# ///$", script.read_text(encoding="utf-8"), re.MULTILINE)
        assert block
        named.append(tomllib.loads(re.sub(r"^# ", "", block[1], flags=re.MULTILINE)))
    assert named[0] == named[1]
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", "".join(path.read_text() for path in PACKAGE.glob("*.py")), re.MULTILINE))
    theirs = {re.split(r"[>=]", name)[0].replace("-", "_").replace("pyyaml", "yaml") for name in named[0]["dependencies"]}
    assert theirs == imported - set(sys.stdlib_module_names) - {"link_check"}
    direct = (ROOT / "requirements.in").read_text(encoding="utf-8")
    assert all(re.search(rf"^{re.split('[>=]', name)[0]}\b", direct, re.MULTILINE) for name in named[0]["dependencies"])


def test_nothing_is_loaded_that_is_not_needed() -> None:
    """What a run does not need, it does not load."""
    heavy = "('email', 'http.client', 'rich', 'yaml', 'aiohttp', 'tomllib')"
    code = f"import sys, link_check.program, link_check.web; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKER.parent, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
