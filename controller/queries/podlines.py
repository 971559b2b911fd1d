"""Reads manifests of pods (and what nodes have in common with them) into lines that pages show."""

from __future__ import annotations

from dataclasses import dataclass

from controller.engine.cluster.podsummary import summary_of
from controller.engine.deployment.sets import TEMPLATE_HASH
from controller.engine.objects import BEHAVIOUR_ANNOTATION, HASH_LABEL, Manifest, Pod


@dataclass(frozen=True, slots=True)
class PodLine:
    """A pod in a list. ``status`` is the one word that kubectl shows for it.

    ``node`` is where it runs or, while it is not ``bound``, where it shall run; ``owner`` names its
    controller and ``owner_uid`` is "" for a pod without one; ``behaviour`` is the fault injected into it.
    ``why`` is what Kubernetes says of why it is not placed, or not running, or "".
    """

    namespace: str
    name: str
    uid: str
    node: str
    bound: bool
    owner: str
    owner_uid: str
    phase: str
    status: str
    ready: int
    containers: int
    restarts: int
    terminating: bool
    created: str
    hash: str
    behaviour: str
    why: str


@dataclass(frozen=True, slots=True)
class ContainerLine:
    """A container and how it fares. ``state`` is waiting, running, terminated or "" (not yet told)."""

    name: str
    image: str
    ready: bool
    restarts: int
    state: str
    reason: str
    message: str
    since: str
    last: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of a pod or a node, as it stands in its status."""

    type: str
    status: str
    reason: str
    message: str
    since: str


def pod_line(manifest: Manifest) -> PodLine:
    """Return a Pod manifest as a line."""
    seen = Pod.read(manifest, {})
    meta = manifest["metadata"]
    owner = next((ref for ref in meta.get("ownerReferences") or () if ref.get("controller")), None)
    summary = summary_of(manifest)
    return PodLine(
        namespace=seen.namespace,
        name=seen.name,
        uid=seen.uid,
        node=seen.node,
        bound=seen.bound,
        owner=f"{owner['kind']}/{owner['name']}" if owner else "",
        owner_uid=seen.owner,
        phase=seen.phase,
        status=summary.word,
        ready=summary.ready,
        containers=summary.containers,
        restarts=summary.restarts,
        terminating=seen.terminating,
        created=seen.created,
        hash=seen.labels.get(HASH_LABEL) or seen.labels.get(TEMPLATE_HASH, ""),
        behaviour=(meta.get("annotations") or {}).get(BEHAVIOUR_ANNOTATION, ""),
        why=_why(manifest.get("status") or {}),
    )


def _why(status: Manifest) -> str:
    for entry in status.get("conditions") or ():
        if entry.get("type") == "PodScheduled" and entry.get("status") == "False":
            return str(entry.get("message") or entry.get("reason") or "")
    told = (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ()))
    for one in told:
        waiting = (one.get("state") or {}).get("waiting") or {}
        if waiting.get("message"):
            return f"{one['name']}: {waiting.get('reason') or ''}. {waiting['message']}"
    return str(status.get("message") or "")


def container_line(spec: Manifest, told: Manifest) -> ContainerLine:
    """Return a container of a pod's spec, with what its status says of it."""
    states: Manifest = told.get("state") or {}
    state = next(iter(states), "")
    facts: Manifest = states.get(state) or {}
    last = (told.get("lastState") or {}).get("terminated") or {}
    ended = f"{last.get('reason') or 'Terminated'} ({last.get('exitCode', 0)})" if last else ""
    return ContainerLine(
        name=spec["name"],
        image=spec["image"],
        ready=bool(told.get("ready")),
        restarts=told.get("restartCount", 0),
        state=state,
        reason=facts.get("reason") or "",
        message=facts.get("message") or "",
        since=facts.get("startedAt") or facts.get("finishedAt") or "",
        last=ended,
    )


def conditions(status: Manifest) -> tuple[Condition, ...]:
    """Return the conditions that a status holds."""
    return tuple(
        Condition(
            type=each.get("type") or "",
            status=each.get("status") or "",
            reason=each.get("reason") or "",
            message=each.get("message") or "",
            since=each.get("lastTransitionTime") or "",
        )
        for each in status.get("conditions") or ()
    )
