/**
 * Draws the map on a canvas: cells of any size from four pixels to a tile with words, the columns of the
 * matrix, titles of groups. What a cell is worth drawing at depends on its size on the screen alone, so
 * zooming in leads from a speck over a mark with a short name to a tile.
 *
 * @typedef {{state: string, pods: number, off: boolean, cordoned: boolean, silent: boolean,
 *   ahead: boolean | undefined}} Look  of a node; `ahead`: whether an overlay shows it, if there is one
 * @typedef {{name: string, words: string, note: string}} Said  what a cell with room for words tells
 * @typedef {{rows: Uint8Array[], hidden: boolean[], passing: Uint8Array}} Matrix  codes by slot; by code
 *   whether a state steps back; by slot whether a node passes the filter
 * @typedef {{layout: import("./arrange.js").Layout, order: Int32Array, rows: string[],
 *   look: (slot: number) => Look, say: (slot: number) => Said, matrix: Matrix | null, shared: string}} Scene
 *   `rows` are the names of a matrix's rows; `shared` what all names begin with
 */

import { blockOf, spot } from "./arrange.js";
import { STATES } from "./fold.js";
import { SOLID, drawMark, drawSilent, palette } from "./marks.js";
import { inGroups } from "./numbers.js";

const [FADED, BEHIND] = [0.16, 0.4];
const MARK = 18;

