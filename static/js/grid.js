/**
 * The map for those who do not see its canvas: a grid of cells that can be focused and read, each lying
 * where it is drawn. Of a large map only the rows around the cursor are there; arrows bring the next ones.
 */

/** So many cells are all there at once. */
const FEW = 300;

export class Grid {
  /** @param {HTMLElement} root the element with the role grid */
  constructor(root) {
    this.root = root;
    this.body = root.querySelector(".grid");
    /** @type {Map<number, HTMLElement>} by slot */
    this.cells = new Map();
    this.cursor = -1;
  }

  /**
   * Make the rows that are to be there, and lay each cell where it is drawn.
   * @param {import("./map.js").NodeMap} map that is laid out
   */
  show(map) {
    this.map = map;
    const { laid: layout, order } = map;
    const held = this.body.contains(document.activeElement);
    const rows = this.rows(layout, order.length);
    const kept = new Map();
    const sections = new Map();
    for (const { block, start, end, index } of rows) {
      const cells = [];
      for (let at = start; at < end; at += 1) {
        const slot = order[at];
        if (slot < 0) continue;
        const cell = this.cells.get(slot) ?? document.createElement("i");
        kept.set(slot, cell);
        cell.setAttribute("role", "gridcell");
        cell.setAttribute("aria-colindex", String(at - start + 1));
        cell.dataset.n = map.nameOf(slot);
        cells.push(cell);
      }
      if (!sections.has(block)) sections.set(block, section(block));
      sections.get(block).append(row(index, cells));
    }
    this.cells = kept;
    this.root.setAttribute("aria-rowcount", String(rowCount(layout)));
    this.root.setAttribute("aria-colcount", String(Math.max(1, ...layout.blocks.map((block) => block.cols))));
    this.body.replaceChildren(...sections.values());
    for (const slot of kept.keys()) this.paint(slot);
    this.place();
    this.point(this.cursor);
    if (held) this.cells.get(this.cursor)?.focus({ preventScroll: true });
  }

  /** The rows that are there: all of a small map, else those around the cursor. */
  rows(layout, count) {
    const all = count <= FEW;
    const here = all ? -1 : Math.max(0, this.map.placeOf(this.cursor));
    const rows = [];
    let index = 0;
    for (const block of layout.blocks) {
      for (let start = block.start; start < block.start + block.count; start += block.cols) {
        const end = Math.min(start + block.cols, block.start + block.count);
        index += 1;
        if (all || (here >= start - block.cols && here < end + block.cols)) rows.push({ block, start, end, index });
      }
    }
    return rows;
  }

  /** Lay every cell where it is drawn now. */
  place() {
    for (const [slot, cell] of this.cells) {
      const { x, y, w, h } = this.map.boxOf(this.map.placeOf(slot));
      cell.style.transform = `translate(${x}px, ${y}px)`;
      cell.style.width = `${w}px`;
      cell.style.height = `${h}px`;
    }
  }

  /** Say of a cell what it is now. */
  paint(slot) {
    const cell = this.cells.get(slot);
    if (!cell) return;
    const look = this.map.reading.look(slot);
    const label = this.map.label(slot);
    const kind = `c s-${look.state}${look.cordoned ? " cordoned" : ""}${look.silent ? " silent" : ""}${look.off ? " off" : ""}`;
    if (cell.className !== kind) cell.className = kind;
    if (cell.getAttribute("aria-label") !== label) cell.setAttribute("aria-label", label);
    const chosen = String(cell.dataset.n === this.map.choice.node);
    if (cell.getAttribute("aria-selected") !== chosen) cell.setAttribute("aria-selected", chosen);
  }

  /** Make the cell of a slot the one that Tab reaches; of a slot that is not there the first. */
  point(slot) {
    const next = this.cells.has(slot) ? slot : this.map.order.find((one) => one >= 0) ?? -1;
    const last = this.cells.get(this.cursor);
    this.cursor = next;
    if (!this.cells.has(next) && next >= 0) return this.show(this.map);
    if (last) last.tabIndex = -1;
    const cell = this.cells.get(next);
    if (cell) cell.tabIndex = 0;
    return undefined;
  }

  /** Move the cursor to a slot, and the focus with it. */
  go(slot) {
    this.cells.get(this.cursor)?.setAttribute("tabindex", "-1");
    this.cursor = slot;
    const large = this.map.order.length > FEW;
    if (large) this.show(this.map);
    else this.point(slot);
    this.cells.get(slot)?.focus({ preventScroll: true });
  }
}

function section(block) {
  const made = document.createElement("div");
  made.setAttribute("role", "rowgroup");
  made.className = "zone";
  if (block.path) made.setAttribute("aria-label", block.path);
  return made;
}

function row(index, cells) {
  const made = document.createElement("div");
  made.setAttribute("role", "row");
  made.setAttribute("aria-rowindex", String(index));
  made.append(...cells);
  return made;
}

function rowCount(layout) {
  return layout.blocks.reduce((sum, block) => sum + Math.ceil(block.count / block.cols), 0);
}
