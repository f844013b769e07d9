/* Tables of records: filter, sort, and keep the choice in the address, so that a view can be shared.
   The table is complete without this script; it only hides rows and orders them. */
(() => {
  "use strict";
  const table = document.querySelector("table[data-catalogue]");
  const form = document.querySelector("form.mle-filters");
  if (!table || !form) return;

  const body = table.tBodies[0];
  const rows = [...body.rows];
  const count = form.querySelector("output");
  const heads = [...table.tHead.rows[0].cells];

  const key = (row, column) => {
    const cell = row.cells[column];
    const given = cell.dataset.sort;
    if (given === undefined) return cell.textContent.trim();
    return given === "" ? Infinity : Number(given);
  };

  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b || 0 : String(a).localeCompare(String(b), document.documentElement.lang);

  /* The choice is read from the address and written to it; nothing else remembers it. */
  const read = () => new URLSearchParams(location.search);
  const write = (choice) => {
    const query = choice.toString();
    history.replaceState(null, "", location.pathname + (query ? "?" + query : "") + location.hash);
  };

  const show = () => {
    const choice = read();
    for (const select of form.elements) {
      if (select.name) select.value = choice.get(select.name) ?? "";
    }
    const wanted = [...form.querySelectorAll("select")].filter((select) => select.value);
    let shown = 0;
    for (const row of rows) {
      const fits = wanted.every((select) => row.dataset[select.name].split(" ").includes(select.value));
      row.hidden = !fits;
      shown += fits;
    }
    count.textContent = count.dataset.words.replace("{shown}", shown).replace("{all}", rows.length);

    const sort = choice.get("sort") ?? "";
    const down = sort.startsWith("-");
    const column = sort === "" ? -1 : Number(sort.replace("-", ""));
    heads.forEach((head, index) => {
      if (index === column) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    const ordered = heads[column]
      ? [...rows].sort((a, b) => {
          const [x, y] = [key(a, column), key(b, column)];
          if (x === Infinity || y === Infinity) return (x === Infinity) - (y === Infinity); /* unknown stays last */
          return down ? compare(y, x) : compare(x, y);
        })
      : rows;
    if (ordered.some((row, place) => row !== body.rows[place])) body.append(...ordered);
  };

  form.addEventListener("change", (event) => {
    const choice = read();
    if (event.target.value) choice.set(event.target.name, event.target.value);
    else choice.delete(event.target.name);
    write(choice);
    show();
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    write(new URLSearchParams());
    show();
  });
  form.addEventListener("submit", (event) => event.preventDefault());

  heads.forEach((head, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const choice = read();
      const now = choice.get("sort");
      if (now === String(index)) choice.set("sort", "-" + index);
      else if (now === "-" + index) choice.delete("sort");
      else choice.set("sort", index);
      write(choice);
      show();
    });
  });

  form.hidden = false;
  addEventListener("popstate", show);
  show();
})();
