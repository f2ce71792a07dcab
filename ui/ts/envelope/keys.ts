// Mirrors envelope/keys.go.
import { type Bytes, concat, hkdf, sha256, utf8 } from "./encoding.ts";
import type { Header, Kdf } from "./header.ts";
import type { Link } from "./link.ts";
import { refuse } from "./problem.ts";

export const maxPassword = 1024;

const linkSalt = utf8("share/e1 link");

export function secretId(key: Bytes): Promise<Bytes> {
  return hkdf(linkSalt, key, utf8("id"), 16);
}

export function linkProofOf(key: Bytes): Promise<Bytes> {
  return hkdf(linkSalt, key, utf8("link-proof"), 32);
}

/** Runs a key derivation: 32 bytes from a normalized password. */
export type Derive = (password: Bytes, salt: Bytes, kdf: Kdf) => Promise<Bytes>;

export interface Keys {
  readonly accessProof: Bytes;
  readonly commit: Bytes;
  partKey(part: number): Promise<Bytes>;
}

/**
 * Derives the keys of an envelope. The hash of the header goes in, so id,
 * flags, parameters and salt are bound; a header that does not belong to the
 * link is refused.
 */
export async function deriveKeys(link: Link, header: Header, passwordKey: Bytes): Promise<Keys> {
  if (header.id !== link.id || header.password !== link.password) refuse("damaged");
  const salt = await sha256(header.bytes);
  const ikm = concat(link.key, passwordKey);
  const partKey = (part: number) => hkdf(salt, ikm, concat(utf8("part"), u32(part)), 32);
  // The key of part 0 is always needed, and is made beside the others.
  const [accessProof, commit, key0] = await Promise.all([hkdf(salt, ikm, utf8("access-proof"), 32), hkdf(salt, ikm, utf8("commit"), 32), partKey(0)]);
  return { accessProof, commit, partKey: async (part) => (part === 0 ? key0 : partKey(part)) };
}

/** 32 zero bytes without a password. */
export async function passwordKey(header: Header, password: string, derive: Derive): Promise<Bytes> {
  if (!header.password) return new Uint8Array(32);
  return derive(passwordBytes(password), header.salt, header.kdf);
}

/** Normalizes a password, so that it is the same from every keyboard. It is not trimmed. */
export function passwordBytes(password: string): Bytes {
  const bytes = utf8(password.normalize("NFC"));
  if (bytes.length === 0 || bytes.length > maxPassword || loneSurrogate.test(password)) refuse("password");
  return bytes;
}

export const loneSurrogate = /\p{Surrogate}/u;

export function u32(n: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, n);
  return bytes;
}
