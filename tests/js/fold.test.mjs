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
