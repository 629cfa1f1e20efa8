// The window of those who lead: a region's group, or the private chat of a director or admin with the bot, on whichever platform they use.
import { drawDing } from "./dingtalk.js";
import { h } from "./dom.js";
import { drawFeishu } from "./feishu.js";
import { fileButton } from "./media.js";
import { Thread } from "./thread.js";
import { drawWecom } from "./wecom.js";
import { post, seat } from "./wire.js";

export class Group {
  constructor({ id, title, hint, cast, onpick }) {
    this.cast = cast;
    this.chat = cast.chats[0];
    this.onpick = onpick;
    this.platform = "feishu";
    this.names = { ou_bot: cast.bot, ...Object.fromEntries(cast.people.flatMap((one) => [[one.feishu, one.name], [one.dingtalk, one.name], [one.wecom, one.name]])) };
    const draw = { feishu: drawFeishu(() => this.who, () => this.names, cast.bot), dingtalk: drawDing(() => this.who, cast.bot), wecom: drawWecom(() => this.who) };
    this.thread = new Thread(`${title}的对话`, (message) => draw[message.client || "feishu"](message), "这里还没有消息");
    this.seat = h("select", { class: "seat", "aria-label": "主管和管理员用哪个平台", onchange: () => seat(this.seat, "leaders") }, cast.platforms.map((one) => h("option", { value: one.id }, one.name)));
    this.chats = h("select", { "aria-label": "哪个对话", onchange: () => onpick(this.chats.value) });
    this.as = h("select", { class: "as", "aria-label": "以谁的身份", onchange: () => this.thread.clear() || onpick(this.chats.value) });
    this.avatar = h("span", { class: "group-avatar", "aria-hidden": "true" });
    this.input = h("input", { name: "text", autocomplete: "off", "aria-label": "消息", maxlength: "600" });
    this.head = h("b");
    this.count = h("small");
    this.node = h(
      "section",
      { class: "column", id, "aria-label": title },
      h("header", {}, h("h2", {}, title, h("small", {}, hint)), h("div", { class: "picks" }, this.seat, this.chats, this.as)),
      h("div", { class: "window" }, h("div", { class: "topline" }, this.avatar, h("div", {}, this.head, this.count)), this.thread.list, this.composer()),
    );
    this.offer();
    this.pick(this.chat.id);
  }

  // The chats of the platform that they use.
  offer() {
    const chats = this.cast.chats.filter((chat) => chat.platform === this.platform);
    this.chats.replaceChildren(...chats.map((chat) => h("option", { value: chat.id }, chat.name)));
    this.chat = chats[0];
    this.as.replaceChildren();
  }

  get who() {
    return this.cast.people.find((one) => one[this.platform] === this.as.value) || { name: "", feishu: "", dingtalk: "", wecom: "" };
  }

  pick(id) {
    const changed = id !== this.chat.id || !this.as.options.length;
    this.chat = this.cast.chats.find((chat) => chat.id === id) || this.chat;
    this.chats.value = this.chat.id;
    this.head.textContent = this.chat.name;
    this.avatar.textContent = this.chat.private ? "行" : "群";
    this.input.placeholder = this.chat.private ? "发消息，例如：红灯" : `@${this.cast.bot} 红灯`;
    this.count.textContent = this.chat.private ? "与机器人的单聊" : `${this.chat.members.length} 人 · 机器人`;
    this.file.hidden = !this.chat.private || this.platform === "wecom";
    if (changed) this.as.replaceChildren(...this.chat.members.map((open) => h("option", { value: open }, this.names[open])));
    this.thread.clear();
  }

  render(messages, seats) {
    const lead = this.cast.people.find((one) => one.role === "director");
    const platform = seats[lead.wecom] || "feishu";
    if (!this.seat.disabled) this.seat.value = platform;
    if (platform !== this.platform) {
      this.platform = platform;
      this.offer();
      this.onpick(this.chat.id);
      return;
    }
    this.thread.render(messages);
  }

  tick() {}

  composer() {
    const say = (text) => post("act/tell", { user: this.as.value, chat: this.chat.id, text });
    const send = async (event) => {
      event.preventDefault();
      const text = this.input.value.trim();
      this.input.value = "";
      if (text) await say(text);
    };
    const quick = ["红灯", "看板", "覆盖率"].map((word) => h("button", { type: "button", class: "chip", onclick: () => say(word) }, word));
    this.file = fileButton(() => this.as.value, "chip");
    return h("div", { class: "bottom" }, h("div", { class: "chips" }, quick, this.file), h("form", { class: "typing", onsubmit: send }, this.input, h("button", { class: "send" }, "发送")));
  }
}
