// The question before something is deleted.
import { el, setLabel } from "../dom.ts";
import { say } from "../say.ts";

const dialog = el<HTMLDialogElement>("confirm");
const error = dialog.querySelector(".error") as HTMLElement;

/**
 * Asks, and on yes runs what was asked about. While that runs the dialog cannot
 * be left, and it stays open with the sentence that run() returns if it did not
 * work; null is success. Whoever asked puts the focus where it belongs then.
 */
export function confirmDelete(run: () => Promise<string | null>): Promise<boolean> {
  const [no, yes] = dialog.querySelectorAll<HTMLButtonElement>("[data-answer]") as unknown as [HTMLButtonElement, HTMLButtonElement];
  const label = yes.textContent ?? "";
  const done = new AbortController();
  const on = { signal: done.signal };
  let deleted = false;
  const setRunning = (running: boolean) => {
    no.disabled = yes.disabled = running;
    setLabel(yes, running ? say("recent.js.deleting") : label);
  };
  error.hidden = true;
  dialog.showModal();
  no.focus();
  return new Promise<boolean>((resolve) => {
    dialog.addEventListener("cancel", (e) => yes.disabled && e.preventDefault(), on);
    dialog.addEventListener("close", () => resolve(deleted), on);
    no.addEventListener("click", () => dialog.close(), on);
    yes.addEventListener("click", async () => {
      setRunning(true);
      const problem = await run();
      setRunning(false);
      deleted = problem === null;
      error.hidden = deleted;
      (error.querySelector("span") as HTMLElement).textContent = problem ?? "";
      if (deleted) dialog.close();
      else yes.focus();
    }, on);
  }).finally(() => done.abort());
}
