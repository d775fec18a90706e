// What takes a while to find is fetched when somebody has read nearly so far; where that fails, the link to it
// stays.

{
  const place = document.querySelector("[data-later]");

  const fetchLater = async () => {
    const answer = await fetch(place.dataset.later).catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("[data-fragment]");
    if (found) place.replaceChildren(...found.children);
  };

  if (place && "IntersectionObserver" in window) {
    const watch = new IntersectionObserver(
      (seen) => {
        if (!seen.some((each) => each.isIntersecting)) return;
        watch.disconnect();
        fetchLater();
      },
      { rootMargin: "800px" },
    );
    watch.observe(place);
  }
}
