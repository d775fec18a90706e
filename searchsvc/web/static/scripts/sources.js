// A long list of sources gets a box to find one by its name.

{
  for (const fold of document.querySelectorAll("[data-filter]")) {
    const rows = [...fold.querySelectorAll("li")];
    const label = document.createElement("label");
    const box = document.createElement("input");
    const none = document.createElement("p");
    label.className = "unseen";
    label.htmlFor = box.id = "source-name";
    label.textContent = box.placeholder = fold.dataset.filter;
    box.autocomplete = "off";
    none.setAttribute("role", "status");
    box.addEventListener("input", () => {
      const wanted = box.value.trim().toLowerCase();
      for (const row of rows) row.hidden = !row.querySelector("bdi").textContent.toLowerCase().includes(wanted);
      none.textContent = rows.every((row) => row.hidden) ? fold.dataset.none : "";
    });
    fold.querySelector("summary").after(label, box);
    fold.append(none);
  }
}
