"""The counts of advertisements: they agree with themselves, calls print them, and whatever asks for what is not there is told in words."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable
from datetime import date
from math import sqrt
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ads import FOLDER, MONTHS, Counts, files, month_text, read_counts, set_text, share_text, view, write_counts
from catalogue import DATA, ROOT, Catalogue, CatalogueError, load
from chapters import CALL, LINK, read_chapter
from check_pages import TYPED_SHARE, check, check_typed_shares
from findings import MissingError
from lxml import html
from macros import define_env
from test_catalogue import world
from words import LEVELS, read_words

TODAY = date(2026, 11, 29)
EDITIONS = ("en", "zh")
LAYOUT: Any = read_words(ROOT, "ads")
LABELS: Any = read_words(ROOT, "labels")
SETS = [("ml-engineer", "us-2024"), ("ml-engineer", "us-2025"), ("ml-engineer", "builtin-2026"), ("ai-engineer", "builtin-2026")]
FILES = [path for path in files(ROOT) if path.suffix == ".csv"]


@pytest.fixture(scope="module")
def records() -> Catalogue:
    """The guide's records."""
    return load(ROOT, TODAY)


@pytest.fixture(scope="module")
def counts(records: Catalogue) -> Counts:
    """The guide's counts."""
    return read_counts(ROOT, records)


@pytest.fixture(scope="module", params=EDITIONS)
def calls(request: pytest.FixtureRequest) -> dict[str, Callable[..., str]]:
    """The calls of chapters as the chapter about demand has them, in one language."""
    found: dict[str, Callable[..., str]] = {}
    env = SimpleNamespace(
        project_dir=str(ROOT),
        conf={"extra": {"edition": request.param}, "theme": None, "repo_url": ""},
        page=SimpleNamespace(path="demand.md"),
        macro=lambda function: found.update({function.__name__: function}) or function,
    )
    define_env(env)
    return found


# -- the counts ----------------------------------------------------------------------------------


def wilson(named: int, ads: int) -> tuple[float, float]:
    """Wilson's interval at 95 %, written out once more."""
    z, share = 1.959964, named / ads
    middle, half = share + z * z / (2 * ads), z * sqrt(share * (1 - share) / ads + z * z / (4 * ads * ads))
    return max(0.0, (middle - half) / (1 + z * z / ads)), min(1.0, (middle + half) / (1 + z * z / ads))


