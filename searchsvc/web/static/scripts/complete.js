// Completions under a search box while somebody types: the combobox pattern of ARIA's authoring guide, with a list
// that opens over the page. What was typed stays until a completion is chosen: Enter or a click searches for it, Tab
// takes it over to go on typing. Without an answer nothing happens.
"use strict";

{
  // A pause so long is the end of a thought, not the time between two keys.
  const PAUSE_MS = 130;
  // Beyond that nobody types a word, and a page has asked often enough.
  const LONGEST = 200;
  const MOST_ASKED = 200;
  const LANGUAGES = { hans: "zh-Hans", hant: "zh-Hant" };

  const element = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  const counted = (one, many, count) =>
    (count === 1 ? one : many).replace("#", count.toLocaleString(document.documentElement.lang));

  // The answers of the API, each asked for once; of two questions only the later one is answered.
  const asker = (address) => {
    const answers = new Map();
    let asked = 0;
    let last;
    const fetched = async (typed) => {
      last = new AbortController();
      const response = await fetch(`${address}?q=${encodeURIComponent(typed)}`, { signal: last.signal });
      return response.ok ? (await response.json()).suggestions : [];
    };
    const ask = async (typed) => {
      if (!answers.has(typed)) {
        asked += 1;
        answers.set(typed, asked > MOST_ASKED ? [] : await fetched(typed));
      }
      return answers.get(typed);
    };
    return { ask, abort: () => last?.abort() };
  };

  // One completion. What goes beyond the letters typed stands out, where it does begin with them.
  const optionOf = (one, typed, id, words) => {
    const beyond = one.query.startsWith(typed) ? one.query.length - typed.length : 0;
    const border = one.text.length - beyond;
    const text = element("span", { lang: LANGUAGES[one.script] ?? "zh", dir: "auto" });
    text.append(one.text.slice(0, border), element("b", {}, one.text.slice(border)));
    const count = element("span", { class: "count" }, counted(words.article, words.articles, one.count));
    return element("li", { id, role: "option", "data-query": one.query }, text, " ", count);
  };

  const combobox = (box) => {
    const words = box.dataset;
    const list = element("ul", { id: `${box.id}-list`, class: "completions", role: "listbox" });
    const said = element("span", { class: "unseen", role: "status" });
    const api = asker(words.complete);
    let active = -1;
    let timer;

    const options = () => [...list.children];

    const choose = (number) => {
      active = number;
      options().forEach((option, at) => option.setAttribute("aria-selected", String(at === number)));
      const option = options()[number];
      if (!option) return box.removeAttribute("aria-activedescendant");
      box.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    };

    const open = (isOpen) => {
      choose(-1);
      list.hidden = !isOpen;
      box.setAttribute("aria-expanded", String(isOpen));
      said.textContent = isOpen ? counted(words.one, words.many, list.children.length) : "";
    };

    const close = () => {
      clearTimeout(timer);
      api.abort();
      open(false);
    };

    const show = (typed, found) => {
      if (document.activeElement !== box || box.value !== typed) return;
      const offered = found.filter((one) => one.query !== typed);
      list.replaceChildren(
        ...offered.map((one, number) => optionOf(one, typed, `${list.id}-${number}`, words)),
      );
      open(offered.length > 0);
    };

    const ask = async (typed) => {
      try {
        show(typed, await api.ask(typed));
      } catch {
        // Outdated, or no answer: typing goes on without completions.
      }
    };

    // Until the answer is there, what still fits stays.
    const narrow = (typed) => {
      for (const option of options()) {
        if (!option.dataset.query.startsWith(typed) || option.dataset.query === typed) option.remove();
      }
      open(!list.hidden && list.children.length > 0);
    };

    const typing = () => {
      const typed = box.value;
      clearTimeout(timer);
      api.abort();
      if (!typed.trim() || typed.length > LONGEST || box.selectionStart < typed.length) return open(false);
      narrow(typed);
      timer = setTimeout(ask, PAUSE_MS, typed);
    };

    const take = (option, isSearch) => {
      box.value = option.dataset.query;
      close();
      if (isSearch) box.form.requestSubmit();
    };

    const keys = {
      ArrowDown: () => choose(active + 1 < options().length ? active + 1 : -1),
      ArrowUp: () => choose(active < 0 ? options().length - 1 : active - 1),
      Escape: close,
      Enter: () => take(options()[active], true),
      Tab: () => take(options()[active], false),
    };

    const press = (event) => {
      // While an input method composes, its keys are its own; Safari says so by the key code alone.
      const isComposing = event.isComposing || event.keyCode === 229;
      if (isComposing || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
      if (list.hidden && event.key === "ArrowDown") typing();
      const isTaking = event.key === "Enter" || event.key === "Tab";
      if (list.hidden || !Object.hasOwn(keys, event.key) || (isTaking && active < 0)) return;
      event.preventDefault();
      keys[event.key]();
    };

    list.hidden = true;
    list.setAttribute("aria-label", words.label);
    for (const [name, value] of Object.entries({
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-controls": list.id,
      "aria-expanded": "false",
    })) {
      box.setAttribute(name, value);
    }
    box.after(list);
    box.form.append(said);

    box.addEventListener("input", (event) => event.isComposing || typing());
    box.addEventListener("compositionstart", close);
    box.addEventListener("compositionend", typing);
    box.addEventListener("keydown", press);
    box.addEventListener("blur", close);
    box.form.addEventListener("submit", close);
    // The cursor stays in the box.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) take(option, true);
    });
    // Going back to a page shows it as it was left.
    addEventListener("pagehide", close);
  };

  document.querySelectorAll("[data-complete]").forEach(combobox);
}
