// The question before something is deleted.
import { el } from "../dom.ts";

const dialog = el<HTMLDialogElement>("confirm");
const error = dialog.querySelector(".error") as HTMLElement;

/**
 * Asks, and on yes runs what was asked about. The dialog stays open with the
 * sentence that run() returns if it did not work; null is success. Focus goes
 * back to where it was.
 */
export function confirmDelete(run: () => Promise<string | null>): Promise<boolean> {
  const [no, yes] = dialog.querySelectorAll<HTMLButtonElement>("[data-answer]") as unknown as [HTMLButtonElement, HTMLButtonElement];
  const done = new AbortController();
  error.hidden = true;
  dialog.showModal();
  no.focus();
  return new Promise<boolean>((resolve) => {
    let deleted = false;
    const on = { signal: done.signal };
    dialog.addEventListener("close", () => resolve(deleted), on);
    no.addEventListener("click", () => dialog.close(), on);
    yes.addEventListener("click", async () => {
      if (yes.ariaBusy === "true") return;
      yes.ariaBusy = "true";
      const problem = await run();
      yes.ariaBusy = "false";
      deleted = problem === null;
      if (deleted) dialog.close();
      error.hidden = deleted;
      (error.querySelector("span") as HTMLElement).textContent = problem ?? "";
    }, on);
  }).finally(() => done.abort());
}
