// What a reader is told before anything is used up.
import type { Seen } from "../api.ts";
import { el } from "../dom.ts";
import { often, put, say, size, when } from "../say.ts";

const allTries = 10;

/** Shows what the service says about a secret. */
export function showSeen(seen: Seen): void {
  const { max_views: max, views_left: left } = seen;
  const until = when(new Date(seen.expires_at));
  el("what").textContent = say("open.js.text", { size: size(seen.size) });
  put(el("how-long"), say(`open.js.${limitKey(max, left)}`, { n: left ?? 0, until }));
  const before = max !== null && left !== null ? max - left : 0;
  const viewed = el("viewed");
  viewed.hidden = before === 0;
  (viewed.querySelector("span") as HTMLElement).textContent = say("open.js.viewed", { n: before });
  el("once").hidden = left !== 1;
  showTries(seen.tries_left ?? null);
}

function limitKey(max: number | null, left: number | null): string {
  return max !== left && left !== null ? "left" : often(max);
}

/** A view that was begun is not looked up again: it is what it was. */
export function showAgain(): void {
  el("what").textContent = say("open.js.again");
  el("how-long").textContent = "";
  el("viewed").hidden = true;
  el("once").hidden = false;
  showTries(null);
}

/** How many passwords may still be wrong, once one was. */
export function showTries(left: number | null): void {
  el("tries").textContent = left === null || left >= allTries ? "" : say("open.js.tries", { n: left });
}
