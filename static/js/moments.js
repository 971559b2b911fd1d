/** Between numbers of changes and times, by the points of a timeline: [number, milliseconds] in order. */

/** Return when a timeline begins and ends. */
export function edges({ points }) {
  return [points[0][1], points[points.length - 1][1]];
}

/** Return the time of a number, between two points in proportion. */
export function timeOf({ points }, number) {
  const after = points.findIndex(([other]) => other >= number);
  if (after === 0) return points[0][1];
  if (after < 0) return points[points.length - 1][1];
  const [[low, begins], [high, ends]] = [points[after - 1], points[after]];
  return begins + ((number - low) / (high - low)) * (ends - begins);
}

/** Return the last number of a time, between two points in proportion. */
export function numberAt({ points }, time) {
  const after = points.findIndex(([, other]) => other > time);
  if (after === 0) return points[0][0];
  if (after < 0) return points[points.length - 1][0];
  const [[low, begins], [high, ends]] = [points[after - 1], points[after]];
  return low + Math.floor(((time - begins) / (ends - begins)) * (high - low));
}

/** Return the number of the mark that is nearest to a time, edits first, if one is within reach. */
export function nearest({ marks }, time, reach) {
  const near = marks.filter((mark) => Math.abs(mark[1] - time) <= reach);
  const best = near.filter((mark) => mark[2] === "edit");
  const [found] = (best.length ? best : near).sort((one, other) => Math.abs(one[1] - time) - Math.abs(other[1] - time));
  return found?.[0] ?? null;
}

/** Return the address of a page as it is now. */
function present(address) {
  return address.replace(/^\/at\/\d+(?=\/)/, "");
}

/**
 * Return the address of this page after a change; null is now.
 * @param {number | null} number
 * @param {string} [goes] which page it leads to instead
 */
export function addressAt(number, goes) {
  const path = present(location.pathname);
  if (number === null) return path + location.search;
  return `/at/${number}${present(goes || path + location.search)}`;
}
