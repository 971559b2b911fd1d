/**
 * Draws the map: one cell a node, and keeps it true to the folded state at the cost of what changed.
 * Cells are plain elements whose class says their state; all listening is done on the root.
 *
 * @typedef {import("./fold.js").State} State
 * @typedef {import("./fold.js").Touched} Touched
 * @typedef {{view: "one" | "all" | "health", group: string, filter: string, set: string,
 *   node: string, only: Set<string>}} Choice  what the person looks at; `set` is a set's id
 * @typedef {{states: Record<string, string>, without: string, one: string, other: string,
 *   shown: string, none: string}} Words
 */

import { NONE, podsOn, stateOf } from "./fold.js";
import { MACHINE_LABELS, cellSize, filterOf, grouped, placeOf, worst } from "./arrange.js";

const MANY = 8;

export class NodeMap {
  /**
   * @param {HTMLElement} root @param {HTMLElement} legend @param {Choice} choice
   * @param {Words} words @param {string} language
   */
  constructor(root, legend, choice, words, language) {
    Object.assign(this, { root, legend, choice, words, plural: new Intl.PluralRules(language) });
    this.state = null;
    /** @type {Map<string, {el: HTMLElement, strips: HTMLElement[], place: string | null}>} */
    this.cells = new Map();
    this.dirty = new Set();
    this.stale = false;
    this.drawing = 0;
    this.cursor = "";
    this.tiles = false;
    new ResizeObserver(() => this.redraw()).observe(root.parentElement);
  }

  /** Show a state from scratch. @param {State} state */
  show(state) {
    this.state = state;
    this.redraw();
  }

  /** Mark what a delta touched; it is drawn with the next frame. @param {Touched} touched */
  patch(touched) {
    if (touched.layout) this.stale = true;
    for (const name of touched.nodes) this.dirty.add(name);
    this.ask();
  }

  /** Lay everything out anew with the next frame, for instance after a change of the choice. */
  redraw() {
    this.stale = true;
    this.ask();
  }

  /** Colour every cell anew where it stands, with the next frame. */
  repaint() {
    for (const name of this.cells.keys()) this.dirty.add(name);
    this.ask();
  }

  ask() {
    if (!this.drawing && this.state) this.drawing = requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.drawing = 0;
    this.passes = filterOf(this.choice.filter);
    this.sets = [...this.state.sets.values()].sort(inOrder);
    if (this.stale || [...this.dirty].some((name) => this.moved(name))) this.lay();
    else for (const name of this.dirty) this.paint(name);
    this.dirty.clear();
    this.stale = false;
    this.count();
  }

  lay() {
    const groups = grouped(this.state.nodes.values(), this.choice.group, this.words.without);
    const strips = this.choice.view === "all" ? Math.max(1, this.sets.length) : 1;
    const room = this.root.getBoundingClientRect();
    const size = cellSize(groups.map((group) => group.nodes.length), room.width - 2, this.room(room), strips);
    const focused = this.root.contains(document.activeElement) ? document.activeElement.dataset.n : "";
    this.tiles = size.name === "tile";
    this.root.className = `map view-${this.choice.view} ${this.tiles ? "tiles" : "dense"}`;
    this.root.style.setProperty("--wide", `${size.wide}px`);
    this.root.style.setProperty("--high", `${size.high}px`);
    this.root.style.setProperty("--gap", `${size.gap}px`);
    this.cells.clear();
    this.root.replaceChildren(...groups.map((group) => this.section(group, strips)));
    for (const name of this.cells.keys()) this.paint(name);
    this.rove(focused);
  }

  /** Whether a node belongs into another group than its cell stands in. */
  moved(name) {
    const [cell, node] = [this.cells.get(name), this.state.nodes.get(name)];
    return Boolean(cell && node) && cell.place !== placeOf(node, this.choice.group);
  }

  room(box) {
    const bottom = this.legend.getBoundingClientRect().height + 28;
    return Math.max(200, window.innerHeight - Math.max(0, box.top) - bottom);
  }

