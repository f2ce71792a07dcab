// "Your recent links on this device": what an anonymous sender can follow and
// delete. Kept are the ids and manage tokens, which open nothing, and what was
// last heard of them.
import { type Created, deleteSecret, Problem, type Receipt, receipt, unlockSecret } from "../api.ts";
import { el } from "../dom.ts";
import { say, shortWhen } from "../say.ts";
import { confirmDelete } from "./confirm.ts";

type Heard = Pick<Receipt, "state" | "expires_at" | "ended_at" | "disputed_at" | "unlocked_at" | "max_views" | "views">;

interface Entry {
  readonly id: string;
  readonly token: string;
  readonly created: string;
  heard?: Heard | null; // null: the service knows it no longer
  at?: number; // when it was heard
}

const key = `recent${document.documentElement.dataset["base"]}`;
const most = 40;
const endedAgain = 60 * 60 * 1000; // after the end only "it wasn't me" can come
const liveAgain = 5 * 1000;

const section = el("recent");
const list = section.querySelector("ul") as HTMLElement;
const rowTemplate = el<HTMLTemplateElement>("recent-row");

let entries: Entry[] = [];
let kept = true; // whether this browser keeps the list
let shown = true;

/** Other tabs write here too, so each change begins with what is there. */
function load(): Entry[] {
  if (!kept) return entries;
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(stored) ? stored.filter(isEntry) : [];
  } catch {
    return entries;
  }
}

function isEntry(e: Partial<Entry> | null): e is Entry {
  return typeof e?.id === "string" && typeof e.token === "string" && typeof e.created === "string";
}

function change(f: (all: Entry[]) => Entry[]): void {
  entries = fit(f(load()));
  try {
    localStorage.setItem(key, JSON.stringify(entries));
  } catch {
    kept = false; // then the list lasts as long as the page
  }
  render();
}

/** Where there are too many, those that are over go first: the others can still be deleted. */
function fit(all: Entry[]): Entry[] {
  let over = all.length - most;
  if (over <= 0) return all;
  const left = [...all].reverse().filter((e) => !(over > 0 && isDone(e) && over-- > 0));
  return left.reverse().slice(0, most);
}

function update(id: string, heard: Heard | null): void {
  change((all) => all.map((e) => (e.id === id ? { ...e, heard, at: Date.now() } : e)));
}

/** Remembers a new secret, first in the list. */
export function addRecent(id: string, token: string, created: Created): void {
  const heard: Heard = { state: "waiting", expires_at: created.expires_at, max_views: created.max_views, views: 0 };
  change((all) => [{ id, token, created: created.created_at, heard, at: Date.now() }, ...all]);
}

/** Deletes a secret by its token. The sentence says what went wrong, null that it worked. */
export async function deleteRecent(id: string, token: string): Promise<string | null> {
  try {
    await deleteSecret(id, token);
  } catch (e) {
    if (!isUnknown(e)) return say("recent.js.delete_failed");
  }
  await look(id, token);
  return null;
}

/** The list stands below the form only. */
export function showRecent(show: boolean): void {
  shown = show;
  render();
  if (show) void refresh();
}

/** A sentence above the list, seen and heard. */
function tell(text: string): void {
  const note = el("recent-note");
  note.hidden = text === "";
  (note.querySelector("span") as HTMLElement).textContent = text;
}

function isUnknown(e: unknown): boolean {
  return e instanceof Problem && e.status === 404;
}

/** Asks what became of a secret. False if nothing was heard. */
async function look(id: string, token: string): Promise<boolean> {
  try {
    const { state, expires_at, ended_at, disputed_at, unlocked_at, max_views, views } = await receipt(id, token);
    update(id, { state, expires_at, ended_at, disputed_at, unlocked_at, max_views, views } as Heard);
    return true;
  } catch (e) {
    if (isUnknown(e)) update(id, null);
    return isUnknown(e);
  }
}

function isDone({ heard }: Entry): boolean {
  return heard === null || heard?.state === "used_up" || heard?.state === "expired" || heard?.state === "deleted";
}

let refreshing = false;

/** Asks one after the other, and no more often than something can have changed. */
async function refresh(): Promise<void> {
  if (refreshing) return;
  refreshing = true;
  for (const entry of entries) {
    if (document.hidden || !shown) break;
    const wait = isDone(entry) ? endedAgain : liveAgain;
    if (entry.heard !== undefined && Date.now() - (entry.at ?? 0) < wait) continue;
    const heard = await look(entry.id, entry.token);
    tell(heard ? "" : say("recent.js.offline"));
    if (!heard) break;
  }
  refreshing = false;
}

