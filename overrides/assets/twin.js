// The way to the twin page leads to the heading that is being read; without this script, to the top.
// Where the twin lacks a section, the way leads to the last heading before it; where there is no twin, to the top of the nearest page.
"use strict";

for (const link of document.querySelectorAll(".mle-twin")) {
  const address = link.getAttribute("href");
  const lacks = link.dataset.lacks?.split(" ") ?? [];
  const aim = () => {
    let outer = 0; // the level of the section that is being passed and that the twin lacks
    const shared = [...document.querySelectorAll("article :is(h2, h3)[id]")].filter((heading) => {
      const level = Number(heading.tagName[1]);
      if (!outer || level <= outer) outer = lacks.includes(heading.id) ? level : 0;
      return !outer;
    });
    const passed = shared.filter((heading) => heading.getBoundingClientRect().top < 120);
    link.setAttribute("href", passed.length ? `${address}#${passed.at(-1).id}` : address);
  };
  if (link.dataset.lacks !== "") for (const moment of ["pointerdown", "focus", "click"]) link.addEventListener(moment, aim);
}
