"""The simulated kubelet: how a bound pod starts, becomes ready, gets into trouble and ends.

One call looks at one pod and returns its next change, or None if there is nothing to do now. A
machine that is down moves nothing. Deadlines are cluster time, kept in the pod's timers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from math import inf

from controller.engine.changes import Change, Verb
from controller.engine.cluster import ephemeral, restart
from controller.engine.cluster.containers import STOPPED, Containers, Scripts, is_plain
from controller.engine.cluster.podstatus import (
    CRASHED,
    CREATING,
    INITIALIZING,
    PULL_BACKOFF,
    PULL_ERROR,
    Stage,
    bound,
    crash_message,
    host_ip_of,
    host_ips,
    restarts_of,
    running_since,
    stage_of,
    terminated,
    waiting_statuses,
    with_containers,
    with_ready,
    with_state,
)
from controller.engine.cluster.scheduler.demand import is_resized
from controller.engine.container.recorded import asks_network, recorded, with_record
from controller.engine.container.scripts import Script, script_of
from controller.engine.container.sources import ConfigSources
from controller.engine.container.vantage import Asked, Vantage
from controller.engine.job.pods import TRACKING
from controller.engine.mirrored import SETTLED
from controller.engine.newpod import with_topology
from controller.engine.objects import BEHAVIOUR_ANNOTATION, Manifest, Moment, Node, Pod, Timers, condition
from controller.engine.reasons import Reason
from controller.engine.remembered import remembered
from controller.engine.settings import Settings, annotated_seconds, seconds_to_stop

KUBELET = "kubelet"
LASTING = frozenset({"born", "place"})
"""Timers of a pod that outlast what becomes of its containers."""
BEHAVIOURS = ("ok", "image-pull-error", "crash-loop", "never-ready", "unhealthy", "exit-1", "exit-0")
NOTHING: Manifest = {}
LIVING = {"ok", "never-ready", "unhealthy"}
"""Behaviours of containers that run; the others are trouble that befalls all of them alike."""
PULL_RETRY = 0.5
"""After so many seconds a failed pull is called a back-off; recorded were less than two."""
FIRST_CRASH_DELAY = 10.0
LONGEST_CRASH_DELAY = 300.0

Sources = Callable[[Pod], ConfigSources]
"""Where the config maps and secrets are that a pod's containers are given."""
Networks = Callable[[Pod], Vantage]
"""What a pod finds when it asks the network."""


def behaviour_of(pod: Pod) -> str:
    """Return how the pod's containers behave: one of ``BEHAVIOURS``; an unknown word counts as ok."""
    manifest = pod.manifest
    said = (manifest["metadata"].get("annotations") or NOTHING).get(BEHAVIOUR_ANNOTATION, "ok")
    if said == "ok" and _cannot_be_pulled(manifest["spec"]["containers"]):
        return "image-pull-error"
    return said if said in BEHAVIOURS else "ok"


@remembered
def _cannot_be_pulled(containers: list[Manifest]) -> bool:
    return any(c["image"].rpartition(":")[2] in {"non-existent", "does-not-exist"} for c in containers)


def accept(pod: Pod, node: Node, now: Moment, settings: Settings) -> Change:
    """Take a pod that was just bound to the node: its containers are being created."""
    manifest, timers = _accepted(pod, node, now, settings)
    return Change(Verb.MODIFIED, "Pod", manifest, KUBELET, Reason.BOUND, timers)


def _accepted(pod: Pod, node: Node, now: Moment, settings: Settings) -> tuple[Manifest, Timers]:
    """Return the pod and its timers after its kubelet took it. The manifest is new, its status too."""
    before = pod.manifest
    delay = annotated_seconds(before["metadata"], "start-delay", settings.start_delay)
    spec, status = before["spec"], before.get("status") or NOTHING
    first, main = spec.get("initContainers") or [], spec["containers"]
    if first and not _is_initialized(pod):
        entries = [waiting_statuses(containers, INITIALIZING) for containers in (first, main)]
        manifest = with_containers(pod, now, *entries, phase="Pending", initialized=False)
    elif status.get("containerStatuses"):
        manifest = _waits(pod, now, "Pending", CREATING)
    else:
        ended = status.get("initContainerStatuses") or []
        manifest = with_containers(pod, now, ended, waiting_statuses(main, CREATING), phase="Pending")
    manifest["status"] |= host_ips(node.address or host_ip_of(node.uid))
    return manifest, _timers(pod, {"due": now.cluster + delay})


