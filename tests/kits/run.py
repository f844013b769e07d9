"""Every kit against its reference, which passes, and against every spoilt variant, which fails where it must: `make kits`."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit_runs import KITS, Spoilt, lay_out, outcomes, run, spoilt_variants


@pytest.mark.parametrize("project", KITS)
def test_the_reference_passes(project: str, tmp_path: Path) -> None:
    """Everything that the kit judges is met."""
    done, receipt = run(lay_out(project, tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not met" not in outcomes(receipt).values()


@pytest.mark.parametrize("project", KITS)
def test_a_learner_without_settings_is_told(project: str, tmp_path: Path) -> None:
    """Without kit.toml every criterion is not met for one reason, which says what to do."""
    folder = lay_out(project, tmp_path)
    (folder / "kit.toml").unlink()
    done, receipt = run(folder)
    assert done.returncode == 1
    assert "kit.example.toml" in done.stdout
    assert set(outcomes(receipt).values()) <= {"not met", "a person must judge"}


@pytest.mark.parametrize(
    "spoilt", [one for project in KITS for one in spoilt_variants(project)], ids=lambda one: f"{one.project}: {one.name}"
)
def test_a_spoilt_variant_fails_where_it_must(spoilt: Spoilt, tmp_path: Path) -> None:
    """The named criteria are not met, and no other."""
    done, receipt = run(lay_out(spoilt.project, tmp_path, spoilt.changes))
    assert done.returncode == 1, done.stdout + done.stderr
    assert {name for name, outcome in outcomes(receipt).items() if outcome == "not met"} == spoilt.fails, done.stdout
