"""The simulated kubelet: how a bound pod starts, becomes ready, gets into trouble and ends.

One call looks at one pod and returns its next change, or None if there is nothing to do now. A
machine that is down moves nothing. Deadlines are cluster time, kept in the pod's timers.
"""

from __future__ import annotations

from dataclasses import replace

from controller.engine.changes import Change, Verb
from controller.engine.cluster.podstatus import (
    CRASHED,
    PULL_BACKOFF,
    PULL_ERROR,
    Stage,
    host_ip_of,
    restarts_of,
    stage_of,
    with_ready,
    with_status,
)
from controller.engine.objects import BEHAVIOUR_ANNOTATION, Manifest, Moment, Node, Pod, Timers
from controller.engine.settings import Settings, annotated_seconds

KUBELET = "kubelet"
BEHAVIOURS = ("ok", "image-pull-error", "crash-loop", "never-ready", "exit-1", "exit-0")
PULL_RETRY = 10.0
FIRST_CRASH_DELAY = 10.0
LONGEST_CRASH_DELAY = 300.0


def behaviour_of(pod: Pod) -> str:
    """Return how the pod's containers behave: one of ``BEHAVIOURS``; an unknown word counts as ok."""
    said = (pod.manifest["metadata"].get("annotations") or {}).get(BEHAVIOUR_ANNOTATION, "ok")
    if said == "ok" and any(_unpullable(c["image"]) for c in pod.manifest["spec"]["containers"]):
        return "image-pull-error"
    return said if said in BEHAVIOURS else "ok"


def _unpullable(image: str) -> bool:
    return image.rpartition(":")[2] in {"non-existent", "does-not-exist"}


def accept(pod: Pod, node: Node, now: Moment, settings: Settings) -> Change:
    """Take a pod that was just bound to the node: its containers are being created."""
    delay = annotated_seconds(pod.manifest["metadata"], "start-delay", settings.start_delay)
    manifest = _waits(pod, now, "Pending", "ContainerCreating")
    host = host_ip_of(node.uid)
    manifest["status"] |= {"hostIP": host, "hostIPs": [{"ip": host}]}
    return _change(pod, manifest, "bound to this node", {"due": now.cluster + delay})


def step(pod: Pod, node: Node, now: Moment, settings: Settings) -> Change | None:
    """Return what the kubelet of ``node`` does with ``pod`` now, if anything."""
    if node.down:
        return None
    if pod.terminating:
        return _stop(pod, now, settings)
    stage = stage_of(pod)
    if stage is Stage.FINISHED:
        return None
    if stage is Stage.UNSEEN:
        return accept(pod, node, now, settings)
    if stage is Stage.CREATING and pod.timers.get("due", now.cluster) > now.cluster:
        return None
    behaviour = behaviour_of(pod)
    cured = behaviour in {"ok", "never-ready"} and stage in {Stage.PULL_ERROR, Stage.PULL_BACKOFF}
    return accept(pod, node, now, settings) if cured else _behave(behaviour, pod, stage, now)


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
        stop = now.cluster + min(grace, annotated_seconds(meta, "stop-delay", settings.stop_delay))
        if stop > now.cluster:
            return _change(
                pod, pod.manifest, "its containers are being stopped", {**pod.timers, "stop": stop}
            )
    if stop > now.cluster or pod.manifest["metadata"].get("finalizers"):
        return None
    return Change(Verb.DELETED, "Pod", pod.manifest, KUBELET, "its containers have stopped", pod.timers)


def _run(pod: Pod, stage: Stage, now: Moment, behaviour: str) -> Change:
    restarts = restarts_of(pod) + (stage is Stage.CRASHED)
    state = {"running": {"startedAt": now.stamp}}
    manifest = with_status(pod, now, phase="Running", state=state, ready=False, restarts=restarts)
    wait = annotated_seconds(pod.manifest["metadata"], "ready-after", 0.0)
    timers = {} if behaviour == "never-ready" else {"due": now.cluster + wait}
    return _change(pod, manifest, "its containers have started", timers)


def _become_ready(pod: Pod, stage: Stage, now: Moment) -> Change | None:
    if stage is Stage.READY or pod.timers.get("due", now.cluster) > now.cluster:
        return None
    return _change(pod, with_ready(pod, now, ready=True), "its containers are ready", {"ready": now.cluster})


