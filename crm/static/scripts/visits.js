// Visits without a connection: what is typed is kept on this device, sent when it can be, and each is there once.

import * as store from "./visits-store.js";

const PAYLOAD = 1;
const root = document.getElementById("visits-device");
const words = JSON.parse(root.dataset.words);
const days = Number(root.dataset.days);
const isShell = root.dataset.shell === "true";
const form = document.querySelector("form[data-visit]");
const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit" });
const onForm = () => Boolean(form) && !form.closest("[hidden]");
let account = document.body.dataset.account;
let trouble = "";
let opened = null;

const count = (number) => (number === 1 ? words.waiting_one : words.waiting.replace("%(num)s", number));

function element(name, text, more = {}) {
  return Object.assign(document.createElement(name), { textContent: text, ...more });
}

// ── sending ──

class Refused extends Error {
  constructor(status) { super(`Refused with ${status}`); this.status = status; }
}

async function ask(url, options = {}) {
  const answer = await fetch(url, { credentials: "same-origin", ...options, headers: { accept: "application/json", ...options.headers } });
  if (!answer.ok || answer.redirected) throw new Refused(answer.redirected ? 401 : answer.status);
  return answer.json();
}

async function sync() {
  if (!navigator.onLine) {
    trouble = words.offline;
    await render();
    return;
  }
  await navigator.locks.request("crm-visits", async () => {
    try {
      await exchange();
      trouble = "";
    } catch (problem) {
      trouble = !(problem instanceof Refused) ? words.offline : problem.status === 401 ? words.sign_in : words.failed;
    }
  });
  await render();
}

// Names are asked for where this device has none of this hour, or not those of the employer whose form is open.
async function names(employer) {
  const known = await store.kept(account);
  const fresh = known && Date.now() - known.at < 3_600_000 && (!employer || known.employers.some((each) => each.id === employer));
  return fresh ? "" : `?names=true${employer ? `&employer=${encodeURIComponent(employer)}` : ""}`;
}

async function exchange() {
  const employer = onForm() ? form.elements.employer_id.value : "";
  const data = await ask(`/visits/data${await names(employer)}`);
  if (data.account !== account) {  // someone else signed in meanwhile
    await store.arrive(data.account);
    if (isShell && !opened?.changed_at) window.location.reload();
    throw new Refused(403);
  }
  if (data.employers) await store.keep(account, data);
  const mine = await store.drafts(account);
  for (const each of mine) if (each.state === "differs" && !data.unsettled.includes(each.draft_id)) await store.remove(each);
  const waiting = mine.filter((each) => each.state === "waiting");
  for (let start = 0; start < waiting.length; start += 20) await send(waiting.slice(start, start + 20), data.token);
  if (isShell && onForm()) await offer();
}

async function send(sent, token) {
  const drafts = sent.map(({ draft_id, values, version, base }) => ({ draft_id, values, version, base }));
  const { taken } = await ask("/visits/sync", {
    method: "POST", body: JSON.stringify({ payload: PAYLOAD, drafts }), headers: { "content-type": "application/json", "x-csrf-token": token },
  });
  for (const [place, answer] of taken.entries()) await settle(sent[place], answer);
}

async function settle(sent, { state, detail, fields, link, version, base, values, employer }) {
  const now = await store.draft(sent.account, sent.draft_id);
  if (!now) return;
  const typedOn = now.changed_at !== sent.changed_at;
  const saved = state === "saved";
  await store.put({
    ...now, detail, fields, link, state: typedOn ? now.state : state,
    ...(saved ? { version, base, employer, saved_at: Date.now(), values: typedOn ? now.values : { ...now.values, ...values, employer_id: employer.id } } : {}),
  });
}

// ── the list of what this device has ──

async function render() {
  const all = (await store.drafts(account)).sort((a, b) => b.changed_at - a.changed_at);
  const waiting = all.filter((each) => each.state === "waiting").length;
  const sent = all.some((each) => each.state === "saved");
  const state = root.querySelector("[data-state]");
  const said = [waiting ? count(waiting) : sent && !trouble ? words.sent : "", trouble].filter(Boolean).join(". ");
  if (state.textContent !== said) state.textContent = said;
  root.querySelector("[data-send]").hidden = !waiting;
  root.querySelector("[data-sign-in]").hidden = trouble !== words.sign_in;
  root.hidden = !said && (onForm() || !all.length);
  const list = root.querySelector("[data-drafts]");
  list.hidden = !all.length || onForm();
  list.replaceChildren(...all.map(row));
}

