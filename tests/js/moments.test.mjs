import assert from "node:assert/strict";
import { test } from "node:test";

import { edges, nearest, numberAt, timeOf } from "../../static/js/moments.js";

const kept = {
  points: [[10, 1000], [20, 2000], [40, 2000], [50, 6000]],
  marks: [[12, 1200, "edit", "a"], [30, 2000, "moves", "b"], [45, 4000, "moves", "c"]],
};

test("Numbers and times follow each other between the points.", () => {
  assert.deepEqual(edges(kept), [1000, 6000]);
  assert.equal(timeOf(kept, 15), 1500);
  assert.equal(timeOf(kept, 5), 1000);
  assert.equal(timeOf(kept, 99), 6000);
  assert.equal(numberAt(kept, 1500), 15);
  assert.equal(numberAt(kept, 2000), 40);
  assert.equal(numberAt(kept, 4000), 45);
  assert.equal(numberAt(kept, 0), 10);
  assert.equal(numberAt(kept, 9999), 50);
});

test("A press near a mark means the mark, of several the edit.", () => {
  assert.equal(nearest(kept, 1300, 200), 12);
  assert.equal(nearest(kept, 1600, 1000), 12);
  assert.equal(nearest(kept, 2100, 200), 30);
  assert.equal(nearest(kept, 3000, 200), null);
});
