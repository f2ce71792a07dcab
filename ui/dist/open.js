// ts/envelope/encoding.ts
var base32Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
function toBase32(bytes) {
  let text2 = "", bits = 0, value2 = 0;
  for (let byte of bytes)
    for (value2 = (value2 << 8 | byte) & 4095, bits += 8; bits >= 5; bits -= 5) text2 += base32Alphabet[value2 >> bits - 5 & 31];
  return bits > 0 ? text2 + base32Alphabet[value2 << 5 - bits & 31] : text2;
}
function fromBase32(text2) {
  let bytes = new Uint8Array(Math.floor(text2.length * 5 / 8)), bits = 0, value2 = 0, at = 0;
  for (let c of text2) {
    let digit = base32Alphabet.indexOf(c);
    if (digit < 0) return null;
    value2 = (value2 << 5 | digit) & 4095, bits += 5, bits >= 8 && (bits -= 8, bytes[at++] = value2 >> bits);
  }
  return toBase32(bytes) === text2 ? bytes : null;
}
function isBase32Digit(c) {
  return base32Alphabet.includes(c);
}
function toBase64url(bytes) {
  let text2 = "";
  for (let i = 0; i < bytes.length; i += 8192) text2 += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text2).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
function fromBase64url(text2) {
  if (!/^[A-Za-z0-9_-]*$/.test(text2) || text2.length % 4 === 1) return null;
  let raw = atob(text2.replaceAll("-", "+").replaceAll("_", "/")), bytes = Uint8Array.from(raw, (c) => c.charCodeAt(0));
  return toBase64url(bytes) === text2 ? bytes : null;
}
function concat(...parts) {
  let all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0)), at = 0;
  for (let p of parts)
    all.set(p, at), at += p.length;
  return all;
}
function equal(a, b) {
  let differ = a.length ^ b.length;
  for (let i = 0; i < a.length && i < b.length; i++) differ |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return differ === 0;
}
function isZero(bytes) {
  return bytes.every((b) => b === 0);
}
function randomBytes(n) {
  return crypto.getRandomValues(new Uint8Array(n));
}
async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
async function hkdf(salt, ikm, info, length) {
  let key2 = await crypto.subtle.importKey("raw", ikm, "HKDF", !1, ["deriveBits"]);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, key2, length * 8));
}
var encoder = new TextEncoder();
function utf8(text2) {
  return encoder.encode(text2);
}

// ts/api.ts
var prefix = `${document.documentElement.dataset.base}/api/v1`, Problem = class extends Error {
  status;
  code;
  reason;
  endedAt;
  triesLeft;
  retryAfter;
  // seconds
  gates;
  ruled;
  // refused by the rules of an organization
  constructor(status, body, retryAfter) {
    super(body.code), this.status = status, this.code = body.code, this.reason = body.reason ?? "", this.endedAt = body.ended_at ? new Date(body.ended_at) : null, this.triesLeft = body.tries_left ?? null, this.retryAfter = retryAfter, this.gates = body.gates ?? [], this.ruled = body.errors?.some((e) => e.code === "policy") ?? !1;
  }
}, Unreachable = class extends Error {
};
function peek(id, proof) {
  return retried(() => call("GET", `/secrets/${id}`, { "Link-Proof": toBase64url(proof) }));
}
function openView(id, proof, body) {
  return retried(() => call("POST", `/secrets/${id}/views`, { "Link-Proof": toBase64url(proof) }, body));
}
function acknowledge(viewId, viewSecret) {
  return retried(() => call("DELETE", `/views/${viewId}`, { "View-Secret": viewSecret }));
}
function sendFeedback(id, proof, mine) {
  return retried(() => call("POST", `/secrets/${id}/feedback`, { "Link-Proof": toBase64url(proof) }, { mine }));
}
var timeout = 15e3;
async function call(method, path, holds, body) {
  let headers = { ...holds }, init = { method, headers, redirect: "error", cache: "no-store", keepalive: method === "DELETE" };
  body && (headers["Content-Type"] = "application/json", init.body = JSON.stringify(body));
  let answer2, value2, late = new AbortController(), timer2 = setTimeout(() => late.abort(), timeout);
  try {
    answer2 = await fetch(prefix + path, { ...init, signal: late.signal }), value2 = answer2.status === 204 ? void 0 : await answer2.json();
  } catch {
    throw new Unreachable();
  } finally {
    clearTimeout(timer2);
  }
  if (answer2.ok) return value2;
  let problem = value2;
  throw typeof problem?.code != "string" ? new Unreachable() : new Problem(answer2.status, problem, Number(answer2.headers.get("Retry-After") ?? 0));
}
var waits = [300, 1e3, 2500], patience = 15e3;
async function retried(f) {
  let began = Date.now();
  for (let wait of waits) {
    if (Date.now() - began > patience) break;
    try {
      return await f();
    } catch (e) {
      if (!(e instanceof Unreachable || e instanceof Problem && e.status === 503)) throw e;
      await new Promise((resolve) => setTimeout(resolve, wait * jitter()));
    }
  }
  return f();
}
function jitter() {
  return 0.75 + (crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) / 510;
}

