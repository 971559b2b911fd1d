/**
 * The page's one line to its cluster. Whatever comes is told to the document as an event; a line
 * that is cut or silent is mended with growing patience, and every mended line begins with a snapshot.
 *
 * Events on document: `everynode:frame` (detail: the frame), `everynode:line` (detail: {state:
 * "live" | "cut" | "gone" | "refused", delay: ms or null}), and `everynode:changed` on body, which makes panels
 * refetch themselves.
 */

const PATIENCE = [250, 500, 1000, 2000, 4000];
const PING_EVERY = 5000;
// The server sends something at least every two seconds.
const LISTEN_EVERY = 200;
const SILENT_AFTER = 4000;
// The close code for those whose login or right has ended: coming back is of no use.
const REFUSED = 4403;

export class Line {
  /** @param {string} path of the socket, on this page's host */
  constructor(path) {
    this.url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
    this.tries = 0;
    this.over = false;
  }

  /** Connect, and stay connected. What comes is told once: whoever wants it listens by then. */
  open() {
    this.connect();
    setInterval(() => this.probe(), PING_EVERY);
    setInterval(() => this.listen(), LISTEN_EVERY);
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
  }

  connect() {
    clearTimeout(this.timer);
    this.timer = null;
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.heard = Date.now();
    this.fresh = true;
    socket.onmessage = (message) => { if (this.socket === socket) this.hear(JSON.parse(message.data)); };
    socket.onclose = ({ code }) => { if (this.socket === socket) this.lost(code); };
  }

  lost(code) {
    if (this.over) return;
    if (code === REFUSED) {
      this.over = true;
      tell("everynode:line", { state: "refused", delay: null });
      return;
    }
    tell("everynode:line", { state: "cut", delay: null });
    const wait = PATIENCE[Math.min(this.tries, PATIENCE.length - 1)];
    this.tries += 1;
    this.timer ??= setTimeout(() => this.connect(), wait * (0.75 + Math.random() / 2));
  }

  /**
   * Give up a line on which nothing comes: a server that hangs keeps its connections open. A mended line
   * gets longer for its snapshot, as the snapshot of a large map takes its time on a slow network.
   */
  listen() {
    const patience = this.fresh ? SILENT_AFTER * 2 ** Math.min(this.tries, 3) : SILENT_AFTER;
    if (this.over || this.timer || Date.now() - this.heard < patience) return;
    const silent = this.socket;
    this.socket = null;
    silent.close();
    this.lost();
  }

  hurry() {
    if (this.timer) this.connect();
  }

  hear(frame) {
    this.heard = Date.now();
    switch (frame.t) {
      case "beat":
        return;
      case "pong":
        // Before its snapshot a line shows nothing of its cluster yet.
        if (!this.fresh) tell("everynode:line", { state: "live", delay: performance.now() - frame.at });
        return;
      case "gone":
        this.over = true;
        tell("everynode:line", { state: "gone", delay: null });
        break;
      case "snapshot":
        if (this.fresh) this.probe();
        this.tries = 0;
        this.fresh = false;
        tell("everynode:line", { state: "live", delay: null });
        break;
      default:
    }
    tell("everynode:frame", frame);
    if (frame.t !== "notice") document.body.dispatchEvent(new CustomEvent("everynode:changed"));
  }

  /** Ask for a snapshot: a delta is missing. */
  resync() {
    this.send({ t: "resync" });
  }

  probe() {
    this.send({ t: "ping", at: performance.now() });
  }

  send(frame) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }
}

/** In place of a line where a page shows a moment of the past: one frame, which is asked for. */
export class Moment {
  /** @param {string} path of the frame */
  constructor(path) {
    this.path = path;
  }

  open() {
    this.load(this.path);
  }

  /** Ask for the map of a moment, and tell it; say whether it came. */
  async load(path) {
    const answer = await fetch(path).catch(() => null);
    if (answer?.ok) tell("everynode:frame", await answer.json());
    tell("everynode:line", { state: answer?.ok ? "past" : "cut", delay: null });
    return Boolean(answer?.ok);
  }

  resync() {}
}

function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}
