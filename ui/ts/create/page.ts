// The create page: a secret goes in, a link comes out.
import { type Created, createSecret, deleteSecret, Problem, Unreachable } from "../api.ts";
import { el, setError, setLabel, showSection, showWhen, soon } from "../dom.ts";
import { toBase64url, randomBytes, sha256 } from "../envelope/encoding.ts";
import { type Sealed, seal } from "../envelope/envelope.ts";
import { derive } from "../kdf.ts";
import { unable } from "../page.ts";
import { say } from "../say.ts";
import { type Addition, clearForm, holdForm, isFilled, type Order, setUpForm } from "./form.ts";
import { clearResult, hasLink, setUpResult, showResult } from "./result.ts";

/** Who shares here: what they add to an order, and how they find again what they shared. */
export interface Sender {
  readonly addition?: () => Addition;
  readonly keep: Keep;
}

/** Where a sender's links are kept. */
export interface Keep {
  add(id: string, token: string, created: Created): void;
  /** Deletes a secret. The sentence says what went wrong, null that it worked. */
  remove(id: string, token: string): Promise<string | null>;
  /** The list, if there is one, stands below the form only. */
  show(shown: boolean): void;
}

/** A create call that was begun. The same order again, soon, is the same call. */
interface Call {
  readonly order: Order;
  readonly sealed: Sealed;
  readonly token: string;
  readonly body: object;
  readonly begun: number;
}

const sameCallFor = 2 * 60_000; // later its times would be stale
const slowAfter = 6_000;

let unanswered: Call | null = null;

const submit = el<HTMLButtonElement>("submit");
const submitLabel = submit.textContent ?? "";

async function create({ keep }: Sender, order: Order): Promise<void> {
  if (submit.ariaBusy === "true") return;
  setBusy(true);
  setError("problem", "");
  const slow = setTimeout(() => setError("problem", say("create.js.slow")), slowAfter);
  try {
    const call = await callFor(order);
    unanswered = call;
    const created = await createSecret(call.body);
    unanswered = null;
    setError("problem", "");
    keep.show(false);
    showResult({ sealed: call.sealed, token: call.token, created, order });
    soon(() => {
      keep.add(call.sealed.id, call.token, created);
      clearForm();
    });
  } catch (e) {
    if (!mayHaveArrived(e)) unanswered = null;
    setError("problem", sentenceFor(e));
    soon(() => submit.focus());
  } finally {
    clearTimeout(slow);
    setBusy(false);
  }
}

function setBusy(busy: boolean): void {
  submit.ariaBusy = String(busy);
  setLabel(submit, busy ? say("create.js.sealing") : submitLabel);
  holdForm(busy);
}

function mayHaveArrived(e: unknown): boolean {
  return e instanceof Unreachable || (e instanceof Problem && e.status >= 500 && e.status !== 507);
}

/** The call that has no answer yet, if it was for the same order; a key seals once, so anything else is a new one. */
async function callFor(order: Order): Promise<Call> {
  const before = unanswered;
  if (before) {
    if (same(before.order, order) && Date.now() - before.begun < sameCallFor) return before;
    // It may have arrived after all. Nobody has its link; it should not stay.
    deleteSecret(before.sealed.id, before.token).catch(() => {});
    unanswered = null;
  }
  return newCall(order);
}

function same(a: Order, b: Order): boolean {
  return a.text === b.text && a.password === b.password && a.until === b.until && a.intent.maxViews === b.intent.maxViews && JSON.stringify(a.fields) === JSON.stringify(b.fields);
}

async function newCall(order: Order): Promise<Call> {
  const token = randomBytes(32);
  const [sealed, manageHash] = await Promise.all([
    seal(order.text, order.password, order.intent, Math.floor(Date.now() / 1000), derive),
    sha256(token),
  ]);
  const body = {
    ...order.fields,
    header: toBase64url(sealed.header),
    commit: toBase64url(sealed.commit),
    link_hash: toBase64url(sealed.linkHash),
    access_hash: toBase64url(sealed.accessHash),
    manage_hash: toBase64url(manageHash),
    content: toBase64url(sealed.content),
    expires_in: order.intent.expiresIn,
    max_views: order.intent.maxViews,
  };
  return { order, sealed, token: toBase64url(token), body, begun: Date.now() };
}

function sentenceFor(e: unknown): string {
  if (e instanceof Unreachable) return say("create.js.offline");
  if (!(e instanceof Problem)) return say("create.js.seal_failed");
  if (e.status === 429) return say("create.js.busy", { n: e.retryAfter });
  if (e.status === 507) return say("create.js.full");
  if (e.status === 401) return say("create.js.signed_out");
  if (e.ruled) return say("create.js.policy");
  return say(e.status >= 500 ? "create.js.failed" : "create.js.refused");
}

/** Leaving would lose a text that is not sealed, or a link that nobody has yet. */
function askBeforeLeaving(e: BeforeUnloadEvent): void {
  if (isFilled() || hasLink()) e.preventDefault();
}

function startAgain(keep: Keep): void {
  if (hasLink() && !confirm(say("result.js.lose"))) return;
  clearResult();
  clearForm();
  el("language").hidden = false;
  showSection("create", false);
  keep.show(true);
  el("secret").focus();
}

/** Begins the page. False if this browser cannot do it. */
export function start(sender: Sender): boolean {
  const reason = unable();
  if (reason) {
    showWhen(el("unable"), reason);
    showSection("unable");
    return false;
  }
  setUpForm((order) => create(sender, order), sender.addition);
  setUpResult(sender.keep);
  for (const button of document.querySelectorAll("[data-again]")) button.addEventListener("click", () => startAgain(sender.keep));
  addEventListener("beforeunload", askBeforeLeaving);
  showSection("create", false);
  el("secret").focus();
  return true;
}
