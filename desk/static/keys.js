// Keys: what carries data-key is pressed by it ("g q": one after the other), outside fields only.
// "?" lists those of this page. They can be switched off on one's own page.
"use strict";

(() => {
  const PATIENCE = 1500; // milliseconds between the two keys of a sequence
  const dialog = document.getElementById("keys");
  const opener = document.getElementById("show-keys");
  const on = document.body.dataset.keys !== "off";
  let first = "";
  let patience = 0;

  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
  const keyed = () => [...document.querySelectorAll("[data-key]")].filter((it) => !it.closest("[hidden]"));
  const rows = () => [...document.querySelectorAll(".rows a.open")];

  function named(element) {
    if (element.getAttribute("aria-label")) return element.getAttribute("aria-label");
    if (element.labels && element.labels.length) return element.labels[0].textContent.trim();
    const copy = element.cloneNode(true);
    for (const extra of copy.querySelectorAll("kbd, .count")) extra.remove();
    return copy.textContent.trim();
  }

  function row(key, words) {
    const term = document.createElement("dt");
    for (const part of key.split(" ")) {
      const sign = document.createElement("kbd");
      sign.textContent = part;
      term.append(sign, " ");
    }
    const told = document.createElement("dd");
    told.textContent = words;
    return [term, told];
  }

  function show() {
    const list = dialog.querySelector("dl");
    for (const old of list.querySelectorAll("[data-own]")) old.remove();
    const seen = new Set();
    for (const element of on ? keyed() : []) {
      const key = element.dataset.key;
      if (seen.has(key)) continue;
      seen.add(key);
      const added = row(key, named(element));
      for (const part of added) part.dataset.own = "";
      list.append(...added);
    }
    for (const part of list.querySelectorAll("[data-rows]")) part.hidden = !on || seen.has("j") || !rows().length;
    for (const part of list.querySelectorAll("[data-single]")) part.hidden = !on;
    dialog.showModal();
  }

  function use(target) {
    if (target.matches("input, textarea, select")) { target.focus(); return; }
    if (target.matches("summary")) { target.parentElement.open = true; target.focus(); return; }
    target.click();
  }

  function step(by) {
    const links = rows();
    const at = links.findIndex((link) => link.closest("li") === document.activeElement.closest("li"));
    const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by];
    if (next) next.focus();
    return links.length > 0;
  }

  function press(key) {
    const whole = first ? `${first} ${key}` : key;
    const begun = first;
    first = "";
    clearTimeout(patience);
    const target = keyed().find((it) => it.dataset.key === whole);
    if (target) { use(target); return true; }
    if (begun) return false;
    if (key === "?" && dialog) { show(); return true; }
    if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
    if (keyed().some((it) => it.dataset.key.startsWith(`${key} `))) {
      first = key;
      patience = setTimeout(() => { first = ""; }, PATIENCE);
      return true;
    }
    return false;
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form");
      const button = form && form.querySelector(event.shiftKey ? "button.note" : "button.primary");
      if (button) { event.preventDefault(); form.requestSubmit(button); }
      return;
    }
    if (!on || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (press(event.key)) event.preventDefault();
  });

  if (opener) {
    opener.hidden = false;
    opener.addEventListener("click", show);
  }
})();