// ts/dom.ts
function el(id) {
  return document.getElementById(id);
}
function showSection(id, focus = !0) {
  for (let section of document.querySelectorAll("main > section:not(.recent)")) section.hidden = section.id !== id;
  focus && soon(() => el(id).querySelector("h1")?.focus());
}
function soon(f) {
  setTimeout(f);
}
function showWhen(root4, when2) {
  for (let e of root4.querySelectorAll("[data-when]")) e.hidden = e.dataset.when !== when2;
}
function setError(id, text2, control) {
  let error = el(id);
  error.hidden = text2 === "", error.querySelector("span").textContent = text2, text2 === "" ? control?.removeAttribute("aria-invalid") : control?.setAttribute("aria-invalid", "true");
}
function announce(text2) {
  el("announce").textContent = text2;
}
function setLabel(button3, text2) {
  (button3.querySelector("span") ?? button3).textContent = text2;
}

// ts/envelope/problem.ts
var EnvelopeError = class extends Error {
  problem;
  constructor(problem) {
    super(problem), this.problem = problem;
  }
};
function refuse(problem) {
  throw new EnvelopeError(problem);
}

// ts/envelope/keys.ts
var maxPassword = 1024, linkSalt = utf8("share/e1 link");
function secretId(key2) {
  return hkdf(linkSalt, key2, utf8("id"), 16);
}
function linkProofOf(key2) {
  return hkdf(linkSalt, key2, utf8("link-proof"), 32);
}
async function deriveKeys(link, header, passwordKey2) {
  (header.id !== link.id || header.password !== link.password) && refuse("damaged");
  let salt = await sha256(header.bytes), ikm = concat(link.key, passwordKey2), [accessProof, commit] = await Promise.all([hkdf(salt, ikm, utf8("access-proof"), 32), hkdf(salt, ikm, utf8("commit"), 32)]);
  return { accessProof, commit, partKey: (part) => hkdf(salt, ikm, concat(utf8("part"), u32(part)), 32) };
}
async function passwordKey(header, password2, derive2) {
  return header.password ? derive2(passwordBytes(password2), header.salt, header.kdf) : new Uint8Array(32);
}
function passwordBytes(password2) {
  let bytes = utf8(password2.normalize("NFC"));
  return (bytes.length === 0 || bytes.length > maxPassword || loneSurrogate.test(password2)) && refuse("password"), bytes;
}
var loneSurrogate = /\p{Surrogate}/u;
function u32(n) {
  let bytes = new Uint8Array(4);
  return new DataView(bytes.buffer).setUint32(0, n), bytes;
}

// ts/envelope/link.ts
var linkVersion = 1, flagPassword = 1, fragmentLength = 55;
async function newLink(key2, password2) {
  return { id: toBase32(await secretId(key2)), key: key2, password: password2 };
}
async function parseLink(id, fragment) {
  fragment === "" && refuse("missing");
  let folded = fold(fragment);
  folded.length < fragmentLength && refuse("damaged"), folded.length > fragmentLength && isBase32Digit(folded.charAt(fragmentLength)) && refuse("damaged");
  let raw = fromBase32(folded.slice(0, fragmentLength)) ?? refuse("damaged"), flags = raw[1] ?? 0;
  (raw[0] !== linkVersion || (flags & ~flagPassword) !== 0) && refuse("newer");
  let link = await newLink(raw.slice(2), (flags & flagPassword) !== 0);
  return fold(id) !== link.id && refuse("damaged"), link;
}
function linkProof(link) {
  return linkProofOf(link.key);
}
function fold(text2) {
  return text2.replace(/[A-Z]/g, (c) => c.toLowerCase());
}

