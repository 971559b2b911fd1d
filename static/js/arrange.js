/**
 * Who stands where on the map: groups of nodes, their order, and the largest cell with which all of them
 * fit, all without a page.
 *
 * @typedef {import("./fold.js").NodeRow} NodeRow
 * @typedef {{title: string | null, rank: string | number}} Place  what one node is grouped under
 * @typedef {{titles: string[], slots: number[]}} Group  of one or two levels; a slot of -1 is a hole
 * @typedef {{w: number, h: number, gx: number, gy: number, row: number, head: number, stretch: boolean}} Unit
 *   what a node takes, in px: width, height and gaps; of a matrix the height of a `row` and of its `head`
 * @typedef {{path: string, titles: string[], top: number, x: number, y: number, cols: number, start: number,
 *   count: number}} Block  a group on the map: `path` is what it is called, `titles` what is
 *   written above it from `top` on; `start` is its first place
 * @typedef {{unit: Unit, gutter: number, blocks: Block[], width: number, height: number}} Layout
 */

const ZONE = "topology.kubernetes.io/zone";

/** Labels that every machine brings along: they say something only where machines differ. */
export const MACHINE_LABELS = new Set([
  "beta.kubernetes.io/arch",
  "beta.kubernetes.io/os",
  "kubernetes.io/arch",
  "kubernetes.io/hostname",
  "kubernetes.io/os",
]);
const natural = new Intl.Collator("en", { numeric: true });

/** Node names as people count: node-2 before node-10. */
export function byName(a, b) {
  return natural.compare(a, b);
}

/** Taints that somebody set, rather than the machine's condition. */
export function ownTaint(taint) {
  return !taint.startsWith("node.kubernetes.io/");
}

/**
 * @param {{slot: number, places: Place[]}[]} nodes in their order, each with its place on every level
 * @param {string} without the title of a group whose nodes lack what others have
 * @returns {Group[]} sorted by rank, the nodes in each in their order; those without a title come last
 */
export function grouped(nodes, without) {
  const groups = new Map();
  for (const node of nodes) {
    const path = node.places.length ? node.places.map(({ title }) => title ?? "\n").join("\t") : "";
    if (!groups.has(path)) groups.set(path, { places: node.places, nodes: [] });
    groups.get(path).nodes.push(node);
  }
  const found = [...groups.values()].sort((a, b) => {
    const levels = a.places.map((place, level) => inOrder(place, b.places[level]));
    return levels.find((order) => order !== 0) ?? 0;
  });
  return found.map((group) => ({
    titles: found.length > 1 || group.places.every((place) => place.title !== null)
      ? group.places.map((place) => place.title ?? without) : [],
    slots: group.nodes.map((node) => node.slot),
  }));
}

function inOrder(a, b) {
  return (a.title === null) - (b.title === null) || natural.compare(a.rank, b.rank);
}

/**
 * Let everybody stay where they were: who is gone leaves a hole, who is new takes a hole or the end.
 * @param {Group[]} before @param {Group[]} now @returns {Group[]} the groups of now
 */
export function settled(before, now) {
  const known = new Map(before.map((group) => [group.titles.join("\n"), group.slots]));
  return now.map((group) => {
    const fresh = new Set(group.slots);
    const slots = (known.get(group.titles.join("\n")) ?? []).map((slot) => (fresh.delete(slot) ? slot : -1));
    for (const slot of fresh) {
      const hole = slots.indexOf(-1);
      slots[hole < 0 ? slots.length : hole] = slot;
    }
    while (slots.at(-1) === -1) slots.pop();
    return { ...group, slots };
  });
}

/**
 * The label keys worth grouping by: those that say the same of at least two nodes, or different
 * things of the few there are. Host names and other keys that differ everywhere are left out, and so
 * are those of machines that are all the same.
 * @param {Iterable<NodeRow>} nodes
 * @returns {string[]}
 */