def test_wilson_has_its_reference_values() -> None:
    """Newcombe (1998), table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    expected = {(81, 263): (0.2553, 0.3662), (15, 148): (0.0624, 0.1605), (0, 20): (0.0, 0.1611), (1, 29): (0.0061, 0.1718)}
    for (named, ads), ends in expected.items():
        assert wilson(named, ads) == pytest.approx(ends, abs=1e-4)


def test_every_row_agrees_with_itself(counts: Counts) -> None:
    """Share and interval follow from the counts, and advertisements of one set are the same number in all its rows."""
    sizes: dict[tuple[str, ...], set[int]] = {}
    for path in FILES:
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
            if path.name != MONTHS:
                assert float(row["share"]) == pytest.approx(int(row["named"]) / int(row["ads"]), abs=1e-4), row
    for one in counts.all.values():
        assert (one.low, one.high) == pytest.approx(wilson(one.named, one.ads), abs=2e-4), one
        assert one.employers is None or one.employers <= one.ads, one
        assert one.employers_naming is None or one.employers_naming <= min(one.employers or 0, one.named), one
        sizes.setdefault((one.dataset, one.role, one.part), set()).add(one.ads)
    assert {key: found for key, found in sizes.items() if len(found) > 1} == {}


def test_no_row_stands_twice(counts: Counts) -> None:
    """Each row of the files is a count of its own."""
    rows = sum(len(path.read_text(encoding="utf-8").splitlines()) - 1 for path in FILES if path.name != MONTHS)
    assert len(counts.all) == rows


def test_what_excludes_each_other_adds_up(counts: Counts) -> None:
    """Levels are all advertisements of a set, years all that name them, and the frameworks all that name either."""
    for role, dataset in (
        ("ml-engineer", "us-2024"),
        ("ml-engineer", "us-2025"),
        ("ml-engineer", "builtin-2026"),
        ("ai-engineer", "builtin-2026"),
    ):
        levels = [counts.count(item, role, dataset) for item in ("level-beginner", "level-unmarked", "level-senior")]
        assert sum(level.named for level in levels) == levels[0].ads
        years = [counts.count(f"years-{years}", role, dataset, "naming-years") for years in ("1-2", "3-4", "5-6", "7-9", "10")]
        assert sum(one.named for one in years) == years[0].ads == counts.count("names-years", role, dataset).named
        both, one, other = (
            counts.count(item, role, dataset, "naming-either") for item in ("both-frameworks", "pytorch-only", "tensorflow-only")
        )
        assert both.named + one.named + other.named == both.ads == counts.count("either-framework", role, dataset).named
        assert counts.count("pytorch", role, dataset, "naming-either").named == counts.count("pytorch", role, dataset).named


def test_the_two_counts_agree_where_the_page_says_so(counts: Counts, records: Catalogue) -> None:
    """In every row of their table the intervals of both counts overlap."""
    seen = view(counts, LAYOUT, records)
    table = LAYOUT["tables"]["two-counts"]
    for item in table["items"]:
        for year in (2024, 2026):
            first, second = seen.count(f"first-ml-{year}", item), seen.count(f"second-ml-{year}", item)
            assert first.low <= second.high, (item, year)
            assert second.low <= first.high, (item, year)


def test_the_plot_of_what_is_asked_shows_what_is_named_most(counts: Counts, records: Catalogue) -> None:
    """The twenty items in their order are those of the whole list that ML engineers' advertisements name most, without degrees."""
    seen = view(counts, LAYOUT, records)
    known = [item for group in LAYOUT["tables"]["every"]["groups"].values() for item in group["items"]]
    ranked = sorted(set(known) - {"any-cloud", "masters", "bachelors", "phd"}, key=lambda item: -seen.count("ml-2026", item).named)
    plot = LAYOUT["plots"]["asked-2026"]["items"]
    shares = [seen.count("ml-2026", item).named for item in plot]
    assert shares == sorted(shares, reverse=True)
    assert shares == [seen.count("ml-2026", item).named for item in ranked[: len(plot)]]


def test_what_stands_for_a_skill_is_counted(counts: Counts, records: Catalogue) -> None:
    """Every item that a skill names has a count and words."""
    seen = view(counts, LAYOUT, records)
    named = [item for skill in records.kinds["skills"] for item in skill.asked or ()]
    assert len(named) > 40
    for item in named:
        assert seen.count("ml-2026", item).ads == 289
        assert set(seen.item(item)) == set(EDITIONS)


def test_what_is_counted_has_its_pattern(records: Catalogue) -> None:
    """Every item of the whole list, and of the skills, is one that scripts/count_ads.py looks for: a newer sample can be counted alike."""
    known = {pattern["id"] for pattern in yaml.safe_load((ROOT / DATA / "skill-patterns.yml").read_text(encoding="utf-8"))}
    shown = {item for group in LAYOUT["tables"]["every"]["groups"].values() for item in group["items"]}
    assert shown | {item for skill in records.kinds["skills"] for item in skill.asked or ()} <= known


def test_what_stands_for_a_skill_is_what_its_pattern_says(records: Catalogue) -> None:
    """The list of patterns and the skills agree: an item that a skill names stands for that skill in skill-patterns.yml."""
    stands_for = {one["id"]: one["skills"] for one in yaml.safe_load((ROOT / DATA / "skill-patterns.yml").read_text(encoding="utf-8"))}
    pairs = [(skill.id, item) for skill in records.kinds["skills"] for item in skill.asked or ()]
    assert [(skill, item) for skill, item in pairs if skill not in stands_for[item]] == []


