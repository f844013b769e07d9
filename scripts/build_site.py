"""Build both editions side by side: English at the root of site/, Chinese below zh/.

Reads mkdocs.yml and mkdocs.zh.yml, and two settings from the environment, both empty by default:
SITE_URL (where the site is published) and REPO_URL (where its source can be read).
`--serve` shows the site on this machine and builds it again when a file changes.
Sources are judged before they are built, and what comes out before it takes the place of the old site, which stays until then.
Exits 0 when the site is written, 1 when there is a finding or a build failed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import check_hostile
import check_output
from ads import write_counts
from allowed import Rules
from catalogue import ROOT, load_once
from draw_preview import draw_preview
from findings import Problem, both, report, say
from host_files import write_host_files
from kits import write_kits
from mainland import hosts_of, mark_links
from mkdocs.livereload import LiveReloadServer
from search_index import finish_index, names_of, whole_words

EDITIONS = {"en": ("mkdocs.yml", ""), "zh": ("mkdocs.zh.yml", "zh/")}
"""Each edition's settings and its place below the site's root."""

WATCHED = ("docs", "overrides", "scripts", "mkdocs.yml", "mkdocs.zh.yml")


class BuildError(Exception):
    """The site could not be built; the message is what the checks found, or what the builder said."""


def judged(problems: Sequence[Problem]) -> None:
    """Raise `BuildError` with the findings, in both languages, if there are any."""
    if problems:
        raise BuildError("\n".join(map(both, problems)))


def last_words(said: str) -> str:
    """What a builder said, without the inner life of a program that stopped: its last line says why."""
    before, trace, inside = said.partition("Traceback (most recent call last):")
    return before + inside.strip().rpartition("\n")[2] if trace else said


MENDED = (
    (re.compile(r'(<input class="?md-toggle[^>]*?) autocomplete="?off"?'), r"\1"),  # HTML does not know it on a switch
    (re.compile(r'(class="?md-skip"?[^>]*>)\s*跳转至'), r"\1跳到正文"),  # the theme's words break off: "skip to"
)
"""What no block of the theme reaches (Material 9.8), and what takes its place."""


def mend_pages(site: Path) -> None:
    """Mend on every page what the theme leaves wrong and no block reaches."""
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for wrong, right in MENDED:
            text = wrong.sub(right, text)
        path.write_text(text, encoding="utf-8")


def mend_error_page(page: Path, top: str) -> None:
    """Let the error page of an edition below the root lead to its own pages: without an address the builder takes the root for its top."""
    text = page.read_text(encoding="utf-8")
    text = re.sub(r'(<(?!a class="?mle-twin)[^<>]*? (?:href|src|value)="?)/(?!/)', rf"\g<1>/{top}", text)
    page.write_text(text, encoding="utf-8")


CUT_SHORT = ("for(let o=s+1;o<t.length;o++)t.slice(s,o)in e", "for(let o=s+1;o<=t.length;o++)t.slice(s,o)in e")
"""The theme's search (Material 9.8) looks a Chinese question up in pieces and never tries one that reaches its end: 微调 asks for 微."""


def mend_search(site: Path) -> None:
    """Let the search take the last character of a Chinese question, too; raises `BuildError` when the theme's search has changed."""
    wrong, right = CUT_SHORT
    for path in site.glob("assets/javascripts/workers/search.*.js"):
        text = path.read_text(encoding="utf-8")
        if text.count(wrong) != 1:
            raise BuildError(both(say("search_changed", file=path.name)))
        path.write_text(text.replace(wrong, right), encoding="utf-8")


def shorten_styles(site: Path) -> None:
    """Leave comments and indentation out of the guide's style sheet: a reader on a phone loads a quarter less of it."""
    sheet = site / "assets/guide.css"
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    sheet.write_text(re.sub(r"\n\s*", "\n", text).lstrip(), encoding="utf-8")


