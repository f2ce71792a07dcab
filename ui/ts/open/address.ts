// The link in the address bar.
const base = document.documentElement.dataset["base"] ?? "";

export interface Address {
  readonly id: string;
  readonly fragment: string;
  readonly repaired: boolean;
}

/**
 * Reads the link. Some mail programs write %23 for the #, which puts the key
 * into the path: it is put back, and the reader is told. A # behind that is
 * something that was appended.
 */
export function readAddress(): Address {
  const path = location.pathname.slice(`${base}/s/`.length);
  const cut = path.indexOf("%23");
  if (cut < 0) return { id: path, fragment: location.hash.slice(1), repaired: false };
  const address = { id: path.slice(0, cut), fragment: path.slice(cut + 3), repaired: true };
  history.replaceState(null, "", `${base}/s/${address.id}#${address.fragment}`);
  return address;
}

/** Takes the key out of the address bar, and remembers why it is not there. */
export function forgetKey(): void {
  history.replaceState("opened", "", location.pathname);
}

/** Whether this tab has opened the link and taken the key away. */
export function wasOpened(): boolean {
  return history.state === "opened";
}
