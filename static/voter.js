/* The voter's page, made easier where JavaScript runs; without it every step works all the same.
   What it does: keeps the choices on this phone until they are submitted, says how many are rated
   and leads to the next blank, sends again when the network fails (with the same nonce, so that a
   repeat is harmless), and keeps the choices out of the browser's history. Language: ES2015. */
(function () {
  "use strict";
  var PREFIX = "ballot-draft-";
  var LARGE = "ballot-large";
  var KEPT_MS = 12 * 3600 * 1000;
  var WAITS_MS = [1000, 2000, 4000, 8000, 8000, 8000];
  var ANSWER_MS = 30000;
  var KEPT = "input[name^=c], textarea";
  var root = document.documentElement;
  var shared = root.hasAttribute("data-shared");
  var ballot = null; // the ballot's own <main>, kept while its review is shown
  var busy = false;

  function main() { return document.querySelector("main"); }
  function step() {
    var field = main().querySelector("input[name=step]");
    return field ? field.value : "";
  }
  function each(list, work) { Array.prototype.forEach.call(list, work); }
  function said(name, value) {
    var words = main().querySelector("[data-" + name + "]");
    return words ? words.getAttribute("data-" + name).replace("{n}", value) : "";
  }

  /* What is kept on this phone. Storage may be full or forbidden: then nothing is kept. */
  function stored(work) { try { return work(window.localStorage); } catch (e) { return null; } }
  function key() { // the code itself is not kept, and no draft meets another slip's page
    var hash = 5381, path = location.pathname.toUpperCase();
    for (var i = 0; i < path.length; i++) { hash = (hash * 33 + path.charCodeAt(i)) % 4294967291; }
    return PREFIX + hash;
  }
  function forget() { stored(function (s) { s.removeItem(key()); }); }
  function forgetOld() {
    stored(function (s) {
      Object.keys(s).forEach(function (name) {
        if (name.indexOf(PREFIX)) { return; }
        var draft = JSON.parse(s.getItem(name) || "{}");
        if (shared || !(Date.now() - draft.at < KEPT_MS)) { s.removeItem(name); }
      });
    });
  }
  function typed(field) { return field.type === "text" || field.type === "textarea"; }
  function choices() {
    var found = {};
    each(main().querySelectorAll(KEPT), function (field) {
      if (typed(field) ? field.value : field.checked && field.value) {
        found[field.name] = field.value;
      }
    });
    return found;
  }
  function keep() {
    var draft = JSON.stringify({ at: Date.now(), choices: choices() });
    if (!shared) { stored(function (s) { s.setItem(key(), draft); }); }
  }
  function restore() {
    var draft = stored(function (s) { return JSON.parse(s.getItem(key()) || "null"); });
    if (shared || !draft || Object.keys(choices()).length) { return; }
    var restored = 0;
    each(main().querySelectorAll(KEPT), function (field) {
      var value = draft.choices[field.name];
      if (value === undefined) { return; }
      if (typed(field)) { field.value = value; restored++; }
      else if (field.value === value) { field.checked = true; restored++; }
    });
    var note = main().querySelector(".restored");
    if (restored && note) {
      note.hidden = false;
      note.querySelector("button").onclick = function () {
        forget();
        main().querySelector("form").reset();
        note.hidden = true;
        progress();
      };
    }
  }

  /* How far the voter is. */
  function blanks() {
    return Array.prototype.filter.call(main().querySelectorAll(".card"), function (card) {
      var field = card.querySelector("input[type=text]");
      return field ? !field.value.trim() : !card.querySelector("input:checked:not(.undo)");
    });
  }
  function progress() {
    var told = main().querySelector(".rated"), next = main().querySelector(".next");
    if (!told) { return; }
    var left = blanks().length, all = main().querySelectorAll(".card").length;
    told.textContent = all - left;
    next.hidden = !left || left === all;
    room();
  }
  function room() { // of the comment, where there is one; the server counts as well
    var field = main().querySelector("textarea"), told = main().querySelector(".left");
    if (!field || !told) { return; }
    var left = told.getAttribute("data-most") - Array.from(field.value.trim()).length;
    told.textContent = said(left < 0 ? "over" : "left", Math.abs(left));
    told.classList.toggle("over", left < 0);
  }
  function toNextBlank() {
    var left = blanks(), here = left.filter(function (card) {
      return card.getBoundingClientRect().top > 80;
    });
    var card = here[0] || left[0];
    if (card) {
      card.scrollIntoView();
      card.querySelector("input").focus({ preventScroll: true });
    }
  }

  /* Sending. Whatever happens, the state shown is true: not submitted, counted, or not certain. */
  function encoded(text) { // half a character, which a full field may end with, cannot be sent
    return encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, ""));
  }
  function form_text(form) {
    var pairs = [];
    each(form.elements, function (field) {
      if (field.name && (field.type !== "radio" || field.checked)) {
        pairs.push(encodeURIComponent(field.name) + "=" + encoded(field.value));
      }
    });
    return even(pairs.join("&"), form.getAttribute("data-even"));
  }
  function even(text, step) { // else its length would tell how much was written
    if (!step) { return text; }
    text += "&fill=";
    return text + "0".repeat(step - text.length % step);
  }
  function tell(name, value) {
    var line = main().querySelector(".state");
    if (line) { line.textContent = said(name, value); line.hidden = !line.textContent; }
  }
  function once(form) {
    var answer = fetch(location.href, {
      method: "POST", body: form, cache: "no-store", credentials: "same-origin",
      headers: { "Content-Type": "application/x-www-form-urlencoded" }
    }).then(function (reply) {
      if (reply.status >= 500) { throw new Error(); }
      return reply.text();
    });
    var late = new Promise(function (_, fail) { setTimeout(fail, ANSWER_MS); });
    return Promise.race([answer, late]);
  }
  function pause(ms) { // until the time is over or the phone is online again
    return new Promise(function (go) {
      var timer = setTimeout(go, ms);
      window.addEventListener("online", function () { clearTimeout(timer); go(); }, { once: true });
    });
  }
  function send(form, casting) {
    var body = form_text(form), tries = 0, reached = false;
    function again() {
      if (navigator.onLine === false && !reached) { tell(casting ? "offline" : "asleep"); }
      else {
        reached = true;
        tell(tries ? (casting ? "again" : "retry") : "sending", tries);
      }
      return once(body).catch(function () {
        if (tries >= WAITS_MS.length) { throw new Error(); }
        return pause(WAITS_MS[tries++]).then(again);
      });
    }
    busy = true;
    main().setAttribute("aria-busy", "true");
    again().then(show, function () {
      tell(casting ? "uncertain" : "failed");
    }).then(function () {
      busy = false;
      main().removeAttribute("aria-busy");
    });
  }

  /* A page that came as an answer takes this one's place, without a trace in the history. */
  function show(text) {
    var page = new DOMParser().parseFromString(text, "text/html");
    var before = step(), old = main();
    document.title = page.title;
    document.querySelector("header").replaceWith(page.querySelector("header"));
    old.replaceWith(page.querySelector("main"));
    var now = step();
    if (before === "review" && now === "cast") {
      ballot = old;
      history.pushState("review", "");
    } else if (before === "cast" && now === "review") {
      ballot = null;
      keep();
      history.back();
    }
    begin();
    window.scrollTo(0, 0);
    var heading = main().querySelector("h1");
    heading.tabIndex = -1;
    heading.focus();
  }
  window.addEventListener("popstate", function () {
    if (ballot && step() === "cast" && !busy) {
      main().replaceWith(ballot);
      ballot = null;
      begin();
    } else if (step() !== "review") { location.replace(location.href); }
  });

  /* Larger text, for whoever wants it; kept on this phone. */
  function larger() {
    var button = document.querySelector(".larger");
    if (!button) { return; }
    var on = root.classList.contains("large");
    button.hidden = false;
    button.setAttribute("aria-pressed", on);
    button.onclick = function () {
      root.classList.toggle("large");
      stored(function (s) { s[on ? "removeItem" : "setItem"](LARGE, "1"); });
      larger();
    };
  }

  function begin() {
    larger();
    if (step() === "review") {
      restore();
      progress();
      var next = main().querySelector(".next");
      if (next) { next.onclick = toNextBlank; }
    } else if (main().querySelector("h1.done, h1.final")) {
      forget(); // counted, or never to be
      ballot = null;
    }
  }
  if (stored(function (s) { return s.getItem(LARGE); }) && !shared) { root.classList.add("large"); }
  forgetOld();
  begin();
  document.addEventListener("input", function () {
    if (step() === "review") { keep(); progress(); }
  });
  document.addEventListener("submit", function (event) {
    var form = event.target, asked = form.querySelector("input[name=step]");
    if (!asked || !window.fetch || !window.Promise || !main().replaceWith) { return; }
    event.preventDefault();
    if (busy) { return; }
    if (asked.value === "edit" && ballot) { history.back(); return; }
    send(form, asked.value === "cast");
  });
}());
