// Countdowns, and one press per form. Every page works without this file.
"use strict";

const words = document.body.dataset;

function span(milliseconds) {
  const minutes = Math.floor(Math.abs(milliseconds) / 60000);
  const units = words.units.split(" ");
  const parts = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60]
    .map((count, index) => [count, units[index]]);
  const first = Math.max(0, parts.findIndex(([count]) => count));
  const shown = parts.slice(first, first + 2).filter(([count]) => count);
  if (!shown.length || minutes === 0) return `0 ${units[2]}`;
  return shown.map(([count, unit]) => `${count} ${unit}`).join(" ");
}

function countDown() {
  const now = Date.now();
  for (const element of document.querySelectorAll("[data-due]")) {
    const gap = Date.parse(element.dataset.due) - now;
    const text = (gap < 0 ? words.over : words.left).replace("{}", span(gap));
    if (element.textContent !== text) element.textContent = text;
    if (gap < 0 && !element.dataset.told) {
      element.dataset.told = "yes";
      element.setAttribute("role", "status");
    }
  }
}

// A form is sent once; coming back to the page frees it again.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  if (event.target.method === "post") event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

countDown();
document.addEventListener("replaced", countDown);
setInterval(countDown, 20000);
