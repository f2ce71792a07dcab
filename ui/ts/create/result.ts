// The result: the link, and ways to hand it over.
import { type Created } from "../api.ts";
import { copies } from "../clipboard.ts";
import { el, setError, showSection, showWhen, soon } from "../dom.ts";
import type { Sealed } from "../envelope/envelope.ts";
import { late } from "../late.ts";
import { reveal, site } from "../page.ts";
import { often, plainWhen, put, say, when } from "../say.ts";
import { confirmDelete } from "./confirm.ts";
import { type Order, outcome, sentences } from "./form.ts";
import type { Keep } from "./page.ts";

/** What the result page is made of. */
interface Made {
  readonly sealed: Sealed;
  readonly token: string;
  readonly created: Created;
  readonly order: Order;
}

interface Result {
  readonly id: string;
  readonly token: string;
  readonly link: string;
  readonly message: string;
  linkTaken: boolean;
  passwordTaken: boolean; // a suggested one nobody else has
}

const link = el<HTMLInputElement>("link");
const password = el<HTMLInputElement>("result-password");
const reveals = el("result").querySelector("[data-reveals]") as HTMLElement;

let result: Result | null = null;

/** Whether something is shown that was not taken along, and would be lost. */
export function hasLink(): boolean {
  return result !== null && !(result.linkTaken && result.passwordTaken);
}

export function showResult({ sealed, token, created, order }: Made): void {
  const locked = order.password !== "";
  const until = new Date(created.expires_at);
  const address = `${site}/s/${sealed.id}#${sealed.fragment}`;
  const sentence = sentences(limits(created, plainWhen(until)), order.who);
  const message = say(locked ? "result.js.message_locked" : "result.js.message", { link: address, sentence });
  result = { id: sealed.id, token, link: address, message, linkTaken: false, passwordTaken: !locked || !order.suggested };
  put(el("result-sentence"), sentences(outcome(created.max_views, locked, when(until)), order.who));
  showWhen(el("result"), locked ? "password" : "open");
  link.value = address;
  el("printed").textContent = address;
  password.value = order.password;
  reveal(reveals, password, false);
  setError("copy-problem", "");
  el<HTMLAnchorElement>("mail").href = `mailto:?subject=${encodeURIComponent(say("result.js.subject"))}&body=${encodeURIComponent(message)}`;
  el("language").hidden = true;
  el("sealed").classList.add("letter-new");
  showSection("result");
  soon(() => showQr(address));
}

/** What whoever gets the message should know. */
function limits({ max_views: n }: Created, until: string): string {
  return say(`result.js.sentence_${often(n)}`, { n: n ?? 0, until });
}

/** The link is complete without the picture, so one that cannot be fetched is left out. */
async function showQr(address: string): Promise<void> {
  const place = el("qr");
  place.replaceChildren();
  try {
    const { drawQr } = await late("qr");
    if (result?.link === address) place.replaceChildren(drawQr(address, place.dataset["label"] ?? ""));
  } catch {
    place.replaceChildren();
  }
}

/** Lets go of the link and the password. */
export function clearResult(): void {
  result = null;
  link.value = "";
  password.value = "";
  el("printed").textContent = "";
  el<HTMLAnchorElement>("mail").removeAttribute("href");
  el("qr").replaceChildren();
}

async function deleteNow(keep: Keep): Promise<void> {
  if (!result) return;
  const { id, token } = result;
  if (!(await confirmDelete(() => keep.remove(id, token)))) return;
  clearResult();
  showSection("withdrawn");
}

export function setUpResult(keep: Keep): void {
  const takeLink = () => {
    if (result) result.linkTaken = true;
  };
  const takePassword = () => {
    if (result) result.passwordTaken = true;
  };
  const selectLink = () => link.select();
  copies(el("copy-link"), { text: () => result?.link ?? "", done: takeLink, select: selectLink });
  copies(el("copy-message"), { text: () => result?.message ?? "", done: takeLink, select: selectLink });
  copies(el("copy-password"), {
    text: () => password.value,
    done: takePassword,
    select: () => {
      reveal(reveals, password, true);
      password.select();
    },
  });
  el("mail").addEventListener("click", takeLink);
  link.addEventListener("copy", takeLink);
  link.addEventListener("focus", selectLink);
  password.addEventListener("copy", takePassword);
  reveals.addEventListener("click", takePassword);
  el("delete").addEventListener("click", () => void deleteNow(keep));
}