function row(each) {
  const item = element("li");
  if (each.state === "discarded") {
    item.append(element("span", `${words.discarded} `), button(words.undo, each, () => store.put({ ...each, state: each.before })));
    return item;
  }
  const told = each.state === "saved" ? words.saved.replace("%(time)s", clock.format(each.saved_at)) : words[each.state === "waiting" ? "waits" : each.state];
  const mark = element("span", "", { className: `status status--${each.state === "saved" ? "good" : each.state === "waiting" ? "running" : "warning"}` });
  mark.append(element("span", "", { className: "status__mark", ariaHidden: "true" }), told);
  item.append(element("strong", each.employer?.name || words.no_name), " ", mark);
  if (each.detail && each.state !== "saved") item.append(element("div", each.detail, { className: "small" }));
  const acts = element("div", "", { className: "visit-acts" });
  const [text, href] = {
    differs: [words.decide, each.link], choose: [words.choose, `/visits?draft=${each.draft_id}&q=${encodeURIComponent(each.employer?.name ?? "")}`],
    saved: [words.change, `/visits/new?draft=${each.draft_id}`],
  }[each.state] ?? [words.go_on, `/visits/new?draft=${each.draft_id}`];
  const link = element("a", text, { href, className: "act" });
  link.append(element("span", ` ${each.employer?.name ?? ""}`, { className: "visually-hidden" }));
  acts.append(link);
  if (each.state !== "saved" && each.state !== "differs") {
    acts.append(button(words.discard, each, () => store.put({ ...each, state: "discarded", before: each.state, changed_at: Date.now() })));
  }
  item.append(acts);
  return item;
}

function button(text, each, act) {
  const made = element("button", text, { type: "button", className: "usa-button usa-button--unstyled" });
  made.append(element("span", ` ${each.employer?.name ?? ""}`, { className: "visually-hidden" }));
  made.addEventListener("click", async () => { await act(); await render(); });
  return made;
}

// ── the lists of the frame that stands in for the start page ──

async function fill() {
  const known = await store.kept(account);
  document.querySelector("[data-nothing]").hidden = Boolean(known);
  const names = new Map((known?.employers ?? []).map((each) => [each.id, each]));
  const due = (known?.due ?? []).map((each) => ({ ...each, ...names.get(each.employer) })).filter((each) => each.name);
  lines("due", due.map((each) => line(each, each.title, each.task)));
  lines("recent", [...names.values()].map((each) => line(each, each.town, "")));
}

function lines(name, found) {
  const list = document.querySelector(`[data-list="${name}"]`);
  list.closest("section").hidden = !found.length;
  list.replaceChildren(...found);
}

function line(employer, small, task) {
  const item = element("li");
  const link = element("a", "", { className: "visit-link", href: `/visits/new?employer=${employer.id}${task ? `&task=${task}` : ""}` });
  link.append(element("strong", employer.name), element("span", small, { className: "small soft" }));
  item.append(link);
  return item;
}

// ── the form ──

const typed = () => {
  const values = Object.fromEntries([...new FormData(form)].filter(([name]) => !["_token", "draft_id"].includes(name)).map(([name, value]) => [name, String(value)]));
  if (!values.employer_id) delete values.employer_id;
  return values;
};

async function open() {
  const about = new URLSearchParams(window.location.search);
  const id = about.get("draft") || form.elements.draft_id.value || crypto.randomUUID();
  opened = await store.draft(account, id) ?? { account, draft_id: id, state: "open", version: 0, base: "", values: {}, changed_at: 0 };
  form.elements.draft_id.value = id;
  const known = await store.kept(account);
  const names = new Map((known?.employers ?? []).map((each) => [each.id, each]));
  const wanted = about.get("employer") || opened.values.employer_id || "";
  const select = form.elements.employer_id;
  if (select.tagName === "SELECT") {
    const listed = new Set([...select.options].map((each) => each.value));
    if (opened.employer?.id && !names.has(opened.employer.id)) names.set(opened.employer.id, opened.employer);
    for (const each of names.values()) if (!listed.has(each.id)) select.add(new Option([each.name, each.town].filter(Boolean).join(", "), each.id));
    select.value = wanted;
    select.addEventListener("change", () => offer());
  }
  if (isShell) now(about.get("task"), names.get(wanted));
  await offer();
  put(opened.values);
  if (opened.fields && opened.state === "look") problems(opened);
}

// The worksites and people of the employer that is chosen.
async function offer() {
  const known = await store.kept(account);
  const employer = known?.employers.find((each) => each.id === form.elements.employer_id.value);
  for (const [name, rows] of [["establishment_id", employer?.sites], ["contact_id", employer?.people]]) {
    const select = form.elements[name];
    if (!rows || (!isShell && select.options.length > 1)) continue;
    const chosen = select.value || opened?.values[name] || "";
    select.replaceChildren(new Option("—", ""), ...rows.map((each) => new Option(each.name, each.id)));
    if (rows.length) select.closest("[data-offer]").hidden = false;
    select.value = [...select.options].some((each) => each.value === chosen) ? chosen : "";
  }
}