def _is_initialized(pod: Pod) -> bool:
    return condition(pod.manifest, "Initialized") == "True"


def rests(pod: Pod) -> bool:
    """Whether a pod runs and is ready for good: no kubelet moves it until somebody changes it."""
    if pod.is_packed:
        return True  # that is why it is; whatever changes it makes another pod of it
    if not pod.ready or not pod.bound or pod.terminating:
        return False
    if pod.resting is None:
        object.__setattr__(pod, "resting", _rests(pod))  # whoever has this pod sees no difference
    return bool(pod.resting)


def _rests(pod: Pod) -> bool:
    if SETTLED in pod.timers:
        return True
    manifest = pod.manifest
    return (
        stage_of(pod) is Stage.READY
        and is_plain(manifest["spec"])
        and "ephemeralContainers" not in manifest["spec"]
        and behaviour_of(pod) == "ok"
        and not restart.redefined_containers(manifest)
        and not is_resized(manifest)
    )


def step(  # noqa: PLR0917 -- all that a kubelet has
    pod: Pod, node: Node, now: Moment, settings: Settings, sources: Sources, network: Networks | None = None
) -> Change | None:
    """Return what the kubelet of ``node`` does with ``pod`` now, if anything."""
    if node.down or rests(pod):
        return None
    if pod.terminating:
        return _stop(pod, now, settings)
    stage, behaviour, spec = stage_of(pod), behaviour_of(pod), pod.manifest["spec"]
    creating = stage is Stage.CREATING and pod.timers.get("due", now.cluster) > now.cluster
    if creating or stage is Stage.FINISHED:
        return None
    cured = stage in {Stage.PULL_ERROR, Stage.PULL_BACKOFF} and behaviour in LIVING
    if cured or stage is Stage.UNSEEN:
        return accept(pod, node, now, settings)
    if behaviour in LIVING and (again := restart.redefined(pod, now)):
        return Change(Verb.MODIFIED, "Pod", again[0], KUBELET, Reason.CONTAINER_REDEFINED, again[1])
    as_one = is_plain(spec) or (behaviour not in LIVING and _is_initialized(pod))
    debugged = _debug(pod, node, now, sources, network) if spec.get("ephemeralContainers") else None
    return debugged or (
        _behave(behaviour, pod, stage, now) if as_one else _move(pod, node, now, behaviour, sources, network)
    )


def at_once(pod: Pod, now: Moment) -> Change | None:
    """Return what follows at once for a pod that its kubelet has just taken or started, if anything.

    Only of containers that are moved as one: what others do next hangs on more than the pod.
    """
    if pod.timers.get("due", inf) > now.cluster:
        return None
    spec, behaviour = pod.manifest["spec"], behaviour_of(pod)
    if behaviour not in LIVING or not is_plain(spec) or "ephemeralContainers" in spec:
        return None
    return _behave(behaviour, pod, stage_of(pod), now)


def _scripts(pod: Pod, node: Node, sources: Sources) -> Scripts:
    runs = restarts_of(pod.manifest)

    def script(container: Manifest) -> Script | None:
        kept = recorded(pod.manifest, container["name"], runs.get(container["name"], 0))
        return kept or script_of(pod.manifest, container, node.manifest, sources(pod))

    return script


def _debug(pod: Pod, node: Node, now: Moment, sources: Sources, network: Networks | None) -> Change | None:
    """Look at the containers that somebody put into a pod that runs."""
    seen = _with_calls(pod, node, now, sources, network) if network else pod
    return _went_on(pod, *ephemeral.after(seen, now, _scripts(seen, node, sources)))


def _move(  # noqa: PLR0917 -- as above
    pod: Pod, node: Node, now: Moment, behaviour: str, sources: Sources, network: Networks | None
) -> Change | None:
    """Look at the containers of a pod one by one."""
    seen = _with_calls(pod, node, now, sources, network) if network else pod
    scripts = _scripts(seen, node, sources)
    return _went_on(pod, *Containers(seen, now, behaviour=behaviour, scripts=scripts).after())


