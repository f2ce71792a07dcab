// The form: what is asked for, checked before anything is sealed, and the
// sentence that says what will happen.
import { el, setError } from "../dom.ts";
import { utf8 } from "../envelope/encoding.ts";
import { loneSurrogate, maxPassword, passwordBytes } from "../envelope/keys.ts";
import { type Intent, maxText } from "../envelope/manifest.ts";
import { EnvelopeError } from "../envelope/problem.ts";
import { expectPassword } from "../kdf.ts";
import { late } from "../late.ts";
import { reveal } from "../page.ts";
import { often, plainWhen, put, say, when } from "../say.ts";

/** What a person asks for. */
export interface Order {
  readonly text: string;
  readonly password: string;
  readonly intent: Intent;
  readonly until: string; // as it was chosen: seconds from now change with the clock
  readonly suggested: boolean; // the password: nobody has it in mind
  readonly who: string; // a sentence, if not anyone may open it
  readonly fields: Fields;
}

/** What a signed-in sender adds to the create call. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a signed-in sender adds to an order. */
export interface Addition {
  readonly fields: Fields;
  readonly gates: readonly string[];
  readonly who: string;
}

/** What is allowed, and what to say of what is not. */
export interface Bounds {
  readonly seconds: number;
  readonly late: (until: string) => string;
  readonly views: number; // Infinity: any number, and unlimited
  readonly many: string;
  readonly missing: string; // of the password; empty: there need not be one
}

const form = el<HTMLFormElement>("form");
const secret = el<HTMLTextAreaElement>("secret");
const expires = el<HTMLSelectElement>("expires");
const until = el<HTMLInputElement>("until");
const views = el<HTMLSelectElement>("views");
const number = el<HTMLInputElement>("number");
const password = el<HTMLInputElement>("password");
const sentence = el("sentence");

let said = ""; // the sentence as it stands
let suggestion: string | null = null;

const minSeconds = 300;
const maxViews = 1000;
let bounds: Bounds = {
  seconds: Number(document.documentElement.dataset["max"]),
  late: (until) => say("create.js.until_late", { until }),
  views: Infinity,
  many: "",
  missing: "",
};
let addition: () => Addition = () => ({ fields: {}, gates: [], who: "" });
const nearLimit = 4096; // bytes left from which the counter shows

/** Holds the form still while its content is on its way. */
export function holdForm(held: boolean): void {
  form.inert = held;
}

/** Whether something is in the form that would be lost. */
export function isFilled(): boolean {
  return secret.value !== "";
}

/** Empties the form: what was in it is sealed, or not wanted any more. */
export function clearForm(): void {
  form.reset();
  reveal(form.querySelector("[data-reveals]") as HTMLElement, password, false);
  for (const [id, control] of controls) setError(id, "", control);
  setError("problem", "");
  holdTo({}); // what is chosen at first may be forbidden
  showChoices();
  showCount();
}

const controls: readonly [error: string, control: HTMLElement][] = [
  ["secret-error", secret],
  ["expires-error", until],
  ["views-error", number],
  ["password-error", password],
];

/** Reads the form. What is wrong is said beside its field, and the first of it has the focus. */
export function readOrder(): Order | null {
  const wrong = [wrongText(), wrongUntil(), wrongViews(), wrongPassword()];
  controls.forEach(([id, control], i) => setError(id, wrong[i] ?? "", control));
  const first = wrong.findIndex((text) => text !== "");
  if (first >= 0) {
    controls[first]?.[1].focus();
    return null;
  }
  const { fields, gates, who } = addition();
  const intent = { maxViews: chosenViews(), expiresIn: chosenSeconds(), gates };
  const chosen = expires.value === "custom" ? until.value : expires.value;
  return { text: secret.value, password: password.value, intent, until: chosen, suggested: password.value === suggestion, who, fields };
}

function wrongText(): string {
  if (secret.value === "") return say("create.js.empty");
  const over = utf8(secret.value).length - maxText;
  if (over > 0) return say("create.js.too_long", { n: over });
  return loneSurrogate.test(secret.value) ? say("create.js.broken_text") : "";
}

function wrongUntil(): string {
  if (expires.value !== "custom") return "";
  const seconds = chosenSeconds();
  if (Number.isNaN(seconds)) return say("create.js.until_missing");
  if (seconds < minSeconds) return say("create.js.until_soon");
  return seconds > bounds.seconds ? bounds.late(plainWhen(after(bounds.seconds))) : "";
}

function wrongViews(): string {
  if (views.value !== "custom") return "";
  const n = Number(number.value);
  if (!Number.isInteger(n) || n < 1 || n > maxViews) return say("create.js.views_wrong");
  return n > bounds.views ? bounds.many : "";
}

function wrongPassword(): string {
  if (password.value === "") return bounds.missing;
  try {
    passwordBytes(password.value);
    return "";
  } catch (e) {
    if (!(e instanceof EnvelopeError)) throw e;
    return say(utf8(password.value.normalize("NFC")).length > maxPassword ? "create.js.password_long" : "create.js.password_wrong");
  }
}

