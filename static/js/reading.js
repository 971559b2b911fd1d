/**
 * What the map says of its nodes: their state, marks and words in the view that was chosen, who passes the
 * filter, what they are grouped under. Nothing here knows where anything is drawn.
 *
 * @typedef {import("./painter.js").Look} Look
 * @typedef {import("./painter.js").Said & {label: string}} Said  `label` is what is read aloud
 */

import { NONE, STATES, codeOf, podsOn, stateOf } from "./fold.js";
import { MACHINE_LABELS, ownTaint } from "./arrange.js";
import { filterOf } from "./filter.js";
import { OVERLAID } from "./marks.js";
import { inGroups } from "./numbers.js";

/** What nodes may be grouped by besides labels. Label keys do not begin like that. */
export const GROUPS = [":taint", ":state", ":revision"];
const WORST_FIRST = ["down", "failing", "missing", "misscheduled", "pending", "updating", "surge", "old", "new", "none"];
const RANKS = Uint8Array.from(STATES, (state) => WORST_FIRST.indexOf(state));
const DOWN = codeOf("down");
const MANY = 8;
const placed = (title) => ({ title, rank: title });

/** Whether nodes move between the groups of a key by what their pods do. */
export const isMoving = (key) => key === ":state" || key === ":revision";

export class Reading {
  /** @param {import("./map.js").Choice} choice @param {object} all the words @param {string} language */
  constructor(choice, all, language) {
    Object.assign(this, { choice, all, plural: new Intl.PluralRules(language), overlaid: null });
    Object.assign(this, { state: null, sets: [], lines: [], rows: [], filterText: null, passing: new Uint8Array(0) });
    this.codes = new Uint8Array(0);
  }

  /** Read another state. @param {import("./fold.js").State} state */
  show(state) {
    this.state = state;
    this.filterText = null;
  }

  /** Take note of what is different. @param {Iterable<number>} changed slots @param {boolean} all of them */
  turn(changed, all) {
    this.sets = [...this.state.sets.values()].sort(inOrder);
    this.lines = [...this.sets, ...this.state.workloads.values()];
    this.rows = this.choice.view === "all" ? this.sets.map((set) => set.name) : [];
    this.screen(changed);
    const { rows } = this.state;
    if (all || this.codes.length < rows.length) this.judgeAll(rows);
    else for (const slot of changed) if (rows[slot]) this.codes[slot] = this.judge(slot);
  }

  /** Say what would be. @param {Record<string, string> | null} cells */
  overlay(cells) {
    this.overlaid = cells && new Map(Object.entries(cells).filter(([, state]) => OVERLAID.has(state)));
  }

  /** What is wrong with the filter. @returns {import("./filter.js").Fault | null} */
  get fault() {
    return this.filter.fault;
  }

  /** The words for states in the present view. */
  get words() {
    const loads = this.choice.view === "one" && this.state.workloads.has(this.choice.set);
    return loads ? this.all.loads : this.all.states;
  }

  /** How many cells are in each state, by code, and how many of some nodes pass the filter. */
  counts(slots) {
    const counts = new Uint32Array(STATES.length);
    const cells = this.choice.view === "all" ? this.sets.map((set) => this.state.cells.get(set.id)) : null;
    let shown = 0;
    for (const slot of slots) {
      if (!this.passing[slot]) continue;
      shown += 1;
      if (cells) for (const row of cells) counts[row[slot]] += 1;
      else counts[this.seen(slot)] += 1;
    }
    return { counts, shown };
  }

  /** Who passes the filter: all are asked after the filter is another, else those that changed. */
  screen(changed) {
    const { rows } = this.state;
    if (this.filterText !== this.choice.filter || this.passing.length < rows.length) {
      this.filterText = this.choice.filter;
      this.filter = filterOf(this.filterText);
      this.passing = new Uint8Array(Math.ceil(rows.length * 1.25));
      rows.forEach((node, slot) => { this.passing[slot] = node && this.filter.test(node) ? 1 : 0; });
      return;
    }
    for (const slot of changed) this.passing[slot] = rows[slot] && this.filter.test(rows[slot]) ? 1 : 0;
  }

  /** What a node is grouped under on each level. @returns {import("./arrange.js").Place[]} */
  places(slot) {
    return this.choice.groups.map((key) => this.place(key, slot));
  }

  place(key, slot) {
    const node = this.state.rows[slot];
    if (key === ":taint") return placed(node.taints.filter(ownTaint).join(", ") || null);
    if (key === ":state") {
      const code = this.seen(slot);
      return { title: this.all.states[STATES[code]], rank: 10 + RANKS[code] };
    }
    if (key === ":revision") return this.revision(slot);
    return placed(node.labels[key] ?? null);
  }

