// Draws the faces' boxes with their labels; `scale` is canvas pixels a CSS pixel, so that labels stay crisp.

const NAMED = "#34d399";
const UNNAMED = "#fbbf24";
const LABEL_PX = 13;

function drawBoxes(context, boxes, { scale, font, words }) {
  for (const box of boxes) drawBox(context, box, scale);
  // Labels last: none lies under another face's box. Names have the first choice of a place.
  const taken = [];
  for (const box of [...boxes].sort((a, b) => Boolean(b.name) - Boolean(a.name))) {
    const label = words.label(box);
    if (label) drawLabel(context, label, box, { scale, font, taken });
  }
}

function edges(context, box) {
  const { width, height } = context.canvas;
  return box.xyxy.map((part, i) => part * (i % 2 ? height : width));
}

function drawBox(context, box, scale) {
  const [left, top, right, bottom] = edges(context, box);
  context.strokeStyle = box.name ? NAMED : UNNAMED;
  context.lineWidth = (box.name ? 3 : 2) * scale;
  context.beginPath();
  context.roundRect(left, top, right - left, bottom - top, 4 * scale);
  context.stroke();
}

function drawLabel(context, label, box, { scale, font, taken }) {
  const [left, top, , bottom] = edges(context, box);
  const { width: canvasWidth, height: canvasHeight } = context.canvas;
  const size = LABEL_PX * scale;
  context.font = `600 ${size}px ${font}`;
  const width = Math.min(context.measureText(label).width + size * 0.9, canvasWidth);
  const height = size * 1.55;
  const x = Math.max(0, Math.min(left, canvasWidth - width));
  const above = top - height - 2 * scale;
  const below = Math.min(bottom + 2 * scale, canvasHeight - height);
  const isFree = (y) => !taken.some((other) => overlap(other, { x, y, width, height }));
  const places = above >= 0 ? [above, below] : [below];
  const y = places.find(isFree) ?? places[0];
  taken.push({ x, y, width, height });
  context.fillStyle = box.name ? NAMED : UNNAMED;
  context.beginPath();
  context.roundRect(x, y, width, height, 4 * scale);
  context.fill();
  context.fillStyle = "#0b1220";
  context.textBaseline = "middle";
  context.fillText(label, x + size * 0.45, y + height / 2, width - size * 0.9);
}

function overlap(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

// What boxes and tiles say, in the reader's language.
class LiveWords {
  constructor(data) {
    this.strings = data.strings;
    this.seconds = new Intl.NumberFormat(data.language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    this.whole = new Intl.NumberFormat(data.language, { maximumFractionDigits: 0 });
    this.score = new Intl.NumberFormat(data.language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    this.clock = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: data.zone });
  }

  label(box) {
    if (box.name) return typeof box.score === "number" ? `${box.name} ${this.score.format(box.score)}` : box.name;
    const reason = this.strings.reasons[box.reason] ?? "";
    if (!box.candidate) return reason;
    const values = { reason, name: box.candidate, score: this.score.format(box.score ?? 0) };
    if (typeof box.margin !== "number") return fill(this.strings.candidate_only, values);
    return fill(this.strings.candidate, { ...values, margin: this.score.format(box.margin) });
  }

  age(seconds) {
    if (seconds === null) return this.strings.age_unknown;
    if (seconds < 100) return fill(this.strings.age, { n: this.seconds.format(seconds) });
    if (seconds < 6000) return fill(this.strings.age_minutes, { n: this.whole.format(Math.floor(seconds / 60)) });
    if (seconds < 172_800) return fill(this.strings.age_hours, { n: this.whole.format(Math.floor(seconds / 3600)) });
    return fill(this.strings.age_days, { n: this.whole.format(Math.floor(seconds / 86_400)) });
  }

  fps(value) {
    return typeof value === "number" ? fill(this.strings.fps, { n: this.seconds.format(value) }) : "";
  }

  // Camera and site time, as a file name that every system takes.
  fileName(name, takenAt) {
    const stamp = this.clock.format(takenAt).replaceAll(":", "-").replace(" ", "_");
    return `${name.replace(/[^\p{L}\p{N}]+/gu, "-")}_${stamp}.jpg`;
  }

  // Why there is no current picture of a camera, from its state; empty when it should be there.
  trouble(state) {
    if (!state) return "";
    if (state.refusal) return this.strings.errors[state.refusal] ?? this.strings.errors.unknown;
    if (state.status === "online") return "";
    const status = this.strings.statuses[state.status] ?? "";
    const cause = this.strings.causes[state.cause];
    return cause ? `${status}. ${cause}` : `${status}.`;
  }
}

function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
