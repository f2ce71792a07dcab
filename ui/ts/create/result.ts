// The result: the link, and ways to hand it over.
import { type Created } from "../api.ts";
import { copies } from "../clipboard.ts";
import { el, showSection, showWhen, soon } from "../dom.ts";
import type { Sealed } from "../envelope/envelope.ts";
import { late } from "../late.ts";
import { reveal, site } from "../page.ts";
import { often, plainWhen, put, say, when } from "../say.ts";
import { confirmDelete } from "./confirm.ts";
import { outcome } from "./form.ts";
import { deleteRecent, showRecent } from "./recent.ts";

interface Result {
  readonly id: string;
  readonly link: string;
  readonly message: string;
}

const link = el<HTMLInputElement>("link");
const password = el<HTMLInputElement>("result-password");

let result: Result | null = null;
let taken = false;

/** Whether a link is shown that was not copied, and would be lost. */
export function hasLink(): boolean {
  return result !== null && !taken;
}

export function showResult(sealed: Sealed, created: Created, secretPassword: string): void {
  const locked = secretPassword !== "";
  const until = new Date(created.expires_at);
  const address = `${site}/s/${sealed.id}#${sealed.fragment}`;
  const message = say(locked ? "result.js.message_locked" : "result.js.message", { link: address, sentence: limits(created, plainWhen(until)) });
  result = { id: sealed.id, link: address, message };
  taken = false;
  put(el("result-sentence"), outcome(created.max_views, locked, when(until)));
  showWhen(el("result"), locked ? "password" : "open");
  link.value = address;
  password.value = secretPassword;
  reveal(el("result").querySelector("[data-reveals]") as HTMLElement, password, false);
  el<HTMLAnchorElement>("mail").href = `mailto:?subject=${encodeURIComponent(say("result.js.subject"))}&body=${encodeURIComponent(message)}`;
  el("language").hidden = true;
  el("sealed").classList.add("letter-new");
  showRecent(false);
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

function clearResult(): void {
  result = null;
  link.value = "";
  password.value = "";
  el<HTMLAnchorElement>("mail").removeAttribute("href");
  el("qr").replaceChildren();
}

async function deleteNow(): Promise<void> {
  const id = result?.id;
  if (id === undefined || !(await confirmDelete(() => deleteRecent(id)))) return;
  clearResult();
  showSection("withdrawn");
}

export function setUpResult(): void {
  const take = () => (taken = true);
  copies(el("copy-link"), () => result?.link ?? "", link);
  copies(el("copy-message"), () => result?.message ?? "");
  copies(el("copy-password"), () => password.value, password);
  for (const id of ["copy-link", "copy-message", "mail"]) el(id).addEventListener("click", take);
  link.addEventListener("copy", take);
  link.addEventListener("focus", () => link.select());
  el("delete").addEventListener("click", deleteNow);
  for (const button of document.querySelectorAll("[data-again]")) button.addEventListener("click", clearResult);
}