def _stay_unready(pod: Pod, now: Moment) -> Change | None:
    if not pod.ready:
        return None
    return _change(pod, with_ready(pod, now, ready=False), "its readiness probe fails", {})


def _exit(pod: Pod, now: Moment, code: int) -> Change:
    ended = terminated(pod, now, code)
    phase = "Failed" if code else "Succeeded"
    manifest = with_status(pod, now, phase=phase, state=ended, ready=False, restarts=restarts_of(pod))
    return _change(pod, manifest, f"its containers ended with exit code {code}", {})


def _crash(pod: Pod, stage: Stage, now: Moment) -> Change | None:
    """Crash at once, then again after 10, 20, 40 ... at most 300 seconds."""
    again = stage is Stage.CRASHED
    if again and pod.timers.get("due", now.cluster) > now.cluster:
        return None
    restarts = restarts_of(pod) + again
    delay = min(FIRST_CRASH_DELAY * 2 ** min(restarts, 10), LONGEST_CRASH_DELAY)
    name = pod.manifest["spec"]["containers"][0]["name"]
    said = (
        f"back-off {delay:.0f}s restarting failed container={name} pod={pod.name}_{pod.namespace}({pod.uid})"
    )
    state = {"waiting": {"reason": CRASHED, "message": said}}
    manifest = with_status(
        pod, now, phase="Running", state=state, ready=False, restarts=restarts, last=terminated(pod, now, 1)
    )
    return _change(pod, manifest, "its container crashed", {"due": now.cluster + delay})


def _pull(pod: Pod, stage: Stage, now: Moment) -> Change | None:
    if stage is Stage.PULL_BACKOFF:
        return None
    phase = "Pending" if stage in {Stage.CREATING, Stage.PULL_ERROR} else "Running"
    phase = pod.phase if stage is Stage.PULL_ERROR else phase
    if stage is not Stage.PULL_ERROR:
        return _change(
            pod,
            _waits(pod, now, phase, PULL_ERROR),
            "its image cannot be pulled",
            {"due": now.cluster + PULL_RETRY},
        )
    if pod.timers.get("due", now.cluster) > now.cluster:
        return None
    return _change(pod, _waits(pod, now, phase, PULL_BACKOFF), "its image still cannot be pulled", {})


def _waits(pod: Pod, now: Moment, phase: str, reason: str) -> Manifest:
    state: Manifest = {"waiting": {"reason": reason}}
    if reason != "ContainerCreating":
        image = pod.manifest["spec"]["containers"][0]["image"]
        words = {
            PULL_ERROR: f'failed to pull image "{image}": not found',
            PULL_BACKOFF: f'Back-off pulling image "{image}"',
        }
        state["waiting"]["message"] = words[reason]
    return with_status(pod, now, phase=phase, state=state, ready=False, restarts=restarts_of(pod))


def terminated(pod: Pod, now: Moment, code: int) -> Manifest:
    """Return the state of a container that ends now; one that did not run yet ends as it starts."""
    statuses = (pod.manifest.get("status") or {}).get("containerStatuses") or ()
    runs = [entry["state"]["running"] for entry in statuses if "running" in entry["state"]]
    started = runs[0].get("startedAt") if runs else None
    return {
        "terminated": {
            "exitCode": code,
            "reason": "Error" if code else "Completed",
            "startedAt": started or now.stamp,
            "finishedAt": now.stamp,
        }
    }


def _change(pod: Pod, manifest: Manifest, reason: str, timers: Timers) -> Change:
    born = {name: at for name, at in pod.timers.items() if name == "born"}
    return Change(Verb.MODIFIED, "Pod", manifest, KUBELET, reason, born | timers)


def bind(pod: Pod, node: Node, now: Moment, settings: Settings) -> Change:
    """Bind a pod; its kubelet's first report comes with it, so that a pod costs one change less."""
    bound = {**pod.manifest, "spec": {**pod.manifest["spec"], "nodeName": node.name}}
    taken = accept(replace(pod, manifest=bound, node=node.name, bound=True), node, now, settings)
    return replace(taken, actor="scheduler", reason=f"assigned to {node.name}")
