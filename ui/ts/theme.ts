// Sets the chosen theme before anything is painted; the button that chooses is
// in page.ts. And says so if the page's own script does not come: the page has a
// sentence for that, which the script hides.
addEventListener("error", () => (document.documentElement.dataset["broken"] = ""), true);
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
} catch {
  // Without storage the system decides.
}
