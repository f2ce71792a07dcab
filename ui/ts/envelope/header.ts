// Mirrors envelope/header.go.
import { type Bytes, isZero, toBase32, utf8 } from "./encoding.ts";
import { flagPassword } from "./link.ts";
import { refuse } from "./problem.ts";

export const headerSize = 64;

/** How a password becomes a key: PBKDF2 with a iterations, or Argon2id with a KiB, b passes and c lanes. */
export interface Kdf {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export interface Header {
  readonly bytes: Bytes;
  readonly id: string;
  readonly password: boolean;
  readonly kdf: Kdf;
  readonly salt: Bytes;
}

const magic = utf8("SHE1");
const suite = 1;

export const pbkdf2 = 1;
export const argon2id = 2;

export const noPassword: Kdf = { kind: 0, a: 0, b: 0, c: 0 };

/** The KDF for new passwords: Argon2id, or PBKDF2 where there is no WebAssembly. */
export function preferredKdf(): Kdf {
  return typeof WebAssembly === "object" ? { kind: argon2id, a: 65_536, b: 3, c: 1 } : { kind: pbkdf2, a: 1_000_000, b: 0, c: 0 };
}

/** The floor against downgrade and the ceiling against denial of service. */
function validKdf({ kind, a, b, c }: Kdf): boolean {
  switch (kind) {
    case noPassword.kind:
      return a === 0 && b === 0 && c === 0;
    case pbkdf2:
      return a >= 600_000 && a <= 10_000_000 && b === 0 && c === 0;
    case argon2id:
      return a >= 19_456 && a <= 1_048_576 && b >= 1 && b <= 16 && (b >= 2 || a >= 47_104) && c >= 1 && c <= 4;
  }
  return false;
}

export function newHeader(id: Bytes, kdf: Kdf, salt: Bytes): Bytes {
  const bytes = new Uint8Array(headerSize);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  bytes[4] = suite;
  bytes[5] = kdf.kind === noPassword.kind ? 0 : flagPassword;
  bytes[6] = kdf.kind;
  view.setUint32(8, kdf.a);
  view.setUint32(12, kdf.b);
  view.setUint32(16, kdf.c);
  bytes.set(salt, 20);
  bytes.set(id, 36);
  return bytes;
}

/** Reads a header and refuses what a careful client must not use. */
export function parseHeader(bytes: Bytes): Header {
  if (bytes.length !== headerSize) refuse("damaged");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const flags = view.getUint8(5);
  const header: Header = {
    bytes,
    id: toBase32(bytes.slice(36, 52)),
    password: (flags & flagPassword) !== 0,
    kdf: { kind: view.getUint8(6), a: view.getUint32(8), b: view.getUint32(12), c: view.getUint32(16) },
    salt: bytes.slice(20, 36),
  };
  if (magic.some((b, i) => b !== bytes[i])) refuse("damaged");
  if (bytes[4] !== suite || (flags & ~flagPassword) !== 0) refuse("newer");
  if (bytes[7] !== 0 || !isZero(bytes.slice(52))) refuse("damaged");
  if (header.password !== (header.kdf.kind !== noPassword.kind) || header.password === isZero(header.salt)) refuse("weak");
  if (!validKdf(header.kdf)) refuse("weak");
  return header;
}