export function groupKeys(nodes) {
  const values = new Map();
  let count = 0;
  for (const node of nodes) {
    count += 1;
    for (const [key, value] of Object.entries(node.labels)) {
      if (!values.has(key)) values.set(key, new Set());
      values.get(key).add(value);
    }
  }
  const most = Math.max(2, count / 2);
  const divides = ([key, said]) => said.size <= most && !(MACHINE_LABELS.has(key) && said.size === 1);
  const keys = [...values].filter(divides).map(([key]) => key);
  return keys.sort((a, b) => (b === ZONE) - (a === ZONE) || natural.compare(a, b));
}

/**
 * What names that begin alike may leave out: `node-` of node-1 and node-2. It ends with a dash or a dot,
 * so that what is left is a word.
 * @param {string[]} names @returns {string}
 */
export function sharedStart(names) {
  if (names.length < 2) return "";
  let shared = names[0];
  for (const name of names) while (!name.startsWith(shared)) shared = shared.slice(0, -1);
  return shared.slice(0, Math.max(shared.lastIndexOf("-"), shared.lastIndexOf(".")) + 1);
}

// ------------------------------------------------------------------------------------- sizes

const gapOf = (side) => (side >= 20 ? 4 : side >= 13 ? 3 : side >= 8 ? 2 : 1);
const unit = (w, h, gap, more = {}) => ({ w, h, gx: gap, gy: gap, row: 0, head: 0, stretch: false, ...more });

const CELLS = [
  unit(168, 66, 7, { stretch: true }),
  unit(112, 30, 5, { stretch: true }),
  unit(84, 28, 5, { stretch: true }),
  unit(52, 36, 4),
  ...[34, 28, 24, 21, 18, 15, 13, 11, 10, 9, 8, 7, 6, 5, 4].map((side) => unit(side, side, gapOf(side))),
];
// Of a matrix: the width of a node's column, the height of a set's row, that of the node's name above.
const COLUMNS = [
  [72, 24, 18], [52, 22, 18], [34, 20, 0], [26, 16, 0], [20, 13, 0], [14, 11, 0], [10, 9, 0], [8, 7, 0],
  [6, 5, 0], [5, 4, 0], [4, 3, 0], [4, 2, 0], [4, 1, 0], [3, 1, 0],
];
const NAMED_ROW = 11;
const GUTTER = 140;
const [HEAD, APART, SHELF_GAP] = [26, 12, 14];
const [FEW_GROUPS, TITLE_ROOM] = [4, 110];

/** The sizes a node may take, the largest first. @param {number} rows of a matrix; 0: it is one cell */
export function unitsFor(rows) {
  if (!rows) return CELLS;
  return COLUMNS.map(([w, row, head]) => ({
    w, h: head + rows * row, row, head, stretch: false,
    gx: w >= 10 ? 2 : Number(w >= 6), gy: w >= 14 ? 10 : w >= 5 ? 4 : 2,
  }));
}

/**
 * Lay all groups out with the largest unit with which they fit; with the smallest if none fits.
 * @param {Group[]} groups @param {number} width @param {number} height of the room there is, in px
 * @param {Unit[]} units the largest first
 * @param {Unit | null} held one that is kept as long as it fits, so that cells stay where they are
 * @returns {Layout}
 */
export function layout(groups, width, height, units, held = null) {
  for (const one of held ? [held, ...units] : units) {
    const made = flow(groups, width, one);
    if (made.height <= height) return made;
  }
  return flow(groups, width, units.at(-1));
}

function flow(groups, width, asked) {
  const gutter = asked.row >= NAMED_ROW ? GUTTER : 0;
  const room = width - gutter;
  const most = Math.max(1, Math.floor((room + asked.gx) / (asked.w + asked.gx)));
  const one = asked.stretch ? { ...asked, w: (room - (most - 1) * asked.gx) / most } : asked;
  const rows = groups.length <= FEW_GROUPS || gutter > 0;
  const shelf = new Shelf(width, gutter, one, most, rows);
  const blocks = groups.map((group) => shelf.put(group));
  return { unit: one, gutter, blocks, width, height: Math.max(0, shelf.bottom) };
}

