// 外出打卡 and 位置: where the rep stands, and with which phone.
import { h } from "./dom.js";
import { MapView } from "./map.js";
import { sheet } from "./sheet.js";
import { post, toast } from "./wire.js";

const own = (person, cast) => cast.clients.filter((client) => client.owner === person.id);

function mapWithPlaces(person, cast) {
  const clients = own(person, cast).length ? own(person, cast) : cast.clients;
  const map = new MapView(clients);
  const where = h("select", { "aria-label": "客户", onchange: () => map.stand(clients[where.selectedIndex], 40) }, clients.map((client) => h("option", {}, `${client.alias}（${client.city}）`)));
  const stand = (label, distance) => h("button", { type: "button", class: "chip", onclick: () => map.stand(clients[where.selectedIndex], distance) }, label);
  const node = h("div", { class: "mapbox" }, h("div", { class: "chips" }, where, stand("门口", 40), stand("离 450 米", 450), stand("离 1.2 公里", 1200)), map.view, map.readout);
  return { map, node };
}

const placeName = (map) => {
  const { client, distance } = map.nearest();
  return distance <= 500 ? client.address : `${client.city}市郊公路旁`;
};

export function checkinSheet(person, cast, name = "外出打卡") {
  const { map, node } = mapWithPlaces(person, cast);
  const device = choice("device", [["own", "本人手机（已备案）"], ["other", "另一台手机"]]);
  const form = h(
    "form",
    {
      onsubmit: async (event) => {
        event.preventDefault();
        dialog.close();
        await post("act/checkin", { user: person.wecom, ...map.pin, device: new FormData(form).get("device"), place: placeName(map) });
        toast({ type: "success", content: `${name}成功` });
      },
    },
    node,
    name === "外出打卡" && h("fieldset", {}, h("legend", {}, "用哪台手机"), device),
    h("button", { class: "primary wide" }, name === "外出打卡" ? "打卡" : name),
  );
  const dialog = sheet(name, form);
}

export function locationSheet(person, cast, reports = true) {
  const { map, node } = mapWithPlaces(person, cast);
  const how = choice("how", [["pin", "发送位置（自己选点）"], ["report", "上报定位（精度 65 米）"]]);
  const form = h(
    "form",
    {
      onsubmit: async (event) => {
        event.preventDefault();
        dialog.close();
        await post("act/place", { user: person.wecom, ...map.pin, how: new FormData(form).get("how") || "pin", label: placeName(map) });
        if (new FormData(form).get("how") === "report") toast({ type: "success", content: "已上报定位" });
      },
    },
    node,
    reports && h("fieldset", {}, h("legend", {}, "怎样发出"), how),
    h("button", { class: "primary wide" }, "发送"),
  );
  const dialog = sheet("位置", form);
}

const choice = (name, options) => options.map(([value, label], index) => h("label", { class: "option" }, h("input", { type: "radio", name, value, checked: index === 0 }), label));
