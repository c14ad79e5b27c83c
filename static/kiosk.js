"use strict";
/* A device that many voters share. Each step is fetched and put in the place of the one before, so
   that the history holds one page only and Back shows nothing; what nobody touches is cleared. */
(() => {
  const startPath = location.pathname;
  const patience = 40000;
  const tryAgainAfter = 3000;
  let touched = Date.now();
  let busy = false;

  const find = (selector) => document.querySelector(selector);

  function empty() {
    document.body.textContent = "";
  }

  function show(text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    document.title = page.title;
    document.documentElement.lang = page.documentElement.lang;
    document.body.replaceWith(document.adoptNode(page.body));
    scrollTo(0, 0);
    touched = Date.now();
    const first = find("[autofocus]") || find("h1");
    if (first && first.tagName === "H1") first.tabIndex = -1;
    if (first) first.focus();
  }

  async function ask(address, more) {
    const ending = new AbortController();
    const clock = setTimeout(() => ending.abort(), patience);
    const options = { credentials: "omit", cache: "no-store", redirect: "error", signal: ending.signal };
    try {
      const answer = await fetch(address, Object.assign(options, more));
      return await answer.text();
    } finally {
      clearTimeout(clock);
    }
  }

  /* Nothing of the voter is left on the page, even where the network is gone. */
  async function begin(address) {
    busy = true;
    empty();
    history.replaceState(null, "", address);
    for (;;) {
      try {
        show(await ask(address));
        break;
      } catch (error) {
        document.body.textContent = find("meta[name=offline]").content;
        await new Promise((done) => setTimeout(done, tryAgainAfter));
      }
    }
    busy = false;
  }

  async function send(form) {
    busy = true;
    const body = new URLSearchParams(new FormData(form));
    const step = Number(form.dataset.even); // as in voter.js: the length tells nothing
    if (step) body.set("fill", "0".repeat(step - (`${body}`.length + 6) % step));
    const buttons = document.querySelectorAll("button");
    buttons.forEach((button) => { button.disabled = true; });
    try {
      show(await ask(location.href, { method: "POST", body }));
    } catch (error) {
      buttons.forEach((button) => { button.disabled = false; });
      find("#offline").hidden = false;
      scrollTo(0, 0);
    }
    touched = Date.now();
    busy = false;
  }

  addEventListener("submit", (event) => {
    event.preventDefault();
    if (!busy) send(event.target);
  });

  addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[href^='?']");
    if (!link) return;
    event.preventDefault();
    if (!busy) begin(startPath + link.getAttribute("href").replace(/^\?$/, ""));
  });

  for (const kind of ["input", "keydown", "pointerdown", "touchstart", "touchmove", "wheel"]) {
    addEventListener(kind, () => { touched = Date.now(); }, { capture: true, passive: true });
  }

  setInterval(() => {
    const idle = find("#idle");
    if (!idle || busy) return;
    const left = Number(idle.dataset.idle) - (Date.now() - touched) / 1000;
    if (left <= 0) {
      begin(startPath);
      return;
    }
    idle.hidden = left > Number(idle.dataset.warn);
    idle.querySelector("b").textContent = Math.ceil(left);
  }, 250);

  /* A browser may keep a page it leaves, and show it again as it was. */
  addEventListener("pagehide", empty);
  addEventListener("pageshow", (event) => { if (event.persisted) begin(startPath); });
})();
