/* The hiring kit: for a role and the rows that are chosen, an advertisement, a scorecard, a loop and a one-to-one sheet, one page each in print.
   Every word comes from the page: its table of rows, its list of tasks and its words. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-hiring]");
  const words = JSON.parse(form.dataset.hiring);
  const sheets = document.querySelector(".mle-sheets");
  const rows = [...document.querySelectorAll("[data-rows] tbody tr")];
  const tasks = [...document.querySelectorAll("[data-tasks] li")];
  const boxes = [...form.querySelectorAll('input[name="skill"]')];
  const role = form.elements.role;
  const says = form.querySelector("output");
  const MOST = 6;
  form.hidden = false;

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const make = (tag, ...inside) => {
    const element = document.createElement(tag);
    element.append(...inside);
    return element;
  };
  const copy = (cell) => [...cell.cloneNode(true).childNodes];
  const table = (heads, lines) => {
    const made = make("table");
    made.className = "mle-table";
    const row = made.createTHead().insertRow();
    for (const head of heads) {
      const cell = make("th", head);
      cell.scope = "col";
      row.append(cell);
    }
    const body = made.createTBody();
    for (const line of lines) {
      const tr = body.insertRow();
      line.forEach((cell, column) => {
        const td = make(column ? "td" : "th", ...cell);
        if (column) td.dataset.label = heads[column];
        else td.scope = "row";
        tr.append(td);
      });
    }
    return made;
  };
  const sheet = (name, ...inside) => {
    const made = make("section", make("h3", words[name]), ...inside);
    made.className = `mle-sheet mle-sheet--${name}`;
    return made;
  };

  /* The two tasks that show most of the chosen rows, at the level of the role rather than at another; of two alike, the earlier. */
  const best = (isDesign, chosen) => {
    const wanted = [...chosen, ...chosen.map((skill) => `${skill}-${role.value}`)];
    return tasks
      .filter((task) => ("design" in task.dataset) === isDesign)
      .map((task) => ({ task, hits: task.dataset.skills.split(" ").filter((skill) => wanted.includes(skill)).length }))
      .sort((a, b) => b.hits - a.hits)
      .slice(0, 2)
      .filter(({ hits }, place) => hits || !place)
      .map(({ task }) => copy(task));
  };

  const show = () => {
    const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    const lines = rows.filter((row) => chosen.includes(row.dataset.skill) && row.dataset.roles.split(" ").includes(role.value));
    says.textContent = fill(words.chosen, { count: chosen.length, most: MOST });
    if (!lines.length) return sheets.replaceChildren();
    const name = role.selectedOptions[0].textContent;
    const cells = lines.map((row) => [...row.cells].map(copy));
    const list = (items) => make("ul", ...items.map((item) => make("li", ...item)));
    const again = (index, column) => copy(lines[index].cells[column]);

    const advertisement = sheet(
      "advertisement",
      make("p", make("strong", fill(words.ad_title, { role: name }))),
      make("p", words.ad_work),
      make("p", words.ad_can),
      list(lines.map((_, index) => again(index, 1))),
      make("p", words.ad_not),
      make("p", words.ad_how),
      make("p", words.ad_pay),
    );
    const scorecard = sheet(
      "scorecard",
      make("p", words.score_who),
      make("p", words.score_how),
      table(
        [words.skill, words.shows, words.question, words.points, words.heard],
        cells.map(([skill, can, , question]) => [skill, can, question, ["1 2 3 4"], [""]]),
      ),
      make("p", words.score_vote),
    );
    const steps = [
      [words.step_call],
      [words.step_task, list(best(false, chosen))],
      [words.step_questions],
      [words.step_dive],
      [words.step_design, list(best(true, chosen))],
      [words.step_decide],
    ];
    const loop = sheet("loop", make("ol", ...steps.map((step) => make("li", ...step))), make("p", words.rubric));
    const talk = sheet(
      "talk",
      make("p", words.talk_how),
      table(
        [words.skill, words.evidence, words.question, words.quarter, words.agreed],
        lines.map((_, index) => [again(index, 0), again(index, 2), again(index, 3), again(index, 4), [""]]),
      ),
    );
    sheets.replaceChildren(advertisement, scorecard, loop, talk);
  };

  const pick = () => {
    const six = role.selectedOptions[0].dataset.picks.split(" ");
    for (const box of boxes) box.checked = six.includes(box.value);
    show();
  };
  role.addEventListener("change", pick);
  form.querySelector("fieldset").addEventListener("change", show);
  form.querySelector('[data-do="print"]').addEventListener("click", () => window.print());
  form.addEventListener("submit", (event) => event.preventDefault());
  pick();
})();
