"""Check the words: spelling, words that the guide does not use, undated absences, and Chinese typography.

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
from itertools import chain, islice
from pathlib import Path
from typing import Any

from absences import NOT_SHOWN, TARGET, absences, values
from catalogue import DATA, ROOT, CatalogueError
from chapters import CALL, EDITIONS, Chapter, read_chapters, without_code
from findings import Problem, Said, both, report, say
from reading import MOST_FINDINGS, limit_of, read_yaml_file
from typography import Typographer

WORDING = DATA / "wording.yml"
CODESPELL = Path(sys.executable).with_name("codespell")

FOUND_SLIPS = 65
"""How codespell ends when it has found something (EX_DATAERR)."""

HAN = r"[\u4e00-\u9fff]"
GOES_ON = re.compile(rf"^(?![-*+|#>!:]|\d+\. |\{{\{{|\s{{4}}).*{HAN}.*$")
"""A line of running Chinese: two of them in a row make a blank between characters."""


def read_words(root: Path) -> dict[str, Any]:
    """The lists of wording.yml, with the wrong names of terms.yml among the Chinese ones; raises `CatalogueError` without them."""
    (words, _, wrong), (terms, _, more) = (read_yaml_file(root, (DATA / name).as_posix()) for name in (WORDING.name, "terms.yml"))
    if wrong or more:
        raise CatalogueError([*wrong, *more])
    for term in terms:
        words["zh"].update(dict.fromkeys(term.get("avoid", ()), term["zh"]))
    return dict(words)


def unwanted(text: str, words: dict[str, str], is_chinese: bool) -> Iterator[Said]:
    """Say which unwanted words stand in a line of prose, and what to write instead."""
    for word, instead in words.items():
        pattern = re.escape(word) if is_chinese else rf"\b{re.escape(word)}\b"
        if re.search(pattern, text, re.IGNORECASE):
            yield say("unwanted_word", found=word, expected=str(instead))


def typography(typographer: Typographer, text: str) -> Iterator[tuple[int, Said]]:
    """Spaces and punctuation between Chinese and Latin, as AutoCorrect wants them: the line in `text`, and what to change."""
    answer = typographer.ask(text)
    if isinstance(answer, int):
        yield answer, say("typography_unreadable")
    else:
        yield from ((line, say("typography", found=old, expected=new)) for line, old, new in answer)


def check_words(chapter: Chapter, words: dict[str, str], is_chinese: bool) -> Iterator[tuple[int, Said]]:
    """Unwanted words of a chapter, and Chinese paragraphs that are broken into lines."""
    head = [(chapter.lines.get((field,), 1), str(chapter.head.get(field, ""))) for field in ("title", "description")]
    before = ""
    for number, line in [*head, *chapter.prose]:
        prose = TARGET.sub("", CALL.sub("", line))
        if prose.strip():
            yield from ((number, said) for said in unwanted(prose, words, is_chinese))
        if is_chinese and number > chapter.above and GOES_ON.match(line) and GOES_ON.match(before):
            yield number, say("broken_paragraph")
        before = line if number > chapter.above else ""


def check_chapters(root: Path, words: dict[str, Any], typographer: Typographer) -> Iterator[Problem]:
    """Words and typography of the chapters of both editions."""
    for edition, folder in EDITIONS.items():
        for chapter in read_chapters(root, folder)[0]:  # what is wrong with a head or a file is check_pages.py's to report
            found = check_words(chapter, words[edition], edition == "zh")
            if edition == "zh":
                found = chain(found, typography(typographer, chapter.text))
            yield from (Problem(chapter.file, line, "", said) for line, said in islice(found, MOST_FINDINGS))


def check_records(root: Path, words: dict[str, Any], typographer: Typographer) -> Iterator[Problem]:
    """Words and typography of everything that docs/data/ shows."""
    for file in sorted((root / DATA).glob("*.yml")):
        if file.name in NOT_SHOWN:
            continue
        name = file.relative_to(root).as_posix()
        data, lines, _ = read_yaml_file(root, name)
        for path, text in values(data):
            line, edition = lines.get(path, 1), path[-1]
            if edition in ("en", "zh"):
                prose = TARGET.sub("", without_code(text))
                yield from (Problem(name, line, "", said) for said in unwanted(prose, words[edition], edition == "zh"))
            if re.search(HAN, text) and edition != "en" and not {"avoid", "also", "patterns"} & set(path):
                for part in text.split("|"):  # a stroke is a line break in the words of a drawing
                    yield from (Problem(name, line, "", said) for _, said in typography(typographer, part))


def check_absences(root: Path, words: dict[str, Any]) -> Iterator[Problem]:
    """Sentences that say something was not found, without the day of the search."""
    for absence in absences(root, words):
        if absence.searched is None:
            yield Problem(absence.file, absence.line, "", say("absence_without_day", found=absence.sentence))


def check_spelling(root: Path, known: Sequence[str]) -> Iterator[Problem]:
    """What codespell takes for a slip in the English texts."""
    places = sorted(path for folder in (EDITIONS["en"], DATA) for path in (root / folder).rglob("*"))
    readable = [path for path in places if path.is_file() and path.stat().st_size <= limit_of(path.name)]  # a pipe would make it wait
    files = [path.relative_to(root) for path in readable]
    if not files:
        return  # without a file it reads everything
    done = subprocess.run(  # noqa: S603  a tool of our own environment
        [CODESPELL, "--ignore-words-list", ",".join(known), *files],
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
    try:
        words = read_words(root)
    except CatalogueError as error:
        return error.problems
    with Typographer() as typographer:
        found = {*check_chapters(root, words, typographer), *check_records(root, words, typographer), *check_absences(root, words)}
    return sorted(found | set(check_spelling(root, words["known"])))


def main(argv: Sequence[str] | None = None) -> int:
    """Print the findings; exit 1 if there is one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?", type=Path, default=ROOT, help="the folder that holds docs/ (default: this guide)")
    problems = check(parser.parse_args(argv).root)
    return report(problems, say("in_the_wording"))


if __name__ == "__main__":
    sys.exit(main())
