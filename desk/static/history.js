// The slider shows the moment it is moved to at once; without this file its button does.
"use strict";

for (const rail of document.querySelectorAll(".rail input[type=range]")) {
  rail.addEventListener("change", () => rail.form.requestSubmit());
}
