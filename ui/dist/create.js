// ts/envelope/encoding.ts
var base32Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
function toBase32(bytes) {
  let text = "", bits = 0, value = 0;
  for (let byte of bytes)
    for (value = (value << 8 | byte) & 4095, bits += 8; bits >= 5; bits -= 5) text += base32Alphabet[value >> bits - 5 & 31];
  return bits > 0 ? text + base32Alphabet[value << 5 - bits & 31] : text;
}
function fromBase32(text) {
  let bytes = new Uint8Array(Math.floor(text.length * 5 / 8)), bits = 0, value = 0, at = 0;
  for (let c of text) {
    let digit = base32Alphabet.indexOf(c);
    if (digit < 0) return null;
    value = (value << 5 | digit) & 4095, bits += 5, bits >= 8 && (bits -= 8, bytes[at++] = value >> bits);
  }
  return toBase32(bytes) === text ? bytes : null;
}
function toBase64url(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
function concat(...parts) {
  let all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0)), at = 0;
  for (let p of parts)
    all.set(p, at), at += p.length;
  return all;
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
function utf8(text) {
  return encoder.encode(text);
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
function createSecret(body) {
  return retried(() => call("POST", "/secrets", {}, body));
}
function receipt(id, token) {
  return call("GET", `/secrets/${id}`, { "Manage-Token": token });
}
function deleteSecret(id, token) {
  return retried(() => call("DELETE", `/secrets/${id}`, { "Manage-Token": token }));
}
function unlockSecret(id, token) {
  return retried(() => call("PATCH", `/secrets/${id}`, { "Manage-Token": token }, { unlock: !0 }));
}
var timeout = 15e3;
async function call(method, path, holds, body) {
  let headers = { ...holds }, init = { method, headers, redirect: "error", cache: "no-store", keepalive: method === "DELETE" };
  body && (headers["Content-Type"] = "application/json", init.body = JSON.stringify(body));
  let answer, value, late2 = new AbortController(), timer = setTimeout(() => late2.abort(), timeout);
  try {
    answer = await fetch(prefix + path, { ...init, signal: late2.signal }), value = answer.status === 204 ? void 0 : await answer.json();
  } catch {
    throw new Unreachable();
  } finally {
    clearTimeout(timer);
  }
  if (answer.ok) return value;
  let problem = value;
  throw typeof problem?.code != "string" ? new Unreachable() : new Problem(answer.status, problem, Number(answer.headers.get("Retry-After") ?? 0));
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
  for (let section2 of document.querySelectorAll("main > section:not(.recent)")) section2.hidden = section2.id !== id;
  focus && soon(() => el(id).querySelector("h1")?.focus());
}
function soon(f) {
  setTimeout(f);
}
function showWhen(root4, when2) {
  for (let e of root4.querySelectorAll("[data-when]")) e.hidden = e.dataset.when !== when2;
}
function setError(id, text, control) {
  let error2 = el(id);
  error2.hidden = text === "", error2.querySelector("span").textContent = text, text === "" ? control?.removeAttribute("aria-invalid") : control?.setAttribute("aria-invalid", "true");
}
function announce(text) {
  el("announce").textContent = text;
}
function setLabel(button2, text) {
  (button2.querySelector("span") ?? button2).textContent = text;
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
async function deriveKeys(link2, header, passwordKey2) {
  (header.id !== link2.id || header.password !== link2.password) && refuse("damaged");
  let salt = await sha256(header.bytes), ikm = concat(link2.key, passwordKey2), [accessProof, commit] = await Promise.all([hkdf(salt, ikm, utf8("access-proof"), 32), hkdf(salt, ikm, utf8("commit"), 32)]);
  return { accessProof, commit, partKey: (part) => hkdf(salt, ikm, concat(utf8("part"), u32(part)), 32) };
}
async function passwordKey(header, password3, derive2) {
  return header.password ? derive2(passwordBytes(password3), header.salt, header.kdf) : new Uint8Array(32);
}
function passwordBytes(password3) {
  let bytes = utf8(password3.normalize("NFC"));
  return (bytes.length === 0 || bytes.length > maxPassword || loneSurrogate.test(password3)) && refuse("password"), bytes;
}
var loneSurrogate = /\p{Surrogate}/u;
function u32(n) {
  let bytes = new Uint8Array(4);
  return new DataView(bytes.buffer).setUint32(0, n), bytes;
}

// ts/envelope/link.ts
var linkVersion = 1, flagPassword = 1;
async function newLink(key2, password3) {
  return { id: toBase32(await secretId(key2)), key: key2, password: password3 };
}
function formatFragment(link2) {
  return toBase32(concat(new Uint8Array([linkVersion, link2.password ? flagPassword : 0]), link2.key));
}
function linkProof(link2) {
  return linkProofOf(link2.key);
}

// ts/envelope/header.ts
var headerSize = 64, magic = utf8("SHE1"), suite = 1, pbkdf2 = 1, argon2id = 2, noPassword = { kind: 0, a: 0, b: 0, c: 0 };
function preferredKdf() {
  return typeof WebAssembly == "object" ? { kind: argon2id, a: 65536, b: 3, c: 1 } : { kind: pbkdf2, a: 1e6, b: 0, c: 0 };
}
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
function newHeader(id, kdf, salt) {
  let bytes = new Uint8Array(headerSize), view = new DataView(bytes.buffer);
  return bytes.set(magic), bytes[4] = suite, bytes[5] = kdf.kind === noPassword.kind ? 0 : flagPassword, bytes[6] = kdf.kind, view.setUint32(8, kdf.a), view.setUint32(12, kdf.b), view.setUint32(16, kdf.c), bytes.set(salt, 20), bytes.set(id, 36), bytes;
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
var manifestVersion = 1;
var maxText = 65536;
function newManifest(intent, createdAt) {
  let gates = intent.gates.length > 0 ? { gates: intent.gates } : {};
  return utf8(JSON.stringify({ v: manifestVersion, files: [], created_at: createdAt, policy: [intent.maxViews, intent.expiresIn], ...gates }));
}
function packPart0(manifest, text) {
  let bytes = utf8(text);
  bytes.length > maxText && refuse("too_large"), loneSurrogate.test(text) && refuse("damaged");
  let packed = concat(u32(manifest.length), manifest, u32(bytes.length), bytes), part = new Uint8Array(paddedSize(packed.length));
  return part.set(packed), part;
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
var chunkSize = 65536;
async function aead(keys, part) {
  return crypto.subtle.importKey("raw", await keys.partKey(part), "AES-GCM", !1, ["encrypt", "decrypt"]);
}
function nonce(chunk, final) {
  let iv = new Uint8Array(12);
  return new DataView(iv.buffer).setUint32(7, chunk), iv[11] = final ? 1 : 0, iv;
}
async function sealPart(keys, part, plain2) {
  let key2 = await aead(keys, part), chunks = [];
  for (let at = 0, i = 0; ; i++, at += chunkSize) {
    let final = plain2.length - at <= chunkSize, iv = nonce(i, final);
    if (chunks.push(new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key2, plain2.subarray(at, at + chunkSize)))), final) return concat(...chunks);
  }
}

// ts/envelope/envelope.ts
async function seal(text, password3, intent, createdAt, derive2) {
  let kdf = password3 === "" ? noPassword : preferredKdf(), salt = password3 === "" ? new Uint8Array(16) : randomBytes(16);
  return sealWith(randomBytes(32), kdf, salt, text, password3, intent, createdAt, derive2);
}
async function sealWith(key2, kdf, salt, text, password3, intent, createdAt, derive2) {
  let link2 = await newLink(key2, password3 !== ""), header = parseHeader(newHeader(fromBase32(link2.id) ?? refuse("damaged"), kdf, salt)), keys = await deriveKeys(link2, header, await passwordKey(header, password3, derive2)), part = packPart0(newManifest(intent, createdAt), text), [linkHash, accessHash, content] = await Promise.all([linkProof(link2).then(sha256), sha256(keys.accessProof), sealPart(keys, 0, part)]);
  return { id: link2.id, fragment: formatFragment(link2), header: header.bytes, commit: keys.commit, linkHash, accessHash, content };
}

// ts/kdf.ts
var derive = async (password3, salt, kdf) => {
  if (kdf.kind === argon2id) return inWorker({ password: password3, salt, a: kdf.a, b: kdf.b, c: kdf.c });
  let key2 = await crypto.subtle.importKey("raw", password3, "PBKDF2", !1, ["deriveBits"]), params = { name: "PBKDF2", hash: "SHA-256", salt, iterations: kdf.a };
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

// ts/say.ts
var root = document.documentElement, language = root.lang, words = JSON.parse(root.dataset.words ?? "{}"), plurals = new Intl.PluralRules(language), numbers = new Intl.NumberFormat(language);
function say(key2, values = {}) {
  let message = words[key2] ?? "", count = Number(values.n ?? values.views ?? 0);
  return (typeof message == "string" ? message : message[plurals.select(count)] ?? message.other ?? "").replace(/\{(\w+)\}/g, (_, name) => {
    let value = values[name] ?? "";
    return typeof value == "number" ? numbers.format(value) : value;
  });
}
function put(element, text) {
  element.replaceChildren(
    ...text.split(/(\u2060[^\u2060]*\u2060)/).map((piece) => {
      if (!piece.startsWith("⁠")) return piece;
      let span = document.createElement("span");
      return span.className = "nowrap", span.textContent = piece.slice(1, -1), span;
    })
  );
}
function often(views2) {
  return views2 === null ? "unlimited" : views2 === 1 ? "once" : "times";
}
var day = { weekday: "short", day: "numeric", month: "short", year: "numeric" }, clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, locale = language === "en" ? "en-GB" : language, days = new Intl.DateTimeFormat(locale, day), clocks = new Intl.DateTimeFormat(locale, { ...clock, timeZoneName: "short" }), shortDays = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short" }), shortClocks = new Intl.DateTimeFormat(locale, clock);
function when(date) {
  return `⁠${plain(days.format(date))},⁠ ⁠${clocks.format(date)}⁠`;
}
function plain(day2) {
  return language === "en" ? day2.replace(/,(?= \d)/, "") : day2;
}
function plainWhen(date) {
  return when(date).replaceAll("⁠", "");
}
function shortWhen(date) {
  let time = shortClocks.format(date), now = /* @__PURE__ */ new Date();
  return date.toDateString() === now.toDateString() ? time : `${plain((date.getFullYear() === now.getFullYear() ? shortDays : days).format(date))}, ${time}`;
}

// ts/page.ts
var root2 = document.documentElement, themes = matchMedia("(prefers-color-scheme: dark)").matches ? ["system", "light", "dark"] : ["system", "dark", "light"];
function setUpTheme() {
  let button2 = el("theme"), name = () => themes.find((t) => t === root2.dataset.theme) ?? "system", label = () => button2.setAttribute("aria-label", button2.dataset[name()] ?? "");
  button2.addEventListener("click", () => {
    let next = themes[(themes.indexOf(name()) + 1) % themes.length];
    next === void 0 || next === "system" ? delete root2.dataset.theme : root2.dataset.theme = next, remember("theme", root2.dataset.theme), label();
  }), label(), button2.hidden = !1;
}
function remember(key2, value) {
  try {
    value === void 0 ? localStorage.removeItem(key2) : localStorage.setItem(key2, value);
  } catch {
  }
}
function setUpLanguage() {
  let menu = el("language");
  menu.addEventListener("click", (e) => {
    let link2 = e.target.closest("a");
    link2 && (e.preventDefault(), menu.open = !1, document.cookie = `lang=${link2.hreflang}; Path=${root2.dataset.base}/; SameSite=Lax; Max-Age=31536000`, location.search === "" ? location.reload() : location.replace(location.pathname + location.hash));
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
  for (let button2 of document.querySelectorAll("[data-reveals]")) {
    let input = el(button2.dataset.reveals ?? "");
    button2.addEventListener("click", () => reveal(button2, input, input.type === "password"));
  }
}
function reveal(button2, input, shown2) {
  input.type = shown2 ? "text" : "password", button2.setAttribute("aria-label", say(shown2 ? "js.hide_password" : "js.show_password"));
}
var site = root2.dataset.url || location.origin + (root2.dataset.base ?? "");
function unable() {
  return isSecureContext ? typeof crypto?.subtle?.deriveBits == "function" ? null : "old" : "insecure";
}
setUpSkip();
setUpTheme();
setUpLanguage();
setUpReveals();
el("host").textContent = location.host;

// ts/late.ts
var root3 = document.documentElement;
async function late(name) {
  let url = root3.dataset[name] ?? "", preload = document.createElement("link");
  preload.rel = "modulepreload", preload.href = url, preload.integrity = root3.dataset[`${name}Integrity`] ?? "";
  let loaded = new Promise((resolve, reject) => {
    preload.onload = resolve, preload.onerror = reject;
  });
  document.head.append(preload);
  try {
    await loaded;
  } catch (e) {
    throw preload.remove(), e;
  }
  return import(url);
}

// ts/create/form.ts
var form = el("form"), secret = el("secret"), expires = el("expires"), until = el("until"), views = el("views"), number = el("number"), password = el("password"), sentence = el("sentence"), said = "", suggestion = null, minSeconds = 300, maxViews = 1e3, bounds = {
  seconds: Number(document.documentElement.dataset.max),
  late: (until2) => say("create.js.until_late", { until: until2 }),
  views: 1 / 0,
  many: "",
  missing: ""
}, addition = () => ({ fields: {}, gates: [], who: "" }), nearLimit = 4096;
function holdForm(held) {
  form.inert = held;
}
function isFilled() {
  return secret.value !== "";
}
function clearForm() {
  form.reset(), reveal(form.querySelector("[data-reveals]"), password, !1);
  for (let [id, control] of controls) setError(id, "", control);
  setError("problem", ""), holdTo({}), showChoices(), showCount();
}
var controls = [
  ["secret-error", secret],
  ["expires-error", until],
  ["views-error", number],
  ["password-error", password]
];
function readOrder() {
  let wrong = [wrongText(), wrongUntil(), wrongViews(), wrongPassword()];
  controls.forEach(([id, control], i) => setError(id, wrong[i] ?? "", control));
  let first = wrong.findIndex((text) => text !== "");
  if (first >= 0)
    return controls[first]?.[1].focus(), null;
  let { fields, gates, who } = addition(), intent = { maxViews: chosenViews(), expiresIn: chosenSeconds(), gates }, chosen = expires.value === "custom" ? until.value : expires.value;
  return { text: secret.value, password: password.value, intent, until: chosen, suggested: password.value === suggestion, who, fields };
}
function wrongText() {
  if (secret.value === "") return say("create.js.empty");
  let over = utf8(secret.value).length - maxText;
  return over > 0 ? say("create.js.too_long", { n: over }) : loneSurrogate.test(secret.value) ? say("create.js.broken_text") : "";
}
function wrongUntil() {
  if (expires.value !== "custom") return "";
  let seconds = chosenSeconds();
  return Number.isNaN(seconds) ? say("create.js.until_missing") : seconds < minSeconds ? say("create.js.until_soon") : seconds > bounds.seconds ? bounds.late(plainWhen(after(bounds.seconds))) : "";
}
function wrongViews() {
  if (views.value !== "custom") return "";
  let n = Number(number.value);
  return !Number.isInteger(n) || n < 1 || n > maxViews ? say("create.js.views_wrong") : n > bounds.views ? bounds.many : "";
}
function wrongPassword() {
  if (password.value === "") return bounds.missing;
  try {
    return passwordBytes(password.value), "";
  } catch (e) {
    if (!(e instanceof EnvelopeError)) throw e;
    return say(utf8(password.value.normalize("NFC")).length > maxPassword ? "create.js.password_long" : "create.js.password_wrong");
  }
}
function chosenSeconds() {
  return expires.value !== "custom" ? Number(expires.value) : Math.ceil((new Date(until.value).getTime() - Date.now()) / 1e3);
}
function chosenDate() {
  return expires.value === "custom" ? new Date(until.value) : after(chosenSeconds());
}
function chosenViews() {
  return views.value === "unlimited" ? null : Number(views.value === "custom" ? number.value : views.value);
}
function after(seconds) {
  return new Date(Date.now() + seconds * 1e3);
}
function outcome(maxViews2, locked, until2) {
  return say(`create.js.${often(maxViews2)}${locked ? "_locked" : ""}`, { n: maxViews2 ?? 0, until: until2 });
}
function sentences(...all) {
  return all.filter((s) => s !== "").join(" ");
}
function showSentence() {
  let text = wrongUntil() === "" && wrongViews() === "" ? sentences(outcome(chosenViews(), password.value !== "", when(chosenDate())), addition().who) : "";
  text !== said && (said = text, put(sentence, text));
}
function showCount() {
  let left = maxText - utf8(secret.value).length;
  el("count").textContent = left > nearLimit ? "" : left >= 0 ? say("create.js.bytes_left", { n: left }) : say("create.js.too_long", { n: -left });
}
function showChoices() {
  for (let [select, input] of [[expires, until], [views, number]])
    input.parentElement.hidden = select.value !== "custom";
}
function holdTo(allowed) {
  bounds = { ...bounds, ...allowed }, forbid(expires, (seconds) => Number(seconds) > bounds.seconds), forbid(views, (n) => n === "unlimited" ? bounds.views < 1 / 0 : Number(n) > bounds.views), number.max = String(Math.min(bounds.views, maxViews)), password.required = bounds.missing !== "", setUpUntil(), showSentence();
}
function forbid(select, forbidden) {
  for (let o of select.options) o.disabled = o.value !== "custom" && forbidden(o.value);
  if (!select.selectedOptions[0]?.disabled) return;
  let allowed = [...select.options].filter((o) => !o.disabled && o.value !== "custom");
  select.value = allowed.at(-1)?.value ?? "custom";
}
function localDate(date) {
  return new Date(date.getTime() - date.getTimezoneOffset() * 6e4).toISOString().slice(0, 16);
}
function setUpUntil() {
  until.min = localDate(after(minSeconds + 60)), until.max = localDate(after(bounds.seconds)), until.value === "" && (until.value = localDate(after(Math.min(86400, bounds.seconds))));
}
async function suggest() {
  let before = password.value;
  try {
    let list2 = await late("list");
    if (password.value !== before) return;
    suggestion = password.value = list2.suggestPassword();
  } catch {
    setError("password-error", say("create.js.words_failed"), password);
    return;
  }
  setError("password-error", "", password), reveal(form.querySelector("[data-reveals]"), password, !0), password.focus(), showSentence();
}
function clearErrorOf(target) {
  for (let [id, control] of controls) control === target && setError(id, "", control);
  target === expires && setError("expires-error", "", until), target === views && setError("views-error", "", number);
}
function tick() {
  sentence.setAttribute("aria-live", "off"), showSentence(), setTimeout(() => sentence.setAttribute("aria-live", "polite"), 100);
}
function setUpForm(onOrder, added) {
  addition = added ?? addition, form.addEventListener("submit", (e) => {
    e.preventDefault();
    let order = readOrder();
    order && onOrder(order);
  }), form.addEventListener("input", (e) => {
    clearErrorOf(e.target), showCount(), e.target !== secret && showSentence();
  });
  for (let select of [expires, views])
    select.addEventListener("change", () => {
      setUpUntil(), showChoices(), showSentence(), select.value === "custom" && (select === expires ? until : number).focus();
    });
  el("suggest").addEventListener("click", suggest), expectPassword(password), setInterval(tick, 3e4), showChoices(), showCount(), showSentence();
}

// ts/clipboard.ts
var shownFor = 3e3;
function copies(button2, { text, done, select }) {
  let label = button2.textContent?.trim() ?? "", timer = 0;
  button2.addEventListener("click", async () => {
    setError("copy-problem", "");
    try {
      await navigator.clipboard.writeText(text());
    } catch {
      setError("copy-problem", say("js.copy_failed")), select();
      return;
    }
    setLabel(button2, say("js.copied")), announce(say("js.copied")), clearTimeout(timer), timer = setTimeout(() => setLabel(button2, label), shownFor), done?.();
  });
}

// ts/create/confirm.ts
var dialog = el("confirm"), error = dialog.querySelector(".error");
function confirmDelete(run) {
  let [no, yes] = dialog.querySelectorAll("[data-answer]"), label = yes.textContent ?? "", done = new AbortController(), on = { signal: done.signal }, deleted = !1, setRunning = (running) => {
    no.disabled = yes.disabled = running, setLabel(yes, running ? say("recent.js.deleting") : label);
  };
  return error.hidden = !0, dialog.showModal(), no.focus(), new Promise((resolve) => {
    dialog.addEventListener("cancel", (e) => yes.disabled && e.preventDefault(), on), dialog.addEventListener("close", () => resolve(deleted), on), no.addEventListener("click", () => dialog.close(), on), yes.addEventListener("click", async () => {
      setRunning(!0);
      let problem = await run();
      setRunning(!1), deleted = problem === null, error.hidden = deleted, error.querySelector("span").textContent = problem ?? "", deleted ? dialog.close() : yes.focus();
    }, on);
  }).finally(() => done.abort());
}

// ts/create/result.ts
var link = el("link"), password2 = el("result-password"), reveals = el("result").querySelector("[data-reveals]"), result = null;
function hasLink() {
  return result !== null && !(result.linkTaken && result.passwordTaken);
}
function showResult({ sealed, token, created, order }) {
  let locked = order.password !== "", until2 = new Date(created.expires_at), address = `${site}/s/${sealed.id}#${sealed.fragment}`, sentence2 = sentences(limits(created, plainWhen(until2)), order.who), message = say(locked ? "result.js.message_locked" : "result.js.message", { link: address, sentence: sentence2 });
  result = { id: sealed.id, token, link: address, message, linkTaken: !1, passwordTaken: !locked || !order.suggested }, put(el("result-sentence"), sentences(outcome(created.max_views, locked, when(until2)), order.who)), showWhen(el("result"), locked ? "password" : "open"), link.value = address, el("printed").textContent = address, password2.value = order.password, reveal(reveals, password2, !1), setError("copy-problem", ""), el("mail").href = `mailto:?subject=${encodeURIComponent(say("result.js.subject"))}&body=${encodeURIComponent(message)}`, el("language").hidden = !0, el("sealed").classList.add("letter-new"), showSection("result"), soon(() => showQr(address));
}
function limits({ max_views: n }, until2) {
  return say(`result.js.sentence_${often(n)}`, { n: n ?? 0, until: until2 });
}
async function showQr(address) {
  let place = el("qr");
  place.replaceChildren();
  try {
    let { drawQr } = await late("qr");
    result?.link === address && place.replaceChildren(drawQr(address, place.dataset.label ?? ""));
  } catch {
    place.replaceChildren();
  }
}
function clearResult() {
  result = null, link.value = "", password2.value = "", el("printed").textContent = "", el("mail").removeAttribute("href"), el("qr").replaceChildren();
}
async function deleteNow(keep) {
  if (!result) return;
  let { id, token } = result;
  await confirmDelete(() => keep.remove(id, token)) && (clearResult(), showSection("withdrawn"));
}
function setUpResult(keep) {
  let takeLink = () => {
    result && (result.linkTaken = !0);
  }, takePassword = () => {
    result && (result.passwordTaken = !0);
  }, selectLink = () => link.select();
  copies(el("copy-link"), { text: () => result?.link ?? "", done: takeLink, select: selectLink }), copies(el("copy-message"), { text: () => result?.message ?? "", done: takeLink, select: selectLink }), copies(el("copy-password"), {
    text: () => password2.value,
    done: takePassword,
    select: () => {
      reveal(reveals, password2, !0), password2.select();
    }
  }), el("mail").addEventListener("click", takeLink), link.addEventListener("copy", takeLink), link.addEventListener("focus", selectLink), password2.addEventListener("copy", takePassword), reveals.addEventListener("click", takePassword), el("delete").addEventListener("click", () => {
    deleteNow(keep);
  });
}

// ts/create/page.ts
var sameCallFor = 2 * 6e4, slowAfter = 6e3, unanswered = null, submit = el("submit"), submitLabel = submit.textContent ?? "";
async function create({ keep }, order) {
  if (submit.ariaBusy === "true") return;
  setBusy(!0), setError("problem", "");
  let slow = setTimeout(() => setError("problem", say("create.js.slow")), slowAfter);
  try {
    let call2 = await callFor(order);
    unanswered = call2;
    let created = await createSecret(call2.body);
    unanswered = null, setError("problem", ""), keep.show(!1), showResult({ sealed: call2.sealed, token: call2.token, created, order }), soon(() => {
      keep.add(call2.sealed.id, call2.token, created), clearForm();
    });
  } catch (e) {
    mayHaveArrived(e) || (unanswered = null), setError("problem", sentenceFor(e)), soon(() => submit.focus());
  } finally {
    clearTimeout(slow), setBusy(!1);
  }
}
function setBusy(busy) {
  submit.ariaBusy = String(busy), setLabel(submit, busy ? say("create.js.sealing") : submitLabel), holdForm(busy);
}
function mayHaveArrived(e) {
  return e instanceof Unreachable || e instanceof Problem && e.status >= 500 && e.status !== 507;
}
async function callFor(order) {
  let before = unanswered;
  if (before) {
    if (same(before.order, order) && Date.now() - before.begun < sameCallFor) return before;
    deleteSecret(before.sealed.id, before.token).catch(() => {
    }), unanswered = null;
  }
  return newCall(order);
}
function same(a, b) {
  return a.text === b.text && a.password === b.password && a.until === b.until && a.intent.maxViews === b.intent.maxViews && JSON.stringify(a.fields) === JSON.stringify(b.fields);
}
async function newCall(order) {
  let token = randomBytes(32), [sealed, manageHash] = await Promise.all([
    seal(order.text, order.password, order.intent, Math.floor(Date.now() / 1e3), derive),
    sha256(token)
  ]), body = {
    ...order.fields,
    header: toBase64url(sealed.header),
    commit: toBase64url(sealed.commit),
    link_hash: toBase64url(sealed.linkHash),
    access_hash: toBase64url(sealed.accessHash),
    manage_hash: toBase64url(manageHash),
    content: toBase64url(sealed.content),
    expires_in: order.intent.expiresIn,
    max_views: order.intent.maxViews
  };
  return { order, sealed, token: toBase64url(token), body, begun: Date.now() };
}
function sentenceFor(e) {
  return e instanceof Unreachable ? say("create.js.offline") : e instanceof Problem ? e.status === 429 ? say("create.js.busy", { n: e.retryAfter }) : e.status === 507 ? say("create.js.full") : e.status === 401 ? say("create.js.signed_out") : e.ruled ? say("create.js.policy") : say(e.status >= 500 ? "create.js.failed" : "create.js.refused") : say("create.js.seal_failed");
}
function askBeforeLeaving(e) {
  (isFilled() || hasLink()) && e.preventDefault();
}
function startAgain(keep) {
  hasLink() && !confirm(say("result.js.lose")) || (clearResult(), clearForm(), el("language").hidden = !1, showSection("create", !1), keep.show(!0), el("secret").focus());
}
function start(sender) {
  let reason = unable();
  if (reason)
    return showWhen(el("unable"), reason), showSection("unable"), !1;
  setUpForm((order) => create(sender, order), sender.addition), setUpResult(sender.keep);
  for (let button2 of document.querySelectorAll("[data-again]")) button2.addEventListener("click", () => startAgain(sender.keep));
  return addEventListener("beforeunload", askBeforeLeaving), showSection("create", !1), el("secret").focus(), !0;
}

// ts/create/recent.ts
var key = `recent${document.documentElement.dataset.base}`, most = 40, endedAgain = 3600 * 1e3, liveAgain = 5 * 1e3, section = el("recent"), list = section.querySelector("ul"), rowTemplate = el("recent-row"), entries = [], kept = !0, shown = !0;
function load() {
  if (!kept) return entries;
  try {
    let stored = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(stored) ? stored.filter(isEntry) : [];
  } catch {
    return entries;
  }
}
function isEntry(e) {
  return typeof e?.id == "string" && typeof e.token == "string" && typeof e.created == "string";
}
function change(f) {
  entries = fit(f(load()));
  try {
    localStorage.setItem(key, JSON.stringify(entries));
  } catch {
    kept = !1;
  }
  render();
}
function fit(all) {
  let over = all.length - most;
  return over <= 0 ? all : [...all].reverse().filter((e) => !(over > 0 && isDone(e) && over-- > 0)).reverse().slice(0, most);
}
function update(id, heard) {
  change((all) => all.map((e) => e.id === id ? { ...e, heard, at: Date.now() } : e));
}
function addRecent(id, token, created) {
  let heard = { state: "waiting", expires_at: created.expires_at, max_views: created.max_views, views: 0 };
  change((all) => [{ id, token, created: created.created_at, heard, at: Date.now() }, ...all]);
}
async function deleteRecent(id, token) {
  try {
    await deleteSecret(id, token);
  } catch (e) {
    if (!isUnknown(e)) return say("recent.js.delete_failed");
  }
  return await look(id, token), null;
}
function showRecent(show) {
  shown = show, render(), show && refresh();
}
function tell(text) {
  let note = el("recent-note");
  note.hidden = text === "", note.querySelector("span").textContent = text;
}
function isUnknown(e) {
  return e instanceof Problem && e.status === 404;
}
async function look(id, token) {
  try {
    let { state, expires_at, ended_at, disputed_at, unlocked_at, max_views, views: views2 } = await receipt(id, token);
    return update(id, { state, expires_at, ended_at, disputed_at, unlocked_at, max_views, views: views2 }), !0;
  } catch (e) {
    return isUnknown(e) && update(id, null), isUnknown(e);
  }
}
function isDone({ heard }) {
  return heard === null || heard?.state === "used_up" || heard?.state === "expired" || heard?.state === "deleted";
}
var refreshing = !1;
async function refresh() {
  if (!refreshing) {
    refreshing = !0;
    for (let entry of entries) {
      if (document.hidden || !shown) break;
      let wait = isDone(entry) ? endedAgain : liveAgain;
      if (entry.heard !== void 0 && Date.now() - (entry.at ?? 0) < wait) continue;
      let heard = await look(entry.id, entry.token);
      if (tell(heard ? "" : say("recent.js.offline")), !heard) break;
    }
    refreshing = !1;
  }
}
function render() {
  if (section.hidden = !shown || entries.length === 0, section.hidden) return;
  let [, id] = document.activeElement?.dataset.of?.split(" ") ?? [];
  list.replaceChildren(...entries.map(row)), id && focusRow(id);
}
function focusRow(id) {
  (list.querySelector(`[data-of$=" ${id}"]`) ?? el("secret")).focus();
}
function row(entry) {
  let li = rowTemplate.content.cloneNode(!0).querySelector("li"), [icon, text] = describe(entry);
  li.querySelector("use")?.setAttribute("href", `#i-${icon}`);
  let created = say("recent.js.created", { at: shortWhen(new Date(entry.created)) });
  return li.querySelector("span").textContent = text === "" ? created : `${created} ${text}`, entry.heard?.state === "locked" && !entry.heard.unlocked_at && li.append(button(entry, "unlock", "key", unlock)), isDone(entry) ? li.append(button(entry, "forget", "close", forget)) : li.append(button(entry, "delete", "bin", askToDelete)), li;
}
function describe({ heard }) {
  if (heard === null) return ["close", say("recent.js.unknown")];
  if (!heard) return ["clock", ""];
  if (heard.disputed_at) return ["alert", say("recent.js.disputed")];
  let values = {
    views: heard.views,
    max: heard.max_views ?? 0,
    until: shortWhen(new Date(heard.expires_at)),
    at: shortWhen(new Date(heard.ended_at ?? heard.expires_at))
  };
  switch (heard.state) {
    case "waiting":
      return ["sealed", say("recent.js.waiting", values)];
    case "opened":
      return ["opened", say(heard.max_views === null ? "recent.js.opened_unlimited" : "recent.js.opened", values)];
    case "used_up":
      return ["spent", say(heard.max_views === 1 ? "recent.js.used_up" : "recent.js.used_up_all", values)];
    case "expired":
      return ["clock", say(heard.views === 0 ? "recent.js.expired" : "recent.js.expired_opened", values)];
    case "deleted":
      return ["bin", say("recent.js.deleted", values)];
    default:
      return ["alert", say("recent.js.locked")];
  }
}
function button(entry, act, icon, run) {
  let b = document.createElement("button");
  b.type = "button", b.className = "btn btn-quiet", b.dataset.of = `${act} ${entry.id}`, b.setAttribute("aria-label", say(`recent.js.${act}_of`, { at: shortWhen(new Date(entry.created)) }));
  let picture = rowTemplate.content.querySelector("svg")?.cloneNode(!0);
  return picture.querySelector("use")?.setAttribute("href", `#i-${icon}`), b.append(picture, say(`recent.js.${act}`)), b.addEventListener("click", () => run(entry)), b;
}
async function askToDelete({ id, token }) {
  await confirmDelete(() => deleteRecent(id, token)) && tell(say("recent.js.deleted_now")), focusRow(id);
}
function forget({ id }) {
  change((all) => all.filter((e) => e.id !== id)), (list.querySelector("button") ?? el("secret")).focus();
}
async function unlock({ id, token }) {
  let said2 = say("recent.js.unlocked_now");
  try {
    await unlockSecret(id, token);
  } catch {
    said2 = say("recent.js.unlock_failed");
  }
  await look(id, token), tell(said2);
}
function setUpRecent() {
  entries = load(), showRecent(!0), document.addEventListener("visibilitychange", () => {
    refresh();
  }), setInterval(() => {
    refresh();
  }, 6e4), addEventListener("storage", (e) => {
    e.key !== key && e.key !== null || (entries = load(), render());
  });
}

// ts/create.ts
start({ keep: { add: addRecent, remove: deleteRecent, show: showRecent } }) && setUpRecent();
