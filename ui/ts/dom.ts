// The document, typed. Text goes in as text: nothing here or elsewhere parses
// HTML.

/** The element with an id, which the template has. */
export function el<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** Shows one of the page's sections, and then moves the focus to its heading. */
export function showSection(id: string, focus = true): void {
  for (const section of document.querySelectorAll<HTMLElement>("main > section:not(.recent)")) section.hidden = section.id !== id;
  if (focus) soon(() => el(id).querySelector<HTMLElement>("h1")?.focus());
}

/** Runs what nobody waits for after what somebody does. */
export function soon(f: () => void): void {
  setTimeout(f);
}

/** Shows what is marked for this case within an element, and hides what is marked for others. */
export function showWhen(root: HTMLElement, when: string): void {
  for (const e of root.querySelectorAll<HTMLElement>("[data-when]")) e.hidden = e.dataset["when"] !== when;
}

/** Sets or clears the sentence of an error and marks its control. */
export function setError(id: string, text: string, control?: HTMLElement): void {
  const error = el(id);
  error.hidden = text === "";
  (error.querySelector("span") as HTMLElement).textContent = text;
  if (text === "") control?.removeAttribute("aria-invalid");
  else control?.setAttribute("aria-invalid", "true");
}

/** Says something to those who listen rather than look. */
export function announce(text: string): void {
  el("announce").textContent = text;
}

/** The label of a button, beside its icon. */
export function setLabel(button: HTMLElement, text: string): void {
  (button.querySelector("span") ?? button).textContent = text;
}
