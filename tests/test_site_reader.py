"""What a reader ticks: remembered, taken out, brought in, erased, never lost silently; and what the profile makes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from catalogue import ROOT
from conftest import Built
from kit_runs import KITS
from kits import version
from playwright.sync_api import Browser, BrowserContext, Page, expect

pytestmark = pytest.mark.browser

KEY = "mle:reader"
SKILLS = 36
EXPERT = 4
"""The last level, which the form keeps folded away."""

REFUSE = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }});"
FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"
BEGINNER = {"python": 2, "git": 2, "testing": 1, "statistics": 0, "containers": 1, "second-language": 0}


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that remembers nothing from before."""
    fresh = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    yield fresh
    fresh.close()


Open = Callable[[str], str]


@pytest.fixture(params=["http", "file"])
def open_at(request: pytest.FixtureRequest, site: Built, address: str) -> Open:
    """The address of a page, over HTTP and from disk."""
    return (lambda name: f"{address}/{name}") if request.param == "http" else (lambda name: (site.folder / name).as_uri())


def tick(page: Page, levels: dict[str, int]) -> None:
    """Choose levels with the mouse."""
    for skill, level in levels.items():
        if level == EXPERT:
            page.locator(f"#tick-{skill} summary").click()
        page.locator(f'input[name="{skill}"][value="{level}"]').check()


def ticked(page: Page) -> dict[str, int]:
    """The levels that the page shows as chosen."""
    boxes = page.locator("[data-assessment] input:checked")
    return {str(name): int(value) for name, value in boxes.evaluate_all("boxes => boxes.map(box => [box.name, box.value])")}


def stored(page: Page) -> Any:
    """What the browser keeps."""
    return json.loads(page.evaluate(f"localStorage.getItem('{KEY}')") or "null")


def gaps(page: Page) -> list[str]:
    """The gaps that the profile names, in order."""
    return page.locator(".mle-gaps strong a").all_inner_texts()


def test_the_assessment_survives_reload_export_erase_and_import(page: Page, open_at: Open, tmp_path: Path) -> None:
    """Filled in, reloaded, saved, erased, loaded: the same choices, over HTTP and from disk."""
    page.goto(open_at("assessment.html"))
    tick(page, BEGINNER)
    page.reload()
    assert ticked(page) == BEGINNER
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    saved = tmp_path / "saved.json"
    download.value.save_as(saved)
    assert json.loads(saved.read_text(encoding="utf-8"))["levels"] == BEGINNER
    page.get_by_role("button", name="Erase everything").click()
    assert ticked(page) == {}
    page.reload()
    assert ticked(page) == {}
    page.locator(".mle-store input[type=file]").set_input_files(saved)
    expect(page.locator(".mle-store [role=status]")).to_have_text("Loaded: 6 skills, 0 ticks.")
    assert ticked(page) == BEGINNER
    page.reload()
    assert ticked(page) == BEGINNER


def test_erasing_can_be_undone(page: Page, address: str) -> None:
    """One click erases, one click brings back."""
    page.goto(f"{address}/assessment.html")
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    tick(page, {"python": 3})
    page.get_by_role("button", name="Erase everything").click()
    assert stored(page) is None
    page.get_by_role("button", name="Undo").click()
    assert ticked(page) == {"python": 3}
    assert stored(page)["levels"] == {"python": 3}


def test_the_assessment_works_by_keyboard(page: Page, address: str) -> None:
    """Tab into a question, arrows choose, Tab leaves; the choice is remembered."""
    page.goto(f"{address}/assessment.html")
    page.locator("#tick-python legend a").focus()
    page.keyboard.press("Tab")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    assert ticked(page) == {"python": 3}
    page.keyboard.press("Tab")  # what is folded away
    assert page.evaluate("document.activeElement.matches('#tick-python summary')")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('fieldset').id") == "tick-statistics"
    page.reload()
    assert ticked(page) == {"python": 3}


