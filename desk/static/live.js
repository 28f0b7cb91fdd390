// What changes while a page is open. The server says that something changed; the page asks for
// itself again and puts new regions (data-live="name") in the place of old ones: never one that
// somebody types or stands in, and never a list (data-ask) whose rows (data-row) are others by now;
// for those a bar says what is new, and the foot goes on to say how old the list is. A region that
// was put in place fires "replaced".
"use strict";

(() => {
  const bar = document.getElementById("news");
  if (!bar || !window.EventSource) return;
  const FIRST = 5000;
  const LONGEST = 120000;
  const own = { cache: "no-store" };
  let address = document.body.dataset.stream;
  let seen = version();
  let source = null;
  let over = false;
  let pause = FIRST;
  let asking = null;
  let again = false;

  function version() {
    return new URL(address, location.href).searchParams.get("version") || "0";
  }

  // --- the stream: one while the page is in front of somebody

  function open() {
    if (source || over || document.hidden) return;
    source = new EventSource(address);
    source.onopen = () => { pause = FIRST; };
    source.onmessage = (event) => {
      const from = new URL(address, location.href);
      from.searchParams.set("at", event.lastEventId);
      address = from.pathname + from.search;
      hear(JSON.parse(event.data));
    };
    source.onerror = () => {
      if (!source || source.readyState !== EventSource.CLOSED) return;
      close();
      ask();
      setTimeout(open, pause * (0.5 + Math.random()));
      pause = Math.min(2 * pause, LONGEST);
    };
  }

  function close() {
    if (source) source.close();
    source = null;
  }

  function hear(news) {
    if (news.end) {
      close();
      if (news.end !== "full") end(news.end === "session" ? "ended" : "gone");
      return;
    }
    if (news.case || news.list) refresh();
    if (news.now) ask();
  }

  function end(why) {
    over = true;
    close();
    tell(bar.dataset[why], bar.dataset[`${why}Act`], () => location.reload());
  }

  // Also true for an answer that is no page of ours: there is nothing to show.
  function ended(answer) {
    const out = answer.redirected && new URL(answer.url).pathname === "/login";
    if (out || answer.status === 401) end("ended");
    else if (answer.status === 404) end("gone");
    return !answer.ok || answer.redirected;
  }

  // --- what stands now beside the words of the page

  async function ask() {
    const shown = [...document.querySelectorAll("[data-here]")];
    const query = new URLSearchParams(shown.map((it) => ["of", it.dataset.here]));
    const answer = await fetch(`/live/now?${query}`, own).catch(() => null);
    if (!answer || ended(answer)) return;
    const told = await answer.json();
    for (const it of shown) it.textContent = told.here[it.dataset.here] || "";
    for (const count of document.querySelectorAll("[data-waiting]")) {
      const waiting = told[count.dataset.waiting];
      count.textContent = waiting.toLocaleString(document.documentElement.lang);
      count.hidden = !waiting;
    }
    document.getElementById("late").hidden = !told.late;
  }

  // --- the page itself

  async function refresh() {
    if (asking) { again = true; return; }
    asking = fetch(location.href, { ...own, headers: { "Live-Seen": seen } }).catch(() => null);
    const answer = await asking;
    if (answer && !ended(answer)) {
      apply(new DOMParser().parseFromString(await answer.text(), "text/html"), false);
    }
    asking = null;
    if (again) { again = false; refresh(); }
  }

  function apply(fresh, wanted) {
    const held = [];
    const due = [];
    for (const now of document.querySelectorAll("[data-live]")) {
      const then = fresh.querySelector(`[data-live="${now.dataset.live}"]`);
      if (!then || plain(now) === plain(then)) continue;
      const busy = now.contains(document.activeElement) || moves(now, then);
      if (typed(now) || (busy && !wanted)) held.push([now, then]);
      else due.push([now, then]);
    }
    const waits = held.some(([now]) => now.hasAttribute("data-ask"));
    steadily(() => due.filter(([now]) => !waits || now.dataset.live !== "foot").forEach(replace));
    const words = fresh.getElementById("news").dataset.since;
    if (held.length && !wanted) tell(news(held, words), bar.dataset.show, () => show(fresh));
    else bar.replaceChildren(...(words && due.length && !wanted ? [unseen(words)] : []));
    if (!held.length) { address = fresh.body.dataset.stream; seen = version(); }
  }

  function show(fresh) {
    apply(fresh, true);
    if (document.activeElement === document.body) document.getElementById("main").focus({ preventScroll: true });
  }

  function news(held, words) {
    const lists = held.filter(([now]) => now.hasAttribute("data-ask"));
    if (!lists.length) return words || bar.dataset.changed;
    const added = lists.flatMap(([now, then]) => {
      const before = new Set(rows(now));
      return rows(then).filter((row) => !before.has(row));
    }).length;
    return added ? bar.dataset.added.replace("{}", added) : bar.dataset.changed;
  }

  const rows = (region) => [...region.querySelectorAll("[data-row]")].map((it) => it.dataset.row);
  const moves = (now, then) => now.hasAttribute("data-ask") && rows(now).join() !== rows(then).join();

  function typed(region) {
    return [...region.querySelectorAll("input, textarea, select")].some((field) => {
      if (field.matches("select")) {
        const first = [...field.options].findIndex((option) => option.defaultSelected);
        return field.selectedIndex !== Math.max(0, first);
      }
      if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
      return field.value !== field.defaultValue;
    });
  }

  // What a region says, without what differs each time it is made.
  function plain(region) {
    const copy = region.cloneNode(true);
    for (const it of copy.querySelectorAll("[data-due], [data-passing], [data-here], .bar")) it.replaceChildren();
    for (const it of copy.querySelectorAll("[name=csrf], [name=command_id]")) it.remove();
    for (const it of copy.querySelectorAll("details")) it.removeAttribute("open");
    return copy.textContent.replace(/\s+/g, " ") + [...copy.querySelectorAll("[href], [action], [value]")]
      .map((it) => it.getAttribute("href") || it.getAttribute("action") || it.getAttribute("value")).join();
  }

  // What a fold is known by: its row, and its words without the numbers in them.
  function fold(details) {
    const row = details.closest("[data-row]");
    const words = details.firstElementChild.textContent.replace(/[\d\s]+/g, "");
    return `${row ? row.dataset.row : ""} ${words}`;
  }

  function replace([now, then]) {
    const folds = new Map();
    for (const it of now.querySelectorAll("details")) folds.set(fold(it), it.open);
    const focused = now.contains(document.activeElement) ? document.activeElement.id : "";
    const fresh = document.importNode(then, true);
    now.replaceWith(fresh);
    for (const it of fresh.querySelectorAll("details")) {
      it.open = folds.get(fold(it)) ?? it.open;
    }
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    fresh.dispatchEvent(new CustomEvent("replaced", { bubbles: true }));
  }

  // What is in front of somebody stays where it is.
  function steadily(change) {
    const anchor = [...document.querySelectorAll("main [data-live]")]
      .find((it) => it.getBoundingClientRect().bottom > 0);
    const before = anchor ? anchor.getBoundingClientRect().top : 0;
    change();
    const same = anchor && document.querySelector(`[data-live="${anchor.dataset.live}"]`);
    if (same) window.scrollBy(0, same.getBoundingClientRect().top - before);
  }

  // --- the bar

  function tell(words, act, press) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = act;
    button.addEventListener("click", () => { bar.replaceChildren(); press(); });
    bar.replaceChildren(words, button);
  }

  function unseen(words) {
    const told = document.createElement("span");
    told.className = "unseen";
    told.textContent = words;
    return told;
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  open();
})();
