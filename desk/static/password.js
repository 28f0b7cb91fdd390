// Passwords: a button that shows what is typed, and a word for how strong a new one is.
"use strict";

(() => {
  for (const field of document.querySelectorAll("input[type=password][data-show]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain peek";
    button.setAttribute("aria-controls", field.id);
    const say = () => {
      button.textContent = field.type === "password" ? field.dataset.show : field.dataset.hide;
    };
    button.addEventListener("click", () => {
      field.type = field.type === "password" ? "text" : "password";
      say();
    });
    say();
    field.after(button);
    field.form.addEventListener("submit", () => { field.type = "password"; });
  }

  const field = document.getElementById("password");
  const told = document.getElementById("strength");
  if (!field || !told) return;
  const usual = told.textContent;

  // How many bits a guess has to find, roughly: signs that differ count, repeats hardly.
  function bits(text) {
    const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^\w]/, /[^\x00-\x7f]/];
    const signs = kinds.filter((kind) => kind.test(text)).length;
    return (new Set(text).size * 2 + text.length) * (1 + signs / 4);
  }

  field.addEventListener("input", () => {
    const missing = field.minLength - [...field.value].length;
    const found = bits(field.value);
    if (!field.value) told.textContent = usual;
    else if (missing > 0) told.textContent = told.dataset.short.replace("{}", missing);
    else if (found < 45) told.textContent = told.dataset.weak;
    else told.textContent = found < 65 ? told.dataset.fair : told.dataset.strong;
  });
})();
