"""Frozen views of the objects that the rules look at, read from their manifests.

A manifest is the truth; a view is what one reading of it found, so that the rules need not dig
through dictionaries. Views are made anew whenever a manifest changes and never edited. The same
holds for manifests: whoever changes one makes a new dictionary and shares what stays the same.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Any, ClassVar, Self

from controller.engine.podparts import Source, placed, waiting_reason
from controller.engine.values import value

Manifest = dict[str, Any]
Timers = dict[str, float]
Key = tuple[str, str, str]
"""Kind, namespace ("" for kinds without one) and name."""

HASH_LABEL, GENERATION_LABEL = "controller-revision-hash", "pod-template-generation"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""Where kubectl's own apply keeps what it sent."""
GENERATION_ANNOTATION = "deprecated.daemonset.template.generation"
PAUSED_ANNOTATION, PLAN_ANNOTATION = "everynode.dev/paused", "rollout.everynode.dev/plan"
SIM = "sim.everynode.dev/"
DOWN_ANNOTATION, CONDITIONS_ANNOTATION = SIM + "down", SIM + "conditions"
BEHAVIOUR_ANNOTATION, STATIC_PODS_ANNOTATION = SIM + "behaviour", SIM + "static-pods"


@value(frozen=True, slots=True)
class Moment:
    """One instant, on both clocks: ``wall`` (UTC) for manifests, ``cluster`` (seconds) for deadlines.

    ``stamp`` is the wall time as Kubernetes writes it, in whole seconds: a pass writes it into
    thousands of places, so it is worded once.
    """

    wall: datetime
    cluster: float
    stamp: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stamp", self.wall.strftime("%Y-%m-%dT%H:%M:%SZ"))

    @property
    def stamped(self) -> float:
        """Return the cluster time of ``stamp``: clients of the API know of no moment but that."""
        return self.cluster - self.wall.microsecond / 1e6


@value(frozen=True, slots=True)
class Taint:
    """A mark on a node. ``effect`` is NoSchedule, PreferNoSchedule or NoExecute."""

    key: str
    value: str
    effect: str

    def __str__(self) -> str:
        return f"{self.key}={self.value}:{self.effect}" if self.value else f"{self.key}:{self.effect}"


@value(frozen=True, slots=True)
class Toleration:
    """What lets a pod stand a taint. Empty key: all keys; empty effect: all effects."""

    key: str = ""
    operator: str = "Equal"
    value: str = ""
    effect: str = ""
    seconds: float | None = None

    @classmethod
    def read(cls, raw: Manifest) -> Self:
        """Read one entry of ``spec.tolerations``."""
        return cls(
            raw.get("key") or "",
            raw.get("operator") or "Equal",
            raw.get("value") or "",
            raw.get("effect") or "",
            raw.get("tolerationSeconds"),
        )


def condition(manifest: Manifest, kind: str) -> str:
    """Return the status of a condition: True, False or Unknown, or "" if there is none."""
    for entry in (manifest.get("status") or {}).get("conditions") or ():
        if entry.get("type") == kind:
            return str(entry.get("status") or "")
    return ""


@value(frozen=True, slots=True)
class Node:
    """A machine of the cluster. ``ready`` is True, False, Unknown or "" (never reported)."""

    KIND: ClassVar[str] = "Node"

    manifest: Manifest
    timers: Timers
    name: str
    uid: str
    labels: dict[str, str]
    taints: tuple[Taint, ...]
    unschedulable: bool
    ready: str
    down: bool

    @classmethod
    def read(cls, manifest: Manifest, timers: Timers) -> Self:
        """Read a Node manifest; ``timers`` may hold ``lost`` (when its grace period ends)."""
        meta, spec = manifest["metadata"], manifest.get("spec") or {}
        taints = spec.get("taints") or ()
        return cls(
            manifest=manifest,
            timers=timers,
            name=meta["name"],
            uid=meta["uid"],
            labels=meta.get("labels") or {},
            taints=tuple(Taint(t["key"], t.get("value") or "", t["effect"]) for t in taints),
            unschedulable=bool(spec.get("unschedulable")),
            ready=condition(manifest, "Ready"),
            down=(meta.get("annotations") or {}).get(DOWN_ANNOTATION) == "true",
        )

    @property
    def address(self) -> str:
        """Return the address by which the machine is reached, "" before its kubelet has reported."""
        addresses = (self.manifest.get("status") or {}).get("addresses") or ()
        return next((each["address"] for each in addresses if each["type"] == "InternalIP"), "")

    @property
    def key(self) -> Key:
        """Return the node's place in the world."""
        return ("Node", "", self.name)


