// Draws Feishu's messages: text, and cards of JSON 2.0 with headers, columns, markdown and buttons.
import { door, h } from "./dom.js";
import { markdown } from "./markdown.js";
import { pieces } from "./wecom.js";
import { post, toast } from "./wire.js";

// `who` is the person at this client; `names` maps ids to names for mentions.
export const drawFeishu = (who, names, bot) => (message) => {
  const context = { message, who: who(), names: names(), bot };
  const shown = message.type === "interactive" ? card(context) : pieces[message.type] ? pieces[message.type](message) : message.text != null ? h("div", { class: "bubble" }, said(context)) : h("div", { class: "note" }, `[${message.type}]`);
  return h(
    "div",
    { class: "said" },
    h("span", { class: "avatar", "aria-hidden": "true" }, message.mine || message.human ? message.name.slice(-1) : "销"),
    h("div", { class: "stack" }, h("span", { class: "name" }, message.human ? message.name : context.bot, !message.human && h("i", { class: "bot" }, "机器人")), shown),
  );
};

const said = ({ message, who, names, bot }) => markdown(message.text.replace(/@_user_\d+/g, `@${bot}`), "feishu", who.feishu, names);

function card(context) {
  const { header = {}, body = {} } = context.message.card;
  const template = header.template || "default";
  return h(
    "article",
    { class: `fcard head-${template}`, "data-template": template },
    header.title && h("header", {}, h("h3", {}, words(header.title)), (header.text_tag_list || []).map((tag) => h("span", { class: `tag tag-${tag.color || "neutral"}` }, words(tag.text))), header.subtitle && h("p", {}, words(header.subtitle))),
    h("div", { class: "fbody" }, (body.elements || []).map((element) => draw(element, context))),
    context.message.edited && h("span", { class: "visually-hidden" }, "卡片已更新"),
  );
}

const words = (node) => (typeof node === "string" ? node : (node?.content ?? ""));

function draw(element, context) {
  const how = { markdown: rich, div: plain, hr: () => h("hr"), column_set: columns, button, form, note: plain, img: picture };
  return (how[element.tag] || unknown)(element, context);
}

const unknown = (element, context) => h("div", {}, (element.elements || []).map((each) => draw(each, context)), words(element.text));
const rich = (element, { who, names }) => h("div", { class: `md size-${(element.text_size || "normal").replace(/[^\w-]/g, "")}` }, markdown(element.content, "feishu", who.feishu, names));
const picture = (element) => h("a", { class: "shot", href: `media/feishu/${element.img_key}`, target: "_blank", rel: "noopener" }, h("img", { src: `media/feishu/${element.img_key}`, alt: words(element.alt) }));
const plain = (element, { who, names }) => h("div", { class: `md ink-${element.text?.text_color || "default"}` }, markdown(words(element.text), "feishu", who.feishu, names));
const form = (element, context) => h("div", { class: "form" }, (element.elements || []).map((each) => draw(each, context)));

function columns(element, context) {
  const set = h("div", { class: `columns-set flex-${element.flex_mode || "none"}` });
  for (const column of element.columns || []) {
    const cell = h("div", { class: `cell weight-${column.width === "weighted" ? column.weight || 1 : "auto"}` }, (column.elements || []).map((each) => draw(each, context)));
    set.append(cell);
  }
  return set;
}

function button(element, context) {
  const behaviors = element.behaviors || [];
  const opens = behaviors.find((each) => each.type === "open_url");
  const calls = behaviors.find((each) => each.type === "callback");
  const look = `fbutton ${element.type || "default"}`;
  if (opens && !calls) return h("a", { class: look, href: door(opens.default_url, "feishu", context.who.feishu), target: "_blank", rel: "noopener" }, words(element.text));
  return h("button", { type: "button", class: look, disabled: Boolean(element.disabled), onclick: (event) => press(event.currentTarget, calls, context) }, words(element.text));
}

async function press(node, behavior, { message, who }) {
  if (!who.feishu) return toast({ type: "warning", content: "请先选择由谁来点" });
  node.disabled = true;
  await post("act/press", { user: who.feishu, message: message.id, value: behavior?.value || {} });
  node.disabled = false;
}