// ts/envelope/header.ts
var headerSize = 64, magic = utf8("SHE1"), suite = 1, pbkdf2 = 1, argon2id = 2, noPassword = { kind: 0, a: 0, b: 0, c: 0 };
function validKdf({ kind, a, b, c }) {
  switch (kind) {
    case noPassword.kind:
      return a === 0 && b === 0 && c === 0;
    case pbkdf2:
      return a >= 6e5 && a <= 1e7 && b === 0 && c === 0;
    case argon2id:
      return a >= 19456 && a <= 1048576 && b >= 1 && b <= 16 && (b >= 2 || a >= 47104) && c >= 1 && c <= 4;
  }
  return !1;
}
function parseHeader(bytes) {
  bytes.length !== headerSize && refuse("damaged");
  let view = new DataView(bytes.buffer, bytes.byteOffset), flags = view.getUint8(5), header = {
    bytes,
    id: toBase32(bytes.slice(36, 52)),
    password: (flags & flagPassword) !== 0,
    kdf: { kind: view.getUint8(6), a: view.getUint32(8), b: view.getUint32(12), c: view.getUint32(16) },
    salt: bytes.slice(20, 36)
  };
  return magic.some((b, i) => b !== bytes[i]) && refuse("damaged"), (bytes[4] !== suite || (flags & ~flagPassword) !== 0) && refuse("newer"), (bytes[7] !== 0 || !isZero(bytes.slice(52))) && refuse("damaged"), (header.password !== (header.kdf.kind !== noPassword.kind) || header.password === isZero(header.salt)) && refuse("weak"), validKdf(header.kdf) || refuse("weak"), header;
}

// ts/envelope/manifest.ts
var manifestVersion = 1, maxManifest = 1024;
function parseManifest(bytes) {
  let text2 = decode(bytes), m = parseObject(text2);
  isCount(m.v) || refuse("damaged"), m.v !== manifestVersion && refuse("newer");
  let { created_at: createdAt, policy, files, gates = [] } = m;
  (!isCount(createdAt) || !Array.isArray(policy) || policy.length !== 2 || !Array.isArray(files)) && refuse("damaged");
  let [maxViews, expiresIn] = policy;
  return (!(maxViews === null || isCount(maxViews) && maxViews > 0) || !isCount(expiresIn)) && refuse("damaged"), (!Array.isArray(gates) || gates.some((g) => typeof g != "string")) && refuse("damaged"), files.length === 0 && bytes.length > maxManifest && refuse("damaged"), { createdAt, intent: { maxViews, expiresIn, gates }, files: files.map(parseFile) };
}
function parseFile(file) {
  let { name, type, size: size2, part } = Object(file);
  return (typeof name != "string" || typeof type != "string" || !isCount(size2) || !isCount(part) || part < 1) && refuse("damaged"), { name, type, size: size2, part };
}
function isCount(n) {
  return Number.isSafeInteger(n) && n >= 0;
}
function parseObject(text2) {
  let value2, repeats;
  try {
    value2 = JSON.parse(text2), repeats = countMembers(text2) !== countKeys(value2);
  } catch {
    refuse("damaged");
  }
  return (repeats || value2 === null || typeof value2 != "object" || Array.isArray(value2)) && refuse("damaged"), value2;
}
function countMembers(text2) {
  return text2.replace(/"(?:[^"\\]|\\.)*"/g, "").split(":").length - 1;
}
function countKeys(value2) {
  if (value2 === null || typeof value2 != "object") return 0;
  let own = Array.isArray(value2) ? 0 : Object.keys(value2).length;
  return Object.values(value2).reduce((n, v) => n + countKeys(v), own);
}
function unpackPart0(part) {
  let [manifest, rest] = lengthPrefixed(part), [text2, padding] = lengthPrefixed(rest);
  return (!isZero(padding) || paddedSize(part.length - padding.length) !== part.length) && refuse("damaged"), { manifest: parseManifest(manifest), text: decode(text2) };
}
function lengthPrefixed(bytes) {
  bytes.length < 4 && refuse("damaged");
  let n = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return n > bytes.length - 4 && refuse("damaged"), [bytes.subarray(4, 4 + n), bytes.subarray(4 + n)];
}
function decode(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: !0, ignoreBOM: !0 }).decode(bytes);
  } catch {
    refuse("damaged");
  }
}
function paddedSize(n) {
  return [1024, 4096, 16384, 65536].find((step) => n <= step) ?? padme(n);
}
function padme(n) {
  if (n < 2) return n;
  let e = Math.floor(Math.log2(n)), s = Math.floor(Math.log2(e)) + 1, step = 2 ** (e - s);
  return Math.ceil(n / step) * step;
}

// ts/envelope/stream.ts
var chunkSize = 65536, tagSize = 16;
async function aead(keys, part) {
  return crypto.subtle.importKey("raw", await keys.partKey(part), "AES-GCM", !1, ["encrypt", "decrypt"]);
}
function nonce(chunk, final) {
  let iv = new Uint8Array(12);
  return new DataView(iv.buffer).setUint32(7, chunk), iv[11] = final ? 1 : 0, iv;
}
async function openPart(keys, part, sealed) {
  let key2 = await aead(keys, part), chunks = [];
  for (let at = 0, i = 0; ; i++, at += chunkSize + tagSize) {
    let final = sealed.length - at <= chunkSize + tagSize, chunk = sealed.subarray(at, at + chunkSize + tagSize);
    i > 0 && chunk.length <= tagSize && refuse("damaged");
    try {
      chunks.push(new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce(i, final) }, key2, chunk)));
    } catch {
      refuse("damaged");
    }
    if (final) return concat(...chunks);
  }
}

