// Runs the key derivation of a password: PBKDF2 in WebCrypto, Argon2id in a
// worker, which is fetched when the first password needs it.
import { Unreachable } from "./api.ts";
import type { Bytes } from "./envelope/encoding.ts";
import { argon2id } from "./envelope/header.ts";
import type { Derive } from "./envelope/keys.ts";

export const derive: Derive = async (password, salt, kdf) => {
  if (kdf.kind === argon2id) return inWorker({ password, salt, a: kdf.a, b: kdf.b, c: kdf.c });
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const params = { name: "PBKDF2", hash: "SHA-256", salt, iterations: kdf.a };
  return new Uint8Array(await crypto.subtle.deriveBits(params, key, 256));
};

/** What the worker is asked, and all it is ever told. */
export interface Job {
  readonly password: Bytes;
  readonly salt: Bytes;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** What the worker says: that it is there, and then the key, or null for a failure. */
export type Reply = "ready" | Bytes | null;

/**
 * One worker for each derivation: its memory, up to 1 GiB, goes with it. One
 * that could not be fetched is a matter of the connection, not of the browser.
 */
function inWorker(job: Job): Promise<Bytes> {
  const worker = new Worker(workerAddress() as unknown as string);
  let ready = false;
  return new Promise<Bytes>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      if (data === "ready") ready = true;
      else if (data) resolve(data);
      else reject(new Error("key derivation failed"));
    };
    worker.onerror = () => reject(ready ? new Error("key derivation failed") : new Unreachable());
    worker.postMessage(job);
  }).finally(() => worker.terminate());
}

/** Fetches the worker's file once a password is being typed, so that it is there when it is needed. */
export function expectPassword(input: HTMLInputElement): void {
  const address = document.documentElement.dataset["worker"] ?? "";
  input.addEventListener("input", () => void fetch(address).catch(() => {}), { once: true });
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): unknown };
}

let trusted: unknown;

/** The worker's address, which the document says; the one Trusted Types policy there is makes nothing else. */
function workerAddress(): unknown {
  const address = document.documentElement.dataset["worker"] ?? "";
  const factory = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
  trusted ??= factory?.createPolicy("app-worker", { createScriptURL: () => address }).createScriptURL("") ?? address;
  return trusted;
}
