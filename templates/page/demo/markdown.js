// The little markdown that both platforms know: bold, links, coloured text, mentions, quotes, lists, line breaks.
import { door, h } from "./dom.js";

const inline = /\*\*(.+?)\*\*|\[([^\]]+)\]\((https?:[^)\s]+)\)|<font color=["']?([\w-]+)["']?>(.*?)<\/font>|<at (?:id|ids|user_id)=["']?([^"'>\s]*)["']?>(.*?)<\/at>|<text_tag color=["']?([\w-]+)["']?>(.*?)<\/text_tag>|`([^`]+)`|~~(.+?)~~|(?<![\w*])\*(?!\*)([^*\n]+)\*|(https?:\/\/[^\s，。；）)<]+)/s;
const entities = { "&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"' };
const plain = (text) => text.replace(/&#(\d+);|&(?:lt|gt|amp|quot);/g, (all, code) => (code ? String.fromCodePoint(+code) : entities[all])).replace(/\\([*_~[\]()`\\#>-])/g, "$1");

export function markdown(text, platform, person, names = {}) {
  const spans = (part) => {
    const found = inline.exec(part);
    if (!found) return part ? [plain(part)] : [];
    const [all, bold, label, url, colour, coloured, at, , tag, tagged, code, struck, slanted, bare] = found;
    const node =
      bold != null ? h("b", {}, spans(bold))
      : url ? h("a", { href: door(url, platform, person), target: "_blank", rel: "noopener" }, plain(label))
      : colour ? h("span", { class: `ink-${colour}` }, spans(coloured))
      : at != null ? h("span", { class: "at" }, `@${at === "all" ? "所有人" : names[at] || at}`)
      : tag ? h("span", { class: `tag tag-${tag}` }, plain(tagged))
      : code != null ? h("code", {}, plain(code))
      : bare ? h("a", { href: door(bare, platform, person), target: "_blank", rel: "noopener" }, "打开链接")
      : struck != null ? h("s", {}, spans(struck))
      : h("em", {}, spans(slanted));
    return [...spans(part.slice(0, found.index)), node, ...spans(part.slice(found.index + all.length))];
  };
  return String(text).replace(/<br\s*\/?>/g, "\n").split("\n").map((line) => block(line, spans));
}

function block(line, spans) {
  const head = /^#{1,6} (.*)/.exec(line);
  if (head) return h("strong", { class: "line head" }, spans(head[1]));
  const quote = /^> ?(.*)/.exec(line);
  if (quote) return h("span", { class: "line quote" }, spans(quote[1]));
  const item = /^(?:[-*•]|\d+\.) (.*)/.exec(line);
  if (item) return h("span", { class: "line item" }, spans(item[1]));
  return h("span", { class: "line" }, spans(line));
}