// ts/envelope/envelope.ts
async function open(keys, commit, content) {
  return equal(commit, keys.commit) || refuse("damaged"), unpackPart0(await openPart(keys, 0, content));
}

// ts/kdf.ts
var derive = async (password2, salt, kdf) => {
  if (kdf.kind === argon2id) return inWorker({ password: password2, salt, a: kdf.a, b: kdf.b, c: kdf.c });
  let key2 = await crypto.subtle.importKey("raw", password2, "PBKDF2", !1, ["deriveBits"]), params = { name: "PBKDF2", hash: "SHA-256", salt, iterations: kdf.a };
  return new Uint8Array(await crypto.subtle.deriveBits(params, key2, 256));
};
function inWorker(job) {
  let worker = new Worker(workerAddress()), ready = !1;
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => {
      data === "ready" ? ready = !0 : data ? resolve(data) : reject(new Error("key derivation failed"));
    }, worker.onerror = () => reject(ready ? new Error("key derivation failed") : new Unreachable()), worker.postMessage(job);
  }).finally(() => worker.terminate());
}
function expectPassword(input) {
  let address = document.documentElement.dataset.worker ?? "";
  input.addEventListener("input", () => {
    fetch(address).catch(() => {
    });
  }, { once: !0 });
}
var trusted;
function workerAddress() {
  let address = document.documentElement.dataset.worker ?? "", factory = window.trustedTypes;
  return trusted ??= factory?.createPolicy("app-worker", { createScriptURL: () => address }).createScriptURL("") ?? address, trusted;
}

// ts/open/address.ts
var base = document.documentElement.dataset.base ?? "";
function readAddress() {
  let path = location.pathname.slice(`${base}/s/`.length), cut = path.indexOf("%23");
  if (cut < 0) return { id: path, fragment: location.hash.slice(1), repaired: !1 };
  let address = { id: path.slice(0, cut), fragment: path.slice(cut + 3), repaired: !0 };
  return history.replaceState(null, "", `${base}/s/${address.id}#${address.fragment}`), address;
}
function forgetKey() {
  history.replaceState("opened", "", location.pathname);
}
function wasOpened() {
  return history.state === "opened";
}

// ts/open/claim.ts
var key = (id) => `view${document.documentElement.dataset.base}/${id}`;
function heldClaim(id) {
  try {
    let { viewId, viewSecret, header } = JSON.parse(sessionStorage.getItem(key(id)) ?? "null"), bytes = fromBase64url(header ?? "");
    return viewId && viewSecret && bytes ? { viewId, viewSecret, header: bytes } : null;
  } catch {
    return null;
  }
}
function newClaim(id, header) {
  let claim = { viewId: toBase64url(randomBytes(16)), viewSecret: toBase64url(randomBytes(32)), header };
  try {
    return sessionStorage.setItem(key(id), JSON.stringify({ ...claim, header: toBase64url(header) })), [claim, !0];
  } catch {
    return [claim, !1];
  }
}
function dropClaim(id) {
  try {
    sessionStorage.removeItem(key(id));
  } catch {
  }
}
async function claimHash(claim) {
  return toBase64url(await sha256(fromBase64url(claim.viewSecret) ?? new Uint8Array()));
}

// ts/say.ts
var root = document.documentElement, language = root.lang, words = JSON.parse(root.dataset.words ?? "{}"), plurals = new Intl.PluralRules(language), numbers = new Intl.NumberFormat(language);
function say(key2, values = {}) {
  let message = words[key2] ?? "", count = Number(values.n ?? values.views ?? 0);
  return (typeof message == "string" ? message : message[plurals.select(count)] ?? message.other ?? "").replace(/\{(\w+)\}/g, (_, name) => {
    let value2 = values[name] ?? "";
    return typeof value2 == "number" ? numbers.format(value2) : value2;
  });
}
function put(element, text2) {
  element.replaceChildren(
    ...text2.split(/(\u2060[^\u2060]*\u2060)/).map((piece) => {
      if (!piece.startsWith("⁠")) return piece;
      let span = document.createElement("span");
      return span.className = "nowrap", span.textContent = piece.slice(1, -1), span;
    })
  );
}
function often(views) {
  return views === null ? "unlimited" : views === 1 ? "once" : "times";
}
var day = { weekday: "short", day: "numeric", month: "short", year: "numeric" }, clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, locale = language === "en" ? "en-GB" : language, days = new Intl.DateTimeFormat(locale, day), clocks = new Intl.DateTimeFormat(locale, { ...clock, timeZoneName: "short" }), shortDays = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short" }), shortClocks = new Intl.DateTimeFormat(locale, clock);
function when(date) {
  return `⁠${plain(days.format(date))},⁠ ⁠${clocks.format(date)}⁠`;
}
function plain(day2) {
  return language === "en" ? day2.replace(/,(?= \d)/, "") : day2;
}
function size(bytes) {
  return new Intl.NumberFormat(language, { style: "unit", unit: "kilobyte", unitDisplay: "short", maximumFractionDigits: 0 }).format(Math.max(1, Math.round(bytes / 1024)));
}

