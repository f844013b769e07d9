/* The theme's own scripts (search, the mark in the table of contents, the switch of colours) wait for the reader's first move:
   half of what a first visit would load, and nothing on the page needs them before. Until they are here this script answers for them:
   it opens the search, puts the cursor into its field, so that every key falls where it belongs, and says that the search is coming.
   The theme goes on from there: it reads the open search and what stands in its field. Can go when the theme waits by itself. */
(() => {
  "use strict";
  const TURNS = { p: "prev", ",": "prev", n: "next", ".": "next" };
  document.documentElement.classList.replace("no-js", "js"); // the theme shows its search field only then
  const toggle = document.querySelector("#__search");
  const field = document.querySelector('[data-md-component="search-query"]');
  const sign = document.querySelector(".mle-coming");
  const address = new URLSearchParams(location.search);
  const waiting = new AbortController();
  const { signal } = waiting;
  const isInField = () => document.activeElement === field;
  let first;
  let typed;

  const load = () => {
    let script;
    for (const { value } of document.querySelectorAll("data.mle-later")) {
      script = document.createElement("script");
      script.src = value;
      script.async = false;
      script.addEventListener("error", () => sign?.replaceWith(sign.dataset.failed));
      document.body.append(script);
    }
    script.addEventListener("load", handOver);
  };
  const begin = (move = {}) => {
    if (first) return;
    first = move;
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", load, { once: true });
    else load();
  };
  const handOver = () => {
    waiting.abort();
    document.dispatchEvent(new Event("DOMContentLoaded")); // what the theme begins with
    if (!field && first.type === "keydown") dispatchEvent(new KeyboardEvent("keydown", first)); // Zensical has a search of its own
    if (typed !== undefined && field.value !== typed) field.value = typed; // the theme has written `q` of the address over it
    if (location.hash) setTimeout(() => isInField() && !toggle.checked && toggle.click(), 130); // the theme closes it after 125 ms, for the anchor
  };
  for (const move of ["pointermove", "pointerdown", "touchstart", "wheel", "scroll", "keydown", "focusin"]) {
    addEventListener(move, begin, { capture: true, passive: true, signal });
  }
  if (address.has("h") || address.has("q")) begin(); // a search was handed on
  if (!field) return;

  const tell = () => (sign.hidden = false); // the theme takes it away when the search is ready
  const open = () => {
    begin();
    toggle.checked = true;
    tell();
    if (!isInField()) field.focus();
  };
  const close = () => {
    toggle.checked = false;
    field.blur();
  };
  const answer = (event) => {
    const { key, ctrlKey, metaKey, isComposing, target } = event;
    if (ctrlKey || metaKey || isComposing) return;
    if (toggle.checked) {
      if (key === "Escape" || key === "Tab") close();
      else if (key.length === 1 && !isInField()) field.focus();
    } else if (!target.closest("input:not([type=radio]), select, textarea, [contenteditable]")) {
      if (["/", "s", "f"].includes(key)) {
        event.preventDefault(); // the key itself is not part of the search
        open();
      }
      const turn = document.querySelector(`link[rel="${TURNS[key]}"]`);
      if (turn) location.href = turn.href;
    }
  };
  addEventListener("keydown", answer, { signal });
  toggle.addEventListener("change", tell);
  toggle.addEventListener("change", () => toggle.checked && open(), { signal });
  field.addEventListener("focus", open, { signal });
  field.addEventListener("input", () => (typed = field.value), { signal });
  field.form.addEventListener("reset", () => ((typed = ""), field.focus()), { signal });
  field.form.addEventListener("submit", (event) => event.preventDefault()); // nobody answers it

  if (address.has("q")) field.value = address.get("q");
  if (address.has("q") || toggle.checked || isInField()) open(); // moved before this script came
})();
