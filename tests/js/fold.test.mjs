// The page's fold is held to the same stories as the server's (tests/live/test_fold.py).

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { close, fold } from "../../static/js/fold.js";

const folder = new URL("../fixtures/fold/", import.meta.url);

for (const file of readdirSync(folder)) {
  const { story, frames, gap, map } = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
  test(story, () => {
    let state = null;
    let missed = false;
    for (const frame of frames) {
      const step = fold(state, frame);
      missed ||= step === null;
      if (step) ({ state } = step);
    }
    assert.equal(missed, gap);
    assert.deepEqual(state && close(state), map);
  });
}

test("What a delta touches: nodes that come or go change the layout, other labels only themselves.", () => {
  const node = (name, labels) => ({ name, labels, ready: "True", unschedulable: false, down: false, taints: [] });
  const [first, none] = [{ values: ["True"], at: [2] }, { values: [[]], at: [2] }];
  const columns = (name) => ({ names: [name], labels: {}, ready: first, taints: none, unschedulable: [], down: [] });
  const delta = (from, nodes, gone = []) => ({
    t: "delta", from, n: from + 1, nodes, gone_nodes: gone, sets: [], gone_sets: [], cells: {}, pods: [],
    workloads: [], gone_workloads: [], loads: {},
  });
  let state = null;
  const frames = [
    { t: "snapshot", n: 1, cluster: {}, nodes: columns("a"), sets: [], states: [], cells: {}, workloads: [], loads: {} },
    delta(1, [node("a", {})]),
    delta(2, [node("a", { disk: "ssd" })]),
    delta(3, [node("b", {})]),
    delta(4, [], ["a"]),
  ];
  const touched = frames.map((frame) => {
    const step = fold(state, frame);
    ({ state } = step);
    return [step.touched.layout, step.touched.labels];
  });
  assert.deepEqual(touched, [[true, true], [false, false], [false, true], [true, true], [true, true]]);
});
