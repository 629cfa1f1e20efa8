// Draws DingTalk's messages: text, pictures, voices, and action cards whose buttons open a page or speak for whoever taps them.
import { door, h } from "./dom.js";
import { markdown } from "./markdown.js";
import { pieces } from "./wecom.js";
import { post } from "./wire.js";

export const drawDing = (who, bot) => (message) => {
  const name = message.human ? message.name : bot;
  const shown = { ...pieces, text, dcard }[message.type] || note;
  return h(
    "div",
    { class: "said" },
    h("span", { class: "avatar", "aria-hidden": "true" }, message.human ? name.slice(-1) : "销"),
    h("div", { class: "stack" }, !message.mine && h("span", { class: "name" }, name, !message.human && h("i", { class: "bot" }, "机器人")), shown(message, who())),
  );
};

const text = (message) => h("div", { class: "bubble" }, message.text);
const note = (message) => h("div", { class: "note" }, message.text || message.type);

function dcard(message, who) {
  const offered = Object.entries(message.buttons || {}).map(([label, url]) => button(label, url, message, who));
  return h("article", { class: "card" }, h("div", { class: "md" }, markdown(message.text, "dingtalk", who.dingtalk)), offered.length > 0 && h("div", { class: "buttons" }, offered));
}

function button(label, url, message, who) {
  if (/^https?:/.test(url)) return h("a", { class: "jump", href: door(url, "dingtalk", who.dingtalk), target: "_blank", rel: "noopener" }, label);
  const press = async (event) => {
    event.currentTarget.disabled = true;
    await post("act/tap", { user: who.dingtalk, message: message.id, key: label });
    event.target.disabled = false;
  };
  return h("button", { type: "button", class: "style-2", onclick: press }, label);
}
