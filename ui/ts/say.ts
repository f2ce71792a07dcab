// Sentences in the document's language, dates and sizes in the reader's manner.
type Message = string | Record<string, string>;

const root = document.documentElement;
const language = root.lang;
const words = JSON.parse(root.dataset["words"] ?? "{}") as Record<string, Message>;
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);

export type Values = Record<string, string | number>;

/** A sentence by its key. With plural forms, the value n (or views) chooses. */
export function say(key: string, values: Values = {}): string {
  const message = words[key] ?? "";
  const count = Number(values["n"] ?? values["views"] ?? 0);
  const text = typeof message === "string" ? message : (message[plurals.select(count)] ?? message["other"] ?? "");
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name] ?? "";
    return typeof value === "number" ? numbers.format(value) : value;
  });
}

/**
 * A sentence as nodes, so that dates and times do not break inside: each piece
 * between the no-break marks of when() is kept together.
 */
export function put(element: HTMLElement, text: string): void {
  element.replaceChildren(
    ...text.split(/(\u2060[^\u2060]*\u2060)/).map((piece) => {
      if (!piece.startsWith("\u2060")) return piece;
      const span = document.createElement("span");
      span.className = "nowrap";
      span.textContent = piece.slice(1, -1);
      return span;
    }),
  );
}

/** The part of a key that tells one view from several from any number. */
export function often(views: number | null): "once" | "times" | "unlimited" {
  return views === null ? "unlimited" : views === 1 ? "once" : "times";
}

const day: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short", year: "numeric" };
const clock: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
// English without a country would put the month first.
const locale = language === "en" ? "en-GB" : language;
const days = new Intl.DateTimeFormat(locale, day);
const clocks = new Intl.DateTimeFormat(locale, { ...clock, timeZoneName: "short" });
const shortDays = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short" });
const shortClocks = new Intl.DateTimeFormat(locale, clock);

/** A date and time with its zone, marked for put(). */
export function when(date: Date): string {
  return `\u2060${plain(days.format(date))},\u2060 \u2060${clocks.format(date)}\u2060`;
}

/** English without the comma after the weekday; in other languages it has a reason. */
function plain(day: string): string {
  return language === "en" ? day.replace(/,(?= \d)/, "") : day;
}

/** The same as plain text, for messages that leave the page. */
export function plainWhen(date: Date): string {
  return when(date).replaceAll("\u2060", "");
}

/** A date and time in a list: of today, the time alone; of another year, with the year. */
export function shortWhen(date: Date): string {
  const time = shortClocks.format(date);
  const now = new Date();
  if (date.toDateString() === now.toDateString()) return time;
  return `${plain((date.getFullYear() === now.getFullYear() ? shortDays : days).format(date))}, ${time}`;
}

/** A padded size: the true one is known to sender and reader only. */
export function size(bytes: number): string {
  const unit = new Intl.NumberFormat(language, { style: "unit", unit: "kilobyte", unitDisplay: "short", maximumFractionDigits: 0 });
  return unit.format(Math.max(1, Math.round(bytes / 1024)));
}
