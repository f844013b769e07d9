/* Practice on the question bank: draws a question by role, skill and gaps, keeps the clock, and takes the reader's own score.
   A draw from all pages goes on by the address alone (#draw.role.gaps.pages that had none), so that it works from disk and without storage. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-practice]");
  const words = JSON.parse(form.dataset.practice);
  const bank = JSON.parse(form.dataset.bank);
  const levels = form.dataset.levels ? JSON.parse(form.dataset.levels) : [];
  const says = form.querySelector("output");
  const all = [...document.querySelectorAll("details.mle-question")];
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const seen = new Set();
  let isFromAll = false; /* a draw from all pages */
  let clock = 0;
  form.hidden = false;

  const here = location.pathname.replace(/.*\//, "").replace(".html", "");
  const field = (name) => form.elements[name];

  /* A gap: the skill is not placed, or below the level of the question. */
  const isGap = (question) => !(mle.read().levels[question.dataset.skill] >= Number(question.dataset.level));
  const fits = (question) =>
    (!field("role").value || question.dataset.roles.split(" ").includes(field("role").value)) &&
    (!field("skill")?.value || question.dataset.skill === field("skill").value) &&
    (!field("gaps").checked || isGap(question));

  /* On to another page, each as likely as its share of the questions; `empty` are those that had none for this draw. */
  const goOn = (empty = []) => {
    const groups = Object.keys(bank).filter((group) => group !== here && !empty.includes(group));
    if (!groups.length) {
      says.textContent = words.none;
      return;
    }
    let place = Math.random() * groups.reduce((sum, group) => sum + bank[group].length, 0);
    const group = groups.find((name) => (place -= bank[name].length) < 0) ?? groups[0];
    location.href = `${group}.html#draw.${field("role").value}.${field("gaps").checked ? "gaps" : ""}${empty.map((name) => `.${name}`).join("")}`;
  };

  const stop = () => clearInterval(clock);
  const start = (question) => {
    const begun = Date.now();
    const time = document.createElement("p");
    time.className = "mle-quiet mle-clock";
    time.setAttribute("role", "timer");
    const show = () => {
      const seconds = Math.floor((Date.now() - begun) / 1000);
      const now = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      time.textContent = fill(words.clock, { now, all: question.dataset.minutes });
    };
    question.before(time);
    show();
    stop();
    clock = setInterval(show, 1000);
  };

  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  };

  const score = (question) => {
    if (question.querySelector(".mle-score")) return;
    const box = document.createElement("div");
    box.className = "mle-score";
    const line = document.createElement("p");
    line.setAttribute("role", "status");
    const choices = ["missed", "partly", "held"].map((result) => button(words[result], () => note(question, result, line)));
    const label = document.createElement("p");
    label.textContent = words.score;
    box.append(label, ...choices, line, button(words.next, next));
    question.append(box);
  };

  /* The score is kept; where it contradicts the profile, the reader is offered a change, which is never made without asking. */
  const note = (question, result, line) => {
    stop();
    const { skill, level } = question.dataset;
    mle.change((data) => {
      data.answers = { ...data.answers, [question.id]: result };
    });
    const { answers, levels: own } = mle.read();
    const alike = all.filter((one) => one.dataset.skill === skill && one.dataset.level === level);
    const held = alike.filter((one) => answers[one.id] === "held").length;
    const name = document.getElementById(skill).textContent;
    line.textContent = fill(words.scored, { skill: name, held, all: alike.length }) + " ";
    const offer = (text, rank) =>
      line.append(
        button(fill(text, { level: levels[rank] }), () => {
          mle.change((data) => {
            data.levels[skill] = rank;
          });
          line.textContent = fill(words.placed, { level: levels[rank] });
        }),
      );
    if (held === alike.length && !(own[skill] >= Number(level))) offer(words.raise, Number(level));
    if (result === "missed" && own[skill] >= Number(level)) offer(words.lower, Number(level) - 1);
  };

  const clear = () => {
    stop();
    document.querySelectorAll(".mle-clock, .mle-score").forEach((element) => element.remove());
  };
  const only = (question) => {
    clear();
    for (const one of all) {
      one.hidden = one !== question;
      one.open = false;
    }
    for (const heading of document.querySelectorAll(".md-content h3[id]")) heading.hidden = heading.id !== question.dataset.skill;
  };
  const draw = () => {
    const pool = all.filter(fits);
    const answers = mle.read().answers ?? {};
    const fresh = pool.filter((one) => !seen.has(one.id));
    const unheld = fresh.filter((one) => answers[one.id] !== "held");
    const from = unheld.length ? unheld : fresh.length ? fresh : pool;
    if (!from.length) return false;
    const question = from[Math.floor(Math.random() * from.length)];
    seen.add(question.id);
    only(question);
    start(question);
    says.textContent = words.drawn;
    question.querySelector("summary").focus();
    return true;
  };
  const next = () => (isFromAll ? goOn() : draw());

  for (const question of all) {
    question.addEventListener("toggle", () => {
      if (question.open && seen.has(question.id)) score(question);
    });
  }
  form.querySelector('[data-do="draw"]').addEventListener("click", () => {
    if (!all.length) return goOn();
    isFromAll = false;
    if (!draw()) says.textContent = words.none;
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    clear();
    for (const one of [...all, ...document.querySelectorAll(".md-content h3[id]")]) one.hidden = false;
    says.textContent = "";
  });

  /* An address that names a question opens it; one that says draw begins. */
  const arrive = () => {
    const [what, role, gaps, ...empty] = location.hash.slice(1).split(".");
    if (what === "draw" && all.length) {
      isFromAll = true;
      field("role").value = role ?? "";
      field("gaps").checked = gaps === "gaps";
      if (!draw()) goOn([...empty, here]);
    } else {
      const named = all.find((one) => one.id === what);
      if (named) named.open = true;
    }
  };
  addEventListener("hashchange", arrive);
  arrive();
})();
