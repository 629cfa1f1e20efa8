// One phone with the bot's chat open, on whichever platform its owner uses: who holds it, what was said, and everything he can do.
import { drawDing } from "./dingtalk.js";
import { h, time } from "./dom.js";
import { drawFeishu } from "./feishu.js";
import { checkinSheet, locationSheet } from "./place.js";
import { fileButton, photoSheet, voiceSheet } from "./media.js";
import { Thread } from "./thread.js";
import { drawWecom } from "./wecom.js";
import { post, seat } from "./wire.js";

const icons = {
  keyboard: "⌨",
  menu: "☰",
};

export class Phone {
  constructor({ id, title, hint, people, cast, onpick }) {
    this.cast = cast;
    this.people = people;
    this.person = people[0];
    const names = () => Object.fromEntries(cast.people.map((one) => [one.feishu, one.name]));
    const draw = { wecom: drawWecom(() => this.person), feishu: drawFeishu(() => this.person, names, cast.bot), dingtalk: drawDing(() => this.person, cast.bot) };
    this.platform = "wecom";
    this.thread = new Thread(`${title}的对话`, (message) => draw[message.client || "wecom"](message), "这个人还没有和机器人说过话");
    this.seat = h("select", { class: "seat", "aria-label": `${title}用哪个平台`, onchange: () => seat(this.seat, this.person.wecom) }, cast.platforms.map((one) => h("option", { value: one.id }, one.name)));
    this.select = h("select", { "aria-label": `${title}是谁`, onchange: () => onpick(this.select.value) }, people.map((one) => h("option", { value: one.wecom }, one.name)));
    this.at = h("time");
    this.bottom = h("div", { class: "bottom" });
    this.menu = [];
    this.mode = "menu";
    this.node = h(
      "section",
      { class: "column", id, "aria-label": title },
      h("header", {}, h("h2", {}, title, h("small", {}, hint)), h("div", { class: "picks" }, this.seat, this.select)),
      h("div", { class: "phone" }, h("div", { class: "status", "aria-hidden": "true" }, this.at, h("span", {}, "5G  ▮▮▮")), h("div", { class: "nav" }, h("span", { "aria-hidden": "true" }, "‹"), h("b", {}, cast.bot), h("span", { "aria-hidden": "true" }, "⋯")), this.thread.list, this.bottom),
    );
    this.compose();
  }

  pick(wecom) {
    this.person = this.people.find((one) => one.wecom === wecom) || this.person;
    this.select.value = this.person.wecom;
    this.thread.clear();
  }

  render(messages, menu, seats) {
    const platform = seats[this.person.wecom] || "wecom";
    const shown = platform === "wecom" ? menu : [];
    const same = platform === this.platform && JSON.stringify(shown) === JSON.stringify(this.menu);
    if (platform !== this.platform) this.thread.clear();
    this.platform = platform;
    if (!this.seat.disabled) this.seat.value = platform;
    this.thread.render(messages);
    if (same) return;
    this.menu = shown;
    this.compose();
  }

  tick(clock) {
    this.at.textContent = time(clock);
  }

  switch(mode) {
    this.mode = mode;
    this.compose();
    this.bottom.querySelector("input, button")?.focus();
  }

  compose() {
    const menu = this.mode === "menu" && this.menu.length > 0;
    const other = menu ? "keyboard" : "menu";
    const toggle = this.menu.length > 0 && h("button", { type: "button", class: "round", onclick: () => this.switch(other), "aria-label": menu ? "切换到键盘" : "切换到菜单" }, icons[other]);
    this.bottom.replaceChildren(h("div", { class: "tray" }, this.tools()), h("div", { class: "compose" }, ...[toggle].filter(Boolean), menu ? this.menubar() : this.keyboard()));
  }

  tools() {
    const tool = (label, open) => h("button", { type: "button", onclick: () => open(this.person, this.cast) }, label);
    const own = { wecom: [tool("外出打卡", checkinSheet), tool("位置", locationSheet)], dingtalk: [tool("签到", (person, cast) => checkinSheet(person, cast, "签到"))], feishu: [tool("位置", (person, cast) => locationSheet(person, cast, false))] };
    const file = this.platform !== "wecom" && fileButton(() => this.person.wecom, "chip");
    return [...own[this.platform], tool("照片", photoSheet), tool("语音", voiceSheet), file].filter(Boolean);
  }

  keyboard() {
    const input = h("input", { name: "text", autocomplete: "off", placeholder: "发消息，例如：开始拜访 华强", "aria-label": "消息", maxlength: "600" });
    const send = async (event) => {
      event.preventDefault();
      const text = input.value.trim();
      input.value = "";
      if (text) await post("act/say", { user: this.person.wecom, text });
    };
    return h("form", { class: "typing", onsubmit: send }, input, h("button", { class: "send" }, "发送"));
  }

  menubar() {
    return h("div", { class: "menubar" }, this.menu.map((item) => (item.sub_button?.length ? this.submenu(item) : h("button", { type: "button", onclick: () => this.choose(item) }, item.name))));
  }

  submenu(item) {
    const list = h("div", { class: "submenu", role: "menu", hidden: true }, item.sub_button.map((sub) => h("button", { type: "button", role: "menuitem", onclick: () => { list.hidden = true; this.choose(sub); } }, sub.name)));
    const toggle = () => {
      const hidden = list.hidden;
      this.bottom.querySelectorAll(".submenu").forEach((other) => (other.hidden = true));
      list.hidden = !hidden;
      button.setAttribute("aria-expanded", String(hidden));
    };
    const button = h("button", { type: "button", "aria-haspopup": "menu", "aria-expanded": "false", onclick: toggle }, item.name);
    return h("div", { class: "with-sub", onkeydown: (event) => event.key === "Escape" && (list.hidden = true) }, list, button);
  }

  choose(item) {
    if (item.type === "location_select") return locationSheet(this.person, this.cast);
    if (item.type?.startsWith("pic_")) return photoSheet(this.person, this.cast);
    if (item.type === "view") return window.open(`open?${new URLSearchParams({ url: item.url, platform: "wecom", person: this.person.wecom })}`, "_blank", "noopener");
    return post("act/click", { user: this.person.wecom, key: item.key });
  }
}
