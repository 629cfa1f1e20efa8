// Puts the three clients on the stage and keeps them up to date with one live feed.
import { clockTime, h, time } from "./dom.js";
import { Group } from "./group.js";
import { Phone } from "./phone.js";
import { get, listen, post } from "./wire.js";

const find = (id) => document.getElementById(id);
const cast = await get("cast");
const reps = cast.people.filter((person) => person.role === "rep");
const byOwner = [...reps].sort((a, b) => (b.wecom === cast.owner) - (a.wecom === cast.owner));

const seen = {};
let ready = false;
let drift = 0;
let counts = {};
let stop = () => {};

const rep = new Phone({ id: "rep", title: "销售", hint: "发消息、打卡、拍照", people: reps, cast, onpick: (id) => show(rep, id) });
const owner = new Phone({ id: "owner", title: "客户经理", hint: "只收与他有关的", people: byOwner, cast, onpick: (id) => show(owner, id) });
const group = new Group({ id: "group", title: "区域主管", hint: "红灯到这里", cast, onpick: (id) => show(group, id) });
const columns = [rep, owner, group];
find("columns").append(...columns.map((column) => column.node));

function show(column, id) {
  column.pick(id);
  connect();
}

function connect() {
  stop();
  stop = listen({ rep: rep.person.wecom, owner: owner.person.wecom, chat: group.chat.id, as: group.as.value }, receive);
}

function receive(state) {
  drift = new Date(state.clock) - Date.now();
  counts = state.counts;
  rep.render(state.rep, state.menu, state.seats);
  owner.render(state.owner, state.menu, state.seats);
  group.render(state.chat, state.seats);
  mark();
  ready = true;
  narrate(state.story);
  find("outage").setAttribute("aria-pressed", String(state.outage));
  const button = find("play");
  button.disabled = Boolean(state.playing);
  button.textContent = state.playing || "自动演示一次拜访";
  document.body.dataset.ready = "true";
}

// Unread counts beside the names of those who are not on the stage now.
function mark() {
  for (const id of [rep.person.wecom, owner.person.wecom, group.chat.id]) seen[id] = counts[id] || 0;
  for (const option of document.querySelectorAll(".picks select:not(.as) option")) {
    if (!(option.value in counts)) continue;
    option.dataset.name ??= option.textContent;
    const fresh = counts[option.value] - (seen[option.value] || 0);
    const label = fresh > 0 ? `${option.dataset.name}（${fresh} 条新）` : option.dataset.name;
    if (option.textContent !== label) option.textContent = label;
  }
  dots();
}

function narrate(lines) {
  const story = find("story");
  if (story.dataset.last === String(lines.at(-1)?.id)) return;
  story.dataset.last = String(lines.at(-1)?.id);
  story.replaceChildren(...lines.toReversed().map((line) => h("li", {}, h("time", {}, time(line.at)), line.text)));
}

// ---- phone-width: one column at a time ------------------------------------------------------------------------------

const tabs = document.querySelector(".tabs");
const onTab = {};
tabs.append(...columns.map((column, index) => h("button", { type: "button", role: "tab", id: `tab-${column.node.id}`, "aria-controls": column.node.id, onclick: () => tab(index), onkeydown: (event) => arrow(event, index) }, column.node.getAttribute("aria-label"), h("span", { class: "dot", hidden: true, "aria-label": "有新消息" }))));

function tab(index) {
  columns.forEach((column, other) => {
    column.node.classList.toggle("current", other === index);
    tabs.children[other].setAttribute("aria-selected", String(other === index));
    tabs.children[other].tabIndex = other === index ? 0 : -1;
  });
  columns[index].thread.toEnd();
  dots();
}

function arrow(event, index) {
  const next = { ArrowLeft: index - 1, ArrowRight: index + 1 }[event.key];
  if (tabs.children[next]) {
    tab(next);
    tabs.children[next].focus();
  }
}

function dots() {
  columns.forEach((column, index) => {
    const size = column.thread.rows.size;
    const current = column.node.classList.contains("current");
    if (current || !ready) onTab[index] = size;
    tabs.children[index].querySelector(".dot").hidden = size <= onTab[index];
  });
}

// ---- the bar --------------------------------------------------------------------------------------------------------

document.querySelectorAll("[data-wind]").forEach((button) =>
  button.addEventListener("click", async () => {
    button.disabled = true;
    await post("act/wind", { seconds: Number(button.dataset.wind) });
    button.disabled = false;
  }),
);
find("outage").addEventListener("click", () => post("act/outage", {}));
find("play").addEventListener("click", () => {
  show(rep, cast.rep);
  tab(0);
  post("act/play", {});
});
find("links").append(...cast.links.map((link) => h("a", { href: link.url, target: "_blank", rel: "noopener" }, link.name)));

setInterval(() => {
  const now = Date.now() + drift;
  find("clock").textContent = drift === 0 ? "" : clockTime(now);
  columns.forEach((column) => column.tick(now));
}, 500);

tab(0);
connect();
