// Where in a half-typed YAML text a place is, and what may be written there.

import assert from "node:assert/strict";
import { test } from "node:test";

import { completions, meaning, typeAt, typeName } from "../../static/js/yamlfields.js";
import { header, path, siblings } from "../../static/js/yamlpath.js";

/** A text with a bar where the cursor is: its lines, the line and the column. */
function cursor(text) {
  const at = text.slice(0, text.indexOf("|")).split("\n").length - 1;
  const lines = text.replace("|", "").split("\n");
  const column = text.split("\n")[at].indexOf("|");
  return [lines, at, column];
}
const pathAt = (text) => path(...cursor(text));

test("A key is below the keys that are indented less.", () => {
  assert.deepEqual(pathAt("a: 1\n|"), []);
  assert.deepEqual(pathAt("spec:\n  |"), ["spec"]);
  assert.deepEqual(pathAt("spec:\n  template:\n    x: 1\n\n    # so\n    |"), ["spec", "template"]);
  assert.deepEqual(pathAt("metadata:\n  name: a\nspec:\n  |"), ["spec"]);
  assert.deepEqual(pathAt("a:\n  b:\n    c: 1\n  |"), ["a"]);
});

test("Items of lists count, indented below their key or not, at the dash and behind it.", () => {
  assert.deepEqual(pathAt("a:\n- |"), ["a", "[]"]);
  assert.deepEqual(pathAt("a:\n  - |"), ["a", "[]"]);
  assert.deepEqual(pathAt("a:\n- x: 1\n  |"), ["a", "[]"]);
  assert.deepEqual(pathAt("a:\n- x: 1\n- y: 1\n  |"), ["a", "[]"]);
  assert.deepEqual(pathAt("a:\n  - x: 1\n    y:\n      z: 1\n    |"), ["a", "[]"]);
  assert.deepEqual(pathAt("a:\n  - x:\n    - y: 1\n      |"), ["a", "[]", "x", "[]"]);
  assert.deepEqual(pathAt("a:\n- x: 1\n|"), []);
  assert.deepEqual(pathAt("a:\n  b:\n  - x: 1\n  |"), ["a"]);
  assert.deepEqual(pathAt("a:\n  - - |"), ["a", "[]", "[]"]);
  assert.deepEqual(pathAt("a:\n  -\n    x: 1\n    |"), ["a", "[]"]);
});

test("Inside of a text, or where the indentation fits nothing, there is no path.", () => {
  assert.equal(pathAt("a: |-\n  b|".replace("|-", ">-")), null);
  assert.equal(pathAt("a: 1\n  |"), null);
  assert.equal(pathAt("  |"), null);
});

test("A document ends where the next begins.", () => {
  const [lines] = cursor("kind: A\n---\napiVersion: v1\nkind: B\nx:\n  |");
  assert.deepEqual(pathAt("x:\n---\n  |"), null);
  assert.deepEqual(pathAt("x:\n  y: 1\n---\n|"), []);
  assert.deepEqual(header(lines, [2, 6]), { apiVersion: "v1", kind: "B" });
});

test("Siblings are the keys of the same map, above and below.", () => {
  const found = (text) => [...siblings(...cursor(text))].sort();
  assert.deepEqual(found("a:\n  b: 1\n  |\n  c:\n    x: 1\n  d: 1\ne: 1"), ["b", "c", "d"]);
  assert.deepEqual(found("l:\n- a: 1\n  |\n  c: 1\n- b: 1"), ["a", "c"]);
  assert.deepEqual(found("l:\n- |\n  c: 1\n- b: 1"), ["c"]);
});

