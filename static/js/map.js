/**
 * The map: what every node looks like in the present view, drawn on a canvas at the cost of what changed.
 * Where cells stand is arrange.js, how they are drawn painter.js, what part is seen camera.js, and what can
 * be focused and read aloud grid.js.
 *
 * `map.overlay({"node-1": "gone", "node-2": "born", "node-3": "updating"})` shows what would be: each node
 * named is drawn in that state (one of a cell's states, or born or gone), all others step back;
 * `map.overlay(null)` shows what is again. Scripts that do not have the map say it to the document:
 * `new CustomEvent("everynode:overlay", {detail: {cells}})`. Deltas go on below an overlay.
 *
 * @typedef {import("./fold.js").State} State
 * @typedef {import("./fold.js").Touched} Touched
 * @typedef {{view: "one" | "all" | "health", groups: string[], filter: string, set: string,
 *   node: string, only: Set<string>}} Choice  what the person looks at; `set` is the id of a set, a group
 *   the key of a label or one of GROUPS
 */

import { STATES, codeOf } from "./fold.js";
import {
  blockOf, byName, grouped, layout, neighbour, placeAt, settled, sharedStart, spot, unitsFor,
} from "./arrange.js";
import { Camera } from "./camera.js";
import { Grid } from "./grid.js";
import { SOLID } from "./marks.js";
import { inGroups } from "./numbers.js";
import { Painter } from "./painter.js";
import { Reading, isMoving } from "./reading.js";

const pathOf = (places) => places.map((place) => place.title).join("\n");
/** Where the window is low, or zoomed in: so high that the rows of a few sets have their names. */
const LEAST_HIGH = 320;
/** Milliseconds between two times that cells move because their states did. */
const CALM = 1000;

