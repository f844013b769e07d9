"""Check the words: spelling, words that the guide does not use, and Chinese typography.

Reads the chapters, the records and the words of the templates in docs/data/, with docs/data/wording.yml and the
wrong names in terms.yml. Spelling is codespell's, typography AutoCorrect's; both are asked, neither is copied.
Prints `docs/zh/role.md:12: what was found, what was expected`; exits 1 if there is a finding, 0 if there is none.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import autocorrect_py
import yaml
from catalogue import DATA, ROOT, FieldPath, read_yaml
from check_pages import CALL, CODE_SPAN, read_chapter
from findings import Problem, Said, both, report, say

WORDING = DATA / "wording.yml"
TARGET = re.compile(r"\]\([^)]*\)|https?://\S+|\{ #[a-z0-9-]+ \}")
"""Addresses and anchors: no prose."""

FOUND_SLIPS = 65
"""How codespell ends when it has found something (EX_DATAERR)."""

NOT_SHOWN = ("wording.yml", "link-exceptions.yml")

HAN = r"[\u4e00-\u9fff]"
GOES_ON = re.compile(rf"^(?![-*+|#>!:]|\d+\. |\{{\{{|\s{{4}}).*{HAN}.*$")
"""A line of running Chinese: two of them in a row make a blank between characters."""


def read_words(root: Path) -> dict[str, Any]:
    """The lists of wording.yml, with the wrong names of terms.yml among the Chinese ones."""
    words: dict[str, Any] = yaml.safe_load((root / WORDING).read_text(encoding="utf-8"))
    for term in yaml.safe_load((root / DATA / "terms.yml").read_text(encoding="utf-8")):
        words["zh"].update(dict.fromkeys(term.get("avoid", ()), term["zh"]))
    return words


def unwanted(text: str, words: dict[str, str], is_chinese: bool) -> Iterator[Said]:
    """Say which unwanted words stand in a line of prose, and what to write instead."""
    for word, instead in words.items():
        pattern = re.escape(word) if is_chinese else rf"\b{re.escape(word)}\b"
        if re.search(pattern, text, re.IGNORECASE):
            yield say("unwanted_word", found=word, expected=str(instead))


def typography(text: str) -> Iterator[tuple[int, Said]]:
    """Spaces and punctuation between Chinese and Latin, as AutoCorrect wants them: the line in `text`, and what to change."""
    for line in autocorrect_py.lint_for(text, "text.md").lines:
        yield line.line, say("typography", found=line.old.strip(), expected=line.new.strip())


def check_chapters(root: Path, words: dict[str, Any]) -> Iterator[Problem]:
    """Words and typography of the chapters of both editions."""
    for edition in ("en", "zh"):
        for file in sorted((root / "docs" / edition).rglob("*.md")):
            chapter, _ = read_chapter(root, f"docs/{edition}", file)
            head = [(chapter.lines.get((field,), 1), str(chapter.head.get(field, ""))) for field in ("title", "description")]
            before = ""
            for number, line in [*head, *chapter.prose]:
                prose = TARGET.sub("", CALL.sub("", line))
                yield from (Problem(chapter.file, number, "", said) for said in unwanted(prose, words[edition], edition == "zh"))
                if edition == "zh" and number > head[-1][0] and GOES_ON.match(line) and GOES_ON.match(before):
                    yield Problem(chapter.file, number, "", say("broken_paragraph"))
                before = line
            if edition == "zh":
                yield from (Problem(chapter.file, line, "", said) for line, said in typography(file.read_text(encoding="utf-8")))


def values(data: Any, path: FieldPath = ()) -> Iterator[tuple[FieldPath, str]]:
    """Every text in a file of records, with its path."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from values(value, (*path, key))


def check_records(root: Path, words: dict[str, Any]) -> Iterator[Problem]:
    """Words and typography of everything that docs/data/ shows."""
    for file in sorted((root / DATA).glob("*.yml")):
        if file.name in NOT_SHOWN:
            continue
        name = file.relative_to(root).as_posix()
        data, lines, _ = read_yaml(file.read_bytes(), name)
        for path, text in values(data):
            line, edition = lines.get(path, 1), path[-1]
            if edition in ("en", "zh"):
                prose = TARGET.sub("", CODE_SPAN.sub("", text))
                yield from (Problem(name, line, "", said) for said in unwanted(prose, words[edition], edition == "zh"))
            if re.search(HAN, text) and edition != "en" and not {"avoid", "also"} & set(path):
                for part in text.split("|"):  # a stroke is a line break in the words of a drawing
                    yield from (Problem(name, line, "", said) for _, said in typography(part))


def check_spelling(root: Path, known: Sequence[str]) -> Iterator[Problem]:
    """What codespell takes for a slip in the English texts."""
    done = subprocess.run(  # noqa: S603  a tool of our own environment, fixed arguments
        [Path(sys.executable).with_name("codespell"), "--ignore-words-list", ",".join(known), "docs/en", DATA.as_posix()],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, FOUND_SLIPS):
        raise SystemExit(both(say("codespell_failed", reason=done.stderr.strip())))
    for line in done.stdout.splitlines():
        if found := re.match(r"(?:\./)?(.+?):(\d+): (\S+) ==> (.+)", line):
            said = say("spelling", found=found[3], expected=found[4], file=WORDING.as_posix())
            yield Problem(found[1], int(found[2]), "", said)


def check(root: Path) -> list[Problem]:
    """All findings of the guide in `root`, sorted by place."""
    words = read_words(root)
    return sorted({*check_chapters(root, words), *check_records(root, words), *check_spelling(root, words["known"])})


def main(argv: Sequence[str] | None = None) -> int:
    """Print the findings; exit 1 if there is one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?", type=Path, default=ROOT, help="the folder that holds docs/ (default: this guide)")
    problems = check(parser.parse_args(argv).root)
    return report(problems, say("in_the_wording"))


if __name__ == "__main__":
    sys.exit(main())
