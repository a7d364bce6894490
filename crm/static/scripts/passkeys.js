// Passkeys: the browser's own dialog; what it answers goes to the server as it is.

const token = document.querySelector('meta[name="form-token"]').content;
const headers = { "content-type": "application/json", accept: "application/json", "x-csrf-token": token };

async function ask(url, body) {
  const answer = await fetch(url, { method: "POST", headers, body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(JSON.parse(text).detail);
  return text;
}

function tell(problem) {
  const notices = document.getElementById("notices");
  const box = document.createElement("div");
  box.className = "usa-alert usa-alert--error usa-alert--slim";
  box.setAttribute("role", "alert");
  box.innerHTML = '<div class="usa-alert__body"><p class="usa-alert__text"></p></div>';
  box.querySelector("p").textContent = problem.message;
  notices.replaceChildren(box);
}

async function signIn() {
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(await ask("/sign-in/passkey/options", "{}")));
  const credential = await navigator.credentials.get({ publicKey: options });
  const onward = encodeURIComponent(document.querySelector('main input[name="next"]')?.value ?? "");
  const done = JSON.parse(await ask(`/sign-in/passkey?next=${onward}`, JSON.stringify(credential.toJSON())));
  window.location.assign(done.next);
}

async function add() {
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(await ask("/account/passkeys/options", "{}")));
  const credential = await navigator.credentials.create({ publicKey: options });
  const device = encodeURIComponent(navigator.userAgentData?.platform ?? navigator.platform ?? "");
  const done = JSON.parse(await ask(`/account/passkeys?name=${device}`, JSON.stringify(credential.toJSON())));
  window.location.assign(done.next);
}

for (const [name, act] of [["data-passkey-sign-in", signIn], ["data-passkey-add", add]]) {
  const button = document.querySelector(`[${name}]`);
  if (button && window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    button.hidden = false;
    button.addEventListener("click", () => act().catch((problem) => { if (problem.name !== "NotAllowedError") tell(problem); }));
  }
}
