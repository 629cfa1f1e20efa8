// The visit page: one button, then a camera and a recorder. Everything it says is signed, kept, and sent once.
import { battery, fixes } from "./visit-place.js";
import { bridge } from "./visit-jsapi.js";
import { shot } from "./visit-camera.js";
import { recorded } from "./visit-voice.js";
import { Signer, digest, moment } from "./visit-sign.js";
import { Sender } from "./visit-send.js";

const find = (id) => document.getElementById(id);
const visit = find("visit");
const page = visit.dataset.id;
const names = { start: "位置", photo: "照片", voice: "录音" };
const words = {
  insecure: "这个网址不是 https，浏览器不给位置和密钥。请联系管理员。",
  storage: "浏览器不让保存密钥（无痕模式？）。请用平时的方式打开。",
  place: "正在定位，请稍等…",
  denied: "没有定位权限。请在手机设置里允许定位，再点一次；也可以改用打卡。",
  unavailable: "手机没有给出位置。请打开定位、走到窗边，再点一次。",
  signing: "正在发送…",
  waiting: "没有网络，已存在手机里，联网后自动发送。",
  lost: "离线太久，无法证明时间。请联网后再点一次。",
  signin: "登录已过期，没发出的内容还在手机里。",
  camera: "没有相机权限，改用手机自带相机。这样的照片说服力低一些。",
  microphone: "没有录音权限。请在手机设置里允许麦克风，再点一次；也可以在聊天里发语音。",
  empty: "录音太短，没有发送。",
  sent: { start: "位置已送达。", photo: "照片已送达。", voice: "录音已送达。" },
};
const TRIES = 25;
const LOOK = 10000; // a director may have said yes meanwhile
let shown = "";
let busy = false;
let signer;
let sender;
let device = "";
let client = null; // the chat client's JSAPI

function say(text, tone = "") {
  find("say").textContent = text;
  find("say").className = `say ${tone}`;
}

function arrange() {
  const there = find("standing");
  const begun = Boolean(there.dataset.check);
  find("start").hidden = begun;
  find("tools").hidden = !begun;
  find("start").disabled = busy || "noLocation" in visit.dataset;
  find("again").disabled = busy || "noLocation" in visit.dataset;
  find("photo").disabled = busy || "noPhoto" in visit.dataset;
  find("voice").disabled = busy || "noVoice" in visit.dataset;
}

async function refresh(nonce = "") {
  for (let tries = 0; tries < TRIES; tries++) {
    const answer = await fetch(`/visit/${page}/state?device=${device}&key=${nonce}`, { cache: "no-store", headers: { accept: "text/html, application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    const text = await answer.text();
    if (answer.headers.get("x-worked") === "1" || tries === TRIES - 1) {
      if (text !== shown) find("state").innerHTML = shown = text; // made and escaped by the server
      return arrange();
    }
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
}

function list(items) {
  const rows = items.map((item) => {
    const row = document.createElement("li");
    const [what, wait] = [document.createElement("span"), document.createElement("span")];
    what.textContent = names[item.facts.what];
    wait.textContent = "等待发送";
    row.append(what, wait);
    return row;
  });
  find("queue").replaceChildren(...rows);
  find("queue").hidden = !rows.length;
}

async function told(kind, detail) {
  if (kind === "changed") return list(detail.items);
  if (kind === "waiting") return say(detail.lost ? words.lost : words.waiting, "bad");
  if (kind === "refused") return say(detail.message, "bad");
  if (kind === "signin") {
    say(words.signin, "bad");
    const link = document.createElement("a");
    [link.href, link.textContent] = [location.pathname, "重新登录"];
    return find("say").append(" ", link);
  }
  say(words.sent[detail.item.facts.what], "good");
  return refresh(detail.item.signed.nonce);
}

async function once(act) {
  if (busy) return;
  busy = true;
  arrange();
  try {
    await act();
  } finally {
    busy = false;
    arrange();
  }
}

// By the client where it lets us, else by the browser.
async function measured(progress) {
  const told = await client?.fixes(progress).catch(() => null);
  return told ?? { found: await fixes(progress), datum: "wgs84" };
}

async function start() {
  say(words.place);
  let found, datum;
  try {
    ({ found, datum } = await measured((count) => say(`${words.place} ${count}`)));
  } catch (error) {
    return say(words[error.message] ?? words.unavailable, "bad");
  }
  const made = moment();
  say(words.signing);
  const aged = found.map(([lat, lng, accuracy, at]) => [lat, lng, accuracy, Math.round(made.steady - at)]);
  const level = (await client?.battery()) ?? (await battery());
  await sender.add({ what: "start", datum, fixes: aged, battery: level }, null, made);
}

async function photo() {
  const taken = await shot(() => say(words.camera, "bad"));
  if (!taken) return;
  const made = moment();
  say(words.signing);
  const bytes = await taken.blob.arrayBuffer();
  await sender.add({ what: "photo", sha256: await digest(bytes), live: taken.live }, bytes, made);
}

async function voice() {
  let blob;
  try {
    blob = await recorded();
  } catch {
    return say(words.microphone, "bad");
  }
  if (!blob) return;
  if (!blob.size) return say(words.empty, "bad");
  const made = moment();
  say(words.signing);
  const bytes = await blob.arrayBuffer();
  await sender.add({ what: "voice", sha256: await digest(bytes) }, bytes, made);
}

async function begin() {
  if (!isSecureContext || !crypto.subtle) return say(words.insecure, "bad");
  signer = new Signer(page, visit.dataset.person, visit.dataset.nonces.split(" "));
  try {
    device = await signer.device();
  } catch {
    return say(words.storage, "bad");
  }
  sender = new Sender(page, signer, told);
  find("start").onclick = find("again").onclick = () => once(start);
  find("photo").onclick = () => once(photo);
  find("voice").onclick = () => once(voice);
  client = await bridge(page, visit.dataset.kit);
  arrange();
  await refresh();
  setInterval(() => document.visibilityState === "visible" && !busy && refresh(), LOOK);
  await sender.flush();
}

begin();
