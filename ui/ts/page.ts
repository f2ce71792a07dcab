// What every page does: theme, language, host, buttons that reveal.
import { el } from "./dom.ts";
import { say } from "./say.ts";

const root = document.documentElement;
// The first press changes what is seen.
const themes = matchMedia("(prefers-color-scheme: dark)").matches ? (["system", "light", "dark"] as const) : (["system", "dark", "light"] as const);

function setUpTheme(): void {
  const button = el<HTMLButtonElement>("theme");
  const name = (): (typeof themes)[number] => themes.find((t) => t === root.dataset["theme"]) ?? "system";
  const label = () => button.setAttribute("aria-label", button.dataset[name()] ?? "");
  button.addEventListener("click", () => {
    const next = themes[(themes.indexOf(name()) + 1) % themes.length];
    if (next === undefined || next === "system") delete root.dataset["theme"];
    else root.dataset["theme"] = next;
    remember("theme", root.dataset["theme"]);
    label();
  });
  label();
  button.hidden = false;
}

function remember(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

/** The choice is a cookie, since the document comes in its language; the fragment survives the reload. */
function setUpLanguage(): void {
  const menu = el<HTMLDetailsElement>("language");
  menu.addEventListener("click", (e) => {
    const link = (e.target as HTMLElement).closest("a");
    if (!link) return;
    e.preventDefault();
    menu.open = false;
    document.cookie = `lang=${link.hreflang}; Path=${root.dataset["base"]}/; SameSite=Lax; Max-Age=31536000`;
    if (location.search === "") location.reload();
    else location.replace(location.pathname + location.hash); // a language in the address would win
  });
  document.addEventListener("click", (e) => {
    if (!menu.contains(e.target as Node)) menu.open = false;
  });
  menu.addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
}

/** The skip link moves the focus and leaves the address alone: it may hold a key. */
function setUpSkip(): void {
  document.querySelector(".skip")?.addEventListener("click", (e) => {
    e.preventDefault();
    el("main").focus();
  });
}

/** Buttons that show and hide what is typed in a field. */
function setUpReveals(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-reveals]")) {
    const input = el<HTMLInputElement>(button.dataset["reveals"] ?? "");
    button.addEventListener("click", () => reveal(button, input, input.type === "password"));
  }
}

/** Shows or hides what is typed in a field, and says so on its button. */
export function reveal(button: HTMLElement, input: HTMLInputElement, shown: boolean): void {
  input.type = shown ? "text" : "password";
  button.setAttribute("aria-label", say(shown ? "js.hide_password" : "js.show_password"));
}

/** The address that people see and links are made with. */
export const site = root.dataset["url"] || location.origin + (root.dataset["base"] ?? "");

/** What sealing and opening take; the name of the reason if it is missing. */
export function unable(): "insecure" | "old" | null {
  if (!isSecureContext) return "insecure";
  return typeof crypto?.subtle?.deriveBits === "function" ? null : "old";
}

setUpSkip();
setUpTheme();
setUpLanguage();
setUpReveals();
el("host").textContent = location.host;
