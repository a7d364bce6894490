// Drag a card to another stage. The same move is on each card as "Move to…", for keyboard, touch and screen readers.

let board = document.querySelector(".board");
const token = document.querySelector('meta[name="form-token"]').content;

async function move(card, list, from, place) {
  const body = new URLSearchParams({ stage_id: list.dataset.stage, version: card.dataset.version, _token: token });
  if (!["open", "done"].includes(list.dataset.kind)) {
    // A pause or a no needs its reason: put the card back and open its menu.
    from.insertBefore(card, from.children[place] ?? null);
    const menu = card.querySelector("details");
    if (!menu.querySelector("form")) {
      await htmx.ajax("GET", `/engagements/${card.dataset.engagement}/move`, { target: menu.querySelector("li"), source: menu });
    }
    menu.open = true;
    menu.querySelector('select[name="stage_id"]').value = list.dataset.stage;
    menu.querySelector('select[name="reason"]').focus();
    return;
  }
  card.classList.add("is-moving");
  const answer = await fetch(`/engagements/${card.dataset.engagement}/move`, {
    method: "POST", body, headers: { "hx-request": "true", "hx-target": card.id, "x-csrf-token": token },
  }).catch(() => null);
  const text = answer ? await answer.text() : "";
  if (!answer?.ok) {
    from.insertBefore(card, from.children[place] ?? null);
    card.classList.remove("is-moving");
    if (text) document.getElementById("notices").innerHTML = text;
    return;
  }
  place_card(card, text);
  count(from, -1);
  count(list, 1);
}

function place_card(card, text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const fresh = page.querySelector(".board-card");
  const said = page.getElementById("notices");
  card.replaceWith(fresh);
  fresh.classList.add("is-moved");
  htmx.process(fresh);
  if (said) document.getElementById("notices").innerHTML = said.innerHTML;
}

function count(list, by) {
  const mark = list.closest(".board__column").querySelector("[data-count]");
  const number = Number(mark.textContent.replace(/\D/g, ""));
  if (!Number.isNaN(number)) mark.textContent = String(Math.max(0, number + by));
}

function start() {
  board = document.querySelector(".board");
  if (board?.dataset.mayMove !== "true" || board.dataset.started) return;
  board.dataset.started = "true";
  for (const list of board.querySelectorAll(".board__cards")) {
    Sortable.create(list, {
      group: "stages", draggable: ".board-card", filter: "a, button, select, summary, input, details", preventOnFilter: false, delay: 150, delayOnTouchOnly: true, forceFallback: false,
      onEnd: (event) => { if (event.from !== event.to) move(event.item, event.to, event.from, event.oldIndex); },
    });
  }
}

// A move by the menu: the card comes back by htmx and goes to its column. Other filters: the columns come anew.
document.body.addEventListener("htmx:afterSwap", () => {
  start();
  if (board?.dataset.mayMove !== "true") return;
  for (const card of board.querySelectorAll(".board-card")) {
    const wanted = card.dataset.at;
    const list = card.closest(".board__cards");
    if (wanted && list && wanted !== list.dataset.stage && !card.querySelector("details[open]")) {
      const target = board.querySelector(`.board__cards[data-stage="${wanted}"]`);
      count(list, -1);
      count(target, 1);
      target.prepend(card);
      card.classList.add("is-moved");
      card.querySelector("summary")?.focus();
    }
  }
});
start();
