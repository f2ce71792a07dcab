// What readers lack besides link and password: to have signed in, to be a member
// of the sender's organization, or that its rules still allow opening. Signing in
// happens in another tab, so that the key stays in this one, and nowhere else.
import type { Seen } from "../api.ts";
import { el } from "../dom.ts";
import { say } from "../say.ts";
import { showEnd } from "./ended.ts";

/** Says what is missing, and looks again when the reader comes back. */
export function showGate({ gates, organization = "", sender }: Seen, again: () => void): void {
  const end = gates.includes("policy") ? "policy" : gates.includes("sign_in") ? "sign_in" : "members";
  const from = sender ? say("ended.js.sent_by", { sender: sender.name ? `${sender.name}, ${sender.email}` : sender.email }) : "";
  const back = () => {
    if (document.hidden) return;
    document.removeEventListener("visibilitychange", back);
    again();
  };
  showEnd(end, { values: { organization }, from, again: () => (document.removeEventListener("visibilitychange", back), again()) });
  el("sign-in").hidden = end === "policy";
  if (end !== "policy") document.addEventListener("visibilitychange", back);
}