def test_no_expectation_contradicts_the_advertisements(counts: Counts, records: Catalogue) -> None:
    """The two rules that the page about levels states: what more than three in ten name, somebody with the job does alone.

    Named so often in every sample, entry level is expected to; in the newest, mid level. Where an item stands for two skills, one suffices.
    """
    seen = view(counts, LAYOUT, records)
    skills = records.kinds["skills"]
    often: dict[str, set[str]] = {"entry": set(), "mid": set()}
    for item in {item for skill in skills for item in skill.asked or ()}:
        shares = [seen.count(name, item).share for name in ("ml-2024", "ml-2025", "ml-2026")]
        often["entry"] |= {item} if min(shares) > 0.3 else set()
        often["mid"] |= {item} if shares[-1] > 0.3 else set()
    assert {"python", "pytorch", "llm"} <= often["entry"]
    for role, items in often.items():
        alone = {item for skill in skills if LEVELS.index(skill.expected[role]) >= LEVELS.index("working") for item in skill.asked or ()}
        assert items - alone == set(), role


# -- calls ---------------------------------------------------------------------------------------


def test_a_count_in_words(counts: Counts, records: Catalogue) -> None:
    """A share, its interval and its number; a decimal where the interval is narrow."""
    pytorch = counts.count("pytorch", "ml-engineer", "builtin-2026")
    assert share_text(pytorch, LABELS, "en") == "43 per cent [38–49] of 289"
    assert share_text(pytorch, LABELS, "zh") == "43%［38–49］（共 289 条）"
    assert share_text(counts.count("pytorch", "all-posts", "hn-by-year", "y2022"), LABELS, "en") == "1.5 per cent [1.2–1.8] of 7,585"
    assert set_text(pytorch, records, LABELS, "en") == "289 advertisements from 196 employers"
    assert set_text(pytorch, records, LABELS, "zh") == "196 家雇主的 289 条招聘信息"
    assert set_text(counts.count("llm", "all-posts", "hn-by-year", "y2025"), records, LABELS, "en") == "4,050 posts"
    assert month_text(counts.month("indeed-ai", "us", "2026-06"), "2026-06", LABELS, "en") == "5.8 per cent in June 2026"
    assert month_text(5.78, "2026-06", LABELS, "zh") == "2026 年 6 月为 5.8%"


@pytest.mark.parametrize(
    ("call", "words", "nearest"),
    [
        ("ad", ("pytorh", "ml-engineer", "builtin-2026"), "pytorch, ml-engineer, builtin-2026, all"),
        ("ad", ("pytorch", "ml-engineer", "builtin-2025"), "pytorch, ml-engineer, builtin-2026, all"),
        ("ads", ("ml-enginer", "us-2024"), "ml-engineer, us-2024, all"),
        ("ad_month", ("indeed-ai", "us", "2026-7"), "indeed-ai, us, 2026-0"),
        ("ad_plot", ("framework",), "frameworks"),
        ("ad_table", ("cloud",), "clouds"),
    ],
)
def test_a_call_for_what_is_not_there_names_the_nearest(
    calls: dict[str, Callable[..., str]], call: str, words: tuple[str, ...], nearest: str
) -> None:
    """The message says what was asked for and what was probably meant, in both languages."""
    with pytest.raises(MissingError) as raised:
        calls[call](*words)
    assert nearest in str(raised.value)
    assert "；" in str(raised.value) or "里没有" in str(raised.value) or "下没有" in str(raised.value)


def test_every_plot_has_a_name_a_description_and_a_table(calls: dict[str, Callable[..., str]]) -> None:
    """Read aloud, a plot is its title and description; the same figures stand in the table folded below it."""
    for name, plot in LAYOUT["plots"].items():
        tree = html.fromstring(f"<div>{calls['ad_plot'](name)}</div>")
        (drawing,) = tree.xpath("//*[local-name()='svg'][@role='img']")
        title, desc = drawing.get("aria-labelledby").split()
        for place in (title, desc):
            assert len(tree.get_element_by_id(place).text_content()) > 10
        (rows,) = tree.xpath("//details//table")
        marks = drawing.xpath(".//*[local-name()='circle' or local-name()='rect' or contains(@class, 'mle-d-hollow')]")
        if plot["draws"] == "dots":
            sets = len(plot["sets"])
            assert len(marks) == len(plot["items"]) * sets + sets  # one each in the legend
            assert len(rows.xpath(".//tbody//td")) == len(plot["items"]) * sets
        elif plot["draws"] == "slope":
            assert len(marks) == len(plot["items"]) * len(plot["sets"])
        else:
            assert len(drawing.xpath(".//*[contains(@class, 'mle-d-heavy')]")) == 9


