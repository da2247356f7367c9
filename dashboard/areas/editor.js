// Draws privacy masks and zones on a camera's newest picture. Streamlit calls the default export at every rerun; the
// editor stays on its element and takes over what is stored only when that has changed: nothing drawn is lost.

const PICTURE_EVERY_MS = 2000;
const OLD_AFTER_S = 20;
const KINDS = ["privacy_masks", "zones"];
const STEP = 0.01;
const FINE_STEP = 0.002;
const UNDO_STEPS = 50;
const SVG = "http://www.w3.org/2000/svg";

const editors = new WeakMap();

export default function mount({ parentElement, data, setTriggerValue }) {
  let editor = editors.get(parentElement);
  if (!editor) {
    editor = new Editor(parentElement);
    editors.set(parentElement, editor);
  }
  const generation = editor.update(data, setTriggerValue);
  return () => {
    // A call that a newer one has overtaken must not close what the newer one uses.
    if (editor.generation === generation) {
      editor.close();
      editors.delete(parentElement);
    }
  };
}

class Editor {
  constructor(parent) {
    this.generation = 0;
    this.kind = KINDS[0];
    this.area = null;
    this.point = null;
    this.drawing = null;
    this.past = [];
    this.size = { width: 960, height: 540 };
    this.root = parent.querySelector(".gspe-areas");
    const find = (selector) => this.root.querySelector(selector);
    this.stage = find(".stage");
    this.picture = find("img");
    this.svg = find("svg");
    this.notice = find(".notice");
    this.hint = find(".hint");
    this.lists = find(".lists");
    this.preview = find(".preview input");
    this.buttons = Object.fromEntries([...this.root.querySelectorAll("[data-do]")].map((one) => [one.dataset.do, one]));
    for (const [name, button] of Object.entries(this.buttons)) button.onclick = () => this[`do_${name}`]();
    this.preview.onchange = () => this.show();
    this.picture.onload = () => this.measured();
    this.svg.onpointerdown = (event) => this.pressed(event);
    this.svg.onpointermove = (event) => this.moved(event);
    this.svg.onpointerup = this.svg.onpointercancel = () => this.released();
    this.svg.ondblclick = () => this.drawing && this.do_finish();
    this.root.onkeydown = (event) => this.key(event);
    this.timer = setInterval(() => this.look(), PICTURE_EVERY_MS);
    this.resized = new ResizeObserver(() => this.show());
    this.resized.observe(this.stage);
  }

  update(data, setTriggerValue) {
    const stored = !this.data || this.data.fingerprint !== data.fingerprint;
    const elsewhere = this.data?.picture_url !== data.picture_url;
    this.data = data;
    this.setTriggerValue = setTriggerValue;
    if (stored) {
      this.areas = copy({ privacy_masks: data.privacy_masks, zones: data.zones });
      this.stored = JSON.stringify(this.areas);
      this.past = [];
      this.drawing = this.area = this.point = null;
    }
    this.label();
    this.show();
    if (elsewhere) this.look();
    return ++this.generation;
  }

  label() {
    const strings = this.data.strings;
    this.root.querySelector(".bar").setAttribute("aria-label", strings.toolbar);
    for (const [name, button] of Object.entries(this.buttons)) button.textContent = strings[name];
    this.root.querySelector(".preview span").textContent = strings.preview;
    this.picture.alt = strings.picture;
    this.svg.setAttribute("aria-label", strings.picture);
    const kinds = this.root.querySelector(".kinds");
    kinds.setAttribute("aria-label", strings.kind);
    if (kinds.childElementCount) return;
    for (const kind of KINDS) {
      const label = element("label", { "data-kind": kind });
      const radio = element("input", { type: "radio", name: "gspe-area-kind", value: kind });
      radio.checked = kind === this.kind;
      radio.onchange = () => {
        this.kind = kind;
        this.drawing = this.area = this.point = null;
        this.show();
      };
      label.append(radio, strings[kind]);
      kinds.append(label);
    }
  }

  // The picture

  async look() {
    if (document.hidden || !this.stage.offsetParent || this.asking) return;
    this.asking = true;
    try {
      const answer = await fetch(this.data.picture_url, { cache: "no-store", credentials: "same-origin" });
      if (!answer.ok) throw new Error(answer.status);
      const url = URL.createObjectURL(await answer.blob());
      const before = this.picture.src;
      this.picture.src = url;
      if (before) URL.revokeObjectURL(before);
      const age_s = Number(answer.headers.get("x-gspe-age-s"));
      this.say(age_s > OLD_AFTER_S ? this.data.strings.old.replace("{seconds}", Math.floor(age_s)) : "");
    } catch {
      this.say(this.data.strings.no_picture);
    } finally {
      this.asking = false;
    }
  }