// ts/open/ended.ts
function showEnd(end, { link, spent, at, seconds, again, from = "", values: more } = {}) {
  let values = { at: when(at ?? /* @__PURE__ */ new Date()), n: seconds ?? 0, ...more };
  put(el("ended-title"), say(`ended.js.${end}`, values));
  let unspent = mayPass(end) || isOfLink(end) ? !spent : !1;
  el("ended-lead").textContent = [mayPass(end) ? "" : say(`ended.js.${end}_lead`, values), from, unspent ? say("ended.js.unspent") : ""].filter(Boolean).join(" "), el("ended-line").textContent = say(`ended.js.${end}_line`, values), showQuestion(end === "used_up" || end === "closed" ? link : void 0), showAgain(again), el("sign-in").hidden = !0, el("ended-seal").firstElementChild?.setAttribute("href", `#i-${end === "sign_in" || end === "members" ? "seal" : "seal-broken"}`), showSection("ended");
}
function endOf(e) {
  if (e instanceof Unreachable) return "offline";
  if (e instanceof EnvelopeError) return e.problem === "missing" || e.problem === "newer" || e.problem === "weak" ? e.problem : "damaged";
  if (!(e instanceof Problem)) return "failed";
  switch (e.status) {
    case 404:
      return "unknown";
    case 410:
      return e.reason === "expired" || e.reason === "deleted" || e.reason === "locked" ? e.reason : e.reason === "view_closed" ? "closed" : "used_up";
    case 429:
      return "busy";
  }
  return "failed";
}
function isOfLink(end) {
  return end === "missing" || end === "damaged" || end === "newer" || end === "weak";
}
function mayPass(end) {
  return end === "offline" || end === "busy" || end === "failed";
}
function showQuestion(link) {
  let question = el("question");
  question.hidden = link === void 0, el("answered").hidden = !0, question.onsubmit = (e) => {
    e.preventDefault(), link && answer(link, e.submitter.value === "yes");
  };
}
async function answer(link, mine) {
  let answered = el("answered"), buttons = el("question").querySelectorAll("button"), setBusy2 = (busy) => buttons.forEach((b) => b.disabled = busy);
  answered.hidden = !1, answered.textContent = say("ended.js.saying"), setBusy2(!0);
  try {
    await sendFeedback(link.id, await linkProof(link), mine);
  } catch {
    answered.textContent = say("ended.js.said_failed");
    return;
  } finally {
    setBusy2(!1);
  }
  el("question").hidden = !0, answered.textContent = say(mine ? "ended.js.said_yes" : "ended.js.said_no"), answered.focus();
}
function showAgain(again) {
  el("again").hidden = again === void 0, el("again").querySelector("button").onclick = again ?? null;
}

// ts/open/gate.ts
function showGate({ gates, organization = "", sender }, again) {
  let end = gates.includes("policy") ? "policy" : gates.includes("sign_in") ? "sign_in" : "members", from = sender ? say("ended.js.sent_by", { sender: sender.name ? `${sender.name}, ${sender.email}` : sender.email }) : "", back = () => {
    document.hidden || (document.removeEventListener("visibilitychange", back), again());
  };
  showEnd(end, { values: { organization }, from, again: () => (document.removeEventListener("visibilitychange", back), again()) }), el("sign-in").hidden = end === "policy", end !== "policy" && document.addEventListener("visibilitychange", back);
}

// ts/open/ready.ts
var allTries = 10;
function showSeen(seen) {
  let { max_views: max, views_left: left } = seen, until = when(new Date(seen.expires_at));
  el("what").textContent = say("open.js.text", { size: size(seen.size) }), put(el("how-long"), say(`open.js.${limitKey(max, left)}`, { n: left ?? 0, until }));
  let before = max !== null && left !== null ? max - left : 0, viewed = el("viewed");
  viewed.hidden = before === 0, viewed.querySelector("span").textContent = say("open.js.viewed", { n: before }), el("once").hidden = left !== 1, showTries(seen.tries_left ?? null);
}
function limitKey(max, left) {
  return max !== left && left !== null ? "left" : often(max);
}
function showAgain2() {
  el("what").textContent = say("open.js.again"), el("how-long").textContent = "", el("viewed").hidden = !0, el("once").hidden = !1, showTries(null);
}
function showTries(left) {
  el("tries").textContent = left === null || left >= allTries ? "" : say("open.js.tries", { n: left });
}

