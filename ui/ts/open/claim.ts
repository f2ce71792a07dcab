// A view that this tab began. It is kept for the tab alone, before it is asked
// for, so that a reload continues it instead of using another one. Without the
// key, which is not kept, it opens nothing.
import { type Bytes, fromBase64url, randomBytes, sha256, toBase64url } from "../envelope/encoding.ts";

export interface Claim {
  readonly viewId: string;
  readonly viewSecret: string;
  readonly header: Bytes;
}

const key = (id: string) => `view${document.documentElement.dataset["base"]}/${id}`;

/** The claim that this tab holds for a secret. */
export function heldClaim(id: string): Claim | null {
  try {
    const { viewId, viewSecret, header } = JSON.parse(sessionStorage.getItem(key(id)) ?? "null") as Record<string, string>;
    const bytes = fromBase64url(header ?? "");
    return viewId && viewSecret && bytes ? { viewId, viewSecret, header: bytes } : null;
  } catch {
    return null;
  }
}

/** Makes a claim and keeps it. False if this browser keeps nothing. */
export function newClaim(id: string, header: Bytes): [claim: Claim, kept: boolean] {
  const claim = { viewId: toBase64url(randomBytes(16)), viewSecret: toBase64url(randomBytes(32)), header };
  try {
    sessionStorage.setItem(key(id), JSON.stringify({ ...claim, header: toBase64url(header) }));
    return [claim, true];
  } catch {
    return [claim, false];
  }
}

/** Drops the claim: its view is over. */
export function dropClaim(id: string): void {
  try {
    sessionStorage.removeItem(key(id));
  } catch {
    // Nothing was kept.
  }
}

/** What the service keeps of a claim, to know it again. */
export async function claimHash(claim: Claim): Promise<string> {
  return toBase64url(await sha256(fromBase64url(claim.viewSecret) ?? new Uint8Array()));
}
