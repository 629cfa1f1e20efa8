// Signing: strokes are kept as points of the pad as it was when writing began, so that a turned phone shows all of them, and told as a
// small picture, dark on white.
const find = (id) => document.getElementById(id);
const form = find("signing");
const pad = find("pad");
const canvas = find("canvas");
const pen = canvas.getContext("2d");
const INK = "#14181d";
const WIDE = 1000; // pixels of the picture that is sent
const LEAST = 40; // pixels of line that are a signature

let strokes = [];
let stroke = null;
let sheet = { width: 1, height: 1 }; // the pad when writing began: what strokes are measured in
let busy = false;

const method = () => form.querySelector("[name=method]:checked").value;
const box = () => pad.getBoundingClientRect();
const fit = () => (strokes.length ? Math.min(box().width / sheet.width, box().height / sheet.height) : 1);
const words = (code) => find("words").querySelector(`[data-code="${code}"]`)?.textContent ?? find("words").querySelector("[data-code=failed]").textContent;
const written = () => strokes.reduce((sum, points) => sum + points.reduce((part, point, at) => part + (at ? Math.hypot(point.x - points[at - 1].x, point.y - points[at - 1].y) : 0), 0), 0);

function say(code, field) {
  find("problem").textContent = code ? words(code) : "";
  for (const input of [find("name"), find("title")]) input.setAttribute("aria-invalid", String(input === field));
  field?.focus();
}

function line(context, points, scale, width) {
  context.lineWidth = width;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.strokeStyle = INK;
  context.beginPath();
  context.moveTo(points[0].x * scale, points[0].y * scale);
  for (let at = 1; at < points.length - 1; at += 1) {
    const [one, next] = [points[at], points[at + 1]];
    context.quadraticCurveTo(one.x * scale, one.y * scale, ((one.x + next.x) / 2) * scale, ((one.y + next.y) / 2) * scale);
  }
  const last = points[points.length - 1];
  context.lineTo(last.x * scale + (points.length === 1 ? 0.01 : 0), last.y * scale);
  context.stroke();
}

function draw() {
  const ratio = Math.min(devicePixelRatio || 1, 3);
  const scale = fit() * ratio;
  canvas.width = Math.round(box().width * ratio);
  canvas.height = Math.round(box().height * ratio);
  for (const points of strokes) line(pen, points, scale, 2.6 * scale);
}

function show() {
  const typed = method() === "typed";
  canvas.hidden = typed;
  find("typed").hidden = !typed;
  find("typed").textContent = find("name").value.trim();
  find("guide").hidden = typed || strokes.length > 0;
  find("again").disabled = typed || strokes.length === 0;
}

function picture() {
  const scale = WIDE / sheet.width;
  const paper = document.createElement("canvas");
  paper.width = WIDE;
  paper.height = Math.round(sheet.height * scale);
  const context = paper.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, paper.width, paper.height);
  for (const points of strokes) line(context, points, scale, 2.6 * scale);
  return paper.toDataURL("image/png").split(",")[1];
}

const spot = (event) => {
  const { left, top } = box();
  return { x: (event.clientX - left) / fit(), y: (event.clientY - top) / fit() };
};

canvas.addEventListener("pointerdown", (event) => {
  if (event.button > 0 || stroke) return;
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  if (!strokes.length) sheet = { width: box().width, height: box().height };
  stroke = { pointer: event.pointerId, points: [spot(event)] };
  strokes.push(stroke.points);
  say("");
  show();
});
canvas.addEventListener("pointermove", (event) => {
  if (stroke?.pointer !== event.pointerId) return;
  for (const one of event.getCoalescedEvents?.() ?? [event]) stroke.points.push(spot(one));
  draw();
});
for (const name of ["pointerup", "pointercancel"])
  canvas.addEventListener(name, (event) => {
    if (stroke?.pointer !== event.pointerId) return;
    stroke = null;
    draw();
  });
find("again").addEventListener("click", () => {
  strokes = [];
  draw();
  show();
});
find("name").addEventListener("input", () => {
  say("");
  show();
});
find("consent").addEventListener("change", () => say(""));
for (const way of form.querySelectorAll("[name=method]")) way.addEventListener("change", show);
new ResizeObserver(draw).observe(pad);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (busy) return;
  if (!find("name").value.trim()) return say("no_name", find("name"));
  if (method() === "drawn" && written() < LEAST) return say("blank");
  if (!find("consent").checked) return say("no_consent");
  say("");
  busy = true;
  find("go").setAttribute("aria-busy", "true");
  const body = { name: find("name").value, title: find("title").value, method: method(), consent: true };
  if (body.method === "drawn") body.picture = picture();
  try {
    const answer = await fetch(form.dataset.to, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) return location.reload();
    say(told.problem ?? "failed");
  } catch {
    say("away");
  }
  busy = false;
  find("go").removeAttribute("aria-busy");
});
draw();
show();
