// "/" puts the cursor into the search box, unless somebody is typing something.
"use strict";

{
  const box = document.querySelector("[data-complete]");

  box?.setAttribute("aria-keyshortcuts", "/");
  document.addEventListener("keydown", (event) => {
    if (!box || event.key !== "/" || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest?.("input, select, textarea, [contenteditable]")) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}
