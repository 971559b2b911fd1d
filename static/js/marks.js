/**
 * What a state looks like on the canvas: by colour and by shape. static/css/map.css has the same marks for
 * legends and tables; who changes one changes both.
 */

import { STATES } from "./fold.js";

const COLOURS = [
  "good", "old", "warn", "bad", "bad-ink", "odd", "idle", "sunken", "ground", "raised", "line", "line-strong", "ink",
  "ink-soft", "ink-faint", "accent", "accent-ink",
];

/** The colours of the page's theme as it is now. @param {HTMLElement} within @returns {Record<string, string>} */
export function palette(within) {
  const probe = within.appendChild(document.createElement("i"));
  const read = {};
  for (const name of COLOURS) {
    probe.style.color = `var(--${name})`;
    read[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return read;
}

/** The colour that stands for a state where there is no room for its shape. */
export const SOLID = {
  none: "sunken", new: "good", old: "old", updating: "warn", surge: "good", pending: "warn", failing: "bad",
  missing: "bad", misscheduled: "odd", down: "idle", born: "accent", gone: "bad",
};

const SHAPED = 5;

/** Draw the mark of a state. `ink` is a palette. */
export function drawMark(ctx, state, x, y, w, h, ink) {
  if (Math.min(w, h) < SHAPED) drawSpeck(ctx, state, x, y, w, h, ink);
  else MARKS[state](ctx, x, y, w, h, ink, Math.min(2, Math.max(1, Math.min(w, h) / 7)));
}

/** Where a mark has four pixels: what is there is full, what should be there and is not has a hole. */
function drawSpeck(ctx, state, x, y, w, h, ink) {
  ctx.fillStyle = ink[SOLID[state]];
  ctx.fillRect(x, y, w, h);
  if (state === "missing" || state === "gone") hole(ctx, x, y, w, h, ink.ground);
  if (state === "surge") half(ctx, x, y, w, h, ink.old);
}

function hole(ctx, x, y, w, h, colour) {
  ctx.fillStyle = colour;
  ctx.fillRect(x + 1, y + 1, Math.max(1, w - 2), Math.max(1, h - 2));
}

function half(ctx, x, y, w, h, colour) {
  ctx.fillStyle = colour;
  ctx.fillRect(x, y, Math.ceil(w / 2), h);
}

function box(ctx, x, y, w, h, colour) {
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, Math.min(3, Math.min(w, h) / 5));
  ctx.fill();
}

function ring(ctx, x, y, w, h, colour, thick) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = thick;
  ctx.beginPath();
  ctx.roundRect(x + thick / 2, y + thick / 2, w - thick, h - thick, Math.min(3, Math.min(w, h) / 5));
  ctx.stroke();
}

function dot(ctx, x, y, w, h, colour, radius) {
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.arc(x + w / 2, y + h / 2, radius, 0, 2 * Math.PI);
  ctx.fill();
}

function corner(ctx, points, colour) {
  ctx.fillStyle = colour;
  ctx.beginPath();
  points.forEach(([px, py], i) => (i ? ctx.lineTo(px, py) : ctx.moveTo(px, py)));
  ctx.fill();
}

function bar(ctx, x, y, w, h, colour, along, across) {
  ctx.fillStyle = colour;
  ctx.fillRect(x + (w - along) / 2, y + (h - across) / 2, along, across);
}

function stripes(ctx, x, y, w, h, colour) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, w, h);
  ctx.clip();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let at = -h; at < w; at += 4) {
    ctx.moveTo(x + at, y + h);
    ctx.lineTo(x + at + h, y);
  }
  ctx.stroke();
  ctx.restore();
}

const MARKS = {
  none(ctx, x, y, w, h, ink) {
    box(ctx, x, y, w, h, ink.sunken);
    if (Math.min(w, h) >= 9) dot(ctx, x, y, w, h, ink.idle, 1);
  },
  new: (ctx, x, y, w, h, ink) => box(ctx, x, y, w, h, ink.good),
  old(ctx, x, y, w, h, ink) {
    box(ctx, x, y, w, h, ink.old);
    const cut = Math.min(w, h) * 0.45;
    corner(ctx, [[x + w - cut, y - 1], [x + w + 1, y - 1], [x + w + 1, y + cut]], ink.ground);
  },
  updating(ctx, x, y, w, h, ink, thick) {
    ring(ctx, x, y, w, h, ink.warn, thick);
    dot(ctx, x, y, w, h, ink.warn, Math.min(w, h) * 0.2);
  },
  surge(ctx, x, y, w, h, ink) {
    box(ctx, x, y, w, h, ink.good);
    half(ctx, x, y, w - 1, h, ink.old);
  },
  pending(ctx, x, y, w, h, ink, thick) {
    ring(ctx, x, y, w, h, ink.warn, thick);
    bar(ctx, x, y, w, h, ink.warn, w / 2, thick);
  },
  failing(ctx, x, y, w, h, ink) {
    box(ctx, x, y, w, h, ink.bad);
    const [thick, high] = [Math.max(1, w * 0.12), h * 0.36];
    ctx.fillStyle = ink["bad-ink"];
    ctx.fillRect(x + (w - thick) / 2, y + h * 0.2, thick, high);
    ctx.fillRect(x + (w - thick) / 2, y + h * 0.68, thick, thick);
  },
  missing(ctx, x, y, w, h, ink, thick) {
    ctx.setLineDash([w / 5, w / 7]);
    ring(ctx, x, y, w, h, ink.bad, thick);
    ctx.setLineDash([]);
  },
  misscheduled: (ctx, x, y, w, h, ink) => corner(ctx, [[x, y + h], [x + w, y + h], [x + w, y]], ink.odd),
  down(ctx, x, y, w, h, ink) {
    stripes(ctx, x, y, w, h, ink.idle);
    ring(ctx, x, y, w, h, ink.idle, 1);
  },
  born(ctx, x, y, w, h, ink, thick) {
    box(ctx, x, y, w, h, ink.accent);
    bar(ctx, x, y, w, h, ink["accent-ink"], w / 2, thick);
    bar(ctx, x, y, w, h, ink["accent-ink"], thick, h / 2);
  },
  gone(ctx, x, y, w, h, ink, thick) {
    ring(ctx, x, y, w, h, ink.bad, thick);
    bar(ctx, x, y, w, h, ink.bad, w / 2, thick);
  },
};

/** A machine that says nothing, where no state of a pod says so. */
export function drawSilent(ctx, x, y, w, h, ink) {
  if (Math.min(w, h) < SHAPED) return;
  box(ctx, x, y, w, h, ink.sunken);
  stripes(ctx, x, y, w, h, ink["line-strong"]);
}

/** Every word that an overlay may give a cell. */
export const OVERLAID = new Set([...STATES, "born", "gone"]);
