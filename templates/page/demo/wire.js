// Talks to the demo's own server: one live feed in, small posts out.
import { h } from "./dom.js";

export async function get(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

export async function post(path, body) {
  const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return settle(answer);
}

export async function upload(path, blob) {
  const answer = await fetch(path, { method: "POST", headers: { "content-type": blob.type || "application/octet-stream" }, body: blob });
  return settle(answer);
}

async function settle(answer) {
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) toast({ type: "error", content: said.error || "没有成功，请再试一次" });
  else if (said.toast) toast(said.toast);
  return said;
}

export function toast({ type = "info", content }) {
  const line = h("div", { class: `toast ${type}` }, content);
  document.getElementById("toasts").append(line);
  setTimeout(() => line.remove(), 3200);
}

// Reconnects by itself; the server sends the whole picture each time, so nothing can be missed.
export function listen(query, receive) {
  const source = new EventSource(`feed?${new URLSearchParams(query)}`);
  source.onmessage = (event) => receive(JSON.parse(event.data));
  return () => source.close();
}

// Somebody uses another platform from now on: his row is imported anew and config.toml edited, which takes a moment.
export async function seat(select, user) {
  select.disabled = true;
  await post("act/seat", { user, platform: select.value });
  select.disabled = false;
}
