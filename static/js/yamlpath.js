/**
 * Where in a text of YAML a place is: in which document, of which kind, below which fields. It goes by lines
 * and their indentation, so that it works while the text is half typed and no parser could read it.
 * Lines and columns are counted from 0. What is written in flow style ({...}, [...]) is not looked into.
 */

const LINE = /^( *)((?:- +)*)(?:(?:(["'])([^"']*)\3|([^\s"'#:&*!|>%@`,[\]{}-][^\s"'#:,[\]{}]*|-[^\s:]+)) *:(?= |$))?(.*)$/;
const BETWEEN = /^(---|\.\.\.)( |$)/;

/** What stands on a line: the columns of its dashes, its key and where that begins, and what follows. */
export function read(line) {
  const [, spaces, dashes, , quoted, plain, rest] = LINE.exec(line) ?? LINE.exec("");
  const at = [];
  for (let i = 0; i < dashes.length; i += 1) if (dashes[i] === "-") at.push(spaces.length + i);
  const bare = /^ *(- *)*(#.*)?$/.test(line) && !line.includes("-");
  const lone = !dashes && /^ *-$/.test(line);
  if (lone) at.push(spaces.length);
  const value = rest.replace(/(^| )#.*$/, "").replace(/^ *[&!][^ ]* *(?=$| )/, "").trim();
  return {
    empty: bare, dashes: at, column: spaces.length + dashes.length, key: quoted ?? plain ?? null, value,
  };
}

/** The lines of the document around a line: the first, and the one behind the last. */
export function document(lines, at) {
  let [from, to] = [at, at + 1];
  while (from > 0 && !BETWEEN.test(lines[from - 1])) from -= 1;
  while (to < lines.length && !BETWEEN.test(lines[to])) to += 1;
  return [from, to];
}

/** What a document says it is: { apiVersion, kind }, "" for what it does not say. */
export function header(lines, [from, to]) {
  const found = { apiVersion: "", kind: "" };
  for (const line of lines.slice(from, to)) {
    const match = /^(apiVersion|kind):\s*["']?([^\s"'#]+)/.exec(line);
    if (match) found[match[1]] ||= match[2];
  }
  return found;
}

/**
 * The fields above a column of a line, as ["spec", "containers", "[]"]: where a key written there would be.
 * null inside of a text block or where the indentation fits nothing.
 */
export function path(lines, at, column) {
  const steps = [];
  let [edge, isItem] = [column, false];
  const into = (dashes) => {
    for (const dash of [...dashes].reverse()) {
      if (dash >= edge) continue;
      steps.unshift("[]");
      [edge, isItem] = [dash, true];
    }
  };
  into(read(lines[at]).dashes);
  const [from] = document(lines, at);
  for (let i = at - 1; i >= from && edge >= 0; i -= 1) {
    const line = read(lines[i]);
    if (line.empty || line.column > edge) continue;
    const isLess = line.column < edge;
    if (line.key !== null && (isLess || isItem)) {
      if (line.value) return null;
      steps.unshift(line.key);
      [edge, isItem] = [line.column, false];
      into(line.dashes);
    } else if (!isItem && line.dashes.length && (!isLess || line.key === null)) {
      into(line.dashes);
    } else if (line.key === null && isLess) {
      return null;
    }
    if (edge === 0 && !isItem) break;
  }
  return edge === 0 && !isItem ? steps : null;
}

/** The keys that stand beside one that begins at a column of a line, above it and below. */
export function siblings(lines, at, column) {
  const [from, to] = document(lines, at);
  const found = new Set();
  const see = (line) => {
    if (line.empty || line.column > column) return true;
    if (line.column === column && line.key !== null) found.add(line.key);
    return line.column === column;
  };
  if (!read(lines[at]).dashes.length) {
    for (let i = at - 1; i >= from; i -= 1) {
      const line = read(lines[i]);
      if (!see(line) || (line.column === column && line.dashes.length)) break;
    }
  }
  for (let i = at + 1; i < to; i += 1) {
    const line = read(lines[i]);
    if (!line.empty && line.dashes.some((dash) => dash < column)) break;
    if (!see(line)) break;
  }
  return found;
}

/** What stands before a cursor: { word, from, key }: a key that begins at `from`, or the value of `key`. */
export function before(text) {
  const value = /^( *(?:- +)*)([\w./-]+): +(["']?)([\w./-]*)$/.exec(text);
  if (value) return { key: value[2], column: value[1].length, word: value[4], from: text.length - value[4].length };
  const key = /^( *(?:- +)*)([\w./-]*)$/.exec(text);
  return key ? { key: null, column: key[1].length, word: key[2], from: key[1].length } : null;
}
