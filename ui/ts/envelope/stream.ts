// Mirrors envelope/stream.go: STREAM as in age v1, with AES-256-GCM.
import { type Bytes, concat } from "./encoding.ts";
import type { Keys } from "./keys.ts";
import { refuse } from "./problem.ts";

const chunkSize = 64 << 10;
const tagSize = 16;

async function aead(keys: Keys, part: number): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", await keys.partKey(part), "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** An 11-byte counter and the mark of the final chunk. */
function nonce(chunk: number, final: boolean): Bytes {
  const iv = new Uint8Array(12);
  new DataView(iv.buffer).setUint32(7, chunk);
  iv[11] = final ? 1 : 0;
  return iv;
}

/** Seals a padded part. Only an empty part has an empty chunk. */
export async function sealPart(keys: Keys, part: number, plain: Bytes): Promise<Bytes> {
  const key = await aead(keys, part);
  const chunks: Bytes[] = [];
  for (let at = 0, i = 0; ; i++, at += chunkSize) {
    const final = plain.length - at <= chunkSize;
    const iv = nonce(i, final);
    chunks.push(new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain.subarray(at, at + chunkSize))));
    if (final) return concat(...chunks);
  }
}

/** Opens a sealed part, all of it or nothing. */
export async function openPart(keys: Keys, part: number, sealed: Bytes): Promise<Bytes> {
  const key = await aead(keys, part);
  const chunks: Bytes[] = [];
  for (let at = 0, i = 0; ; i++, at += chunkSize + tagSize) {
    const final = sealed.length - at <= chunkSize + tagSize;
    const chunk = sealed.subarray(at, at + chunkSize + tagSize);
    if (i > 0 && chunk.length <= tagSize) refuse("damaged");
    try {
      chunks.push(new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce(i, final) }, key, chunk)));
    } catch {
      refuse("damaged");
    }
    if (final) return concat(...chunks);
  }
}
