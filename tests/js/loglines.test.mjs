import assert from "node:assert/strict";
import { test } from "node:test";

import { compile, merge, MOST } from "../../static/js/loglines.js";

const line = (at, n = 0) => ({ at, n, text: `${n}@${at}` });

test("Lines of several pods stand in the order of their times, ties in the order they came.", () => {
  const first = merge([], [line(1), line(4)]);
  const both = merge(first, [line(2, 1), line(4, 1), line(5, 1)]);
  assert.deepEqual(both.map((one) => one.text), ["0@1", "1@2", "0@4", "1@4", "1@5"]);
  assert.equal(merge(both, []), both);
});

test("The oldest lines go once there are too many.", () => {
  const many = Array.from({ length: MOST }, (_, at) => line(at));
  const kept = merge(many, [line(MOST)]);
  assert.equal(kept.length, MOST);
  assert.equal(kept[0].at, 1);
});

test("Text is searched as it is written, whatever its case; between slashes it is a pattern.", () => {
  const [text] = compile("a.b(");
  assert.ok(text.test("x A.B( y") && !text.test("aXb("));
  const [pattern] = compile("/^b+$/");
  assert.ok(pattern.test("bbb") && !pattern.test("BBB"));
  assert.ok(compile("/b/i")[0].test("B"));
  assert.deepEqual(compile(""), [null, ""]);
  const [none, fault] = compile("/(/");
  assert.equal(none, null);
  assert.match(fault, /Unterminated group/);
});
