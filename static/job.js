/* How far a job is, asked for every second until it is over; and after a download was begun, until
   its file is gone. The page without this file loads itself anew, and says when to. */
"use strict";
(() => {
  const EVERY = 1000;
  const job = document.getElementById("job");
  const bar = document.getElementById("bar");
  const words = document.getElementById("words");
  const form = document.getElementById("fetch");

  const ask = async () => {
    const answer = await fetch(job.dataset.progress, { cache: "no-store" });
    if (!answer.ok) {
      throw new Error(String(answer.status));
    }
    return answer.json();
  };
  const again = (look) => setTimeout(look, EVERY);

  const follow = async () => {
    try {
      const told = await ask();
      if (told.over) {
        location.reload();
        return;
      }
      bar.value = told.done;
      bar.max = told.total;
      words.textContent = told.words;
    } catch {
      // the server is away, or the session ended: the link below the bar says more
    }
    again(follow);
  };
  if (bar) {
    again(follow);
  }

  const untilGone = async () => {
    try {
      if (!(await ask()).file) {
        location.reload();
        return;
      }
    } catch {
      // asked again below
    }
    again(untilGone);
  };
  if (form) {
    form.addEventListener("submit", () => again(untilGone), { once: true });
  }
})();
