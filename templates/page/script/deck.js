// The deck viewer: turns pages, and tells how long each was really looked at. The server grants no more than can be true.
const BEAT = 5000;
const IDLE = 60000;
const deck = document.getElementById("deck");
const slides = [...deck.querySelectorAll(".slide")];
const csrf = document.querySelector("meta[name=csrf]")?.content ?? ""; // a customer's link needs none
const headers = { "content-type": "application/json", "x-csrf-token": csrf };
const find = (id) => document.getElementById(id);
const home = deck.dataset.home;
const words = { elsewhere: "这份讲稿在另一个页面打开了，这里不再计时。", over: deck.dataset.over, away: "网络断开，恢复后继续计时。" };

let at = 0;
let seq = 0;
let active = 0; // milliseconds of the page that is shown, not told yet
let since = 0; // when it began to be looked at; 0 while nobody looks
let touched = performance.now();
let total = 0;
let stopped = "";

const looking = () => !stopped && document.visibilityState === "visible" && performance.now() - touched < IDLE;

function pause() {
  if (since) active += performance.now() - since;
  since = 0;
}

function look() {
  if (looking() && !since) since = performance.now();
  if (!looking()) pause();
  deck.classList.toggle("counting", Boolean(since));
  const spent = Math.floor(total + (active + (since ? performance.now() - since : 0)) / 1000);
  find("spent").textContent = `${Math.floor(spent / 60)}:${String(spent % 60).padStart(2, "0")}`;
}

function load(index) {
  const image = slides[index]?.querySelector("img[data-src]");
  if (!image) return;
  image.srcset = image.dataset.srcset;
  image.src = image.dataset.src;
  delete image.dataset.src;
}

function show(index) {
  if (index < 0 || index >= slides.length || index === at) return;
  tell();
  slides[at].hidden = true;
  at = index;
  load(at);
  slides[at].hidden = false;
  find("where").textContent = `${at + 1} / ${slides.length}`;
  find("back").disabled = at === 0;
  find("forth").disabled = at === slides.length - 1;
  load(at + 1);
  load(at - 1);
}

function take() {
  pause();
  const body = { nonce: deck.dataset.nonce, seq: ++seq, page: at, active: Math.round(active) / 1000 };
  active = 0;
  look();
  return body;
}

async function tell() {
  if (stopped) return;
  const body = take();
  try {
    const answer = await fetch(`${home}/beat`, { method: "POST", headers, body: JSON.stringify(body), keepalive: true });
    if (answer.status === 409) return stop("elsewhere");
    if (answer.status === 410 && deck.dataset.reopen) return again();
    if (answer.status === 410 || answer.status === 401 || answer.status === 404) return stop("over");
    if (!answer.ok) throw new Error(String(answer.status));
    total = (await answer.json()).seconds;
    find("hint").textContent = "";
  } catch {
    active += body.active * 1000; // told again with the next beat
    find("hint").textContent = words.away;
  }
}

// A customer who comes back after a while begins another opening: he was told that openings are counted.
function again() {
  stop("over");
  if (document.visibilityState !== "visible") return document.addEventListener("visibilitychange", again, { once: true });
  find("reopen").submit();
}

function stop(why) {
  stopped = why;
  pause();
  look();
  find("hint").textContent = words[why];
}

function farewell() {
  if (stopped) return;
  const body = JSON.stringify({ ...take(), over: true });
  navigator.sendBeacon(`${home}/beat`, new URLSearchParams({ csrf, beat: body })); // a beacon has no headers
}

const touch = () => {
  touched = performance.now();
  look();
};

find("back").addEventListener("click", () => show(at - 1));
find("forth").addEventListener("click", () => show(at + 1));
document.addEventListener("keydown", (event) => {
  touch();
  const step = { ArrowRight: 1, PageDown: 1, " ": 1, ArrowLeft: -1, PageUp: -1 }[event.key];
  if (!step || (event.key === " " && event.target.closest("button"))) return;
  event.preventDefault();
  show(at + step);
});
let from = null;
find("stage").addEventListener("pointerdown", (event) => (from = event.clientX));
find("stage").addEventListener("pointerup", (event) => {
  const moved = from === null ? 0 : event.clientX - from;
  from = null;
  if (Math.abs(moved) > 40) show(at + (moved < 0 ? 1 : -1));
  else show(at + (event.clientX > innerWidth / 2 ? 1 : -1));
});
for (const name of ["pointerdown", "pointermove", "touchstart", "scroll"]) document.addEventListener(name, touch, { passive: true });
document.addEventListener("visibilitychange", () => {
  look();
  if (document.visibilityState === "hidden") farewell();
});
addEventListener("pagehide", farewell);
setInterval(tell, BEAT);
setInterval(look, 500);
load(1);
look();
