/**
 * The page of the map: what the person looks at (view, set, groups, filter, zoom, node) lives in the
 * address, the map follows the socket, and the panel is asked for by htmx.
 */

import { fold } from "./fold.js";
import { groupKeys } from "./arrange.js";
import { NodeMap } from "./map.js";
import { inGroups } from "./numbers.js";
import { GROUPS, isMoving } from "./reading.js";
import { socket } from "./live.js";

const find = (selector) => document.querySelector(selector);
const root = find("#map");
const refresh = find("#refresh");
const words = JSON.parse(find("#map-words").textContent);
const asked = new URLSearchParams(location.search);
const VIEWS = ["one", "all", "health"];

const choice = {
  view: VIEWS.includes(asked.get("view")) ? asked.get("view") : "one",
  groups: (asked.get("group") ?? words.group).split(",").filter(Boolean).slice(0, 2),
  filter: asked.get("filter") ?? "",
  set: find("#figures").dataset.uid,
  key: asked.get("set") ?? find("#figures").dataset.key,
  node: asked.get("node") ?? "",
  only: new Set((asked.get("only") ?? "").split(",").filter(Boolean)),
};
const map = new NodeMap(root, find("#legend"), choice, words, document.documentElement.lang);
let state = null;
let zoomed = asked.get("zoom") ?? "";
let revealing = choice.node !== "";

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

document.addEventListener("everynode:overlay", ({ detail }) => map.overlay(detail.cells));

/** Offer what nodes can be grouped by; the second level only below a first. */
function offerGroups() {
  const keys = groupKeys(state.rows.filter(Boolean));
  for (const select of document.querySelectorAll("[data-group]")) {
    const level = Number(select.dataset.group);
    const mine = choice.groups[level] ?? "";
    const offered = [...GROUPS, ...keys];
    if (mine && !offered.includes(mine)) offered.push(mine);
    if ([...select.options].slice(1).map((option) => option.value).join() !== offered.join()) {
      const options = offered.map((key) => new Option(words.groups[key] ?? shortened(key), key));
      select.replaceChildren(select.options[0], ...options);
    }
    select.value = mine;
    select.closest("label").hidden = level > 0 && !choice.groups[0];
  }
}

/** The last part of a long key: zone for topology.kubernetes.io/zone. */
function shortened(key) {
  return key.slice(key.lastIndexOf("/") + 1);
}

// ------------------------------------------------------------------------- choice to address

function address() {
  const query = new URLSearchParams();
  const group = choice.groups.join(",");
  if (choice.key) query.set("set", choice.key);
  if (choice.node) query.set("node", choice.node);
  if (choice.view !== "one") query.set("view", choice.view);
  if (group !== words.group) query.set("group", group);
  if (choice.filter) query.set("filter", choice.filter);
  if (choice.only.size) query.set("only", [...choice.only].join(","));
  if (zoomed) query.set("zoom", zoomed);
  if (asked.has("wall")) query.set("wall", "");
  return `${location.pathname}?${query}`;
}

/** Write the choice into the address; with `ask`, fetch what the server says of it. */
function chosen(ask) {
  history.replaceState(null, "", address());
  refresh.setAttribute("hx-get", address());
  twin.href = `${twin.pathname}?${asTable()}`;
  const these = find("[data-these]");
  if (these) these.href = `${twin.pathname}?${asTable()}&choose=all#bulk`;
  const kept = find("[data-query]");
  if (kept) kept.value = new URL(address(), location).search.slice(1);
  if (ask) htmx.ajax("GET", address(), { source: "#refresh", swap: "none" });
}

// A replay came to another moment, and the address with it.
document.addEventListener("everynode:moment", () => chosen(true));

const twin = find("[data-table]");

/** What the table is asked for, to show the same. */
function asTable() {
  const query = new URLSearchParams(new URL(address(), location).search);
  for (const name of ["node", "view", "zoom"]) query.delete(name);
  if (choice.view !== "one") query.delete("set");
  if (choice.groups.join() !== words.group) query.set("group", choice.groups.join());
  return query;
}

function chooseSet(key, uid) {
  Object.assign(choice, { key, set: uid });
  for (const link of document.querySelectorAll("#rail [data-set]")) {
    if (link.dataset.set === key) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  if (choice.groups.some(isMoving)) map.redraw();
  else map.repaint();
  chosen(true);
}

function chooseNode(name) {
  // What was wrong with a form about one node is not wrong with the next.
  for (const faults of document.querySelectorAll("#panel .faults")) faults.replaceChildren();
  map.choose(name);
  chosen(true);
  revealing = true;
}

function chooseView(view) {
  choice.view = view;
  for (const button of document.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === view));
  }
  map.redraw();
}

/** On a phone the panel comes up from below: keep the cell that it tells of in sight above it. */
function reveal() {
  if (!revealing || !matchMedia("(max-width: 860px)").matches) return;
  revealing = false;
  map.rings.chosen.scrollIntoView({ block: "nearest" });
}