def drop_unused(site: Path, edition: str) -> None:
    """Leave out what the theme brings and no page asks for: source maps, and the word rules of other languages."""
    for path in site.rglob("assets/**/*.map"):
        path.unlink()
    rules = site / "assets/javascripts/lunr"
    needed = {"lunr.stemmer.support.min.js", f"lunr.{edition}.min.js"} if edition != "en" else set()
    for path in rules.rglob("*.js"):
        if path.name not in needed:
            path.unlink()


def build(root: Path, target: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Build both editions of the guide in `root` and put them in the place of `target`; raises `BuildError`."""
    judged(check_hostile.check(root))
    site_url = environment.get("SITE_URL", "")
    site_url += "/" if site_url and not site_url.endswith("/") else ""
    rules = Rules(root, site_url, environment.get("REPO_URL", ""))
    judged(check_output.check_chapters(root, rules))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".site-", dir=target.parent) as name:
        new = Path(name)
        running = {
            edition: subprocess.Popen(  # noqa: S603  our own builder, fixed arguments
                [sys.executable, "-m", "mkdocs", "build", "--config-file", settings, "--site-dir", new / edition],
                cwd=root,
                env={**environment, "SITE_URL": site_url and site_url + place, "NO_MKDOCS_2_WARNING": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for edition, (settings, place) in EDITIONS.items()
        }
        said = {edition: process.communicate()[0] for edition, process in running.items()}
        failed = [last_words(said[edition]) for edition, process in running.items() if process.returncode]
        if failed:
            # a wrong record stops both with one message; what is set in belongs to the line above it
            raise BuildError("\n".join(dict.fromkeys(re.split(r"\n(?! )", "\n".join(failed)))))
        for edition in EDITIONS:
            whole = whole_words(root) if edition == "zh" else []
            finish_index(new / edition / "search", names_of(root, load_once(root), edition), whole)
            drop_unused(new / edition, edition)
            shorten_styles(new / edition)
            mend_search(new / edition)
            mend_pages(new / edition)
        mark_links(new / "zh", hosts_of(load_once(root)))
        if site_url:
            draw_preview(new / "en")
        write_kits(root, load_once(root).kinds["projects"], [new / edition / "kits" for edition in EDITIONS])
        write_counts(root, [new / edition / "ads" for edition in EDITIONS])
        if not site_url:
            mend_error_page(new / "zh/404.html", "zh/")
        (new / "zh").rename(new / "en/zh")
        write_host_files(new / "en", site_url, rules.policy)
        judged(check_output.check_site(root, new / "en", rules))
        if target.exists():
            shutil.rmtree(target)
        (new / "en").rename(target)


def serve(root: Path, port: int) -> None:
    """Show the site on this machine, open it, and build it again when a file changes, until Ctrl-C."""
    target = root / "site"

    def again() -> None:
        try:
            build(root, target)
        except BuildError as error:
            print(error, file=sys.stderr)  # the last good site stays

    with LiveReloadServer(again, "127.0.0.1", port, str(target)) as server:
        for name in WATCHED:
            server.watch(str(root / name))
        server.error_handler = lambda code: (target / "404.html").read_bytes() if code == 404 else None
        print(f"The guide is at http://127.0.0.1:{port}/ and, in Chinese, at http://127.0.0.1:{port}/zh/; Ctrl-C ends it.")
        try:
            server.serve(open_in_browser=True)  # type: ignore[no-untyped-call]  # not typed in MkDocs 1.6
        except KeyboardInterrupt:
            server.shutdown(wait=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Build the guide that holds this script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", type=int, metavar="PORT", help="serve the site on this port and build it again when a file changes")
    parser.add_argument("--check", action="store_true", help="build into a folder that is thrown away, to see what comes out")
    arguments = parser.parse_args(argv)
    try:
        if arguments.check:
            with tempfile.TemporaryDirectory(prefix=".site-", dir=ROOT) as folder:
                build(ROOT, Path(folder) / "site")
            return report([], say("in_the_output"))
        build(ROOT, ROOT / "site")
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    if arguments.serve:
        serve(ROOT, arguments.serve)
    else:
        print("Open site/index.html, or site/zh/index.html in Chinese")
    return 0


if __name__ == "__main__":
    sys.exit(main())
