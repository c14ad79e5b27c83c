// Entering paper votes by keyboard; counts are added up, and drafts saved, as one types.
// Without this file the pages are plain forms that do the same.
(() => {
  "use strict";
  const form = document.querySelector("form[data-paper]");
  if (!form) return;
  const rows = [...form.querySelectorAll(".rowset")];

  const focus = (row) => {
    const field = row.querySelector("input:checked") || row.querySelector("input");
    field.focus();
    row.scrollIntoView({ block: "nearest" });
  };
  const current = () => document.activeElement.closest(".rowset");

  const step = (row, by) => {
    const next = rows[rows.indexOf(row) + by];
    if (next) focus(next);
    else if (by > 0) form.querySelector(".actions button").focus();
  };

  const choose = (key) => {
    const row = current() || rows[0];
    const value = key === "0" ? "-" : key === "x" ? "x" : String(Number(key) - 1);
    const radio = [...row.querySelectorAll("input[type=radio]")].find((each) => each.value === value);
    if (!radio) return false;
    radio.checked = true;
    step(row, 1);
    return true;
  };

  const onKey = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const typing = document.activeElement.closest(".mark");
    const key = event.key.toLowerCase();
    if (key === "arrowdown" || key === "arrowup") {
      const row = current();
      if (!row) return;
      step(row, key === "arrowdown" ? 1 : -1);
    } else if (typing && key === "enter" && current() !== rows[rows.length - 1]) {
      step(current(), 1);
    } else if (typing) {
      return;
    } else if (key === "i") {
      const whole = document.getElementById("whole");
      whole.checked = !whole.checked;
      form.querySelector(".actions button").focus();
    } else if (!/^[0-9x]$/.test(key) || !choose(key)) {
      return;
    }
    event.preventDefault();
  };

  const number = (input) => (/^\d+$/.test(input.value.trim()) ? Number(input.value) : null);

  const addUp = () => {
    const invalid = form.querySelector("[data-papers]");
    const bad = number(invalid);
    const valid = bad === null ? null : Number(invalid.dataset.papers) - bad;
    for (const row of form.querySelectorAll("[data-row]")) {
      const counts = [...row.querySelectorAll("input")].map(number);
      const output = row.querySelector("output");
      const total = counts.reduce((sum, count) => sum + (count || 0), 0);
      const whole = valid !== null && counts.every((count) => count !== null);
      const off = valid === null ? 0 : total - valid;
      output.textContent = valid === null ? String(total) : `${total} / ${valid}`;
      output.className = off > 0 || (whole && off) ? "off" : whole ? "fits" : "";
    }
  };

  let waiting = 0;
  const saveDraft = () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const fields = new FormData(form);
      fields.append("draft", "yes");
      const state = form.querySelector("[data-state]");
      try {
        const answer = await fetch(form.action, { method: "POST", body: fields, redirect: "manual" });
        const kept = answer.type === "opaqueredirect" || answer.ok;
        state.textContent = kept ? form.dataset.saved : "";
      } catch {
        state.textContent = "";
      }
    }, 600);
  };

  if (form.dataset.paper === "ballots") {
    document.addEventListener("keydown", onKey);
    const open = (row) => !row.querySelector("input:checked") && !row.querySelector(".mark input")?.value;
    if (rows.length) focus(rows.find(open) || rows[0]);
  } else {
    addUp();
    form.addEventListener("input", addUp);
    if (form.dataset.paper === "counts") form.addEventListener("change", saveDraft);
  }
})();
