// Where cells go: grouping, order, filter and size.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  blockOf, groupKeys, grouped, layout, neighbour, placeAt, settled, sharedStart, spot, unitsFor,
} from "../../static/js/arrange.js";

const node = (name, labels = {}) => ({ name, labels });
const at = (slot, ...titles) => ({ slot, places: titles.map((title) => ({ title, rank: title })) });
const shown = (groups) => groups.map((group) => [group.titles.join("/"), ...group.slots]);

test("Groups stand in the order of their ranks, nodes in theirs; those without a title come last.", () => {
  const nodes = [at(10, "b"), at(1, null), at(2, "b"), at(3, "a")];
  assert.deepEqual(shown(grouped(nodes, "without")), [["a", 3], ["b", 10, 2], ["without", 1]]);
});

test("Two levels: the second divides each group of the first.", () => {
  const nodes = [at(1, "b", "x"), at(2, "a", "y"), at(3, "a", "x"), at(4, "b", "x"), at(5, "a", null)];
  const found = [["a/x", 3], ["a/y", 2], ["a/without", 5], ["b/x", 1, 4]];
  assert.deepEqual(shown(grouped(nodes, "without")), found);
});

test("A label that no node has divides nothing: the one group has no title.", () => {
  assert.deepEqual(shown(grouped([at(0, null), at(1, null)], "without")), [["", 0, 1]]);
  assert.deepEqual(shown(grouped([at(0), at(1)], "without")), [["", 0, 1]]);
});

test("Cells keep their places: who is gone leaves a hole, who is new takes it or the end.", () => {
  const groups = (...slots) => [{ titles: ["a"], slots }];
  assert.deepEqual(settled(groups(1, 2, 3), groups(1, 3))[0].slots, [1, -1, 3]);
  assert.deepEqual(settled(groups(1, -1, 3), groups(1, 3, 7, 8))[0].slots, [1, 7, 3, 8]);
  assert.deepEqual(settled(groups(1, 2, 3), groups(1))[0].slots, [1]);
  assert.deepEqual(settled([], groups(2, 1))[0].slots, [2, 1]);
});

test("What all names begin with ends with a dash or a dot, and one name alone has nothing to leave out.", () => {
  assert.equal(sharedStart(["node-10", "node-11"]), "node-");
  assert.equal(sharedStart(["ip-10-0-1-7.internal", "ip-10-0-2-9.internal"]), "ip-10-0-");
  assert.equal(sharedStart(["web", "db"]), "");
  assert.equal(sharedStart(["node-1"]), "");
});

test("A key that says something different of every node is not offered for grouping; the zone comes first.", () => {
  const nodes = ["a", "b", "c", "d"].map((name) =>
    node(name, { host: name, disk: "ssd", "topology.kubernetes.io/zone": name < "c" ? "1" : "2" }));
  assert.deepEqual(groupKeys(nodes), ["topology.kubernetes.io/zone", "disk"]);
});

test("What every machine is alike is not offered for grouping, unless they differ.", () => {
  const os = "kubernetes.io/os";
  const alike = [node("a", { [os]: "linux" }), node("b", { [os]: "linux" })];
  assert.deepEqual(groupKeys(alike), []);
  assert.deepEqual(groupKeys([...alike, node("c", { [os]: "windows" }), node("d", { [os]: "linux" })]), [os]);
});

const groups = (...counts) => counts.map((count, i) => ({ titles: [`g${i}`], slots: Array.from({ length: count }, (_, at_) => at_) }));
const fit = (counts, rows = 0, held = null) => layout(groups(...counts), 820, 600, unitsFor(rows), held);

test("Few nodes are tiles; more are cells with short names, then squares.", () => {
  assert.ok(fit([4, 4, 4]).unit.w >= 168);
  const [dozens, hundreds, thousands] = [fit([17, 17, 16]), fit([104, 104, 104]), fit([1700, 1700, 1600])];
  assert.ok(dozens.unit.w >= 80 && dozens.unit.h >= 24, "room for a mark and a name");
  assert.ok(hundreds.unit.w > thousands.unit.w);
});

test("Five thousand nodes fit the window, in one group, in three, and in fifty.", () => {
  for (const counts of [[5000], [1700, 1700, 1600], Array(50).fill(100)]) assert.ok(fit(counts).height <= 600, String(counts.length));
});

test("A matrix of 5,000 nodes and 20 sets fits the window.", () => {
  assert.ok(fit([1700, 1700, 1600], 20).height <= 600);
});

test("The size of cells stays while they fit, even if larger ones would.", () => {
  const { unit } = fit([104, 104, 104]);
  assert.equal(fit([100, 100, 100], 0, unit).unit.w, unit.w);
  assert.ok(fit([1700, 1700, 1600], 0, unit).unit.w < unit.w);
});

test("No two cells lie on each other, all lie in the window, and each is found where it lies.", () => {
  for (const counts of [[3], [12, 1, 7], Array(30).fill(9)]) {
    const made = fit(counts);
    const total = counts.reduce((a, b) => a + b);
    for (let place = 0; place < total; place += 1) {
      const { x, y } = spot(made, blockOf(made, place), place);
      assert.ok(x >= 0 && x + made.unit.w <= 820 + 0.5);
      assert.equal(placeAt(made, x + 1, y + 1), place);
    }
  }
});

test("Arrows lead to the cells beside, above and below, across groups; the last leads nowhere.", () => {
  const made = fit([5, 5]);
  const { cols } = made.blocks[0];
  const go = (from, key) => neighbour(made, from, key, 10);
  assert.equal(cols, 4);
  assert.deepEqual([go(0, "ArrowRight"), go(0, "ArrowLeft"), go(0, "ArrowDown"), go(4, "ArrowDown")], [1, -1, 4, 5]);
  assert.deepEqual([go(5, "ArrowUp"), go(9, "ArrowRight"), go(9, "Home"), go(0, "End"), go(9, "ArrowDown")], [4, -1, 0, 9, -1]);
});
