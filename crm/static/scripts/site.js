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

function focusProblems(root) {
  root.querySelector?.("[data-focus]")?.focus();
}
document.body.addEventListener("htmx:afterSwap", (event) => focusProblems(event.target));
focusProblems(document);

// Shortcuts: one key where no one is typing. A screen reader's own keys stay free of them in forms.
let goTo = false;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") document.getElementById("site-suggestions")?.replaceChildren();
  const target = event.target;
  if (target.matches("input, select, textarea, [contenteditable]")) return;
  if (goTo) {
    goTo = false;
    const link = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (link) window.location.assign(link.href);
    return;
  }
  const act = { "/": () => document.getElementById("site-search")?.focus(), g: () => { goTo = true; setTimeout(() => { goTo = false; }, 1500); },
    c: () => {
      const open = document.querySelector("[data-log-call]");
      if (open) { open.open = true; open.querySelector("input:not([type=hidden]), select, textarea")?.focus(); }
      else if (document.querySelector('[data-key="l"]')) window.location.assign("/log");
    },
    "?": () => window.location.assign("/help/keys") }[event.key];
  if (act) { event.preventDefault(); act(); }
});

// Down from the search box into its suggestions.
document.getElementById("site-search")?.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") {
    const first = document.querySelector("#site-suggestions a");
    if (first) { event.preventDefault(); first.focus(); }
  }
});

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