/** From now, in whole seconds, so that a chosen date is reached; NaN while none is chosen. */
function chosenSeconds(): number {
  if (expires.value !== "custom") return Number(expires.value);
  return Math.ceil((new Date(until.value).getTime() - Date.now()) / 1000);
}

function chosenDate(): Date {
  return expires.value === "custom" ? new Date(until.value) : after(chosenSeconds());
}

function chosenViews(): number | null {
  if (views.value === "unlimited") return null;
  return Number(views.value === "custom" ? number.value : views.value);
}

function after(seconds: number): Date {
  return new Date(Date.now() + seconds * 1000);
}

/** What will happen to a secret. */
export function outcome(maxViews: number | null, locked: boolean, until: string): string {
  return say(`create.js.${often(maxViews)}${locked ? "_locked" : ""}`, { n: maxViews ?? 0, until });
}

/** Sentences in a row, those that are empty left out. */
export function sentences(...all: readonly string[]): string {
  return all.filter((s) => s !== "").join(" ");
}

/** Says what will happen, with the date; nothing while the limits are not whole. */
export function showSentence(): void {
  const whole = wrongUntil() === "" && wrongViews() === "";
  const text = whole ? sentences(outcome(chosenViews(), password.value !== "", when(chosenDate())), addition().who) : "";
  if (text === said) return; // what listens would read it again
  said = text;
  put(sentence, text);
}

function showCount(): void {
  const left = maxText - utf8(secret.value).length;
  el("count").textContent = left > nearLimit ? "" : left >= 0 ? say("create.js.bytes_left", { n: left }) : say("create.js.too_long", { n: -left });
}

/** The fields of "custom" are there only when it is chosen. */
function showChoices(): void {
  for (const [select, input] of [[expires, until], [views, number]] as const) {
    (input.parentElement as HTMLElement).hidden = select.value !== "custom";
  }
}

/** Holds the form to what is allowed: other choices are switched off, and one of them that was chosen gives way. */
export function holdTo(allowed: Partial<Bounds>): void {
  bounds = { ...bounds, ...allowed };
  forbid(expires, (seconds) => Number(seconds) > bounds.seconds);
  forbid(views, (n) => n === "unlimited" ? bounds.views < Infinity : Number(n) > bounds.views);
  number.max = String(Math.min(bounds.views, maxViews));
  password.required = bounds.missing !== "";
  setUpUntil();
  showSentence();
}

/** Switches choices off, all but "custom", which has its own bounds, and leaves those that are forbidden. */
function forbid(select: HTMLSelectElement, forbidden: (value: string) => boolean): void {
  for (const o of select.options) o.disabled = o.value !== "custom" && forbidden(o.value);
  if (!select.selectedOptions[0]?.disabled) return;
  const allowed = [...select.options].filter((o) => !o.disabled && o.value !== "custom");
  select.value = allowed.at(-1)?.value ?? "custom";
}

function localDate(date: Date): string {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The picker offers what is allowed, and begins a day from now. */
function setUpUntil(): void {
  until.min = localDate(after(minSeconds + 60));
  until.max = localDate(after(bounds.seconds));
  if (until.value === "") until.value = localDate(after(Math.min(86_400, bounds.seconds)));
}

async function suggest(): Promise<void> {
  const before = password.value;
  try {
    const list = await late("list");
    if (password.value !== before) return; // typed meanwhile, or another form by now
    suggestion = password.value = list.suggestPassword();
  } catch {
    setError("password-error", say("create.js.words_failed"), password);
    return;
  }
  setError("password-error", "", password);
  reveal(form.querySelector("[data-reveals]") as HTMLElement, password, true);
  password.focus();
  showSentence();
}

/** An error goes when its field is changed. */
function clearErrorOf(target: EventTarget | null): void {
  for (const [id, control] of controls) if (control === target) setError(id, "", control);
  if (target === expires) setError("expires-error", "", until);
  if (target === views) setError("views-error", "", number);
}

/** Time passes while someone types; a listener need not hear of it each minute. */
function tick(): void {
  sentence.setAttribute("aria-live", "off");
  showSentence();
  setTimeout(() => sentence.setAttribute("aria-live", "polite"), 100);
}

export function setUpForm(onOrder: (order: Order) => void, added?: () => Addition): void {
  addition = added ?? addition;
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    const order = readOrder();
    if (order) onOrder(order);
  });
  form.addEventListener("input", (e) => {
    clearErrorOf(e.target);
    showCount();
    if (e.target !== secret) showSentence();
  });
  for (const select of [expires, views]) {
    select.addEventListener("change", () => {
      setUpUntil();
      showChoices();
      showSentence();
      if (select.value === "custom") (select === expires ? until : number).focus();
    });
  }
  el("suggest").addEventListener("click", suggest);
  expectPassword(password);
  setInterval(tick, 30_000);
  showChoices();
  showCount();
  showSentence();
}
