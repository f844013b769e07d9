/* Tick-boxes that remember, how many are done, and the choice of a route. */
(() => {
  "use strict";
  const boxes = [...document.querySelectorAll("input[data-tick]")];
  const buttons = [...document.querySelectorAll("button[data-route]")];

  for (const box of boxes) {
    box.disabled = false;
    box.addEventListener("change", () =>
      mle.change((data) => {
        if (box.checked) data.ticks[box.dataset.tick] = new Date().toISOString().slice(0, 10);
        else delete data.ticks[box.dataset.tick];
      }),
    );
  }
  for (const button of buttons) {
    button.hidden = false;
    button.dataset.choose = button.textContent;
    button.addEventListener("click", () =>
      mle.change((data) => {
        data.route = data.route === button.dataset.route ? "" : button.dataset.route;
      }),
    );
  }

  mle.watch((data) => {
    for (const box of boxes) box.checked = box.dataset.tick in data.ticks;
    for (const list of document.querySelectorAll("[data-ticks]")) {
      const all = [...list.querySelectorAll("input")];
      list.nextElementSibling.textContent = list.dataset.ticks
        .replace("{done}", all.filter((box) => box.checked).length)
        .replace("{all}", all.length);
    }
    for (const button of buttons) {
      const isChosen = data.route === button.dataset.route;
      button.setAttribute("aria-pressed", isChosen);
      button.textContent = isChosen ? button.dataset.chosen : button.dataset.choose;
    }
  });
})();
