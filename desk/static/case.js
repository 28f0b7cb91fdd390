// The case page: counts down until a letter leaves, and says to whom and how a reply goes.
"use strict";

(() => {
  const waits = new WeakMap(); // element -> when the letter leaves, by this machine's clock

  function count() {
    for (const element of document.querySelectorAll("[data-leaves]")) {
      if (!waits.has(element)) waits.set(element, Date.now() + 1000 * element.dataset.leaves);
      const rest = Math.max(0, Math.ceil((waits.get(element) - Date.now()) / 1000));
      const text = rest ? element.dataset.words.replace("{}", rest) : element.dataset.now;
      if (element.textContent !== text) element.textContent = text;
    }
  }

  function address(title) {
    const way = title.closest("form").elements.channel;
    const ways = JSON.parse(title.dataset.ways);
    const say = () => { title.textContent = title.dataset.words.replace("{}", ways[way.value] || "").trim(); };
    way.addEventListener("change", say);
    say();
  }

  count();
  document.addEventListener("replaced", count);
  setInterval(count, 500);
  for (const title of document.querySelectorAll("[data-ways]")) address(title);
})();
