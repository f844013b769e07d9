/* The reader's plan: of all routes and projects on the page, those that were chosen or begun, and the next steps. */
(() => {
  "use strict";
  const plan = document.querySelector("[data-plan]");
  const words = JSON.parse(plan.dataset.plan);
  const say = plan.querySelector(".mle-plan-none");
  const print = plan.querySelector("[data-print]");
  print.hidden = false;
  print.addEventListener("click", () => window.print());

  mle.watch((data) => {
    plan.dataset.ready = ""; /* until now the style sheet kept everything back, so that nothing jumps */
    const isDone = (box) => box.dataset.tick in data.ticks;
    let route = null;
    for (const section of plan.querySelectorAll("[data-plan-route]")) {
      section.hidden = section.dataset.planRoute !== data.route;
      if (!section.hidden) route = section;
    }
    for (const section of plan.querySelectorAll("[data-plan-project]")) {
      section.hidden = ![...section.querySelectorAll("input")].some(isDone);
    }
    if (!route) {
      say.textContent = words.none;
      return;
    }
    const boxes = [...route.querySelectorAll("input")];
    const done = boxes.filter(isDone).length;
    say.textContent = words.done.replace("{done}", done).replace("{all}", boxes.length);
    let isCurrent = false; /* the first stage with something left to do stays open, the others fold to their result */
    for (const stage of route.querySelectorAll("[data-plan-stage]")) {
      const isOpen = ![...stage.querySelectorAll("input")].every(isDone);
      stage.classList.toggle("mle-plan-now", isOpen && !isCurrent);
      isCurrent = isCurrent || isOpen;
    }
    if (!isCurrent) say.textContent = words.finished;
  });
})();
