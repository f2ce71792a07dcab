// Sets the chosen theme before anything is painted. The button that chooses is
// in page.ts.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
} catch {
  // Without storage the system decides.
}
