// What the tests ask of the browser's envelope: window.e1, whose answers are
// compared in Go.
import { type Bytes, concat, fromBase32, fromBase64url, sha256, toBase64url } from "../../ui/ts/envelope/encoding.ts";
import { open, seal, sealWith, type Sealed } from "../../ui/ts/envelope/envelope.ts";
import { headerSize, newHeader, noPassword, parseHeader } from "../../ui/ts/envelope/header.ts";
import { deriveKeys, type Keys, passwordKey, secretId } from "../../ui/ts/envelope/keys.ts";
import { formatFragment, linkProof, newLink, parseLink } from "../../ui/ts/envelope/link.ts";
import { newManifest, packPart0, padme, parseManifest } from "../../ui/ts/envelope/manifest.ts";
import { EnvelopeError } from "../../ui/ts/envelope/problem.ts";
import { openPart, sealPart } from "../../ui/ts/envelope/stream.ts";
import { derive } from "../../ui/ts/kdf.ts";

const hex = (bytes: Bytes): string => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const unhex = (text: string): Bytes => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const unbase64 = (text: string): Bytes => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const hash = async (bytes: Bytes): Promise<string> => hex(await sha256(bytes));

/** The name of what is wrong, "" if nothing is. Any other error than ours is a fault and goes on. */
async function problem(f: () => unknown): Promise<string> {
  try {
    await f();
    return "";
  } catch (e) {
    if (e instanceof EnvelopeError) return e.problem;
    throw e;
  }
}

interface Vector {
  name: string;
  k_hex: string;
  password?: string;
  header_hex: string;
  id_path: string;
  fragment: string;
  kdf: number;
  kdf_a: number;
  kdf_b: number;
  kdf_c: number;
  manifest: string;
  text: string;
}

/** The content of a file in the vectors, padded. */
function filled(size: number): Bytes {
  return new Uint8Array(padme(size)).map((_, i) => (i < size ? (i * 31 + (i >> 8)) % 256 : 0));
}

/** Every field of a vector, computed anew from its inputs. */
async function vector(v: Vector): Promise<Record<string, unknown>> {
  const password = v.password ?? "";
  const link = await parseLink(v.id_path, v.fragment);
  const header = parseHeader(unhex(v.header_hex));
  const pw = await passwordKey(header, password, derive);
  const keys = await deriveKeys(link, header, pw);
  const manifest = parseManifest(new TextEncoder().encode(v.manifest));
  const parts = [packPart0(new TextEncoder().encode(v.manifest), v.text), ...manifest.files.map((f) => filled(f.size))];
  const sealed = await Promise.all(parts.map((part, i) => sealPart(keys, i, part)));
  for (const [i, part] of sealed.entries()) {
    if (hex(await openPart(keys, i, part)) !== hex(parts[i] ?? new Uint8Array())) throw new Error(`part ${i} does not open`);
  }
  const proof = await linkProof(link);
  const made = await newLink(unhex(v.k_hex), link.password);
  const kdf = { kind: v.kdf, a: v.kdf_a, b: v.kdf_b, c: v.kdf_c };
  return {
    k_hex: hex(link.key),
    header_hex: hex(newHeader(fromBase32(made.id) ?? new Uint8Array(), kdf, header.salt)),
    header_sha256: await hash(header.bytes),
    share_id_hex: hex(await secretId(link.key)),
    id_path: made.id,
    fragment: formatFragment(made),
    link_proof: hex(proof),
    server_link_hash: await hash(proof),
    pw_key: hex(pw),
    access_proof: hex(keys.accessProof),
    server_access_hash: await hash(keys.accessProof),
    commit: hex(keys.commit),
    part_keys: await Promise.all(parts.map(async (_, i) => hex(await keys.partKey(i)))),
    pt_sizes: parts.map((part) => part.length),
    ct_sizes: sealed.map((part) => part.length),
    ct_sha256: await Promise.all(sealed.map(hash)),
    part0_ct_first32: hex((sealed[0] ?? new Uint8Array()).slice(0, 32)),
    manifest: manifest.files.length === 0 ? new TextDecoder().decode(newManifest(manifest.intent, manifest.createdAt)) : v.manifest,
    text: (await open(keys, keys.commit, sealed[0] ?? new Uint8Array())).text,
  };
}

interface SealedCase {
  name: string;
  k_hex: string;
  text_size: number;
  views: number;
  expires_in: number;
  created_at: number;
}

