// Live pages without a framework: the server says "changed", the page fetches its regions and swaps those that differ.
// The server's time wins; when the connection is lost the clocks stop rather than guess.
"use strict";
(() => {
  const body = document.body, SILENT = 40000, LOST_AFTER = 4000, OLD = 60000, RESTS_AFTER = 60000;
  const $ = (id) => document.getElementById(id);
  const regions = () => [...document.querySelectorAll("[data-region]")];
  const shown = new Map(regions().map((r) => [r.id, r.outerHTML]));
  const hms = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: body.dataset.zone });
  let version = body.dataset.version, latest = version, offset = null, heard = 0, refreshed = performance.now();
  let lostAt = null, losing = null, source = null, resting = null, fetching = null, again = false;

  const now = () => performance.timeOrigin + performance.now() + offset;
  const two = (n) => String(n).padStart(2, "0");
  function figure(ms) {
    const s = Math.max(0, Math.floor(ms / 1000)), d = Math.floor(s / 86400), h = Math.floor(s / 3600), m = Math.floor((s % 3600) / 60);
    if (d) return d + (d > 1 ? " days" : " day");
    return h ? h + " h" + (m ? ` ${m} min` : "") : two(m) + ":" + two(s % 60);
  }
  function tick() {
    if (offset === null || lostAt !== null || source === null) return;
    if (performance.now() - heard > SILENT) return lost(), connect();
    const at = now();
    for (const f of document.querySelectorAll("[data-due]")) {
      f.textContent = figure(f.dataset.due - at);
      if (f.className) f.classList.toggle("long", !f.textContent.includes(":"));
      const bar = f.closest(".clock")?.querySelector(".bar .v");
      if (bar) bar.setAttribute("width", Math.max(0, Math.min(100, (100 * (f.dataset.due - at)) / (f.dataset.due - f.dataset.since))));
    }
    const words = hms.format(at);
    for (const a of document.querySelectorAll("[data-asof]")) a.textContent = words;
    $("live").textContent = "live " + words.slice(0, 5);
    const stale = document.querySelector(".stale"), old = performance.now() - refreshed > OLD && !document.hidden;
    if (stale && !busy(stale)) stale.classList.remove("stale"), refresh();
    else if (old) refresh(); // shifts end and minutes pass without a commit
  }

  function lost() {
    if (lostAt !== null || losing) return;
    const since = offset === null ? Date.now() : now();
    const tell = () => {
      losing = null;
      lostAt = since;
      $("lost-at").textContent = hms.format(since);
      $("lost").hidden = false;
      $("live").className = "live";
      $("live").textContent = "not live";
    };
    losing = setTimeout(tell, LOST_AFTER); // a stream that is renewed is no loss
  }
  function found(event) {
    clearTimeout(losing);
    losing = null;
    lostAt = null;
    heard = performance.now();
    offset = Number(event.data) - (performance.timeOrigin + performance.now());
    $("lost").hidden = true;
    $("live").className = "live on";
    latest = event.lastEventId;
    if (latest !== version) refresh();
    tick();
  }
  function connect() {
    source?.close();
    source = new EventSource(body.dataset.live);
    source.addEventListener("changed", found);
    source.addEventListener("beat", found);
    source.onerror = () => {
      lost();
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, 5000);
    };
  }

  async function refresh() {
    if (fetching !== null) return void (again ||= latest !== fetching); // what is on its way is new enough
    const wanted = (fetching = latest);
    refreshed = performance.now();
    try {
      const answer = await fetch(`${location.pathname}?region=${regions().map((r) => r.id).join(",")}`, { cache: "no-store" });
      if (answer.status === 401 || answer.status === 404) return location.reload();
      if (!answer.ok) return lost();
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const region of fresh.querySelectorAll("[data-region]")) swap(region);
      version = wanted;
      tick();
    } catch {
      lost();
    } finally {
      fetching = null;
      if (again) (again = false), refresh();
    }
  }
  // Never under somebody's hands: not an open form, not a selection being copied.
  function busy(old) {
    if (old.id === "actions" && old.querySelector("details[open]")) return true;
    const selection = getSelection();
    return !selection.isCollapsed && old.contains(selection.anchorNode);
  }
  function swap(fresh) {
    const old = $(fresh.id), html = fresh.outerHTML;
    if (!old || shown.get(fresh.id) === html) return;
    if (busy(old)) return void old.classList.add("stale");
    shown.set(fresh.id, html);
    const open = [...old.querySelectorAll("details[id]")].map((d) => [d.id, d.open]);
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const copy = document.importNode(fresh, true), words = copy.dataset.say, before = old.dataset.say;
    for (const [id, is] of open) {
      const details = copy.querySelector("#" + CSS.escape(id));
      if (details) details.open = is;
    }
    old.replaceWith(copy);
    ready(copy);
    // Never to another button: whoever presses Enter means the one they were on.
    if (focused) ((focused.id && $(focused.id)) || $("main")).focus({ preventScroll: true });
    if (copy.dataset.title) document.title = copy.dataset.title;
    if (copy.dataset.alarm) document.querySelector("link[rel=icon]").href = copy.dataset.alarm === "yes" ? body.dataset.alarm : body.dataset.bell;
    if (words && words !== before) $("say").textContent = words;
  }

  function ready(part) {
    for (const button of part.querySelectorAll("[data-copy]")) button.hidden = false;
  }
  async function copyFrom(button) {
    const pre = $(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(pre.textContent);
    } catch {
      getSelection().selectAllChildren(pre); // plain http has no clipboard
      if (!document.execCommand("copy")) return;
      getSelection().removeAllRanges();
    }
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (button) copyFrom(button);
    for (const d of document.querySelectorAll(".menu[open], .actions details[open]")) if (!d.contains(event.target)) d.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const d = event.key === "Escape" && document.activeElement?.closest(".menu[open], .actions details[open]");
    if (d) (d.open = false), d.querySelector("summary").focus();
  });
  ready(document);
  if (!body.dataset.live) return; // a page that is only read and sent

  document.addEventListener("visibilitychange", () => {
    clearTimeout(resting);
    // Browsers allow six connections: an incident nobody looks at gives its own back. The first page keeps its bell.
    if (document.hidden && body.dataset.live !== "/app/events")
      resting = setTimeout(() => (source?.close(), (source = null)), RESTS_AFTER);
    if (!document.hidden && (source === null || performance.now() - heard > 20000)) connect();
  });
  setInterval(tick, 1000);
  connect();
})();
