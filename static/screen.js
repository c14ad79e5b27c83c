/* The big screen asks for its content every two seconds and shows it when it changed. When the
   server is away, the last content stays, with a line that says so, until it answers again. */
"use strict";
(() => {
  const EVERY = 2000;
  const PATIENCE = 6000;
  const screen = document.getElementById("screen");
  const lost = document.getElementById("lost");
  let tag = screen.dataset.tag;

  const look = async () => {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE);
    try {
      const answer = await fetch(screen.dataset.now, {
        cache: "no-store",
        headers: { "If-None-Match": `"${tag}"` },
        signal: patience.signal,
      });
      if (answer.status === 404) {
        location.reload(); // the address was revoked: the page says so
        return;
      }
      if (answer.status === 200) {
        screen.innerHTML = await answer.text(); // our own server's page, made by its templates
        tag = (answer.headers.get("ETag") || "").replace(/^W\/|"/g, "");
      } else if (answer.status !== 304) {
        throw new Error(String(answer.status));
      }
      lost.hidden = true;
    } catch {
      lost.hidden = false;
    } finally {
      clearTimeout(timer);
    }
    setTimeout(look, EVERY);
  };
  setTimeout(look, EVERY);
})();