  say(text) {
    if (this.notice.textContent !== text) this.notice.textContent = text;
  }

  measured() {
    this.stage.classList.add("known");
    this.size = { width: this.picture.naturalWidth, height: this.picture.naturalHeight };
    this.root.dataset.picture = `${this.size.width}x${this.size.height}`;
    this.show();
  }

  // What the buttons do

  do_draw() {
    this.drawing = this.drawing ? null : [];
    this.area = this.point = null;
    this.show();
  }

  do_rectangle() {
    this.change(() => this.add([[0.3, 0.3], [0.7, 0.3], [0.7, 0.7], [0.3, 0.7]]));
    this.lists.querySelector("details[open] input")?.focus();
  }

  do_finish() {
    const points = this.drawing;
    if (!points || points.length < this.data.fewest_points) return;
    this.drawing = null;
    this.change(() => this.add(points));
  }

  do_point() {
    if (this.drawing) {
      this.drawing.pop();
      this.show();
      return;
    }
    this.removePoint(this.area, this.point);
  }

  do_area() {
    if (this.area === null) return;
    this.change(() => this.mine().splice(this.area, 1));
  }

  do_undo() {
    if (!this.past.length) return;
    this.areas = JSON.parse(this.past.pop());
    this.area = this.point = null;
    this.show();
  }

  do_save() {
    this.setTriggerValue("saved", { ...copy(this.areas), fingerprint: this.data.fingerprint });
  }

  // Changes

  mine() {
    return this.areas[this.kind];
  }

  add(points) {
    this.mine().push(points.map(rounded));
    this.area = this.mine().length - 1;
    this.point = null;
    return true;
  }

  remember() {
    this.past.push(JSON.stringify(this.areas));
    if (this.past.length > UNDO_STEPS) this.past.shift();
  }

  change(work) {
    this.remember();
    const chosen = this.area;
    work();
    if (this.area === chosen && !this.mine()[this.area]) this.area = this.point = null;
    this.show();
  }

  removePoint(area, point) {
    const points = this.mine()[area];
    if (!points || point === null || points.length <= this.data.fewest_points) return;
    this.change(() => points.splice(point, 1));
    this.point = Math.min(point, points.length - 1);
    this.show();
  }

  // Pointer and keys

