// The list of messages of one chat: rows are rebuilt only when they changed, and the end stays in view.
import { day, h, time } from "./dom.js";

// Once only: a tab that is shown again must not play every arrival anew.
function arrive(row) {
  row.classList.add("fresh");
  row.addEventListener("animationend", () => row.classList.remove("fresh"), { once: true });
}

export class Thread {
  constructor(label, draw, hint) {
    this.draw = draw;
    this.rows = new Map();
    this.list = h("ol", { class: "thread", "aria-label": label, "aria-live": "polite", tabindex: "0", "data-hint": hint });
    // A picture makes the list longer only once it is there.
    this.list.addEventListener("load", () => this.atEnd && this.toEnd(), true);
    this.list.addEventListener("scroll", () => (this.atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 80), { passive: true });
    this.atEnd = true;
  }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
  }

  clear() {
    this.rows.clear();
    this.list.replaceChildren();
  }

  render(messages) {
    const atEnd = this.atEnd || !this.rows.size;
    const begun = this.rows.size > 0;
    let changed = false;
    messages.forEach((message, index) => {
      const text = JSON.stringify(message);
      const old = this.rows.get(message.id);
      if (old?.text === text) return;
      const row = this.row(message, messages[index - 1]);
      if (begun && !old) arrive(row);
      if (old) old.row.replaceWith(row);
      else this.list.append(row);
      this.rows.set(message.id, { text, row });
      changed = true;
    });
    if (changed && atEnd) requestAnimationFrame(() => this.toEnd());
  }

  row(message, before) {
    const gap = !before || new Date(message.at) - new Date(before.at) > 5 * 60e3;
    const newDay = !before || day(message.at) !== day(before.at);
    return h(
      "li",
      { class: `row ${message.mine ? "mine" : "theirs"}`, "data-id": message.id },
      gap && h("time", { class: "stamp", datetime: message.at }, newDay ? `${day(message.at)} ${time(message.at)}` : time(message.at)),
      this.draw(message),
    );
  }
}
