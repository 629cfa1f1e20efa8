// A small map of our own: invented streets, true distances. Drag the pin, or move it with the arrow keys.
import { h, svg } from "./dom.js";

const WIDTH = 340;
const HEIGHT = 250;
const METRES_A_DEGREE = 111195;
const SCALE = 8; // metres a pixel
const FENCE = 500;

export const metres = (a, b) => Math.hypot((a.lat - b.lat) * METRES_A_DEGREE, (a.lng - b.lng) * METRES_A_DEGREE * Math.cos((a.lat * Math.PI) / 180));
export const shown = (distance) => (distance < 1000 ? `${Math.round(distance)} 米` : `${(distance / 1000).toFixed(1)} 公里`);

export class MapView {
  constructor(clients, onmove) {
    this.clients = clients;
    this.onmove = onmove;
    this.readout = h("output", { class: "readout" });
    this.view = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "map", role: "application", tabindex: "0", "aria-label": "地图：拖动图钉，或用方向键移动" });
    this.view.addEventListener("pointerdown", (event) => this.drag(event));
    this.view.addEventListener("keydown", (event) => this.key(event));
    this.stand(clients[0], 40);
  }

  // Stand `distance` metres north-east of a customer.
  stand(client, distance = 0) {
    this.centre = client;
    const lng = METRES_A_DEGREE * Math.cos((client.lat * Math.PI) / 180);
    this.pin = { lat: client.lat + (distance * 0.6) / METRES_A_DEGREE, lng: client.lng + (distance * 0.8) / lng };
    this.draw();
  }

  xy({ lat, lng }) {
    const perLng = METRES_A_DEGREE * Math.cos((this.centre.lat * Math.PI) / 180);
    return [WIDTH / 2 + ((lng - this.centre.lng) * perLng) / SCALE, HEIGHT / 2 - ((lat - this.centre.lat) * METRES_A_DEGREE) / SCALE];
  }

  place(x, y) {
    const perLng = METRES_A_DEGREE * Math.cos((this.centre.lat * Math.PI) / 180);
    const inside = (value, size) => Math.min(size - 6, Math.max(6, value));
    this.pin = { lat: this.centre.lat + ((HEIGHT / 2 - inside(y, HEIGHT)) * SCALE) / METRES_A_DEGREE, lng: this.centre.lng + ((inside(x, WIDTH) - WIDTH / 2) * SCALE) / perLng };
    this.movePin();
  }

  drag(event) {
    const move = ({ clientX, clientY }) => {
      const box = this.view.getBoundingClientRect();
      this.place(((clientX - box.left) / box.width) * WIDTH, ((clientY - box.top) / box.height) * HEIGHT);
    };
    this.view.setPointerCapture(event.pointerId);
    this.view.addEventListener("pointermove", move);
    this.view.addEventListener("pointerup", () => this.view.removeEventListener("pointermove", move), { once: true });
    move(event);
  }

  key(event) {
    const step = event.shiftKey ? 12 : 3;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (!by) return;
    event.preventDefault();
    const [x, y] = this.xy(this.pin);
    this.place(x + by[0], y + by[1]);
  }

  nearest() {
    return this.clients.map((client) => ({ client, distance: metres(client, this.pin) })).sort((a, b) => a.distance - b.distance)[0];
  }

  draw() {
    const near = this.clients.filter((client) => this.xy(client).every((value, axis) => value > -60 && value < [WIDTH, HEIGHT][axis] + 60));
    this.mark = svg("g", { class: "pin" }, svg("circle", { r: 17, class: "halo" }), svg("path", { d: "M0 0C-3-7-9-10-9-17a9 9 0 1 1 18 0C9-10 3-7 0 0Z" }), svg("circle", { cy: -17, r: 3.4, class: "eye" }));
    this.view.replaceChildren(...ground(this.centre), ...near.flatMap((client) => this.customer(client)), ruler(), this.mark);
    this.movePin();
  }

  customer(client) {
    const [x, y] = this.xy(client);
    return [
      svg("circle", { cx: x, cy: y, r: FENCE / SCALE, class: "fence" }),
      svg("rect", { x: x - 7, y: y - 7, width: 14, height: 14, rx: 3, class: "house" }),
      svg("text", { x, y: y + 22 }, client.alias),
    ];
  }

  movePin() {
    const [x, y] = this.xy(this.pin);
    this.mark.setAttribute("transform", `translate(${x} ${y})`);
    const { client, distance } = this.nearest();
    const inside = distance <= FENCE;
    this.readout.className = `readout ${inside ? "in" : "out"}`;
    this.readout.textContent = `距 ${client.alias} ${shown(distance)} · ${inside ? "围栏内" : "围栏外"}`;
    this.onmove?.(this.pin);
  }
}

const ruler = () => svg("g", { class: "ruler" }, svg("path", { d: `M14 ${HEIGHT - 12}v-5m0 2.5h${FENCE / SCALE}m0-2.5v5` }), svg("text", { x: 14 + FENCE / SCALE / 2, y: HEIGHT - 20 }, "500 米"));

// Streets, blocks and a river drawn from the customer's number: the same place always looks the same.
function ground(centre) {
  let seed = [...centre.id].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) >>> 0, 7);
  const random = () => ((seed = (seed * 1664525 + 1013904223) >>> 0) / 2 ** 32);
  const shapes = [svg("rect", { width: WIDTH, height: HEIGHT, class: "land" })];
  const bend = random() * HEIGHT;
  shapes.push(svg("path", { class: "river", d: `M-10 ${bend}C90 ${bend - 60} 170 ${bend + 70} 350 ${bend * 0.5 + 40}` }));
  for (let index = 0; index < 3; index += 1) shapes.push(svg("rect", { class: "park", x: random() * 300, y: random() * 210, width: 30 + random() * 40, height: 22 + random() * 30, rx: 5 }));
  for (let x = 12 + random() * 20; x < WIDTH; x += 38 + random() * 34) shapes.push(svg("path", { class: random() > 0.7 ? "avenue" : "street", d: `M${x} 0L${x + random() * 24 - 12} ${HEIGHT}` }));
  for (let y = 10 + random() * 20; y < HEIGHT; y += 34 + random() * 30) shapes.push(svg("path", { class: random() > 0.7 ? "avenue" : "street", d: `M0 ${y}L${WIDTH} ${y + random() * 20 - 10}` }));
  return shapes;
}
