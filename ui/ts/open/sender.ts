// Who a secret is from, and how their organization looks. The host's name and
// the words of safety stand apart, where a brand does not reach.
import type { Brand, Seen } from "../api.ts";
import { el } from "../dom.ts";
import { fromBase64url } from "../envelope/encoding.ts";
import { say } from "../say.ts";

const root = document.documentElement;
const colour = /^#[0-9a-f]{6}$/;

/** Says who sent it, or that nobody knows. */
export function introduce({ sender, organization, brand }: Seen): void {
  const known = sender !== undefined;
  const name = sender?.name || sender?.email || "";
  el("unknown").hidden = known;
  el("sender").hidden = el("expected").hidden = !known;
  if (known) {
    el("ready-title").textContent = say("open.js.from", { name });
    (el("sender").querySelector("bdi") as HTMLElement).textContent = sender.email;
    el("expected").textContent = say("open.js.expected", { name });
  }
  if (organization) el("promise").textContent = say("open.js.promise_members", { organization });
  if (brand) wear(brand);
}

function wear({ name = "", accent = "", accent_deep: deep = "", logo }: Brand): void {
  const mark = document.querySelector(".wordmark") as HTMLElement;
  const picture = logo ? pictureOf(logo, name) : null;
  if (picture) mark.replaceChildren(picture);
  else if (name !== "") mark.replaceChildren(name);
  if (!colour.test(accent)) return;
  root.style.setProperty("--accent", accent);
  root.style.setProperty("--accent-deep", colour.test(deep) ? deep : `color-mix(in oklab, ${accent}, black 20%)`);
}

/** The service made this PNG itself, from whatever was uploaded. */
function pictureOf(logo: string, name: string): HTMLImageElement | null {
  const bytes = fromBase64url(logo);
  if (!bytes) return null;
  const img = document.createElement("img");
  img.alt = name;
  img.src = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
  return img;
}
