// Builds elements. Text only ever enters as text nodes, so nothing that a user wrote can become markup.
const SVG = "http://www.w3.org/2000/svg";

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return node;
}

export const h = (tag, props = {}, ...children) => fill(document.createElement(tag), props, children);
export const svg = (tag, props = {}, ...children) => fill(document.createElementNS(SVG, tag), props, children);

const zone = "Asia/Shanghai";
const dayFormat = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, month: "long", day: "numeric", weekday: "short" });
const timeFormat = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const secondFormat = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

export const day = (at) => dayFormat.format(new Date(at));
export const time = (at) => timeFormat.format(new Date(at));
export const clockTime = (at) => `${day(at)} ${secondFormat.format(new Date(at))}`;

const safe = /^https?:\/\//;
// A link of the product's opens through our own door, which signs in as whoever is looking.
export const door = (url, platform, person) =>
  safe.test(url) ? `open?${new URLSearchParams({ url, platform, person })}` : "#";
