"use strict";
(() => {
  // ts/theme.ts
  try {
    let theme = localStorage.getItem("theme");
    (theme === "light" || theme === "dark") && (document.documentElement.dataset.theme = theme);
  } catch {
  }
})();
