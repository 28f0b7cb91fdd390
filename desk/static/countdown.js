// What is left until a due time, minute by minute; said aloud only when it is due soon, and late.
"use strict";

(() => {
  const words = document.body.dataset;
  const aloud = document.getElementById("aloud");
  let before = Date.now();

  function span(seconds, days) {
    const minutes = Math.floor(Math.abs(seconds) / 60);
    const units = words.units.split(" ");
    const hours = Math.floor(minutes / 60);
    const parts = (days ? [Math.floor(hours / 24), hours % 24, minutes % 60] : [0, hours, minutes % 60])
      .map((count, index) => [count, units[index]]);
    const first = Math.max(0, parts.findIndex(([count]) => count));
    const shown = parts.slice(first, first + 2).filter(([count]) => count);
    return shown.length ? shown.map(([count, unit]) => `${count} ${unit}`).join(" ") : `0 ${units[2]}`;
  }

  // Working time goes by in the slices of "work" (from-to, in seconds) alone.
  function left({ seconds, work, due }, now) {
    if (work === undefined) return Number(due) - now / 1000;
    const gone = work.split(" ").filter(Boolean).map((slice) => slice.split("-").map(Number))
      .reduce((sum, [from, to]) => sum + Math.max(0, Math.min(now / 1000, to) - from), 0);
    return Number(seconds) - gone;
  }

  function countDown() {
    const now = Date.now();
    const passed = (at) => before < at && at <= now;
    for (const element of document.querySelectorAll("[data-due]")) {
      const { due, work, warns, called } = element.dataset;
      const rest = left(element.dataset, now);
      const wall = work === undefined;
      const [onWall, ofWork] = rest < 0 ? [words.over, words.workOver] : [words.left, words.workLeft];
      const text = (wall ? onWall : ofWork).replace("{}", span(rest, wall));
      if (element.textContent !== text) element.textContent = text;
      if (!called) continue;
      if (passed(due * 1000)) aloud.textContent = words.late.replace("{}", called);
      else if ((warns || "").split(" ").some((at) => passed(at * 1000))) {
        aloud.textContent = words.soon.replace("{}", called);
      }
    }
    before = now;
  }

  countDown();
  document.addEventListener("replaced", countDown);
  setInterval(countDown, 10000);
})();
