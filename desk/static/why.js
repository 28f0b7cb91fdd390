// Why a time is what it is (details.why): opens where one points or stands; a press keeps it open,
// Escape closes it. Without this file it is a fold like others.
"use strict";

(() => {
  const LINGER = 250; // milliseconds before it opens under a pointer, or closes behind one
  const kept = new WeakSet();
  const why = (target) => (target instanceof Element ? target.closest(".why") : null);
  let waiting = 0;

  function soon(act) {
    clearTimeout(waiting);
    waiting = setTimeout(act, LINGER);
  }

  function shut(it) {
    kept.delete(it);
    it.open = false;
  }

  document.addEventListener("mouseover", (event) => {
    const it = why(event.target);
    if (it) soon(() => { if (it.matches(":hover")) it.open = true; });
  });
  document.addEventListener("mouseout", (event) => {
    const it = why(event.target);
    if (it && why(event.relatedTarget) !== it) soon(() => { if (!kept.has(it)) it.open = false; });
  });
  document.addEventListener("focusin", (event) => {
    const it = why(event.target);
    if (it && event.target.matches("summary:focus-visible")) it.open = true;
  });
  document.addEventListener("focusout", (event) => {
    const it = why(event.target);
    if (it && why(event.relatedTarget) !== it && !kept.has(it)) it.open = false;
  });
  document.addEventListener("click", (event) => {
    const it = why(event.target);
    if (!it || !event.target.closest("summary")) return;
    event.preventDefault();
    if (kept.has(it)) { shut(it); return; }
    kept.add(it);
    it.open = true;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll(".why[open]").forEach(shut);
  });
})();
