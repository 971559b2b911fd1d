/**
 * The map's state and how it moves: a snapshot opens it, numbered deltas carry it forward.
 * Nothing here touches the page, so that the fixtures of the server's own fold can judge it.
 *
 * A node has a slot, a small number that stays its own while it is there; a set has a byte a slot. So
 * 100,000 cells are 100 kB, and a delta touches nothing but what it tells of.
 *
 * @typedef {{name: string, labels: Record<string, string>, ready: string, unschedulable: boolean,
 *   down: boolean, taints: string[]}} NodeRow
 * @typedef {{id: string, namespace: string, name: string, revision: number, strategy: string,
 *   paused: boolean, deleting: boolean, counts: Record<string, number>}} SetRow
 * @typedef {{id: string, kind: string, namespace: string, name: string, unplaced: number}} WorkloadRow
 * @typedef {{n: number, cluster: object, rows: (NodeRow | null)[], slots: Map<string, number>,
 *   free: number[], sets: Map<string, SetRow>, cells: Map<string, Uint8Array>,
 *   workloads: Map<string, WorkloadRow>, loads: Map<string, Map<number, [number, number]>>}} State
 *   `rows` by slot; a cell is the place of its state in STATES; a load is [worst state, number of pods]
 * @typedef {{nodes: Set<number>, layout: boolean, labels: boolean}} Touched  `nodes` are slots;
 *   `layout`: nodes or sets come or go; `labels`: those of a node are others than before
 */

/** The states of a cell. The first is what a cell is in when nobody says otherwise: no pod, and none wanted. */
export const STATES = [
  "none", "new", "old", "updating", "surge", "pending", "failing", "missing", "misscheduled", "down",
];
export const NONE = 0;
const CODES = new Map(STATES.map((state, code) => [state, code]));

/** @param {string} state @returns {number} its place in STATES */
export const codeOf = (state) => CODES.get(state);

const LETTER_A = 97;
const [OWN_NAME, FIRST] = [1, 2];

function open(snapshot) {
  const rows = nodeRows(snapshot.nodes);
  const codes = snapshot.states.map((state) => CODES.get(state));
  const read = (letters, at) => codes[letters.charCodeAt(at) - LETTER_A];
  const room = roomFor(rows.length);
  const cells = new Map();
  for (const set of snapshot.sets) {
    const row = new Uint8Array(room);
    const letters = snapshot.cells[set.id];
    for (let at = 0; at < rows.length; at += 1) row[at] = read(letters, at);
    cells.set(set.id, row);
  }
  const loads = new Map();
  for (const { id } of snapshot.workloads) {
    const { at, states, pods } = snapshot.loads[id];
    loads.set(id, new Map(at.map((slot, i) => [slot, [read(states, i), pods[i]]])));
  }
  return {
    n: snapshot.n,
    cluster: snapshot.cluster,
    rows,
    slots: new Map(rows.map((node, slot) => [node.name, slot])),
    free: [],
    sets: new Map(snapshot.sets.map((set) => [set.id, set])),
    cells,
    workloads: new Map(snapshot.workloads.map((row) => [row.id, row])),
    loads,
  };
}

function nodeRows({ names, labels, ready, taints, unschedulable, down }) {
  const value = ({ values, at }, i) => (at[i] === OWN_NAME ? names[i] : values[at[i] - FIRST]);
  const rows = names.map((name, i) => ({
    name, labels: {}, ready: value(ready, i), unschedulable: false, down: false, taints: value(taints, i),
  }));
  for (const [key, column] of Object.entries(labels)) {
    column.at.forEach((which, i) => { if (which) rows[i].labels[key] = value(column, i); });
  }
  for (const i of unschedulable) rows[i].unschedulable = true;
  for (const i of down) rows[i].down = true;
  return rows;
}

const roomFor = (count) => Math.max(64, Math.ceil(count * 1.25));

/**
 * Carry what a client knows forward by one frame. A state is changed in place.
 * @param {State | null} state null: nothing is known yet
 * @param {object} frame
 * @returns {{state: State | null, touched: Touched} | null} null: a frame is missing in between
 */
export function fold(state, frame) {
  const nothing = { nodes: new Set(), layout: false, labels: false };
  if (frame.t === "snapshot") return { state: open(frame), touched: { ...nothing, layout: true, labels: true } };
  if (frame.t === "delta") return move(state, frame);
  if (frame.t === "clock" && state) {
    const row = Object.keys(state.cluster).map((key) => [key, frame[key]]);
    state.cluster = Object.fromEntries(row);
  }
  return { state, touched: nothing };
}

