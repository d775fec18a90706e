// A picture that is not there leaves a sentence, or nothing, and no broken icon.

{
  const giveUp = (picture) => {
    const { gone } = picture.dataset;
    if (!gone) {
      picture.hidden = true;
      return;
    }
    const frame = picture.parentElement;
    // Where nobody sees it yet it needs no room; else what is below it stays where it is.
    frame.classList.add(frame.getBoundingClientRect().top > innerHeight ? "gone" : "missing");
    // The picture's description is the article's, these are the interface's words.
    frame.lang = document.documentElement.lang;
    picture.replaceWith(gone);
  };

  document.addEventListener(
    "error",
    (event) => {
      if (event.target instanceof HTMLImageElement) giveUp(event.target);
    },
    true,
  );
  // Those that failed before this script ran.
  for (const picture of document.images) {
    if (picture.complete && !picture.naturalWidth && picture.src) giveUp(picture);
  }
}
