/* The self-assessment's choices, the reader's profile beside what is expected of each role, and the gaps worth closing first.
   A second profile may be laid over it, for a talk between two. What is expected, and what proves it, stands in the table of the page; this script reads it there. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-assessment]");
  const profile = document.querySelector("[data-profile]");
  const rows = [...document.querySelectorAll("[data-profile-skills] tbody tr")];
  const words = JSON.parse(profile.dataset.profile);
  const levels = JSON.parse(profile.dataset.levels);
  const ROLES = ["entry", "mid", "senior"];
  const say = (name, values = {}) => words[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);

  const skills = rows.map((row) => ({
    id: row.dataset.skill,
    formerly: row.dataset.formerly?.split(" ") ?? [],
    gist: row.dataset.gist,
    link: row.cells[0].querySelector("a"),
    expected: [1, 2, 3].map((column) => Number(row.cells[column].dataset.level)),
    proofs: [...row.cells[4].querySelectorAll("[data-proves]")],
    reading: row.cells[5].querySelector("a"),
  }));

  /* The reader's level of each skill of today. A skill that took others in has the highest of theirs until the reader places it;
     what was ticked before stays in the reader's data, so that no copy of the guide, old or new, loses it. */
  const placedIn = (levels) => {
    const own = {};
    for (const { id, formerly } of skills) {
      const known = id in levels ? [levels[id]] : formerly.filter((old) => old in levels).map((old) => levels[old]);
      if (known.length) own[id] = Math.max(...known);
    }
    return own;
  };

  let other = null; /* the levels of a second profile, laid over this one until the page is left */

  /* The rule that the page states. `own` holds a level for each skill that the reader placed. */
  const gaps = (own) => {
    for (let role = 0; role < ROLES.length; role += 1) {
      const found = skills
        .filter((skill) => skill.id in own && skill.expected[role] > own[skill.id])
        .map((skill) => ({ skill, role, distance: skill.expected[role] - own[skill.id] }));
      if (found.length) return found.sort((a, b) => b.distance - a.distance).slice(0, 3);
    }
    return [];
  };

  const make = (tag, text = "", values = {}) => {
    const element = document.createElement(tag);
    element.textContent = text;
    Object.assign(element, values);
    return element;
  };
  const copy = (link) => {
    const made = link.cloneNode(true);
    made.removeAttribute("id");
    return made;
  };
  const around = (text, link) => {
    const [before, after] = text.split("{link}");
    return [before, copy(link), after];
  };

  const chart = (placed, own) => {
    const NS = "http://www.w3.org/2000/svg";
    const draw = (parent, tag, values, text) => {
      const element = parent.appendChild(document.createElementNS(NS, tag));
      for (const [name, value] of Object.entries(values)) element.setAttribute(name, value);
      if (text) element.textContent = text;
      return element;
    };
    const STEP = 72, LEFT = 36, ROW = 42, TOP = 64; /* user units; 360 wide in all, so that text stays legible on a phone */
    const x = (level, slot) => LEFT + level * STEP + (slot - 1.5) * 13;
    const SHAPES = {
      other: (cx, cy) => ["circle", { cx, cy, r: 5.5, class: "mle-c-role" }],
      you: (cx, cy) => ["circle", { cx, cy, r: 5.5, class: "mle-c-you" }],
      entry: (cx, cy) => ["path", { d: `M${cx - 5} ${cy + 4}h10l-5 -9z`, class: "mle-c-role" }],
      mid: (cx, cy) => ["rect", { x: cx - 4.5, y: cy - 4.5, width: 9, height: 9, class: "mle-c-role" }],
      senior: (cx, cy) => ["path", { d: `M${cx} ${cy - 6}l5.5 6l-5.5 6l-5.5 -6z`, class: "mle-c-role" }],
    };
    const svg = document.createElementNS(NS, "svg");
    svg.setAttribute("viewBox", `0 0 360 ${TOP + placed.length * ROW}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", words.chart);
    const drawn = other ? ["you", "other", ...ROLES] : ["you", ...ROLES];
    drawn.forEach((name, slot) => {
      const step = 360 / drawn.length;
      draw(svg, ...SHAPES[name](8 + slot * step, 12));
      draw(svg, "text", { x: 18 + slot * step, y: 16 }, words[name]);
    });
    levels.forEach((name, level) => draw(svg, "text", { x: LEFT + level * STEP, y: 42, class: "mle-c-head" }, name));
    placed.forEach((skill, index) => {
      const y = TOP + index * ROW;
      draw(svg, "text", { x: 0, y: y + 8, class: "mle-c-name" }, skill.link.textContent);
      draw(svg, "path", { d: `M0 ${y + 23}h360`, class: "mle-c-line" });
      levels.forEach((_, level) => draw(svg, "rect", { x: LEFT + level * STEP - 30, y: y + 14, width: 60, height: 18, rx: 3, class: "mle-c-band" }));
      if (skill.id in own) draw(svg, ...SHAPES.you(x(own[skill.id], 0), y + 23));
      if (other && skill.id in other) draw(svg, ...SHAPES.other(x(other[skill.id], -1), y + 23));
      ROLES.forEach((role, slot) => draw(svg, ...SHAPES[role](x(skill.expected[slot], slot + 1), y + 23)));
    });
    return svg;
  };

  const table = (placed, own) => {
    const made = make("table", "", { className: "mle-table" });
    made.append(make("caption", words.caption));
    const heads = [words.skill, words.you, ...(other ? [words.other] : []), ...ROLES.map((role) => words[role])];
    const row = made.createTHead().insertRow();
    for (const head of heads) row.append(make("th", head, { scope: "col" }));
    const body = made.createTBody();
    for (const skill of placed) {
      const line = body.insertRow();
      const name = make("th", "", { scope: "row" });
      name.append(copy(skill.link));
      line.append(name);
      [own[skill.id], ...(other ? [other[skill.id]] : []), ...skill.expected].forEach((level, column) => {
        const cell = line.insertCell();
        cell.textContent = levels[level] ?? "–";
        cell.dataset.label = heads[column + 1];
      });
    }
    const details = make("details", "", { className: "mle-levels" });
    details.append(make("summary", words.table), made);
    return details;
  };

  const list = (own) => {
    const found = gaps(own);
    if (!found.length) return [make("p", words.complete)];
    const made = make("ol", "", { className: "mle-gaps" });
    for (const { skill, role } of found) {
      const item = made.appendChild(make("li"));
      const name = item.appendChild(make("strong"));
      name.append(copy(skill.link));
      const values = { role: words[ROLES[role]], expected: levels[skill.expected[role]], own: levels[own[skill.id]], gist: skill.gist };
      item.append(make("p", say("gap", values)));
      const proof = skill.proofs.filter((span) => Number(span.dataset.proves) > own[skill.id]).sort((a, b) => a.dataset.proves - b.dataset.proves)[0];
      const next = item.appendChild(make("p"));
      next.append(...(proof ? around(words.project, proof.querySelector("a")) : [words.no_project]));
      if (skill.reading) next.append(words.space, ...around(words.read, skill.reading));
    }
    return [make("h3", found.length === 3 ? words.gaps : words.gaps_fewer), made, make("p", words.rule, { className: "mle-quiet" })];
  };

  /* Where two profiles differ, the furthest apart first. */
  const differences = (own) => {
    if (!other) return [];
    const apart = skills
      .filter(({ id }) => id in own && id in other && own[id] !== other[id])
      .sort((a, b) => Math.abs(own[b.id] - other[b.id]) - Math.abs(own[a.id] - other[a.id]));
    const made = make("ul");
    for (const skill of apart) {
      const item = made.appendChild(make("li"));
      item.append(copy(skill.link), say("apart", { own: levels[own[skill.id]], other: levels[other[skill.id]] }));
    }
    return [make("h3", say("differ", { count: apart.length })), made];
  };

  const over = document.querySelector(".mle-over");
  over.hidden = false;
  over.querySelector("input").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    let data = null;
    try {
      data = JSON.parse(await file.text());
    } catch {}
    event.target.value = "";
    const isGood = mle.isReader(data);
    if (isGood) other = placedIn(data.levels);
    over.querySelector("[role=status]").textContent = say(isGood ? "over" : "not_over", { name: file.name });
    over.querySelector("button").hidden = other === null;
    if (isGood) show(mle.read());
  });
  over.querySelector("button").addEventListener("click", (event) => {
    other = null;
    event.target.hidden = true;
    over.querySelector("[role=status]").textContent = "";
    show(mle.read());
  });

  addEventListener("beforeprint", () => profile.querySelector("details")?.setAttribute("open", ""));

  form?.addEventListener("change", (event) =>
    mle.change((data) => {
      data.levels[event.target.name] = Number(event.target.value);
    }),
  );
  const show = (data) => {
    const own = placedIn(data.levels);
    if (form) {
      for (const radio of form.querySelectorAll("input")) {
        radio.checked = own[radio.name] === Number(radio.value);
        if (radio.checked) radio.closest("details")?.setAttribute("open", "");
      }
    }
    const placed = skills.filter((skill) => skill.id in own || (other && skill.id in other));
    if (!placed.length) profile.replaceChildren(make("p", words.begin));
    else {
      const count = make("p", say("answered", { done: Object.keys(own).length, all: skills.length }));
      profile.replaceChildren(count, ...differences(own), ...list(own), chart(placed, own), table(placed, own));
    }
  };
  mle.watch(show);
})();
