// Mirrors envelope/manifest.go.
import { type Bytes, concat, isZero, utf8 } from "./encoding.ts";
import { loneSurrogate, u32 } from "./keys.ts";
import { refuse } from "./problem.ts";

/** What the sender meant; null views are unlimited, seconds from creation. */
export interface Intent {
  readonly maxViews: number | null;
  readonly expiresIn: number;
  readonly gates: readonly string[]; // what else readers have to show: "email", "organization", "sign_in"
}

/** What only sender and reader know of a secret beside the text. */
export interface Manifest {
  readonly createdAt: number; // unix seconds
  readonly intent: Intent;
  readonly files: readonly SealedFile[];
}

export interface SealedFile {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly part: number;
}

const manifestVersion = 1;
const maxManifest = 1024;
export const maxText = 64 << 10;

export function newManifest(intent: Intent, createdAt: number): Bytes {
  const gates = intent.gates.length > 0 ? { gates: intent.gates } : {};
  return utf8(JSON.stringify({ v: manifestVersion, files: [], created_at: createdAt, policy: [intent.maxViews, intent.expiresIn], ...gates }));
}

/** Reads a manifest: unknown members are ignored, repeated ones refused. */
export function parseManifest(bytes: Bytes): Manifest {
  const text = decode(bytes);
  const m = parseObject(text);
  if (!isCount(m["v"])) refuse("damaged");
  if (m["v"] !== manifestVersion) refuse("newer");
  const { created_at: createdAt, policy, files, gates = [] } = m;
  if (!isCount(createdAt) || !Array.isArray(policy) || policy.length !== 2 || !Array.isArray(files)) refuse("damaged");
  const [maxViews, expiresIn] = policy as unknown[];
  if (!(maxViews === null || (isCount(maxViews) && maxViews > 0)) || !isCount(expiresIn)) refuse("damaged");
  if (!Array.isArray(gates) || gates.some((g) => typeof g !== "string")) refuse("damaged");
  if (files.length === 0 && bytes.length > maxManifest) refuse("damaged");
  return { createdAt, intent: { maxViews, expiresIn, gates: gates as string[] }, files: files.map(parseFile) };
}

function parseFile(file: unknown): SealedFile {
  const { name, type, size, part } = Object(file) as Record<string, unknown>;
  if (typeof name !== "string" || typeof type !== "string" || !isCount(size) || !isCount(part) || part < 1) refuse("damaged");
  return { name, type, size, part };
}

/** A whole number up to where every reader has it exactly. */
function isCount(n: unknown): n is number {
  return Number.isSafeInteger(n) && (n as number) >= 0;
}

/**
 * JSON.parse keeps the last of repeated members without a word, so the members
 * are counted, as written and as read.
 */
function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  let repeats: boolean;
  try {
    value = JSON.parse(text);
    repeats = countMembers(text) !== countKeys(value);
  } catch {
    refuse("damaged"); // no JSON, or nested deeper than the stack goes
  }
  if (repeats || value === null || typeof value !== "object" || Array.isArray(value)) refuse("damaged");
  return value as Record<string, unknown>;
}

/** The members written in a JSON text: the colons outside its strings. */
function countMembers(text: string): number {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, "").split(":").length - 1;
}

function countKeys(value: unknown): number {
  if (value === null || typeof value !== "object") return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((n: number, v) => n + countKeys(v), own);
}

/** u32 length || manifest || u32 length || text || zeros. */
export function packPart0(manifest: Bytes, text: string): Bytes {
  const bytes = utf8(text);
  if (bytes.length > maxText) refuse("too_large");
  if (loneSurrogate.test(text)) refuse("damaged"); // the encoder would change it without a word
  const packed = concat(u32(manifest.length), manifest, u32(bytes.length), bytes);
  const part = new Uint8Array(paddedSize(packed.length));
  part.set(packed);
  return part;
}

/** Refuses anything that packPart0 would not have written. */
export function unpackPart0(part: Bytes): { manifest: Manifest; text: string } {
  const [manifest, rest] = lengthPrefixed(part);
  const [text, padding] = lengthPrefixed(rest);
  if (!isZero(padding) || paddedSize(part.length - padding.length) !== part.length) refuse("damaged");
  return { manifest: parseManifest(manifest), text: decode(text) };
}

function lengthPrefixed(bytes: Bytes): [value: Bytes, rest: Bytes] {
  if (bytes.length < 4) refuse("damaged");
  const n = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (n > bytes.length - 4) refuse("damaged");
  return [bytes.subarray(4, 4 + n), bytes.subarray(4 + n)];
}

function decode(bytes: Bytes): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    refuse("damaged");
  }
}

/** What part 0 of n bytes is padded to. */
function paddedSize(n: number): number {
  return [1 << 10, 4 << 10, 16 << 10, 64 << 10].find((step) => n <= step) ?? padme(n);
}

/** Padmé: at most 12 % more, few distinct lengths. */
export function padme(n: number): number {
  if (n < 2) return n;
  const e = Math.floor(Math.log2(n));
  const s = Math.floor(Math.log2(e)) + 1;
  const step = 2 ** (e - s);
  return Math.ceil(n / step) * step;
}