/** Draws the list. The focus stays in its row, whose buttons may be others now. */
function render(): void {
  section.hidden = !shown || entries.length === 0;
  if (section.hidden) return;
  const [, id] = (document.activeElement as HTMLElement | null)?.dataset["of"]?.split(" ") ?? [];
  list.replaceChildren(...entries.map(row));
  if (id) focusRow(id);
}

function focusRow(id: string): void {
  (list.querySelector<HTMLElement>(`[data-of$=" ${id}"]`) ?? el("secret")).focus();
}

function row(entry: Entry): HTMLElement {
  const li = (rowTemplate.content.cloneNode(true) as DocumentFragment).querySelector("li") as HTMLElement;
  const [icon, text] = describe(entry);
  li.querySelector("use")?.setAttribute("href", `#i-${icon}`);
  const created = say("recent.js.created", { at: shortWhen(new Date(entry.created)) });
  (li.querySelector("span") as HTMLElement).textContent = text === "" ? created : `${created} ${text}`;
  if (entry.heard?.state === "locked" && !entry.heard.unlocked_at) li.append(button(entry, "unlock", "key", unlock));
  if (isDone(entry)) li.append(button(entry, "forget", "close", forget));
  else li.append(button(entry, "delete", "bin", askToDelete));
  return li;
}

function describe({ heard }: Entry): [icon: string, text: string] {
  if (heard === null) return ["close", say("recent.js.unknown")];
  if (!heard) return ["clock", ""];
  if (heard.disputed_at) return ["alert", say("recent.js.disputed")];
  const values = {
    views: heard.views,
    max: heard.max_views ?? 0,
    until: shortWhen(new Date(heard.expires_at)),
    at: shortWhen(new Date(heard.ended_at ?? heard.expires_at)),
  };
  switch (heard.state) {
    case "waiting":
      return ["sealed", say("recent.js.waiting", values)];
    case "opened":
      return ["opened", say(heard.max_views === null ? "recent.js.opened_unlimited" : "recent.js.opened", values)];
    case "used_up":
      return ["spent", say(heard.max_views === 1 ? "recent.js.used_up" : "recent.js.used_up_all", values)];
    case "expired":
      return ["clock", say(heard.views === 0 ? "recent.js.expired" : "recent.js.expired_opened", values)];
    case "deleted":
      return ["bin", say("recent.js.deleted", values)];
    default:
      return ["alert", say("recent.js.locked")];
  }
}

type Act = "unlock" | "forget" | "delete";

function button(entry: Entry, act: Act, icon: string, run: (entry: Entry) => unknown): HTMLElement {
  const b = document.createElement("button");
  b.type = "button";
  b.className = "btn btn-quiet";
  b.dataset["of"] = `${act} ${entry.id}`;
  b.setAttribute("aria-label", say(`recent.js.${act}_of`, { at: shortWhen(new Date(entry.created)) }));
  const picture = rowTemplate.content.querySelector("svg")?.cloneNode(true) as SVGElement;
  picture.querySelector("use")?.setAttribute("href", `#i-${icon}`);
  b.append(picture, say(`recent.js.${act}`));
  b.addEventListener("click", () => run(entry));
  return b;
}

async function askToDelete({ id, token }: Entry): Promise<void> {
  const deleted = await confirmDelete(() => deleteRecent(id, token));
  if (deleted) tell(say("recent.js.deleted_now"));
  focusRow(id);
}

function forget({ id }: Entry): void {
  change((all) => all.filter((e) => e.id !== id));
  (list.querySelector("button") ?? el("secret")).focus();
}

async function unlock({ id, token }: Entry): Promise<void> {
  let said = say("recent.js.unlocked_now");
  try {
    await unlockSecret(id, token);
  } catch {
    said = say("recent.js.unlock_failed");
  }
  await look(id, token);
  tell(said);
}

export function setUpRecent(): void {
  entries = load();
  showRecent(true);
  document.addEventListener("visibilitychange", () => void refresh());
  setInterval(() => void refresh(), 60_000);
  addEventListener("storage", (e) => {
    if (e.key !== key && e.key !== null) return;
    entries = load();
    render();
  });
}
