// What every page of the desk does besides what all pages do: times in the
// reader's zone, and links that carry in their fragment what opens something.
import "./page.ts";
import { shortWhen } from "./say.ts";
import { setUpSecrets } from "./desk/secrets.ts";
import { takeTicket } from "./desk/ticket.ts";
import { setUpMenus } from "./desk/menu.ts";
import { setUpCopies } from "./desk/copy.ts";

for (const time of document.querySelectorAll("time")) {
  const date = new Date(time.dateTime);
  time.textContent = shortWhen(date);
  time.title = date.toString();
}
for (const button of document.querySelectorAll<HTMLElement>("[data-reveals]")) button.hidden = false;
document.getElementById("refused")?.focus();
takeTicket();
setUpMenus();
setUpCopies();
setUpSecrets();
