// What a document is made of: its elements and attributes as short names, and addresses that could run something.
// Fragments of markup are read three ways: as a document without scripts, as markup put into a page with scripts,
// and as that is written out and read once more.
window.walk = (root) => {
  const ADDRESSES = /^(href|src|action|formaction|poster|data|background|cite|srcset|ping|xlink:href|longdesc|codebase|manifest|icon|profile|content)$/;
  const RUNS = /^(iframe|frame|frameset|object|embed|applet|base|portal|fencedframe|style|foreignObject|animate.*|set|use|template)$/;
  const ACTS = /^(on.*|style|srcdoc|formaction|http-equiv|ping|background|xlink:href)$/;
  const NAMED = /^(id|name|type|rel|http-equiv|target)$/;
  const shapes = new Set();
  const unsafe = [];
  const isSafe = (element, value) => {
    if (element.localName === "link" && element.rel === "icon") return value.startsWith("data:image/svg+xml,");
    if (element.localName === "meta") return !/url|script/i.test(value);
    try {
      return ["http:", "https:"].includes(new URL(value, "http://site.test/").protocol);
    } catch {
      return true;
    }
  };
  const visit = (tree) => {
    for (const element of tree.querySelectorAll("*")) {
      const space = element.namespaceURI === "http://www.w3.org/1999/xhtml" ? "" : `${element.namespaceURI}:`;
      const tag = space + element.localName;
      shapes.add(tag);
      const isOwnMark = element.localName === "use" && /^#m\d$/.test(element.getAttribute("href"));
      if (RUNS.test(element.localName) && !isOwnMark) unsafe.push(`element ${element.outerHTML.slice(0, 200)}`);
      for (const { name, value } of element.attributes) {
        const what = NAMED.test(name) ? `=${value.replace(/\d+/g, "#")}` : "";
        shapes.add(`${tag}[${name}${what}]`);
        // Our script moves the handles of the timeline; a policy on styles does not ask about scripts.
        const isOwnMove = name === "style" && /^(?:(?:left|width): -?[\d.]+%;\s*)+$/.test(value);
        if (ACTS.test(name) && !isOwnMove) unsafe.push(`${tag}[${name}=${value}]`);
        if (ADDRESSES.test(name) && !isSafe(element, value)) unsafe.push(`${tag}[${name}=${value}]`);
        if (/^(action|formaction)$/.test(name) && !/^\/(?![\/\\])/.test(value)) unsafe.push(`${tag}[${name}=${value}]`);
      }
      if (element.localName === "script" && !/^\/static\/\w+\/app\.js$/.test(element.getAttribute("src") ?? "")) {
        unsafe.push(`script ${element.outerHTML.slice(0, 200)}`);
      }
      if (element.content instanceof DocumentFragment) visit(element.content);
      if (element.shadowRoot) visit(element.shadowRoot);
    }
  };
  visit(root);
  return { shapes: [...shapes], unsafe };
};

window.walkFragments = async (fragments) => {
  const found = fragments.map((markup) => {
    const apart = window.walk(new DOMParser().parseFromString(markup, "text/html").body);
    const place = document.body.appendChild(document.createElement("div"));
    place.innerHTML = markup;
    const inside = window.walk(place);
    place.innerHTML = place.innerHTML;
    const again = window.walk(place);
    return {
      shapes: [...apart.shapes, ...inside.shapes, ...again.shapes],
      unsafe: [...apart.unsafe, ...inside.unsafe, ...again.unsafe],
    };
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  document.body.replaceChildren();
  return found;
};

window.readXML = (text) => {
  const document = new DOMParser().parseFromString(text, "application/xml");
  const values = (name) => [...document.querySelectorAll(`[${name}]`)].map((each) => each.getAttribute(name));
  return {
    broken: Boolean(document.querySelector("parsererror")),
    addresses: ["href", "xmlUrl", "htmlUrl", "template", "url", "src"].flatMap(values),
    fragments: [...document.querySelectorAll("[type=html]")].map((each) => each.textContent),
    foreign: [...document.querySelectorAll("*")].map((each) => each.namespaceURI).filter((each) => /xhtml|svg|Math/.test(each ?? "")),
  };
};

for (const name of ["alert", "confirm", "prompt", "print", "open"]) {
  window[name] = (...given) => window.live(`${name}(${given.join()})`);
}
document.addEventListener("securitypolicyviolation", (event) =>
  window.live(`stopped by the policy only: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
