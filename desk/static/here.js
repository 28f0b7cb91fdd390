// Lets colleagues know that somebody is on this case, and whether they write. No lock.
"use strict";

(() => {
  const place = document.querySelector("[data-page]");
  if (!place) return;
  const EVERY = 20000;
  const IDLE = 45000;
  const { page, here } = place.dataset;
  let doing = "reading";
  let wrote = 0;

  function said(what) {
    const csrf = document.querySelector("[name=csrf]").value;
    return new URLSearchParams({ csrf, page, case: here, doing: what });
  }

  function tell() {
    if (document.hidden) return;
    if (Date.now() - wrote > IDLE) doing = "reading";
    fetch("/live/here", { method: "POST", body: said(doing), redirect: "manual" }).catch(() => null);
  }

  const go = () => navigator.sendBeacon("/live/here", said("gone"));

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form.out, form.internal");
    if (!form) return;
    const now = form.matches(".out") ? "writing" : "noting";
    wrote = Date.now();
    if (doing !== now) { doing = now; tell(); }
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? go() : tell()));
  window.addEventListener("pagehide", go);
  window.addEventListener("pageshow", tell);
  setInterval(tell, EVERY);
})();
