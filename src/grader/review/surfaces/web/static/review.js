// Keys, quoting by selection, kept typing, and telling a lost connection. Everything here is also
// done by buttons, links and forms of the page; without this script those still work.
"use strict";
(() => {
  let failed = null;  // the form whose sending failed
  let held = false;   // a key is held down since before the page was shown
  let armed = 0;      // the timer that lets a page that has just come take keys
  const SETTLING = 180;  // ms in which a key was meant for the page before

  // Whether keys and forms count: "busy" while a page is on its way, for no key may decide what
  // isn't shown yet; "off" for a moment after it came; then "on". Only this function changes it, and
  // a timer of an earlier page never speaks for a later one.
  function keys(now) {
    window.clearTimeout(armed);
    document.body.dataset.keys = now;
    document.body.classList.toggle("busy", now === "busy");
    if (now === "off") armed = window.setTimeout(() => { held = false; keys("on"); }, SETTLING);
  }
  const state = () => document.body.dataset.keys;

  const $ = (selector) => document.querySelector(selector);
  const typing = (at) => at && (at.closest("input:not([type=radio]):not([type=checkbox]), textarea, select:not([data-cell])") !== null);

  // --- keys -------------------------------------------------------------------------------
  document.addEventListener("keydown", (event) => {
    const at = event.target instanceof Element ? event.target : document.body;
    const help = $("details.help");
    if (event.key === "Escape" && help && help.open) { help.open = false; return; }
    if (event.key === "Escape" && typing(at)) { at.blur(); $("#main").focus({ preventScroll: true }); return; }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && at.closest("form")) {
      event.preventDefault();
      if (state() !== "busy") at.closest("form").requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(at)) return;
    const key = event.key;
    if (inGrid(event, at)) return;
    // With Caps Lock a letter means what it means without; with Shift it is a key of its own.
    const named = (each) => document.querySelector(`[data-key="${CSS.escape(each)}"]`);
    const target = named(key) || (event.shiftKey ? null : named(key.toLowerCase()));
    if (!target) return;
    event.preventDefault();
    if (event.repeat) return;
    $("#dropped").hidden = true;
    if (state() !== "on" || held) { $("#dropped").hidden = false; return; }
    held = true;
    press(target, key);
  });
  document.addEventListener("keyup", () => { held = false; });
  window.addEventListener("blur", () => { held = false; });

  function press(target, key) {
    if (target.matches("summary")) {
      const box = target.parentElement;
      const field = box.querySelector("textarea, select, input:not([type=hidden])");
      box.open = field ? true : !box.open;
      if (field) field.focus(); else box.scrollIntoView({ block: "nearest" });
    } else if (target.matches("input[type=radio]")) {
      target.checked = true;
      keep(target);
      target.focus();
    } else {
      target.click();
    }
  }

  // --- the grid of signatures -------------------------------------------------------------
  const cells = () => [...document.querySelectorAll("#grid [data-cell]")];
  function inGrid(event, at) {
    const all = cells();
    if (!all.length) return false;
    const here = all.indexOf(at.closest("[data-cell]")), columns = 2;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
    if (here >= 0 && event.key in steps) {
      event.preventDefault();
      (all[here + steps[event.key]] || all[here]).focus();
      return true;
    }
    if (!/^[1-9]$/.test(event.key)) return false;
    event.preventDefault();
    if (state() !== "on") { $("#dropped").hidden = false; return true; }
    const cell = here >= 0 ? all[here] : all.find((each) => !each.value) || all[0];
    if (![...cell.options].some((each) => each.value === event.key)) return true;
    cell.value = event.key;
    keep(cell);
    const next = all.slice(all.indexOf(cell) + 1).find(() => true);
    if (next) next.focus();
    if (cell.form.dataset.auto === "1" && all.every((each) => each.value)) cell.form.requestSubmit();
    return true;
  }

  // --- quotations -------------------------------------------------------------------------
  let place = -1;
  document.addEventListener("click", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    if (!at) return;
    if (at.closest("#do-quotation")) light(place + 1);
    else if (at.closest("#do-other")) other();
    else if (at.closest("#do-quote")) quote();
    else if (at.closest("#retry")) retry();
    const link = at.closest("a.goto");
    if (link) {
      event.preventDefault();
      const mark = document.getElementById(link.hash.slice(1));
      if (mark) light(marks().indexOf(mark));
    }
    const gone = at.closest("button.drop");
    if (gone) { gone.parentElement.remove(); keepQuotes(); }
  });
  const marks = () => [...document.querySelectorAll("mark[id]")];
  // Side by side, the text has a frame of its own; in one column the page itself would jump.
  const sideBySide = () => window.matchMedia("(min-width: 70.01rem)").matches;
  function light(next, arriving) {
    const all = marks();
    document.querySelectorAll("mark.lit").forEach((each) => each.classList.remove("lit"));
    if (!all.length) return;
    place = (next + all.length) % all.length;
    all[place].classList.add("lit");
    if (!arriving || sideBySide()) all[place].scrollIntoView({ block: "center" });
  }
  function other() {
    const texts = [...document.querySelectorAll(".text")];
    const at = texts.findIndex((each) => each.contains(document.activeElement));
    const first = texts.findIndex((each) => each.closest(".focus"));
    const next = at >= 0 ? (at + 1) % texts.length : first >= 0 ? (first + 1) % texts.length : 0;
    if (texts[next]) { texts[next].focus(); texts[next].scrollIntoView({ block: "nearest" }); }
  }
  function quote() {
    const chosen = window.getSelection();
    const words = chosen ? chosen.toString().trim() : "";
    const from = chosen && chosen.anchorNode ? chosen.anchorNode.parentElement.closest(".transcript") : null;
    const edit = $("#edit"), list = $("#quotes"), workspace = $(".workspace[data-item]");
    if (!list || !workspace) return;
    edit.open = true;
    if (!words || !from) { tell(list, "Select words in the text first."); return; }
    const number = workspace.dataset.number;
    if (number && from.dataset.number !== number) { tell(list, `This item speaks of Transcript ${number}.`); return; }
    add(list, number || from.dataset.number, words);
    keepQuotes();
  }
  function tell(list, words) {
    const line = document.createElement("li");
    line.className = "hint"; line.textContent = words;
    list.querySelectorAll(".hint").forEach((each) => each.remove());
    list.append(line);
  }
  function add(list, number, words) {
    list.querySelectorAll(".hint").forEach((each) => each.remove());
    const line = document.createElement("li"), field = document.createElement("input"), drop = document.createElement("button");
    field.type = "hidden"; field.name = `quote${number}`; field.value = words;
    drop.type = "button"; drop.className = "drop quiet"; drop.textContent = "remove";
    line.append(`“${words}” `, field, drop);
    list.append(line);
  }

  // --- typing survives a reload, until it is saved -----------------------------------------
  const store = {
    get: (name) => { try { return localStorage.getItem(name); } catch { return null; } },
    set: (name, value) => { try { localStorage.setItem(name, value); } catch { /* no room: typing is not kept */ } },
    drop: (name) => { try { localStorage.removeItem(name); } catch { /* as above */ } },
  };
  const scope = () => {
    const workspace = $(".workspace[data-item]");
    const about = workspace ? workspace.dataset.item : $("[data-keep]") ? location.pathname : null;
    return about ? `grader/${document.body.dataset.me}/${about}/` : null;
  };
  function keep(field) {
    const at = scope();
    if (!at) return;
    if (field.matches("[data-keep]")) store.set(at + field.id, field.value);
    else if (field.matches("input[type=radio]")) store.set(at + field.name, field.value);
    else if (field.matches("select[id]")) store.set(at + field.id, field.value);
  }
  function keepQuotes() {
    const at = scope();
    if (at) store.set(at + "quotes", JSON.stringify([...document.querySelectorAll("#quotes input")].map((each) => [each.name.slice(5), each.value])));
  }
  document.addEventListener("input", (event) => { if (event.target instanceof Element) keep(event.target); });
  function restore() {
    const at = scope();
    if (!at) return;
    let found = false;
    document.querySelectorAll("[data-keep], #edit select[id], #grid[data-auto='1'] select[id]").forEach((field) => {
      const was = store.get(at + field.id);
      if (was !== null && was !== field.value) { field.value = was; found = true; openAround(field); }
    });
    document.querySelectorAll("#edit input[type=radio]").forEach((field) => {
      if (store.get(at + field.name) === field.value && !field.checked) { field.checked = true; openAround(field); }
    });
    const list = $("#quotes");
    if (list && !list.children.length) {
      for (const [number, words] of JSON.parse(store.get(at + "quotes") || "[]")) { add(list, number, words); openAround(list); }
    }
    return found;
  }
  const openAround = (field) => { const box = field.closest("details"); if (box) box.open = true; };
  function forget(at) {
    if (!at) return;
    try {
      for (const name of Object.keys(localStorage)) if (name.startsWith(at)) localStorage.removeItem(name);
    } catch { /* nothing was kept */ }
  }

  // --- sending ----------------------------------------------------------------------------
  let sentFrom = null, sentWords = null;
  // A key that decides takes with it what was quoted and typed in the form below and not saved yet.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!/\/choose$/.test(form.action)) return;
    form.querySelectorAll("[data-carried]").forEach((each) => each.remove());
    const typed = [...document.querySelectorAll("#edit textarea")].filter((each) => each.value !== each.defaultValue);
    for (const from of [...document.querySelectorAll("#quotes input, #edit input[name^=quote]"), ...typed]) {
      const field = document.createElement("input");
      field.type = "hidden"; field.name = from.name; field.value = from.value; field.dataset.carried = "";
      if (field.value) form.append(field);
    }
  }, true);
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (state() === "busy") { event.preventDefault(); return; }
    keys("busy");
    const from = event.detail.elt;
    failed = from;
    sentWords = from.matches("form[action$='/comment']") ? scope() + "comment-comment" : null;
    sentFrom = from.matches("form[method=post]") && !/\/(comment|undo|defer)$/.test(from.action) ? scope() : null;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.xhr && event.detail.xhr.status) {
      $("#lost").hidden = true;
      if (event.detail.xhr.status < 400) { forget(sentFrom); if (sentWords) store.drop(sentWords); }
    }
  });
  document.addEventListener("htmx:afterSettle", arrive);
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:sendAbort"]) {
    document.addEventListener(name, () => { keys("on"); $("#lost").hidden = false; $("#retry").focus(); });
  }
  function retry() {
    if (failed && failed.isConnected) { if (failed.matches("form")) failed.requestSubmit(); else failed.click(); }
  }

  function arrive() {
    place = -1;
    held = true;  // a key still held down decides nothing here; letting go of it frees the keys
    keys("off");
    restore();
    const workspace = $(".workspace[data-item]");
    if (workspace && marks().length) light(0, true);
    if (!document.activeElement || document.activeElement === document.body) $("#main").focus({ preventScroll: true });
  }
  document.addEventListener("DOMContentLoaded", arrive);
})();
