// The live wall: a canvas a camera, one WebSocket for all. Streamlit calls the default export at every rerun; the
// wall stays on its element, so that another choice of cameras is a message and never a reload.

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 10_000;
const CLOSE_SIGNED_OUT = 4401;
const REFRESH_MS = 200;
const SILENT_AFTER_MS = 10_000;

const walls = new WeakMap();

export default function mount({ parentElement, data, setTriggerValue }) {
  let wall = walls.get(parentElement);
  if (!wall) {
    wall = new Wall(parentElement);
    walls.set(parentElement, wall);
  }
  const generation = wall.update(data, setTriggerValue);
  return () => {
    // A call that a newer one has overtaken must not close what the newer one uses.
    if (wall.generation === generation) {
      wall.close();
      walls.delete(parentElement);
    }
  };
}

class Wall {
  constructor(parent) {
    this.generation = 0;
    this.retryMs = RETRY_FIRST_MS;
    this.tiles = new Map();
    this.root = parent.querySelector(".gspe-wall");
    this.grid = this.root.querySelector(".gspe-wall-grid");
    this.full = this.root.querySelector(".gspe-wall-full");
    this.tileTemplate = this.root.querySelector(".gspe-tile-template");
    this.emptyTemplate = this.root.querySelector(".gspe-empty-template");
    this.full.addEventListener("click", () => fillScreen(this.root));
    this.onVisibility = () => this.restart();
    document.addEventListener("visibilitychange", this.onVisibility);
    document.addEventListener("resume", this.onVisibility);
    this.timer = setInterval(() => this.tick(), REFRESH_MS);
  }

  update(data, setTriggerValue) {
    this.words = new LiveWords(data);
    this.oldAfter = data.old_after_s;
    this.alone = data.alone;
    this.trigger = setTriggerValue;
    this.font = getComputedStyle(this.root).fontFamily;
    this.root.dataset.size = data.size;
    this.full.hidden = data.alone || !document.fullscreenEnabled;
    this.full.querySelector("span").textContent = data.strings.full_wall;
    if (this.trouble === undefined) this.trouble = data.strings.connecting;
    const changed = this.place(data.tiles);
    if (!this.socket) this.connect();
    else if (changed) this.watch();
    return ++this.generation;
  }

  // Puts the tiles in order; those that stay keep their picture, and the button that was used its focus.
  place(tiles) {
    const focused = this.root.getRootNode().activeElement;
    const cameras = tiles.filter(Boolean);
    const wanted = new Set(cameras.map(({ camera }) => camera));
    const gone = [...this.tiles.keys()].filter((camera) => !wanted.has(camera));
    const fresh = cameras.filter(({ camera }) => !this.tiles.has(camera));
    for (const camera of gone) {
      this.tiles.get(camera).close();
      this.tiles.delete(camera);
    }
    for (const { camera } of fresh) this.tiles.set(camera, new Tile(this.tileTemplate, this));
    cameras.forEach((tile, i) => {
      const place = { alone: this.alone, first: i === 0, last: i === cameras.length - 1 };
      this.tiles.get(tile.camera).update(tile, place);
    });
    this.grid.replaceChildren(...tiles.map((tile) => (tile ? this.tiles.get(tile.camera).root : this.empty())));
    if (focused?.isConnected && this.root.contains(focused)) refocus(focused);
    return gone.length + fresh.length > 0;
  }

  empty() {
    const place = this.emptyTemplate.content.firstElementChild.cloneNode(true);
    place.textContent = this.words.strings.empty;
    return place;
  }

  get connected() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.heardAt = performance.now();
    this.socket = new WebSocket(`${scheme}//${location.host}/api/live`);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => this.restart();
    this.socket.onmessage = (event) => this.receive(event.data);
    this.socket.onclose = (event) => this.retry(event.code);
  }

  restart() {
    this.watch();
    for (const tile of this.tiles.values()) tile.restart();
  }

  watch() {
    this.paused = document.hidden;
    if (this.connected && this.paused) this.send({ type: "stop" });
    else if (this.connected && this.tiles.size > 0) this.send({ type: "watch", cameras: [...this.tiles.keys()] });
  }

  send(message) {
    if (this.connected) this.socket.send(JSON.stringify(message));
  }

  retry(code) {
    this.socket.onclose = this.socket.onmessage = null;
    if (this.closed) return;
    const { strings } = this.words;
    this.trouble = code === CLOSE_SIGNED_OUT ? strings.errors.signed_out : strings.reconnecting;
    this.refresh();
    if (code === CLOSE_SIGNED_OUT) return;
    this.retryTimer = setTimeout(() => this.connect(), this.retryMs * (0.75 + Math.random() / 2));
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MAX_MS);
  }

  tick() {
    if (this.connected && performance.now() - this.heardAt > SILENT_AFTER_MS) {
      // The dashboard speaks every two seconds: the line is dead though nobody has closed it.
      const dead = this.socket;
      this.retry(0);
      dead.close();
      this.socket = { readyState: WebSocket.CLOSED, close() {} };
    }
    this.refresh();
  }

  refresh() {
    for (const tile of this.tiles.values()) tile.refresh();
  }

  async receive(content) {
    this.heardAt = performance.now();
    this.retryMs = RETRY_FIRST_MS;
    if (typeof content === "string") {
      this.receiveWord(JSON.parse(content));
      return;
    }
    const headerBytes = new DataView(content).getUint32(0);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(content, 4, headerBytes)));
    const tile = this.tiles.get(header.camera);
    if (!tile) return;
    await tile.show(header, new Uint8Array(content, 4 + headerBytes));
    this.send({ type: "ack", camera: header.camera });
    tile.acknowledged();
  }

  receiveWord(message) {
    if (message.type === "states") {
      for (const [camera, tile] of this.tiles) tile.tellState(message.cameras[camera], message.worker_silent);
    } else if (message.type === "snapshot") {
      this.download(message);
    } else if (message.type === "error" && message.camera === null) {
      this.trouble = this.words.strings.errors[message.code] ?? this.words.strings.errors.unknown;
    } else if (message.type === "error") {
      this.tiles.get(message.camera)?.fail(message.code);
    }
  }

  does(what, tile) {
    if (what === "open") this.trigger("open", tile.camera);
    else if (what === "earlier" || what === "later") this.trigger(what, tile.camera);
    else if (what === "full") fillScreen(tile.root);
    else if (tile.picture && this.connected) {
      // The picture of this very moment; it is handed out once its view is noted.
      tile.kept = tile.keep();
      this.send({ type: "snapshot", camera: tile.camera });
    }
  }

  async download({ camera, code }) {
    const tile = this.tiles.get(camera);
    const kept = tile?.kept;
    if (!kept) return;
    tile.kept = undefined;
    if (code !== null) {
      setText(tile.said, this.words.strings.snapshot_refused);
      window.alert(this.words.strings.snapshot_refused);
      return;
    }
    const { blob, name } = await kept;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  close() {
    this.closed = true;
    clearInterval(this.timer);
    clearTimeout(this.retryTimer);
    document.removeEventListener("visibilitychange", this.onVisibility);
    document.removeEventListener("resume", this.onVisibility);
    for (const tile of this.tiles.values()) tile.close();
    this.socket?.close();
  }
}

function fillScreen(element) {
  if (document.fullscreenElement) document.exitFullscreen();
  else element.requestFullscreen();
}

function refocus(button) {
  if (!button.hidden) button.focus();
  else button.parentElement.querySelector("button:not([hidden])")?.focus();
}
