"""What the command of a container prints: the lines of its script, each at its time."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from itertools import accumulate

from controller.engine.container.logs import ContainerRun, LogLine, LogOptions
from controller.engine.container.scripts import Rounds, Script
from controller.engine.timeline import Timeline


class ScriptLog:
    """All that a command prints in one run, by number, from 0 on; as ``ContainerLog`` is asked."""

    def __init__(self, run: ContainerRun, timeline: Timeline, script: Script) -> None:
        self.program = script
        self._over = not math.isinf(run.ended)
        self._begun, self._timeline = timeline.cluster_at(run.begun), timeline
        self._parts = [line if isinstance(line, Rounds) else _once(*line) for line in script.lines]
        self._parts = [part for part in self._parts if part.lines]
        counts = [len(part.lines) * part.times for part in self._parts]
        self._firsts = list(accumulate(counts, initial=0.0))
        # A run that ended printed what it had to until then, within the second that its end is told in.
        self._ended = self._printed_by(run.ended) if self._over else 0

    def count(self, now: float) -> int:
        """Return how many lines there are at a wall time; of a run that ended, all."""
        return self._ended if self._over else self._printed_by(now)

    def at(self, number: int) -> float:
        """Return when a line is printed, in wall time; infinity if there is none."""
        if number >= self._firsts[-1] or (self._over and number >= self._ended):
            return math.inf
        return self._at(number)[0]

    def line(self, number: int) -> LogLine:
        """Return a line by its number."""
        return LogLine(*self._at(number))

    def _at(self, number: int) -> tuple[float, str]:
        """Return when a line is printed, as fine as times are written, and the line."""
        place = bisect_right(self._firsts, number) - 1
        part = self._parts[place]
        turn, at = divmod(number - int(self._firsts[place]), len(part.lines))
        after, text = part.lines[at]
        return round(self._timeline.wall_at(self._begun + part.at + turn * part.period + after), 6), text

    def _printed_by(self, wall: float) -> int:
        """Return how many lines are printed by a wall time."""
        passed = self._timeline.cluster_at(wall) - self._begun
        count = 0
        for part, first in zip(self._parts, self._firsts, strict=False):
            turns = min(part.times, max(0.0, (passed - part.at) // part.period + 1) if part.period else 1.0)
            # The round that is under way has not printed all of its lines, and times are rounded.
            upto = int(first + turns * len(part.lines))
            begin = max(int(first), upto - 2 * len(part.lines))
            count = begin + bisect_right(range(begin, upto), wall, key=lambda number: self._at(number)[0])
            if count < upto:
                break
        return count

    def begin(self, options: LogOptions, now: float) -> int:
        """Return the number of the first line that is asked for."""
        count = self.count(now)
        first = 0 if options.tail is None else max(0, count - options.tail)
        return bisect_left(range(count), options.since, lo=first, key=self.at) if options.since > 0 else first


def _once(at: float, text: str) -> Rounds:
    return Rounds(at, 0.0, 1.0, ((0.0, text),))
