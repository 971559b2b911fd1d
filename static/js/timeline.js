/**
 * The bar of a cluster's history, and the way to any moment of it: its page has the address /at/<change>
 * before its own. On the map the history is also replayed, frame by frame.
 */

import { socket } from "./live.js";
import { addressAt, edges, nearest, numberAt, timeOf } from "./moments.js";
import { inGroups } from "./numbers.js";
import { Moment } from "./socket.js";

const WIDTH = 1000;
const HEIGHT = 36;
const TICK = 500;
/** How often the bar is asked for again while things happen, in milliseconds. */
const WAIT = 3000;
const place = document.querySelector("[data-timeline]");
const find = (name) => place.querySelector(`[data-${name}]`);
const slide = find("slide");
const told = find("told");
let kept = null;
let at = null;
let playing = null;

async function load() {
  const answer = await fetch(place.dataset.timeline).catch(() => null);
  if (!answer?.ok) return;
  kept = await answer.json();
  if (kept.last <= kept.first) return;
  at = kept.at ?? kept.last;
  place.hidden = false;
  Object.assign(slide, { min: kept.first, max: kept.last, value: at });
  draw();
}

// ---------------------------------------------------------------------------------- the bar

function draw() {
  const [begins, ends] = edges(kept);
  const x = (time) => ((time - begins) / Math.max(1, ends - begins)) * WIDTH;
  const shapes = [...density(x), ...kept.marks.map((mark) => tick(x(mark[1]), mark))];
  const now = shape("line", { x1: x(timeOf(kept, at)), x2: x(timeOf(kept, at)), y1: 0, y2: HEIGHT, class: "here" });
  place.querySelector(".timeline-bar").replaceChildren(...shapes, now);
  tell(at);
}

/** How busy it was: changes between two points over the time between them, on a logarithmic scale. */
function density(x) {
  const parts = [];
  for (let index = 1; index < kept.points.length; index += 1) {
    const [[first, begins], [last, ends]] = [kept.points[index - 1], kept.points[index]];
    const rate = (last - first) / Math.max(0.05, (ends - begins) / 1000);
    const height = Math.min(HEIGHT - 6, 3 + 6 * Math.log10(1 + rate));
    const width = Math.max(1.5, x(ends) - x(begins));
    parts.push(shape("rect", { x: x(begins), y: HEIGHT - height, width, height, class: "busy" }));
  }
  return parts;
}

function tick(left, [, , kind, text]) {
  const line = shape("line", { x1: left, x2: left, y1: kind === "edit" ? 0 : 14, y2: HEIGHT, class: kind });
  const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
  title.textContent = text;
  line.append(title);
  return line;
}

function shape(name, values) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(values)) made.setAttribute(key, value);
  return made;
}

function tell(number) {
  const time = new Date(timeOf(kept, number)).toLocaleString(document.documentElement.lang);
  const mark = kept.marks.findLast((one) => one[0] <= number);
  const moment = place.dataset.moment.replace("{n}", inGroups(number)).replace("{at}", time);
  const text = [moment, mark?.[0] === number ? mark[3] : ""].filter(Boolean).join(" · ");
  if (told.textContent !== text) told.textContent = text;
}

// ------------------------------------------------------------------------------ to a moment

function go(number) {
  location.assign(addressAt(number !== null && number >= kept.last ? null : number, place.dataset.goes));
}

slide.addEventListener("input", () => tell(Number(slide.value)));
slide.addEventListener("change", () => go(Number(slide.value)));

place.querySelector(".timeline-bar").addEventListener("click", (event) => {
  const box = event.currentTarget.getBoundingClientRect();
  const [begins, ends] = edges(kept);
  const time = begins + ((event.clientX - box.left) / box.width) * (ends - begins);
  const reach = ((ends - begins) / box.width) * 5;
  go(nearest(kept, time, reach) ?? numberAt(kept, time));
});

place.addEventListener("click", ({ target }) => {
  const where = target.closest("[data-go]")?.dataset.go;
  if (!where) return;
  const edits = kept.marks.filter((mark) => mark[2] === "edit").map((mark) => mark[0]);
  if (where === "now") go(null);
  else if (where === "edit-before") go(edits.findLast((number) => number < at) ?? kept.first);
  else go(edits.find((number) => number > at) ?? null);
});

// ---------------------------------------------------------------------------------- replay

async function play() {
  let time = timeOf(kept, at);
  const [, ends] = edges(kept);
  const mine = {};
  playing = mine;
  while (playing === mine && time < ends) {
    const began = performance.now();
    const number = numberAt(kept, time);
    if (number !== at && !(await socket.load(place.dataset.frame.replace(/^(\/at\/\d+)?/, `/at/${number}`)))) break;
    move(number);
    await new Promise((done) => { setTimeout(done, Math.max(0, TICK - (performance.now() - began))); });
    time += ((performance.now() - began) * Number(find("speed").value));
  }
  if (playing !== mine) return;
  playing = null;
  go(time >= ends ? null : at);
}

/** Let the page go along with the map: its address, its links, and what the server says of the moment. */
function move(number) {
  if (number === at) return;
  at = number;
  slide.value = number;
  draw();
  history.replaceState(null, "", addressAt(number));
  for (const link of document.querySelectorAll('a[href^="/at/"]')) {
    link.setAttribute("href", link.getAttribute("href").replace(/^\/at\/\d+/, `/at/${number}`));
  }
  document.dispatchEvent(new CustomEvent("everynode:moment"));
}

find("play")?.addEventListener("click", ({ currentTarget: button }) => {
  const starts = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(starts));
  if (!starts) {
    playing = null;
    go(at);
  } else if (kept.at === null) {
    // Replay begins in the past: the page of now follows its line.
    const edits = kept.marks.filter((mark) => mark[2] === "edit").map((mark) => mark[0]);
    sessionStorage.setItem("everynode-replay", "yes");
    go(Math.max(kept.first, (edits[edits.length - 1] ?? kept.last) - 1));
  } else {
    play();
  }
});

let planned = 0;

/** Follow what happens now, but not under the hand of somebody who moves the slider. */
function follow() {
  planned ||= setTimeout(() => {
    planned = 0;
    return slide.matches(":active") ? follow() : load();
  }, WAIT);
}

if (!(socket instanceof Moment)) document.body.addEventListener("everynode:changed", follow);
await load();
if (kept && kept.at !== null && sessionStorage.getItem("everynode-replay")) {
  sessionStorage.removeItem("everynode-replay");
  find("play")?.click();
}
