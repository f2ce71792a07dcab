// Code that only some visits need. The document says where it is and how it is
// checked: import() takes no hash, so a preload that does goes first, and what
// was preloaded is what import() runs.
const root = document.documentElement;

type Late = { list: typeof import("./words.ts"); qr: typeof import("./qr.ts") };

/** Fetches one of the later scripts. */
export async function late<K extends keyof Late>(name: K): Promise<Late[K]> {
  const url = root.dataset[name] ?? "";
  const preload = document.createElement("link");
  preload.rel = "modulepreload";
  preload.href = url;
  preload.integrity = root.dataset[`${name}Integrity`] ?? "";
  const loaded = new Promise((resolve, reject) => {
    preload.onload = resolve;
    preload.onerror = reject;
  });
  document.head.append(preload);
  try {
    await loaded;
  } catch (e) {
    preload.remove(); // so that the next try asks again
    throw e;
  }
  return import(url) as Promise<Late[K]>;
}
