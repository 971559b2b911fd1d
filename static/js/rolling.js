/** Which rollouts come to their end, or stop moving: what a browser tells somebody who looks elsewhere. */

/** Milliseconds without progress after which a rollout counts as stuck. */
export const STUCK = 60_000;

const moves = ({ counts }) => counts.updated < counts.desired || counts.available < counts.desired;
const progress = ({ revision, counts }) => [revision, counts.updated, counts.available, counts.desired].join();

/** Follows the DaemonSets of one cluster. Times are milliseconds, on any clock that goes forward. */
export class Rollouts {
  constructor() {
    this.sets = new Map();
  }

  /** Take a frame that was heard; return what is to be told: [{code: "done", name}]. */
  hear(frame, now) {
    const told = [];
    if (frame.t === "snapshot") {
      const ids = new Set(frame.sets.map((set) => set.id));
      for (const id of this.sets.keys()) if (!ids.has(id)) this.sets.delete(id);
    }
    for (const id of frame.gone_sets ?? []) this.sets.delete(id);
    for (const set of frame.sets ?? []) {
      const before = this.sets.get(set.id);
      const here = progress(set);
      const rolls = moves(set) && !set.deleting;
      if (before?.rolls && !rolls && !set.deleting) told.push({ code: "done", name: set.name });
      if (before?.progress === here && before.rolls === rolls) continue;
      this.sets.set(set.id, { name: set.name, progress: here, rolls, paused: set.paused, since: now, told: false });
    }
    return told;
  }

  /** Return what has not moved for too long, each once until it moves again. */
  look(now) {
    const stuck = [...this.sets.values()].filter(
      (set) => set.rolls && !set.paused && !set.told && now - set.since >= STUCK,
    );
    for (const set of stuck) set.told = true;
    return stuck.map(({ name }) => ({ code: "stuck", name }));
  }
}
