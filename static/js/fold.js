/**
 * The map's state and how it moves: a snapshot opens it, numbered deltas carry it forward.
 * Nothing here touches the page, so that the fixtures of the server's own fold can judge it.
 *
 * @typedef {{name: string, labels: Record<string, string>, ready: string, unschedulable: boolean,
 *   down: boolean, taints: string[]}} NodeRow
 * @typedef {{id: string, namespace: string, name: string, revision: number, strategy: string,
 *   paused: boolean, deleting: boolean, counts: Record<string, number>}} SetRow
 * @typedef {{id: string, kind: string, namespace: string, name: string, unplaced: number}} WorkloadRow
 * @typedef {Record<string, Record<string, string>>} Cells  set id -> node -> state
 * @typedef {{n: number, cluster: object, nodes: Map<string, NodeRow>, sets: Map<string, SetRow>,
 *   cells: Map<string, Map<string, string>>, workloads: Map<string, WorkloadRow>,
 *   loads: Map<string, Map<string, [string, number]>>}} State  a load: worst state, number of pods
 * @typedef {{nodes: Set<string>, layout: boolean, labels: boolean}} Touched  `layout`: cells or sets come
 *   or go; `labels`: those of a node are others than before
 */

/** What a cell is in when nobody says otherwise: no pod, and none wanted. */
export const NONE = "none";

function open(snapshot) {
  const cells = new Map();
  for (const set of snapshot.sets) cells.set(set.id, new Map());
  const state = {
    n: snapshot.n,
    cluster: snapshot.cluster,
    nodes: new Map(snapshot.nodes.map((node) => [node.name, node])),
    sets: new Map(snapshot.sets.map((set) => [set.id, set])),
    cells,
    workloads: new Map(snapshot.workloads.map((row) => [row.id, row])),
    loads: new Map(snapshot.workloads.map((row) => [row.id, new Map()])),
  };
  paint(state, snapshot.cells);
  load(state, snapshot.loads);
  return state;
}

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
  for (const set of delta.sets) {
    touched.layout ||= !state.sets.has(set.id);
    state.sets.set(set.id, set);
    if (!state.cells.has(set.id)) state.cells.set(set.id, new Map());
  }
  for (const node of delta.nodes) {
    touched.layout ||= !state.nodes.has(node.name);
    touched.labels ||= !sameLabels(state.nodes.get(node.name), node);
    touched.nodes.add(node.name);
    state.nodes.set(node.name, node);
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

/** The state of one pair; of another workload the worst state of its pods there. */
export function stateOf(state, set, node) {
  return state.cells.get(set)?.get(node) ?? state.loads.get(set)?.get(node)?.[0] ?? NONE;
}

/** How many pods of a workload stand on a node. */
export function podsOn(state, workload, node) {
  return state.loads.get(workload)?.get(node)?.[1] ?? 0;
}

/** The state as a snapshot again, its rows in their order: what the fold's fixtures compare. */
export function close(state) {
  const inOrder = (fields) => (a, b) => {
    const field = fields.find((one) => a[one] !== b[one]);
    return field ? (a[field] < b[field] ? -1 : 1) : 0;
  };
  const plain = (table) => Object.fromEntries([...table].map(([id, row]) => [id, Object.fromEntries(row)]));
  return {
    t: "snapshot",
    n: state.n,
    cluster: state.cluster,
    nodes: [...state.nodes.values()].sort(inOrder(["name"])),
    sets: [...state.sets.values()].sort(inOrder(["namespace", "name", "id"])),
    cells: plain(state.cells),
    workloads: [...state.workloads.values()].sort(inOrder(["kind", "namespace", "name", "id"])),
    loads: plain(state.loads),
  };
}

function forget(state, delta, touched) {
  for (const name of delta.gone_nodes) {
    state.nodes.delete(name);
    for (const row of [...state.cells.values(), ...state.loads.values()]) row.delete(name);
    touched.layout = true;
    touched.labels = true;
  }
  for (const id of delta.gone_sets) {
    state.sets.delete(id);
    state.cells.delete(id);
    touched.layout = true;
  }
  for (const id of delta.gone_workloads) {
    for (const node of state.loads.get(id)?.keys() ?? []) touched.nodes.add(node);
    state.workloads.delete(id);
    state.loads.delete(id);
  }
}

function load(state, loads, touched = new Set()) {
  for (const [id, row] of Object.entries(loads)) {
    const known = state.loads.get(id) ?? new Map();
    state.loads.set(id, known);
    for (const [node, now] of Object.entries(row)) {
      if (now[1]) known.set(node, now);
      else known.delete(node);
      touched.add(node);
    }
  }
}

function paint(state, cells, touched = new Set()) {
  for (const [set, row] of Object.entries(cells)) {
    const known = state.cells.get(set) ?? new Map();
    state.cells.set(set, known);
    for (const [node, now] of Object.entries(row)) {
      if (now === NONE) known.delete(node);
      else known.set(node, now);
      touched.add(node);
    }
  }
}

function sameLabels(before, after) {
  if (!before) return false;
  const keys = Object.keys(after.labels);
  return keys.length === Object.keys(before.labels).length
    && keys.every((key) => before.labels[key] === after.labels[key]);
}
