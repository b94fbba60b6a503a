// A chart of one's own: what the web servers have to do, from `frame()` of the package. Build that first
// (`cargo xtask package`), then serve the repository's folder and open docs/javascript/.

import { Simulation } from "../../pkg/index.js";

/// How much of the past is drawn, and how far apart its points are, in milliseconds of simulated time.
const SPAN_MS = 30_000;
const POINT_MS = 100;
/// A tab that was hidden does not leap.
const STEP_MS_MAX = 100;
/// By server: colour and dashes, so that colour is not all there is to tell them apart.
const DASHES = [[], [6, 4], [2, 3], [10, 3, 2, 3]];

const byId = (id) => document.getElementById(id);
const [run, users, count, clock, canvas] = ["run", "users", "count", "clock", "chart"].map(byId);
const [servers, log, events, problem] = ["servers", "log", "events", "problem"].map(byId);
const pen = canvas.getContext("2d");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const simulation = new Simulation("load-balancer", 7);
/// `{ at_ms, nodes }` of the last half minute, `nodes` being the web servers.
const past = [];
let running = true;
let before = performance.now();
let drawn = 0;
/// The line of the log that was told last.
let last;

setUsers();
requestAnimationFrame(tick);

run.addEventListener("click", () => {
  running = !running;
  run.textContent = running ? "Pause" : "Run";
});
users.addEventListener("change", setUsers);
for (const own of [matchMedia("(prefers-color-scheme: dark)"), window]) {
  own.addEventListener(own === window ? "resize" : "change", draw);
}

function tick(now) {
  const passed = Math.min(now - before, STEP_MS_MAX);
  before = now;
  // With reduced motion, the picture changes twice a second.
  if (running) advance(passed);
  if (now - drawn >= (calm.matches ? 500 : 0)) {
    drawn = now;
    draw();
  }
  requestAnimationFrame(tick);
}

/// One second on the wall is one second of the simulation.
function advance(ms) {
  simulation.advance(ms);
  if (simulation.now_ms - (past.at(-1)?.at_ms ?? -Infinity) >= POINT_MS) look();
}

/// Takes a frame, and keeps of it what is drawn.
function look() {
  const { now_ms, nodes, figures } = simulation.frame();
  past.push({ at_ms: now_ms, nodes: nodes.filter((node) => node.kind === "web_server") });
  while (past[0].at_ms < now_ms - SPAN_MS) past.shift();
  clock.textContent = `${(now_ms / 1000).toFixed(1)} s · ${figures.answered_per_second.toFixed(0)} answers/s`;
  tabulate(past.at(-1).nodes);
  tell();
}

/// Something happens to the system now; what does not fit it is said.
function apply(change) {
  try {
    problem.textContent = "";
    simulation.apply(change);
  } catch (error) {
    problem.textContent = error.message;
  }
  look();
}

/// The dial is logarithmic: from 100 users to 100,000.
function setUsers() {
  const value = Math.round(100 * 10 ** (users.valueAsNumber * 0.03));
  count.textContent = value.toLocaleString("en");
  users.setAttribute("aria-valuetext", `${count.textContent} users`);
  apply({ set: { path: "workload.users", value } });
}

function tabulate(nodes) {
  while (servers.rows.length < nodes.length) servers.append(row(nodes[servers.rows.length]));
  nodes.forEach((node, index) => {
    const [, state, queue, load, action] = servers.rows[index].cells;
    const up = node.life !== "down";
    state.textContent = node.life;
    state.className = up ? "" : "down";
    queue.textContent = queued(node);
    load.textContent = `${Math.round((node.cpu ?? 0) * 100)}%`;
    action.firstChild.textContent = up ? "Kill" : "Restart";
    action.firstChild.setAttribute("aria-label", `${up ? "Kill" : "Restart"} ${node.target}`);
  });
}

