/**
 * Logs of one pod or of many: lines come over a socket of their own, are put in order of their times, searched
 * and held here. The address says whose; what it means is told by the server's frames (dashboard/podlogs.py).
 */

import { colorOf, compile, merge, MOST } from "./loglines.js";
import { inGroups } from "./numbers.js";

const AGAIN = 1500;
const REFUSED = 4403;
const GONE = 4404;
const place = document.querySelector("[data-logs]");
if (place) follow(place);

function follow(card) {
  const words = JSON.parse(document.querySelector("#log-words").textContent);
  const find = (name) => card.querySelector(`[data-${name}]`);
  const list = find("lines");
  const status = find("state");
  let pods = new Map();
  let lines = [];
  let drawn = [];
  let pattern = null;
  let held = false;
  let planned = false;
  let why = words.waiting;

  // -- what comes

  function connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}${card.dataset.logs}`);
    let over = "";
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      if (frame.t === "refused") over = frame.text;
      else if (frame.t === "end") over = words.over;
      else hear(frame);
    };
    socket.onclose = ({ code }) => {
      if (code === REFUSED || code === GONE) over ||= words.refused;
      say(over || words.cut);
      if (over) return;
      setTimeout(() => { pods = new Map(); lines = []; connect(); }, AGAIN * (0.75 + Math.random() / 2));
    };
  }

  function hear(frame) {
    if (frame.t === "pods") {
      for (const pod of frame.pods) if (!pods.has(pod.n)) pods.set(pod.n, { ...pod, state: "", hidden: false });
      drawPods();
    } else if (frame.t === "state") {
      pods.get(frame.n).state = frame.text;
      drawPods();
    } else if (frame.t === "lines") {
      lines = merge(lines, frame.lines.map(([at, text]) => ({ at, text, n: frame.n })));
      why = "";
      plan();
    }
  }

  function say(text) {
    why = text;
    plan();
  }

  // -- what is seen

  function plan() {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => { planned = false; draw(); });
  }

  function draw() {
    const shown = lines.filter((line) => !pods.get(line.n)?.hidden && (!find("only").checked || matches(line)));
    const count = pattern ? lines.filter(matches).length : shown.length;
    const told = [(pattern ? words.matches : words.lines).replace("{n}", inGroups(count)), why].filter(Boolean).join(" · ");
    if (status.textContent !== told) status.textContent = told;
    if (held) return;
    const bottom = list.scrollHeight - list.scrollTop - list.clientHeight < 30;
    // Mostly some lines come at the end: only these are made; anything else is drawn anew.
    let kept = 0;
    if (drawn.length && shown.length) {
      const from = drawn.indexOf(shown[0]);
      if (from >= 0 && drawn.slice(from).every((line, index) => shown[index] === line)) {
        for (let index = 0; index < from; index += 1) list.firstElementChild.remove();
        kept = drawn.length - from;
      }
    }
    const fresh = shown.slice(kept).map(row);
    if (kept) list.append(...fresh);
    else list.replaceChildren(...fresh);
    drawn = shown;
    if (bottom) list.scrollTop = list.scrollHeight;
  }

  const matches = (line) => !pattern || pattern.test(line.text);

  function row(line) {
    const item = document.createElement("li");
    const time = document.createElement("time");
    time.dateTime = new Date(line.at).toISOString();
    time.textContent = time.dateTime.slice(11, 23);
    const text = document.createElement("span");
    text.className = "log-text";
    mark(text, line.text);
    item.append(time);
    if (pods.size > 1) {
      const pod = document.createElement("b");
      pod.className = `log-pod tint-${colorOf(line.n)}`;
      pod.textContent = pods.get(line.n).name;
      pod.title = pods.get(line.n).node;
      item.append(pod);
    }
    item.append(text);
    return item;
  }

  function mark(text, said) {
    if (!pattern) {
      text.textContent = said;
      return;
    }
    const all = new RegExp(pattern.source, `${pattern.flags}g`);
    let at = 0;
    for (const found of said.matchAll(all)) {
      if (!found[0]) continue;
      const hit = document.createElement("mark");
      hit.textContent = found[0];
      text.append(said.slice(at, found.index), hit);
      at = found.index + found[0].length;
    }
    text.append(said.slice(at));
  }

  function drawPods() {
    const chips = [...pods.values()].filter((pod) => pods.size > 1 || pod.state).map((pod) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = `chip tiny tint-${colorOf(pod.n)}`;
      button.setAttribute("aria-pressed", String(!pod.hidden));
      button.textContent = pod.state ? `${pod.name}: ${pod.state}` : `${pod.name} (${pod.node})`;
      button.addEventListener("click", () => {
        pod.hidden = !pod.hidden;
        drawPods();
        redraw();
      });
      item.append(button);
      return item;
    });
    find("pods").replaceChildren(...chips);
  }

  function redraw() {
    drawn = [];
    plan();
  }

  // -- what is pressed

  find("find").addEventListener("input", ({ target }) => {
    const [read, fault] = compile(target.value);
    target.setAttribute("aria-invalid", String(Boolean(fault)));
    target.title = fault;
    if (fault) return;
    pattern = read;
    redraw();
  });
  find("only").addEventListener("change", redraw);
  find("times").addEventListener("change", ({ target }) => list.classList.toggle("times", target.checked));
  find("wrap").addEventListener("change", ({ target }) => list.classList.toggle("wrap", target.checked));
  find("hold").addEventListener("click", ({ currentTarget: button }) => {
    held = !held;
    button.setAttribute("aria-pressed", String(held));
    plan();
  });
  find("clear").addEventListener("click", () => { lines = []; redraw(); });
  find("save").addEventListener("click", () => {
    const text = lines.map((line) => `${new Date(line.at).toISOString()} ${pods.get(line.n).name} ${line.text}\n`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(text, { type: "text/plain" }));
    link.download = `${document.querySelector("h1 a, h1").textContent.trim().split(/\s+/).pop()}.log`;
    link.click();
    URL.revokeObjectURL(link.href);
  });

  list.dataset.most = MOST;
  connect();
}
