/* The theme's own scripts (search, the mark in the table of contents, the switch of colours) wait for the reader's first move:
   half of what a first visit would load, and nothing on the page needs them before. Can go when the theme waits by itself. */
(() => {
  "use strict";
  document.documentElement.classList.replace("no-js", "js"); // the theme shows its search field only then
  const moves = ["pointermove", "pointerdown", "touchstart", "wheel", "scroll", "keydown", "focusin"];
  const begin = (event) => {
    for (const move of moves) removeEventListener(move, begin, true);
    let script;
    for (const { value } of document.querySelectorAll("data.mle-later")) {
      script = document.createElement("script");
      script.src = value;
      script.async = false;
      document.body.append(script);
    }
    script?.addEventListener("load", () => {
      document.dispatchEvent(new Event("DOMContentLoaded")); // what the theme begins with
      const { type, key, ctrlKey, metaKey, altKey } = event ?? {};
      const isShortcut = type === "keydown" && key?.length === 1 && !ctrlKey && !metaKey && !altKey; // such as / for the search
      if (isShortcut) dispatchEvent(new KeyboardEvent(type, { key }));
    });
  };
  if (/[?&][hq]=/.test(location.search)) begin(); // a search was handed on
  else for (const move of moves) addEventListener(move, begin, { capture: true, passive: true });
})();