// ts/open/sender.ts
var root2 = document.documentElement, colour = /^#[0-9a-f]{6}$/;
function introduce({ sender, organization, brand }) {
  let known = sender !== void 0, name = sender?.name || sender?.email || "";
  el("unknown").hidden = known, el("sender").hidden = el("expected").hidden = !known, known && (el("ready-title").textContent = say("open.js.from", { name }), el("sender").querySelector("bdi").textContent = sender.email, el("expected").textContent = say("open.js.expected", { name })), organization && (el("promise").textContent = say("open.js.promise_members", { organization })), brand && wear(brand);
}
function wear({ name = "", accent = "", accent_deep: deep = "", logo }) {
  let mark = document.querySelector(".wordmark"), picture = logo ? pictureOf(logo, name) : null;
  picture ? mark.replaceChildren(picture) : name !== "" && mark.replaceChildren(name), colour.test(accent) && (root2.style.setProperty("--accent", accent), root2.style.setProperty("--accent-deep", colour.test(deep) ? deep : `color-mix(in oklab, ${accent}, black 20%)`));
}
function pictureOf(logo, name) {
  let bytes = fromBase64url(logo);
  if (!bytes) return null;
  let img = document.createElement("img");
  return img.alt = name, img.src = URL.createObjectURL(new Blob([bytes], { type: "image/png" })), img;
}

// ts/clipboard.ts
var shownFor = 3e3;
function copies(button3, { text: text2, done, select }) {
  let label = button3.textContent?.trim() ?? "", timer2 = 0;
  button3.addEventListener("click", async () => {
    setError("copy-problem", "");
    try {
      await navigator.clipboard.writeText(text2());
    } catch {
      setError("copy-problem", say("js.copy_failed")), select();
      return;
    }
    setLabel(button3, say("js.copied")), announce(say("js.copied")), clearTimeout(timer2), timer2 = setTimeout(() => setLabel(button3, label), shownFor), done?.();
  });
}

// ts/open/value.ts
var dots = "•".repeat(16), shownFor2 = 6e4, value = el("value"), button = el("reveal"), text = "", taken = !1, timer = 0;
function holdValue(opened) {
  text = opened, taken = !1, mask();
}
function clearValue() {
  text = "", mask();
}
function isHeld() {
  return text !== "";
}
function isUntaken() {
  return text !== "" && !taken;
}
function mask() {
  clearTimeout(timer), value.classList.add("value-masked");
  let picture = document.createElement("span");
  picture.ariaHidden = "true", picture.textContent = dots;
  let words2 = document.createElement("span");
  words2.className = "sr", words2.textContent = say("opened.js.hidden"), value.replaceChildren(picture, words2), setLabel(button, say("opened.js.show")), el("hides").textContent = say("opened.js.hidden");
}
function show() {
  taken = !0, value.classList.remove("value-masked"), value.textContent = text, setLabel(button, say("opened.js.hide")), el("hides").textContent = say("opened.js.hides"), timer = setTimeout(mask, shownFor2);
}
function save() {
  taken = !0;
  let url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" })), a = document.createElement("a");
  a.href = url, a.download = say("opened.js.file"), a.click(), setTimeout(() => URL.revokeObjectURL(url), 6e4);
}
function setUpValue() {
  copies(el("copy"), {
    text: () => text,
    done: () => taken = !0,
    select: () => {
      show(), getSelection()?.selectAllChildren(value);
    }
  }), button.addEventListener("click", () => value.classList.contains("value-masked") ? show() : mask()), el("save").addEventListener("click", save), document.addEventListener("visibilitychange", () => document.hidden && mask());
}