export class Painter {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.ctx = canvas.getContext("2d");
    this.sprites = new Map();
    this.texts = new Map();
    this.ratio = 1;
  }

  /** Take on the size of the window and the colours of the theme. */
  fit(width, height) {
    this.ratio = window.devicePixelRatio || 1;
    this.width = width;
    this.height = height;
    const [wide, high] = [Math.round(width * this.ratio), Math.round(height * this.ratio)];
    if (this.canvas.width !== wide) this.canvas.width = wide;
    if (this.canvas.height !== high) this.canvas.height = high;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.refresh();
  }

  /** Read the faces and colours of the page: the theme may be another. */
  refresh() {
    const page = getComputedStyle(document.documentElement);
    [this.sans, this.mono] = [page.getPropertyValue("--sans"), page.getPropertyValue("--mono")];
    this.ink = palette(this.canvas.parentElement);
    this.sprites.clear();
  }

  /** @param {Scene} scene @param {{zoom: number, x: number, y: number}} camera */
  draw(scene, camera) {
    Object.assign(this, { scene, camera });
    const { ctx } = this;
    ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    ctx.clearRect(0, 0, this.width, this.height);
    for (const block of scene.layout.blocks) this.block(block);
    if (scene.rows.length) this.rowNames();
  }

  /** Draw some places anew. @param {number[]} places */
  redraw(places) {
    const { ctx, scene } = this;
    for (const at of places) {
      const box = this.box(blockOf(scene.layout, at), at);
      if (!this.seen(box)) continue;
      ctx.clearRect(box.x, box.y, box.w, box.h);
      this.unit(at, box);
    }
    if (scene.rows.length && this.camera.x > 0) this.rowNames();
  }

  /** Where a place is on the screen, in px of the canvas. */
  box(block, at) {
    const { zoom, x, y } = this.camera;
    const { unit } = this.scene.layout;
    const found = spot(this.scene.layout, block, at);
    const [left, top] = [Math.round(found.x * zoom - x), Math.round(found.y * zoom - y)];
    const tight = unit.gx ? Math.floor(unit.w * zoom) : Math.round((found.x + unit.w) * zoom - x) - left;
    return { x: left, y: top, w: Math.max(1, tight), h: Math.max(1, Math.floor(unit.h * zoom)) };
  }

  seen({ x, y, w, h }) {
    return x + w > 0 && y + h > 0 && x < this.width && y < this.height;
  }

  block(block) {
    const { zoom, x, y } = this.camera;
    const { unit } = this.scene.layout;
    this.titles(block);
    const pitch = unit.h + unit.gy;
    const first = Math.max(0, Math.floor((y / zoom - block.y) / pitch));
    const last = Math.min(Math.ceil(block.count / block.cols), Math.ceil(((y + this.height) / zoom - block.y) / pitch));
    const across = unit.w + unit.gx;
    const left = Math.max(0, Math.floor((x / zoom - block.x) / across));
    const right = Math.min(block.cols, Math.ceil(((x + this.width) / zoom - block.x) / across));
    for (let row = first; row < last; row += 1) {
      const start = block.start + row * block.cols;
      const end = Math.min(start + right, block.start + block.count);
      if (unit.row && unit.gx === 0) this.strips(block, start + left, end);
      else for (let at = start + left; at < end; at += 1) this.unit(at, this.box(block, at));
    }
  }

  titles(block) {
    const { zoom, x, y } = this.camera;
    const { ctx, ink } = this;
    ctx.textBaseline = "alphabetic";
    block.titles.forEach((title, level) => {
      const top = (block.top + level * 26) * zoom - y + 26 * Math.min(zoom, 1.6) * 0.62;
      if (top < -20 || top > this.height + 20) return;
      const left = Math.max(2, block.x * zoom - x);
      const last = level === block.titles.length - 1;
      const [size, weight] = level === 0 ? [13, 650] : [12, 600];
      ctx.font = `${weight} ${size}px ${this.sans}`;
      ctx.fillStyle = ink.ink;
      const room = Math.max(60, Math.max(110, block.cols * (this.scene.layout.unit.w + 1)) * zoom - 30);
      const text = this.fitted(title, room);
      ctx.fillText(text, left, top);
      if (!last) return;
      const used = ctx.measureText(text).width;
      ctx.font = `400 12px ${this.sans}`;
      ctx.fillStyle = ink["ink-soft"];
      ctx.fillText(inGroups(block.count), left + used + 7, top);
    });
  }

  unit(at, box) {
    const slot = this.scene.order[at];
    if (slot < 0) return;
    if (this.scene.layout.unit.row) this.column(slot, box);
    else this.cell(slot, box);
  }

  cell(slot, box) {
    const { ctx } = this;
    const look = this.scene.look(slot);
    ctx.globalAlpha = look.off ? FADED : look.ahead === false ? BEHIND : 1;
    if (box.w >= 150 && box.h >= 56) this.tile(look, this.scene.say(slot), box);
    else if (box.w >= 80 && box.h >= 24 && box.h < 44) this.named(look, this.scene.say(slot), box);
    else if (box.w >= 42 && box.h >= 30) this.stacked(look, this.scene.say(slot), box);
    else this.bare(look, box.x, box.y, box.w, box.h);
    ctx.globalAlpha = 1;
  }

  /** The mark alone, copied from one that was drawn before: thousands of cells are alike. */
  bare(look, x, y, w, h) {
    const key = `${look.state} ${w} ${h} ${look.cordoned} ${look.silent}`;
    let sprite = this.sprites.get(key);
    if (!sprite) {
      sprite = document.createElement("canvas");
      sprite.width = Math.ceil(w * this.ratio);
      sprite.height = Math.ceil(h * this.ratio);
      const ctx = sprite.getContext("2d");
      ctx.scale(this.ratio, this.ratio);
      this.mark(ctx, look, 0, 0, w, h);
      this.sprites.set(key, sprite);
    }
    this.ctx.drawImage(sprite, x, y, sprite.width / this.ratio, sprite.height / this.ratio);
    if (look.pods && w >= 18) this.count(look.pods, x + w, y + h);
  }

  mark(ctx, look, x, y, w, h) {
    if (look.silent && look.state === "none") drawSilent(ctx, x, y, w, h, this.ink);
    else drawMark(ctx, look.state, x, y, w, h, this.ink);
    if (!look.cordoned) return;
    ctx.fillStyle = this.ink.ink;
    const thick = h >= 8 ? 2 : 1;
    ctx.fillRect(x, y + h - thick, w, thick);
  }

  count(pods, right, bottom) {
    const { ctx, ink } = this;
    ctx.font = `700 9px ${this.mono}`;
    const wide = ctx.measureText(String(pods)).width + 4;
    ctx.fillStyle = ink.ground;
    ctx.fillRect(right - wide + 1, bottom - 10, wide, 11);
    ctx.fillStyle = ink.ink;
    ctx.textBaseline = "alphabetic";
    ctx.fillText(String(pods), right - wide + 3, bottom - 1);
  }

  /** A frame for a cell with words in it. Trouble and a cordon both show: colour is one, dashes the other. */
  frame(look, { x, y, w, h }) {
    const { ctx, ink } = this;
    const bad = look.state === "failing" || look.state === "missing";
    ctx.beginPath();
    ctx.roundRect(x + 0.5, y + 0.5, w - 1, h - 1, 6);
    ctx.fillStyle = look.state === "none" ? ink.raised : ink.ground;
    ctx.fill();
    ctx.lineWidth = 1;
    ctx.strokeStyle = bad ? ink.bad : look.cordoned ? ink["ink-faint"] : ink.line;
    if (look.cordoned) ctx.setLineDash([4, 3]);
    ctx.stroke();
    ctx.setLineDash([]);
  }

  tile(look, said, box) {
    const { ctx, ink } = this;
    const { x, y, w, h } = box;
    const middle = y + h / 2;
    this.frame(look, box);
    this.mark(ctx, { ...look, cordoned: false }, x + 11, middle - 18, MARK, MARK);
    const [left, room] = [x + 38, w - 46];
    ctx.textBaseline = "alphabetic";
    this.write(said.name, `600 13px ${this.sans}`, ink.ink, left, middle - 12, room);
    this.write(said.words, `400 12px ${this.sans}`, ink["ink-soft"], left, middle + 5, room);
    this.write(said.note, `400 11px ${this.mono}`, ink["ink-faint"], left, middle + 22, room);
  }

  named(look, said, box) {
    const { ctx, ink } = this;
    const { x, y, w, h } = box;
    const side = Math.min(16, h - 10);
    this.frame(look, box);
    this.mark(ctx, { ...look, cordoned: false }, x + 7, y + (h - side) / 2, side, side);
    ctx.textBaseline = "middle";
    const [font, room] = [`500 12px ${this.sans}`, w - side - 20];
    this.write(this.short(said.name, room, font), font, ink.ink, x + side + 14, y + h / 2 + 0.5, room);
  }

  stacked(look, said, box) {
    const { ctx, ink } = this;
    const { x, y, w, h } = box;
    const side = Math.min(30, h - 18);
    this.frame(look, box);
    this.mark(ctx, { ...look, cordoned: false }, x + (w - side) / 2, y + (h - 14 - side) / 2, side, side);
    ctx.textBaseline = "alphabetic";
    ctx.textAlign = "center";
    const font = `400 11px ${this.sans}`;
    this.write(this.short(said.name, w - 4, font), font, ink.ink, x + w / 2, y + h - 4, w - 4);
    ctx.textAlign = "start";
  }

  /** One node in the matrix: its name if there is room, and below it a mark for each row. */
  column(slot, box) {
    const { ctx, ink, scene } = this;
    const { unit } = scene.layout;
    const { zoom } = this.camera;
    const look = scene.look(slot);
    const head = unit.head * zoom;
    if (head && box.w >= 30) {
      ctx.globalAlpha = look.off ? FADED : 1;
      ctx.textBaseline = "alphabetic";
      ctx.textAlign = "center";
      const font = `500 11px ${this.sans}`;
      const name = this.short(scene.say(slot).name, box.w, font);
      this.write(name, font, ink.ink, box.x + box.w / 2, box.y + head - 6, box.w);
      ctx.textAlign = "start";
    }
    const high = unit.row * zoom;
    const { rows, hidden, passing } = scene.matrix;
    for (let row = 0; row < rows.length; row += 1) {
      const code = rows[row][slot];
      const [state, off] = [STATES[code], hidden[code] || !passing[slot]];
      const top = Math.round(box.y + head + row * high);
      const room = Math.max(1, Math.round(box.y + head + (row + 1) * high) - top - (high >= 4 ? 1 : 0));
      const side = Math.min(box.w, room);
      const wide = side >= 13 ? Math.min(side, 18) : box.w;
      ctx.globalAlpha = off ? FADED : 1;
      const part = { state, cordoned: false, silent: look.silent, pods: 0 };
      this.bare(part, Math.round(box.x + (box.w - wide) / 2), side >= 13 ? Math.round(top + (room - wide) / 2) : top, wide, side >= 13 ? wide : room);
    }
    ctx.globalAlpha = 1;
  }

  /** A line of the matrix where columns touch: cells of one state side by side are one rectangle. */
  strips(block, start, end) {
    const { ctx, ink, scene } = this;
    const { unit } = scene.layout;
    const { zoom } = this.camera;
    if (start >= end) return;
    const boxes = [];
    for (let at = start; at < end; at += 1) boxes.push(this.box(block, at));
    if (boxes[0].w >= 5 && unit.row * zoom >= 4) {
      boxes.forEach((box, i) => this.unit(start + i, box));
      return;
    }
    const { rows, hidden, passing } = scene.matrix;
    const [first] = boxes;
    for (let row = 0; row < rows.length; row += 1) {
      const top = Math.round(first.y + row * unit.row * zoom);
      const high = Math.max(1, Math.round(first.y + (row + 1) * unit.row * zoom) - top);
      let [from, worn] = [0, -1];
      for (let i = 0; i <= boxes.length; i += 1) {
        const slot = i < boxes.length ? scene.order[start + i] : -1;
        const code = slot < 0 ? -1 : rows[row][slot];
        const wears = code < 0 ? -1 : code + (hidden[code] || !passing[slot] ? STATES.length : 0);
        if (wears === worn && i < boxes.length) continue;
        if (worn >= 0) {
          ctx.globalAlpha = worn >= STATES.length ? FADED : 1;
          ctx.fillStyle = ink[SOLID[STATES[worn % STATES.length]]];
          ctx.fillRect(boxes[from].x, top, boxes[i - 1].x + boxes[i - 1].w - boxes[from].x, high);
        }
        [from, worn] = [i, wears];
      }
    }
    ctx.globalAlpha = 1;
  }

  /** The names of a matrix's rows, at the left of each line of nodes, and there while one looks to the right. */
  rowNames() {
    const { ctx, ink, scene } = this;
    const { unit, gutter, blocks } = scene.layout;
    const { zoom, y, x } = this.camera;
    const high = unit.row * zoom;
    if (high < 11) return;
    const font = `400 ${Math.min(12, Math.floor(high) - 1)}px ${this.sans}`;
    const wide = gutter ? gutter * Math.min(zoom, 1) - 10 : 110;
    ctx.textBaseline = "middle";
    for (const block of blocks) {
      for (let line = 0; line < Math.ceil(block.count / block.cols); line += 1) {
        const top = (block.y + line * (unit.h + unit.gy) + unit.head) * zoom - y;
        if (top > this.height || top + high * scene.rows.length < 0) continue;
        if (x > 0 || !gutter) {
          ctx.globalAlpha = 0.85;
          ctx.fillStyle = ink.ground;
          ctx.fillRect(0, top, wide + 8, high * scene.rows.length);
          ctx.globalAlpha = 1;
        }
        scene.rows.forEach((name, row) => {
          this.write(name, font, ink["ink-soft"], 2, top + (row + 0.5) * high, wide);
        });
      }
    }
  }

  /** A name as far as there is room for it: without what all names begin with if the whole is too long. */
  short(name, room, font) {
    this.ctx.font = font;
    if (this.ctx.measureText(name).width <= room) return name;
    return name.slice(this.scene.shared.length) || name;
  }

  write(text, font, colour, x, y, room) {
    if (!text) return;
    const { ctx } = this;
    ctx.font = font;
    ctx.fillStyle = colour;
    ctx.fillText(this.fitted(text, room), x, y);
  }

  /** A text in the present font, cut to a width. */
  fitted(text, room) {
    const key = `${this.ctx.font} ${Math.round(room)} ${text}`;
    let kept = this.texts.get(key);
    if (kept === undefined) {
      if (this.texts.size > 20_000) this.texts.clear();
      kept = this.cut(text, room);
      this.texts.set(key, kept);
    }
    return kept;
  }

  cut(text, room) {
    if (this.ctx.measureText(text).width <= room) return text;
    let [low, high] = [0, text.length];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.ctx.measureText(`${text.slice(0, middle)}\u2026`).width <= room) low = middle;
      else high = middle - 1;
    }
    return low ? `${text.slice(0, low)}\u2026` : "";
  }
}
