// Format E1: how a secret is sealed by its sender and opened by its reader, and
// by nobody in between. Mirrors the Go package envelope, file by file; both
// reproduce the vectors in envelope/testdata.
import { type Bytes, equal, fromBase32, randomBytes, sha256 } from "./encoding.ts";
import { type Kdf, newHeader, noPassword, parseHeader, preferredKdf } from "./header.ts";
import { type Derive, deriveKeys, type Keys, passwordKey } from "./keys.ts";
import { formatFragment, linkProof, newLink } from "./link.ts";
import { type Intent, type Manifest, newManifest, packPart0, unpackPart0 } from "./manifest.ts";
import { refuse } from "./problem.ts";
import { openPart, sealPart } from "./stream.ts";

/** An envelope and what else a create call needs. */
export interface Sealed {
  readonly id: string;
  readonly fragment: string;
  readonly header: Bytes;
  readonly commit: Bytes;
  readonly linkHash: Bytes;
  readonly accessHash: Bytes;
  readonly content: Bytes;
}

/**
 * Seals a text under a fresh key; an empty password means none. A key seals
 * once: to retry, send the same Sealed again; to change anything, seal again.
 */
export async function seal(text: string, password: string, intent: Intent, createdAt: number, derive: Derive): Promise<Sealed> {
  const kdf = password === "" ? noPassword : preferredKdf();
  const salt = password === "" ? new Uint8Array(16) : randomBytes(16);
  return sealWith(randomBytes(32), kdf, salt, text, password, intent, createdAt, derive);
}

/** seal with its randomness given. */
export async function sealWith(
  key: Bytes, kdf: Kdf, salt: Bytes, text: string, password: string, intent: Intent, createdAt: number, derive: Derive,
): Promise<Sealed> {
  const link = await newLink(key, password !== "");
  const header = parseHeader(newHeader(fromBase32(link.id) ?? refuse("damaged"), kdf, salt));
  const keys = await deriveKeys(link, header, await passwordKey(header, password, derive));
  const part = packPart0(newManifest(intent, createdAt), text);
  // Side by side: each of WebCrypto's answers is a way to another thread and back.
  const [linkHash, accessHash, content] = await Promise.all([linkProof(link).then(sha256), sha256(keys.accessProof), sealPart(keys, 0, part)]);
  return { id: link.id, fragment: formatFragment(link), header: header.bytes, commit: keys.commit, linkHash, accessHash, content };
}

/** Verifies and opens part 0. Nothing of it is returned unless all of it is as it was sealed. */
export async function open(keys: Keys, commit: Bytes, content: Bytes): Promise<{ manifest: Manifest; text: string }> {
  if (!equal(commit, keys.commit)) refuse("damaged");
  return unpackPart0(await openPart(keys, 0, content));
}
