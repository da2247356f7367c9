// What a page tells the browser beside its content: its language, a way past the navigation, and the sound of
// new alerts for those who have switched it on in this browser.

const SOUND = "gspe.sound";
const TOLD = "gspe.told";
const REMEMBERED = 200;
const SHOWN_MS = 10000;
const CONNECTION = "data-test-connection-state";
const STREAMLITS_DIALOG = "Connection error";

export default function mount({ parentElement, data }) {
  document.documentElement.lang = data.language;
  nameSkipLink(data.skip);
  if (data.news) tell(data);
  if (data.cut_off) watchConnection(data);
  if (data.sound) offerSound(parentElement.querySelector(".gspe-sound"), data.sound);
}

// Each piece of news once in this browser, however many of its tabs are open.
function tell({ news, grouped, close }) {
  const told = JSON.parse(localStorage.getItem(TOLD) ?? "[]");
  const fresh = news.filter(({ key }) => !told.includes(key));
  if (!fresh.length) return;
  localStorage.setItem(TOLD, JSON.stringify([...told, ...fresh.map(({ key }) => key)].slice(-REMEMBERED)));
  const texts = fresh.length > 2 ? [grouped.replace("{count}", fresh.length)] : fresh.map(({ text }) => text);
  for (const text of texts) show(text, close);
  if (localStorage.getItem(SOUND) === "on") chime();
}

function show(text, close) {
  const toast = element("div", { className: "gspe-toast" }, element("span", { textContent: text }));
  const button = element("button", { type: "button", textContent: "\u00d7", ariaLabel: close });
  button.addEventListener("click", () => toast.remove());
  toast.append(button);
  toasts().append(toast);
  setTimeout(() => toast.remove(), SHOWN_MS);
}

function toasts() {
  const there = document.getElementById("gspe-toasts");
  if (there) return there;
  const made = element("div", { id: "gspe-toasts", role: "status" });
  document.body.append(made);
  return made;
}

// Streamlit notes at its root whether the server is there, and opens a dialog of its own in English.
function watchConnection(words) {
  const there = document.getElementById("gspe-cut-off");
  const bar = there ?? element("div", { id: "gspe-cut-off", role: "alert" });
  bar.words = words;
  if (there) return;
  document.body.append(bar);
  const app = document.querySelector(`[${CONNECTION}]`);
  new MutationObserver(() => {
    const gone = app.getAttribute(CONNECTION) !== "CONNECTED";
    if (gone !== (bar.textContent !== "")) bar.textContent = gone ? cutOff(bar.words) : "";
  }).observe(app, { attributeFilter: [CONNECTION] });
  new MutationObserver(closeDialog).observe(document.body, { childList: true }); // beside the page
}

function cutOff({ cut_off, language, zone }) {
  const form = { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: zone };
  return cut_off.replace("{time}", new Date().toLocaleTimeString(language, form));
}

function closeDialog() {
  for (const dialog of document.querySelectorAll("[data-testid='stDialog']")) {
    if (dialog.textContent.startsWith(STREAMLITS_DIALOG)) dialog.querySelector("button[aria-label='Close']")?.click();
  }
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function nameSkipLink(words) {
  const link = document.querySelector("a[href='#stMain']");
  if (link) link.textContent = words;
}

function offerSound(root, words) {
  if (!root.firstChild) {
    const box = element("input", { type: "checkbox", checked: localStorage.getItem(SOUND) === "on" });
    box.addEventListener("change", () => {
      localStorage.setItem(SOUND, box.checked ? "on" : "off");
      if (box.checked) chime();
    });
    root.append(element("label", {}, box, element("span")));
  }
  root.querySelector("span").textContent = words;
}

function chime() {
  const audio = new AudioContext();
  for (const [pitch_hz, from_s] of [[880, 0], [1175, 0.18]]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = pitch_hz;
    volume.gain.setValueAtTime(0.15, audio.currentTime + from_s);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + from_s + 0.35);
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + from_s);
    tone.stop(audio.currentTime + from_s + 0.4);
  }
  setTimeout(() => audio.close(), 1000);
}
