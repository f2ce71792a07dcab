// The public page: a secret goes in, a link comes out.
import { createSecret, deleteSecret, Problem, Unreachable } from "./api.ts";
import { clearForm, holdForm, isFilled, type Order, setUpForm } from "./create/form.ts";
import { addRecent, setUpRecent, showRecent } from "./create/recent.ts";
import { clearResult, hasLink, setUpResult, showResult } from "./create/result.ts";
import { el, setError, setLabel, showSection, showWhen, soon } from "./dom.ts";
import { toBase64url, randomBytes, sha256 } from "./envelope/encoding.ts";
import { type Sealed, seal } from "./envelope/envelope.ts";
import { derive } from "./kdf.ts";
import { unable } from "./page.ts";
import { say } from "./say.ts";

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

async function create(order: Order): Promise<void> {
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
    showResult({ sealed: call.sealed, token: call.token, created, order });
    soon(() => {
      addRecent(call.sealed.id, call.token, created);
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
  return a.text === b.text && a.password === b.password && a.until === b.until && a.intent.maxViews === b.intent.maxViews;
}

async function newCall(order: Order): Promise<Call> {
  const token = randomBytes(32);
  const [sealed, manageHash] = await Promise.all([
    seal(order.text, order.password, order.intent, Math.floor(Date.now() / 1000), derive),
    sha256(token),
  ]);
  const body = {
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
  return say(e.status >= 500 ? "create.js.failed" : "create.js.refused");
}

/** Leaving would lose a text that is not sealed, or a link that nobody has yet. */
function askBeforeLeaving(e: BeforeUnloadEvent): void {
  if (isFilled() || hasLink()) e.preventDefault();
}

function startAgain(): void {
  if (hasLink() && !confirm(say("result.js.lose"))) return;
  clearResult();
  clearForm();
  el("language").hidden = false;
  showSection("create", false);
  showRecent(true);
  el("secret").focus();
}

function start(): void {
  const reason = unable();
  if (reason) {
    showWhen(el("unable"), reason);
    showSection("unable");
    return;
  }
  setUpForm(create);
  setUpResult();
  setUpRecent();
  for (const button of document.querySelectorAll("[data-again]")) button.addEventListener("click", startAgain);
  addEventListener("beforeunload", askBeforeLeaving);
  showSection("create", false);
  el("secret").focus();
}

start();
