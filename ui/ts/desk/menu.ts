/** Menus close when something else is pressed, and by Escape. */
export function setUpMenus(): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>(".menu-down")) {
    document.addEventListener("click", (e) => {
      if (!menu.contains(e.target as Node)) menu.open = false;
    });
    menu.addEventListener("keydown", (e) => {
      if (e.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary")?.focus();
    });
  }
}