  place(event) {
    const box = this.svg.getBoundingClientRect();
    return rounded([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
  }

  pressed(event) {
    if (event.button) return;
    const place = this.place(event);
    const { area, point, edge } = event.target.dataset;
    if (this.drawing) {
      this.draw(place, event.target);
      return;
    }
    this.area = area === undefined ? null : Number(area);
    this.point = null;
    if (point !== undefined || edge !== undefined) {
      this.remember();
      this.point = edge === undefined ? Number(point) : Number(edge) + 1;
      if (edge !== undefined) this.mine()[this.area].splice(this.point, 0, place);
      this.dragged = true;
      this.svg.setPointerCapture(event.pointerId);
    }
    this.show();
  }

  draw(place, target) {
    this.svg.focus({ preventScroll: true }); // so that Enter and Escape come here
    if (target.dataset.first !== undefined) this.do_finish();
    else if (this.drawing.length < this.data.most_points) this.drawing.push(place);
    this.show();
  }

  moved(event) {
    if (!this.dragged) return;
    this.mine()[this.area][this.point] = this.place(event);
    this.show();
  }

  released() {
    this.dragged = false;
  }

  key(event) {
    const onPoint = event.target.classList?.contains("grip");
    const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Escape" && this.drawing) this.do_draw();
    else if (event.key === "Enter" && this.drawing && event.target.tagName !== "BUTTON") this.do_finish();
    else if ((event.ctrlKey || event.metaKey) && event.key === "z" && event.target.tagName !== "INPUT") this.do_undo();
    else if (onPoint && arrow) this.nudge(event, arrow);
    else if (onPoint && ["Delete", "Backspace"].includes(event.key))
      this.removePoint(Number(event.target.dataset.area), Number(event.target.dataset.point));
    else return;
    event.preventDefault();
  }

  nudge(event, [x, y]) {
    const area = Number(event.target.dataset.area);
    const point = Number(event.target.dataset.point);
    const step = event.shiftKey ? FINE_STEP : STEP;
    const [left, top] = this.mine()[area][point];
    this.area = area;
    this.point = point;
    this.change(() => (this.mine()[area][point] = rounded([left + x * step, top + y * step])));
    this.svg.querySelector(`.grip[data-area="${area}"][data-point="${point}"]`)?.focus();
  }

  // Showing

  show() {
    if (!this.data) return;
    const { width, height } = this.size;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.classList.toggle("drawing", Boolean(this.drawing));
    this.svg.classList.toggle("previewed", this.preview.checked);
    const focused = this.focused();
    this.svg.replaceChildren(...(this.preview.checked ? this.previewed() : this.edited()));
    this.list();
    this.state();
    if (focused) this.svg.querySelector(focused)?.focus();
  }

  focused() {
    const active = this.root.getRootNode().activeElement;
    if (!active?.classList.contains("grip")) return null;
    return `.grip[data-area="${active.dataset.area}"][data-point="${active.dataset.point}"]`;
  }

  edited() {
    const other = KINDS.find((kind) => kind !== this.kind);
    const shapes = this.areas[other].map((points) => this.shape(points, `shape other ${other}`));
    this.mine().forEach((points, area) => {
      const shape = this.shape(points, `shape ${this.kind}${area === this.area ? " chosen" : ""}`);
      shape.dataset.area = area;
      shapes.push(shape);
    });
    if (this.drawing) return [...shapes, ...this.open()];
    return [...shapes, ...this.mine().flatMap((points, area) => this.handles(points, area))];
  }

  previewed() {
    const { width, height } = this.size;
    const shapes = [];
    if (this.areas.zones.length) {
      const holes = this.areas.zones.map((points) => `M${this.path(points)}Z`).join("");
      shapes.push(svg("path", { class: "outside", d: `M0,0H${width}V${height}H0Z${holes}` }));
      shapes.push(...this.areas.zones.map((points) => this.shape(points, "shape zones")));
    }
    return [...shapes, ...this.areas.privacy_masks.map((points) => this.shape(points, "shape privacy_masks"))];
  }

  path(points) {
    return points.map(([x, y]) => `${x * this.size.width},${y * this.size.height}`).join(" ");
  }

  shape(points, style) {
    return svg("polygon", { class: style, points: this.path(points) });
  }

  handles(points, area) {
    const radius = this.unit();
    const chosen = area === this.area;
    const edges = chosen && points.length < this.data.most_points ? points.map((from, i) => this.edge(from, points, i, area)) : [];
    const dots = points.flatMap((point, i) => {
      const [cx, cy] = this.at(point);
      const style = chosen && i === this.point ? "point chosen" : "point";
      const dot = svg("circle", { class: style, cx, cy, r: radius * (chosen ? 7 : 5) });
      const label = this.fill("point_at", { number: i + 1, area: area + 1, x: percent(point[0]), y: percent(point[1]) });
      const grip = svg("circle", { class: "grip", cx, cy, r: radius * 14, tabindex: 0, role: "button", "aria-label": label });
      Object.assign(grip.dataset, { area, point: i });
      grip.onfocus = () => this.choose(area, i);
      return [dot, grip];
    });
    return [...edges, ...dots];
  }

  choose(area, point) {
    if (this.area === area && this.point === point) return;
    this.area = area;
    this.point = point;
    this.show();
  }

  edge(from, points, i, area) {
    const to = points[(i + 1) % points.length];
    const [cx, cy] = this.at([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]);
    const dot = svg("circle", { class: "edge", cx, cy, r: this.unit() * 5 });
    Object.assign(dot.dataset, { area, edge: i });
    return dot;
  }

  open() {
    const line = svg("polyline", { class: "open", points: this.path(this.drawing) });
    const dots = this.drawing.map((point, i) => {
      const [cx, cy] = this.at(point);
      const dot = svg("circle", { class: "point", cx, cy, r: this.unit() * (i ? 5 : 9) });
      if (i === 0) dot.dataset.first = "";
      return dot;
    });
    return [line, ...dots];
  }

  at([x, y]) {
    return [x * this.size.width, y * this.size.height];
  }

  unit() {
    return this.size.width / (this.svg.clientWidth || this.size.width);
  }

  list() {
    const active = this.root.getRootNode().activeElement;
    if (this.lists.contains(active) && active.tagName === "INPUT" && this.lists.dataset.shape === this.outline()) {
      this.refill(active);
      return;
    }
    const kept = this.lists.contains(active) ? active.dataset.name : null;
    this.lists.dataset.shape = this.outline();
    this.lists.replaceChildren(...this.mine().map((points, area) => this.listed(points, area)));
    if (kept) this.lists.querySelector(`[data-name="${kept}"]`)?.focus();
  }

  outline() {
    return `${this.kind} ${this.mine().map((points) => points.length)} ${this.area}`;
  }

  refill(except) {
    for (const input of this.lists.querySelectorAll("input")) {
      const { area, point, axis } = input.dataset;
      if (input !== except) input.value = percent(this.mine()[area][point][axis]);
    }
  }

  listed(points, area) {
    const details = element("details", {});
    details.open = area === this.area;
    const summary = element("summary", {});
    summary.textContent = this.fill(`one_of_${this.kind}`, { number: area + 1, points: points.length });
    details.append(summary, element("ol", {}));
    details.lastChild.append(...points.map((point, i) => this.row(point, i, area, points.length)));
    return details;
  }

  row(point, i, area, count) {
    const row = element("li", {});
    row.append(this.fill("point_number", { number: i + 1 }), ...[0, 1].map((axis) => this.number(point, i, area, axis)));
    const remove = element("button", { type: "button", class: "small", "data-name": `remove ${area} ${i}` });
    remove.textContent = this.data.strings.remove;
    remove.setAttribute("aria-label", this.fill("remove_point", { number: i + 1 }));
    remove.disabled = count <= this.data.fewest_points;
    remove.onclick = () => this.removePoint(area, i, (this.area = area));
    row.append(remove);
    return row;
  }

  number(point, i, area, axis) {
    const label = element("label", {});
    const input = element("input", { type: "number", min: 0, max: 100, step: 0.5 });
    Object.assign(input.dataset, { area, point: i, axis, name: `${area} ${i} ${axis}` });
    input.value = percent(point[axis]);
    input.setAttribute("aria-label", this.fill(axis ? "from_top" : "from_left", { number: i + 1 }));
    input.onchange = () => {
      const value = Number.parseFloat(input.value);
      if (!Number.isFinite(value)) {
        input.value = percent(this.mine()[area][i][axis]);
        return;
      }
      this.area = area;
      this.change(() => (this.mine()[area][i] = rounded(point.map((part, n) => (n === axis ? value / 100 : part)))));
    };
    label.append(axis ? this.data.strings.top : this.data.strings.left, input);
    return label;
  }

  state() {
    const strings = this.data.strings;
    const points = this.mine()[this.area];
    const full = this.mine().length >= this.data.most_areas;
    const dirty = JSON.stringify(this.areas) !== this.stored;
    this.root.dataset.dirty = dirty;
    this.buttons.draw.setAttribute("aria-pressed", Boolean(this.drawing));
    this.buttons.draw.disabled = (full && !this.drawing) || this.preview.checked;
    this.buttons.rectangle.disabled = full || Boolean(this.drawing);
    this.buttons.finish.hidden = !this.drawing;
    this.buttons.finish.disabled = (this.drawing?.length ?? 0) < this.data.fewest_points;
    this.buttons.point.disabled = this.drawing
      ? !this.drawing.length
      : !points || this.point === null || points.length <= this.data.fewest_points;
    this.buttons.area.disabled = !points;
    this.buttons.undo.disabled = !this.past.length;
    this.buttons.save.disabled = !dirty || Boolean(this.drawing);
    const hint = this.drawing ? strings.hint_draw : points ? strings.hint_edit : strings.hint_start;
    const said = dirty && !this.drawing ? `${strings.unsaved} ${hint}` : hint;
    if (this.hint.textContent !== said) this.hint.textContent = said;
  }

  fill(name, params) {
    return this.data.strings[name].replace(/\{(\w+)\}/g, (_, key) => params[key]);
  }

  close() {
    clearInterval(this.timer);
    this.resized.disconnect();
    if (this.picture.src) URL.revokeObjectURL(this.picture.src);
  }
}

function rounded(point) {
  return point.map((part) => Math.round(Math.min(1, Math.max(0, part)) * 1e4) / 1e4);
}

function percent(part) {
  return Math.round(part * 1000) / 10;
}

function copy(value) {
  return JSON.parse(JSON.stringify(value));
}

function element(name, attributes) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function svg(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