/** Puts blocks side by side while there is room, and below each other where there is none. */
class Shelf {
  constructor(width, gutter, one, most, rows) {
    Object.assign(this, { width, gutter, unit: one, most, rows });
    Object.assign(this, { x: gutter, y: 0, bottom: 0, start: 0, outer: null });
  }

  put({ titles, slots }) {
    const { w, h, gx, gy } = this.unit;
    const [outer, inner] = titles.length > 1 ? titles : [null, titles[0]];
    const heads = outer !== null && outer !== this.outer ? [outer] : [];
    if (heads.length) this.wrap(APART);
    this.outer = outer;
    const cols = this.rows ? this.most : this.across(slots.length);
    const wide = cols * (w + gx) - gx;
    if (this.rows || this.x + wide > this.width) this.wrap(APART);
    const top = heads.length ? this.y : null;
    if (heads.length) this.y += HEAD;
    const head = inner === undefined ? 0 : HEAD;
    const block = {
      path: titles.join(", "), titles: [...heads, ...(head ? [inner] : [])], top: top ?? this.y, x: this.x, y: this.y + head, cols,
      start: this.start, count: slots.length,
    };
    this.start += slots.length;
    this.x += Math.max(wide, TITLE_ROOM) + SHELF_GAP;
    this.bottom = Math.max(this.bottom, block.y + Math.ceil(slots.length / cols) * (h + gy) - gy);
    return block;
  }

  wrap(apart) {
    if (this.start > 0 && this.x > this.gutter) this.y = this.bottom + apart;
    this.x = this.gutter;
  }

  /** How many cells wide a block of so many is that stands beside others: about twice as wide as high. */
  across(count) {
    const { w, h, gx, gy } = this.unit;
    const least = Math.ceil(TITLE_ROOM / (w + gx));
    return Math.min(this.most, count, Math.max(least, Math.ceil(Math.sqrt((2 * count * (h + gy)) / (w + gx)))));
  }
}

/** Where the place `at` is, in px of the layout. @returns {{x: number, y: number}} */
export function spot(made, block, at) {
  const { w, h, gx, gy } = made.unit;
  const i = at - block.start;
  return { x: block.x + (i % block.cols) * (w + gx), y: block.y + Math.floor(i / block.cols) * (h + gy) };
}

/** The block of a place. */
export function blockOf(made, at) {
  let [low, high] = [0, made.blocks.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (made.blocks[middle].start <= at) low = middle;
    else high = middle - 1;
  }
  return made.blocks[low];
}

/** The place at a point of the layout, or -1. The gap after a cell counts as its own. */
export function placeAt(made, x, y) {
  const { w, h, gx, gy } = made.unit;
  for (const block of made.blocks) {
    const col = Math.floor((x - block.x) / (w + gx));
    const row = Math.floor((y - block.y) / (h + gy));
    const i = row * block.cols + col;
    if (col >= 0 && col < block.cols && row >= 0 && i < block.count) return block.start + i;
  }
  return -1;
}

/** The place that a key leads to. @returns {number} -1: to none */
export function neighbour(made, at, key, count) {
  const block = blockOf(made, at);
  switch (key) {
    case "ArrowRight": return at + 1 < count ? at + 1 : -1;
    case "ArrowLeft": return at - 1;
    case "Home": return 0;
    case "End": return count - 1;
    case "ArrowDown": return at + block.cols < block.start + block.count ? at + block.cols : beyond(made, block, at, 1);
    case "ArrowUp": return at - block.cols >= block.start ? at - block.cols : beyond(made, block, at, -1);
    default: return -1;
  }
}

/** The nearest place in the block above or below. */
function beyond(made, block, at, way) {
  const next = made.blocks[made.blocks.indexOf(block) + way];
  if (!next) return -1;
  const across = Math.round((spot(made, block, at).x - next.x) / (made.unit.w + made.unit.gx));
  const col = Math.min(Math.max(0, across), next.cols - 1);
  const row = way > 0 ? 0 : Math.ceil(next.count / next.cols) - 1;
  return next.start + Math.min(row * next.cols + col, next.count - 1);
}
