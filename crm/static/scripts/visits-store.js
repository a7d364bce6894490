// What this device keeps of visits, by account: drafts, and for some days the names that the form offers. IndexedDB; without it, nothing.

const NAME = "crm-visits";
const DAY = 86_400_000;
const UNSENT = new Set(["open", "waiting", "look", "choose"]);

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function database() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("drafts", { keyPath: ["account", "draft_id"] });
    request.result.createObjectStore("kept", { keyPath: "account" });
    request.result.createObjectStore("device");
  };
  return done(request);
}

// `work` runs in one transaction over all that is kept.
async function within(work) {
  const open = await database();
  try {
    const transaction = open.transaction(["drafts", "kept", "device"], "readwrite");
    const ended = new Promise((resolve, reject) => { transaction.oncomplete = resolve; transaction.onabort = () => reject(transaction.error); });
    const found = await work((name) => transaction.objectStore(name));
    await ended;
    return found;
  } finally {
    open.close();
  }
}

// True where a person has used the form on this device: other pages make no database of their own.
export async function inUse() {
  return Boolean(globalThis.indexedDB?.databases) && (await indexedDB.databases()).some((each) => each.name === NAME);
}

// Whose drafts are shown while no one can be asked: the last who was here.
export const current = () => within((of) => done(of("device").get("account")));
export const arrive = (account) => within((of) => done(of("device").put(account, "account")));

export const draft = (account, id) => within((of) => done(of("drafts").get([account, id])));
export const drafts = (account) => within((of) => done(of("drafts").getAll(IDBKeyRange.bound([account], [account, []]))));
export const put = (each) => within((of) => done(of("drafts").put(each)));
export const remove = (each) => within((of) => done(of("drafts").delete([each.account, each.draft_id])));

export const kept = (account) => within((of) => done(of("kept").get(account)));

// The newest lists, and the employers that were opened here within the days.
export const keep = (account, data) => within(async (of) => {
  const before = await done(of("kept").get(account));
  const now = Date.now();
  const fresh = data.employers.map((each) => ({ ...each, kept_at: now }));
  const known = new Set(fresh.map((each) => each.id));
  const earlier = (before?.employers ?? []).filter((each) => !known.has(each.id) && now - each.kept_at < data.days * DAY);
  await done(of("kept").put({ account, at: now, due: data.due, employers: [...fresh, ...earlier].slice(0, 60) }));
});

// What has served its days goes, whoever's it is. What was not sent stays.
export const tidy = (days) => within(async (of) => {
  const oldest = Date.now() - days * DAY;
  for (const each of await done(of("kept").getAll())) if (each.at < oldest) of("kept").delete(each.account);
  for (const each of await done(of("drafts").getAll())) {
    if (!UNSENT.has(each.state) && each.changed_at < oldest) of("drafts").delete([each.account, each.draft_id]);
  }
});

// Before someone signs out: how many visits would be lost, of this account and of others.
export const unsent = (account) => within(async (of) => {
  const all = (await done(of("drafts").getAll())).filter((each) => UNSENT.has(each.state));
  return { mine: all.filter((each) => each.account === account).length, others: all.filter((each) => each.account !== account).length };
});

// All that is kept of an account.
export const wipe = (account) => within(async (of) => {
  of("kept").delete(account);
  of("drafts").delete(IDBKeyRange.bound([account], [account, []]));
  if ((await done(of("device").get("account"))) === account) of("device").delete("account");
});
