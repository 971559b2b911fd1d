/**
 * Where cells go and which ones count: grouping, order, filter and size, all without a page.
 *
 * @typedef {import("./fold.js").NodeRow} NodeRow
 * @typedef {{title: string, nodes: NodeRow[]}} Group
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

/** How bad a state is: the health view shows the worst of a node. */
const WORST_FIRST = ["down", "failing", "missing", "misscheduled", "pending", "updating", "surge", "old", "new", "none"];

/** Node names as people count: node-2 before node-10. */
export function byName(a, b) {
  return natural.compare(a.name ?? a, b.name ?? b);
}

/** What a node is grouped by: the label's value, null if it lacks the label, "" if nothing is grouped. */
export function placeOf(node, key) {
  return key ? node.labels[key] ?? null : "";
}

/**
 * @param {Iterable<NodeRow>} nodes
 * @param {string} key a label key, or "" for one group of all
 * @param {string} without the title of the group whose nodes lack the label, if others have it
 * @returns {Group[]} sorted by title, the nodes in each by name; those without the label come last
 */
export function grouped(nodes, key, without) {
  const groups = new Map();
  for (const node of [...nodes].sort(byName)) {
    const place = placeOf(node, key);
    if (!groups.has(place)) groups.set(place, []);
    groups.get(place).push(node);
  }
  const places = [...groups.keys()].sort((a, b) => (a === null) - (b === null) || natural.compare(a, b));
  const lacking = groups.size > 1 ? without : "";
  return places.map((place) => ({ title: place ?? lacking, nodes: groups.get(place) }));
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
 * @param {string} text words of a filter, separated by spaces or commas: `ssd-node` (part of a name,
 *   or a label key), `disk=ssd`, `disk!=ssd`, `!disk`
 * @returns {(node: NodeRow) => boolean} whether a node passes all of them
 */
export function filterOf(text) {
  const tests = text.split(/[\s,]+/).filter(Boolean).map(testOf);
  return (node) => tests.every((test) => test(node));
}

function testOf(word) {
  const unequal = word.indexOf("!=");
  if (unequal > 0) return (node) => node.labels[word.slice(0, unequal)] !== word.slice(unequal + 2);
  const equal = word.indexOf("=");
  if (equal > 0) return (node) => node.labels[word.slice(0, equal)] === word.slice(equal + 1);
  if (word.startsWith("!") && word.length > 1) return (node) => !(word.slice(1) in node.labels);
  return (node) => node.name.includes(word) || word in node.labels;
}

/**
 * @param {string[]} states of the pairs of one node
 * @param {NodeRow} node
 * @returns {string} the state that the health view shows
 */
export function worst(states, node) {
  if (node.down || node.ready !== "True") return "down";
  return WORST_FIRST.find((state) => states.includes(state)) ?? "none";
}

const TILE = { name: "tile", wide: 168, high: 66, gap: 7 };
const STEPS = [34, 28, 24, 21, 18, 15, 13];
const HEAD = 34;

/**
 * The largest cell with which all groups are seen without scrolling; the smallest if none is.
 * @param {number[]} counts nodes per group
 * @param {number} width @param {number} height of the room there is, in px
 * @param {number} strips per cell (1: a cell is one mark)
 * @returns {{name: string, wide: number, high: number, gap: number}}
 */
export function cellSize(counts, width, height, strips = 1) {
  const least = Math.min(STEPS[0], 6 + 4 * strips);
  const squares = STEPS.filter((side) => strips === 1 || side >= least);
  const sizes = [TILE, ...squares.map((side) => ({ name: String(side), wide: side, high: side, gap: side > 20 ? 4 : 3 }))];
  return sizes.find((size) => heightOf(counts, width, size) <= height) ?? sizes.at(-1);
}

function heightOf(counts, width, { wide, high, gap }) {
  const across = Math.max(1, Math.floor((width + gap) / (wide + gap)));
  return counts.reduce((sum, count) => sum + HEAD + Math.ceil(count / across) * (high + gap), 0);
}