def _with_calls(pod: Pod, node: Node, now: Moment, sources: Sources, network: Networks) -> Pod:
    """Return the pod with what came of commands that ask the network and run since the last look."""
    runs = restarts_of(pod.manifest)
    for container, timer in _containers_of(pod.manifest["spec"]):
        name = container["name"]
        if name not in runs or not asks_network(container):
            continue
        kept = recorded(pod.manifest, name, runs[name])
        if kept and kept.seconds < inf:
            continue
        passed = now.cluster - pod.timers.get(timer, now.cluster)
        began = now.wall - timedelta(seconds=passed)
        asked = partial(_asked, network, pod, kept, passed)
        script = script_of(pod.manifest, container, node.manifest, sources(pod), began, asked)
        if script and not script.attended and (kept is None or script.seconds < inf):
            pod = replace(pod, held=with_record(pod.manifest, name, runs[name], script))
    return pod


def _containers_of(spec: Manifest) -> Iterator[tuple[Manifest, str]]:
    """Yield each container of a pod, and the timer that says when it began."""
    for container in (*spec["containers"], *(spec.get("initContainers") or ())):
        yield container, f"run:{container['name']}"
    for container in spec.get("ephemeralContainers") or ():
        yield container, ephemeral.BEGAN + container["name"]


def _asked(network: Networks, pod: Pod, kept: Script | None, passed: float) -> Asked:
    """Return the network as a command asks it that began ``passed`` seconds ago, and maybe asked before."""
    told = (kept.answers if kept else None) or {}
    return Asked(network(pod), told, passed if told else -inf)


def _went_on(pod: Pod, manifest: Manifest, timers: Timers) -> Change | None:
    if (manifest, timers) == (pod.manifest, pod.timers):
        return None
    return Change(Verb.MODIFIED, "Pod", manifest, KUBELET, Reason.CONTAINERS_WENT_ON, timers)


def _behave(behaviour: str, pod: Pod, stage: Stage, now: Moment) -> Change | None:
    if behaviour in {"exit-0", "exit-1"}:
        return _exit(pod, now, int(behaviour[-1]))
    if behaviour == "crash-loop":
        return _crash(pod, stage, now)
    if behaviour == "image-pull-error":
        return _pull(pod, stage, now)
    if stage in {Stage.CREATING, Stage.CRASHED}:
        return _run(pod, stage, now, behaviour)
    return _stay_unready(pod, now) if behaviour == "never-ready" else _become_ready(pod, stage, now)


def _stop(pod: Pod, now: Moment, settings: Settings) -> Change | None:
    stop = pod.timers.get("stop")
    if stop is None:
        meta = pod.manifest["metadata"]
        grace = meta.get("deletionGracePeriodSeconds", 30)
        stop = now.cluster + seconds_to_stop(pod.manifest, grace, settings)
        if stop > now.cluster:
            return _change(pod, pod.manifest, Reason.CONTAINERS_STOPPING, {**pod.timers, "stop": stop})
    if stop > now.cluster:
        return None
    if held := pod.manifest["metadata"].get("finalizers"):
        # A held pod stays as it is (recorded: w-gc-owner-chains), but a Job may wait for the end of its own.
        return _exit(pod, now, STOPPED) if TRACKING in held and not pod.finished else None
    return Change(Verb.DELETED, "Pod", pod.manifest, KUBELET, Reason.CONTAINERS_STOPPED, pod.timers)


def _run(pod: Pod, stage: Stage, now: Moment, behaviour: str) -> Change:
    state = running_since(now.stamp)
    manifest = with_state(pod, now, phase="Running", state=state, restarted=stage is Stage.CRASHED)
    wait = annotated_seconds(pod.manifest["metadata"], "ready-after", 0.0)
    timers = {} if behaviour == "never-ready" else {"due": now.cluster + wait}
    return _change(pod, manifest, Reason.CONTAINERS_STARTED, timers)


def _become_ready(pod: Pod, stage: Stage, now: Moment) -> Change | None:
    if stage is Stage.READY or pod.timers.get("due", now.cluster) > now.cluster:
        return None
    return _change(pod, with_ready(pod, now, ready=True), Reason.CONTAINERS_READY, {"ready": now.stamped})


