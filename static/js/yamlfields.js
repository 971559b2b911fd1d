/** What the server knows of the fields of a kind: what may be written at a place, and what it means. */

import { before, document as around, header, path, read, siblings } from "./yamlpath.js";

const SCALARS = new Set(["", "bool", "bytes", "int32", "int64", "Quantity", "IntOrString", "Time", "MicroTime"]);

/** The type below a kind that fields lead to, with the last of them: { type, field }, or null. */
export function typeAt(types, kind, steps) {
  let [type, field] = [kind, null];
  for (const step of steps) {
    if (step === "[]" || type.startsWith("{}")) {
      if (step === "[]" && !type.startsWith("[]")) return null;
      type = type.slice(2);
    } else {
      field = types[type]?.fields[step];
      if (!field) return null;
      ({ type } = field);
    }
  }
  return { type, field };
}

/** A type as kubectl explain writes it. */
export function typeName(type) {
  if (type.startsWith("[]")) return `[]${typeName(type.slice(2))}`;
  if (type.startsWith("{}")) return `map[string]${typeName(type.slice(2))}`;
  return { "": "string", bool: "boolean", bytes: "string", int32: "integer", int64: "integer" }[type] ?? type;
}

/** What is typed after a key: a value behind it, or below it a list or a map. */
function opening(type, column) {
  const below = `\n${" ".repeat(column)}`;
  if (type.startsWith("[]")) return `:${below}- `;
  return SCALARS.has(type) ? ": " : `:${below}  `;
}

/** What may be written behind a key, or as an item of a list. */
function values(found) {
  if (!found) return [];
  if (found.type === "bool") return ["true", "false"];
  return found.type === "" ? found.field?.enum ?? [] : [];
}

const told = (name, field) => ({
  label: name, detail: typeName(field.type), about: field.about, required: Boolean(field.required),
  type: field.type,
});

/** A new object of a kind, as far as every one begins. */
function beginning({ kind, apiVersion }) {
  return { label: kind, detail: apiVersion, about: "", text: `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ` };
}

/**
 * What may be written before a cursor, or null: { from, options }. An option has a `label`, a `detail`, what
 * it is `about`, and the `text` that is written for it. `known` asks the server: kinds(), fields(kind).
 */
export async function completions(known, lines, at, column) {
  const place = before(lines[at].slice(0, column));
  if (!place) return null;
  const bounds = around(lines, at);
  const said = header(lines, bounds);
  const steps = path(lines, at, place.column);
  if (!steps) return null;
  const from = place.from;
  if (!steps.length && (place.key === "kind" || place.key === "apiVersion")) {
    return { from, options: heads(await known.kinds(), place.key, said) };
  }
  if (!said.kind) return steps.length || place.key ? null : { from, options: (await known.kinds()).map(beginning) };
  const types = await known.fields(said.kind);
  if (!types) return null;
  const found = typeAt(types, said.kind, place.key ? [...steps, place.key] : steps);
  if (place.key || !types[found?.type]) {
    return { from, options: values(found).map((text) => ({ label: text, detail: "", about: "", text })) };
  }
  const there = siblings(lines, at, place.column);
  const behind = lines[at].slice(column);
  const options = Object.entries(types[found.type].fields)
    .filter(([name]) => !there.has(name) && !(steps.length === 0 && name === "status"))
    .map(([name, field]) => ({
      ...told(name, field), text: name + (behind.trim() ? "" : opening(field.type, place.column)),
    }));
  return { from, options };
}

/** The values of kind that go with the version, or of apiVersion that go with the kind. */
function heads(kinds, key, said) {
  const other = key === "kind" ? "apiVersion" : "kind";
  const fitting = kinds.filter((one) => one[other] === said[other]);
  const rows = fitting.length ? fitting : kinds;
  const words = [...new Set(rows.map((one) => one[key]))].sort();
  return words.map((text) => ({ label: text, detail: "", about: "", text }));
}

/** What the key at a column means: { from, to, label, detail, about, required, values }, or null. */
export async function meaning(known, lines, at, column) {
  const line = read(lines[at]);
  if (line.key === null || column < line.column || column > line.column + line.key.length) return null;
  const { kind } = header(lines, around(lines, at));
  const steps = path(lines, at, line.column);
  const types = kind && steps ? await known.fields(kind) : null;
  const found = types && typeAt(types, kind, [...steps, line.key]);
  if (!found?.field || typeAt(types, kind, steps).type.startsWith("{}")) return null;
  const { field } = found;
  return { ...told(line.key, field), from: line.column, to: line.column + line.key.length, values: field.enum ?? [] };
}

/** Ask the server for kinds and fields, each once. `url` is where the kinds are. */
export function asker(url) {
  const asked = new Map();
  const ask = (place) => {
    if (!asked.has(place)) {
      const answer = fetch(place).then((found) => (found.ok ? found.json() : null)).catch(() => null);
      asked.set(place, answer);
      answer.then((found) => found === null && asked.delete(place));
    }
    return asked.get(place);
  };
  return {
    kinds: async () => (await ask(url)) ?? [],
    fields: (kind) => ask(`${url}${encodeURIComponent(kind)}/`),
  };
}
