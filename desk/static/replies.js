// Saved replies: found by words of their titles and texts, and filled into the box in place.
"use strict";

(() => {
  const hold = (text, wanted) => wanted.toLowerCase().split(/\s+/).every((word) => text.includes(word));

  class Pick {
    constructor(element) {
      this.element = element;
      this.words = element.dataset;
      this.select = element.querySelector("select");
      this.button = element.querySelector("button[name=use]");
      this.marker = element.querySelector("input[type=hidden]");
      this.form = this.select.form;
      this.options = [...this.select.options];
      this.texts = new Map(); // value -> title and text, in small letters
      this.search = this.made("input", { type: "search", maxLength: 200, autocomplete: "off" });
      this.search.setAttribute("aria-label", this.words.search);
      this.search.placeholder = this.words.search;
      this.status = this.made("p", { className: "faint" });
      this.status.setAttribute("role", "status");
      this.select.before(this.search);
      element.append(this.status);
      this.search.addEventListener("focus", () => this.load(), { once: true });
      this.search.addEventListener("input", (event) => { event.stopPropagation(); this.find(); });
      this.search.addEventListener("keydown", (event) => this.entered(event));
      this.button.addEventListener("click", (event) => { event.preventDefault(); this.use(); });
    }

    made(name, fields) { return Object.assign(document.createElement(name), fields); }

    async load() {
      try {
        const answer = await fetch(this.words.replies);
        for (const it of answer.ok ? await answer.json() : []) {
          this.texts.set(it.reply, `${it.title}\n${it.text}`.toLowerCase());
        }
      } catch { return; } // Titles are searched all the same.
      if (this.search.value.trim()) this.find();
    }

    find() {
      const wanted = this.search.value.trim();
      const text = (option) => this.texts.get(option.value) || option.text.toLowerCase();
      const [none, ...all] = this.options;
      const found = wanted ? all.filter((option) => hold(text(option), wanted)) : all;
      this.select.replaceChildren(none, ...found);
      this.select.value = wanted && found.length ? found[0].value : "";
      this.status.textContent = wanted ? this.words.found.replace("{}", found.length) : "";
    }

    entered(event) {
      if (event.key !== "Enter" || event.ctrlKey) return;
      event.preventDefault();
      this.use();
    }

    async use() {
      if (!this.select.value) { this.status.textContent = this.words.choose; return; }
      const channel = encodeURIComponent(this.form.elements.channel.value);
      const address = `${this.words.replies}/${encodeURIComponent(this.select.value)}?channel=${channel}`;
      let answer;
      try { answer = await fetch(address); } catch { answer = null; }
      if (!answer || answer.status === 401) { this.form.requestSubmit(this.button); return; }
      const told = await answer.json();
      if (!answer.ok) { this.status.textContent = told.detail; return; }
      this.status.textContent = "";
      this.fill(told);
    }

    fill(reply) {
      const box = this.form.elements.text;
      const typed = box.value.trim();
      const own = typed && typed !== reply.replaces.trim();
      box.value = own ? `${box.value.trimEnd()}\n\n${reply.text}` : reply.text;
      this.marker.value = reply.reply;
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.focus();
    }
  }

  for (const element of document.querySelectorAll(".picker")) new Pick(element);
})();
