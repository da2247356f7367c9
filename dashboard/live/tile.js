// One camera on the wall: its newest picture, and what may be said of it at this moment.

class Tile {
  constructor(template, wall) {
    this.wall = wall;
    this.root = template.content.firstElementChild.cloneNode(true);
    const find = (name) => this.root.querySelector(`.gspe-live-${name}`);
    [this.stage, this.name, this.fps, this.age, this.notice] = ["stage", "name", "fps", "age", "notice"].map(find);
    this.said = this.root.querySelector(".gspe-said");
    this.canvas = this.root.querySelector("canvas");
    this.context = this.canvas.getContext("2d");
    this.frames = 0;
    this.askedAt = performance.now();
    this.root.addEventListener("click", (event) => this.click(event));
    this.resizes = new ResizeObserver(() => this.draw());
    this.resizes.observe(this.stage);
  }

  update({ camera, name }, { alone, first, last }) {
    this.camera = camera;
    this.title = name;
    const { strings } = this.wall.words;
    this.root.dataset.camera = camera;
    this.root.setAttribute("aria-label", name);
    this.name.textContent = name;
    this.fps.title = strings.fps_help;
    this.canvas.setAttribute("aria-label", fill(strings.picture_of, { camera: name }));
    const hidden = { open: alone, earlier: alone || first, later: alone || last, full: !document.fullscreenEnabled };
    for (const button of this.root.querySelectorAll("[data-does]")) {
      const label = fill(strings.does[button.dataset.does], { camera: name });
      button.setAttribute("aria-label", label);
      button.title = label;
      button.hidden = hidden[button.dataset.does] ?? false;
    }
    this.refresh();
  }

  click(event) {
    const button = event.target.closest("[data-does]");
    if (button) this.wall.does(button.dataset.does, this);
  }

  // The server is asked anew: from now on counts how long the next picture is on its way.
  restart() {
    this.error = undefined;
    this.askedAt = performance.now();
    this.refresh();
  }

  tellState(state, workerSilent) {
    this.state = state;
    this.workerSilent = workerSilent;
    if (state?.refusal) this.forgetPicture();
    this.refresh();
  }

  fail(code) {
    this.error = code;
    this.refresh();
  }

  async show(header, jpeg) {
    const receivedAt = performance.now();
    const receivedOn = Date.now();
    let picture;
    try {
      picture = await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" }));
    } catch {
      this.fail("unreadable_frame");
      return;
    }
    if (this.closed || this.state?.refusal) {
      picture.close();
      return;
    }
    this.error = undefined;
    this.picture?.close();
    this.picture = picture;
    this.overlay = header.overlay;
    // What the picture waited on its way counts as age: it came that much later than it was asked for.
    const onItsWay = Math.max(0, (receivedAt - this.askedAt) / 1000 - header.waited_s);
    this.seen = { age: header.age_s, onItsWay, receivedAt, receivedOn };
    this.draw();
    this.root.dataset.sequence = header.overlay?.sequence ?? "";
    this.root.dataset.boxes = header.overlay?.boxes.length ?? 0;
    this.root.dataset.frames = ++this.frames;
    this.refresh();
  }

  acknowledged() {
    this.askedAt = performance.now();
  }

  draw() {
    if (!this.picture) return;
    const { width, height } = this.picture;
    if (this.wall.alone) this.stage.style.aspectRatio = `${width} / ${height}`;
    const fit = Math.min(this.stage.clientWidth / width, this.stage.clientHeight / height);
    if (!(fit > 0)) return;
    const scale = window.devicePixelRatio || 1;
    this.resize(Math.round(width * fit), Math.round(height * fit), scale);
    this.context.drawImage(this.picture, 0, 0, this.canvas.width, this.canvas.height);
    drawBoxes(this.context, this.overlay?.boxes ?? [], { scale, font: this.wall.font, words: this.wall.words });
  }

  resize(width, height, scale) {
    const [pixelsWide, pixelsHigh] = [Math.round(width * scale), Math.round(height * scale)];
    if (this.canvas.width !== pixelsWide || this.canvas.height !== pixelsHigh) {
      this.canvas.width = pixelsWide;
      this.canvas.height = pixelsHigh;
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${height}px`;
    }
  }

  forgetPicture() {
    this.picture?.close();
    this.picture = this.overlay = this.seen = undefined;
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  // Seconds since the picture was taken, null when nobody knows. Both clocks are asked: one of them stands still
  // while the computer sleeps, the other one may be set.
  ageNow() {
    const { age, onItsWay, receivedAt, receivedOn } = this.seen;
    if (age === null) return null;
    return age + onItsWay + Math.max(performance.now() - receivedAt, Date.now() - receivedOn) / 1000;
  }

  refresh() {
    const age = this.seen ? this.ageNow() : undefined;
    const [state, notice] = this.judge(age);
    const { words } = this.wall;
    this.root.dataset.age = typeof age === "number" ? age.toFixed(2) : "";
    setText(this.age, age === undefined ? "" : words.age(age));
    setText(this.fps, state === "live" ? words.fps(this.overlay?.analysed_fps) : "");
    setText(this.notice, notice);
    if (this.root.dataset.state !== state || this.saidOf !== notice) this.say(state, notice);
  }

  // The state as a code, and the sentence over the picture. Only `live` shows it in colour.
  judge(age) {
    const { strings } = this.wall.words;
    if (!this.wall.connected) return ["connecting", this.wall.trouble];
    if (this.wall.paused) return ["stopped", strings.paused];
    const trouble = this.wall.words.trouble(this.state);
    if (trouble) return [this.state.refusal ? "error" : "offline", trouble];
    const old = age !== undefined && (age === null || age > this.wall.oldAfter);
    if ((old || this.error || age === undefined) && this.workerSilent) return ["offline", strings.worker_silent];
    if (this.error) return ["error", strings.errors[this.error] ?? strings.errors.unknown];
    if (age === undefined) return ["connecting", strings.connecting];
    return old ? ["old", strings.old] : ["live", ""];
  }

  say(state, notice) {
    this.root.dataset.state = state;
    this.saidOf = notice;
    const said = notice || this.wall.words.strings.live;
    setText(this.said, `${this.title}: ${said}`);
  }

  // The picture as it is shown, in full size and with its boxes, as a promise of a JPEG.
  keep() {
    const { width, height } = this.picture;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    context.drawImage(this.picture, 0, 0);
    const scale = Math.max(1, width / 960);
    drawBoxes(context, this.overlay?.boxes ?? [], { scale, font: this.wall.font, words: this.wall.words });
    const takenAt = this.overlay ? new Date(this.overlay.captured_at) : new Date(Date.now() - 1000 * this.ageNow());
    const name = this.wall.words.fileName(this.title, takenAt);
    return canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 }).then((blob) => ({ blob, name }));
  }

  close() {
    this.closed = true;
    this.resizes.disconnect();
    this.picture?.close();
    this.root.remove();
  }
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
