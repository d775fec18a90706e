// What every page has: menus that close by themselves. Each file of this folder is one idea; they are
// joined into one script, which pages can do without.
"use strict";

{
  const menus = () => document.querySelectorAll("details[data-menu][open]");

  // Whoever goes on, by pointer or by keys, has done with a menu, and it would hide what is under it.
  for (const leaving of ["pointerdown", "focusin"]) {
    document.addEventListener(leaving, (event) => {
      for (const menu of menus()) {
        if (!menu.contains(event.target)) menu.open = false;
      }
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus()) {
      menu.open = false;
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    }
  });
}
