/** Draws the chart of each lane as it comes in: all with the same scales, so that they can be compared. */

import uPlot from "../vendor/uPlot.esm.js";
import { axisInk, colour, onThemeChange, widthOf } from "./chartink.js";

const lanes = document.querySelector("#lanes");
const HIGH = 190;
/** What each chart shows, by its element. */
const drawn = new Map();

function collect() {
  for (const place of lanes.querySelectorAll("[data-chart]")) {
    if (!drawn.has(place)) drawn.set(place, JSON.parse(place.nextElementSibling.textContent));
  }
  for (const place of drawn.keys()) if (!place.isConnected) drawn.delete(place);
}

/** The ends of both scales over all lanes. */
function ends() {
  const all = [...drawn.values()];
  const last = Math.max(1, ...all.map((one) => one.at.at(-1)));
  const most = Math.max(...all.flatMap((one) => [one.desired, ...one.pods]));
  const least = Math.min(...all.flatMap((one) => one.available));
  return { last, most, least: least > most / 2 ? Math.floor(least * 0.95) : 0 };
}

function draw() {
  collect();
  if (!drawn.size) return;
  const { last, most, least } = ends();
  const axis = axisInk();
  const stepped = uPlot.paths.stepped({ align: 1 });
  for (const [place, one] of drawn) {
    place.replaceChildren();
    const line = (name, label, width) => ({ label, stroke: colour(name), width, paths: stepped, points: { show: false } });
    const chart = new uPlot({
      width: Math.max(220, place.clientWidth),
      height: HIGH,
      cursor: { y: false },
      legend: { live: true },
      scales: { x: { time: false, range: [0, last] }, y: { range: [least, most] } },
      axes: [{ ...axis, size: 28 }, { ...axis, size: widthOf }],
      series: [
        { label: one.words.at },
        line("--good", one.words.available, 2),
        line("--accent", one.words.pods, 1),
      ],
    }, [[...one.at, last], [...one.available, one.available.at(-1)], [...one.pods, one.pods.at(-1)]], place);
    chart.root.setAttribute("aria-hidden", "true");
  }
}

new MutationObserver((changes) => {
  if (changes.some(({ target }) => !target.closest?.("[data-chart]"))) draw();
}).observe(lanes, { childList: true, subtree: true });
onThemeChange(draw);
let wide = 0;
new ResizeObserver(([{ contentRect }]) => {
  if (Math.abs(contentRect.width - wide) > 1) draw();
  wide = contentRect.width;
}).observe(lanes);
