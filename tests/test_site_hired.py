"""Practice on the question bank, the hiring kit, and two profiles laid over each other, in a real browser."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from test_site_reader import REFUSE, Open, open_at, stored

pytestmark = pytest.mark.browser
__all__ = ["open_at"]  # a fixture

QUESTIONS = "hired/questions"
SHOWN = "details.mle-question:visible"


def score(page: Page, words: str) -> None:
    """Open the answer of the question that is shown, and say how one's own was."""
    page.locator(SHOWN).locator("summary").click()
    page.get_by_role("button", name=words, exact=True).click()


def test_a_draw_shows_one_question_and_hides_its_answer(page: Page, address: str) -> None:
    """One question of the role and the skill that were chosen, a clock, the answer on demand, a score that is kept, then the next."""
    page.goto(f"{address}/{QUESTIONS}/systems.html")
    page.locator("select[name=role]").select_option("senior")
    page.locator("select[name=skill]").select_option("databases")
    page.get_by_role("button", name="Draw a question").click()
    question = page.locator(SHOWN)
    expect(question).to_have_count(1)
    assert question.get_attribute("data-skill") == "databases"
    assert "senior" in str(question.get_attribute("data-roles"))
    expect(question.locator("dl")).to_be_hidden()
    before = page.locator("[role=timer]").text_content()
    assert re.fullmatch(r"0:0\d of \d+ min", str(before))
    page.wait_for_timeout(1100)
    assert page.locator("[role=timer]").text_content() != before
    first = question.get_attribute("id")
    score(page, "In part")
    assert stored(page)["answers"] == {first: "partly"}
    page.get_by_role("button", name="Next question").click()
    expect(page.locator(SHOWN)).not_to_have_attribute("id", str(first))
    page.get_by_role("button", name="Show all").click()
    assert page.locator(SHOWN).count() > 20


