// The Feishu window: a region's group, or the private chat of a director or admin with the bot.
import { h } from "./dom.js";
import { drawFeishu } from "./feishu.js";
import { Thread } from "./thread.js";
import { post } from "./wire.js";

export class Group {
  constructor({ id, title, hint, cast, onpick }) {
    this.cast = cast;
    this.chat = cast.chats[0];
    this.names = { ou_bot: cast.bot, ...Object.fromEntries(cast.people.filter((one) => one.feishu).map((one) => [one.feishu, one.name])) };
    this.thread = new Thread(`${title}的对话`, drawFeishu(() => this.who, () => this.names, cast.bot), "这里还没有消息");
    this.chats = h("select", { "aria-label": "哪个对话", onchange: () => onpick(this.chats.value) }, cast.chats.map((chat) => h("option", { value: chat.id }, chat.name)));
    this.as = h("select", { class: "as", "aria-label": "以谁的身份", onchange: () => this.thread.clear() || onpick(this.chats.value) });
    this.head = h("b");
    this.count = h("small");
    this.node = h(
      "section",
      { class: "column", id, "aria-label": title },
      h("header", {}, h("h2", {}, title, h("small", {}, hint)), h("div", { class: "picks" }, this.chats, this.as)),
      h("div", { class: "window" }, h("div", { class: "topline" }, h("span", { class: "group-avatar", "aria-hidden": "true" }, "群"), h("div", {}, this.head, this.count)), this.thread.list, this.composer()),
    );
    this.pick(this.chat.id);
  }

  get who() {
    return this.cast.people.find((one) => one.feishu === this.as.value) || { name: "", feishu: "" };
  }

  pick(id) {
    const changed = id !== this.chat.id || !this.as.options.length;
    this.chat = this.cast.chats.find((chat) => chat.id === id) || this.chat;
    this.chats.value = this.chat.id;
    this.head.textContent = this.chat.name;
    this.count.textContent = this.chat.private ? "与机器人的单聊" : `${this.chat.members.length} 人 · 机器人`;
    if (changed) this.as.replaceChildren(...this.chat.members.map((open) => h("option", { value: open }, this.names[open])));
    this.thread.clear();
  }

  render(messages) {
    this.thread.render(messages);
  }

  tick() {}

  composer() {
    const input = h("input", { name: "text", autocomplete: "off", placeholder: `@${this.cast.bot} 红灯`, "aria-label": "消息", maxlength: "600" });
    const say = (text) => post("act/tell", { user: this.who.feishu, chat: this.chat.private ? "" : this.chat.id, text });
    const send = async (event) => {
      event.preventDefault();
      const text = input.value.trim();
      input.value = "";
      if (text) await say(text);
    };
    const quick = ["红灯", "覆盖率"].map((word) => h("button", { type: "button", class: "chip", onclick: () => say(word) }, word));
    return h("div", { class: "bottom" }, h("div", { class: "chips" }, quick), h("form", { class: "typing", onsubmit: send }, input, h("button", { class: "send" }, "发送")));
  }
}
