// The matches of an article, one after the other: two buttons and a counter in place of a list of links.

{
  const nav = document.querySelector("[data-matches]");
  const text = document.querySelector(".text");
  const marks = [...(text?.querySelectorAll("mark[id]") ?? [])];

  if (nav && marks.length) {
    const counter = nav.querySelector("[data-counter]");
    let at = marks.findIndex((mark) => `#${mark.id}` === location.hash);

    const show = () => {
      counter.value = `${at + 1} / ${marks.length}`;
    };

    const go = (step) => {
      marks[at]?.classList.remove("at");
      text.classList.add("stepping"); // The one that the address named is no longer where one is.
      at = at < 0 && step < 0 ? marks.length - 1 : (at + step + marks.length) % marks.length;
      marks[at].classList.add("at");
      marks[at].scrollIntoView({ block: "center" });
      history.replaceState(null, "", `#${marks[at].id}`);
      show();
    };

    nav.querySelector("[data-links]").hidden = true;
    nav.querySelector(".steps").hidden = false;
    for (const button of nav.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => go(Number(button.dataset.step)));
    }
    if (at >= 0) show();
  }
}
