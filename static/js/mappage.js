/**
 * The page of the map: what the person looks at (view, set, group, filter, node) lives in the
 * address, the map follows the socket, and the panel is asked for by htmx.
 */

import { fold } from "./fold.js";
import { groupKeys } from "./arrange.js";
import { NodeMap } from "./map.js";
import { socket } from "./live.js";

const find = (selector) => document.querySelector(selector);
const root = find("#map");
const refresh = find("#refresh");
const words = JSON.parse(find("#map-words").textContent);
const asked = new URLSearchParams(location.search);

const choice = {
  view: asked.get("view") ?? "one",
  group: asked.get("group") ?? words.group,
  filter: asked.get("filter") ?? "",
  set: find("#figures").dataset.uid,
  key: asked.get("set") ?? find("#figures").dataset.key,
  node: asked.get("node") ?? "",
  only: new Set((asked.get("only") ?? "").split(",").filter(Boolean)),
};
const map = new NodeMap(root, find("#legend"), choice, words, document.documentElement.lang);
let state = null;

// ------------------------------------------------------------------------------ socket to map

document.addEventListener("everynode:frame", ({ detail: frame }) => {
  const step = fold(state, frame);
  if (step === null) return socket.resync();
  ({ state } = step);
  if (frame.t === "snapshot") map.show(state);
  else if (state) map.patch(step.touched);
  if (step.touched.labels) offerGroups();
  return undefined;
});

function offerGroups() {
  const select = find("[data-group]");
  const keys = groupKeys(state.nodes.values());
  if (choice.group && !keys.includes(choice.group)) keys.unshift(choice.group);
  if ([...select.options].slice(1).map((option) => option.value).join() !== keys.join()) {
    select.replaceChildren(select.options[0], ...keys.map((key) => new Option(shortened(key), key)));
  }
  select.value = choice.group;
}

/** The last part of a long key: zone for topology.kubernetes.io/zone. */
function shortened(key) {
  return key.slice(key.lastIndexOf("/") + 1);
}

// ------------------------------------------------------------------------- choice to address

function address() {
  const query = new URLSearchParams();
  if (choice.key) query.set("set", choice.key);
  if (choice.node) query.set("node", choice.node);
  if (choice.view !== "one") query.set("view", choice.view);
  if (choice.group !== words.group) query.set("group", choice.group);
  if (choice.filter) query.set("filter", choice.filter);
  if (choice.only.size) query.set("only", [...choice.only].join(","));
  return `${location.pathname}?${query}`;
}

/** Write the choice into the address; with `ask`, fetch what the server says of it. */
function chosen(ask) {
  history.replaceState(null, "", address());
  refresh.setAttribute("hx-get", address());
  if (ask) htmx.ajax("GET", address(), { source: "#refresh", swap: "none" });
}

function chooseSet(key, uid) {
  Object.assign(choice, { key, set: uid });
  for (const link of document.querySelectorAll("#rail [data-set]")) {
    if (link.dataset.set === key) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  map.repaint();
  chosen(true);
}

function chooseNode(name) {
  // What was wrong with a form about one node is not wrong with the next.
  for (const faults of document.querySelectorAll("#panel .faults")) faults.replaceChildren();
  map.choose(name);
  chosen(true);
}

function chooseView(view) {
  choice.view = view;
  for (const button of document.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === view));
  }
  map.redraw();
}

// The server may have chosen another set than the page: the first one that was ever made, for instance.
document.body.addEventListener("htmx:after:swap", () => {
  const { uid, key } = find("#figures").dataset;
  if (uid === choice.set) return;
  Object.assign(choice, { set: uid, key });
  map.repaint();
});

// --------------------------------------------------------------------------- hands to choice

find("#toolbar").addEventListener("click", (event) => {
  const view = event.target.closest("[data-view]")?.dataset.view;
  if (!view) return;
  chooseView(view);
  chosen(Boolean(choice.node));
});

find("[data-group]").addEventListener("change", (event) => {
  choice.group = event.target.value;
  map.redraw();
  chosen(false);
});

find("[data-filter]").addEventListener("input", (event) => {
  choice.filter = event.target.value.trim();
  map.repaint();
  chosen(false);
});

find("#legend").addEventListener("click", (event) => {
  const state_ = event.target.closest("[data-state]")?.dataset.state;
  if (!state_) return;
  if (!choice.only.delete(state_)) choice.only.add(state_);
  map.repaint();
  chosen(false);
});

root.addEventListener("everynode:counted", ({ detail }) => {
  const passed = detail.shown === detail.of ? "" : words.shown.replace("{n}", detail.shown).replace("{of}", detail.of);
  const order = choice.view === "all" && detail.sets.length ? words.order.replace("{sets}", detail.sets.join(", ")) : "";
  const text = [order, passed].filter(Boolean).join(" ");
  find("[data-shown]").textContent = text;
});

root.addEventListener("click", (event) => {
  const name = event.target.closest("[data-n]")?.dataset.n;
  if (name) chooseNode(name);
});

root.addEventListener("keydown", (event) => {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    if (event.target.dataset.n) chooseNode(event.target.dataset.n);
    return;
  }
  const next = map.neighbour(event.key);
  if (!next) return;
  event.preventDefault();
  map.point(next.dataset.n).focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.closest("input, textarea, select")) {
    event.preventDefault();
    find("[data-filter]").focus();
  }
  if (event.key === "Escape" && choice.node && !event.defaultPrevented && !find("details.menu[open]")) unchoose();
});

function unchoose() {
  const left = map.point(choice.node);
  map.choose("");
  chosen(true);
  left?.focus();
}

document.addEventListener("click", (event) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = event.target.closest("#rail [data-set], #panel [data-why], #panel [data-close]");
  if (!link) return;
  event.preventDefault();
  if ("close" in link.dataset) {
    unchoose();
    return;
  }
  if ("why" in link.dataset) chooseView("one");
  chooseSet(link.dataset.set, link.dataset.uid);
});

// --------------------------------------------------------------------------------- the tip

const tip = find("#tip");
root.addEventListener("pointerover", (event) => {
  const cell = event.target.closest("[data-n]");
  tip.hidden = !cell || map.tiles;
  if (tip.hidden) return;
  tip.textContent = cell.getAttribute("aria-label");
  const box = cell.getBoundingClientRect();
  const left = Math.min(box.left, innerWidth - tip.offsetWidth - 8);
  tip.style.transform = `translate(${Math.max(8, left)}px, ${box.top - tip.offsetHeight - 7}px)`;
});
root.addEventListener("pointerleave", () => { tip.hidden = true; });

find("[data-filter]").value = choice.filter;
chooseView(choice.view);
