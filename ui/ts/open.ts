// The opening page. Loading it changes nothing; a view is counted when a person
// presses the button.
import { acknowledge, type Opened, openView, peek, Problem, type Seen, Unreachable } from "./api.ts";
import { el, setError, setLabel, showSection, showWhen } from "./dom.ts";
import { type Bytes, equal, fromBase64url, toBase64url } from "./envelope/encoding.ts";
import { open } from "./envelope/envelope.ts";
import { type Header, parseHeader } from "./envelope/header.ts";
import { deriveKeys, passwordKey } from "./envelope/keys.ts";
import { type Link, linkProof, parseLink } from "./envelope/link.ts";
import type { Manifest } from "./envelope/manifest.ts";
import { EnvelopeError } from "./envelope/problem.ts";
import { derive, expectPassword } from "./kdf.ts";
import { forgetKey, readAddress, wasOpened } from "./open/address.ts";
import { type Claim, claimHash, dropClaim, heldClaim, newClaim } from "./open/claim.ts";
import { endOf, mayPass, showEnd } from "./open/ended.ts";
import { showGate } from "./open/gate.ts";
import { showAgain, showSeen, showTries } from "./open/ready.ts";
import { introduce } from "./open/sender.ts";
import { clearValue, holdValue, isHeld, isUntaken, setUpValue } from "./open/value.ts";
import { unable } from "./page.ts";
import { put, say, when } from "./say.ts";

/** What this page is about, from the link to the opened text. */
interface Session {
  readonly link: Link;
  readonly header: Header;
  readonly served: Limits | null; // what the service said before; unknown to a tab that comes back
  claim: Claim | null; // chosen at the first press of the button
}

type Limits = Pick<Seen, "max_views" | "organization">;

let session: Session | null = null;
let shownId = ""; // of the secret that is shown

const form = el<HTMLFormElement>("form");
const password = el<HTMLInputElement>("password");
const button = el<HTMLButtonElement>("show");
const buttonLabel = button.textContent ?? "";

/** Finds out what the link is, without using anything up. A notice says what came before. */
async function look(link: Link, notice = ""): Promise<void> {
  showSection("wait", false);
  try {
    const seen = await peek(link.id, await linkProof(link));
    introduce(seen);
    if (seen.gates.length > 0) return showGate(seen, () => void look(link, notice));
    begin(link, headerOf(link, fromBase64url(seen.header)), null, { organization: "", ...seen });
    showSeen(seen);
    setError("problem", notice);
  } catch (e) {
    if (e instanceof Forged) return showEnd("forged");
    const end = endOf(e);
    const again = () => look(link, notice);
    showEnd(notice !== "" && end === "used_up" ? "closed" : end, { ...details(e, link, again), spent: notice !== "" });
  }
}

/** What the service says that does not fit a link, which is sound by itself. */
class Forged extends Error {}

function headerOf(link: Link, bytes: Bytes | null): Header {
  let header: Header;
  try {
    header = parseHeader(bytes ?? new Uint8Array());
  } catch (e) {
    throw e instanceof EnvelopeError && e.problem !== "damaged" ? e : new Forged();
  }
  if (header.id !== link.id || header.password !== link.password) throw new Forged();
  return header;
}

function details(e: unknown, link: Link, again: () => void) {
  const end = endOf(e);
  const at = e instanceof Problem ? e.endedAt : null;
  const seconds = e instanceof Problem ? e.retryAfter : 0;
  return { link, at, seconds, ...(mayPass(end) || end === "locked" ? { again } : {}) };
}

/** Goes on with a view that this tab began before. */
function resume(link: Link, claim: Claim): void {
  begin(link, headerOf(link, claim.header), claim, null);
  showAgain();
}

function begin(link: Link, header: Header, claim: Claim | null, served: Limits | null): void {
  session = { link, header, claim, served };
  password.value = "";
  el("password-field").hidden = !header.password;
  showSection("ready");
}

async function show(s: Session): Promise<void> {
  setError("problem", "");
  setError("password-error", "", password);
  if (s.header.password && password.value === "") return wrongPassword(say("open.js.password_missing"));
  setBusy(true);
  try {
    await openWith(s);
  } catch (e) {
    refuse(s, e);
  } finally {
    setBusy(false);
  }
}

function setBusy(busy: boolean): void {
  button.ariaBusy = String(busy);
  setLabel(button, busy ? say("open.js.opening") : buttonLabel);
}

/** The derivation failed: no view was asked for. */
class NoKeys extends Error {}

async function openWith(s: Session): Promise<void> {
  const derived = await passwordKey(s.header, password.value, derive).catch((e: unknown) => {
    throw e instanceof EnvelopeError || e instanceof Unreachable ? e : new NoKeys();
  });
  if (!s.claim) {
    const [claim, kept] = newClaim(s.link.id, s.header.bytes);
    s.claim = claim;
    if (!kept) setError("problem", say("open.js.no_storage"));
  }
  const [keys, proof, viewHash] = await Promise.all([deriveKeys(s.link, s.header, derived), linkProof(s.link), claimHash(s.claim)]);
  const opened = await openView(s.link.id, proof, {
    view_id: s.claim.viewId,
    view_hash: viewHash,
    access_proof: toBase64url(keys.accessProof),
  });
  const bytes = (text: string) => fromBase64url(text) ?? new Uint8Array();
  const { manifest, text } = await verified(async () => {
    if (!equal(bytes(opened.header), s.header.bytes)) throw new EnvelopeError("damaged");
    const inside = await open(keys, bytes(opened.commit), bytes(opened.content));
    if (inside.manifest.files.length > 0) throw new EnvelopeError("newer"); // which this page does not show
    return inside;
  });
  await showOpened(s, s.claim, opened, manifest, text);
}

