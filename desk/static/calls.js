// Calls: "@" in a note offers the colleagues who may see the case. Up and down choose, Enter or
// Tab takes, Escape closes. Without this file the name is typed.
"use strict";

(() => {
  const DELAY = 150; // milliseconds after the last key
  const CALL = /(?:^|[^A-Za-z0-9._%+-])@([^\s@]{0,30})$/;
  const aloud = document.getElementById("aloud");

  class Offer {
    constructor(area) {
      this.area = area;
      this.home = area.form.action.split("/complaints/")[1].split("/")[0];
      this.at = -1;
      this.timer = 0;
      this.asked = 0;
      this.list = document.createElement("ul");
      Object.assign(this.list, { id: `${area.id}-calls`, className: "calls", hidden: true });
      this.list.setAttribute("role", "listbox");
      this.list.setAttribute("aria-label", area.dataset.calls);
      area.after(this.list);
      area.setAttribute("aria-autocomplete", "list");
      area.setAttribute("aria-controls", this.list.id);
      area.addEventListener("input", () => this.later());
      area.addEventListener("keydown", (event) => this.key(event));
      area.addEventListener("blur", () => this.close());
      this.list.addEventListener("mousedown", (event) => {
        event.preventDefault();
        const row = event.target.closest("li");
        if (row) this.take(row);
      });
    }

    begun() {
      const { selectionStart, selectionEnd, value } = this.area;
      const found = selectionStart === selectionEnd && CALL.exec(value.slice(0, selectionStart));
      return found ? found[1] : null;
    }

    later() {
      clearTimeout(this.timer);
      if (this.begun() === null) this.close();
      else this.timer = setTimeout(() => this.ask(), DELAY);
    }

    async ask() {
      const begins = this.begun();
      const asked = ++this.asked;
      if (begins === null) return;
      const path = `/api/v1/complaints/${this.home}/colleagues?begins=${encodeURIComponent(begins)}`;
      const answer = await fetch(path).catch(() => null);
      const found = answer && answer.ok ? await answer.json() : [];
      if (asked === this.asked && document.activeElement === this.area) this.show(found);
    }

    show(found) {
      this.list.replaceChildren(...found.map((it, place) => this.row(it, place)));
      if (!found.length) { this.close(); return; }
      this.list.hidden = false;
      aloud.textContent = this.area.dataset.calls + ": " + found.map((it) => it.name).join(", ");
      this.point(0);
    }

    row(it, place) {
      const row = document.createElement("li");
      row.id = `${this.list.id}-${place}`;
      row.dataset.call = it.call;
      row.setAttribute("role", "option");
      const login = document.createElement("span");
      Object.assign(login, { className: "faint", textContent: ` @${it.login}` });
      row.append(it.name, login);
      return row;
    }

    point(at) {
      const rows = [...this.list.children];
      this.at = (at + rows.length) % rows.length;
      rows.forEach((row, place) => row.setAttribute("aria-selected", String(place === this.at)));
      this.area.setAttribute("aria-activedescendant", rows[this.at].id);
    }

    key(event) {
      if (this.list.hidden || event.ctrlKey || event.metaKey) return;
      if (event.key === "ArrowDown") this.point(this.at + 1);
      else if (event.key === "ArrowUp") this.point(this.at - 1);
      else if (event.key === "Enter" || event.key === "Tab") this.take(this.list.children[this.at]);
      else if (event.key === "Escape") this.close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    }

    take(row) {
      const end = this.area.selectionStart;
      const begun = this.begun() ?? "";
      this.area.setRangeText(`${row.dataset.call} `, end - begun.length, end, "end");
      this.close();
      this.area.dispatchEvent(new Event("input", { bubbles: true }));
    }

    close() {
      clearTimeout(this.timer);
      this.asked += 1;
      this.list.hidden = true;
      this.area.removeAttribute("aria-activedescendant");
    }
  }

  for (const area of document.querySelectorAll("textarea[data-calls]")) new Offer(area);
})();
