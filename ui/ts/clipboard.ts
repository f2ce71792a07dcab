import { announce, setError, setLabel } from "./dom.ts";
import { say } from "./say.ts";

const shownFor = 3000;

/** What a button copies, and what then happens. */
interface Copy {
  readonly text: () => string;
  readonly done?: () => void;
  readonly select: () => void; // where the browser refuses: what a person can copy by hand
}

/** Makes a button copy a text and say so. A refusal stays on the page until the next try. */
export function copies(button: HTMLElement, { text, done, select }: Copy): void {
  const label = button.textContent?.trim() ?? "";
  let timer = 0;
  button.addEventListener("click", async () => {
    setError("copy-problem", "");
    try {
      await navigator.clipboard.writeText(text());
    } catch {
      setError("copy-problem", say("js.copy_failed"));
      select();
      return;
    }
    setLabel(button, say("js.copied"));
    announce(say("js.copied"));
    clearTimeout(timer);
    timer = setTimeout(() => setLabel(button, label), shownFor);
    done?.();
  });
}
