// The page to try the API on: the answer appears below the form that asks for it, formatted, with the command that
// asks the same. Without a script the form leads to the answer itself.
{
  const MOST_DRAWN = 300_000;
  const LANGUAGES = { hans: "zh-Hans", hant: "zh-Hant" };
  const SHELL_SAFE = /^[\w@%+=:,./-]+$/;

  const element = (name, kind, text) => {
    const made = document.createElement(name);
    if (kind) made.className = kind;
    made.textContent = text;
    return made;
  };

  // A string that is an address of this service leads there.
  const linked = (text) => {
    const link = element("a", "string", JSON.stringify(text));
    link.href = text;
    return link;
  };

  const scalar = (value) => {
    if (typeof value !== "string") return element("span", "scalar", String(value));
    return /^\/\w/.test(value) ? linked(value) : element("span", "string", JSON.stringify(value));
  };

  const isPair = (value) => value.length === 2 && value.every(Number.isInteger);

  // A value as nodes. An object that says what script it is in is drawn with the glyphs of that script.
  const drawn = (value, indent = "\n") => {
    if (value === null || typeof value !== "object") return [scalar(value)];
    const inner = `${indent}  `;
    const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
    const parts = Object.entries(value).map(([key, each]) =>
      Array.isArray(value) ? drawn(each, inner) : [element("span", "name", JSON.stringify(key)), ": ", ...drawn(each, inner)]);
    if (!parts.length) return [open + close];
    if (Array.isArray(value) && isPair(value)) return [open, ...parts[0], ", ", ...parts[1], close];
    const made = element("span", "", open);
    if (LANGUAGES[value.script]) made.lang = LANGUAGES[value.script];
    parts.forEach((part, number) => made.append(number ? `,${inner}` : inner, ...part));
    made.append(indent + close);
    return [made];
  };

  const quoted = (text) => (SHELL_SAFE.test(text) ? text : `'${text.replaceAll("'", "'\"'\"'")}'`);

  const curl = (address) => {
    const url = new URL(address);
    const data = [...url.searchParams].flatMap(([name, value]) => ["--data-urlencode", `${name}=${value}`]);
    const command = ["curl", ...(data.length ? ["-G"] : []), url.origin + url.pathname, ...data];
    return command.map(quoted).join(" ");
  };

  const size = (bytes) => (bytes < 1_000 ? `${bytes} B` : `${(bytes / 1_000).toFixed(1)} kB`);

  // What an answer says, to be looked at; as it came where it is not JSON or would take long to draw.
  const shown = (text) => {
    if (text.length > MOST_DRAWN) return [text];
    try {
      return drawn(JSON.parse(text));
    } catch {
      return [text];
    }
  };

  const show = (trial, form, response, text, ms) => {
    const find = (name) => trial.querySelector(`[data-${name}]`);
    find("body").replaceChildren(...shown(text));
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
  addEventListener("hashchange", openNamed);
  openNamed();
}
