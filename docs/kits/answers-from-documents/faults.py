"""The faults of "what breaks" as switches, for the tests and for you. Each changes a folder of documents in place: use a copy.

python acceptance/faults.py changed DOCUMENTS PAGE      a page gets a new section at its head and another limit, PAGE as 2/tidegate.md
python acceptance/faults.py removed DOCUMENTS PAGE      a page is gone
python acceptance/faults.py contradict DOCUMENTS PAGE   a setting of the page is renamed in version 2
python acceptance/faults.py long-table DOCUMENTS PAGE   sixty rows more in the table of a page, before the others

The faults of the model are modes of the stand-in: `late` and `eager` in stand_in.py. For the cache, ask one question as two users.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

NEWS = "## News\n\nThis section was not here before.\n\n"


def changed(page: Path) -> None:
    """A section more, before all others, and a limit that is another one."""
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("## Settings", NEWS + "## Settings", 1).replace("at most", "never more than", 1), encoding="utf-8")


def removed(page: Path) -> None:
    """The page is gone."""
    page.unlink()


def contradict(page: Path) -> None:
    """`cache` is called `buffer`."""
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace(".cache |", ".buffer |"), encoding="utf-8")


def long_table(page: Path) -> None:
    """A table that a cut by length tears in two."""
    rows = "".join(f"| {page.stem}.spare{nth} | number | {nth} copies |\n" for nth in range(60))
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("|---|---|---|\n", "|---|---|---|\n" + rows, 1), encoding="utf-8")


SWITCHES: dict[str, Callable[[Path], None]] = {
    "changed": changed,
    "removed": removed,
    "contradict": contradict,
    "long-table": long_table,
}


def main(argv: Sequence[str]) -> int:
    """Switch one fault on."""
    try:
        name, documents, page = argv
        switch = SWITCHES[name]
        path = Path(documents) / page
    except (ValueError, KeyError):
        print(__doc__)
        return 2
    if not path.is_file():
        print(f"{path} is no page")
        return 2
    switch(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