def test_criteria_remember_and_are_counted(page: Page, address: str) -> None:
    """Criteria tick by mouse and by space bar, count, and are there after a reload."""
    page.goto(f"{address}/projects/model-behind-an-api.html")
    boxes = page.locator("input[data-tick]")
    count = boxes.count()
    boxes.nth(0).check()
    boxes.nth(1).focus()
    page.keyboard.press("Space")
    expect(page.locator(".mle-done")).to_have_text(f"2 of {count} done")
    page.reload()
    assert [boxes.nth(n).is_checked() for n in range(3)] == [True, True, False]
    boxes.nth(0).uncheck()
    page.reload()
    assert boxes.nth(0).is_checked() is False


def test_two_tabs_agree(context: BrowserContext, address: str) -> None:
    """What one tab ticks, the other shows, and neither loses what the other did."""
    one, two = context.new_page(), context.new_page()
    for tab in (one, two):
        tab.goto(f"{address}/assessment.html")
    tick(one, {"python": 3})
    expect(two.locator('input[name="python"][value="3"]')).to_be_checked()
    tick(two, {"git": 2})
    expect(one.locator('input[name="git"][value="2"]')).to_be_checked()
    assert stored(one)["levels"] == {"python": 3, "git": 2}


@pytest.mark.parametrize(
    ("script", "says"), [(REFUSE, "does not let this page remember"), (FULL, "storage is full")], ids=["refused", "full"]
)
def test_without_storage_it_says_so_and_goes_on(fresh_page: Page, address: str, script: str, says: str) -> None:
    """A browser that refuses, or is full, is told of; ticking, the profile and saving work all the same."""
    fresh_page.add_init_script(script)
    fresh_page.goto(f"{address}/assessment.html")
    tick(fresh_page, BEGINNER)
    expect(fresh_page.locator(".mle-store [role=status]")).to_contain_text(says)
    assert ticked(fresh_page) == BEGINNER
    assert len(gaps(fresh_page)) == 3
    with fresh_page.expect_download() as download:
        fresh_page.get_by_role("button", name="Save as a file").click()
    assert json.loads(Path(download.value.path()).read_text(encoding="utf-8"))["levels"] == BEGINNER


DAMAGED = ["{", "null", "[]", '{"version": 1}', '{"version": 1, "route": "", "levels": {"python": 9}, "ticks": {}}', '"text"', "\u0000"]


@pytest.mark.parametrize("text", DAMAGED)
def test_damaged_data_are_put_aside(page: Page, address: str, text: str) -> None:
    """What cannot be read is kept under another name, and the page says which; a second damage does not overwrite the first."""
    page.goto(f"{address}/plan.html")
    for name in ("mle:reader:damaged", "mle:reader:damaged+"):
        page.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEY, text])
        page.reload()
        expect(page.locator(".mle-store [role=status]")).to_contain_text(name)
        assert page.evaluate("key => localStorage.getItem(key)", name) == text


def test_data_of_another_version_are_left_alone(page: Page, address: str, tmp_path: Path) -> None:
    """A newer guide's data are neither read nor overwritten; they can be saved as they are, or erased."""
    newer = '{"version": 2, "everything": "else"}'
    page.goto(f"{address}/assessment.html")
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEY, newer])
    page.reload()
    expect(page.locator(".mle-store [role=status]")).to_contain_text("another version")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    download.value.save_as(tmp_path / "newer.json")
    assert (tmp_path / "newer.json").read_text(encoding="utf-8") == newer
    tick(page, {"python": 1})
    assert page.evaluate("key => localStorage.getItem(key)", KEY) == newer
    page.get_by_role("button", name="Erase everything").click()
    tick(page, {"python": 1})
    assert stored(page)["levels"] == {"python": 1}


@pytest.mark.parametrize("text", ["", "hello", '{"version": 2}', '{"version": 1, "route": "", "levels": {"git": "2"}, "ticks": {}}'])
def test_a_wrong_file_changes_nothing(page: Page, address: str, tmp_path: Path, text: str) -> None:
    """A file that this guide did not save is refused by name."""
    page.goto(f"{address}/assessment.html")
    tick(page, {"python": 3})
    wrong = tmp_path / "wrong.json"
    wrong.write_text(text, encoding="utf-8")
    page.locator(".mle-store input[type=file]").set_input_files(wrong)
    expect(page.locator(".mle-store [role=status]")).to_contain_text("wrong.json is not a file that this guide saved")
    assert stored(page)["levels"] == {"python": 3}