def test_every_table_has_a_figure_in_every_cell(calls: dict[str, Callable[..., str]]) -> None:
    """A share with its interval, in every row and for every set."""
    for name, table in LAYOUT["tables"].items():
        tree = html.fromstring(f"<div>{calls['ad_table'](name)}</div>")
        cells = [" ".join(cell.text_content().split()) for cell in tree.xpath("//tbody//td")]
        figures = [cell for cell in cells if re.fullmatch(r"[\d.]+ \[[\d.]+–[\d.]+\]", cell)]
        assert len(figures) == len(tree.xpath("//tbody/tr")) * len(table["sets"]), name
    rows = html.fromstring(f"<div>{calls['ad_table']('article')}</div>").xpath("//tbody//th")
    assert len(rows) == len(LAYOUT["article"]) == 25


# -- what does not build -------------------------------------------------------------------------

HEAD = "dataset,role,part,item,ads,named,share,low95,high95,employers,employers_naming\n"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "a-sampel,ml-engineer,all,python,20,10,0.5,0.3,0.7,,",
            'dataset: found "a-sampel", expected the id of a record',
        ),
        ("a-sample,ml-engineer,all,python,20,21,0.5,0.3,0.7,,", "found a row that is no count"),
        ("a-sample,ml-engineer,all,python,many,10,0.5,0.3,0.7,,", "found a row that is no count"),
    ],
)
def test_a_row_that_cannot_be_shown_ends_the_build(tmp_path: Any, row: str, said: str) -> None:
    """A row without a record of its sample, or that is no count, is told with file and line."""
    root = world(tmp_path)
    (root / FOLDER).mkdir()
    (root / FOLDER / "a.csv").write_text(HEAD + row + "\n", encoding="utf-8")
    with pytest.raises(CatalogueError) as raised:
        read_counts(root, load(root, TODAY))
    assert f"docs/data/ads/a.csv:2: {said}" in raised.value.message


# -- the chapter ---------------------------------------------------------------------------------

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
YEAR = re.compile(r"20[12]\d")


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_number_of_the_chapter_comes_from_a_call(edition: str) -> None:
    """Outside calls, links and lists there are no digits but years and months."""
    chapter, problems = read_chapter(ROOT, f"docs/{edition}", ROOT / f"docs/{edition}/demand.md")
    assert problems == []
    assert list(check_typed_shares(chapter)) == []
    for number, line in chapter.prose:
        words = re.sub(r"\{ #[a-z0-9-]+ \}|^\d+\. |\d+ 月", "", LINK.sub(r"\2", CALL.sub("", line)))
        assert [found for found in NUMBER.findall(words) if not YEAR.fullmatch(found)] == [], f"line {number}: {line}"
    assert sum(len(CALL.findall(line)) for _, line in chapter.prose) > 80


@pytest.mark.parametrize("text", ["43 per cent of them", "43% of them", "43 % of them", "2.5 percent", "占 43%", "占43％", "百分之四十三"])
def test_a_typed_share_is_a_finding(tmp_path: Any, text: str) -> None:
    """A share typed into that chapter is told with its line, in each way of writing it."""
    assert TYPED_SHARE.search(text)
    root = world(tmp_path)
    shutil.copytree(ROOT / "tests/fixtures/pages/sound", root, dirs_exist_ok=True)
    page = root / "docs/en/demand.md"
    page.write_text((root / "docs/en/role.md").read_text(encoding="utf-8") + f"\n{text}\n", encoding="utf-8")
    line = page.read_text(encoding="utf-8").count("\n")
    assert any(str(problem).startswith(f'docs/en/demand.md:{line}: found "') for problem in check(root, TODAY))


def test_the_files_to_take_along(tmp_path: Any) -> None:
    """Four files of counts and the note on their columns, which names each column and file."""
    write_counts(ROOT, [tmp_path / "ads"])
    assert sorted(path.name for path in (tmp_path / "ads").iterdir()) == sorted(path.name for path in files(ROOT))
    note = (tmp_path / "ads/columns.txt").read_text(encoding="utf-8")
    for path in FILES:
        assert path.name in note
        for column in path.read_text(encoding="utf-8").splitlines()[0].split(","):
            assert column in note
    assert DATA / "ads" == FOLDER
