// The segment browser: two cells of a test set beside each other, segment by segment.
// What comes from data becomes text, by textContent and createTextNode alone.

const PAGE = 200;
const ORDERS = [
  ["gain", "largest wins of B"],
  ["loss", "largest losses of B"],
  ["difference", "largest differences"],
  ["worst", "lowest scores of B"],
  ["file", "order of the file"],
];
const ANY = "", NO_FLAG = "\u0000none", SOME_FLAG = "\u0000some";

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (key in made && key !== "role") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

function dataText(tag, className, text, lang) {
  return element(tag, { className, dir: "auto", lang: lang ?? "" }, text);
}

async function unpack(id) {
  const binary = atob(document.getElementById(id).textContent.trim());
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

class SegmentBrowser {
  constructor(home, study) {
    this.home = home;
    this.study = study;
    this.packs = new Map();
    this.state = { test: study.tests.findIndex((test) => test.pack), a: 0, b: 0, metric: 0, order: "gain", domain: ANY, flag: ANY, query: "", differ: false, marks: "pair" };
    this.shown = [];
    this.pages = 1;
    this.build();
  }

  get test() { return this.study.tests[this.state.test]; }
  get metric() { return this.test.metrics[this.state.metric]; }

  build() {
    const select = (key, label, change) => {
      const input = element("select", { id: `choose-${key}` });
      input.addEventListener("change", () => { this.state[key] = /^\d+$/.test(input.value) ? Number(input.value) : input.value; change(); });
      this[`${key}Input`] = input;
      return element("label", {}, label, input);
    };
    const refresh = () => this.refresh();
    const tag = (name) => element("span", { className: `tag ${name}`, "aria-hidden": "true" }, name.toUpperCase());
    const cell = (key) => {
      const label = select(key, "", () => { this.fillFilters(); this.refresh(); });
      label.prepend(tag(key));
      this[`${key}Input`].setAttribute("aria-label", `Cell ${key.toUpperCase()}`);
      return label;
    };
    const swap = element("button", { type: "button", className: "plain", id: "swap" }, "Swap");
    swap.addEventListener("click", () => {
      [this.state.a, this.state.b] = [this.state.b, this.state.a];
      this.showChoices();
      this.refresh();
    });
    const query = element("input", { type: "search", id: "choose-query", placeholder: "in any text" });
    let pause;
    query.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(() => { this.state.query = query.value; this.refresh(); }, 150); });
    const differ = element("input", { type: "checkbox", id: "choose-differ" });
    differ.addEventListener("change", () => { this.state.differ = differ.checked; this.refresh(); });
    this.controls = element("div", { className: "controls", role: "group", "aria-label": "What is compared" },
      select("test", "test set", () => this.changeTest()),
      element("div", { className: "pair" }, cell("a"), cell("b"), swap));
    this.filters = element("div", { className: "controls", role: "group", "aria-label": "Which segments" },
      select("order", "first", refresh),
      select("metric", "by", refresh),
      select("domain", "domain", refresh),
      select("flag", "flag of A or B", refresh),
      select("marks", "mark words", () => this.open(this.current)),
      element("label", {}, "search", query),
      element("label", { className: "check" }, differ, "only where they differ"));
    this.overview = element("div", { className: "overview", role: "status" });
    this.list = element("ul", { className: "list", role: "listbox", tabIndex: 0, "aria-label": "Segments" });
    this.detail = element("article", { className: "detail", id: "segment", tabIndex: -1 });
    this.list.addEventListener("click", (event) => {
      if (event.target.closest(".more")) return this.more();
      const item = event.target.closest("li[data-at]");
      if (item) this.open(Number(item.dataset.at));
    });
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.home.append(this.controls, this.filters, this.overview, element("div", { className: "browser" }, this.list, this.detail));
    fill(this.testInput, this.study.tests.map((test, at) => [at, test.name]).filter(([at]) => this.study.tests[at].pack));
    fill(this.marksInput, [["pair", "A against B"], ["reference", "against the reference"], ["none", "none"]]);
  }

  async changeTest(a, b) {
    const test = this.test;
    this.state.a = a ?? test.first;
    this.state.b = b ?? test.second;
    this.state.metric = Math.max(0, test.metrics.findIndex((metric) => metric.slug === root.dataset.metric));
    this.state.domain = ANY;
    this.state.flag = ANY;
    for (const key of ["a", "b"]) fill(this[`${key}Input`], test.cells.map((its, at) => [at, its.label]));
    fill(this.metricInput, test.metrics.map((metric, at) => [at, metric.title]));
    this.metricInput.parentElement.hidden = test.metrics.length < 2;
    fill(this.orderInput, test.metrics.length ? ORDERS : ORDERS.slice(-1));
    if (!test.metrics.length) this.state.order = "file";
    this.showChoices();
    if (!this.packs.has(this.state.test)) {
      this.overview.textContent = "Reading the segments …";
      try { this.packs.set(this.state.test, await unpack(test.pack)); }
      catch (error) {
        this.overview.textContent = `The segments cannot be read: this browser is too old, or the page is damaged (${error.message}).`;
        return;
      }
    }
    this.fillFilters();
    this.refresh();
  }

  get pack() { return this.packs.get(this.state.test); }

  text(number) { return this.pack.texts[number]; }

  rowOf(key, at) { return this.pack.cells[this.test.cells[this.state[key]].id]?.[at] ?? null; }

  score(key, at) { return this.metric ? this.rowOf(key, at)?.s?.[this.metric.name] ?? null : null; }

  // B's score minus A's, so that more is better for B
  delta(at) {
    const a = this.score("a", at), b = this.score("b", at);
    return a === null || b === null ? null : (this.metric.higher ? 1 : -1) * (b - a);
  }

  fillFilters() {
    if (!this.pack) return;
    const domains = new Set(), flags = new Set();
    this.pack.segments.forEach(([, , , domain], at) => {
      if (domain !== null) domains.add(this.text(domain));
      for (const key of ["a", "b"]) for (const flag of this.rowOf(key, at)?.f ?? []) flags.add(this.text(flag));
    });
    const sorted = (its) => [...its].sort().map((its) => [its, its.replaceAll("_", " ")]);
    fill(this.domainInput, [[ANY, "all"], ...sorted(domains)]);
    this.domainInput.parentElement.hidden = domains.size < 2;
    fill(this.flagInput, [[ANY, "all"], [SOME_FLAG, "any flag"], [NO_FLAG, "no flag"], ...sorted(flags)]);
    if (!flags.has(this.state.flag) && ![SOME_FLAG, NO_FLAG].includes(this.state.flag)) this.state.flag = ANY;
    this.showChoices();
  }

  showChoices() {
    for (const key of ["test", "a", "b", "metric", "order", "domain", "flag", "marks"]) this[`${key}Input`].value = this.state[key];
  }

  matches(at) {
    const [id, source, references, domain] = this.pack.segments[at];
    const { state } = this;
    const a = this.rowOf("a", at), b = this.rowOf("b", at);
    if (state.domain !== ANY && (domain === null || this.text(domain) !== state.domain)) return false;
    const flags = [...(a?.f ?? []), ...(b?.f ?? [])].map((flag) => this.text(flag));
    if (state.flag === SOME_FLAG ? !flags.length : state.flag === NO_FLAG ? flags.length : state.flag !== ANY && !flags.includes(state.flag)) return false;
    if (state.differ && a && b && a.t === b.t) return false;
    if (!state.query) return true;
    const wanted = state.query.toLowerCase();
    return [id, source, ...references, a?.t, b?.t].some((text) => text !== undefined && this.text(text).toLowerCase().includes(wanted));
  }

  refresh() {
    if (!this.pack) return;
    const keys = {
      gain: (at) => -(this.delta(at) ?? -Infinity),
      loss: (at) => this.delta(at) ?? Infinity,
      difference: (at) => -Math.abs(this.delta(at) ?? 0),
      worst: (at) => { const score = this.score("b", at); return score === null ? Infinity : this.metric.higher ? score : -score; },
      file: (at) => at,
    };
    const key = keys[this.state.order];
    this.shown = this.pack.segments.map((_, at) => at).filter((at) => this.matches(at))
      .map((at) => [key(at), at]).sort((one, other) => (one[0] === other[0] ? 0 : one[0] - other[0]) || one[1] - other[1]).map(([, at]) => at);
    this.pages = 1;
    this.showOverview();
    this.showList();
    this.open(this.shown[0] ?? null);
    this.list.scrollTop = 0;
  }

  showOverview() {
    const deltas = this.shown.map((at) => this.delta(at)).filter((delta) => delta !== null);
    const wins = deltas.filter((delta) => delta > 1e-9).length, losses = deltas.filter((delta) => delta < -1e-9).length;
    const count = this.shown.length.toLocaleString("en"), all = this.pack.segments.length.toLocaleString("en");
    const said = element("span", {}, `${count} of ${all} segment${all === "1" ? "" : "s"}`);
    const split = deltas.length ? element("span", {}, `B is better in ${wins.toLocaleString("en")}, worse in ${losses.toLocaleString("en")}, equal in ${(deltas.length - wins - losses).toLocaleString("en")}`) : null;
    this.overview.replaceChildren(...[said, split, deltas.length > 1 ? profile(deltas) : null].filter(Boolean));
  }

  showList() {
    const items = this.shown.slice(0, this.pages * PAGE).map((at) => this.item(at));
    if (this.shown.length > this.pages * PAGE) {
      items.push(element("li", { className: "more", role: "presentation" }, element("button", { type: "button", className: "plain" }, `${(this.shown.length - this.pages * PAGE).toLocaleString("en")} more`)));
    }
    this.list.replaceChildren(...items);
  }

  item(at) {
    const [id, source] = this.pack.segments[at];
    const delta = this.delta(at);
    const number = element("span", { className: `number ${delta === null ? "" : delta > 1e-9 ? "up" : delta < -1e-9 ? "down" : ""}` }, delta === null ? "" : signed(delta, this.metric.digits));
    const item = element("li", { id: `segment-${at}`, role: "option", "aria-selected": "false" }, number,
      element("span", {}, dataText("span", "words", this.text(source), this.test.source), dataText("div", "name", this.text(id))));
    item.dataset.at = at;
    return item;
  }

  more() {
    this.pages += 1;
    const top = this.list.scrollTop;
    this.showList();
    this.list.scrollTop = top;
    this.select(this.current);
  }

  key(event) {
    const place = this.shown.indexOf(this.current);
    const moves = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: this.shown.length - 1, PageDown: place + 10, PageUp: place - 10 };
    if (!(event.key in moves) || !this.shown.length) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(this.shown.length - 1, moves[event.key]));
    while (next >= this.pages * PAGE) { this.pages = Math.ceil((next + 1) / PAGE); this.showList(); }
    this.open(this.shown[next]);
    document.getElementById(`segment-${this.current}`)?.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  select(at) {
    this.list.querySelector('[aria-selected="true"]')?.setAttribute("aria-selected", "false");
    document.getElementById(`segment-${at}`)?.setAttribute("aria-selected", "true");
    if (at === null) this.list.removeAttribute("aria-activedescendant");
    else this.list.setAttribute("aria-activedescendant", `segment-${at}`);
  }

  open(at) {
    this.current = at;
    this.select(at);
    if (at === null || at === undefined) {
      this.detail.replaceChildren(element("p", { className: "small" }, "No segment is left by these filters."));
      return;
    }
    const [id, source, references, domain] = this.pack.segments[at];
    const { source: from, target: to } = this.test;
    const heading = element("header", {}, dataText("h3", "", this.text(id)));
    if (domain !== null) heading.append(dataText("span", "small", this.text(domain)));
    const delta = this.delta(at);
    if (delta !== null) heading.append(element("span", { className: "small" }, `B − A: ${signed(delta, this.metric.digits)} ${this.metric.title}`));
    const sides = this.state.a === this.state.b ? ["b"] : ["a", "b"];
    this.detail.replaceChildren(heading,
      field("source", dataText("p", "words-of", this.text(source), from)),
      ...references.map((text, number) => field(references.length > 1 ? `reference ${number + 1}` : "reference", dataText("p", "words-of", this.text(text), to))),
      element("div", { className: "sides" }, ...sides.map((key) => this.side(key, at))));
  }

  side(key, at) {
    const row = this.rowOf(key, at);
    const name = element("header", {}, element("span", { className: `tag ${key}` }, key.toUpperCase()), element("span", { dir: "auto" }, this.test.cells[this.state[key]].label));
    if (!row) return element("div", { className: "side" }, name, element("p", { className: "small" }, "It has no such segment."));
    const source = this.text(this.pack.segments[at][1]);
    const output = this.text(row.t);
    const made = element("div", { className: "side" }, name, this.output(key, at, output));
    const numbers = this.test.metrics.filter((metric) => row.s?.[metric.name] != null).map((metric) => `${metric.title} ${row.s[metric.name].toFixed(metric.digits)}`);
    if (row.u) numbers.push(`${row.u[0]} prompt tokens`, `${row.u[2]?.toFixed(2)} s${row.u[3] ? " (from the store)" : ""}`);
    made.append(element("p", { className: "numbers" }, ...(row.f ?? []).map((flag) => element("span", { className: "flag" }, this.text(flag).replaceAll("_", " "))), numbers.join(" · ")));
    if (row.h) made.append(element("h4", {}, "hints"), ...row.h.map((hint) => this.hint(hint)));
    if (row.e) made.append(element("h4", {}, row.e.length === 1 ? "example" : `${row.e.length} examples, in the order of the prompt`), ...row.e.map((example) => this.example(example, source, output)));
    if (row.p) made.append(this.prompt(row.p));
    return made;
  }

  output(key, at, text) {
    const words = dataText("p", "words-of output", "", this.test.target);
    const references = this.pack.segments[at][2];
    const other = this.rowOf(key === "a" ? "b" : "a", at);
    if (!text) words.append(element("span", { className: "small" }, "(empty)"));
    else if (this.state.marks === "pair" && other && this.text(other.t).trim() && this.state.a !== this.state.b) words.append(...differing(text, this.text(other.t), key));
    else if (this.state.marks === "reference" && references.length) words.append(...differing(text, this.text(references[0]), key));
    else words.append(text);
    return words;
  }

  hint([term, translations, followed, inReference]) {
    const verdict = element("span", { className: "verdict" });
    const say = (yes, does, not) => element("span", { className: yes ? "yes" : "no" }, yes ? `✓ ${does}` : `✗ ${not}`);
    if (followed !== null && followed !== undefined) verdict.append(say(followed, "followed", "not followed"));
    if (inReference !== null && inReference !== undefined) verdict.append(" ", say(inReference, "in the reference", "not in the reference"));
    return element("div", { className: "hint" }, dataText("span", "", this.text(term), this.test.source), "→",
      dataText("span", "", translations.map((its) => this.text(its)).join(", "), this.test.target), verdict);
  }

  example([source, target, score, rank, domain], text, output) {
    const first = dataText("p", "", "", this.test.source);
    first.append(...sharing(this.text(source), text));
    const second = dataText("p", "", "", this.test.target);
    second.append(...sharing(this.text(target), output));
    const about = [rank === null ? null : `chosen ${ordinal(rank)}`, score === null ? null : `score ${score.toFixed(2)}`, domain === null ? null : this.text(domain)].filter(Boolean);
    return element("div", { className: "example" }, first, second, dataText("div", "small", about.join(" · ")));
  }

  prompt(parts) {
    // filled when it is opened: most never are
    const details = element("details", {}, element("summary", {}, "Full prompt"));
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) details.append(dataText("pre", "", parts.map((part) => this.text(part)).join("")));
    });
    return details;
  }
}

