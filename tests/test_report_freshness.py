"""The freshness report: what is due, oldest first, at its line, with its source."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from catalogue import DATA, ROOT
from report_freshness import main
from test_catalogue import world

CERTIFICATE = "docs/data/certifications.yml:17: test-engineer: checked 2026-05-24"


@pytest.fixture
def guide(tmp_path: Path) -> str:
    """A small guide whose oldest record was checked on 24 May 2026; certificates keep 180 days, events 120."""
    shutil.copy(ROOT / DATA / "wording.yml", world(tmp_path) / DATA)
    return str(tmp_path)


def test_nothing_is_due_within_the_shelf_life(guide: str, capsys: pytest.CaptureFixture[str]) -> None:
    """On the last day of the shelf life nothing is due."""
    assert main(["--today", "2026-11-20", guide]) == 0
    first, chinese = capsys.readouterr().out.splitlines()
    assert first == "0 due for a check on 2026-11-20, 0 of them past twice their shelf life"
    assert chinese == "  截至 2026-11-20，0 条待复核，其中 0 条已超过保鲜期的两倍"


def test_a_fact_is_due_on_the_next_day(guide: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The day after the shelf life the fact is due, with line and source; the report still exits 0."""
    assert main(["--today", "2026-11-21", guide]) == 0
    first, chinese, *_ = capsys.readouterr().out.splitlines()
    assert first == f"{CERTIFICATE}, due since 2026-11-21 → https://example.org/source"
    assert chinese == "  核对于 2026-05-24，自 2026-11-21 起待复核 → https://example.org/source"


def test_oldest_comes_first_and_overdue_exits_1(guide: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Past twice its shelf life a fact is overdue, the oldest stands first, and the report exits 1."""
    assert main(["--today", "2027-06-01", guide]) == 1
    lines = capsys.readouterr().out.splitlines()[::2]  # the English ones
    assert lines[0].startswith(f"{CERTIFICATE}, overdue since")
    assert [line.split(": ")[1] for line in lines[1:-1]] == ["test-architect", "a-sample", "a-meeting", "a-site"]
    assert lines[-1] == "5 due for a check on 2027-06-01, 2 of them past twice their shelf life"


def test_json_holds_the_same(guide: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON form has a schema version and one object a fact."""
    main(["--json", "--today", "2027-06-01", guide])
    said = json.loads(capsys.readouterr().out)
    assert said["schema_version"] == 1
    assert said["due"][0] == {
        "file": "docs/data/certifications.yml",
        "line": 17,
        "kind": "certifications",
        "id": "test-engineer",
        "verified": "2026-05-24",
        "due_since": "2026-11-21",
        "days_over": (date(2027, 6, 1) - date(2026, 11, 20)).days,
        "is_overdue": True,
        "source": "https://example.org/source",
        "sentence": "",
    }


def test_bad_records_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Records that cannot be read are told on stderr, and the report exits 2."""
    assert main(["--today", "2026-11-23", str(world(tmp_path, "tab"))]) == 2
    assert "certifications.yml:4: found a tab" in capsys.readouterr().err


CHANGE = "---\ntitle: A role\ndescription: What it is.\nverified: 2026-11-01\nlook_again: 2026-11-11\n---\n# A role\n\nIt pays.\n"


def test_a_chapter_is_looked_at_again_on_its_day(guide: str, capsys: pytest.CaptureFixture[str]) -> None:
    """From the day in its head on a chapter is due, after 30 days overdue, and no longer once it was checked on that day."""
    page = Path(guide) / "docs/en/role.md"
    page.parent.mkdir(parents=True)
    page.write_text(CHANGE, encoding="utf-8")
    assert main(["--today", "2026-11-10", guide]) == 0
    assert capsys.readouterr().out.startswith("0 due")
    assert main(["--today", "2026-11-11", guide]) == 0
    assert capsys.readouterr().out.startswith("docs/en/role.md:5: checked 2026-11-01, to be looked at again since 2026-11-11\n")
    assert main(["--today", "2026-12-11", guide]) == 1
    capsys.readouterr()
    page.write_text(CHANGE.replace("2026-11-01", "2026-11-11"), encoding="utf-8")
    assert main(["--today", "2026-11-20", guide]) == 0
    assert capsys.readouterr().out.startswith("0 due")


ABSENCE = "---\ntitle: A role\ndescription: What it is.\n---\n# A role\n\nAs of 2 October 2026 we found no survey of it.\nIt pays.\n"


def test_what_was_not_found_is_searched_again_after_30_days(guide: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence that says something was not found keeps 30 days from the day that it names, and is overdue after 60."""
    page = Path(guide) / "docs/en/role.md"
    page.parent.mkdir(parents=True)
    page.write_text(ABSENCE, encoding="utf-8")
    assert main(["--today", "2026-11-01", guide]) == 0
    assert capsys.readouterr().out.startswith("0 due")
    assert main(["--today", "2026-11-02", guide]) == 0
    said = capsys.readouterr().out
    where = "docs/en/role.md:7: searched 2026-10-02, to be searched again since 2026-11-02"
    assert said.startswith(f"{where}: As of 2 October 2026 we found no survey of it.\n")
    assert main(["--today", "2026-12-02", guide]) == 1