  revision(slot) {
    const state = STATES[stateOf(this.state, this.choice.set, slot)];
    const { current, older, between, nobody } = this.all.revisions;
    if (state === "old") return { title: older, rank: 1 };
    if (state === "new") {
      const { revision } = this.state.sets.get(this.choice.set) ?? {};
      return { title: current.replace("{n}", String(revision ?? "")), rank: 0 };
    }
    return state === "none" || state === "missing" ? { title: nobody, rank: 3 } : { title: between, rank: 2 };
  }

  /** What a node looks like in the present view. @returns {Look} */
  look(slot) {
    const node = this.state.rows[slot];
    const { view, set } = this.choice;
    const would = this.overlaid?.get(node.name);
    const state = STATES[this.codes[slot]];
    return {
      state: would ?? state,
      pods: view === "one" ? podsOn(this.state, set, slot) : 0,
      cordoned: node.unschedulable,
      silent: node.ready !== "True" || node.down,
      off: !this.passing[slot] || (view !== "all" && this.hides(state)),
      ahead: this.overlaid ? would !== undefined : undefined,
    };
  }

  /** What is said of a node. @param {boolean} full whether that is all that a tile says @returns {Said} */
  say(slot, full = true) {
    const node = this.state.rows[slot];
    const { view, set } = this.choice;
    const words = view === "all" ? this.told(slot)
      : this.stateWords(STATES[this.codes[slot]], view === "one" ? podsOn(this.state, set, slot) : 0);
    const note = full ? noteOf(node, this.choice.groups, this.all.cordoned) : "";
    const about = `${[node.name, note].filter(Boolean).join(" ")}: ${words}`;
    const would = this.overlaid?.get(node.name);
    const then = would && this.all.would.replace("{state}", this.all.states[would] ?? this.all[would]);
    return { name: node.name, words, note, label: then ? `${about}; ${then}` : about };
  }

  /** The cells of the matrix: of each row the codes by slot; which states step back; who passes. */
  get matrix() {
    return {
      rows: this.sets.map((set) => this.state.cells.get(set.id)),
      hidden: STATES.map((state) => this.hides(state)),
      passing: this.passing,
    };
  }

  /** What is said of a cell of the matrix. */
  cellLabel(row, slot) {
    return `${this.state.rows[slot].name}: ${this.sets[row].name} ${this.all.states[STATES[stateOf(this.state, this.sets[row].id, slot)]]}`;
  }

  /** A state in words; of a workload that is no DaemonSet with how many pods of it there are. */
  stateWords(state, pods) {
    if (this.choice.view !== "one" || !this.state.workloads.has(this.choice.set)) return this.all.states[state];
    const form = this.plural.select(pods) === "one" ? this.all.pod : this.all.pods;
    return [...(pods ? [form.replace("{n}", inGroups(pods))] : []), this.all.loads[state]].join(", ");
  }

  /** The one state that a node stands for, as a code: of the set that is looked at, or the worst of all. */
  seen(slot) {
    return this.codes[slot];
  }

  judge(slot) {
    const node = this.state.rows[slot];
    const { set, view } = this.choice;
    if (view === "one") {
      const code = stateOf(this.state, set, slot);
      return node.down && code !== NONE && this.state.workloads.has(set) ? DOWN : code;
    }
    if (node.down || node.ready !== "True") return DOWN;
    let worst = NONE;
    for (const one of this.lines) {
      const code = stateOf(this.state, one.id, slot);
      if (RANKS[code] < RANKS[worst]) worst = code;
    }
    return worst;
  }

  judgeAll(rows) {
    if (this.codes.length < rows.length) this.codes = new Uint8Array(Math.ceil(rows.length * 1.25));
    rows.forEach((node, slot) => { if (node) this.codes[slot] = this.judge(slot); });
  }

  /** Every set's state on a node in words; of many sets only those that are not settled. */
  told(slot) {
    const states = this.sets.map((set) => [set.name, STATES[stateOf(this.state, set.id, slot)]]);
    const odd = states.filter(([, state]) => this.sets.length <= MANY || !["new", "none"].includes(state));
    return odd.map(([set, state]) => `${set} ${this.all.states[state]}`).join(", ") || this.all.states.new;
  }

  hides(state) {
    return this.choice.only.size > 0 && !this.choice.only.has(state);
  }
}

function inOrder(a, b) {
  const [one, other] = [`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`];
  return one < other ? -1 : Number(one > other);
}

/** What sets a node apart from the others of its group: on a tile there is room for it. */
function noteOf(node, groups, cordoned) {
  const labels = Object.entries(node.labels)
    .filter(([key]) => !MACHINE_LABELS.has(key) && !groups.includes(key))
    .map(([key, value]) => `${key.slice(key.lastIndexOf("/") + 1)}=${value}`);
  return [...(node.unschedulable ? [cordoned] : []), ...labels, ...node.taints.filter(ownTaint)].join(" ");
}
