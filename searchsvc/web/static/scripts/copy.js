// A button that copies a line.

{
  const copy = async (node) => {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(node.textContent);
      return;
    }
    // Only pages that came by a safe way have a clipboard; the others have this.
    getSelection().selectAllChildren(node);
    document.execCommand("copy");
  };

  for (const button of document.querySelectorAll("[data-copy]")) {
    const words = button.textContent;
    button.addEventListener("click", async () => {
      await copy(document.getElementById(button.dataset.copy));
      button.textContent = button.dataset.done;
      setTimeout(() => {
        button.textContent = words;
      }, 2000);
    });
  }
}