def test_skills_that_are_gone_are_kept(page: Page, address: str) -> None:
    """A level of a skill that the guide no longer has survives what the reader does next."""
    data = {"version": 1, "route": "", "levels": {"cobol": 4}, "ticks": {"projects/gone/x": "2026-01-01"}}
    page.goto(f"{address}/assessment.html")
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEY, json.dumps(data)])
    page.reload()
    tick(page, {"python": 3})
    assert stored(page) == {**data, "levels": {"cobol": 4, "python": 3}}


def test_levels_of_merged_skills_count_where_they_went(page: Page, address: str) -> None:
    """Skills of the first list that were merged: the highest of theirs stands for the new one until the reader places it; none is lost."""
    old = {"functional-programming": 3, "design-patterns": 1, "big-o": 2, "r": 2}
    data = {"version": 1, "route": "", "levels": old, "ticks": {}}
    page.goto(f"{address}/assessment.html")
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEY, json.dumps(data)])
    page.reload()
    assert ticked(page) == {"software-design": 3, "data-structures-and-algorithms": 2}
    expect(page.locator(".mle-profile")).to_contain_text(f"2 of {SKILLS} skills")
    tick(page, {"software-design": 1})
    assert ticked(page) == {"software-design": 1, "data-structures-and-algorithms": 2}
    assert stored(page)["levels"] == {**old, "software-design": 1}


# Expected levels, worked out by hand from docs/data/skills.yml (0: none … 4: expert):
#   python 2 3 3 · git 2 3 3 · testing 2 3 3 · statistics 2 2 3 · containers 2 2 3 · second-language 0 1 2 · inference 1 2 3
CASES = [
    # entry level is not reached: statistics is two below, testing and containers one below; a second language is not expected there
    (BEGINNER, ["Statistics", "Testing", "Containers and Kubernetes"], "entry level"),
    # entry level is reached in all that was placed: the mid level counts; order of the guide among equals
    (
        {"python": 2, "git": 2, "testing": 3, "second-language": 0},
        ["Python", "Version control and review", "A second language"],
        "mid level",
    ),
    # only the senior level is left
    (
        {"python": 3, "git": 3, "statistics": 2, "inference": 2, "second-language": 1},
        ["Statistics", "A second language", "Serving language models"],
        "senior",
    ),
    # one gap of entry level hides those of higher roles
    ({"python": 4, "git": 1, "second-language": 0}, ["Version control and review"], "entry level"),
]


@pytest.mark.parametrize(("levels", "names", "role"), CASES)
def test_the_gaps_are_those_worked_out_by_hand(page: Page, address: str, levels: dict[str, int], names: list[str], role: str) -> None:
    """First the lowest role that is not reached, then the largest distance, then the order of the guide."""
    page.goto(f"{address}/assessment.html")
    tick(page, levels)
    assert gaps(page) == names
    assert all(f"Expected at {role}:" in text for text in page.locator(".mle-gaps li").all_inner_texts())


def test_every_gap_has_a_project_that_goes_further(page: Page, address: str) -> None:
    """From statistics at none the way leads to the first project that proves more, and to something to read."""
    page.goto(f"{address}/assessment.html")
    tick(page, {"statistics": 0})
    item = page.locator(".mle-gaps li")
    assert item.locator("a").nth(1).get_attribute("href") == "projects/honest-forecast.html"
    expect(item).to_contain_text("Read ")


def test_who_reaches_everything_is_told_so(page: Page, address: str) -> None:
    """No gap is invented."""
    page.goto(f"{address}/assessment.html")
    tick(page, {"python": 4, "git": 4})
    expect(page.locator(".mle-profile")).to_contain_text("you reach what we expect of a senior")
    assert gaps(page) == []


