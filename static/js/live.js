/** What every page of a cluster does: hold the line, say how it is, let the cluster's clock run. */

import { released } from "./press.js";
import { Line, Moment } from "./socket.js";

const line = document.querySelector("[data-line]");
/** The page's line; the map asks it for a snapshot when a delta is missing. */
export const socket = line.dataset.frame ? new Moment(line.dataset.frame) : new Line(line.dataset.socket);

let now = { state: "wait", delay: null };

function say() {
  const words = line.dataset;
  line.dataset.state = now.state;
  const text = now.state === "live" && now.delay !== null
    ? words.liveDelay.replace("{ms}", Math.max(1, Math.round(now.delay))) : words[now.state];
  const shown = line.querySelector("span");
  if (shown.textContent !== text) shown.textContent = text;
  document.querySelector("[data-line-cut]").hidden = now.state !== "cut";
  document.querySelector("[data-line-gone]").hidden = now.state !== "gone";
  document.querySelector("[data-line-refused]").hidden = now.state !== "refused";
}

document.addEventListener("everynode:line", (event) => {
  const delay = event.detail.state === "live" ? event.detail.delay ?? now.delay : null;
  now = { ...event.detail, delay };
  say();
});

// A refreshed banner part has them hidden, as the server does not know the state of the line.
document.body.addEventListener("htmx:after:swap", () => now.state !== "wait" && say());

let clock = { time: 0, speed: 1, paused: true, at: performance.now() };

/** From this second on the clock shows a date: a cluster that was made of a real one goes by its time. */
const FIRST_DATE = 1e9;

/** The clock of a simulation; a real cluster has none that anybody could turn. */
const clockShown = () => document.querySelector("[data-clock]");

function readClock() {
  const { time, speed, paused } = clockShown()?.dataset ?? {};
  clock = { time: Number(time), speed: Number(speed), paused: paused === "true", at: performance.now() };
}

function showClock() {
  const passed = clock.paused ? 0 : ((performance.now() - clock.at) / 1000) * clock.speed;
  const seconds = Math.floor(clock.time + passed);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const text =
    seconds >= FIRST_DATE
      ? new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ")
      : parts.map((part) => String(part).padStart(2, "0")).join(":");
  const shown = clockShown();
  if (shown && shown.textContent !== text) shown.textContent = text;
}

document.addEventListener("everynode:frame", ({ detail: frame }) => {
  if (frame.t === "notice") return notice(frame);
  const row = frame.t === "snapshot" ? frame.cluster : frame.t === "clock" ? frame : null;
  if (row) clock = { time: row.time, speed: row.speed, paused: row.paused, at: performance.now() };
  if (row) follow(row.name);
  return undefined;
});

let known = null;
let leaving = false;
addEventListener("beforeunload", () => { leaving = true; });

/** Go to where the page is since somebody renamed its cluster; who did so is on the way there already. */
function follow(name) {
  const renamed = known !== null && known !== name && !line.dataset.frame;
  known = name;
  if (!renamed || leaving) return;
  const [root, clusters, , ...rest] = location.pathname.split("/");
  location.replace([root, clusters, name, ...rest].join("/") + location.search);
}

const notices = JSON.parse(document.querySelector("#notice-words").textContent);

function notice(frame) {
  const facts = { ...frame.facts, person: frame.person };
  const text = (notices[frame.code] ?? frame.code).replace(/\{(\w+)\}/g, (_all, name) => facts[name] ?? "");
  const toast = document.createElement("div");
  toast.className = "toast info";
  toast.appendChild(document.createElement("p")).textContent = text;
  released().then(() => document.querySelector("#toasts").append(toast));
}

readClock();
// By then every script of the page listens, also those that take longer to load than this one.
document.addEventListener("DOMContentLoaded", () => socket.open());
setInterval(showClock, 100);