async function verified<T>(f: () => Promise<T>): Promise<T> {
  try {
    return await f();
  } catch (e) {
    throw e instanceof EnvelopeError && e.problem === "newer" ? e : new Forged();
  }
}

async function showOpened(s: Session, claim: Claim, opened: Opened, manifest: Manifest, text: string): Promise<void> {
  holdValue(text);
  password.value = "";
  session = null;
  shownId = s.link.id;
  put(el("opened-at"), say("opened.js.at", { at: when(new Date()) }));
  showLeft(opened, "opened.js.not_deleted");
  warnOfLimits(s, opened, manifest);
  el("language").hidden = true;
  showSection("opened");
  try {
    await acknowledge(claim.viewId, claim.viewSecret);
    // With other views their readers may still be fetching it.
    if (manifest.intent.maxViews === 1) showLeft(opened, "opened.js.deleted");
  } catch {
    // The view ends by itself when its grace is over.
  }
  letGo();
}

/** Takes away what this tab could open it with again. */
function letGo(): void {
  dropClaim(shownId);
  forgetKey();
}

function showLeft({ views_left: left, expires_at: expires }: Opened, gone: string): void {
  const until = when(new Date(expires));
  put(el("left"), left === null ? say("opened.js.unlimited", { until }) : left === 0 ? say("opened.js.last") : say("opened.js.left", { n: left, until }));
  el("left-more").textContent = say(left === 0 ? gone : "opened.js.keep");
}

/** The sender's own limits are inside the envelope. A server that serves other ones is found out. */
function warnOfLimits({ served }: Session, opened: Opened, { intent, createdAt }: Manifest): void {
  const slack = 15 * 60 * 1000; // of clocks, and of a slow creation
  const late = new Date(opened.expires_at).getTime() > (createdAt + intent.expiresIn) * 1000 + slack;
  const left = opened.views_left;
  const more = left !== null && intent.maxViews !== null && left >= intent.maxViews;
  const other = served !== null && served.max_views !== intent.maxViews;
  const unlike = more || other || (left === null) !== (intent.maxViews === null);
  const skipped = intent.gates.some((g) => g !== "organization" || served?.organization === "");
  const key = skipped ? "gates" : unlike ? "views" : late ? "expiry" : "";
  const warning = el("warning");
  warning.hidden = key === "";
  (warning.querySelector("span") as HTMLElement).textContent = key === "" ? "" : say(`opened.js.warn_${key}`);
}

function wrongPassword(text: string): void {
  setError("password-error", text, password);
  password.focus();
  password.select();
}

/** Answers what went wrong on the way to the opened text. The tab keeps its view unless it is over. */
function refuse(s: Session, e: unknown): void {
  if (e instanceof Forged) return showEnd("forged");
  if (e instanceof NoKeys) return setError("problem", say("open.js.derive_failed"));
  if (e instanceof EnvelopeError && e.problem === "password") return wrongPassword(say("open.js.password_long"));
  if (e instanceof Unreachable) return setError("problem", say("open.js.offline"));
  if (!(e instanceof Problem)) return showEnd(endOf(e), { spent: true });
  switch (e.code) {
    case "wrong_password":
      if (e.triesLeft === 0) return showEnd("locked", { again: goOn(s) });
      showTries(e.triesLeft);
      return wrongPassword(say("open.js.password_wrong", { n: e.triesLeft ?? 0 }));
    case "rate_limited":
      return setError("problem", say("open.js.busy", { n: e.retryAfter }));
    case "gate":
      return void look(s.link);
    case "gone":
      return over(s, e);
  }
  if (e.status >= 500) return setError("problem", say("open.js.failed"));
  showEnd(endOf(e), details(e, s.link, () => look(s.link)));
}

/** A view that is closed may leave others; a lock is not final for the tab that began. */
function over(s: Session, e: Problem): void {
  if (e.reason === "view_closed") {
    dropClaim(s.link.id);
    void look(s.link, say("open.js.closed"));
    return;
  }
  if (e.reason !== "locked") dropClaim(s.link.id);
  showEnd(endOf(e), details(e, s.link, goOn(s)));
}

/** Goes on with the view that was begun, if this tab keeps one. */
function goOn(s: Session): () => void {
  return () => (s.claim && heldClaim(s.link.id) ? resume(s.link, s.claim) : void look(s.link));
}

/** Clears the page for those who are done with it. */
function clear(): void {
  clearValue();
  letGo();
  showEnd("cleared");
}

async function start(): Promise<void> {
  const reason = unable();
  if (reason) {
    showWhen(el("unable"), reason);
    showSection("unable");
    return;
  }
  addEventListener("hashchange", () => isHeld() || location.reload()); // another link in the same tab
  if (wasOpened() && location.hash.length < 2) return showEnd("cleared");
  const address = readAddress();
  el("repaired").hidden = !address.repaired;
  el("you-are-on").textContent = location.host;
  try {
    const link = await parseLink(address.id, address.fragment);
    const claim = heldClaim(link.id);
    if (claim) resume(link, claim);
    else await look(link);
  } catch (e) {
    showEnd(e instanceof Forged ? "forged" : endOf(e));
  }
}

// A view is counted for a person. When a script presses the button or submits the
// form, the submit event is trusted all the same; the click before it is not.
let pressed = false;
button.addEventListener("click", (e) => (pressed = e.isTrusted));
form.addEventListener("submit", (e) => {
  e.preventDefault();
  if (pressed && session && button.ariaBusy !== "true") void show(session);
  pressed = false;
});
password.addEventListener("input", () => setError("password-error", "", password));
el("done").addEventListener("click", clear);
addEventListener("beforeunload", (e) => {
  if (isUntaken()) e.preventDefault();
});
expectPassword(password);
setUpValue();
void start();