def test_the_picture_and_the_table_say_the_same(page: Page, address: str) -> None:
    """The chart has a mark for you and each role in every row, with shapes of their own; the table has the words."""
    page.goto(f"{address}/assessment.html")
    tick(page, {"python": 3, "second-language": 0})
    svg = page.locator(".mle-profile svg")
    expect(svg).to_have_attribute("role", "img")
    assert svg.locator("circle.mle-c-you").count() == 1 + 2
    assert svg.locator("rect.mle-c-role").count() == 1 + 2
    assert svg.locator("path.mle-c-role").count() == 2 + 4
    page.locator(".mle-profile summary").click()
    assert page.locator(".mle-profile tbody tr").first.inner_text().split("\t") == [
        "Python",
        "practitioner",
        "working",
        "practitioner",
        "practitioner",
    ]


def test_the_plan_holds_what_was_chosen(page: Page, open_at: Open) -> None:
    """The chosen route with its steps, the projects that were begun, and the profile stand together; the rest is away."""
    page.goto(open_at("routes/backend-developer.html"))
    button = page.get_by_role("button", name="Make this my route")
    button.click()
    expect(page.get_by_role("button", name="This is your route")).to_have_attribute("aria-pressed", "true")
    page.locator("input[data-tick]").first.check()
    page.goto(open_at("projects/honest-forecast.html"))
    page.locator("input[data-tick]").first.check()
    page.goto(open_at("assessment.html"))
    tick(page, BEGINNER)
    page.goto(open_at("plan.html"))
    assert page.locator("[data-plan-route]:visible").evaluate_all("all => all.map(s => s.dataset.planRoute)") == ["backend-developer"]
    assert page.locator("[data-plan-project]:visible").evaluate_all("all => all.map(s => s.dataset.planProject)") == ["honest-forecast"]
    expect(page.locator(".mle-plan-none")).to_have_text(re.compile(r"^1 of \d+ steps ticked on this route\.$"))
    assert page.locator("[data-plan-route]:visible input:checked").count() == 1
    assert page.locator(".mle-plan-now").count() == 1
    assert len(gaps(page)) == 3


def test_the_plan_prints_on_one_sheet(page: Page, address: str) -> None:
    """A plan in the middle of a route is one page of A4."""
    page.goto(f"{address}/routes/backend-developer.html")
    page.get_by_role("button", name="Make this my route").click()
    page.goto(f"{address}/assessment.html")
    tick(page, BEGINNER)
    page.goto(f"{address}/plan.html")
    pdf = page.pdf(format="A4", margin={"top": "12mm", "bottom": "12mm", "left": "15mm", "right": "15mm"})
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


def test_without_scripts_everything_is_there_to_read(site: Built, address: str, browser: Browser) -> None:
    """Every level, every criterion, every step and every expectation stands in the page itself."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/assessment.html")
    assert page.locator("[data-assessment] label:visible").count() == SKILLS * 4
    assert page.locator("[data-assessment] details label").count() == SKILLS  # folded, which needs no script
    assert page.locator("[data-profile-skills] tbody tr:visible").count() == SKILLS
    expect(page.locator(".mle-profile .mle-unscripted")).to_be_visible()
    expect(page.locator(".mle-profile .mle-scripted")).to_be_hidden()
    expect(page.locator(".mle-profile")).to_contain_text("needs scripts")
    expect(page.locator(".mle-store")).to_be_hidden()
    page.goto(f"{address}/plan.html")
    assert page.locator("[data-plan-route]:visible").count() == 6
    assert page.locator("[data-plan-project]:visible").count() == len(list((site.folder / "projects").glob("*.html"))) - 1
    page.goto(f"{address}/routes/graduate.html")
    expect(page.locator("button[data-route]")).to_be_hidden()
    assert page.locator("input[data-tick]:visible").count() >= 10
    context.close()


def test_the_first_weeks_task_is_three_clicks_away(page: Page, address: str, site: Built) -> None:
    """From the home page every route's first week is reached in three clicks at most."""
    for route in sorted(path.name for path in (site.folder / "routes").glob("*.html") if path.stem != "index"):
        page.goto(f"{address}/index.html")
        page.locator(f'article a[href^="routes/{route}"], article a[href="routes/index.html"]').first.click()
        if not page.url.split("#")[0].endswith(route):
            page.locator(f'article a[href^="{route}"]').first.click()
        page.locator('a[href="#week-1"]:visible').first.click()
        expect(page.locator("#week-1")).to_be_in_viewport()