// What the server fills in elsewhere: this day and time, and the task that the visit is for.
function now(task, employer) {
  const here = new Date();
  const two = (number) => String(number).padStart(2, "0");
  form.elements.on.value ||= `${here.getFullYear()}-${two(here.getMonth() + 1)}-${two(here.getDate())}`;
  form.elements.at.value ||= `${two(here.getHours())}:${two(here.getMinutes())}`;
  const found = employer?.tasks.find((each) => each.id === task);
  if (found) {
    form.elements.task_id.value = found.id;
    form.elements.task_done.checked = true;
    form.querySelector("[data-task]").hidden = false;
    form.querySelector("[data-task-title]").textContent = found.name;
  }
}

function put(values) {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements[name];
    if (!field || (name === "employer_id" && field.value)) continue;
    if (field instanceof RadioNodeList) {
      const box = [...field].find((each) => each.type === "checkbox");
      if (box) box.checked = value === "true"; else field.value = value;
    } else if (field.type === "checkbox") field.checked = value === "true";
    else field.value = value;
  }
  if (values.task_id) form.querySelector("[data-task]")?.removeAttribute("hidden");
  if (Object.keys(values).some((name) => name.startsWith("seen_") && values[name])) form.querySelector("[data-checklist]").open = true;
}

async function keepTyped(state) {
  const values = typed();
  const select = form.elements.employer_id;
  const name = select.tagName === "SELECT" ? select.selectedOptions[0]?.text : form.dataset.employer;
  const employer = values.employer_id ? { id: values.employer_id, name: name ?? "" } : opened.employer;
  // an answer to an earlier sending may have come meanwhile
  const known = await store.draft(account, opened.draft_id);
  opened = { ...opened, ...(known ? { version: known.version, base: known.base } : {}), values, employer, state, fields: {}, detail: "", changed_at: Date.now() };
  if (values.task_done === undefined) opened.values.task_done = "";
  await store.put(opened);
  const address = new URL(window.location.href);
  if (address.searchParams.get("draft") !== opened.draft_id) {
    address.searchParams.set("draft", opened.draft_id);
    window.history.replaceState(null, "", address);
  }
}

function problems({ detail, fields }) {
  const box = document.querySelector("[data-problems]");
  const list = box.querySelector("ul");
  const told = Object.entries(fields ?? {}).map(([name, text]) => {
    const item = element("li");
    const field = form.elements[name];
    const at = field instanceof RadioNodeList ? field[0] : field;
    item.append(at?.id ? element("a", text, { href: `#${at.id}` }) : text);
    return item;
  });
  list.replaceChildren(...(told.length ? told : [element("li", detail)]));
  box.hidden = false;
  box.focus();
}

function listen() {
  let soon = 0;
  form.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(() => keepTyped("open"), 300);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(soon);
    try {
      await keepTyped("waiting");
    } catch {
      form.submit();  // nothing can be kept here; the server takes it as it is
      return;
    }
    await sync();
    opened = await store.draft(account, opened.draft_id);
    if (opened?.state === "look") problems(opened);
    else window.location.assign("/visits");
  });
}

// ── beginning ──

async function begin() {
  let early = false;  // someone who types before all is ready is heard too
  form?.addEventListener("input", () => { early = true; }, { once: true });
  account ||= await store.current();
  await store.tidy(days);
  if (isShell) {
    const wantsForm = window.location.pathname === "/visits/new";
    document.querySelector("[data-form]").hidden = !wantsForm;
    document.querySelector("[data-start]").hidden = wantsForm;
    document.querySelector("[data-elsewhere]").hidden = wantsForm || window.location.pathname === "/visits";
    if (!account) {
      document.querySelector("[data-nothing]").hidden = false;
      document.querySelector("[data-form]").hidden = true;
      return;
    }
    await fill();
  } else {
    await store.arrive(account);
    await navigator.serviceWorker.register("/visits/worker.js", { scope: "/visits", updateViaCache: "none" });
    navigator.serviceWorker.ready.then((found) => found.active?.postMessage("refresh"));
  }
  if (onForm()) {
    await open();
    listen();
    if (early) await keepTyped("open");
  }
  await render();
  root.querySelector("[data-send]").addEventListener("click", sync);
  window.addEventListener("online", sync);
  window.addEventListener("offline", () => { trouble = words.offline; render(); });
  await sync();
}

async function stop() {
  for (const each of await navigator.serviceWorker.getRegistrations()) if (each.scope.endsWith("/visits")) await each.unregister();
}

if ("serviceWorker" in navigator && window.isSecureContext && navigator.locks && globalThis.indexedDB) await (days ? begin() : stop());
