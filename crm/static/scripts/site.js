// What every page does beyond HTML: errors of partial loads in one place, focus, shortcuts, progress. Each page works without it.

import { arrive, inUse, unsent, wipe } from "./visits-store.js";

const notices = document.getElementById("notices");

export function announce(html) {
  notices.innerHTML = html;
}

// An error answers with a message alone: it goes where people see it, and what they typed stays.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const status = event.detail.xhr.status;
  if (status === 422) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  } else if (status >= 400) {
    event.detail.shouldSwap = false;
    announce(event.detail.xhr.responseText);
    if (status === 401) window.location.assign("/sign-in");
  }
});
document.body.addEventListener("htmx:sendError", () => {
  announce(document.getElementById("offline-text")?.innerHTML ?? "");
});

// On a phone the rooms of the program are wider than the screen: the one where we are is in sight. Nothing else moves.
const room = document.querySelector(".site-nav [aria-current]");
if (room) room.closest("ul").scrollLeft = room.offsetLeft - room.closest("ul").offsetLeft - 16;

// A form of filters asks for each query once: Enter in a field is a change and then a submit of the same, and a second answer would take the list
// from under the keys. What is pressed again asks anew.
const asked = new WeakMap();
document.body.addEventListener("htmx:confirm", (event) => {
  const form = event.target;
  if (!form.matches(".filters")) return;
  const query = new URLSearchParams(new FormData(form)).toString();
  const by = event.detail.triggeringEvent.type;
  const before = asked.get(form);
  asked.set(form, { query, by });
  if (before?.query === query && (by !== "submit" || before.by !== "submit")) event.preventDefault();
});
for (const failure of ["htmx:responseError", "htmx:sendError"]) document.body.addEventListener(failure, (event) => asked.delete(event.detail.elt));

// How many filters are set, beside the word that opens them on a phone; the first answer of a choice is often that it does not matter.
const isSet = (field) => (field.type === "checkbox" ? field.checked : field.value && !(field.options && field.options[0].value));
document.addEventListener("change", (event) => {
  const fold = event.target.closest(".filters__fold");
  if (!fold) return;
  const set = [...fold.querySelectorAll("input, select")].filter(isSet).length;
  fold.querySelector("[data-set]").textContent = set ? `(${set})` : "";
});
if (!CSS.supports("selector(::details-content)") && matchMedia("(min-width: 40.01rem)").matches) { // a browser that cannot show what is folded
  for (const fold of document.querySelectorAll(".filters__fold")) fold.open = true;
}

// A part that is swapped keeps the focus: on what has the same id (htmx does that), or on the part itself where that is gone.
let held = false;
document.body.addEventListener("htmx:beforeSwap", (event) => { held = event.detail.target.contains(document.activeElement); });
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (!held || document.activeElement !== document.body || !event.target.isConnected) return;
  event.target.tabIndex = -1;
  event.target.focus({ preventScroll: true });
});

function focusProblems(root) {
  root.querySelector?.("[data-focus]")?.focus();
}
document.body.addEventListener("htmx:afterSwap", (event) => focusProblems(event.target));
focusProblems(document);

// Shortcuts: one key where no one is typing. A screen reader's own keys stay free of them in forms.
let goTo = false;
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "k" && search) { event.preventDefault(); openPalette(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target;
  if (target.matches("input, select, textarea, [contenteditable]")) return;
  if (goTo) {
    goTo = false;
    const link = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (link) window.location.assign(link.href);
    return;
  }
  const act = { "/": () => search && openPalette(), g: () => { goTo = true; setTimeout(() => { goTo = false; }, 1500); },
    c: () => {
      const open = document.querySelector("[data-log-call]");
      if (open) openLog(open);
      else if (document.querySelector('[data-key="l"]')) window.location.assign("/log");
    },
    "?": () => window.location.assign("/help/keys") }[event.key];
  if (act) { event.preventDefault(); act(); }
});

// Search and go: the field keeps the focus, and the arrow keys move among what was found (the combobox pattern of ARIA).
const search = document.getElementById("site-search");
const found = document.getElementById("site-suggestions");

function openPalette() {
  search.focus();
  search.select();
  htmx.trigger(search, "palette");
}
function closePalette() {
  found.replaceChildren();
  search.setAttribute("aria-expanded", "false");
  search.removeAttribute("aria-activedescendant");
}
function choose(option) {
  for (const each of found.querySelectorAll("[aria-selected=true]")) each.setAttribute("aria-selected", "false");
  if (!option) return search.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  search.setAttribute("aria-activedescendant", option.id);
}
function go(option) {
  const url = option.dataset.url;
  if (url.split("#")[0] === location.pathname) { closePalette(); location.hash = url.split("#")[1] ?? ""; } else location.assign(url);
}
if (search) {
  found.addEventListener("htmx:afterSwap", () => {
    search.setAttribute("aria-expanded", String(Boolean(found.querySelector("[role=option]"))));
    search.removeAttribute("aria-activedescendant");
  });
  search.addEventListener("keydown", (event) => {
    const options = [...found.querySelectorAll("[role=option]")];
    const at = options.findIndex((each) => each.id === search.getAttribute("aria-activedescendant"));
    if (event.key === "ArrowDown" && !options.length) htmx.trigger(search, "palette");
    else if (event.key === "ArrowDown") choose(options[(at + 1) % options.length]);
    else if (event.key === "ArrowUp" && options.length) choose(options[(at < 0 ? options.length : at) - 1] ?? options.at(-1));
    else if (event.key === "Enter" && at >= 0) go(options[at]);
    else if (event.key === "Escape" && options.length) closePalette(); // what was typed stays; a second Escape clears it
    else return;
    event.preventDefault();
  });
  found.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  found.addEventListener("click", (event) => { const option = event.target.closest("[role=option]"); if (option) go(option); });
  search.addEventListener("blur", closePalette);
}

// The form for a call comes when it is opened; the first of its fields takes the focus when it is there.
function openLog(log) {
  const focus = () => log.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  log.addEventListener("htmx:afterSettle", focus, { once: true });
  log.open = true;
  focus();
}

// An address that ends in #log opens it.
function openAsked() {
  const log = location.hash === "#log" && document.querySelector("[data-log-call]");
  if (log) openLog(log);
}
addEventListener("hashchange", openAsked);
addEventListener("load", openAsked);

// One box ticks all the boxes of its table.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-tick-all]")) return;
  for (const box of event.target.closest("table").querySelectorAll("tbody .tick")) box.checked = event.target.checked;
});

// Visits that this device keeps are of one account: whoever signs in next sees and sends none of them, and who signs out takes theirs away.
const { account } = document.body.dataset;
if (account) inUse().then((used) => used && arrive(account));

// True where it may go on: nothing of this account is kept here any more.
async function leave(form) {
  if (!(await inUse())) return true;
  const left = await unsent(account);
  if (left.mine && !form.dataset.sure) {
    const told = document.getElementById("unsent-text").content.cloneNode(true);
    told.querySelector("button").addEventListener("click", () => { form.dataset.sure = "true"; form.requestSubmit(); });
    notices.replaceChildren(told);
    notices.querySelector("a").focus();
    return false;
  }
  await wipe(account);
  if (left.others) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "keep", value: "drafts" }));
  return true;
}

document.querySelector("[data-sign-out]")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (await leave(event.target).catch(() => true)) event.target.submit();
});
