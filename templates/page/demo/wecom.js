// Draws WeCom's messages as its client does: bubbles, template cards with buttons that grey after a tap.
import { door, h, svg } from "./dom.js";
import { markdown } from "./markdown.js";
import { post } from "./wire.js";

export const drawWecom = (person) => (message) => h("div", { class: "said" }, avatar(message, person()), body(message, person()));

function avatar(message, person) {
  return h("span", { class: "avatar", "aria-hidden": "true" }, message.mine ? person.name.slice(-1) : "销");
}

function body(message, person) {
  const draw = { text, markdown: rich, image, voice, location: place, position: place, card, textcard };
  return (draw[message.type] || note)(message, person);
}

export const pieces = { image: (message) => image(message), voice: (message) => voice(message), location: (message) => place(message), paper: (message) => h("div", { class: "bubble" }, `📄 ${message.text}`) };

const text = (message, person) => h("div", { class: "bubble" }, linked(message.text, person));
const rich = (message) => h("div", { class: "bubble" }, markdown(message.text, "wecom", ""));
const image = (message) => h("a", { class: "picture", href: message.media, target: "_blank", rel: "noopener" }, h("img", { src: message.media, alt: "发出的照片", loading: "lazy" }));
const note = (message) => h("div", { class: "note" }, message.text || message.type);

function voice(message) {
  const play = (event) => {
    const sound = new Audio(message.media);
    event.currentTarget.classList.add("playing");
    sound.onended = sound.onerror = () => event.target.closest(".voice")?.classList.remove("playing");
    sound.play();
  };
  return h("button", { type: "button", class: "bubble voice", onclick: play, "aria-label": `播放语音 ${message.seconds} 秒` }, svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: "M3.5 6.7a2.6 2.6 0 0 1 0 2.6M7 4.4a5.4 5.4 0 0 1 0 7.2M10.5 2.2a8.6 8.6 0 0 1 0 11.6" })), `${message.seconds}″`);
}

function place(message) {
  return h(
    "div",
    { class: "bubble place" },
    h("b", {}, message.type === "position" ? "已上报位置" : message.label || "位置"),
    h("small", {}, `${message.lat.toFixed(5)}, ${message.lng.toFixed(5)}`),
    h("span", { class: "minimap", "aria-hidden": "true" }),
  );
}

const link = /https?:\/\/[^\s，。）)]+/g;
function linked(said, person) {
  const parts = [];
  let end = 0;
  for (const found of said.matchAll(link)) {
    parts.push(said.slice(end, found.index), h("a", { href: door(found[0], "wecom", person.wecom), target: "_blank", rel: "noopener" }, "打开链接"));
    end = found.index + found[0].length;
  }
  return [...parts, said.slice(end)];
}

function textcard(message, person) {
  return h("article", { class: "card" }, h("h3", {}, message.card.title), h("p", {}, message.card.description), jump({ title: message.card.btntxt || "详情", url: message.card.url }, person));
}

function card(message, person) {
  const { source, main_title: main = {}, sub_title_text: sub, quote_area: quote, horizontal_content_list: facts = [] } = message.card;
  return h(
    "article",
    { class: "card" },
    source?.desc && h("p", { class: `source tone-${source.desc_color ?? 0}` }, source.desc),
    main.title && h("h3", {}, main.title),
    main.desc && h("p", { class: "desc" }, main.desc),
    message.card.emphasis_content && h("p", { class: "emphasis" }, h("b", {}, message.card.emphasis_content.title), message.card.emphasis_content.desc),
    quote?.quote_text && h("blockquote", {}, quote.quote_text),
    sub && h("p", {}, sub),
    facts.length > 0 && h("dl", {}, facts.map((fact) => [h("dt", {}, fact.keyname), h("dd", {}, fact.type === 1 ? jump({ title: fact.value, url: fact.url }, person) : fact.value || "")])),
    buttons(message, person),
    (message.card.jump_list || []).map((each) => jump(each, person)),
    message.card.card_action?.url && !message.card.button_list && jump({ title: "查看", url: message.card.card_action.url }, person),
  );
}

function buttons(message, person) {
  const list = message.card.button_list || [];
  if (!list.length) return null;
  if (message.spent) return h("div", { class: "buttons" }, h("button", { type: "button", disabled: true, class: "spent" }, message.spent));
  return h("div", { class: "buttons" }, list.map((button) => (button.type === 1 ? jump({ title: button.text, url: button.url }, person) : tap(message, button, person))));
}

function tap(message, button, person) {
  const press = async (event) => {
    event.currentTarget.disabled = true;
    await post("act/tap", { user: person.wecom, message: message.id, key: button.key });
  };
  return h("button", { type: "button", class: `style-${button.style || 1}`, onclick: press }, button.text);
}

const jump = ({ title, url }, person) => h("a", { class: "jump", href: door(url, "wecom", person.wecom), target: "_blank", rel: "noopener" }, title);
