// Single keys on an article's page: n and p for its matches, j and k or the arrows for the hits beside it.
// They do nothing while somebody types, and can be switched off, which this browser then remembers.

{
  const line = document.querySelector("[data-shortcuts]");
  const pressed = {
    n: "[data-step='1']",
    p: "[data-step='-1']",
    j: "[data-turn='1']",
    k: "[data-turn='-1']",
    ArrowRight: "[data-turn='1']",
    ArrowLeft: "[data-turn='-1']",
  };
  const TAKES_KEYS = "input, textarea, select, [contenteditable], [tabindex='0']";

  const remembered = (value) => {
    try {
      if (value) localStorage.setItem("keys", value);
      return localStorage.getItem("keys");
    } catch {
      return value ?? null; // A browser that keeps nothing: on for this page.
    }
  };

  if (line) {
    const button = line.querySelector("button");
    let off = remembered() === "off";

    const show = () => {
      button.textContent = off ? button.dataset.on : button.dataset.off;
    };

    button.addEventListener("click", () => {
      off = !off;
      remembered(off ? "off" : "on");
      show();
    });

    document.addEventListener("keydown", (event) => {
      const plain = !(event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.isComposing);
      const selector = Object.hasOwn(pressed, event.key) && pressed[event.key];
      if (off || !plain || !selector || event.defaultPrevented || event.target.closest(TAKES_KEYS)) return;
      const target = document.querySelector(selector);
      if (!target) return;
      event.preventDefault();
      target.click();
    });

    show();
    line.hidden = false;
  }
}