function row({ target }) {
  const own = document.createElement("tr");
  const name = document.createElement("th");
  name.scope = "row";
  name.textContent = target;
  const button = document.createElement("button");
  button.type = "button";
  button.addEventListener("click", () => {
    const node = past.at(-1).nodes.find((node) => node.target === target);
    apply(node.life === "down" ? { restore: { target } } : { kill: { target } });
  });
  own.append(name, ...["", "", ""].map(() => document.createElement("td")));
  const last = document.createElement("td");
  last.append(button);
  own.append(last);
  return own;
}

function queued(node) {
  return node.waiting + node.in_hand;
}

/// What happened since it was last told.
function tell() {
  const lines = simulation.events();
  const known = lines.findLastIndex((line) => line.at_ms === last?.at_ms && line.subject === last.subject && line.text === last.text);
  for (const { at_ms, subject, text } of lines.slice(known + 1)) {
    const line = document.createElement("li");
    const time = document.createElement("time");
    time.textContent = `${(at_ms / 1000).toFixed(2)} s`;
    line.append(time, `${subject} ${text}`);
    events.append(line);
    log.scrollTop = log.scrollHeight;
  }
  last = lines.at(-1);
}

function draw() {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.lineJoin = "round";
  pen.font = "12px system-ui, sans-serif";
  if (past.length === 0) return;
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => resolved(style.getPropertyValue(name));
  const half = height / 2;
  const most = Math.max(10, ...past.flatMap(({ nodes }) => nodes.map(queued)));
  const top = roundUp(most);
  panel("Queues, in requests", 0, half, width, top, String, queued, colour);
  panel("Load of processors", half, half, width, 1, (value) => `${value * 100}%`, (node) => node.cpu ?? 0, colour);
}

/// One chart: a title with the legend, three lines of a grid, a curve for each server.
function panel(title, y, height, width, most, label, value, colour) {
  const [left, right, above, below] = [44, 8, 24, 18];
  const [w, h] = [width - left - right, height - above - below];
  const end = past.at(-1).at_ms;
  const at = (ms, part) => [left + w * (1 - (end - ms) / SPAN_MS), y + above + h * (1 - part / most)];
  pen.setLineDash([]);
  pen.lineWidth = 1;
  for (const part of [0, 0.5, 1]) {
    const [, lineY] = at(end, most * part);
    pen.strokeStyle = colour("--line");
    line([[left, lineY], [left + w, lineY]]);
    text(label(most * part), left - 6, lineY + 4, "right", colour("--quiet"));
  }
  for (const ago of [30, 20, 10, 0]) {
    text(ago ? `−${ago} s` : "now", at(end - ago * 1000, 0)[0], y + height - 4, ago === 30 ? "left" : ago ? "center" : "right", colour("--quiet"));
  }
  text(title, left, y + 14, "left", colour("--ink"));
  let x = width - right;
  const nodes = past.at(-1).nodes;
  nodes.toReversed().forEach((node, nth) => {
    const index = nodes.length - 1 - nth;
    pen.strokeStyle = colour(`--server-${(index % 4) + 1}`);
    pen.setLineDash(DASHES[index % 4]);
    pen.lineWidth = 2;
    line(past.flatMap(({ at_ms, nodes }) => (nodes[index] ? [at(at_ms, value(nodes[index]))] : [])));
    text(node.target, x, y + 14, "right", colour("--ink"));
    x -= pen.measureText(node.target).width + 6;
    line([[x - 18, y + 10], [x, y + 10]]);
    x -= 30;
  });
}

function line(points) {
  pen.beginPath();
  for (const [x, y] of points) pen.lineTo(x, y);
  pen.stroke();
}

function text(words, x, y, align, colour) {
  pen.textAlign = align;
  pen.fillStyle = colour;
  pen.fillText(words, x, y);
}

/// The next of 10, 20, 50, 100, …
function roundUp(value) {
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * [1, 2, 5, 10].find((step) => step * unit >= value);
}

/// A canvas does not know `light-dark()`: the colour as the page would show it.
function resolved(value) {
  const [light, dark] = value.match(/#[0-9a-f]{6}/gi);
  return matchMedia("(prefers-color-scheme: dark)").matches ? dark : light;
}
