// Drafts: what is typed into a form with data-box is saved a second after the last key, when the
// field is left and when the page is hidden. Where the session is over one logs in in place.
"use strict";

(() => {
  const words = document.getElementById("draft-words");
  const DELAY = 1000; // milliseconds after the last key
  const RETRY = 5000; // milliseconds until what could not be saved is tried again
  const MOST_KEPT_ALIVE = 60000; // bytes that a browser sends for a page that has gone
  const MACHINE = ["csrf", "command_id", "version", "draft", "pick"];
  const clock = new Intl.DateTimeFormat(words.dataset.locale, {
    timeZone: words.dataset.zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
  const shown = (name) => words.content.querySelector(name).cloneNode(true);
  const csrf = () => document.querySelector("input[name=csrf]").value;

  function freshCsrf(page) {
    const found = new DOMParser().parseFromString(page, "text/html").querySelector("input[name=csrf]");
    return found ? found.value : "";
  }

  class Box {
    constructor(form) {
      this.form = form;
      this.status = form.querySelector(".saved");
      this.timer = 0;
      this.busy = null;
      this.last = this.text();
      form.addEventListener("input", () => this.later(DELAY));
      form.addEventListener("focusout", () => this.save());
    }

    field(name) { return this.form.elements[name]; }

    fields() {
      const given = {};
      for (const [name, value] of new FormData(this.form)) {
        if (!MACHINE.includes(name) && typeof value === "string") given[name] = value;
      }
      return given;
    }

    text() { return JSON.stringify(this.fields()); }

    later(delay) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), delay);
    }

    say(text) {
      if (this.status.textContent !== text) this.status.textContent = text;
      this.status.hidden = false;
    }

    save(leaving = false) {
      clearTimeout(this.timer);
      if (this.text() === this.last || this.form.dataset.sent || this.stopped) return null;
      if (this.busy && !leaving) { this.later(DELAY); return this.busy; }
      this.busy = this.put(leaving).finally(() => { this.busy = null; });
      return this.busy;
    }

    async put(leaving) {
      const typed = this.text();
      const body = JSON.stringify({
        fields: JSON.parse(typed), form: this.field("command_id").value,
        edition: Number(this.field("draft").value), version: Number(this.field("version").value),
      });
      const answer = await this.ask("PUT", body, leaving && body.length * 3 < MOST_KEPT_ALIVE);
      if (!answer || answer.status >= 500) { this.say(words.dataset.unsaved); this.later(RETRY); return; }
      if (answer.status === 401 || answer.status === 403) { this.logIn(); return; }
      if (answer.status === 412) { await this.choose(); return; }
      if (!answer.ok) { this.say(words.dataset.unsaved); return; }
      this.took(await answer.json(), typed);
    }

    async ask(method, body, keepalive = false) {
      const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf() };
      const address = this.form.dataset.drafts + this.form.dataset.box;
      try {
        return await fetch(address, { method, headers, body, keepalive });
      } catch { return null; }
    }

    took(draft, typed) {
      this.field("draft").value = draft.edition;
      this.last = typed;
      if (draft.saved_at) this.say(words.dataset.saved.replace("{}", clock.format(new Date(draft.saved_at))));
    }

    // Another window saved other words into this box: neither is lost, the person chooses.
    async choose() {
      const answer = await this.ask("GET");
      if (!answer || !answer.ok) { this.later(RETRY); return; }
      const draft = await answer.json();
      const bar = shown(".other");
      this.stopped = true;
      bar.querySelector("blockquote").textContent = draft.fields.text || Object.values(draft.fields).join("\n");
      const done = () => { bar.remove(); this.stopped = false; };
      bar.querySelector(".take").addEventListener("click", () => {
        for (const [name, value] of Object.entries(draft.fields)) if (this.field(name)) this.field(name).value = value;
        this.field("command_id").value = draft.form;
        this.took(draft, this.text());
        done();
      });
      bar.querySelector(".mine").addEventListener("click", () => {
        this.field("draft").value = draft.edition;
        done();
        this.save();
      });
      this.status.before(bar);
    }

    logIn() {
      if (this.form.querySelector(".again")) return;
      const box = shown(".again");
      const button = box.querySelector("button");
      const secret = box.querySelector(".secret");
      const go = async (event) => {
        event.preventDefault();
        event.stopPropagation();
        const wrong = await logInAgain(box.querySelector(".who").value, secret.value);
        const line = box.querySelector(".why-wrong");
        line.textContent = wrong ? line.dataset[wrong] : "";
        line.hidden = !wrong;
        if (wrong) return;
        for (const each of document.querySelectorAll(".again")) each.remove();
        for (const each of boxes) each.save();
      };
      button.addEventListener("click", go);
      box.addEventListener("input", (event) => event.stopPropagation());
      box.addEventListener("keydown", (event) => { if (event.key === "Enter") go(event); });
      this.status.before(box);
    }
  }

  // What is wrong ("wrong", "other" person, a "code" is asked for), or nothing: then every form of the page is fresh.
  async function logInAgain(login, password) {
    const whose = csrf().split(".")[1];
    const door = freshCsrf(await (await fetch("/login")).text());
    const body = new URLSearchParams({ csrf: door, login, password, next: location.pathname });
    const answer = await fetch("/login", { method: "POST", body });
    if (!answer.ok) return "wrong";
    const page = await answer.text();
    if (page.includes('action="/login/code"')) return "code";
    const fresh = freshCsrf(page);
    if (fresh.split(".")[1] !== whose) return "other";
    for (const input of document.querySelectorAll("input[name=csrf]")) input.value = fresh;
    return "";
  }

  const boxes = [...document.querySelectorAll("form[data-box]")].map((form) => new Box(form));

  // What is being saved is saved before the form goes, so that it is not saved after it was sent.
  document.addEventListener("submit", (event) => {
    const box = boxes.find((it) => it.form === event.target);
    if (!box) return;
    clearTimeout(box.timer);
    if (!box.busy) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    box.busy.finally(() => box.form.requestSubmit(button));
  }, true);

  const hidden = () => { for (const box of boxes) box.save(true); };
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") hidden(); });
  window.addEventListener("pagehide", hidden);
})();
