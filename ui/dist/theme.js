"use strict";
(() => {
  // ts/theme.ts
  addEventListener("error", () => document.documentElement.dataset.broken = "", !0);
  try {
    let theme = localStorage.getItem("theme");
    (theme === "light" || theme === "dark") && (document.documentElement.dataset.theme = theme);
  } catch {
  }
})();
