// Buttons that copy what stands in a field beside them.
import { announce, setLabel } from "../dom.ts";
import { say } from "../say.ts";

/** Makes the page's copy buttons work, and shows them: without scripts they could not. */
export function setUpCopies(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-copies]")) {
    const field = document.getElementById(button.dataset["copies"] ?? "") as HTMLInputElement;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        field.select(); // a person can copy it by hand
        announce(say("js.copy_failed"));
        return;
      }
      setLabel(button, say("js.copied"));
      announce(say("js.copied"));
    });
    button.hidden = false;
  }
}