def test_practice_by_keyboard(page: Page, address: str) -> None:
    """From the first field to the score without a mouse; the drawn question has the focus."""
    page.goto(f"{address}/{QUESTIONS}/delivery.html")
    page.locator("select[name=role]").focus()
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(SHOWN)).to_have_count(1)
    expect(page.locator(f"{SHOWN} summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(f"{SHOWN} dl")).to_be_visible()
    expect(page.get_by_role("button", name="Missed it")).to_be_visible()
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.closest('dl') !== null"):  # a source in the answer
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Missed it")).to_be_focused()
    page.keyboard.press("Enter")
    assert list(stored(page)["answers"].values()) == ["missed"]


def test_answers_that_hold_may_raise_the_profile(page: Page, address: str) -> None:
    """When all answers of a level hold, the reader is offered that level, and when one is missed a lower one; nothing changes unasked."""
    page.goto(f"{address}/{QUESTIONS}/foundation-models.html")
    page.locator("select[name=skill]").select_option("agents")
    page.locator("select[name=role]").select_option("mid")
    alike = page.locator('details[data-skill=agents][data-level="2"]').count()
    assert alike >= 2
    page.get_by_role("button", name="Draw a question").click()
    for number in range(alike):
        if number:
            page.get_by_role("button", name="Next question").click()
        score(page, "It held")
    assert stored(page)["levels"] == {}
    page.get_by_role("button", name="Place yourself at working").click()
    assert stored(page)["levels"] == {"agents": 2}
    page.get_by_role("button", name="Next question").click()
    score(page, "Missed it")
    page.get_by_role("button", name="put it down to awareness").click()
    assert stored(page)["levels"] == {"agents": 1}


def test_only_gaps_are_drawn(page: Page, address: str) -> None:
    """With the box ticked no question comes of a skill that the reader has placed as high; where none is left, the page says so."""
    page.goto(f"{address}/{QUESTIONS}/foundation-models.html")
    page.evaluate("""() => mle.change((data) => { data.levels = { "llm-applications": 4, retrieval: 4 }; })""")
    page.locator("input[name=gaps]").check()
    for _ in range(5):
        page.get_by_role("button", name="Draw a question").click()
        assert page.locator(SHOWN).get_attribute("data-skill") == "agents"
    page.evaluate("""() => mle.change((data) => { data.levels.agents = 4; })""")
    page.get_by_role("button", name="Draw a question").click()
    expect(page.locator("form output")).to_contain_text("No question fits")


@pytest.mark.parametrize("is_refused", [False, True], ids=["stored", "refused"])
def test_a_draw_from_all_pages_goes_on(fresh_page: Page, open_at: Open, is_refused: bool) -> None:
    """From the bank's first page to a question of any page, and to another page's with the next; with no storage too."""
    if is_refused:
        fresh_page.add_init_script(REFUSE)
    fresh_page.goto(open_at(f"{QUESTIONS}/index.html"))
    fresh_page.locator("select[name=role]").select_option("mid")
    fresh_page.get_by_role("button", name="Draw from all pages").click()
    fresh_page.wait_for_url("**#draw.mid.")
    expect(fresh_page.locator(SHOWN)).to_have_count(1)
    assert "mid" in str(fresh_page.locator(SHOWN).get_attribute("data-roles"))
    first = fresh_page.url
    score(fresh_page, "It held")
    fresh_page.get_by_role("button", name="Next question").click()
    fresh_page.wait_for_url(lambda url: url != first)
    expect(fresh_page.locator(SHOWN)).to_have_count(1)


def test_a_draw_that_nothing_fits_ends(fresh_page: Page, address: str) -> None:
    """A reader at the top of every skill is told that nothing fits, after one look at each page; one gap is found wherever it lies."""
    fresh_page.goto(f"{address}/{QUESTIONS}/index.html")
    pages = fresh_page.evaluate("Object.keys(JSON.parse(document.querySelector('form[data-practice]').dataset.bank)).length")
    fresh_page.goto(f"{address}/assessment.html")
    fresh_page.evaluate(
        """() => mle.change((data) => {
          for (const box of document.querySelectorAll("input[type=radio]")) data.levels[box.name] = 4;
        })"""
    )
    fresh_page.goto(f"{address}/{QUESTIONS}/index.html")
    fresh_page.locator("input[name=gaps]").check()
    visits: list[str] = []
    fresh_page.on("framenavigated", lambda frame: visits.append(frame.url) if "#draw" in frame.url else None)
    fresh_page.get_by_role("button", name="Draw from all pages").click()
    expect(fresh_page.locator("form output")).to_contain_text("No question fits")
    assert len(visits) <= pages
    fresh_page.evaluate("() => mle.change((data) => { data.levels.agents = 1; })")
    fresh_page.goto(f"{address}/{QUESTIONS}/index.html")
    fresh_page.locator("input[name=gaps]").check()
    fresh_page.get_by_role("button", name="Draw from all pages").click()
    fresh_page.wait_for_url("**/foundation-models.html#draw..gaps*")
    expect(fresh_page.locator(SHOWN)).to_have_attribute("data-skill", "agents")


def test_a_skill_leads_to_its_questions(page: Page, address: str) -> None:
    """Under each skill's heading the number of its questions, and the way to them."""
    page.goto(f"{address}/skills/systems.html")
    page.locator('a[href$="hired/questions/systems.html#databases"]').click()
    expect(page.locator("h3#databases")).to_be_in_viewport()


def test_without_scripts_the_bank_is_folded_and_whole(address: str, browser: Browser) -> None:
    """Every question opens by itself; nothing promises what needs a script."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{QUESTIONS}/modelling.html")
    assert page.locator(SHOWN).count() > 25
    expect(page.locator("form[data-practice]")).to_be_hidden()
    page.locator(f"{SHOWN} summary").first.click()
    expect(page.locator(f"{SHOWN} dl").first).to_be_visible()
    page.goto(f"{address}/hired/hiring.html")
    page.locator("[data-rows] summary").click()
    assert page.locator("[data-rows] tbody tr:visible").count() > 70
    context.close()


def test_an_address_opens_its_question(page: Page, address: str) -> None:
    """A link to a question, from the hiring kit, shows it with its answer."""
    page.goto(f"{address}/{QUESTIONS}/software-engineering.html#dsa-earlier-payments")
    expect(page.locator("#dsa-earlier-payments dl")).to_be_visible()


@pytest.mark.parametrize("edition", ["", "zh/"])
@pytest.mark.parametrize("role", ["entry", "mid", "senior"])
def test_each_sheet_of_the_hiring_kit_is_one_page(page: Page, address: str, edition: str, role: str) -> None:
    """Four sheets for each role, made of six rows, each on a page of paper of its own."""
    page.goto(f"{address}/{edition}hired/hiring.html")
    page.locator("select[name=role]").select_option(role)
    assert page.locator(".mle-sheet").count() == 4
    for name in ("table >> nth=0", "table >> nth=1"):
        rows = page.locator(f".mle-sheets >> {name} >> tbody tr")
        assert rows.count() == 6
        assert "" not in [text.strip() for text in rows.locator("> :not(:last-child)").all_text_contents()]
    pdf = page.pdf(format="A4", margin={"top": "12mm", "bottom": "12mm", "left": "15mm", "right": "15mm"})
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 4


def test_rows_are_chosen_by_hand(page: Page, address: str) -> None:
    """Another row comes onto every sheet that has rows; the task and the design talk follow the rows."""
    page.goto(f"{address}/hired/hiring.html")
    fieldset = page.locator(".mle-hiring fieldset")
    while fieldset.locator("input:checked").count():
        fieldset.locator("input:checked").first.uncheck()
    assert page.locator(".mle-sheet").count() == 0
    for skill in ("retrieval", "llm-evaluation"):
        fieldset.locator(f"input[value={skill}]").check()
    assert page.locator(".mle-sheets >> table >> nth=0 >> tbody tr").count() == 2
    links = page.locator(".mle-sheet ol a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert links[0].endswith("projects/answers-from-documents.html")
    assert "/design/" in links[-1] or links[-1].startswith("design/")


def test_the_task_is_of_the_level_of_the_role(page: Page, address: str) -> None:
    """For a mid-level post a rung that proves its rows at their level, not the largest one that touches them."""
    page.goto(f"{address}/hired/hiring.html")
    rungs = page.locator(".mle-sheet ol a[href*=projects]").evaluate_all("links => links.map(link => link.href.replace(/.*projects./, ''))")
    assert rungs == ["retrain-and-roll-back.html", "guarded-assistant.html"]


def test_there_is_room_to_write(page: Page, address: str) -> None:
    """On paper the columns that wait for a hand are wider than two centimetres, and nothing on the sheet is larger than its heading."""
    page.goto(f"{address}/hired/hiring.html")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 1032})
    for name in ("scorecard", "talk"):
        sheet = page.locator(f".mle-sheet--{name}")
        assert sheet.locator("thead th").last.evaluate("cell => cell.offsetWidth") > 76
        size = "element => parseFloat(getComputedStyle(element).fontSize)"
        assert sheet.locator(".mle-level").first.evaluate(size) <= sheet.locator("td").first.evaluate(size)


def test_two_profiles_lie_over_each_other(page: Page, address: str, tmp_path: Path) -> None:
    """The other's file is shown beside one's own, differences first, and is neither kept nor mixed in; a wrong file changes nothing."""
    page.goto(f"{address}/assessment.html")
    for skill, level in (("python", 2), ("git", 3)):
        page.locator(f'input[name="{skill}"][value="{level}"]').check()
    file = tmp_path / "theirs.json"
    file.write_text(json.dumps({"version": 1, "route": "", "levels": {"python": 2, "git": 1, "testing": 3}, "ticks": {}}), encoding="utf-8")
    page.locator(".mle-over input").set_input_files(file)
    expect(page.locator(".mle-profile h3").first).to_have_text("Where the two differ: 1")
    expect(page.locator(".mle-profile h3 + ul li")).to_have_text("Version control and review: you practitioner, the other awareness")
    assert page.locator(".mle-profile svg .mle-c-name").count() == 3
    assert stored(page)["levels"] == {"python": 2, "git": 3}
    page.get_by_role("button", name="Take it off").click()
    assert page.locator(".mle-profile svg .mle-c-name").count() == 2
    file.write_text("{}", encoding="utf-8")
    page.locator(".mle-over input").set_input_files(file)
    expect(page.locator(".mle-over [role=status]")).to_contain_text("theirs.json is not a file that this guide saved")
