import { announce, setLabel } from "./dom.ts";
import { say } from "./say.ts";

const shownFor = 3000;

/** Makes a button copy what text() gives, and say so for three seconds. */
export function copies(button: HTMLElement, text: () => string, fallback?: HTMLInputElement): void {
  const label = button.textContent?.trim() ?? "";
  let timer = 0;
  button.addEventListener("click", async () => {
    let said = say("js.copied");
    try {
      await navigator.clipboard.writeText(text());
    } catch {
      fallback?.select();
      said = say("js.copy_failed");
    }
    setLabel(button, said);
    announce(said);
    clearTimeout(timer);
    timer = setTimeout(() => setLabel(button, label), shownFor);
  });
}
