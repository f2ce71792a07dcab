// The list of secrets: a selection that counts, and the question before
// something is deleted. Without scripts the same form asks on a page of its own.
import { el } from "../dom.ts";
import { say } from "../say.ts";

export function setUpSecrets(): void {
  const form = document.getElementById("list");
  if (!(form instanceof HTMLFormElement)) return;
  setUpSelection(form);
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    const body = new URLSearchParams(new FormData(form, e.submitter) as unknown as Record<string, string>);
    const n = body.has("one") ? 1 : body.getAll("id").length;
    if (n > 0) ask(form, body, n, e.submitter);
  });
  const zone = document.getElementById("zone");
  if (zone) zone.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function setUpSelection(form: HTMLFormElement): void {
  const all = form.querySelector<HTMLInputElement>("#all");
  if (!all) return; // of a receipt
  const boxes = [...form.querySelectorAll<HTMLInputElement>("[name=id]")];
  const count = () => {
    const n = boxes.filter((b) => b.checked).length;
    all.checked = n > 0 && n === boxes.length;
    all.indeterminate = n > 0 && n < boxes.length;
    el("picked").textContent = say("desk.js.picked", { n });
  };
  all.hidden = boxes.length === 0;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    count();
  });
  form.addEventListener("change", count);
  form.addEventListener("reset", () => setTimeout(count));
  count(); // browsers keep ticks over a reload
}

/** Asks, and on yes sends the form. What was done is said by the page that comes then. */
function ask(form: HTMLFormElement, body: URLSearchParams, n: number, asked: HTMLElement | null): void {
  const dialog = el<HTMLDialogElement>("ask");
  const [no, yes] = dialog.querySelectorAll<HTMLButtonElement>("[data-answer]") as unknown as [HTMLButtonElement, HTMLButtonElement];
  const error = dialog.querySelector(".error") as HTMLElement;
  const setBusy = (busy: boolean) => (no.disabled = yes.disabled = busy);
  el("ask-title").textContent = say("desk.js.delete_title", { n });
  el("ask-text").textContent = say(n === 1 ? "desk.js.delete_one" : "desk.js.delete_all");
  error.hidden = true;
  no.onclick = () => dialog.close();
  dialog.oncancel = (e) => yes.disabled && e.preventDefault();
  dialog.onclose = () => asked?.focus();
  yes.onclick = async () => {
    setBusy(true);
    error.hidden = await send(form, body);
    (error.querySelector("span") as HTMLElement).textContent = form.dataset["again"] ?? "";
    setBusy(false);
    if (error.hidden) location.replace(`${document.documentElement.dataset["base"]}${body.get("back")}`);
    else yes.focus();
  };
  dialog.showModal();
  no.focus();
}

/** Sends the form, sure this time. Whether the server did it: it answers with another page to go to then. */
async function send(form: HTMLFormElement, body: URLSearchParams): Promise<boolean> {
  body.set("sure", "yes");
  try {
    return (await fetch(form.action, { method: "POST", body, redirect: "manual" })).type === "opaqueredirect";
  } catch {
    return false;
  }
}