def test_the_readers_scripts_stay_small(site: Built) -> None:
    """All of them together are under 20 kB compressed."""
    import gzip

    scripts = [path for path in (site.folder / "assets").glob("*.js") if path.name != "iframe-worker.js"]
    assert len(scripts) >= 5
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in scripts) < 20_000


def receipt(**changes: Any) -> dict[str, Any]:
    """A receipt as a kit writes it, of the kit that the guide offers."""
    record = KITS["honest-forecast"]
    return {
        "kind": "mle-guide-receipt",
        "receipt_version": 1,
        "project": record.id,
        "kit_version": version(ROOT, record),
        "at": "2026-11-29T10:00:00+00:00",
        "criteria": [{"id": "naive-first", "outcome": "met"}, {"id": "no-future", "outcome": "not met"}],
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "says", "ticks"),
    [
        ({}, "1 of 2 criteria were met", {"projects/honest-forecast/naive-first": "2026-11-29"}),
        ({"kit_version": "0" * 64}, "another version of the kit (00000000)", {"projects/honest-forecast/naive-first": "2026-11-29"}),
        ({"project": "build-a-bridge"}, "the project build-a-bridge", {}),
        ({"sample": True}, "It ran on the generated sample", {"projects/honest-forecast/naive-first": "2026-11-29"}),
        ({"criteria": "all"}, "receipt.json is a receipt of a kit, but damaged", {}),
        ({"criteria": [{"id": "<b>", "outcome": "met"}]}, "is a receipt of a kit, but damaged", {}),
        ({"at": "2026-13-29T10:00:00+00:00"}, "is a receipt of a kit, but damaged", {}),
        ({"project": ["honest-forecast", "honest"]}, "is a receipt of a kit, but damaged", {}),
        ({"receipt_version": 2}, "a form that this guide does not know", {}),
        ({"kind": "a-receipt"}, "nor a whole receipt of a kit", {}),
    ],
    ids=[
        "of this kit",
        "of another version",
        "of another project",
        "on the sample",
        "criteria that are none",
        "an id that is none",
        "a day that is none",
        "a project that is none",
        "of a later form",
        "of another tool",
    ],
)
def test_a_receipt_ticks_what_it_found_met(
    page: Page, address: str, tmp_path: Path, changes: dict[str, Any], says: str, ticks: dict[str, str]
) -> None:
    """My plan takes a kit's receipt; one of another version is told as such; a damaged or foreign one changes nothing."""
    page.goto(f"{address}/plan.html")
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(receipt(**changes)), encoding="utf-8")
    page.locator(".mle-store input[type=file]").set_input_files(file)
    expect(page.locator(".mle-store [role=status]")).to_contain_text(says)
    assert (stored(page) or {"ticks": {}})["ticks"] == ticks


def test_a_receipt_says_what_is_ticked_and_no_longer_met(page: Page, address: str, tmp_path: Path) -> None:
    """In Chinese too: a later run that fails takes no tick away, and its reader is told of it; half a file changes nothing."""
    page.goto(f"{address}/zh/plan.html")
    file = tmp_path / "receipt.json"
    says = page.locator(".mle-store [role=status]")
    for outcome, words in (("met", "2 条标准达到 2 条"), ("not met", "这次却没有达到的：no-future")):
        criteria = [{"id": "naive-first", "outcome": "met"}, {"id": "no-future", "outcome": outcome}]
        file.write_text(json.dumps(receipt(criteria=criteria)), encoding="utf-8")
        page.locator(".mle-store input[type=file]").set_input_files(file)
        expect(says).to_contain_text(words)
        assert set(stored(page)["ticks"]) == {"projects/honest-forecast/naive-first", "projects/honest-forecast/no-future"}
    file.write_text(json.dumps(receipt())[:200], encoding="utf-8")
    page.locator(".mle-store input[type=file]").set_input_files(file)
    expect(says).to_contain_text("也不是完整的验收回执")
    assert len(stored(page)["ticks"]) == 2
