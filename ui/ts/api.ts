// The wire, as package api has it. What a caller holds goes in headers; nothing
// of the kind is ever in a URL.
import { type Bytes, toBase64url } from "./envelope/encoding.ts";

const prefix = `${document.documentElement.dataset["base"]}/api/v1`;

/** An error that the server answered. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly reason: string;
  readonly endedAt: Date | null;
  readonly triesLeft: number | null;
  readonly retryAfter: number; // seconds
  readonly gates: readonly Gate[];
  readonly ruled: boolean; // refused by the rules of an organization

  constructor(status: number, body: ProblemBody, retryAfter: number) {
    super(body.code);
    this.status = status;
    this.code = body.code;
    this.reason = body.reason ?? "";
    this.endedAt = body.ended_at ? new Date(body.ended_at) : null;
    this.triesLeft = body.tries_left ?? null;
    this.retryAfter = retryAfter;
    this.gates = body.gates ?? [];
    this.ruled = body.errors?.some((e) => e.code === "policy") ?? false;
  }
}

interface ProblemBody {
  code: string;
  reason?: string;
  ended_at?: string;
  tries_left?: number;
  gates?: Gate[];
  errors?: { field: string; code: string }[];
}

/** What a reader lacks. */
export type Gate = "organization" | "sign_in" | "policy";

/** No answer, or none that came from the service. */
export class Unreachable extends Error {}

export interface Created {
  created_at: string;
  expires_at: string;
  max_views: number | null;
}

export interface Seen {
  header: string;
  state: string;
  expires_at: string;
  max_views: number | null;
  views_left: number | null;
  needs_password: boolean;
  size: number;
  tries_left?: number;
  gates: Gate[];
  sender?: { name: string; email: string };
  organization?: string; // whose members alone may open it
  brand?: Brand;
}

/** How an organization looks to the readers of its secrets. */
export interface Brand {
  name?: string;
  accent?: string;
  accent_deep?: string;
  logo?: string; // a PNG
}

/** Who is signed in, and the organization that they work in. */
export interface Me {
  name: string;
  email: string;
  organization?: Organization | null;
}

export interface Organization {
  id: string;
  name: string;
  policy: { sharing_outside: boolean; max_lifetime: number | null; max_views: number | null; password_required: boolean };
}

export interface Opened {
  view_id: string;
  header: string;
  commit: string;
  content: string;
  expires_at: string;
  views_left: number | null;
}

export interface Receipt {
  state: string;
  created_at: string;
  expires_at: string;
  ended_at?: string;
  disputed_at?: string;
  unlocked_at?: string;
  max_views: number | null;
  views: number;
  events: { at: string; action: string }[];
}

type Holds = { "Link-Proof"?: string; "Manage-Token"?: string; "View-Secret"?: string };

export function createSecret(body: object): Promise<Created> {
  return retried(() => call("POST", "/secrets", {}, body));
}

export function me(): Promise<Me> {
  return retried(() => call("GET", "/me", {}));
}

export function peek(id: string, proof: Bytes): Promise<Seen> {
  return retried(() => call("GET", `/secrets/${id}`, { "Link-Proof": toBase64url(proof) }));
}

export function openView(id: string, proof: Bytes, body: object): Promise<Opened> {
  return retried(() => call("POST", `/secrets/${id}/views`, { "Link-Proof": toBase64url(proof) }, body));
}

/** Says that everything arrived. It outlives the page. */
export function acknowledge(viewId: string, viewSecret: string): Promise<void> {
  return retried(() => call("DELETE", `/views/${viewId}`, { "View-Secret": viewSecret }));
}

export function sendFeedback(id: string, proof: Bytes, mine: boolean): Promise<void> {
  return retried(() => call("POST", `/secrets/${id}/feedback`, { "Link-Proof": toBase64url(proof) }, { mine }));
}

export function receipt(id: string, token: string): Promise<Receipt> {
  return call("GET", `/secrets/${id}`, { "Manage-Token": token });
}

export function deleteSecret(id: string, token: string): Promise<void> {
  return retried(() => call("DELETE", `/secrets/${id}`, { "Manage-Token": token }));
}

export function unlockSecret(id: string, token: string): Promise<void> {
  return retried(() => call("PATCH", `/secrets/${id}`, { "Manage-Token": token }, { unlock: true }));
}

const timeout = 15_000;

async function call<T>(method: string, path: string, holds: Holds, body?: object): Promise<T> {
  const headers: Record<string, string> = { ...holds };
  const init: RequestInit = { method, headers, redirect: "error", cache: "no-store", keepalive: method === "DELETE" };
  if (body) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  let answer: Response;
  let value: unknown;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeout);
  try {
    answer = await fetch(prefix + path, { ...init, signal: late.signal });
    value = answer.status === 204 ? undefined : await answer.json();
  } catch {
    throw new Unreachable();
  } finally {
    clearTimeout(timer);
  }
  if (answer.ok) return value as T;
  const problem = value as ProblemBody;
  if (typeof problem?.code !== "string") throw new Unreachable();
  throw new Problem(answer.status, problem, Number(answer.headers.get("Retry-After") ?? 0));
}

const waits = [300, 1000, 2500];
const patience = 15_000; // for tries that hang

/**
 * Repeats a call whose outcome is not known, the very same one: every call here
 * may be repeated without doing anything twice.
 */
async function retried<T>(f: () => Promise<T>): Promise<T> {
  const began = Date.now();
  for (const wait of waits) {
    if (Date.now() - began > patience) break;
    try {
      return await f();
    } catch (e) {
      const again = e instanceof Unreachable || (e instanceof Problem && e.status === 503);
      if (!again) throw e;
      await new Promise((resolve) => setTimeout(resolve, wait * jitter()));
    }
  }
  return f();
}

/** 0.75 to 1.25, so that many tabs do not come back at once. */
function jitter(): number {
  return 0.75 + Math.random() / 2;
}
