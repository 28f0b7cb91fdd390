// One press per form, and none while signs are still being put together. Every page works without this file.
"use strict";

// A key that belongs to an input method (pinyin to signs) is no key of the desk. Safari ends the
// composition before the key that ends it, and says only by its code whose the key is.
const COMPOSED = 229;
window.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === COMPOSED) event.stopImmediatePropagation();
}, true);

// A form is sent once; coming back to the page frees it again.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  if (event.target.method === "post") event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});