  section(group, strips) {
    const section = document.createElement("section");
    section.className = "zone";
    if (group.title) {
      const head = section.appendChild(document.createElement("h3"));
      head.textContent = group.title;
      head.appendChild(document.createElement("small")).textContent = this.nodeCount(group.nodes.length);
    }
    const cells = section.appendChild(document.createElement("div"));
    cells.className = "cells";
    cells.append(...group.nodes.map((node) => this.cell(node, strips)));
    return section;
  }

  nodeCount(n) {
    return (this.plural.select(n) === "one" ? this.words.one : this.words.other).replace("{n}", String(n));
  }

  cell(node, strips) {
    const el = document.createElement("i");
    el.setAttribute("role", "button");
    el.tabIndex = -1;
    el.dataset.n = node.name;
    if (this.tiles) {
      el.appendChild(document.createElement("span")).textContent = node.name;
      el.append(" ", document.createElement("small"));
    }
    const parts = [];
    if (this.choice.view === "all") {
      for (let i = 0; i < strips; i += 1) parts.push(el.appendChild(document.createElement("b")));
    }
    this.cells.set(node.name, { el, strips: parts, place: placeOf(node, this.choice.group) });
    return el;
  }

  paint(name) {
    const cell = this.cells.get(name);
    const node = this.state.nodes.get(name);
    if (!cell || !node) return;
    const look = this.look(node);
    const note = this.tiles ? noteOf(node, this.choice.group, this.words.cordoned) : "";
    put(cell.el, look.kind);
    if (this.tiles) write(cell.el.querySelector("small"), note);
    const label = `${[name, note].filter(Boolean).join(" ")}: ${look.words}`;
    if (cell.el.getAttribute("aria-label") !== label) cell.el.setAttribute("aria-label", label);
    if (cell.el.dataset.s !== look.words) cell.el.dataset.s = look.words;
    if (look.pods) cell.el.dataset.pods = String(look.pods);
    else delete cell.el.dataset.pods;
    if ((cell.el.getAttribute("aria-current") === "true") !== (name === this.choice.node)) {
      if (name === this.choice.node) cell.el.setAttribute("aria-current", "true");
      else cell.el.removeAttribute("aria-current");
    }
    cell.strips.forEach((strip, i) => put(strip, this.stripKind(this.sets[i], name)));
  }

  /** Which class and words a node's cell bears in the present view. */
  look(node) {
    const { view } = this.choice;
    const state = this.seen(node);
    const pods = view === "one" ? podsOn(this.state, this.choice.set, node.name) : 0;
    const words = view === "all" ? this.told(node.name) : this.stateWords(state, pods);
    const off = !this.passes(node) || (view !== "all" && this.hides(state));
    const kind = `c ${view === "all" ? "split" : `s-${state}`}${node.unschedulable ? " cordoned" : ""}`
      + `${node.ready === "True" && !node.down ? "" : " silent"}${off ? " off" : ""}`;
    return { kind, words, pods };
  }

  /** A state in words; of a workload that is no DaemonSet with how many pods of it there are. */
  stateWords(state, pods) {
    if (this.choice.view !== "one" || !this.state.workloads.has(this.choice.set)) return this.words.states[state];
    const form = this.plural.select(pods) === "one" ? this.words.pod : this.words.pods;
    return [...(pods ? [form.replace("{n}", String(pods))] : []), this.words.loads[state]].join(", ");
  }

  /** The one state a node stands for in the views that show one. */
  seen(node) {
    const { set, view } = this.choice;
    const state = stateOf(this.state, set, node.name);
    if (view === "one") return node.down && state !== NONE && this.state.workloads.has(set) ? "down" : state;
    const all = [...this.sets, ...this.state.workloads.values()];
    return worst(all.map((one) => stateOf(this.state, one.id, node.name)), node);
  }

  /** Every set's state on a node in words; of many sets only those that are not settled. */
  told(name) {
    const states = this.sets.map((set) => [set.name, stateOf(this.state, set.id, name)]);
    const odd = states.filter(([, state]) => this.sets.length <= MANY || !["new", NONE].includes(state));
    return odd.map(([set, state]) => `${set} ${this.words.states[state]}`).join(", ") || this.words.states.new;
  }

  stripKind(set, name) {
    const state = set ? stateOf(this.state, set.id, name) : NONE;
    return `s-${state}${this.hides(state) ? " off" : ""}`;
  }

