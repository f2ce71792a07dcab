// ts/dom.ts
function el(id) {
  return document.getElementById(id);
}
function announce(text) {
  el("announce").textContent = text;
}
function setLabel(button, text) {
  (button.querySelector("span") ?? button).textContent = text;
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
function plain(day2) {
  return language === "en" ? day2.replace(/,(?= \d)/, "") : day2;
}
function shortWhen(date) {
  let time = shortClocks.format(date), now = /* @__PURE__ */ new Date();
  return date.toDateString() === now.toDateString() ? time : `${plain((date.getFullYear() === now.getFullYear() ? shortDays : days).format(date))}, ${time}`;
}

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
setUpSkip();
setUpTheme();
setUpLanguage();
setUpReveals();
el("host").textContent = location.host;

// ts/desk/secrets.ts
function setUpSecrets() {
  let form = document.getElementById("list");
  if (!(form instanceof HTMLFormElement)) return;
  setUpSelection(form), form.addEventListener("submit", (e) => {
    e.preventDefault();
    let body = new URLSearchParams(new FormData(form, e.submitter)), n = body.has("one") ? 1 : body.getAll("id").length;
    n > 0 && ask(form, body, n, e.submitter);
  });
  let zone = document.getElementById("zone");
  zone && (zone.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone);
}
function setUpSelection(form) {
  let all = form.querySelector("#all");
  if (!all) return;
  let boxes = [...form.querySelectorAll("[name=id]")], count = () => {
    let n = boxes.filter((b) => b.checked).length;
    all.checked = n > 0 && n === boxes.length, all.indeterminate = n > 0 && n < boxes.length, el("picked").textContent = say("desk.js.picked", { n });
  };
  all.hidden = boxes.length === 0, all.addEventListener("change", () => {
    for (let box of boxes) box.checked = all.checked;
    count();
  }), form.addEventListener("change", count), form.addEventListener("reset", () => setTimeout(count)), count();
}
function ask(form, body, n, asked) {
  let dialog = el("ask"), [no, yes] = dialog.querySelectorAll("[data-answer]"), error = dialog.querySelector(".error"), setBusy = (busy) => no.disabled = yes.disabled = busy;
  el("ask-title").textContent = say("desk.js.delete_title", { n }), el("ask-text").textContent = say(n === 1 ? "desk.js.delete_one" : "desk.js.delete_all"), error.hidden = !0, no.onclick = () => dialog.close(), dialog.oncancel = (e) => yes.disabled && e.preventDefault(), dialog.onclose = () => asked?.focus(), yes.onclick = async () => {
    setBusy(!0), error.hidden = await send(form, body), error.querySelector("span").textContent = form.dataset.again ?? "", setBusy(!1), error.hidden ? location.replace(`${document.documentElement.dataset.base}${body.get("back")}`) : yes.focus();
  }, dialog.showModal(), no.focus();
}
async function send(form, body) {
  body.set("sure", "yes");
  try {
    return (await fetch(form.action, { method: "POST", body, redirect: "manual" })).type === "opaqueredirect";
  } catch {
    return !1;
  }
}

// ts/desk/ticket.ts
function takeTicket() {
  let field = document.querySelector("[data-ticket]"), ticket = location.hash.slice(1), came = field !== null && /^[\w-]{20,}$/.test(ticket);
  for (let e of document.querySelectorAll(came ? "[data-without-ticket]" : "[data-unless-scripts]")) e.hidden = !0;
  came && (history.replaceState(null, "", location.pathname + location.search), field.value = ticket, field.closest("[data-ticket-field]").hidden = !0, field.form?.querySelector("input:not([type=hidden], [data-ticket]), button:not([hidden])")?.focus());
}

// ts/desk/menu.ts
function setUpMenus() {
  for (let menu of document.querySelectorAll(".menu-down"))
    document.addEventListener("click", (e) => {
      menu.contains(e.target) || (menu.open = !1);
    }), menu.addEventListener("keydown", (e) => {
      e.key !== "Escape" || !menu.open || (menu.open = !1, menu.querySelector("summary")?.focus());
    });
}

// ts/desk/copy.ts
function setUpCopies() {
  for (let button of document.querySelectorAll("[data-copies]")) {
    let field = document.getElementById(button.dataset.copies ?? "");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        field.select(), announce(say("js.copy_failed"));
        return;
      }
      setLabel(button, say("js.copied")), announce(say("js.copied"));
    }), button.hidden = !1;
  }
}

// ts/desk.ts
for (let time of document.querySelectorAll("time")) {
  let date = new Date(time.dateTime);
  time.textContent = shortWhen(date), time.title = date.toString();
}
for (let button of document.querySelectorAll("[data-reveals]")) button.hidden = !1;
document.getElementById("refused")?.focus();
takeTicket();
setUpMenus();
setUpCopies();
setUpSecrets();
