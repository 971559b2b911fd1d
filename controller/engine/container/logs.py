"""What the containers of a pod print: nothing is stored, every line follows from the pod and the clock.

A container prints a few lines when it starts, then one line every so many seconds of cluster time, and
perhaps its last words. The n-th line of a run is the same whoever asks for it, and whenever.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from controller.engine.container.programs import Program, fill, program_of
from controller.engine.container.sources import all_containers
from controller.engine.errors import BadRequest
from controller.engine.objects import BEHAVIOUR_ANNOTATION, Manifest
from controller.engine.timeline import Timeline

KEPT = 50_000
"""How many lines at least are kept of a long run; as many again may be, until the log is rotated."""

CRASHED, KILLED, TERMINATED = 1, 137, 143
"""Exit codes: of a program that fails, of one that was killed, of one that was asked to end."""


@dataclass(frozen=True, slots=True)
class ContainerRun:
    """One life of a container, the ``number``-th (from 0); ``begun`` and ``ended`` are wall times.

    While it lives ``ended`` is infinite, then it has a ``code``.
    """

    number: int
    begun: float
    ended: float = math.inf
    code: int = 0


@dataclass(frozen=True, slots=True)
class LogLine:
    """A printed line and its wall time (Unix seconds)."""

    at: float
    text: str

    def render(self, *, timestamps: bool) -> bytes:
        """Return the line as a kubelet sends it."""
        stamp = f"{stamp_of(self.at)} " if timestamps else ""
        return f"{stamp}{self.text}\n".encode()


@dataclass(frozen=True, slots=True)
class LogOptions:
    """Which lines are asked for: the last ``tail``, those since a wall time, so many bytes at most."""

    tail: int | None = None
    since: float = -math.inf
    limit: int | None = None
    timestamps: bool = False


def stamp_of(wall: float) -> str:
    """Return a wall time as kubelets write it, in nanoseconds."""
    return datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")


def wall_of(stamp: object) -> float:
    """Return the Unix seconds of a time in a manifest; 0 for what is none."""
    try:
        return datetime.fromisoformat(str(stamp)).timestamp()
    except ValueError:
        return 0.0


class ContainerLog:
    """All that a container of a pod prints in one run, by number, from 0 on."""

    def __init__(self, pod: Manifest, container: Manifest, run: ContainerRun, timeline: Timeline) -> None:
        self._pod, self._container, self._run, self._timeline = pod, container, run, timeline
        self.program: Program = program_of(pod, container)
        self._first_beat = timeline.cluster_at(run.begun)
        self._opening = len(self.program.opening)
        self._ended = math.inf if math.isinf(run.ended) else self._opening + self._beats(run.ended)
        self._closing = () if math.isinf(run.ended) else _last_words(pod, run.code)

    def count(self, now: float) -> int:
        """Return how many lines there are at a wall time; of a run that ended, all."""
        if not math.isinf(self._ended):
            return int(self._ended) + len(self._closing)
        return self._opening + self._beats(now) if now >= self._run.begun else 0

    def oldest(self, now: float) -> int:
        """Return the number of the oldest line that is kept: long logs are rotated."""
        return max(0, self.count(now) // KEPT - 1) * KEPT

    def at(self, number: int) -> float:
        """Return when a line is printed, in wall time; infinity if it will not be as things stand."""
        # As fine as times are written, so that one that was read finds its line again.
        return round(self._at(number), 6)

    def _at(self, number: int) -> float:
        if number >= self._ended:
            return self._run.ended if number - self._ended < len(self._closing) else math.inf
        beat = number - self._opening
        if beat <= 0:
            return self._run.begun
        return self._timeline.wall_at(self._first_beat + beat * self.program.every)

    def line(self, number: int) -> LogLine:
        """Return a line by its number."""
        at = self.at(number)
        if number >= self._ended:
            return LogLine(at, self._closing[number - int(self._ended)])
        if number < self._opening:
            text, count = self.program.opening[number], number + 1
        else:
            text, count = self.program.beat, number - self._opening + 1
        return LogLine(at, fill(text, self._pod, self._container, count, at))

    def begin(self, options: LogOptions, now: float) -> int:
        """Return the number of the first line that is asked for."""
        count, first = self.count(now), self.oldest(now)
        if options.tail is not None:
            first = max(first, count - options.tail)
        return bisect_left(range(count), options.since, lo=first, key=self.at) if options.since > 0 else first

    def _beats(self, wall: float) -> int:
        passed = self._timeline.cluster_at(wall) - self._first_beat
        return math.ceil(passed / self.program.every) if passed > 0 else 0


def _last_words(pod: Manifest, code: int) -> tuple[str, ...]:
    if code == TERMINATED:
        return ("received signal 15, terminating",)
    if code in {0, KILLED}:
        return ()
    behaviour = (pod["metadata"].get("annotations") or {}).get(BEHAVIOUR_ANNOTATION)
    why = f"{BEHAVIOUR_ANNOTATION}: {behaviour}" if behaviour else "it was made to"
    return (f"fatal: the simulated program ends here ({why})", f"exit status {code}")


# -- which run of which container ------------------------------------------------------------------


def container_of(pod: Manifest, name: str) -> Manifest:
    """Return a container of a pod; without a name, the only one. Raises BadRequest."""
    spec, pod_name = pod["spec"], pod["metadata"]["name"]
    containers, first = spec["containers"], spec.get("initContainers") or []
    if not name and len(containers) == 1:
        return dict(containers[0])
    if not name:
        said = f"a container name must be specified for pod {pod_name}, choose one of: {_names(containers)}"
        more = f" or one of the init containers: {_names(first)}" if first else ""
        raise BadRequest(said + more)
    for container in all_containers(spec):
        if container["name"] == name:
            return dict(container)
    raise BadRequest(f"container {name} is not valid for pod {pod_name}")


def _names(containers: list[Manifest]) -> str:
    return "[" + " ".join(container["name"] for container in containers) + "]"


def all_statuses(pod: Manifest) -> list[Manifest]:
    """Return what a kubelet said of the containers of a pod, of all three sorts."""
    status = pod.get("status") or {}
    fields = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")
    return [entry for field in fields for entry in status.get(field) or ()]


def status_of(pod: Manifest, container: str) -> Manifest:
    """Return what a kubelet said of a container. Raises BadRequest if it said nothing yet."""
    for entry in all_statuses(pod):
        if entry["name"] == container:
            return dict(entry)
    raise BadRequest(f'container "{container}" in pod "{pod["metadata"]["name"]}" is not available')


def run_of(pod: Manifest, container: str, *, previous: bool = False) -> ContainerRun:
    """Return the run whose output is shown: that which lives, else the last. Raises BadRequest.

    ``previous`` is the one before a restart.
    """
    status = status_of(pod, container)
    state, last = status.get("state") or {}, (status.get("lastState") or {}).get("terminated")
    named = f'container "{container}" in pod "{pod["metadata"]["name"]}"'
    number = int(status.get("restartCount") or 0)
    if previous:
        if not last:
            raise BadRequest(f"previous terminated {named} not found")
        return _ended(pod, container, number - ("running" in state), last)
    if "running" in state:
        started = state["running"].get("startedAt")
        return ContainerRun(number, _begun(pod, container, number, started))
    if over := state.get("terminated") or last:
        return _ended(pod, container, number, over)
    reason = (state.get("waiting") or {}).get("reason")
    raise BadRequest(f"{named} is waiting to start: {WAITING.get(reason, reason)}")


WAITING = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
    None: "no logs yet",
}
"""What a kubelet says of a container that waits for a reason; else it names the reason."""


def _begun(pod: Manifest, container: str, number: int, stamp: object) -> float:
    # Manifests know whole seconds. Without a share of one, all pods would print at the same instant.
    seed = f"{pod['metadata']['uid']}/{container}/{number}"
    return wall_of(stamp) + sha256(seed.encode()).digest()[0] / 1024


def _ended(pod: Manifest, container: str, number: int, ended: Manifest) -> ContainerRun:
    started, finished = ended.get("startedAt"), ended.get("finishedAt")
    begun, code = _begun(pod, container, number, started or finished), int(ended.get("exitCode") or 0)
    if not started or (started == finished and code == CRASHED):
        return ContainerRun(number, begun, begun, code)  # a crash loop: it ends as it begins
    # The whole of its last second belongs to it: what somebody saw it print stays.
    return ContainerRun(number, begun, max(begun, wall_of(finished) + 0.999), code)