function move(state, delta) {
  if (delta.from !== state?.n) return null;
  const touched = { nodes: new Set(), layout: false, labels: false };
  forget(state, delta, touched);
  for (const node of delta.nodes) place(state, node, touched);
  for (const set of delta.sets) {
    touched.layout ||= !state.sets.has(set.id);
    state.sets.set(set.id, set);
    if (!state.cells.has(set.id)) state.cells.set(set.id, new Uint8Array(roomFor(state.rows.length)));
  }
  for (const row of delta.workloads) {
    state.workloads.set(row.id, row);
    if (!state.loads.has(row.id)) state.loads.set(row.id, new Map());
  }
  paint(state, delta.cells, touched.nodes);
  load(state, delta.loads, touched.nodes);
  state.n = delta.n;
  return { state, touched };
}

/** Put a node where it stood, or into a slot that is free. */
function place(state, node, touched) {
  let slot = state.slots.get(node.name);
  if (slot === undefined) {
    slot = state.free.pop() ?? state.rows.length;
    state.slots.set(node.name, slot);
    touched.layout = true;
    touched.labels = true;
    if (slot === state.rows.length) grow(state, slot + 1);
  } else {
    touched.labels ||= !sameLabels(state.rows[slot], node);
  }
  state.rows[slot] = node;
  touched.nodes.add(slot);
}

function grow(state, count) {
  for (const [id, row] of state.cells) {
    if (row.length >= count) continue;
    const wider = new Uint8Array(roomFor(count));
    wider.set(row);
    state.cells.set(id, wider);
  }
}

/** The state of one pair as a code; of another workload the worst state of its pods there. */
export function stateOf(state, set, slot) {
  return state.cells.get(set)?.[slot] ?? state.loads.get(set)?.get(slot)?.[0] ?? NONE;
}

/** How many pods of a workload stand on a node. */
export function podsOn(state, workload, slot) {
  return state.loads.get(workload)?.get(slot)?.[1] ?? 0;
}

/** The state with a row for each node and an entry for each cell: what the fold's fixtures compare. */
export function close(state) {
  const inOrder = (fields) => (a, b) => {
    const field = fields.find((one) => a[one] !== b[one]);
    return field ? (a[field] < b[field] ? -1 : 1) : 0;
  };
  const named = [...state.slots];
  const told = (row) => Object.fromEntries(
    named.filter(([, slot]) => row[slot] !== NONE).map(([name, slot]) => [name, STATES[row[slot]]]),
  );
  const loaded = (row) => Object.fromEntries(
    [...row].map(([slot, [code, pods]]) => [state.rows[slot].name, [STATES[code], pods]]),
  );
  const plain = (table, words) => Object.fromEntries([...table].map(([id, row]) => [id, words(row)]));
  return {
    t: "snapshot",
    n: state.n,
    cluster: state.cluster,
    nodes: state.rows.filter(Boolean).sort(inOrder(["name"])),
    sets: [...state.sets.values()].sort(inOrder(["namespace", "name", "id"])),
    cells: plain(state.cells, told),
    workloads: [...state.workloads.values()].sort(inOrder(["kind", "namespace", "name", "id"])),
    loads: plain(state.loads, loaded),
  };
}

function forget(state, delta, touched) {
  for (const name of delta.gone_nodes) {
    const slot = state.slots.get(name);
    touched.layout = true;
    touched.labels = true;
    if (slot === undefined) continue;
    state.slots.delete(name);
    state.rows[slot] = null;
    state.free.push(slot);
    for (const row of state.cells.values()) row[slot] = NONE;
    for (const row of state.loads.values()) row.delete(slot);
  }
  for (const id of delta.gone_sets) {
    state.sets.delete(id);
    state.cells.delete(id);
    touched.layout = true;
  }
  for (const id of delta.gone_workloads) {
    for (const slot of state.loads.get(id)?.keys() ?? []) touched.nodes.add(slot);
    state.workloads.delete(id);
    state.loads.delete(id);
  }
}

function load(state, loads, touched) {
  for (const [id, row] of Object.entries(loads)) {
    const known = state.loads.get(id) ?? new Map();
    state.loads.set(id, known);
    for (const [node, [word, pods]] of Object.entries(row)) {
      const slot = state.slots.get(node);
      if (slot === undefined) continue;
      if (pods) known.set(slot, [CODES.get(word), pods]);
      else known.delete(slot);
      touched.add(slot);
    }
  }
}

function paint(state, cells, touched) {
  for (const [set, row] of Object.entries(cells)) {
    const known = state.cells.get(set);
    for (const [node, word] of Object.entries(row)) {
      const slot = state.slots.get(node);
      if (!known || slot === undefined) continue;
      known[slot] = CODES.get(word);
      touched.add(slot);
    }
  }
}

function sameLabels(before, after) {
  const keys = Object.keys(after.labels);
  return keys.length === Object.keys(before.labels).length
    && keys.every((key) => before.labels[key] === after.labels[key]);
}
