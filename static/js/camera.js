/**
 * What part of the map is seen: zoom by wheel, keys and pinch, moving by hand, and the small map in the
 * corner that shows where one is. At zoom 1 the map fits its window, unless its smallest cells do not.
 */

const STEP = 1.25;
const DRAG = 4;
const LARGEST = 168;
const SMALL = 150;

export class Camera {
  /**
   * @param {HTMLElement} root what is pointed at @param {HTMLCanvasElement} small the small map
   * @param {() => void} moved
   */
  constructor(root, small, moved) {
    Object.assign(this, { root, small, moved });
    Object.assign(this, { zoom: 1, x: 0, y: 0, width: 1, height: 1, content: { width: 1, height: 1 }, cell: LARGEST });
    /** @type {Map<number, {x: number, y: number}>} pointers that are down */
    this.down = new Map();
    this.dragged = false;
    root.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    root.addEventListener("pointerdown", (event) => this.press(event));
    root.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) root.addEventListener(end, (event) => this.release(event));
    small.addEventListener("pointerdown", (event) => this.jump(event));
    small.addEventListener("pointermove", (event) => event.buttons && this.jump(event));
  }

  /** Take on another window, another content, or cells of another width. */
  fit(width, height, content, cell) {
    Object.assign(this, { width, height, content, cell });
    this.set(this.zoom, this.x, this.y);
  }

  get largest() {
    return Math.max(1, LARGEST / this.cell);
  }

  /** Whether there is more than is seen. */
  get partial() {
    return this.zoom > 1 || this.content.height > this.height + 1;
  }

  /** @returns {boolean} whether anything is different now */
  set(zoom, x, y) {
    const before = [this.zoom, this.x, this.y];
    this.zoom = Math.min(this.largest, Math.max(1, zoom));
    this.x = within(x, this.content.width * this.zoom - this.width);
    this.y = within(y, this.content.height * this.zoom - this.height);
    this.root.classList.toggle("partial", this.partial);
    return before[0] !== this.zoom || before[1] !== this.x || before[2] !== this.y;
  }

  /** Zoom by a factor; the point of the window stays where it is. */
  zoomBy(factor, x = this.width / 2, y = this.height / 2) {
    const next = Math.min(this.largest, Math.max(1, this.zoom * factor));
    const change = next / this.zoom;
    const other = this.set(next, (this.x + x) * change - x, (this.y + y) * change - y);
    if (other) this.moved();
    return other;
  }

  /** Show a point of the layout in the middle of the window. */
  centre(zoom, x, y) {
    if (this.set(zoom, x * zoom - this.width / 2, y * zoom - this.height / 2)) this.moved();
  }

  /** Move just as far as is needed to see a box of the window. */
  reveal({ x, y, w, h }) {
    const right = Math.max(0, x + w - this.width);
    const below = Math.max(0, y + h - this.height);
    if (this.set(this.zoom, this.x + right + Math.min(0, x), this.y + below + Math.min(0, y))) this.moved();
  }

  /** @returns {boolean} whether the key was one for zooming */
  key(key) {
    if (key === "+" || key === "=") this.zoomBy(STEP);
    else if (key === "-") this.zoomBy(1 / STEP);
    else if (key === "0") this.zoomBy(1 / this.zoom);
    else return false;
    return true;
  }

  /** The wheel zooms; what is no longer to be zoomed scrolls the page, and so does a page that is scrolled. */
  wheel(event) {
    const pinch = event.ctrlKey;
    if (!pinch && event.deltaY < 0 && window.scrollY > 0) return;
    const { x, y } = this.point(event);
    if (this.zoomBy(Math.exp(-event.deltaY * (pinch ? 0.01 : 0.002)), x, y) || pinch) event.preventDefault();
  }

  point({ clientX, clientY }) {
    const box = this.root.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top };
  }

  press(event) {
    if (event.button !== 0 || this.small.contains(event.target)) return;
    if (this.down.size === 0) this.dragged = false;
    this.down.set(event.pointerId, this.point(event));
  }

  drag(event) {
    // It may have been let go outside the map.
    if (!event.buttons) this.release(event);
    const before = this.down.get(event.pointerId);
    if (!before) return;
    const now = this.point(event);
    if (this.down.size === 2) this.pinch(event.pointerId, before, now);
    else if (this.dragged || Math.hypot(now.x - before.x, now.y - before.y) > DRAG) {
      if (!this.partial) return;
      if (!this.dragged) this.root.setPointerCapture(event.pointerId);
      this.dragged = true;
      this.down.set(event.pointerId, now);
      if (this.set(this.zoom, this.x - (now.x - before.x), this.y - (now.y - before.y))) this.moved();
    }
  }

  pinch(id, before, now) {
    const [[, other]] = [...this.down].filter(([each]) => each !== id);
    const apart = (point) => Math.max(1, Math.hypot(point.x - other.x, point.y - other.y));
    this.dragged = true;
    this.down.set(id, now);
    this.zoomBy(apart(now) / apart(before), (now.x + other.x) / 2, (now.y + other.y) / 2);
  }

  release(event) {
    this.down.delete(event.pointerId);
  }

  jump(event) {
    event.stopPropagation();
    event.preventDefault();
    const box = this.small.getBoundingClientRect();
    const scale = box.width / this.content.width;
    this.centre(this.zoom, (event.clientX - box.left) / scale, (event.clientY - box.top) / scale);
  }

  /**
   * Draw the small map, or hide it where all is seen.
   * @param {(ctx: CanvasRenderingContext2D, scale: number) => void} cells draws the cells
   * @param {string} line the colour of the frame around what is seen
   */
  drawSmall(cells, line) {
    this.small.hidden = !this.partial;
    if (this.small.hidden) return;
    const scale = Math.min(SMALL / this.content.width, SMALL / this.content.height);
    const [wide, high] = [Math.ceil(this.content.width * scale), Math.ceil(this.content.height * scale)];
    const ratio = window.devicePixelRatio || 1;
    this.small.width = wide * ratio;
    this.small.height = high * ratio;
    this.small.style.width = `${wide}px`;
    this.small.style.height = `${high}px`;
    const ctx = this.small.getContext("2d");
    ctx.scale(ratio, ratio);
    cells(ctx, scale);
    ctx.strokeStyle = line;
    ctx.lineWidth = 2;
    const seen = scale / this.zoom;
    ctx.strokeRect(this.x * seen + 1, this.y * seen + 1, Math.min(wide, this.width * seen) - 2, Math.min(high, this.height * seen) - 2);
  }
}

function within(value, most) {
  return Math.min(Math.max(0, most), Math.max(0, value));
}
