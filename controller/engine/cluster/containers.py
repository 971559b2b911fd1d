"""The containers of a pod one by one: init containers in order, probes, ends, and new starts.

Most pods are *plain*: their containers start together, are ready at once and run for ever, and the
kubelet moves them as one. A pod with init containers, probes or a command of its own is moved here.
When a container started and what it waits for is cluster time, kept in the pod's timers.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from controller.engine.cluster.podstatus import (
    CRASHED,
    INITIALIZING,
    container_status,
    crash_message,
    held_in,
    runs,
    terminated,
    with_containers,
)
from controller.engine.cluster.probes import Probe
from controller.engine.container.scripts import Script
from controller.engine.objects import Manifest, Moment, Pod, Timers
from controller.engine.remembered import remembered
from controller.engine.settings import annotated_seconds

SPECIAL = {"command", "args", "readinessProbe", "livenessProbe", "startupProbe"}
FIRST_DELAY, LONGEST_DELAY = 10.0, 300.0
"""Seconds before a container that ended again is started again: 0, 10, 20, 40 ... at most 300."""
FORGIVEN = 2 * LONGEST_DELAY
"""One that ran for so long begins anew."""
PROBED_TO_DEATH = 137
"""Exit code of a container that its probe had killed."""
DONE = Script((), 0, 0)
"""What an init container does whose command is not simulated."""
STOPPED = 143
"""Exit code of a container that is asked to stop, as a sidecar is when the others are done."""

Scripts = Callable[[Manifest], Script | None]
"""What the command of a container does, or None if it runs for ever."""


def is_plain(spec: Manifest) -> bool:
    """Whether the containers of a pod can be moved as one."""
    return not spec.get("initContainers") and _are_plain(spec["containers"])


@remembered
def _are_plain(containers: list[Manifest]) -> bool:
    return SPECIAL.isdisjoint(field for container in containers for field in container)


def is_sidecar(container: Manifest) -> bool:
    """Whether an init container is one that runs beside the others."""
    return container.get("restartPolicy") == "Always"


class Containers:
    """One look at the containers of a pod that was accepted. ``after`` is how it stands then."""

    def __init__(self, pod: Pod, now: Moment, *, behaviour: str, scripts: Scripts) -> None:
        self._pod, self._now = pod, now
        self._behaviour, self._scripts = behaviour, scripts
        self._timers: Timers = {name: at for name, at in pod.timers.items() if name not in {"due", "ready"}}
        self._due = inf
        self._spec: Manifest = pod.manifest["spec"]
        status = pod.manifest.get("status") or {}
        self._entries: dict[str, Manifest] = {
            entry["name"]: entry
            for entry in (
                *(status.get("initContainerStatuses") or ()),
                *(status.get("containerStatuses") or ()),
            )
        }

    def after(self) -> tuple[Manifest, Timers]:
        """Return the pod and its timers after this look."""
        first: list[Manifest] = self._spec.get("initContainers") or []
        initialized = all(self._pass(container) for container in first)
        main = self._spec["containers"]
        if initialized:
            for container in main:
                self._move(container)
        over = self._outcome(first, main, initialized=initialized)
        if over:
            self._stop_sidecars(first)
        manifest = with_containers(
            self._pod,
            self._now,
            [self._entry(container) for container in first],
            [self._entry(container) for container in main],
            phase=over or self._phase(main),
            initialized=initialized,
        )
        ready = Pod.read(manifest, {}).ready
        if ready:
            self._timers["ready"] = self._pod.timers.get("ready", self._now.stamped)
        if self._due < inf and not over:
            self._timers["due"] = self._due
        return manifest, self._timers

    # -- the pod ---------------------------------------------------------------------------------

    def _pass(self, container: Manifest) -> bool:
        """Move an init container; return whether the next may start."""
        self._move(container)
        entry = self._entry(container)
        if is_sidecar(container):
            return bool(entry["started"])
        return _code(entry) == 0

    def _outcome(self, first: list[Manifest], main: list[Manifest], *, initialized: bool) -> str:
        """Return the phase in which the pod ends now, or ""."""
        codes = [_code(self._entry(container)) for container in main]
        if initialized and None not in codes:
            return "Failed" if any(codes) else "Succeeded"
        failed = any(_code(self._entry(each)) for each in first if not is_sidecar(each))
        return "Failed" if failed else ""

    def _phase(self, main: list[Manifest]) -> str:
        begun = any(
            "waiting" not in entry["state"] or entry["restartCount"] or entry["lastState"]
            for entry in map(self._entry, main)
        )
        return "Running" if begun else "Pending"

    def _stop_sidecars(self, first: list[Manifest]) -> None:
        for container in first:
            entry = self._entry(container)
            if runs(entry):
                self._put(entry, ready=False, started=False, state=terminated(entry, self._now, STOPPED))

    # -- one container -----------------------------------------------------------------------------

    def _entry(self, container: Manifest) -> Manifest:
        name = container["name"]
        if name not in self._entries:
            self._entries[name] = container_status(
                self._pod.uid, container, {"waiting": {"reason": INITIALIZING}}
            )
        return self._entries[name]

    def _put(self, entry: Manifest, **fields: object) -> None:
        self._entries[entry["name"]] = {**entry, **fields}

    def _wait(self, until: float) -> None:
        self._due = min(self._due, until)

    def _move(self, container: Manifest) -> None:
        entry = self._entry(container)
        if runs(entry):
            self._live(container, entry)
        elif "waiting" in entry["state"]:
            self._come_back(container, entry)

    def _come_back(self, container: Manifest, entry: Manifest) -> None:
        """Start a container that waits, unless it has to wait longer after it ended."""
        name = entry["name"]
        crashed = entry["state"]["waiting"].get("reason") == CRASHED
        again = self._timers.get(f"again:{name}", self._now.cluster) if crashed else self._now.cluster
        if again > self._now.cluster:
            self._wait(again)
        else:
            self._start(container, entry, restarted=crashed)

    def _start(self, container: Manifest, entry: Manifest, *, restarted: bool) -> None:
        name = entry["name"]
        for timer in ("again", "probe", "live"):
            self._timers.pop(f"{timer}:{name}", None)
        self._timers[f"run:{name}"] = self._now.cluster
        fresh = container_status(self._pod.uid, container, {"running": {"startedAt": self._now.stamp}})
        count = entry["restartCount"] + restarted
        self._entries[name] = {
            **fresh,
            "started": "startupProbe" not in container,
            "restartCount": count,
            "lastState": entry["lastState"],
            **held_in(entry),
        }
        self._wait(self._now.cluster)

    def _live(self, container: Manifest, entry: Manifest) -> None:
        """Let a container that runs end, or its probes find out how it is."""
        began = self._timers.setdefault(f"run:{entry['name']}", self._now.cluster)
        script = self._scripts(container) or (DONE if self._runs_once(container) else None)
        if script and not script.attended:
            if began + script.seconds <= self._now.cluster:
                self._end(container, entry, began, script.code)
                return
            self._wait(began + script.seconds)
        if self._is_killed(container, entry, began):
            self._end(container, entry, began, PROBED_TO_DEATH)
        elif self._is_started(container, entry, began):
            self._probe_readiness(container, began)

    def _is_started(self, container: Manifest, entry: Manifest, began: float) -> bool:
        """Whether the startup probe has succeeded, or there is none."""
        if entry["started"]:
            return True
        at = Probe.read(container["startupProbe"]).first(began)
        if at > self._now.cluster or self._is_unhealthy:
            self._wait(at if at > self._now.cluster else inf)
            return False
        self._put(entry, started=True)
        return True

    @property
    def _is_unhealthy(self) -> bool:
        return self._behaviour == "unhealthy"

    def _is_killed(self, container: Manifest, entry: Manifest, began: float) -> bool:
        """Whether a startup or liveness probe has failed for as often as it may."""
        raw = container.get("livenessProbe" if entry["started"] else "startupProbe")
        timer = f"live:{entry['name']}"
        if raw is None or not self._is_unhealthy:
            self._timers.pop(timer, None)
            return False
        at = self._timers.setdefault(timer, Probe.read(raw).fails(began, self._now.cluster))
        if at > self._now.cluster:
            self._wait(at)
        return at <= self._now.cluster

    def _probe_readiness(self, container: Manifest, began: float) -> None:
        entry, raw = self._entry(container), container.get("readinessProbe")
        timer = f"probe:{entry['name']}"
        ready = self._behaviour != "never-ready" and not (raw and self._is_unhealthy)
        if entry["ready"] == ready:
            self._timers.pop(timer, None)
            return
        at = self._timers.setdefault(timer, self._turns(raw, began, ready=ready))
        if at > self._now.cluster:
            self._wait(at)
            return
        del self._timers[timer]
        self._put(entry, ready=ready)

    def _turns(self, raw: Manifest | None, began: float, *, ready: bool) -> float:
        """Return when a container turns ready, or unready."""
        meta = self._pod.manifest["metadata"]
        wished = began + annotated_seconds(meta, "ready-after", -inf)
        if ready and wished > -inf:
            return wished
        if raw is None:
            return self._now.cluster
        probe = Probe.read(raw)
        return (probe.succeeds if ready else probe.fails)(began, self._now.cluster)

    def _end(self, container: Manifest, entry: Manifest, began: float, code: int) -> None:
        """End a container, and start it again if its pod wants that: at once, later each further time."""
        name, ended = entry["name"], terminated(entry, self._now, code)
        if not self._restarts(container, code):
            self._put(entry, ready=False, started=False, state=ended)
            return
        fields = {"ready": False, "started": False, "lastState": ended}
        delay = self._timers.get(f"back:{name}", 0.0) if self._now.cluster - began < FORGIVEN else 0.0
        self._timers[f"back:{name}"] = min(max(FIRST_DELAY, 2 * delay), LONGEST_DELAY)
        if not delay:
            self._put(entry, **fields)
            self._start(container, self._entry(container), restarted=True)
            return
        self._timers[f"again:{name}"] = self._now.cluster + delay
        self._wait(self._now.cluster + delay)
        message = crash_message(self._pod, name, delay)
        self._put(entry, **fields, state={"waiting": {"reason": CRASHED, "message": message}})

    def _restarts(self, container: Manifest, code: int) -> bool:
        if is_sidecar(container):
            return True
        policy = self._spec.get("restartPolicy") or "Always"
        return policy != "Never" and (code != 0 or (policy == "Always" and not self._runs_once(container)))

    def _runs_once(self, container: Manifest) -> bool:
        return not is_sidecar(container) and container in (self._spec.get("initContainers") or ())


def _code(entry: Manifest) -> int | None:
    """Return the exit code of a container that has ended for good, or None."""
    ended = entry["state"].get("terminated")
    return None if ended is None else int(ended["exitCode"])
