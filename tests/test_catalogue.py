"""The catalogues: every bad record is told with file, line and field; every good one reaches its pages."""

from __future__ import annotations

import shutil
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from catalogue import DATA, ROOT, Catalogue, CatalogueError, load, load_once, main, nearest, summarise
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading import dotted, read_yaml

TODAY = date(2026, 11, 23)
WORLDS = Path(__file__).parent / "fixtures/records"
DEFECTS = sorted(path.name for path in WORLDS.iterdir() if path.name != "sound")


def world(target: Path, *layers: str) -> Path:
    """A small guide: the sound records, with the files of the named worlds laid over them."""
    (target / DATA).mkdir(parents=True)
    shutil.copytree(ROOT / DATA / "schema", target / DATA / "schema")
    for layer in ("sound", *layers):
        for file in (WORLDS / layer).glob("*.yml"):
            shutil.copy(file, target / DATA / file.name)
    return target


@pytest.fixture
def sound(tmp_path: Path) -> Catalogue:
    """The sound records, loaded on 23 November 2026."""
    return load(world(tmp_path), TODAY)


def test_sound_records_load(sound: Catalogue) -> None:
    """Records without a defect load in the order of their file, with their values."""
    assert [record.id for record in sound.kinds["certifications"]] == ["test-engineer", "test-architect"]
    record = sound.get("certifications", "test-engineer")
    assert (record.price["amount"], record.line, record.successor) == (150, 1, None)


