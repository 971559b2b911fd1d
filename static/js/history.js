/** Charts of how numbers went over time. What is pressed is a moment: the page goes there. */

import uPlot from "../vendor/uPlot.esm.js";
import { axisInk, colour, onThemeChange, widthOf } from "./chartink.js";
import { addressAt } from "./moments.js";

const HIGH = 200;
/** How often a chart is asked for again while things happen, in milliseconds. */
const WAIT = 5000;
/** How far from a mark it is still meant, in pixels. */
const REACH = 6;
/** Steps between the lines of a scale of nodes and pods, of which there are no halves. */
const WHOLE = Array.from({ length: 7 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
const lang = document.documentElement.lang;
const clock = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(lang, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Marks of edits as upright lines behind the numbers. */
function drawMarks(chart, marks) {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.strokeStyle = colour("--accent");
  ctx.globalAlpha = 0.45;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (const [, at] of marks) {
    const x = Math.round(chart.valToPos(at / 1000, "x", true));
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
  }
  ctx.stroke();
  ctx.restore();
}

/** Return the mark at a place of the chart, or none. */
function markAt(chart, marks, left) {
  const far = (mark) => Math.abs(chart.valToPos(mark[1] / 1000, "x") - left);
  const [best] = [...marks].sort((one, other) => far(one) - far(other));
  return best && far(best) <= REACH ? best : null;
}

class History {
  constructor(place) {
    this.place = place;
    this.chart = null;
    this.kept = null;
    this.told = place.querySelector("[data-told]");
    this.canvas = place.querySelector("[data-chart]");
  }

  async load() {
    const answer = await fetch(this.place.dataset.history, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    this.kept = await answer.json();
    this.draw();
  }

  draw() {
    if (!this.kept) return;
    const { points, marks, series, label } = this.kept;
    this.chart?.destroy();
    this.canvas.setAttribute("aria-label", label);
    this.told.textContent = label;
    if (points.length < 2) return;
    const columns = points[0].slice(1).map((_, at) => points.map((point) => point[at + 1]));
    columns[0] = columns[0].map((at) => at / 1000);
    const long = columns[0].at(-1) - columns[0][0] > 86400;
    const stepped = uPlot.paths.stepped({ align: 1 });
    this.chart = new uPlot({
      width: Math.max(220, this.canvas.clientWidth),
      height: HIGH,
      cursor: { y: false, drag: { x: false, y: false } },
      scales: { y: { range: (_chart, low, high) => [0, Math.max(1, high)] } },
      axes: [
        { ...axisInk(), size: 28, values: (_chart, at) => at.map((one) => (long ? day : clock).format(one * 1000)), space: 90 },
        { ...axisInk(), size: widthOf, incrs: WHOLE },
      ],
      series: [
        { label: this.place.dataset.when, value: (_chart, at) => (at ? day.format(at * 1000) : "-") },
        ...series.map(([name, tone, dash]) => ({
          label: name, stroke: colour(tone), width: dash ? 1 : 2, dash: dash ? [4, 3] : undefined, paths: stepped, points: { show: false },
        })),
      ],
      hooks: { drawAxes: [(chart) => drawMarks(chart, marks)], setCursor: [() => this.tell()] },
    }, columns, this.canvas);
    this.chart.root.setAttribute("aria-hidden", "true");
    this.chart.over.addEventListener("click", (event) => this.go(event));
  }

  /** Say what the mark under the pointer stands for. */
  tell() {
    const mark = this.chart && markAt(this.chart, this.kept.marks, this.chart.cursor.left);
    const text = mark ? mark[2] : this.kept.label;
    if (this.told.textContent !== text) this.told.textContent = text;
  }

  /** Go to what is pressed: of a chart that was just drawn anew the cursor is not known yet. */
  go({ clientX }) {
    const left = clientX - this.chart.over.getBoundingClientRect().left;
    const mark = markAt(this.chart, this.kept.marks, left);
    const [number] = mark ?? this.kept.points[this.chart.posToIdx(left)];
    location.assign(addressAt(number, this.place.dataset.goes));
  }
}

const charts = [...document.querySelectorAll("[data-history]")].map((place) => new History(place));
for (const one of charts) one.load();
onThemeChange(() => { for (const one of charts) one.draw(); });
let wide = innerWidth;
addEventListener("resize", () => {
  if (wide !== innerWidth) for (const one of charts) one.draw();
  wide = innerWidth;
});
let planned = 0;
document.body.addEventListener("everynode:changed", () => {
  planned ||= setTimeout(() => { planned = 0; for (const one of charts) one.load(); }, WAIT);
});
