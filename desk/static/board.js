// The board: a case dragged to a colleague opens the form that moves it, which asks the reason.
"use strict";

(() => {
  let number = "";
  for (const card of document.querySelectorAll("[data-number]")) {
    card.addEventListener("dragstart", () => { number = card.dataset.number; });
  }
  for (const person of document.querySelectorAll("[data-person]")) {
    person.addEventListener("dragover", (event) => { if (number) event.preventDefault(); });
    person.addEventListener("drop", (event) => {
      event.preventDefault();
      const to = encodeURIComponent(person.dataset.person);
      if (number) location.assign(`/complaints/${number}/reassign?to=${to}&next=/board`);
    });
  }
})();