interface Refused {
  envelopes: SealedCase[];
  contents: { name: string; envelope: string; pieces: { from?: number; to?: number; bytes?: string }[]; problem: string }[];
  headers: { name: string; header_hex: string; problem: string }[];
  links: { name: string; id: string; fragment: string; problem: string }[];
  manifests: { name: string; manifest: string; problem: string }[];
}

/** The same cases with the problems that are found here. */
async function refused(cases: Refused): Promise<Refused> {
  const envelopes = new Map<string, { sealed: Sealed; keys: Keys }>();
  const made: SealedCase[] = [];
  for (const c of cases.envelopes) {
    const intent = { maxViews: c.views, expiresIn: c.expires_in, gates: [] };
    const sealed = await sealWith(unhex(c.k_hex), noPassword, new Uint8Array(16), "x".repeat(c.text_size), "", intent, c.created_at, derive);
    const keys = await deriveKeys(await parseLink(sealed.id, sealed.fragment), parseHeader(sealed.header), new Uint8Array(32));
    envelopes.set(c.name, { sealed, keys });
    made.push({ ...c, ...{ header_hex: hex(sealed.header), commit: hex(sealed.commit), content_sha256: await hash(sealed.content) } });
  }
  const content = (c: Refused["contents"][number]): Promise<string> => {
    const { sealed, keys } = envelopes.get(c.envelope) ?? fail(`no envelope ${c.envelope}`);
    const pieces = c.pieces.map((p) => (p.bytes === undefined ? sealed.content.slice(p.from ?? 0, p.to ?? 0) : unbase64(p.bytes)));
    return problem(() => open(keys, sealed.commit, concat(...pieces)));
  };
  const bytes = new TextEncoder();
  return {
    envelopes: made,
    contents: await judged(cases.contents, content),
    headers: await judged(cases.headers, (c) => problem(() => parseHeader(unhex(c.header_hex)))),
    links: await judged(cases.links, (c) => problem(() => parseLink(c.id, c.fragment))),
    manifests: await judged(cases.manifests, (c) => problem(() => parseManifest(bytes.encode(c.manifest)))),
  };
}

function judged<T extends { problem: string }>(cases: T[], judge: (c: T) => Promise<string>): Promise<T[]> {
  return Promise.all(cases.map(async (c) => ({ ...c, problem: await judge(c) })));
}

function fail(message: string): never {
  throw new Error(message);
}

/** Seals a text here for the members of an organization, for Go to open. */
async function sealHere(text: string, password: string, views: number | null, seconds: number): Promise<Record<string, string>> {
  const s = await seal(text, password, { maxViews: views, expiresIn: seconds, gates: ["organization"] }, 1767225600, derive);
  return {
    id: s.id, fragment: s.fragment, header: toBase64url(s.header), commit: toBase64url(s.commit),
    link_hash: toBase64url(s.linkHash), access_hash: toBase64url(s.accessHash), content: toBase64url(s.content),
  };
}

const bytesOf = (text: string): Bytes => fromBase64url(text) ?? fail("no base64url");

/** Opens what Go sealed. */
async function openHere(id: string, fragment: string, header: string, commit: string, content: string, password: string): Promise<unknown> {
  const link = await parseLink(id, fragment);
  const parsed = parseHeader(bytesOf(header));
  const keys = await deriveKeys(link, parsed, await passwordKey(parsed, password, derive));
  const { manifest, text } = await open(keys, bytesOf(commit), bytesOf(content));
  return { text, max_views: manifest.intent.maxViews, expires_in: manifest.intent.expiresIn, created_at: manifest.createdAt };
}

/** The problem with opening under a password, or with sealing a text. */
const passwordProblem = (password: string): Promise<string> =>
  problem(() => passwordKey(parseHeader(newHeader(new Uint8Array(16), { kind: 1, a: 600_000, b: 0, c: 0 }, new Uint8Array(16).fill(1))), password, derive));
const textProblem = (text: string): Promise<string> => problem(() => seal(text, "", { maxViews: 1, expiresIn: 60, gates: [] }, 0, derive));

const links = (all: [id: string, fragment: string][]): Promise<string[]> => Promise.all(all.map(([id, f]) => problem(() => parseLink(id, f))));
const headers = (all: string[]): Promise<string[]> => Promise.all(all.map((h) => problem(() => parseHeader(unhex(h)))));

Object.assign(window, { e1: { headerSize, vector, refused, sealHere, openHere, passwordProblem, textProblem, links, headers } });
