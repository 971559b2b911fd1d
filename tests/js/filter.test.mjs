// The page's filter is held to the same cases as the server's (tests/engine/matching/test_nodefilter.py).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { filterOf } from "../../static/js/filter.js";

const { nodes, passing, faulty } = JSON.parse(readFileSync(new URL("../fixtures/filter.json", import.meta.url), "utf8"));

for (const [text, names] of passing) {
  test(`The filter "${text}" passes ${names.join(", ") || "nothing"}.`, () => {
    const { test: passes, fault } = filterOf(text);
    assert.equal(fault, null);
    assert.deepEqual(nodes.filter(passes).map((one) => one.name), names);
  });
}

for (const [text, code, at, word] of faulty) {
  test(`The filter "${text}" is refused: ${code} at ${at}. Until it is mended all nodes pass.`, () => {
    const { test: passes, fault } = filterOf(text);
    assert.deepEqual(fault, { code, at, word });
    assert.equal(nodes.filter(passes).length, nodes.length);
  });
}
