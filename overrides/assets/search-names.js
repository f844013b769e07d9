/* The theme wraps each result of the search in a link that no screen reader can name: Chromium finds no words in it.
   Each gets the words of its heading. Can go when the theme names its results. */
(() => {
  "use strict";
  const list = document.querySelector(".md-search-result__list");
  if (!list) return;
  new MutationObserver(() => {
    for (const link of list.querySelectorAll("a:not([aria-label])")) {
      link.setAttribute("aria-label", link.querySelector("h1, h2")?.textContent ?? link.textContent);
    }
  }).observe(list, { childList: true, subtree: true });
})();
