// ts/dom.ts
function el(id) {
  return document.getElementById(id);
}

// ts/say.ts
var root = document.documentElement, language = root.lang, words = JSON.parse(root.dataset.words ?? "{}"), plurals = new Intl.PluralRules(language), numbers = new Intl.NumberFormat(language);
function say(key, values = {}) {
  let message = words[key] ?? "", count = Number(values.n ?? values.views ?? 0);
  return (typeof message == "string" ? message : message[plurals.select(count)] ?? message.other ?? "").replace(/\{(\w+)\}/g, (_, name) => {
    let value = values[name] ?? "";
    return typeof value == "number" ? numbers.format(value) : value;
  });
}
var day = { weekday: "short", day: "numeric", month: "short", year: "numeric" }, clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, locale = language === "en" ? "en-GB" : language, days = new Intl.DateTimeFormat(locale, day), clocks = new Intl.DateTimeFormat(locale, { ...clock, timeZoneName: "short" }), shortDays = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short" }), shortClocks = new Intl.DateTimeFormat(locale, clock);

// ts/page.ts
var root2 = document.documentElement, themes = matchMedia("(prefers-color-scheme: dark)").matches ? ["system", "light", "dark"] : ["system", "dark", "light"];
function setUpTheme() {
  let button = el("theme"), name = () => themes.find((t) => t === root2.dataset.theme) ?? "system", label = () => button.setAttribute("aria-label", button.dataset[name()] ?? "");
  button.addEventListener("click", () => {
    let next = themes[(themes.indexOf(name()) + 1) % themes.length];
    next === void 0 || next === "system" ? delete root2.dataset.theme : root2.dataset.theme = next, remember("theme", root2.dataset.theme), label();
  }), label(), button.hidden = !1;
}
function remember(key, value) {
  try {
    value === void 0 ? localStorage.removeItem(key) : localStorage.setItem(key, value);
  } catch {
  }
}
function setUpLanguage() {
  let menu = el("language");
  menu.addEventListener("click", (e) => {
    let link = e.target.closest("a");
    link && (e.preventDefault(), menu.open = !1, document.cookie = `lang=${link.hreflang}; Path=${root2.dataset.base}/; SameSite=Lax; Max-Age=31536000`, location.search === "" ? location.reload() : location.replace(location.pathname + location.hash));
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
  for (let button of document.querySelectorAll("[data-reveals]")) {
    let input = el(button.dataset.reveals ?? "");
    button.addEventListener("click", () => reveal(button, input, input.type === "password"));
  }
}
function reveal(button, input, shown) {
  input.type = shown ? "text" : "password", button.setAttribute("aria-label", say(shown ? "js.hide_password" : "js.show_password"));
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
export {
  reveal,
  site,
  unable
};
