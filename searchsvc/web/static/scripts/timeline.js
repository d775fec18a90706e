// A timeline on which a range of time is chosen: by dragging over it, by a click on a bar, or by moving
// the handle at either end, with a pointer or with the keyboard. Letting go, or Enter, goes there.

{
  const WORDS = {
    day: { year: "numeric", month: "short", day: "numeric" },
    month: { year: "numeric", month: "short" },
    year: { year: "numeric" },
  };
  // How far Page Up and Page Down move a handle: a week, a year, ten years.
  const LEAPS = { day: 7, month: 12, year: 10 };
  // A pointer that moved less than this clicked; a bar narrower than this cannot be hit by a finger.
  const STILL_PX = 4;
  const FINGER_PX = 12;

  const numbers = (text) => text.split(" ").map(Number);
  const sum = (counts, low, high) => counts.slice(low, high + 1).reduce((total, each) => total + each, 0);

  class Timeline {
    constructor(chart) {
      const data = chart.dataset;
      this.chart = chart;
      this.data = data;
      this.series = data.counts.split("|").map(numbers);
      this.counts = this.series[0].map((_, place) => this.series.reduce((total, each) => total + each[place], 0));
      // Where several lines are drawn: what they are called and in which language, and all articles, of which they
      // show the shares.
      this.names = data.names && JSON.parse(data.names);
      this.articles = data.articles && numbers(data.articles);
      this.low = 0;
      this.high = this.last = this.counts.length - 1;
      this.words = new Intl.DateTimeFormat(data.locale, { ...WORDS[data.timeline], timeZone: "UTC" });
      // Not the svg inside it: the box of that one is of what is drawn in it, strokes and all.
      this.picture = chart.querySelector(".picture");
      this.readout = chart.closest("section").querySelector("[data-readout]");
      this.summary = this.readout.textContent;
      this.press = this.hovered = null;
      this.dragged = false;
      this.over = this.layer("over");
      this.outside = [this.layer("outside"), this.layer("outside")];
      this.handles = this.makeHandles();
      for (const link of chart.querySelectorAll("a")) link.setAttribute("tabindex", "-1");
      this.picture.setAttribute("aria-hidden", "true");
      chart.classList.add("dragged");
      this.listen();
      this.reset();
    }

    layer(name) {
      const layer = document.createElement("div");
      layer.className = name;
      layer.hidden = true;
      this.chart.append(layer);
      return layer;
    }

    makeHandles() {
      const group = document.createElement("div");
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", this.data.handles);
      const handles = [this.data.low, this.data.high].map((label, end) => {
        const handle = document.createElement("div");
        handle.className = "handle";
        handle.tabIndex = 0;
        handle.setAttribute("role", "slider");
        handle.setAttribute("aria-label", label);
        handle.setAttribute("aria-description", this.data.keys);
        handle.setAttribute("aria-valuemin", "0");
        handle.setAttribute("aria-valuemax", String(this.last));
        handle.addEventListener("keydown", (event) => this.key(event, end));
        handle.addEventListener("focus", () => this.show());
        handle.addEventListener("blur", () => this.show());
        group.append(handle);
        return handle;
      });
      this.chart.append(group);
      return handles;
    }

    listen() {
      const { chart } = this;
      chart.addEventListener("pointerdown", (event) => this.down(event));
      chart.addEventListener("pointermove", (event) => this.move(event));
      chart.addEventListener("pointerup", () => this.up());
      chart.addEventListener("pointercancel", () => this.reset());
      chart.addEventListener("pointerleave", () => this.hover(null));
      chart.addEventListener("click", (event) => this.click(event));
      chart.addEventListener("dragstart", (event) => event.preventDefault());
      document.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && this.press) this.reset();
      });
      // The browser may bring the page back as it was left.
      window.addEventListener("pageshow", () => this.reset());
    }

    // Which bucket is below a pointer.
    at(event) {
      const { left, width } = this.picture.getBoundingClientRect();
      const place = Math.floor(((event.clientX - left) / width) * this.counts.length);
      return Math.min(this.last, Math.max(0, place));
    }

    down(event) {
      this.dragged = false;
      if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      const end = this.handles.indexOf(event.target);
      const anchor = end < 0 ? this.at(event) : end === 0 ? this.high : this.low;
      this.press = { anchor, x: event.clientX, dragging: false };
    }

    move(event) {
      const { press } = this;
      if (!press) return event.pointerType === "mouse" ? this.hover(this.at(event)) : undefined;
      if (!press.dragging && Math.abs(event.clientX - press.x) < STILL_PX) return undefined;
      if (!press.dragging) {
        press.dragging = true;
        this.hover(null);
        this.chart.setPointerCapture(event.pointerId);
      }
      const here = this.at(event);
      return this.select(Math.min(press.anchor, here), Math.max(press.anchor, here));
    }

    up() {
      if (!this.press) return;
      this.dragged = this.press.dragging;
      this.press = null;
      if (this.dragged) this.apply();
    }

    // A click narrows to one bar. Where bars are too narrow for a finger, or empty, the link below is followed.
    click(event) {
      if (this.dragged) return event.preventDefault();
      if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return undefined;
      // A mark on a line has an address of its own.
      if (this.names && event.target.closest("a")) return undefined;
      const { left, right } = this.picture.getBoundingClientRect();
      if (event.clientX < left || event.clientX > right) return undefined;
      const place = this.at(event);
      const width = (right - left) / this.counts.length;
      if (!this.counts[place] || (event.pointerType === "touch" && width < FINGER_PX)) return undefined;
      event.preventDefault();
      this.select(place, place);
      return this.apply();
    }

    key(event, end) {
      const leap = LEAPS[this.data.timeline];
      const place = end === 0 ? this.low : this.high;
      const moved = {
        ArrowLeft: place - 1,
        ArrowDown: place - 1,
        ArrowRight: place + 1,
        ArrowUp: place + 1,
        PageDown: place - leap,
        PageUp: place + leap,
        Home: 0,
        End: this.last,
      }[event.key];
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key === "Enter") this.apply();
      else if (event.key === "Escape") this.reset();
      else if (moved === undefined) return;
      else if (end === 0) this.select(Math.min(this.high, Math.max(0, moved)), this.high);
      else this.select(this.low, Math.max(this.low, Math.min(this.last, moved)));
      event.preventDefault();
    }

    get isWhole() {
      return this.low === 0 && this.high === this.last;
    }

    reset() {
      // A drag that is called off ends in a click, which is none.
      this.dragged = Boolean(this.press?.dragging);
      this.press = null;
      this.chart.classList.remove("going");
      this.hover(null);
      this.select(0, this.last);
    }

    apply() {
      if (this.isWhole) return;
      const { href, since, until } = this.data;
      const from = (this.low === 0 && since) || this.name(this.low);
      const to = (this.high === this.last && until) || this.name(this.high);
      this.chart.classList.add("going");
      // The place for dates in the address: no value has an equals sign in it that is not encoded.
      location.assign(href.replace("from=~&to=~", () => `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`));
    }

    hover(place) {
      this.hovered = place;
      this.over.hidden = place === null;
      if (place !== null) this.stretch(this.over, place, place + 1);
      this.show();
    }

    select(low, high) {
      this.low = low;
      this.high = high;
      this.outside.forEach((layer) => { layer.hidden = this.isWhole; });
      this.stretch(this.outside[0], 0, low);
      this.stretch(this.outside[1], high + 1, this.last + 1);
      [low, high].forEach((place, end) => {
        const handle = this.handles[end];
        handle.style.left = this.percent(place + end);
        handle.setAttribute("aria-valuenow", String(place));
        handle.setAttribute("aria-valuetext", `${this.spell(place)}${this.isWhole ? "" : `; ${this.say(low, high)}`}`);
      });
      this.show();
    }

    stretch(layer, low, high) {
      layer.style.left = this.percent(low);
      layer.style.width = this.percent(high - low);
    }

    percent(place) {
      return `${(place / this.counts.length) * 100}%`;
    }

    // The words above the picture: about the bar below the pointer, else about the range.
    show() {
      const focused = this.handles.includes(document.activeElement);
      const live = this.hovered !== null || !this.isWhole || focused;
      this.readout.parentElement.classList.toggle("live", live);
      if (!live) this.readout.textContent = this.summary;
      else if (this.hovered !== null) this.readout.replaceChildren(...this.tell(this.hovered, this.hovered));
      else this.readout.replaceChildren(...this.tell(this.low, this.high), ...(focused ? [this.hint()] : []));
    }

    // What there is in a range, as text and elements; names of lines are kept to themselves, in their languages.
    tell(low, high) {
      const when = this.when(low, high);
      if (this.names) return [when, ...this.names.flatMap((name, line) => [" · ", this.word(name), ` ${this.value(line, low, high)}`])];
      const count = sum(this.counts, low, high);
      const message = count === 1 ? this.data.one : this.data.many;
      return [message.replace("{when}", when).replace("{count}", count.toLocaleString(this.data.locale))];
    }

    // The same for an attribute.
    say(low, high) {
      return this.tell(low, high).map((part) => part.textContent ?? part).join("");
    }

    // What the keys do, for who is at one of the handles.
    hint() {
      const hint = document.createElement("span");
      hint.className = "hint";
      hint.textContent = ` · ${this.data.keys}`;
      return hint;
    }

    when(low, high) {
      return low === high ? this.spell(low) : `${this.spell(low)} – ${this.spell(high)}`;
    }

    word([name, lang]) {
      const word = document.createElement("bdi");
      word.lang = lang;
      word.textContent = name;
      return word;
    }

    value(line, low, high) {
      const count = sum(this.series[line], low, high);
      if (!this.articles) return count.toLocaleString(this.data.locale);
      const every = sum(this.articles, low, high);
      return `${+(every ? (100 * count) / every : 0).toFixed(2)}%`;
    }

    spell(place) {
      return this.words.format(this.day(place));
    }

    name(place) {
      return this.day(place).toISOString().slice(0, this.data.first.length);
    }

    // The first day of a bucket.
    day(place) {
      const [year, month = 1, day = 1] = this.data.first.split("-").map(Number);
      const moved = { day: [0, 0, place], month: [0, place, 0], year: [place, 0, 0] }[this.data.timeline];
      return new Date(Date.UTC(year + moved[0], month - 1 + moved[1], day + moved[2]));
    }
  }

  for (const chart of document.querySelectorAll("[data-timeline]")) {
    if (chart.dataset.counts.includes(" ")) new Timeline(chart);
  }
}
