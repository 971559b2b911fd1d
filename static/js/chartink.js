/** The page's own colours for charts, which are drawn on a canvas and hear nothing of light and dark. */

/** A colour of the page as a canvas takes it: the page's own picks light or dark. */
export function colour(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** What axes are drawn with. */
export function axisInk() {
  return { stroke: colour("--ink-soft"), grid: { stroke: colour("--line"), width: 1 } };
}

const [MARK, DIGIT] = [17, 7];

/** How wide an axis of counts is, in px: room for its longest label. uPlot asks before it has labels, too. */
export function widthOf(_chart, labels) {
  return Math.max(40, ...(labels ?? []).map((label) => MARK + DIGIT * String(label).length));
}

/** Call something whenever the page turns light or dark. */
export function onThemeChange(draw) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}
