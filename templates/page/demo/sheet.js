// A sheet that slides up: title, content, buttons. Native <dialog>, so focus and Escape work by themselves.
import { h } from "./dom.js";

export function sheet(title, ...content) {
  const close = () => dialog.close();
  const dialog = h(
    "dialog",
    { class: "sheet", "aria-label": title, onclose: () => dialog.remove(), onclick: (event) => event.target === dialog && close() },
    h("div", { class: "inner" }, h("header", {}, h("h3", {}, title), h("button", { type: "button", class: "round", "aria-label": "关闭", onclick: close }, "✕")), ...content),
  );
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
