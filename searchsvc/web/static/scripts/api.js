// The page to try the API on: the answer appears below the form that asks for it, formatted, with the command that
// asks the same. Without a script the form leads to the answer itself.
{
  // Beyond this a browser takes long to draw colours that nobody reads.
  const MOST_COLOURED = 300_000;
  const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  const SHELL_SAFE = /^[\w@%+=:,./-]+$/;

  const element = (name, kind, text) => {
    const made = document.createElement(name);
    if (kind) made.className = kind;
    made.textContent = text;
    return made;
  };

  // A string that is an address of this service leads there.
  const linked = (text) => {
    const link = element("a", "string", text);
    link.href = JSON.parse(text);
    return link;
  };

  const coloured = (text) => {
    const made = document.createDocumentFragment();
    let end = 0;
    for (const token of text.matchAll(TOKEN)) {
      const [whole, string, colon] = token;
      made.append(text.slice(end, token.index));
      end = token.index + whole.length;
      if (colon) made.append(element("span", "key", string), colon);
      else if (string) made.append(/^"\/[\w/]/.test(string) ? linked(string) : element("span", "string", string));
      else made.append(element("span", "number", whole));
    }
    made.append(text.slice(end));
    return made;
  };

  const quoted = (text) => (SHELL_SAFE.test(text) ? text : `'${text.replaceAll("'", "'\"'\"'")}'`);

  const curl = (address) => {
    const url = new URL(address);
    const data = [...url.searchParams].flatMap(([name, value]) => ["--data-urlencode", `${name}=${value}`]);
    const command = ["curl", ...(data.length ? ["-G"] : []), url.origin + url.pathname, ...data];
    return command.map(quoted).join(" ");
  };

  const size = (bytes) => (bytes < 1_000 ? `${bytes} B` : `${(bytes / 1_000).toFixed(1)} kB`);

  const formatted = (text) => {
    try {
      // A pair of numbers is a span, and stays on its line.
      return JSON.stringify(JSON.parse(text), null, 2).replace(/\[\n\s+(\d+),\n\s+(\d+)\n\s+\]/g, "[$1, $2]");
    } catch {
      return text;
    }
  };

  const show = (trial, form, response, text, ms) => {
    const body = formatted(text);
    const find = (name) => trial.querySelector(`[data-${name}]`);
    find("body").replaceChildren(body.length < MOST_COLOURED ? coloured(body) : body);
    find("address").href = response.url;
    find("curl").textContent = curl(response.url);
    const words = { status: `${response.status} ${response.statusText}`, ms, size: size(new Blob([text]).size) };
    find("status").textContent = form.dataset.took.replace(/\{(\w+)\}/g, (_, name) => words[name]);
    find("status").className = response.ok ? "" : "bad";
    find("answer").hidden = false;
  };

  const ask = async (trial, form) => {
    const began = performance.now();
    try {
      const asked = new URLSearchParams(new FormData(form));
      const response = await fetch(`${form.action}?${asked}`);
      show(trial, form, response, await response.text(), Math.round(performance.now() - began));
    } catch {
      trial.querySelector("[data-status]").textContent = form.dataset.failed;
      trial.querySelector("[data-answer]").hidden = false;
    }
  };

  const copies = (button) => {
    const words = button.textContent;
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.parentElement.querySelector("[data-curl]").textContent);
      button.textContent = button.dataset.copy;
      setTimeout(() => { button.textContent = words; }, 2_000);
    });
  };

  // An address that names an operation opens it.
  const openNamed = () => {
    const named = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (named && named.matches("details")) named.open = true;
  };

  for (const form of document.querySelectorAll("[data-trial]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form.closest("details"), form);
    });
  }
  document.querySelectorAll("[data-copy]").forEach(copies);
  addEventListener("hashchange", openNamed);
  openNamed();
}
