/* The presenter's keys: they press the page's own buttons, which work without this file too. */
"use strict";
(() => {
  const keys = {
    ArrowRight: "next",
    PageDown: "next",
    " ": "next",
    ArrowLeft: "back",
    PageUp: "back",
  };
  document.addEventListener("keydown", (event) => {
    const button = document.getElementById(keys[event.key] || "");
    const typing = event.target.closest("input, select, textarea");
    if (!button || typing || event.repeat || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    event.preventDefault(); // a focused button would take the space key as well
    if (!button.disabled) {
      button.click();
    }
  });
})();
