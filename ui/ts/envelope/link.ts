// Mirrors envelope/link.go.
import { type Bytes, concat, fromBase32, isBase32Digit, toBase32 } from "./encoding.ts";
import { linkProofOf, secretId } from "./keys.ts";
import { refuse } from "./problem.ts";

/** What a reader holds. The key never goes into a log, a title or storage. */
export interface Link {
  readonly id: string;
  readonly key: Bytes;
  readonly password: boolean;
}

const linkVersion = 1;
export const flagPassword = 1;
const fragmentLength = 55;

export async function newLink(key: Bytes, password: boolean): Promise<Link> {
  return { id: toBase32(await secretId(key)), key, password };
}

/**
 * Reads a link from the id in its path and its fragment, without the #. What
 * programs append to a fragment is dropped; a key that does not belong to the
 * id is a damaged link.
 */
export async function parseLink(id: string, fragment: string): Promise<Link> {
  if (fragment === "") refuse("missing");
  const folded = fold(fragment);
  if (folded.length < fragmentLength) refuse("damaged");
  if (folded.length > fragmentLength && isBase32Digit(folded.charAt(fragmentLength))) refuse("damaged");
  const raw = fromBase32(folded.slice(0, fragmentLength)) ?? refuse("damaged");
  const flags = raw[1] ?? 0;
  if (raw[0] !== linkVersion || (flags & ~flagPassword) !== 0) refuse("newer");
  const link = await newLink(raw.slice(2), (flags & flagPassword) !== 0);
  if (fold(id) !== link.id) refuse("damaged");
  return link;
}

/** The secret part of the link, without the #. */
export function formatFragment(link: Link): string {
  return toBase32(concat(new Uint8Array([linkVersion, link.password ? flagPassword : 0]), link.key));
}

/** Shows a server that someone holds the link, and gives nothing else away. */
export function linkProof(link: Link): Promise<Bytes> {
  return linkProofOf(link.key);
}

/** Lowers A to Z and leaves everything else. */
function fold(text: string): string {
  return text.replace(/[A-Z]/g, (c) => c.toLowerCase());
}
