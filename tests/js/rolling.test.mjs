import assert from "node:assert/strict";
import { test } from "node:test";

import { Rollouts, STUCK } from "../../static/js/rolling.js";

const set = (updated, available, more = {}) => ({
  id: "a", name: "agent", revision: 2, paused: false, deleting: false,
  counts: { desired: 3, updated, available }, ...more,
});
const delta = (...sets) => ({ t: "delta", sets, gone_sets: [] });

test("A rollout that was seen moving is told of once, when every node is up to date and available.", () => {
  const rollouts = new Rollouts();
  assert.deepEqual(rollouts.hear({ t: "snapshot", sets: [set(3, 3)] }, 0), []);
  assert.deepEqual(rollouts.hear(delta(set(0, 3)), 1), []);
  assert.deepEqual(rollouts.hear(delta(set(3, 2)), 2), []);
  assert.deepEqual(rollouts.hear(delta(set(3, 3)), 3), [{ code: "done", name: "agent" }]);
  assert.deepEqual(rollouts.hear(delta(set(3, 3)), 4), []);
});

test("One that stands still is told of once, until it moves again; a paused one never.", () => {
  const rollouts = new Rollouts();
  rollouts.hear({ t: "snapshot", sets: [set(1, 2)] }, 0);
  rollouts.hear(delta(set(1, 2)), 50);
  assert.deepEqual(rollouts.look(STUCK - 1), []);
  assert.deepEqual(rollouts.look(STUCK), [{ code: "stuck", name: "agent" }]);
  assert.deepEqual(rollouts.look(2 * STUCK), []);
  rollouts.hear(delta(set(2, 2)), 2 * STUCK);
  assert.deepEqual(rollouts.look(3 * STUCK), [{ code: "stuck", name: "agent" }]);
  rollouts.hear(delta(set(2, 1, { paused: true })), 3 * STUCK);
  assert.deepEqual(rollouts.look(9 * STUCK), []);
});

test("A set that is deleted is neither done nor stuck.", () => {
  const rollouts = new Rollouts();
  rollouts.hear({ t: "snapshot", sets: [set(0, 1)] }, 0);
  assert.deepEqual(rollouts.hear(delta(set(0, 0, { deleting: true })), 1), []);
  rollouts.hear({ t: "delta", sets: [], gone_sets: ["a"] }, 2);
  assert.deepEqual(rollouts.look(9 * STUCK), []);
});