// ts/page.ts
var root3 = document.documentElement, themes = matchMedia("(prefers-color-scheme: dark)").matches ? ["system", "light", "dark"] : ["system", "dark", "light"];
function setUpTheme() {
  let button3 = el("theme"), name = () => themes.find((t) => t === root3.dataset.theme) ?? "system", label = () => button3.setAttribute("aria-label", button3.dataset[name()] ?? "");
  button3.addEventListener("click", () => {
    let next = themes[(themes.indexOf(name()) + 1) % themes.length];
    next === void 0 || next === "system" ? delete root3.dataset.theme : root3.dataset.theme = next, remember("theme", root3.dataset.theme), label();
  }), label(), button3.hidden = !1;
}
function remember(key2, value2) {
  try {
    value2 === void 0 ? localStorage.removeItem(key2) : localStorage.setItem(key2, value2);
  } catch {
  }
}
function setUpLanguage() {
  let menu = el("language");
  menu.addEventListener("click", (e) => {
    let link = e.target.closest("a");
    link && (e.preventDefault(), menu.open = !1, document.cookie = `lang=${link.hreflang}; Path=${root3.dataset.base}/; SameSite=Lax; Max-Age=31536000`, location.search === "" ? location.reload() : location.replace(location.pathname + location.hash));
  }), document.addEventListener("click", (e) => {
    menu.contains(e.target) || (menu.open = !1);
  }), menu.addEventListener("keydown", (e) => {
    e.key === "Escape" && (menu.open = !1, menu.querySelector("summary")?.focus());
  });
}
function setUpSkip() {
  document.querySelector(".skip")?.addEventListener("click", (e) => {
    e.preventDefault(), el("main").focus();
  });
}
function setUpReveals() {
  for (let button3 of document.querySelectorAll("[data-reveals]")) {
    let input = el(button3.dataset.reveals ?? "");
    button3.addEventListener("click", () => reveal(button3, input, input.type === "password"));
  }
}
function reveal(button3, input, shown) {
  input.type = shown ? "text" : "password", button3.setAttribute("aria-label", say(shown ? "js.hide_password" : "js.show_password"));
}
var site = root3.dataset.url || location.origin + (root3.dataset.base ?? "");
function unable() {
  return isSecureContext ? typeof crypto?.subtle?.deriveBits == "function" ? null : "old" : "insecure";
}
setUpSkip();
setUpTheme();
setUpLanguage();
setUpReveals();
el("host").textContent = location.host;

