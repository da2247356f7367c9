// The live viewer: one canvas, one WebSocket. Streamlit calls the default export at every rerun; the viewer stays on
// its element, so that switching the camera is a message and never a reload.

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 10_000;
const CLOSE_SIGNED_OUT = 4401;
const AGE_REFRESH_MS = 200;
const NAMED = "#34d399";
const UNNAMED = "#fbbf24";

const viewers = new WeakMap();

export default function mount({ parentElement, data }) {
  let viewer = viewers.get(parentElement);
  if (!viewer) {
    viewer = new Viewer(parentElement);
    viewers.set(parentElement, viewer);
  }
  const generation = viewer.update(data);
  return () => {
    // A call that a newer one has overtaken must not close what the newer one uses.
    if (viewer.generation === generation) {
      viewer.close();
      viewers.delete(parentElement);
    }
  };
}

class Viewer {
  constructor(parent) {
    this.generation = 0;
    this.retryMs = RETRY_FIRST_MS;
    this.frames = 0;
    this.find(parent);
    this.age = null;
    this.onVisibility = () => (document.hidden ? this.send({ type: "stop" }) : this.watch());
    document.addEventListener("visibilitychange", this.onVisibility);
    this.ageTimer = setInterval(() => this.showAge(), AGE_REFRESH_MS);
  }

  find(parent) {
    this.root = parent.querySelector(".gspe-live");
    this.canvas = this.root.querySelector("canvas");
    this.context = this.canvas.getContext("2d");
    this.pill = this.root.querySelector(".gspe-live-age");
    this.notice = this.root.querySelector(".gspe-live-notice");
  }

  update(data) {
    const switched = this.data?.camera !== data.camera;
    this.data = data;
    this.seconds = new Intl.NumberFormat(data.language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    this.canvas.setAttribute("aria-label", data.label);
    if (!this.socket) this.connect();
    else if (switched) this.watch();
    return ++this.generation;
  }

  connect() {
    this.setState("connecting", this.data.strings.connecting);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(`${scheme}//${location.host}/api/live`);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => this.watch();
    this.socket.onmessage = (event) => this.receive(event.data);
    this.socket.onclose = (event) => this.retry(event.code);
  }

  watch() {
    if (document.hidden || this.socket?.readyState !== WebSocket.OPEN) return;
    if (this.watched !== this.data.camera) this.clear();
    this.send({ type: this.watched === undefined ? "start" : "switch", camera: this.data.camera });
    this.watched = this.data.camera;
  }

  clear() {
    this.age = null;
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.setState("connecting", this.data.strings.connecting);
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  retry(code) {
    this.watched = undefined;
    if (this.closed) return;
    if (code === CLOSE_SIGNED_OUT) {
      this.setState("error", this.data.strings.errors.signed_out);
      return;
    }
    this.setState("connecting", this.data.strings.reconnecting);
    this.retryTimer = setTimeout(() => this.connect(), this.retryMs * (0.75 + Math.random() / 2));
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MAX_MS);
  }

  async receive(content) {
    if (typeof content === "string") {
      this.receiveNotice(JSON.parse(content));
      return;
    }
    const headerBytes = new DataView(content).getUint32(0);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(content, 4, headerBytes)));
    if (header.camera === this.data.camera) await this.show(header, new Uint8Array(content, 4 + headerBytes));
    this.send({ type: "ack" });
  }

  receiveNotice(message) {
    if (message.type === "stopped") this.setState("stopped", "");
    else if (message.camera === null || message.camera === this.data.camera) {
      this.age = null;
      this.setState("error", this.data.strings.errors[message.code] ?? this.data.strings.errors.unknown);
    }
  }

  async show(header, jpeg) {
    const receivedAt = performance.now();
    let picture;
    try {
      picture = await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" }));
    } catch {
      this.receiveNotice({ type: "error", camera: header.camera, code: "unreadable_frame" });
      return;
    }
    if (header.camera !== this.data.camera) return;
    this.retryMs = RETRY_FIRST_MS;
    if (this.canvas.width !== picture.width || this.canvas.height !== picture.height) {
      this.canvas.width = picture.width;
      this.canvas.height = picture.height;
    }
    this.context.drawImage(picture, 0, 0);
    picture.close();
    for (const box of header.overlay?.boxes ?? []) this.drawBox(box);
    this.root.dataset.camera = header.camera;
    this.root.dataset.sequence = header.overlay?.sequence ?? "";
    this.root.dataset.boxes = header.overlay?.boxes.length ?? 0;
    this.root.dataset.frames = ++this.frames;
    this.age = { atFrame: header.age_s, receivedAt };
    this.showAge();
  }

  drawBox(box) {
    const scale = this.canvas.width / (this.canvas.clientWidth || this.canvas.width);
    const [left, top, right, bottom] = box.xyxy.map((part, i) => part * (i % 2 ? this.canvas.height : this.canvas.width));
    const colour = box.name ? NAMED : UNNAMED;
    this.context.strokeStyle = colour;
    this.context.lineWidth = (box.name ? 3 : 2) * scale;
    this.context.beginPath();
    this.context.roundRect(left, top, right - left, bottom - top, 4 * scale);
    this.context.stroke();
    const label = box.name ? this.nameOf(box) : (this.data.strings.reasons[box.reason] ?? "");
    if (label) this.drawLabel(label, left, top, bottom, colour, scale);
  }

  nameOf(box) {
    return box.score === null || box.score === undefined ? box.name : `${box.name} ${box.score.toFixed(2)}`;
  }

  drawLabel(label, left, top, bottom, colour, scale) {
    const size = 13 * scale;
    this.context.font = `600 ${size}px ${getComputedStyle(this.root).fontFamily}`;
    const width = this.context.measureText(label).width + size * 0.9;
    const height = size * 1.55;
    const x = Math.max(0, Math.min(left, this.canvas.width - width));
    const y = top - height - 2 * scale >= 0 ? top - height - 2 * scale : Math.min(bottom + 2 * scale, this.canvas.height - height);
    this.context.fillStyle = colour;
    this.context.beginPath();
    this.context.roundRect(x, y, width, height, 4 * scale);
    this.context.fill();
    this.context.fillStyle = "#0b1220";
    this.context.textBaseline = "middle";
    this.context.fillText(label, x + size * 0.45, y + height / 2);
  }

  showAge() {
    if (!this.age) return;
    const seconds = this.age.atFrame + (performance.now() - this.age.receivedAt) / 1000;
    this.root.dataset.age = seconds.toFixed(2);
    this.pill.textContent = this.data.strings.age.replace("{seconds}", this.seconds.format(seconds));
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    if (seconds > this.data.old_after_s) {
      this.setState("old", this.data.strings.old.replace("{seconds}", Math.floor(seconds)));
    } else {
      this.setState("live", "");
    }
  }

  setState(state, text) {
    this.root.dataset.state = state;
    if (this.notice.textContent !== text) this.notice.textContent = text;
    if (!this.age) this.pill.textContent = "";
  }

  close() {
    this.closed = true;
    clearInterval(this.ageTimer);
    clearTimeout(this.retryTimer);
    document.removeEventListener("visibilitychange", this.onVisibility);
    this.socket?.close();
  }
}
