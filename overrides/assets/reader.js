/* What the reader ticks: kept in this browser only, saved to a file, loaded from one, erased.
   Other scripts use `mle.read()`, `mle.change(edit)`, `mle.watch(show)` and `mle.isReader(data)`. Nothing that cannot be read is ever overwritten. */
window.mle ??= (() => {
  "use strict";
  const KEY = "mle:reader";
  const VERSION = 1;
  const LEVELS = 5; /* 0: not yet … 4: expert */
  const watchers = [];
  const fresh = () => ({ version: VERSION, route: "", levels: {}, ticks: {} });
  let held = fresh(); /* what counts while the browser's storage cannot be used */
  let isHeld = false;
  let undo = null;

  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const isReader = (data) =>
    isObject(data) && data.version === VERSION && typeof data.route === "string" && isObject(data.levels) && isObject(data.ticks) &&
    Object.values(data.levels).every((level) => Number.isInteger(level) && level >= 0 && level < LEVELS) &&
    Object.values(data.ticks).every((day) => typeof day === "string") &&
    (data.answers === undefined || (isObject(data.answers) && Object.values(data.answers).every((result) => typeof result === "string")));
  const isReceipt = (data) => isObject(data) && data.kind === "mle-guide-receipt";
  const isWhole = (receipt) =>
    receipt.receipt_version === 1 && /^[a-z0-9-]{1,80}$/.test(receipt.project) && typeof receipt.kit_version === "string" &&
    /^\d{4}-\d\d-\d\dT/.test(receipt.at) && !Number.isNaN(Date.parse(receipt.at)) && Array.isArray(receipt.criteria) &&
    receipt.criteria.every((one) => isObject(one) && /^[a-z0-9-]+$/.test(one.id) && typeof one.outcome === "string");
  const parse = (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  };

  const say = (names, values = {}) => {
    for (const line of document.querySelectorAll("[data-reader-says]")) {
      const told = JSON.parse(line.dataset.readerSays);
      const words = names.split(" ").map((name) => told[name] ?? "").join(" ");
      line.textContent = words.replace(/\{(\w+)\}/g, (_, key) => values[key]);
    }
  };
  const hold = (why) => {
    isHeld = true;
    say(why);
  };

  const read = () => {
    if (isHeld) return held;
    let text;
    try {
      text = localStorage.getItem(KEY);
    } catch {
      hold("refused");
      return held;
    }
    if (text === null) return fresh();
    const data = parse(text);
    if (isReader(data)) return data;
    if (isObject(data) && Number.isInteger(data.version) && data.version !== VERSION) {
      hold("newer");
      return held;
    }
    try {
      let key = KEY + ":damaged";
      while (localStorage.getItem(key) !== null) key += "+";
      localStorage.setItem(key, text);
      localStorage.removeItem(KEY);
      say("damaged", { key });
    } catch {
      hold("full");
    }
    return fresh();
  };

  const write = (data) => {
    if (isHeld) held = data;
    else {
      try {
        localStorage.setItem(KEY, JSON.stringify(data));
      } catch (error) {
        held = data;
        hold(error.name === "SecurityError" ? "refused" : "full");
      }
    }
    for (const show of watchers) show(data);
  };

  const change = (edit) => {
    const data = read();
    edit(data);
    write(data);
  };
  const watch = (show) => {
    watchers.push(show);
    show(read());
  };
  addEventListener("storage", (event) => {
    if (event.key === KEY || event.key === null) for (const show of watchers) show(read());
  });

  /* A kit's receipt: the criteria that it found met are ticked with the day of its run, by versions that this guide does not offer too.
     A tick is the reader's: what a later run found not met is told, and stays ticked. */
  const take = (receipt, kits, name) => {
    if (!isWhole(receipt)) return say("receipt_wrong", { name });
    if (!Object.hasOwn(kits, receipt.project)) return say("receipt_unknown", { project: receipt.project });
    const tick = (one) => `projects/${receipt.project}/${one.id}`;
    const found = (outcome) => receipt.criteria.filter((one) => one.outcome === outcome);
    const [met, missed] = [found("met"), found("not met")];
    const day = receipt.at.slice(0, 10);
    let lost = [];
    change((data) => {
      lost = missed.filter((one) => Object.hasOwn(data.ticks, tick(one)));
      for (const one of met) data.ticks[tick(one)] ??= day;
    });
    if (isHeld) return; /* what is said then, that nothing will be remembered, matters more */
    const names = [kits[receipt.project] === receipt.kit_version ? "receipt" : "receipt_other"];
    if (receipt.sample === true) names.push("receipt_sample");
    if (lost.length) names.push("receipt_lost");
    const values = { met: met.length, all: receipt.criteria.length, day, version: receipt.kit_version.slice(0, 8) };
    say(names.join(" "), { ...values, lost: lost.map((one) => one.id).join(", ") });
  };

  /* The buttons, where a page has them. */
  const actions = {
    save() {
      let text = JSON.stringify(read(), null, 1);
      if (isHeld && Object.keys(held.levels).length + Object.keys(held.ticks).length === 0) {
        try {
          text = localStorage.getItem(KEY) ?? text; /* another version's data go out as they are */
        } catch {}
      }
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
      link.download = "mle-guide.json";
      link.click();
      URL.revokeObjectURL(link.href);
    },
    erase(store) {
      try {
        undo = localStorage.getItem(KEY) ?? JSON.stringify(held);
        localStorage.removeItem(KEY);
        isHeld = false;
      } catch {
        undo = JSON.stringify(held);
      }
      held = fresh();
      for (const show of watchers) show(held);
      say("erased");
      store.querySelector('[data-do="undo"]').hidden = false;
    },
    undo(store) {
      const data = parse(undo);
      if (isReader(data)) write(data);
      else localStorage.setItem(KEY, undo);
      say("undone");
      store.querySelector('[data-do="undo"]').hidden = true;
    },
  };
  for (const store of document.querySelectorAll(".mle-store[data-kits]")) {
    store.hidden = false;
    store.addEventListener("click", (event) => actions[event.target.dataset.do]?.(store));
    store.querySelector("input").addEventListener("change", async (event) => {
      const file = event.target.files[0];
      const data = parse(await file.text());
      event.target.value = "";
      if (isReceipt(data)) return take(data, JSON.parse(store.dataset.kits), file.name);
      if (!isReader(data)) return say("wrong", { name: file.name });
      write(data);
      say("loaded", { levels: Object.keys(data.levels).length, ticks: Object.keys(data.ticks).length });
    });
  }
  return { read, change, watch, isReader };
})();