def _stay_unready(pod: Pod, now: Moment) -> Change | None:
    if not pod.ready:
        return None
    return _change(pod, with_ready(pod, now, ready=False), Reason.PROBE_FAILS, {})


def _exit(pod: Pod, now: Moment, code: int) -> Change:
    entries = [
        {**entry, "ready": False, "started": False, "state": terminated(entry, now, code)}
        for entry in pod.manifest["status"].get("containerStatuses") or ()
    ]
    first = pod.manifest["status"].get("initContainerStatuses") or []
    manifest = with_containers(pod, now, first, entries, phase="Failed" if code else "Succeeded")
    return _change(pod, manifest, Reason.CONTAINERS_ENDED, {})


def _crash(pod: Pod, stage: Stage, now: Moment) -> Change | None:
    """Crash at once, then again after 10, 20, 40 ... at most 300 seconds."""
    again = stage is Stage.CRASHED
    if again and pod.timers.get("due", now.cluster) > now.cluster:
        return None
    entry = pod.manifest["status"]["containerStatuses"][0]
    restarts = (entry.get("restartCount") or 0) + again
    delay = min(FIRST_CRASH_DELAY * 2 ** min(restarts, 10), LONGEST_CRASH_DELAY)
    message = crash_message(pod, pod.manifest["spec"]["containers"][0]["name"], delay)
    state = {"waiting": {"reason": CRASHED, "message": message}}
    manifest = with_state(pod, now, phase="Running", state=state, restarted=again, last=1)
    return _change(pod, manifest, Reason.CONTAINER_CRASHED, {"due": now.cluster + delay})


def _pull(pod: Pod, stage: Stage, now: Moment) -> Change | None:
    if stage is Stage.PULL_BACKOFF:
        return None
    phase = "Pending" if stage in {Stage.CREATING, Stage.PULL_ERROR} else "Running"
    phase = pod.phase if stage is Stage.PULL_ERROR else phase
    if stage is not Stage.PULL_ERROR:
        return _change(
            pod,
            _waits(pod, now, phase, PULL_ERROR),
            Reason.IMAGE_ERROR,
            {"due": now.cluster + PULL_RETRY},
        )
    if pod.timers.get("due", now.cluster) > now.cluster:
        return None
    return _change(pod, _waits(pod, now, phase, PULL_BACKOFF), Reason.IMAGE_BACKOFF, {})


def _waits(pod: Pod, now: Moment, phase: str, reason: str) -> Manifest:
    state: Manifest = {"waiting": {"reason": reason}}
    if reason != CREATING:
        image = pod.manifest["spec"]["containers"][0]["image"]
        words = {
            PULL_ERROR: f'failed to pull image "{image}": not found',
            PULL_BACKOFF: f'Back-off pulling image "{image}"',
        }
        state["waiting"]["message"] = words[reason]
    return with_state(pod, now, phase=phase, state=state)


def _change(pod: Pod, manifest: Manifest, reason: Reason, timers: Timers) -> Change:
    return Change(Verb.MODIFIED, "Pod", manifest, KUBELET, reason, _timers(pod, timers))


def _timers(pod: Pod, timers: Timers) -> Timers:
    """Return timers, with those of the pod that outlast what becomes of its containers."""
    kept = {
        name: at for name, at in pod.timers.items() if name in LASTING or name.startswith(ephemeral.BEGAN)
    }
    return kept | timers


def bind(pod: Pod, node: Node, now: Moment, settings: Settings) -> Change:
    """Bind a pod; its kubelet's first report comes with it, so that a pod costs one change less.

    A machine that is down reports nothing: all that is known of the pod is where it is to run.
    """
    if node.down:
        manifest = {**bound(pod, now), "spec": {**pod.manifest["spec"], "nodeName": node.name}}
        manifest = with_topology(manifest, node.labels)
        return Change(Verb.MODIFIED, "Pod", manifest, "scheduler", Reason.SCHEDULED, pod.timers)
    manifest, timers = _accepted(pod, node, now, settings)
    manifest["spec"] = {**manifest["spec"], "nodeName": node.name}
    manifest["status"].pop("nominatedNodeName", None)
    manifest = with_topology(manifest, node.labels)
    return Change(Verb.MODIFIED, "Pod", manifest, "scheduler", Reason.SCHEDULED, timers)
