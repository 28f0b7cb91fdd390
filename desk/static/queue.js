// The queue: filters at once, x selects a row, and coming back finds the row one left from.
"use strict";

(() => {
  for (const form of document.querySelectorAll("form[data-at-once]")) {
    form.addEventListener("change", () => form.requestSubmit());
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.body.dataset.keys === "off" || event.target.closest("input, textarea, select")) return;
    const row = event.target.closest(".rows > li");
    const box = row && row.querySelector("input[type=checkbox]");
    if (box) { box.checked = !box.checked; event.preventDefault(); }
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="/complaints/"][href*="?from="]');
    if (!link) return;
    const number = link.pathname.split("/").pop();
    const address = new URL(location.href);
    address.searchParams.set("tab", document.querySelector('form[data-at-once] [name="tab"]').value);
    address.searchParams.set("row", number);
    address.hash = `row-${number}`;
    history.replaceState(null, "", address);
  });
})();