export class NodeMap {
  /** @param {HTMLElement} root @param {HTMLElement} legend @param {Choice} choice @param {object} words @param {string} language */
  constructor(root, legend, choice, words, language) {
    Object.assign(this, { root, legend, choice, words, reading: new Reading(choice, words, language) });
    const part = (name) => root.querySelector(name);
    this.state = null;
    this.dirty = new Set();
    this.stale = this.whole = this.held = false;
    this.drawing = 0;
    this.laidAt = 0;
    this.groups = [];
    this.paths = [];
    this.order = new Int32Array(0);
    this.at = new Map();
    this.shared = "";
    this.painter = new Painter(part("canvas"));
    this.grid = new Grid(root);
    this.camera = new Camera(root, part(".small-map"), () => this.lookAround());
    this.rings = { chosen: part(".ring.chosen"), under: part(".ring.under") };
    new ResizeObserver(() => this.resized()).observe(root.parentElement);
    window.addEventListener("resize", () => this.resized());
    const anew = () => { this.painter.refresh(); this.redraw(); };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", anew);
    new MutationObserver(anew).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  // ---------------------------------------------------------------------------- what is asked of it

  /** Show a state from scratch. @param {State} state */
  show(state) {
    this.state = state;
    this.reading.show(state);
    this.resort();
    this.redraw();
  }

  /** Mark what a delta touched; it is drawn with the next frame. @param {Touched} touched */
  patch(touched) {
    if (touched.layout) this.resort();
    if (touched.layout) this.stale = this.held = true;
    for (const slot of touched.nodes) this.dirty.add(slot);
    this.ask();
  }

  /** Lay everything out anew with the next frame, for instance after a change of the choice. */
  redraw() {
    this.stale = true;
    this.held = false;
    this.ask();
  }

  /** Draw every cell anew where it stands, with the next frame. */
  repaint() {
    this.whole = true;
    this.ask();
  }

  /** Show what would be. @param {Record<string, string> | null} cells states by node name */
  overlay(cells) {
    this.reading.overlay(cells);
    this.repaint();
  }

  /** Ring another cell. @param {string} name */
  choose(name) {
    const before = this.state?.slots.get(this.choice.node);
    this.choice.node = name;
    const slot = this.state?.slots.get(name);
    for (const one of [before, slot]) if (one !== undefined) this.grid.paint(one);
    if (this.at.has(slot)) this.grid.point(slot);
    this.ring();
  }

  /** Where one looks, for the address: the width of a cell and the node in the middle; "" if all is seen. */
  get zoomed() {
    if (this.camera.zoom <= 1 || !this.laid) return "";
    const { zoom, x, y, width, height } = this.camera;
    const at = placeAt(this.laid, (x + width / 2) / zoom, (y + height / 2) / zoom);
    const middle = at < 0 ? this.choice.node : this.state.rows[this.order[at]]?.name ?? "";
    return `${Math.round(this.laid.unit.w * zoom)}@${middle}`;
  }

  /** Look where an address says. @param {string} zoomed */
  zoomTo(zoomed) {
    const [wide, name] = zoomed.split("@");
    const place = this.at.get(this.state.slots.get(name));
    if (place === undefined || !(Number(wide) > 0)) return;
    const { x, y } = spot(this.laid, blockOf(this.laid, place), place);
    const { w, h } = this.laid.unit;
    this.camera.centre(Math.min(this.camera.largest, Number(wide) / w), x + w / 2, y + h / 2);
  }

  // -------------------------------------------------------------------------------------- drawing

  ask() {
    if (!this.drawing && this.state) this.drawing = requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.drawing = 0;
    this.reading.turn(this.dirty, this.whole || this.stale);
    const moved = !this.stale && [...this.dirty].some((slot) => this.moved(slot));
    if (this.stale || (moved && !this.wait())) this.lay();
    else if (this.whole) this.paintAll();
    else this.paint();
    this.dirty.clear();
    this.stale = this.whole = false;
    this.count();
  }

  lay() {
    const nodes = this.sorted.map((slot) => ({ slot, places: this.reading.places(slot) }));
    const fresh = grouped(nodes, this.words.without);
    this.groups = this.held ? settled(this.groups, fresh) : fresh;
    nodes.forEach(({ slot, places }) => { this.paths[slot] = pathOf(places); });
    this.order = Int32Array.from(this.groups.flatMap((group) => group.slots));
    this.at = new Map();
    this.order.forEach((slot, at) => { if (slot >= 0) this.at.set(slot, at); });
    const [width, height] = [this.root.clientWidth, this.room()];
    const units = unitsFor(this.choice.view === "all" ? Math.max(1, this.reading.rows.length) : 0);
    this.laid = layout(this.groups, width, height, units, this.held ? this.laid?.unit : null);
    this.fitted = [width, height];
    this.laidAt = performance.now();
    this.held = false;
    const high = Math.max(1, Math.min(Math.ceil(this.laid.height), height));
    this.root.style.height = `${high}px`;
    this.painter.fit(width, high);
    this.camera.fit(width, high, this.laid, this.laid.unit.w);
    this.root.setAttribute("role", this.order.length ? "grid" : "group");
    this.paintAll();
    this.grid.show(this);
    if (!this.at.has(this.grid.cursor) || this.grid.cursor < 0) this.grid.point(this.state.slots.get(this.choice.node) ?? -1);
    this.root.dispatchEvent(new CustomEvent("everynode:laid"));
  }

  resized() {
    if (!this.state || !this.fitted) return;
    const [width, height] = this.fitted;
    if (this.root.clientWidth === width && this.room() === height) return;
    this.redraw();
  }

  /** The height that the window leaves for the map, with the legend and the timeline below it in sight. */
  room() {
    const top = this.root.getBoundingClientRect().top + window.scrollY;
    const timeline = this.root.parentElement.querySelector(".timeline:not([hidden])");
    const below = this.legend.getBoundingClientRect().height + 30 + (timeline ? timeline.offsetHeight + 20 : 0);
    // On a low screen what is below is scrolled to: the map is half a screen high, wherever it begins.
    return Math.floor(Math.max(LEAST_HIGH, window.innerHeight / 2, window.innerHeight - top - below));
  }

  paintAll() {
    this.painter.draw(this.scene(), this.camera);
    for (const slot of this.grid.cells.keys()) this.grid.paint(slot);
    this.ring();
    this.drawSmall();
  }

  paint() {
    const places = [];
    for (const slot of this.dirty) {
      const at = this.at.get(slot);
      if (at === undefined) continue;
      places.push(at);
      this.grid.paint(slot);
    }
    const strips = this.laid.unit.row && this.laid.unit.gx === 0;
    if (strips ? places.length : places.length * 2 > this.order.length) this.painter.draw(this.scene(), this.camera);
    else this.painter.redraw(places);
    if (places.length && this.camera.partial) this.drawSmall();
  }

  /** What the painter needs. */
  scene() {
    return {
      layout: this.laid, order: this.order, rows: this.reading.rows, shared: this.shared,
      look: (slot) => this.reading.look(slot), say: (slot) => this.reading.say(slot),
      matrix: this.reading.rows.length ? this.reading.matrix : null,
    };
  }

  lookAround() {
    this.painter.draw(this.scene(), this.camera);
    this.grid.place();
    this.ring();
    this.drawSmall();
    this.root.dispatchEvent(new CustomEvent("everynode:moved"));
  }

  drawSmall() {
    this.camera.drawSmall((ctx, scale) => {
      const { w, h } = this.laid.unit;
      const [wide, high] = [Math.ceil(w * scale), Math.ceil(h * scale)];
      this.order.forEach((slot, at) => {
        if (slot < 0) return;
        const { x, y } = spot(this.laid, blockOf(this.laid, at), at);
        ctx.fillStyle = this.painter.ink[SOLID[STATES[this.reading.seen(slot)]]];
        ctx.fillRect(x * scale, y * scale, wide, high);
      });
    }, this.painter.ink.accent);
  }

  /** Put the rings where the chosen cell and the one under the pointer are. */
  ring() {
    const put = (ring, at) => {
      ring.hidden = at === undefined;
      if (ring.hidden) return;
      const { x, y, w, h } = this.boxOf(at);
      ring.style.transform = `translate(${x - 3}px, ${y - 3}px)`;
      ring.style.width = `${w + 6}px`;
      ring.style.height = `${h + 6}px`;
    };
    put(this.rings.chosen, this.at.get(this.state?.slots.get(this.choice.node)));
    put(this.rings.under, this.at.get(this.under));
  }

  // --------------------------------------------------------------------------------- where cells are

  resort() {
    const named = [...this.state.slots].sort(([a], [b]) => byName(a, b));
    this.sorted = named.map(([, slot]) => slot);
    this.shared = sharedStart(named.map(([name]) => name));
  }

  placeOf(slot) {
    return this.at.get(slot) ?? 0;
  }

  boxOf(at) {
    return this.painter.box(blockOf(this.laid, at), at);
  }

  nameOf(slot) {
    return this.state.rows[slot].name;
  }

  /** Whether a node belongs into another group than its cell stands in. */
  moved(slot) {
    return this.at.has(slot) && Boolean(this.state.rows[slot]) && this.paths[slot] !== pathOf(this.reading.places(slot));
  }

  /** Cells that follow their states do so once a second, so that they can be looked at and hit. */
  wait() {
    const left = this.laidAt + CALM - performance.now();
    const follows = this.choice.groups.some(isMoving);
    this.held = true;
    if (!follows || left <= 0) return false;
    clearTimeout(this.later);
    this.later = setTimeout(() => { this.stale = this.held = true; this.ask(); }, left);
    return true;
  }

  /** What is read aloud of a node, and said by the tip. */
  label(slot) {
    return this.reading.say(slot, this.tiles).label;
  }

  /** What is at a point of the window: a slot, and in the matrix which row. */
  hit(clientX, clientY) {
    if (!this.laid) return { slot: -1, row: -1 };
    const box = this.root.getBoundingClientRect();
    const { zoom, x, y } = this.camera;
    const [left, top] = [(clientX - box.left + x) / zoom, (clientY - box.top + y) / zoom];
    const at = placeAt(this.laid, left, top);
    if (at < 0) return { slot: -1, row: -1 };
    const { unit } = this.laid;
    const down = top - spot(this.laid, blockOf(this.laid, at), at).y - unit.head;
    const row = unit.row ? Math.floor(down / unit.row) : -1;
    return { slot: this.order[at], row: row < this.reading.rows.length ? row : -1 };
  }

  /** Let the cursor be where the focus is. @param {string} name */
  point(name) {
    this.grid.point(this.state.slots.get(name) ?? -1);
  }

  /** Move the focus to a node. @param {string} name */
  focus(name) {
    const slot = this.state?.slots.get(name);
    if (this.at.has(slot)) this.grid.go(slot);
  }

  /** Whether cells say in words what they are. */
  get tiles() {
    return Boolean(this.laid) && !this.laid.unit.row && this.laid.unit.w * this.camera.zoom >= 150;
  }

  /** Ring what is under the pointer. @param {number} slot -1: nothing */
  hover(slot) {
    if (slot === this.under) return;
    this.under = slot;
    this.ring();
  }

  /** Move the cursor by a key. @param {string} key @returns {boolean} whether it led anywhere */
  step(key) {
    let at = this.at.get(this.grid.cursor) ?? 0;
    do at = neighbour(this.laid, at, key, this.order.length);
    while (at >= 0 && this.order[at] < 0);
    if (at < 0) return false;
    this.camera.reveal(this.boxOf(at));
    this.grid.go(this.order[at]);
    return true;
  }

  /** Write the legend's counts, over the nodes that pass the filter. */
  count() {
    const { counts, shown } = this.reading.counts(this.sorted);
    const { words } = this.reading;
    const cells = counts.reduce((sum, count) => sum + count, 0);
    this.legend.style.setProperty("--digits", `${inGroups(cells).length}ch`);
    for (const key of this.legend.querySelectorAll("[data-state]")) {
      const { state } = key.dataset;
      const count = counts[codeOf(state)];
      key.hidden = !(state in words);
      write(key.querySelector("span"), words[state] ?? "");
      write(key.querySelector("output"), inGroups(count));
      key.classList.toggle("absent", count === 0 && !this.choice.only.has(state));
      key.setAttribute("aria-pressed", String(this.choice.only.has(state)));
    }
    const detail = { shown, of: this.sorted.length, fault: this.reading.fault };
    this.root.dispatchEvent(new CustomEvent("everynode:counted", { detail }));
  }
}

function write(el, text) {
  if (el.textContent !== text) el.textContent = text;
}
