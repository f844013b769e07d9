// The way to the twin page leads to the heading that is being read; without this script, to the top.
"use strict";

for (const link of document.querySelectorAll(".mle-twin")) {
  const address = link.getAttribute("href");
  const aim = () => {
    const passed = [...document.querySelectorAll("article :is(h2, h3)[id]")].filter((heading) => heading.getBoundingClientRect().top < 120);
    link.setAttribute("href", passed.length ? `${address}#${passed.at(-1).id}` : address);
  };
  for (const moment of ["pointerdown", "focus", "click"]) link.addEventListener(moment, aim);
}
