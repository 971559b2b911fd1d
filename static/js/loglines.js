/** The lines of logs, without a page: how they are merged and searched. */

/** How many lines are kept; older ones go first. */
export const MOST = 5000;
const TINTS = 8;

/** Return the number of the tint of a pod. */
export const colorOf = (number) => number % TINTS;

/**
 * Return lines in the order of their times; of those that came at the same time the older stay first.
 * @param {{at: number}[]} lines in order
 * @param {{at: number}[]} more of one pod, in order
 */
export function merge(lines, more) {
  if (!more.length) return lines;
  const last = lines.length ? lines[lines.length - 1].at : -Infinity;
  const merged = [...lines, ...more];
  if (more[0].at < last) merged.sort((one, other) => one.at - other.at);
  return merged.slice(-MOST);
}

/**
 * Return the pattern of a search and "", or null and what is wrong. Text is searched as it is, whatever its
 * case; /between slashes/ is a regular expression, with flags as in JavaScript.
 */
export function compile(text) {
  if (!text) return [null, ""];
  const parts = /^\/(.+)\/([imsu]*)$/.exec(text);
  try {
    if (parts) return [new RegExp(parts[1], parts[2]), ""];
    return [new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i"), ""];
  } catch (error) {
    return [null, error.message];
  }
}
