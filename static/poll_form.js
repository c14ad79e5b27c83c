// A poll's form: finding in long lists of units, and ticking all of those that are found.
"use strict";
for (const box of document.querySelectorAll("fieldset[data-filter]")) {
  const ticks = box.querySelector(".ticks");
  if (!ticks || ticks.children.length < 6) continue;
  const bar = document.createElement("p");
  bar.className = "finder";
  const field = document.createElement("input");
  field.type = "search";
  field.placeholder = box.dataset.filter;
  field.setAttribute("aria-label", box.dataset.filter);
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  field.addEventListener("input", () => {
    for (const each of ticks.children) each.hidden = !each.textContent.includes(field.value.trim());
  });
  bar.append(field);
  for (const [words, checked] of [[box.dataset.all, true], [box.dataset.none, false]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain quiet";
    button.textContent = words;
    button.addEventListener("click", () => {
      for (const each of ticks.children) if (!each.hidden) each.querySelector("input").checked = checked;
    });
    bar.append(button);
  }
  ticks.before(bar);
}
