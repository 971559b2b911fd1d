/**
 * Which nodes a person wants to see, from what they typed: Kubernetes' label selectors, taints, and parts
 * of names. The table reads the same words on the server (controller/engine/matching/nodefilter.py);
 * both are held to the cases of tests/fixtures/filter.json.
 *
 * Terms stand between commas or spaces and must all hold: `disk=ssd`, `disk!=ssd`, `zone in (a, b)`,
 * `zone notin (a)`, `cores>8`, `!gpu`, `taint:dedicated=gpu:NoSchedule`, `!taint:dedicated`; a bare word
 * is part of a name, or a label's key.
 *
 * @typedef {import("./fold.js").NodeRow} NodeRow
 * @typedef {(node: NodeRow) => boolean} Test
 * @typedef {{code: string, at: number, word: string}} Fault  `at` counts characters from 0
 */

const GAP = /[\s,]*/y;
const WORD = /[^\s,()=!<>]+/y;
const OPERATOR = /\s*(==|=|!=|>|<)\s*/y;
const LIST = /\s+(in|notin)\s*\(([^()]*)(\))?/y;
const VALUE = /[^\s,]*/y;
const PREFIX = "taint:";
const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const DOMAIN = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const TAINT = /^([^=:]+)(?:=([^:]*))?(?::(NoSchedule|PreferNoSchedule|NoExecute))?$/;
const WHOLE = /^-?\d+$/;

/** What a text says that does not parse. */
class Unreadable extends Error {
  constructor(code, at, word) {
    super(code);
    this.fault = { code, at, word };
  }
}

/** @param {string} text @returns {{test: Test, fault: Fault | null}} the test passes all if there is a fault */
export function filterOf(text) {
  try {
    const tests = [...terms(text)];
    return { test: (node) => tests.every((test) => test(node)), fault: null };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { test: () => true, fault: error.fault };
  }
}

function* terms(text) {
  let at = 0;
  const take = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at += found[0].length;
    return found;
  };
  for (take(GAP); at < text.length; take(GAP)) {
    const not = text[at] === "!";
    if (not) at += 1;
    const start = at;
    const word = take(WORD)?.[0];
    if (!word) throw new Unreadable("unexpected", at, text[at] ?? "!");
    if (word.startsWith(PREFIX)) yield taintTest(text, start, take, word, not);
    else yield not ? lacking(word, start) : labelTest(text, start, take, word);
  }
}

function lacking(key, at) {
  checkKey(key, at);
  return (node) => !(key in node.labels);
}

function labelTest(text, start, take, key) {
  const list = take(LIST);
  if (list) {
    checkKey(key, start);
    if (!list[3]) throw new Unreadable("unclosed", text.length, "(");
    const begin = list.index + list[0].indexOf("(") + 1;
    const values = [...list[2].matchAll(/[^,]+|(?<=^|,)(?=,|$)/g)].map(
      ({ 0: value, index }) => checked(value.trim(), begin + index + value.search(/\S|$/)),
    );
    const wanted = list[1] === "in";
    return (node) => values.includes(node.labels[key]) === wanted;
  }
  const operator = take(OPERATOR)?.[1];
  if (!operator) return (node) => node.name.includes(key) || key in node.labels;
  checkKey(key, start);
  const found = take(VALUE);
  const [value, at] = [found[0], found.index];
  if (operator === ">" || operator === "<") return comparing(key, operator, value, at);
  checked(value, at);
  const equal = operator !== "!=";
  return (node) => (node.labels[key] === value) === equal;
}

function comparing(key, operator, value, at) {
  if (!WHOLE.test(value)) throw new Unreadable("number", at, value);
  const [limit, sign] = [Number(value), operator === ">" ? 1 : -1];
  return ({ labels }) => WHOLE.test(labels[key] ?? "") && (Number(labels[key]) - limit) * sign > 0;
}

function taintTest(text, start, take, first, not) {
  const word = first + (text[start + first.length] === "=" ? take(VALUE)[0] : "");
  const found = TAINT.exec(word.slice(PREFIX.length));
  if (!found) throw new Unreadable("taint", start, word);
  const [, key, value, effect] = found;
  const fits = (taint) => {
    const [, has, worth = "", does] = TAINT.exec(taint);
    return has === key && (value === undefined || worth === value) && (effect === undefined || does === effect);
  };
  return (node) => node.taints.some(fits) !== not;
}

function checkKey(key, at) {
  const slash = key.indexOf("/");
  const fine = NAME.test(key.slice(slash + 1)) && (slash < 0 || DOMAIN.test(key.slice(0, slash)));
  if (!fine) throw new Unreadable("key", at, key);
}

function checked(value, at) {
  if (value && !NAME.test(value)) throw new Unreadable("value", at, value);
  return value;
}
