// What was opened: masked until asked for, and again soon after.
import { copies } from "../clipboard.ts";
import { el, setLabel } from "../dom.ts";
import { say } from "../say.ts";

const dots = "•".repeat(16); // whatever the length
const shownFor = 60_000;

const value = el("value");
const button = el("reveal");

let text = "";
let taken = false;
let timer = 0;

/** Holds a text, masked. */
export function holdValue(opened: string): void {
  text = opened;
  taken = false;
  mask();
}

/** Lets go of it. */
export function clearValue(): void {
  text = "";
  mask();
}

/** Whether a text is here. */
export function isHeld(): boolean {
  return text !== "";
}

/** Whether a text is here that was neither shown, copied nor saved. */
export function isUntaken(): boolean {
  return text !== "" && !taken;
}

function mask(): void {
  clearTimeout(timer);
  value.classList.add("value-masked");
  const picture = document.createElement("span");
  picture.ariaHidden = "true";
  picture.textContent = dots;
  const words = document.createElement("span");
  words.className = "sr";
  words.textContent = say("opened.js.hidden");
  value.replaceChildren(picture, words);
  setLabel(button, say("opened.js.show"));
  el("hides").textContent = say("opened.js.hidden");
}

function show(): void {
  taken = true;
  value.classList.remove("value-masked");
  value.textContent = text;
  setLabel(button, say("opened.js.hide"));
  el("hides").textContent = say("opened.js.hides");
  timer = setTimeout(mask, shownFor);
}

function save(): void {
  taken = true;
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const a = document.createElement("a");
  a.href = url;
  a.download = say("opened.js.file");
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export function setUpValue(): void {
  copies(el("copy"), {
    text: () => text,
    done: () => (taken = true),
    select: () => {
      show();
      getSelection()?.selectAllChildren(value);
    },
  });
  button.addEventListener("click", () => (value.classList.contains("value-masked") ? show() : mask()));
  el("save").addEventListener("click", save);
  document.addEventListener("visibilitychange", () => document.hidden && mask());
}