function fill(select, options) {
  select.replaceChildren(...options.map(([value, label]) => element("option", { value }, label)));
}

function field(name, content) {
  return element("div", { className: "field" }, element("h4", {}, name), content);
}

function signed(value, digits) {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? text : (value < 0 ? "−" : "+") + text;
}

function ordinal(number) {
  return { 1: "first", 2: "second", 3: "third" }[number] ?? `${number}th`;
}

// All differences in order, as a hill of wins and a valley of losses.
function profile(deltas) {
  const NS = "http://www.w3.org/2000/svg";
  const sorted = [...deltas].sort((a, b) => b - a);
  const most = Math.max(...sorted.map(Math.abs), 1e-9);
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", `0 -1 ${sorted.length} 2`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "All differences, from B’s largest win to its largest loss");
  for (const [sign, colour] of [[1, "var(--better)"], [-1, "var(--worse)"]]) {
    const path = document.createElementNS(NS, "path");
    const steps = sorted.map((delta, at) => (sign * delta > 0 ? `M${at} 0H${at + 1}V${(-delta / most).toFixed(4)}H${at}Z` : "")).join("");
    path.setAttribute("d", steps);
    path.setAttribute("fill", colour);
    svg.append(path);
  }
  return svg;
}

function setUpSegments(study) {
  const home = document.getElementById("segment-browser");
  if (!home) return;
  home.hidden = false;
  let browser = null;
  const start = () => { browser ??= new SegmentBrowser(home, study); return browser; };
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    if (!browser) start().changeTest();
  }, { rootMargin: "800px" });
  observer.observe(home.parentElement);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-cell]");
    if (!link) return;
    const its = start();
    its.state.test = Number(link.dataset.test);
    const cells = its.test.cells;
    const b = cells.findIndex((cell) => cell.id === link.dataset.cell);
    if (b < 0) return;
    const a = cells.findIndex((cell) => cell.id === cells[b].baseline);
    its.state.order = "gain";
    its.changeTest(a < 0 ? b : a, b);
  });
}

setUpTheme();
setUpMetric();
setUpTips();
setUpSorting();
setUpSegments(JSON.parse(document.getElementById("study").textContent));
