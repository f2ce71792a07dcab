// Links in mails carry what opens them in the fragment, which no server sees.
// Here it goes into the form that spends it, once its reader sends that.

/** Moves the ticket from the address into the page's form. */
export function takeTicket(): void {
  const field = document.querySelector<HTMLInputElement>("[data-ticket]");
  const ticket = location.hash.slice(1);
  const came = field !== null && /^[\w-]{20,}$/.test(ticket);
  for (const e of document.querySelectorAll<HTMLElement>(came ? "[data-without-ticket]" : "[data-unless-scripts]")) e.hidden = true;
  if (!came) return;
  history.replaceState(null, "", location.pathname + location.search);
  field.value = ticket;
  field.closest<HTMLElement>("[data-ticket-field]")!.hidden = true;
  field.form?.querySelector<HTMLElement>("input:not([type=hidden], [data-ticket]), button:not([hidden])")?.focus();
}
