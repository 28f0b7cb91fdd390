// The board: a case dragged to a colleague opens the form that moves it, which asks the reason.
"use strict";

(() => {
  let number = "";
  const over = (event, what) => (event.target instanceof Element ? event.target.closest(what) : null);
  document.addEventListener("dragstart", (event) => {
    number = over(event, "[data-number]")?.dataset.number || "";
  });
  document.addEventListener("dragover", (event) => {
    if (number && over(event, "[data-person]")) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const person = over(event, "[data-person]");
    if (!number || !person) return;
    event.preventDefault();
    const to = encodeURIComponent(person.dataset.person);
    location.assign(`/complaints/${number}/reassign?to=${to}&next=/board`);
  });
})();
