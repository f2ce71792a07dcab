// Dead ends: what happened, when, and at most one next step.
import { Problem, sendFeedback, Unreachable } from "../api.ts";
import { el, showSection } from "../dom.ts";
import { EnvelopeError } from "../envelope/problem.ts";
import { type Link, linkProof } from "../envelope/link.ts";
import { put, say, type Values, when } from "../say.ts";

export type End =
  | "used_up" | "expired" | "deleted" | "locked" | "closed"
  | "missing" | "damaged" | "newer" | "weak" | "forged" | "unknown"
  | "sign_in" | "members" | "policy"
  | "offline" | "busy" | "failed" | "cleared";

interface Details {
  readonly link?: Link; // for ends that ask "Was that you?"
  readonly spent?: boolean; // a view was asked for, and may be used up
  readonly at?: Date | null;
  readonly seconds?: number;
  readonly again?: () => void; // for ends that may pass
  readonly from?: string; // who sent it, where that is known
  readonly values?: Values;
}

/** Shows an end. */
export function showEnd(end: End, { link, spent, at, seconds, again, from = "", values: more }: Details = {}): void {
  const values: Values = { at: when(at ?? new Date()), n: seconds ?? 0, ...more };
  put(el("ended-title"), say(`ended.js.${end}`, values));
  const unspent = mayPass(end) || isOfLink(end) ? !spent : false;
  el("ended-lead").textContent = [mayPass(end) ? "" : say(`ended.js.${end}_lead`, values), from, unspent ? say("ended.js.unspent") : ""].filter(Boolean).join(" ");
  el("ended-line").textContent = say(`ended.js.${end}_line`, values);
  showQuestion(end === "used_up" || end === "closed" ? link : undefined);
  showAgain(again);
  el("sign-in").hidden = true;
  // What only waits for its reader is not broken.
  el("ended-seal").firstElementChild?.setAttribute("href", `#i-${end === "sign_in" || end === "members" ? "seal" : "seal-broken"}`);
  showSection("ended");
}

/** The end that an error means. What is no error of ours is a failure of this page. */
export function endOf(e: unknown): End {
  if (e instanceof Unreachable) return "offline";
  if (e instanceof EnvelopeError) return e.problem === "missing" || e.problem === "newer" || e.problem === "weak" ? e.problem : "damaged";
  if (!(e instanceof Problem)) return "failed";
  switch (e.status) {
    case 404:
      return "unknown";
    case 410:
      return e.reason === "expired" || e.reason === "deleted" || e.reason === "locked" ? e.reason : e.reason === "view_closed" ? "closed" : "used_up";
    case 429:
      return "busy";
  }
  return "failed";
}

/** Whether it is the link that cannot be worked with. */
function isOfLink(end: End): boolean {
  return end === "missing" || end === "damaged" || end === "newer" || end === "weak";
}

/** Whether trying again may help. */
export function mayPass(end: End): boolean {
  return end === "offline" || end === "busy" || end === "failed";
}

function showQuestion(link: Link | undefined): void {
  const question = el<HTMLFormElement>("question");
  question.hidden = link === undefined;
  el("answered").hidden = true;
  question.onsubmit = (e) => {
    e.preventDefault();
    if (link) void answer(link, (e.submitter as HTMLButtonElement).value === "yes");
  };
}

async function answer(link: Link, mine: boolean): Promise<void> {
  const answered = el("answered");
  const buttons = el("question").querySelectorAll("button");
  const setBusy = (busy: boolean) => buttons.forEach((b) => (b.disabled = busy));
  answered.hidden = false;
  answered.textContent = say("ended.js.saying");
  setBusy(true);
  try {
    await sendFeedback(link.id, await linkProof(link), mine);
  } catch {
    answered.textContent = say("ended.js.said_failed");
    return;
  } finally {
    setBusy(false);
  }
  el("question").hidden = true;
  answered.textContent = say(mine ? "ended.js.said_yes" : "ended.js.said_no");
  answered.focus();
}

function showAgain(again: (() => void) | undefined): void {
  el("again").hidden = again === undefined;
  (el("again").querySelector("button") as HTMLButtonElement).onclick = again ?? null;
}