@value(frozen=True, slots=True)
class Pod:
    """A pod. ``node`` is where it runs or, while it is not ``bound``, the node its affinity names.

    There may be a hundred thousand of them, so the manifest of one that rests may be ``held`` in a smaller
    form (see ``pack``); all that the rules ask of every pod is read once.

    ``timers`` are moments of cluster time: ``born``, ``due`` (its kubelet's next move), ``ready``
    (Ready since), ``stop`` (when it is gone) and ``evict`` (when a tolerated NoExecute taint stops
    being tolerated). ``place`` is none: it is where in its node's range the address of the pod is.

    ``resting`` is what ``kubelet.rests`` found, once it was asked: three do of every pod.
    """

    KIND: ClassVar[str] = "Pod"

    held: Manifest | Source = field(compare=False)
    timers: Timers
    namespace: str
    name: str
    uid: str
    labels: dict[str, str]
    references: list[Manifest]
    owner: str
    node: str
    bound: bool
    phase: str
    ready: bool
    terminating: bool
    created: str
    waiting: str
    claims: tuple[str, ...]
    resting: bool | None = field(default=None, init=False, compare=False, repr=False)

    @classmethod
    def read(cls, manifest: Manifest, timers: Timers) -> Self:
        """Read a Pod manifest. ``waiting`` is why its first waiting container waits, or "".

        ``claims`` are the names of the claims that it uses.
        """
        meta, spec, status = manifest["metadata"], manifest["spec"], manifest.get("status") or {}
        node, bound, claims = placed(spec)
        return cls(
            held=manifest,
            timers=timers,
            namespace=meta["namespace"],
            name=meta["name"],
            uid=meta["uid"],
            labels=meta.get("labels") or {},
            references=references_in(meta),
            owner=owner_uid(meta),
            node=node,
            bound=bound,
            phase=status.get("phase") or "Pending",
            ready=condition(manifest, "Ready") == "True",
            terminating="deletionTimestamp" in meta,
            created=meta.get("creationTimestamp") or "",
            waiting=waiting_reason(status),
            claims=claims,
        )

    def later(self, manifest: Manifest, timers: Timers) -> Pod:
        """Read a later manifest of this pod: what is the same object as before is not read again."""
        held, meta, spec = self.held, manifest["metadata"], manifest["spec"]
        if not isinstance(held, dict) or held["metadata"] is not meta:
            return Pod.read(manifest, timers)
        status = manifest.get("status") or {}
        node, bound, claims = (self.node, self.bound, self.claims) if held["spec"] is spec else placed(spec)
        return Pod(
            manifest,
            timers,
            self.namespace,
            self.name,
            self.uid,
            self.labels,
            self.references,
            self.owner,
            node,
            bound,
            status.get("phase") or "Pending",
            condition(manifest, "Ready") == "True",
            self.terminating,
            self.created,
            waiting_reason(status),
            claims,
        )

    @property
    def manifest(self) -> Manifest:
        """Return the manifest; of one that is packed it is made anew each time."""
        return self.held if isinstance(self.held, dict) else self.held.manifest()

    @property
    def is_packed(self) -> bool:
        """Whether the manifest is held in a smaller form."""
        return not isinstance(self.held, dict)

    def pack(self, source: Source) -> None:
        """Hold the manifest in a smaller form from now on. Whoever has this pod sees no difference."""
        object.__setattr__(self, "held", source)

    @property
    def key(self) -> Key:
        """Return the pod's place in the world."""
        return ("Pod", self.namespace, self.name)

    @property
    def finished(self) -> bool:
        """Whether the pod is Failed or Succeeded: no kubelet will move it again."""
        return self.phase in {"Failed", "Succeeded"}

    @property
    def age(self) -> tuple[bool, str, float, str]:
        """Return a sort key: bound before unbound, then the oldest, then by name.

        A manifest's time is in whole seconds; ``born`` orders what came within one.
        """
        return (not self.bound, self.created, self.timers.get("born", 0.0), self.name)


