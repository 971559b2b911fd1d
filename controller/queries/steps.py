"""What lies between a pod that should run and one that is available, step by step, and where it stands.

Pure: read from a pod's manifest and a few facts, and the same for pods of every workload.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from controller.engine.objects import Manifest, Pod, condition


class StepKind(StrEnum):
    """The steps, in their order."""

    NODE = "node"
    CREATED = "created"
    SCHEDULED = "scheduled"
    PULLED = "pulled"
    STARTED = "started"
    READY = "ready"
    AVAILABLE = "available"


class Standing(StrEnum):
    """How a step stands. What waits goes on with time alone; what is blocked does not."""

    PASSED = "passed"
    WAITS = "waits"
    BLOCKED = "blocked"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``reason`` is Kubernetes' word and ``message`` its sentence, each may be "".

    ``container`` is whose step it is, if it is one's; ``image`` that container's, ``exit_code`` that of
    its last end, ``restarts`` how often it was started again. ``seconds`` is how long it waits at most.
    """

    kind: StepKind
    standing: Standing
    reason: str = ""
    message: str = ""
    container: str = ""
    image: str = ""
    exit_code: int | None = None
    restarts: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Around:
    """What a pod does not say of itself.

    ``down``: its machine does not answer. ``refusal``: why the API server takes no pods like it, or "".
    ``backoff`` is for how many seconds none is made because the last one failed, ``available_in`` how
    long a ready one is not yet available. ``rests``: no kubelet will do anything about it by itself.
    """

    down: bool = False
    refusal: str = ""
    backoff: float = 0.0
    available_in: float = 0.0
    rests: bool = False


def steps(manifest: Manifest | None, around: Around) -> tuple[Step, ...]:
    """Return all steps of a pod, or of one that is not there (None): after one that is not passed, AHEAD."""
    found: list[Step] = []
    for step in chain(_first(manifest, around), _of_pod(manifest or {}, around)):
        found.append(step)
        if step.standing is not Standing.PASSED:
            break
    rest = list(StepKind)[len(found) :]
    return (*found, *(Step(kind, Standing.AHEAD) for kind in rest))


def first_unpassed(found: tuple[Step, ...]) -> Step | None:
    """Return the step that a pod has not taken, if there is one."""
    return next((step for step in found if step.standing is not Standing.PASSED), None)


def _first(manifest: Manifest | None, around: Around) -> Iterator[Step]:
    yield Step(StepKind.NODE, Standing.BLOCKED if around.down else Standing.PASSED)
    yield _created(manifest, around)


def _created(manifest: Manifest | None, around: Around) -> Step:
    if manifest and "deletionTimestamp" in manifest["metadata"]:
        return Step(StepKind.CREATED, Standing.WAITS, "Terminating")
    if manifest:
        return Step(StepKind.CREATED, Standing.PASSED)
    if around.refusal:
        return Step(StepKind.CREATED, Standing.BLOCKED, "FailedCreate", around.refusal)
    return Step(StepKind.CREATED, Standing.WAITS, seconds=around.backoff)


def _of_pod(manifest: Manifest, around: Around) -> Iterator[Step]:
    status = manifest.get("status") or {}
    yield _scheduled(manifest, status)
    yield _pulled(manifest, status)
    yield _started(status, around)
    if condition(manifest, "Ready") == "True" or status.get("phase") == "Succeeded":
        yield Step(StepKind.READY, Standing.PASSED)
    else:
        yield Step(StepKind.READY, Standing.BLOCKED if around.rests else Standing.WAITS)
    waits = around.available_in > 0
    yield Step(StepKind.AVAILABLE, Standing.WAITS if waits else Standing.PASSED, seconds=around.available_in)


def _scheduled(manifest: Manifest, status: Manifest) -> Step:
    if manifest["spec"].get("nodeName"):
        return Step(StepKind.SCHEDULED, Standing.PASSED)
    for entry in status.get("conditions") or ():
        if entry.get("type") == "PodScheduled" and entry.get("status") == "False":
            reason, message = entry.get("reason") or "", entry.get("message") or ""
            return Step(StepKind.SCHEDULED, Standing.BLOCKED, reason, message)
    return Step(StepKind.SCHEDULED, Standing.WAITS)


def _pulled(manifest: Manifest, status: Manifest) -> Step:
    if status.get("phase") in {"Failed", "Succeeded"}:
        return Step(StepKind.PULLED, Standing.PASSED)
    told = _told(status)
    images = {
        one["name"]: one["image"]
        for part in ("initContainers", "containers")
        for one in _part(manifest, part)
    }
    for one in told:
        waiting = (one.get("state") or {}).get("waiting") or {}
        reason = waiting.get("reason") or ""
        if "Image" in reason:
            name = one["name"]
            message = waiting.get("message") or ""
            return Step(StepKind.PULLED, Standing.BLOCKED, reason, message, name, images.get(name, ""))
    creating = not told or any(
        ((one.get("state") or {}).get("waiting") or {}).get("reason") == "ContainerCreating" for one in told
    )
    return Step(StepKind.PULLED, Standing.WAITS if creating else Standing.PASSED)


def _part(manifest: Manifest, part: str) -> list[Manifest]:
    return manifest["spec"].get(part) or []


def _told(status: Manifest) -> list[Manifest]:
    return [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]


def _started(status: Manifest, around: Around) -> Step:
    if status.get("phase") == "Failed":
        ended = next((one for one in _told(status) if _code(one.get("state") or {})), {})
        code, reason = _code(ended.get("state") or {}), status.get("reason") or "Failed"
        return Step(
            StepKind.STARTED,
            Standing.WAITS if around.backoff > 0 else Standing.BLOCKED,
            reason,
            status.get("message") or "",
            ended.get("name") or "",
            exit_code=code,
            seconds=around.backoff,
        )
    for one in _told(status):
        waiting = (one.get("state") or {}).get("waiting") or {}
        if waiting:
            initializing = waiting.get("reason") == "PodInitializing"
            return Step(
                StepKind.STARTED,
                Standing.WAITS if initializing else Standing.BLOCKED,
                waiting.get("reason") or "",
                waiting.get("message") or "",
                one["name"],
                exit_code=_code(one.get("lastState") or {}),
                restarts=one.get("restartCount") or 0,
            )
    return Step(StepKind.STARTED, Standing.PASSED)


def _code(state: Manifest) -> int | None:
    ended = state.get("terminated") or {}
    code = ended.get("exitCode")
    return None if code is None else int(code)


def rests(pod: Pod) -> bool:
    """Whether no kubelet will move a pod by itself."""
    return "due" not in pod.timers
