"""Say which kind a change is: content (chapters, records, words), or the machine, which needs a maintainer.

Reads .github/CODEOWNERS, where the line between the two is drawn, and asks git what differs from `--base`
(default: where the branch left origin/main; without one, the last commit), files that git does not track yet included.
Prints a line in each language and the files of the machine. Exits 0; 2 when git cannot answer.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from catalogue import ROOT
from findings import both, complain, say
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

OWNERS = Path(".github/CODEOWNERS")
SHOWN = 12  # files that the line names


def read_owners(text: str) -> list[tuple[GitIgnoreSpecPattern, bool]]:
    """The patterns of a CODEOWNERS file, each with whether it names an owner."""
    lines = (line.partition("#")[0].split() for line in text.splitlines())
    return [(GitIgnoreSpecPattern(words[0]), len(words) > 1) for words in lines if words]


def machine(files: Sequence[str], owners: Sequence[tuple[GitIgnoreSpecPattern, bool]]) -> list[str]:
    """Those files that have an owner: the last pattern that fits a file decides."""
    return [file for file in files if [owned for pattern, owned in owners if pattern.match_file(file)][-1:] == [True]]


def git(root: Path, *words: str) -> str:
    """What git says; raises `CalledProcessError` or `FileNotFoundError` when it cannot."""
    return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True).stdout  # noqa: S603, S607  the user's git


def changed(root: Path, base: str) -> list[str]:
    """The files that differ from `base` in the working tree, whatever git's settings, sorted."""
    if not base:
        known = git(root, "for-each-ref", "--format=%(refname)", "refs/remotes/origin/main").strip()
        base = git(root, "merge-base", "HEAD", known).strip() if known else "HEAD"
    differing = git(root, "diff", "--name-only", "--no-renames", "--no-ext-diff", "--no-relative", "-z", base, "--")
    new = git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return sorted({*differing.split("\0"), *new.split("\0")} - {""})


def main(argv: Sequence[str] | None = None) -> int:
    """Print the kind of the change."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", default="", help="compare with this commit or branch")
    parser.add_argument("root", nargs="?", type=Path, default=ROOT, help="the folder that holds .github/ (default: this guide)")
    arguments = parser.parse_args(argv)
    root: Path = arguments.root
    try:
        files = changed(root, arguments.base)
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        complain(say("no_git", said=str(getattr(error, "stderr", "") or error).strip()))
        return 2
    owned = machine(files, read_owners((root / OWNERS).read_text(encoding="utf-8")))
    if owned:
        print(both(say("change_of_machine", files=", ".join(owned[:SHOWN]) + (" …" if len(owned) > SHOWN else ""))))
    else:
        print(both(say("change_of_content", count=len(files)) if files else say("no_change")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