const TYPES = {
  Set: { about: "", fields: {
    apiVersion: { type: "", about: "" }, kind: { type: "", about: "" },
    metadata: { type: "Meta", about: "" }, spec: { type: "Spec", about: "What is wanted." },
    status: { type: "Spec", about: "" },
  } },
  Meta: { about: "", fields: { name: { type: "", about: "" }, labels: { type: "{}", about: "" } } },
  Spec: { about: "", fields: {
    policy: { type: "", about: "Which.", enum: ["Always", "Never"], required: true },
    paused: { type: "bool", about: "" }, items: { type: "[]Spec", about: "" }, by: { type: "{}Spec", about: "" },
  } },
};
const KNOWN = {
  kinds: async () => [
    { kind: "Other", apiVersion: "v1" }, { kind: "Set", apiVersion: "apps/v1" },
  ],
  fields: async (kind) => (kind === "Set" ? TYPES : null),
};
const offered = async (text) => (await completions(KNOWN, ...cursor(text)))?.options.map((one) => one.label);
const written = async (text) => (await completions(KNOWN, ...cursor(text))).options.map((one) => one.text);
const HEAD = "apiVersion: apps/v1\nkind: Set\n";

test("Keys of the type at the place are offered, but for those that stand there and the status.", async () => {
  assert.deepEqual(await offered(`${HEAD}me|`), ["metadata", "spec"]);
  assert.deepEqual(await offered(`${HEAD}spec:\n  paused: true\n  |`), ["policy", "items", "by"]);
  assert.deepEqual(await offered(`${HEAD}spec:\n  items:\n  - |`), ["policy", "paused", "items", "by"]);
  assert.deepEqual(await offered(`${HEAD}spec:\n  by:\n    x:\n      pa|`), ["policy", "paused", "items", "by"]);
});

test("What follows a key is written with it, unless something stands there.", async () => {
  const made = ["policy: ", "paused: ", "items:\n  - ", "by:\n    "];
  assert.deepEqual(await written(`${HEAD}spec:\n  |`), made);
  assert.deepEqual((await written(`${HEAD}spec:\n  p|: 1`))[0], "policy");
});

test("Values are offered where they are listed, and true and false.", async () => {
  assert.deepEqual(await offered(`${HEAD}spec:\n  policy: A|`), ["Always", "Never"]);
  assert.deepEqual(await offered(`${HEAD}spec:\n  paused: |`), ["true", "false"]);
  assert.deepEqual(await offered(`${HEAD}metadata:\n  name: |`), []);
  assert.deepEqual(await offered(`${HEAD}metadata:\n  labels:\n    |`), []);
});

test("Kinds and versions go together; an empty document may begin with any kind.", async () => {
  assert.deepEqual(await offered("apiVersion: apps/v1\nkind: |"), ["Set"]);
  assert.deepEqual(await offered("kind: Other\napiVersion: |"), ["v1"]);
  assert.deepEqual(await offered("kind: |"), ["Other", "Set"]);
  assert.deepEqual(await offered("kind: Set\n---\n|"), ["Other", "Set"]);
  assert.match((await written("|"))[1], /^apiVersion: apps\/v1\nkind: Set\n/);
});

test("Of a kind that is not known, and in texts, nothing is offered.", async () => {
  assert.equal(await offered("kind: Dragon\nspec:\n  |"), undefined);
  assert.equal(await offered(`${HEAD}spec:\n  policy: Always # so |`), undefined);
});

test("A key is explained with its type; keys of maps are not fields.", async () => {
  const found = await meaning(KNOWN, ...cursor(`${HEAD}spec:\n  pol|icy: Always`));
  assert.deepEqual([found.detail, found.about, found.required, found.values, found.from],
    ["string", "Which.", true, ["Always", "Never"], 2]);
  assert.equal(await meaning(KNOWN, ...cursor(`${HEAD}metadata:\n  labels:\n    na|me: x`)), null);
  assert.equal(await meaning(KNOWN, ...cursor(`${HEAD}metadata:\n  name: x|y`)), null);
});

test("Types are written as kubectl explain writes them.", () => {
  assert.deepEqual(["", "[]Spec", "{}", "{}[]int32", "IntOrString"].map(typeName),
    ["string", "[]Spec", "map[string]string", "map[string][]integer", "IntOrString"]);
  assert.equal(typeAt(TYPES, "Set", ["spec", "[]"]), null);
});
