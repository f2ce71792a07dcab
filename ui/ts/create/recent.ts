// "Your recent links on this device": what an anonymous sender can follow and
// delete. Kept are the ids and manage tokens, which open nothing, and what was
// last heard of them.
import { type Created, deleteSecret, Problem, type Receipt, receipt, unlockSecret } from "../api.ts";
import { announce, el } from "../dom.ts";
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
const most = 20;
const endedAgain = 60 * 60 * 1000; // after the end only "it wasn't me" can come
const liveAgain = 5 * 1000;

const section = el("recent");
const list = section.querySelector("ul") as HTMLElement;
const rowTemplate = el<HTMLTemplateElement>("recent-row");

let entries: Entry[] = [];
let unreachable = false;
let shown = true;

/** Other tabs write here too, so each change begins with what is there. */
function load(): Entry[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(stored) ? stored.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(e: Partial<Entry> | null): e is Entry {
  return typeof e?.id === "string" && typeof e.token === "string" && typeof e.created === "string";
}

function change(f: (all: Entry[]) => Entry[]): void {
  entries = f(load()).slice(0, most);
  try {
    localStorage.setItem(key, JSON.stringify(entries));
  } catch {
    // Without storage the list lasts as long as the page.
  }
  render();
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
export async function deleteRecent(id: string): Promise<string | null> {
  const entry = entries.find((e) => e.id === id);
  if (!entry) return say("recent.js.delete_failed");
  try {
    await deleteSecret(id, entry.token);
  } catch (e) {
    if (!isUnknown(e)) return say("recent.js.delete_failed");
  }
  announce(say("recent.js.deleted_now"));
  await look(entry);
  return null;
}

/** The list stands below the form only. */
export function showRecent(show: boolean): void {
  shown = show;
  render();
  if (show) void refresh();
}

function isUnknown(e: unknown): boolean {
  return e instanceof Problem && e.status === 404;
}

async function look(entry: Entry): Promise<void> {
  try {
    const { state, expires_at, ended_at, disputed_at, unlocked_at, max_views, views } = await receipt(entry.id, entry.token);
    const heard = { state, expires_at, ended_at, disputed_at, unlocked_at, max_views, views } as Heard;
    unreachable = false;
    update(entry.id, heard);
  } catch (e) {
    if (isUnknown(e)) return update(entry.id, null);
    unreachable = true;
    render();
  }
}

function isOver(heard: Heard): boolean {
  return heard.state === "used_up" || heard.state === "expired" || heard.state === "deleted";
}

/** Asks one after the other, and no more often than something can have changed. */
async function refresh(): Promise<void> {
  for (const entry of entries) {
    if (document.hidden || !shown) return;
    const wait = entry.heard && !isOver(entry.heard) ? liveAgain : endedAgain;
    if (entry.heard === undefined || Date.now() - (entry.at ?? 0) > wait) await look(entry);
    if (unreachable) return;
  }
}

function render(): void {
  section.hidden = !shown || entries.length === 0;
  if (section.hidden) return;
  const focused = (document.activeElement as HTMLElement | null)?.dataset["of"];
  list.replaceChildren(...entries.map(row));
  if (focused) list.querySelector<HTMLElement>(`[data-of="${focused}"]`)?.focus();
}

function row(entry: Entry): HTMLElement {
  const li = (rowTemplate.content.cloneNode(true) as DocumentFragment).querySelector("li") as HTMLElement;
  const [icon, text] = describe(entry);
  li.querySelector("use")?.setAttribute("href", `#i-${icon}`);
  (li.querySelector("span") as HTMLElement).textContent = text;
  const { heard } = entry;
  if (heard?.state === "locked" && !heard.unlocked_at) li.append(button(entry, "unlock", "key", unlock));
  if (heard && isOver(heard) || heard === null) li.append(button(entry, "forget", "close", forget));
  else li.append(button(entry, "delete", "bin", askToDelete));
  return li;
}

function describe(entry: Entry): [icon: string, text: string] {
  const { heard } = entry;
  const created = shortWhen(new Date(entry.created));
  if (heard === null) return ["close", say("recent.js.unknown", { at: created })];
  if (unreachable) return ["alert", say("recent.js.offline", { at: created })];
  if (!heard) return ["clock", say("recent.js.looking", { at: created })];
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
  b.dataset["of"] = `${act}-${entry.id}`;
  b.setAttribute("aria-label", say(`recent.js.${act}_of`, { at: shortWhen(new Date(entry.created)) }));
  const picture = rowTemplate.content.querySelector("svg")?.cloneNode(true) as SVGElement;
  picture.querySelector("use")?.setAttribute("href", `#i-${icon}`);
  b.append(picture, say(`recent.js.${act}`));
  b.addEventListener("click", () => run(entry));
  return b;
}

function askToDelete(entry: Entry): Promise<boolean> {
  return confirmDelete(() => deleteRecent(entry.id));
}

function forget(entry: Entry): void {
  change((all) => all.filter((e) => e.id !== entry.id));
  (list.querySelector("button") ?? el("secret")).focus();
}

async function unlock(entry: Entry): Promise<void> {
  try {
    await unlockSecret(entry.id, entry.token);
    announce(say("recent.js.unlocked_now"));
  } catch {
    announce(say("recent.js.unlock_failed"));
  }
  await look(entry);
}

export function setUpRecent(): void {
  entries = load();
  showRecent(true);
  document.addEventListener("visibilitychange", () => void refresh());
  setInterval(() => void refresh(), 60_000);
  addEventListener("storage", (e) => {
    if (e.key !== key) return;
    entries = load();
    render();
  });
}