// The server may have chosen another set than the page: the first one that was ever made, for instance.
document.body.addEventListener("htmx:after:swap", () => {
  reveal();
  const { uid, key } = find("#figures").dataset;
  if (uid === choice.set) return;
  Object.assign(choice, { set: uid, key });
  map.repaint();
});

// Where one looks is known only when cells lie somewhere.
root.addEventListener("everynode:laid", () => {
  if (zoomed && map.camera.zoom === 1) map.zoomTo(zoomed);
});

let settling = 0;
root.addEventListener("everynode:moved", () => {
  clearTimeout(settling);
  settling = setTimeout(() => { zoomed = map.zoomed; chosen(false); }, 200);
});

// --------------------------------------------------------------------------- hands to choice

find("#toolbar").addEventListener("click", (event) => {
  const view = event.target.closest("[data-view]")?.dataset.view;
  if (!view || view === choice.view) return;
  chooseView(view);
  chosen(true);
});

for (const select of document.querySelectorAll("[data-group]")) {
  select.addEventListener("change", () => {
    const level = Number(select.dataset.group);
    choice.groups = choice.groups.slice(0, level);
    if (select.value) choice.groups[level] = select.value;
    offerGroups();
    map.redraw();
    chosen(false);
  });
}

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

root.addEventListener("everynode:counted", ({ detail: { shown, of, fault } }) => {
  const field = find("[data-filter]");
  const told = find("[data-fault]");
  const text = fault ? words.faults[fault.code].replace("{word}", fault.word).replace("{at}", fault.at + 1) : "";
  if (told.textContent !== text) told.textContent = text;
  field.setAttribute("aria-invalid", String(Boolean(fault)));
  const these = find("[data-these]");
  if (these) these.hidden = shown === of || !shown;
  find("[data-shown]").textContent = shown === of ? "" : words.shown.replace("{n}", inGroups(shown)).replace("{of}", inGroups(of));
});

/** Pixels that a hand trembles. */
const NEAR = 6;
/** What was under the pointer when it was pressed: its cell may be moved, or made anew, before the release. */
let pressed = null;

const nameAt = ({ clientX, clientY }) => {
  const { slot } = map.hit(clientX, clientY);
  return slot >= 0 ? map.nameOf(slot) : "";
};

root.addEventListener("pointerdown", (event) => {
  const { button, clientX: x, clientY: y, target } = event;
  pressed = button === 0 && !target.closest(".small-map") ? { name: nameAt(event), x, y } : null;
});
root.addEventListener("pointercancel", () => { pressed = null; });

root.addEventListener("pointerup", (event) => {
  const { name, x, y } = pressed ?? {};
  pressed = null;
  if (map.camera.dragged || !state?.slots.has(name)) return;
  if (Math.hypot(event.clientX - x, event.clientY - y) <= NEAR || nameAt(event) === name) chooseNode(name);
});

// Who has no pointer clicks all the same.
root.addEventListener("click", ({ detail, target }) => detail === 0 && target.dataset.n && chooseNode(target.dataset.n));

root.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey) return;
  const name = event.target.dataset.n;
  const done = event.key === "Enter" || event.key === " "
    ? name && (chooseNode(name), true) : map.step(event.key) || map.camera.key(event.key);
  if (done) event.preventDefault();
});

root.addEventListener("focusin", ({ target }) => target.dataset.n && map.point(target.dataset.n));

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.closest("input, textarea, select")) {
    event.preventDefault();
    find("[data-filter]").focus();
  }
  if (event.key === "Escape" && choice.node && !event.defaultPrevented && !find("details.menu[open]")) unchoose();
});

find("[data-to-map]").addEventListener("click", (event) => {
  event.preventDefault();
  root.querySelector("[tabindex='0']")?.focus();
});

function unchoose() {
  const left = choice.node;
  map.choose("");
  chosen(true);
  map.focus(left);
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
root.addEventListener("pointermove", (event) => {
  const over = event.target.closest(".small-map") || event.buttons || event.pointerType === "touch";
  const { slot, row } = over ? { slot: -1, row: -1 } : map.hit(event.clientX, event.clientY);
  map.hover(slot);
  tip.hidden = slot < 0 || map.tiles;
  if (tip.hidden) return;
  tip.textContent = row >= 0 ? map.reading.cellLabel(row, slot) : map.label(slot);
  const left = Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8);
  const above = event.clientY - tip.offsetHeight - 12;
  tip.style.transform = `translate(${Math.max(8, left)}px, ${above < 4 ? event.clientY + 18 : above}px)`;
});
root.addEventListener("pointerleave", () => { tip.hidden = true; map.hover(-1); });

find("[data-filter]").value = choice.filter;
chooseView(choice.view);
chosen(false);