  hides(state) {
    return this.choice.only.size > 0 && !this.choice.only.has(state);
  }

  /** Write the legend's counts, over the nodes that pass the filter. */
  count() {
    const counts = {};
    let shown = 0;
    for (const node of this.state.nodes.values()) {
      if (!this.passes(node)) continue;
      shown += 1;
      const states = this.choice.view === "all"
        ? this.sets.map((set) => stateOf(this.state, set.id, node.name)) : [this.seen(node)];
      for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
    }
    const loads = this.choice.view === "one" && this.state.workloads.has(this.choice.set);
    const words = loads ? this.words.loads : this.words.states;
    for (const key of this.legend.querySelectorAll("[data-state]")) {
      key.hidden = !(key.dataset.state in words);
      write(key.querySelector("span"), words[key.dataset.state] ?? "");
      const count = counts[key.dataset.state] ?? 0;
      const shown = key.querySelector("output");
      if (shown.textContent !== String(count)) shown.textContent = String(count);
      key.classList.toggle("absent", count === 0 && !this.choice.only.has(key.dataset.state));
      key.setAttribute("aria-pressed", String(this.choice.only.has(key.dataset.state)));
    }
    const detail = { shown, of: this.state.nodes.size, sets: this.sets.map((set) => set.name) };
    this.root.dispatchEvent(new CustomEvent("everynode:counted", { detail }));
  }

  /** Ring another cell. @param {string} name */
  choose(name) {
    const before = this.choice.node;
    this.choice.node = name;
    this.paint(before);
    this.paint(name);
    this.point(name);
  }

  /** Make `name` the one cell that Tab reaches. */
  point(name) {
    const next = this.cells.get(name)?.el;
    if (!next) return null;
    const last = this.cells.get(this.cursor)?.el;
    if (last) last.tabIndex = -1;
    next.tabIndex = 0;
    this.cursor = name;
    return next;
  }

  rove(focused) {
    const names = [focused, this.cursor, this.choice.node, this.cells.keys().next().value];
    const name = names.find((one) => this.cells.has(one));
    const cell = name && this.point(name);
    if (cell && focused) cell.focus({ preventScroll: true });
  }

  /** The cell that a key leads to from the one in focus, or undefined. @param {string} key */
  neighbour(key) {
    const all = [...this.cells.values()].map((cell) => cell.el);
    const here = all.indexOf(this.cells.get(this.cursor)?.el);
    switch (key) {
      case "ArrowRight": return all[here + 1];
      case "ArrowLeft": return all[here - 1];
      case "ArrowDown": return beyond(all.slice(here), 1);
      case "ArrowUp": return beyond(all.slice(0, here + 1).reverse(), -1);
      case "Home": return all[0];
      case "End": return all.at(-1);
      default: return undefined;
    }
  }
}

function inOrder(a, b) {
  const [one, other] = [`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`];
  return one < other ? -1 : Number(one > other);
}

/** What sets a node apart from the others of its group: on a tile there is room for it. */
function noteOf(node, group, cordoned) {
  const labels = Object.entries(node.labels)
    .filter(([key]) => !MACHINE_LABELS.has(key) && key !== group)
    .map(([key, value]) => `${key.slice(key.lastIndexOf("/") + 1)}=${value}`);
  return [...(node.unschedulable ? [cordoned] : []), ...labels, ...node.taints.filter(own)].join(" ");
}

/** Taints that somebody set, rather than the machine's condition. */
function own(taint) {
  return !taint.startsWith("node.kubernetes.io/");
}

function write(el, text) {
  if (el.textContent !== text) el.textContent = text;
}

function put(el, kind) {
  if (el.className !== kind) el.className = kind;
}

/** The cell nearest below (or above) the first of `cells`, which run on in that direction. */
function beyond(cells, direction) {
  const from = cells[0].getBoundingClientRect();
  let row = null;
  let best;
  for (const cell of cells) {
    const box = cell.getBoundingClientRect();
    if ((box.top - from.top) * direction <= 1) continue;
    row ??= box.top;
    if (Math.abs(box.top - row) > 1) break;
    if (!best || Math.abs(box.left - from.left) < Math.abs(best.getBoundingClientRect().left - from.left)) best = cell;
  }
  return best;
}
