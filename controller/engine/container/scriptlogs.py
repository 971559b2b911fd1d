"""What the command of a container prints: the lines of its script, each at its time."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right

from controller.engine.container.logs import ContainerRun, LogLine, LogOptions
from controller.engine.container.scripts import Script
from controller.engine.timeline import Timeline


class ScriptLog:
    """All that a command prints in one run, by number, from 0 on; as ``ContainerLog`` is asked."""

    def __init__(self, run: ContainerRun, timeline: Timeline, script: Script) -> None:
        self.program = script
        self._over = not math.isinf(run.ended)
        begun = timeline.cluster_at(run.begun)
        lines = [LogLine(round(timeline.wall_at(begun + after), 6), text) for after, text in script.lines]
        # A run that ended printed what it had to until then, within the second that its end is told in.
        self._lines = [line for line in lines if line.at <= run.ended]
        self._times = [line.at for line in self._lines]

    def count(self, now: float) -> int:
        """Return how many lines there are at a wall time; of a run that ended, all."""
        return len(self._lines) if self._over else bisect_right(self._times, now)

    def at(self, number: int) -> float:
        """Return when a line is printed, in wall time; infinity if there is none."""
        return self._times[number] if number < len(self._times) else math.inf

    def line(self, number: int) -> LogLine:
        """Return a line by its number."""
        return self._lines[number]

    def begin(self, options: LogOptions, now: float) -> int:
        """Return the number of the first line that is asked for."""
        count = self.count(now)
        first = 0 if options.tail is None else max(0, count - options.tail)
        return max(first, bisect_left(self._times, options.since, hi=count)) if options.since > 0 else first