// ts/open.ts
var session = null, shownId = "", form = el("form"), password = el("password"), button2 = el("show"), buttonLabel = button2.textContent ?? "";
async function look(link, notice = "") {
  showSection("wait", !1);
  try {
    let seen = await peek(link.id, await linkProof(link));
    if (introduce(seen), seen.gates.length > 0) return showGate(seen, () => {
      look(link, notice);
    });
    begin(link, headerOf(link, fromBase64url(seen.header)), null, { organization: "", ...seen }), showSeen(seen), setError("problem", notice);
  } catch (e) {
    if (e instanceof Forged) return showEnd("forged");
    let end = endOf(e);
    showEnd(notice !== "" && end === "used_up" ? "closed" : end, { ...details(e, link, () => look(link, notice)), spent: notice !== "" });
  }
}
var Forged = class extends Error {
};
function headerOf(link, bytes) {
  let header;
  try {
    header = parseHeader(bytes ?? new Uint8Array());
  } catch (e) {
    throw e instanceof EnvelopeError && e.problem !== "damaged" ? e : new Forged();
  }
  if (header.id !== link.id || header.password !== link.password) throw new Forged();
  return header;
}
function details(e, link, again) {
  let end = endOf(e), at = e instanceof Problem ? e.endedAt : null, seconds = e instanceof Problem ? e.retryAfter : 0;
  return { link, at, seconds, ...mayPass(end) || end === "locked" ? { again } : {} };
}
function resume(link, claim) {
  begin(link, headerOf(link, claim.header), claim, null), showAgain2();
}
function begin(link, header, claim, served) {
  session = { link, header, claim, served }, password.value = "", el("password-field").hidden = !header.password, showSection("ready");
}
async function show2(s) {
  if (setError("problem", ""), setError("password-error", "", password), s.header.password && password.value === "") return wrongPassword(say("open.js.password_missing"));
  setBusy(!0);
  try {
    await openWith(s);
  } catch (e) {
    refuse2(s, e);
  } finally {
    setBusy(!1);
  }
}
function setBusy(busy) {
  button2.ariaBusy = String(busy), setLabel(button2, busy ? say("open.js.opening") : buttonLabel);
}
var NoKeys = class extends Error {
};
async function openWith(s) {
  let derived = await passwordKey(s.header, password.value, derive).catch((e) => {
    throw e instanceof EnvelopeError || e instanceof Unreachable ? e : new NoKeys();
  });
  if (!s.claim) {
    let [claim, kept] = newClaim(s.link.id, s.header.bytes);
    s.claim = claim, kept || setError("problem", say("open.js.no_storage"));
  }
  let [keys, proof, viewHash] = await Promise.all([deriveKeys(s.link, s.header, derived), linkProof(s.link), claimHash(s.claim)]), opened = await openView(s.link.id, proof, {
    view_id: s.claim.viewId,
    view_hash: viewHash,
    access_proof: toBase64url(keys.accessProof)
  }), bytes = (text3) => fromBase64url(text3) ?? new Uint8Array(), { manifest, text: text2 } = await verified(async () => {
    if (!equal(bytes(opened.header), s.header.bytes)) throw new EnvelopeError("damaged");
    let inside = await open(keys, bytes(opened.commit), bytes(opened.content));
    if (inside.manifest.files.length > 0) throw new EnvelopeError("newer");
    return inside;
  });
  await showOpened(s, s.claim, opened, manifest, text2);
}
async function verified(f) {
  try {
    return await f();
  } catch (e) {
    throw e instanceof EnvelopeError && e.problem === "newer" ? e : new Forged();
  }
}
async function showOpened(s, claim, opened, manifest, text2) {
  holdValue(text2), password.value = "", session = null, shownId = s.link.id, put(el("opened-at"), say("opened.js.at", { at: when(/* @__PURE__ */ new Date()) })), showLeft(opened, "opened.js.not_deleted"), warnOfLimits(s, opened, manifest), el("language").hidden = !0, showSection("opened");
  try {
    await acknowledge(claim.viewId, claim.viewSecret), manifest.intent.maxViews === 1 && showLeft(opened, "opened.js.deleted");
  } catch {
  }
  letGo();
}
function letGo() {
  dropClaim(shownId), forgetKey();
}
function showLeft({ views_left: left, expires_at: expires }, gone) {
  let until = when(new Date(expires));
  put(el("left"), left === null ? say("opened.js.unlimited", { until }) : left === 0 ? say("opened.js.last") : say("opened.js.left", { n: left, until })), el("left-more").textContent = say(left === 0 ? gone : "opened.js.keep");
}
function warnOfLimits({ served }, opened, { intent, createdAt }) {
  let late = new Date(opened.expires_at).getTime() > (createdAt + intent.expiresIn) * 1e3 + 9e5, left = opened.views_left, more = left !== null && intent.maxViews !== null && left >= intent.maxViews, other = served !== null && served.max_views !== intent.maxViews, unlike = more || other || left === null != (intent.maxViews === null), key2 = intent.gates.some((g) => g !== "organization" || served?.organization === "") ? "gates" : unlike ? "views" : late ? "expiry" : "", warning = el("warning");
  warning.hidden = key2 === "", warning.querySelector("span").textContent = key2 === "" ? "" : say(`opened.js.warn_${key2}`);
}
function wrongPassword(text2) {
  setError("password-error", text2, password), password.focus(), password.select();
}
function refuse2(s, e) {
  if (e instanceof Forged) return showEnd("forged");
  if (e instanceof NoKeys) return setError("problem", say("open.js.derive_failed"));
  if (e instanceof EnvelopeError && e.problem === "password") return wrongPassword(say("open.js.password_long"));
  if (e instanceof Unreachable) return setError("problem", say("open.js.offline"));
  if (!(e instanceof Problem)) return showEnd(endOf(e), { spent: !0 });
  switch (e.code) {
    case "wrong_password":
      return e.triesLeft === 0 ? showEnd("locked", { again: goOn(s) }) : (showTries(e.triesLeft), wrongPassword(say("open.js.password_wrong", { n: e.triesLeft ?? 0 })));
    case "rate_limited":
      return setError("problem", say("open.js.busy", { n: e.retryAfter }));
    case "gate":
      return void look(s.link);
    case "gone":
      return over(s, e);
  }
  if (e.status >= 500) return setError("problem", say("open.js.failed"));
  showEnd(endOf(e), details(e, s.link, () => look(s.link)));
}
function over(s, e) {
  if (e.reason === "view_closed") {
    dropClaim(s.link.id), look(s.link, say("open.js.closed"));
    return;
  }
  e.reason !== "locked" && dropClaim(s.link.id), showEnd(endOf(e), details(e, s.link, goOn(s)));
}
function goOn(s) {
  return () => s.claim && heldClaim(s.link.id) ? resume(s.link, s.claim) : void look(s.link);
}
function clear() {
  clearValue(), letGo(), showEnd("cleared");
}
async function start() {
  let reason = unable();
  if (reason) {
    showWhen(el("unable"), reason), showSection("unable");
    return;
  }
  if (addEventListener("hashchange", () => isHeld() || location.reload()), wasOpened() && location.hash.length < 2) return showEnd("cleared");
  let address = readAddress();
  el("repaired").hidden = !address.repaired, el("you-are-on").textContent = location.host;
  try {
    let link = await parseLink(address.id, address.fragment), claim = heldClaim(link.id);
    claim ? resume(link, claim) : await look(link);
  } catch (e) {
    showEnd(e instanceof Forged ? "forged" : endOf(e));
  }
}
var pressed = !1;
button2.addEventListener("click", (e) => pressed = e.isTrusted);
form.addEventListener("submit", (e) => {
  e.preventDefault(), pressed && session && button2.ariaBusy !== "true" && show2(session), pressed = !1;
});
password.addEventListener("input", () => setError("password-error", "", password));
el("done").addEventListener("click", clear);
addEventListener("beforeunload", (e) => {
  isUntaken() && e.preventDefault();
});
expectPassword(password);
setUpValue();
start();