def references_in(meta: Manifest) -> list[Manifest]:
    """Return the ownerReferences in the metadata of an object."""
    return meta.get("ownerReferences") or []


def owner_uid(meta: Manifest) -> str:
    """Return the uid of the controller that owns an object, or ""."""
    for ref in meta.get("ownerReferences") or ():
        if ref.get("controller"):
            return str(ref["uid"])
    return ""


@value(frozen=True, slots=True)
class DaemonSet:
    """A DaemonSet whose defaults are filled in. ``timers`` hold the back-off per node.

    ``max_unavailable`` and ``max_surge`` are as written. ``staged``: a plan says which old pods go next.
    """

    KIND: ClassVar[str] = "DaemonSet"

    manifest: Manifest
    timers: Timers
    namespace: str
    name: str
    uid: str
    selector: Manifest
    template: Manifest
    strategy: str
    max_unavailable: int | str
    max_surge: int | str
    min_ready_seconds: float
    history_limit: int
    generation: int
    template_generation: str
    deleting: bool
    paused: bool
    staged: bool

    @classmethod
    def read(cls, manifest: Manifest, timers: Timers) -> Self:
        """Read a DaemonSet manifest that has passed admission."""
        meta, spec = manifest["metadata"], manifest["spec"]
        strategy = spec["updateStrategy"]
        rolling = strategy.get("rollingUpdate") or {}
        annotations = meta.get("annotations") or {}
        return cls(
            manifest=manifest,
            timers=timers,
            namespace=meta["namespace"],
            name=meta["name"],
            uid=meta["uid"],
            selector=spec["selector"],
            template=spec["template"],
            strategy=strategy["type"],
            max_unavailable=rolling.get("maxUnavailable", 1),
            max_surge=rolling.get("maxSurge", 0),
            min_ready_seconds=spec.get("minReadySeconds") or 0,
            history_limit=spec.get("revisionHistoryLimit", 10),
            generation=meta["generation"],
            template_generation=annotations.get(GENERATION_ANNOTATION, ""),
            deleting="deletionTimestamp" in meta,
            paused=annotations.get(PAUSED_ANNOTATION) == "true",
            staged=PLAN_ANNOTATION in annotations,
        )

    @property
    def key(self) -> Key:
        """Return the set's place in the world."""
        return ("DaemonSet", self.namespace, self.name)


@value(frozen=True, slots=True)
class Revision:
    """A kept template of a set (a ControllerRevision), with its number and hash."""

    KIND: ClassVar[str] = "ControllerRevision"

    manifest: Manifest
    timers: Timers
    namespace: str
    name: str
    uid: str
    labels: dict[str, str]
    owner: str
    number: int
    hash: str
    template: Manifest

    @classmethod
    def read(cls, manifest: Manifest, timers: Timers | None = None) -> Self:
        """Read a ControllerRevision manifest that a DaemonSet made."""
        meta = manifest["metadata"]
        labels = meta.get("labels") or {}
        data = ((manifest.get("data") or {}).get("spec") or {}).get("template") or {}
        return cls(
            manifest=manifest,
            timers=timers or {},
            namespace=meta["namespace"],
            name=meta["name"],
            uid=meta["uid"],
            labels=labels,
            owner=owner_uid(meta),
            number=manifest["revision"],
            hash=labels.get(HASH_LABEL, ""),
            template={key: value for key, value in data.items() if key != "$patch"},
        )

    @property
    def key(self) -> Key:
        """Return the revision's place in the world."""
        return ("ControllerRevision", self.namespace, self.name)


@value(frozen=True, slots=True)
class Resource:
    """An object of a kind without a view of its own: no rule looks into it, but it may own and be owned."""

    KIND: ClassVar[str] = ""

    manifest: Manifest
    timers: Timers
    kind: str
    namespace: str
    name: str
    uid: str

    @property
    def key(self) -> Key:
        """Return the object's place in the world."""
        return (self.kind, self.namespace, self.name)


View = Node | Pod | DaemonSet | Revision | Resource


def references(view: View) -> list[Manifest]:
    """Return the ownerReferences of an object, each with kind, name and uid."""
    return view.references if isinstance(view, Pod) else references_in(view.manifest["metadata"])
