// Where cells go: grouping, order, filter and size.

import assert from "node:assert/strict";
import { test } from "node:test";

import { cellSize, filterOf, grouped, groupKeys, worst } from "../../static/js/arrange.js";

const node = (name, labels = {}, more = {}) => ({ name, labels, ready: "True", down: false, ...more });
const names = (groups) => groups.map((group) => [group.title, ...group.nodes.map((one) => one.name)]);

test("Groups stand in the order of their titles, nodes as people count; those without the label come last.", () => {
  const nodes = [node("node-10", { zone: "b" }), node("lonely"), node("node-2", { zone: "b" }), node("x", { zone: "a" })];
  assert.deepEqual(names(grouped(nodes, "zone", "without")), [["a", "x"], ["b", "node-2", "node-10"], ["without", "lonely"]]);
});

test("A label that no node has divides nothing: the one group has no title.", () => {
  assert.deepEqual(names(grouped([node("b"), node("a")], "zone", "without")), [["", "a", "b"]]);
});

test("Without a key there is one group, and it has no title.", () => {
  assert.deepEqual(names(grouped([node("b"), node("a")], "", "without")), [["", "a", "b"]]);
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

for (const [text, passing] of [
  ["", ["gpu-1", "web-1", "web-2"]],
  ["web", ["web-1", "web-2"]],
  ["disk=ssd", ["web-1"]],
  ["disk!=ssd", ["gpu-1", "web-2"]],
  ["!disk", ["gpu-1"]],
  ["disk", ["web-1", "web-2"]],
  ["web, disk=hdd", ["web-2"]],
  ["zone=", []],
]) {
  test(`The filter "${text}" passes ${passing.join(", ") || "nothing"}.`, () => {
    const nodes = [node("gpu-1"), node("web-1", { disk: "ssd" }), node("web-2", { disk: "hdd" })];
    assert.deepEqual(nodes.filter(filterOf(text)).map((one) => one.name), passing);
  });
}

test("The health of a node is the worst state of its sets, and a silent machine is worse than all.", () => {
  assert.equal(worst(["new", "updating", "none"], node("a")), "updating");
  assert.equal(worst(["new", "missing", "failing"], node("a")), "failing");
  assert.equal(worst([], node("a")), "none");
  assert.equal(worst(["new"], node("a", {}, { ready: "Unknown" })), "down");
  assert.equal(worst(["new"], node("a", {}, { down: true })), "down");
});

test("Few nodes are tiles, many are small squares, and too many stay readable and scroll.", () => {
  assert.equal(cellSize([4, 4, 4], 800, 600).name, "tile");
  const [hundreds, thousands] = [cellSize([104, 104, 104], 800, 600), cellSize([1700, 1700, 1600], 800, 600)];
  assert.ok(hundreds.wide > thousands.wide);
  assert.equal(thousands.wide, 13);
});

test("A cell of many strips is large enough for each.", () => {
  assert.ok(cellSize([1700, 1700, 1600], 800, 600, 6).wide >= 28);
});