@pytest.mark.parametrize("defect", DEFECTS)
def test_defect_is_told(tmp_path: Path, defect: str) -> None:
    """A bad record is told with file, line, field, what was found and what was expected; nothing else is complained of."""
    with pytest.raises(CatalogueError) as caught:
        load(world(tmp_path, defect), TODAY)
    said = [str(problem) for problem in caught.value.problems]
    expected = (WORLDS / defect / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert len(said) == len(expected), said
    for line, start in zip(said, expected, strict=True):
        assert line.startswith(start), said


def test_all_defects_are_told_at_once(tmp_path: Path) -> None:
    """Defects in several files come in one message, sorted by place."""
    root = world(tmp_path, "unknown-currency", "end-before-start", "wrong-check-digit")
    with pytest.raises(CatalogueError) as caught:
        load(root, TODAY)
    assert [problem.file for problem in caught.value.problems] == [
        f"docs/data/{kind}.yml" for kind in ("certifications", "events", "readings")
    ]
    assert caught.value.message.startswith("3 problems in the records:\n  条目中有 3 处问题：\n")
    assert len(caught.value.message.splitlines()) == 2 * (1 + 3), "each in both languages"


def test_missing_file_is_told(tmp_path: Path) -> None:
    """A schema without its file of records is told."""
    root = world(tmp_path)
    (root / DATA / "terms.yml").unlink()
    with pytest.raises(CatalogueError, match=r"docs/data/terms\.yml:1: missing, expected one file for each schema"):
        load(root, TODAY)


def test_every_missing_file_is_told(tmp_path: Path) -> None:
    """Two files that are missing are two problems, and what comes after them is still checked."""
    root = world(tmp_path)
    (root / DATA / "careers.yml").unlink()
    (root / DATA / "events.yml").unlink()
    with pytest.raises(CatalogueError) as caught:
        load(root, TODAY)
    missing = [problem.file for problem in caught.value.problems if problem.message.startswith("missing, expected one file")]
    assert missing == ["docs/data/careers.yml", "docs/data/events.yml"]


def test_places_in_a_record_are_counted_from_one() -> None:
    """A field is named the way people count: the first source is sources[1], the third sources[3]."""
    assert [dotted(("sources", index, "url")) for index in range(4)] == [f"sources[{place}].url" for place in (1, 2, 3, 4)]
    assert dotted(("stages", 1, "steps", 2, "id")) == "stages[2].steps[3].id"


def test_long_values_are_cut(tmp_path: Path) -> None:
    """A value that is found wrong is repeated up to 70 characters, and no further."""
    root = world(tmp_path)
    file = root / DATA / "careers.yml"
    file.write_text(f"- {'x' * 200}\n", encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load(root, TODAY)
    (told,) = [problem.message for problem in caught.value.problems if problem.file.endswith("careers.yml")]
    assert told.startswith('found "' + "x" * 66 + "…, expected ")


def test_one_near_word_is_suggested() -> None:
    """Only the nearest word is suggested, and none that is far."""
    assert str(nearest("certificat", ["certificate", "certificates", "career"])) == "; did you mean 'certificate'?"
    assert nearest("zzz", ["certificate"]) == ""


@pytest.mark.parametrize(
    ("days", "is_due", "is_overdue"), [(179, False, False), (180, False, False), (181, True, False), (360, True, False), (361, True, True)]
)
def test_shelf_life(sound: Catalogue, days: int, is_due: bool, is_overdue: bool) -> None:
    """A certificate is fresh through its 180th day, due from the next, and overdue past twice that."""
    verified = date(2026, 5, 24)
    record = sound.on(verified + timedelta(days=days)).get("certifications", "test-engineer")
    assert (record.days_old, record.is_due, record.is_overdue) == (days, is_due, is_overdue)


def test_record_may_have_its_own_shelf_life(tmp_path: Path) -> None:
    """A record's own shelf life takes the place of its kind's."""
    root = world(tmp_path)
    file = root / DATA / "certifications.yml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("  unverified: [price]", "  shelf_life_days: 400  # the price is fixed by law"),
        encoding="utf-8",
    )
    record = load(root, TODAY).get("certifications", "test-engineer")
    assert (record.shelf_life, record.is_due) == (400, False)


def test_unknown_id_names_the_nearest(sound: Catalogue) -> None:
    """Asking for a record that is not there names the one that was probably meant."""
    with pytest.raises(KeyError, match=r"did you mean 'test-engineer'\?\n  .*，是不是想写 'test-engineer'？"):
        sound.get("certifications", "test-enginer")


def test_load_once_sees_a_change(tmp_path: Path) -> None:
    """The records are read again when a file changes, and only then; wrong ones are told each time."""
    root = world(tmp_path)
    first = load_once(root)
    assert load_once(root) is first
    file = root / DATA / "terms.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("en: API", "en: HTTP API"), encoding="utf-8")
    assert load_once(root).get("terms", "api").en == "HTTP API"
    file.write_text("\t", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(CatalogueError, match=r"terms\.yml:1: found a tab"):
            load_once(root)


def test_summary_counts(sound: Catalogue) -> None:
    """The summary counts records, sources, what is due and what is unverified."""
    by_kind = {summary.kind: summary for summary in summarise(sound, ROOT)}
    certificates = by_kind["certifications"]
    assert (certificates.records, certificates.sources, certificates.due, certificates.unverified, certificates.oldest) == (
        2,
        2,
        1,
        1,
        "2026-05-24",
    )


def test_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints the problems and exits 1; on sound records it exits 0."""
    assert main([str(world(tmp_path / "a", "tab"))]) == 1
    assert "certifications.yml:4: found a tab" in capsys.readouterr().out
    assert main([str(world(tmp_path / "b"))]) == 0
    assert "2 certifications" in capsys.readouterr().out


SOUND_TEXT = {path.name: path.read_text(encoding="utf-8") for path in sorted((WORLDS / "sound").glob("*.yml"))}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(SOUND_TEXT)),
    place=st.floats(0, 1),
    cut=st.integers(0, 12),
    put=st.one_of(
        st.text(max_size=12),
        st.sampled_from(
            [
                "[",
                "{",
                "}",
                "&a ",
                "*a",
                "!!python/object:os.system ",
                "? ",
                "- ",
                ": ",
                "null",
                "1e999",
                "<<: ",
                "2026-13-01",
                "\x00",
                "\t",
            ]
        ),
    ),
)
def test_mangled_record_never_ends_in_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, name: str, place: float, cut: int, put: str
) -> None:
    """Whatever is cut out of a file of records or put into it, the answer is records or a list of problems with lines."""
    root = tmp_path_factory.mktemp("mangled") / "guide"
    world(root)
    text = SOUND_TEXT[name]
    at = int(place * len(text))
    (root / DATA / name).write_bytes((text[:at] + put + text[at + cut :]).encode("utf-8", "surrogatepass"))
    try:
        load(root, TODAY)
    except CatalogueError as error:
        assert error.problems
        assert all(problem.file.startswith("docs/data/") and problem.line >= 1 for problem in error.problems)
    finally:
        shutil.rmtree(root)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    """Reading bytes as YAML gives data or problems, never an exception."""
    data, _, problems = read_yaml(raw, "docs/data/x.yml")
    assert problems == [] or data is None


def test_five_hundred_records_take_less_than_a_second(tmp_path: Path) -> None:
    """Loading and checking 500 records stays under the second of build time that they may cost."""
    root = world(tmp_path)
    one = SOUND_TEXT["certifications.yml"].split("- id: test-architect")[0]
    many = "".join(one.replace("test-engineer", f"test-{number}") for number in range(500))
    (root / DATA / "certifications.yml").write_text(many, encoding="utf-8")
    started = time.perf_counter()
    assert len(load(root, TODAY).kinds["certifications"]) == 500
    assert time.perf_counter() - started < 5, "five times the budget: a slow machine is no excuse"
