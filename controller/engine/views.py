"""How objects of each kind are read, and the views of the workloads beside the DaemonSet.

Adding a kind that a rule looks into is adding a row to ``VIEWS``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Self

from controller.engine.objects import (
    DaemonSet,
    Manifest,
    Node,
    Pod,
    Resource,
    Revision,
    Timers,
    View,
    owner_uid,
)
from controller.engine.values import value


@value(frozen=True, slots=True)
class Workload(Resource):
    """An object that makes pods, or sets of pods, from a template: what its neighbours have in common.

    ``selector`` is a LabelSelector, also of a ReplicationController. ``owner`` is the uid of its own
    controller, or "". What only one kind has is read from its manifest.
    """

    labels: dict[str, str]
    owner: str
    selector: Manifest
    template: Manifest
    replicas: int
    min_ready_seconds: float
    generation: int
    deleting: bool

    @classmethod
    def read(cls, manifest: Manifest, timers: Timers) -> Self:
        """Read a manifest that has passed admission."""
        meta, spec = manifest["metadata"], manifest["spec"]
        replicas = spec.get("replicas")
        return cls(
            manifest=manifest,
            timers=timers,
            kind=cls.KIND,
            namespace=meta["namespace"],
            name=meta["name"],
            uid=meta["uid"],
            labels=meta.get("labels") or {},
            owner=owner_uid(meta),
            selector=cls.selector_of(spec),
            template=spec.get("template") or {},
            replicas=1 if replicas is None else replicas,
            min_ready_seconds=spec.get("minReadySeconds") or 0,
            generation=meta.get("generation") or 0,
            deleting="deletionTimestamp" in meta,
        )

    @classmethod
    def selector_of(cls, spec: Manifest) -> Manifest:
        """Return the selector of a spec."""
        return spec.get("selector") or {}

    @property
    def annotations(self) -> dict[str, str]:
        """Return its annotations."""
        return self.manifest["metadata"].get("annotations") or {}

    def counted(self, field: str) -> int:
        """Return a number of its status; what is left out there is 0."""
        return (self.manifest.get("status") or {}).get(field) or 0


class ReplicaSet(Workload):
    """So many pods of one template, anywhere."""

    __slots__ = ()
    KIND: ClassVar[str] = "ReplicaSet"


class ReplicationController(Workload):
    """The ReplicaSet's elder, whose selector knows equality only."""

    __slots__ = ()
    KIND: ClassVar[str] = "ReplicationController"

    @classmethod
    def selector_of(cls, spec: Manifest) -> Manifest:
        """Return the selector, written as a LabelSelector."""
        return {"matchLabels": spec.get("selector") or {}}


class Deployment(Workload):
    """So many pods of a template that may change: a row of ReplicaSets."""

    __slots__ = ()
    KIND: ClassVar[str] = "Deployment"


class StatefulSet(Workload):
    """Pods with a number, a name and claims that stay theirs."""

    __slots__ = ()
    KIND: ClassVar[str] = "StatefulSet"

    @property
    def ordinals(self) -> range:
        """Return the numbers that its pods bear."""
        start: int = (self.manifest["spec"].get("ordinals") or {}).get("start") or 0
        return range(start, start + self.replicas)

    @property
    def ordered(self) -> bool:
        """Whether its pods come and go one after the other."""
        return bool(self.manifest["spec"].get("podManagementPolicy") != "Parallel")

    @property
    def partition(self) -> int | None:
        """Return how many of its pods, from the first, a rollout leaves alone; None: all of them."""
        strategy = self.manifest["spec"].get("updateStrategy") or {}
        if strategy.get("type") == "OnDelete":
            return None
        return (strategy.get("rollingUpdate") or {}).get("partition") or 0

    @property
    def history_limit(self) -> int:
        """Return how many revisions are kept that nobody needs."""
        limit: int = self.manifest["spec"].get("revisionHistoryLimit", 10)
        return limit

    @property
    def claim_templates(self) -> list[Manifest]:
        """Return the claims that each of its pods has."""
        return self.manifest["spec"].get("volumeClaimTemplates") or []

    def drops_claims(self, when: str) -> bool:
        """Whether claims go ``whenScaled`` or ``whenDeleted``."""
        policy = self.manifest["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
        return bool(policy.get(when) == "Delete")


class Job(Workload):
    """Pods that run until so many of them have succeeded."""

    __slots__ = ()
    KIND: ClassVar[str] = "Job"


@value(frozen=True, slots=True)
class CronJob(Resource):
    """Jobs that are started at the times of a schedule. ``timers`` hold its next time, see its controller."""

    KIND: ClassVar[str] = "CronJob"

    deleting: bool

    @classmethod
    def read(cls, manifest: Manifest, timers: Timers) -> Self:
        """Read a manifest that has passed admission."""
        meta = manifest["metadata"]
        place = (cls.KIND, meta["namespace"], meta["name"], meta["uid"])
        return cls(manifest, timers, *place, deleting="deletionTimestamp" in meta)


@value(frozen=True, slots=True)
class DisruptionBudget(Resource):
    """How many pods of a selector may be evicted. ``selector`` is None if it chooses none."""

    KIND: ClassVar[str] = "PodDisruptionBudget"

    selector: Manifest | None
    min_available: int | str | None
    max_unavailable: int | str | None

    @classmethod
    def read(cls, manifest: Manifest, timers: Timers) -> Self:
        """Read a manifest that has passed admission. Without either number one pod has to be available."""
        meta, spec = manifest["metadata"], manifest.get("spec") or {}
        least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
        return cls(
            manifest,
            timers,
            *(cls.KIND, meta["namespace"], meta["name"], meta["uid"]),
            selector=spec.get("selector"),
            min_available=1 if least is None and most is None else least,
            max_unavailable=most,
        )


@value(frozen=True, slots=True)
class Service(Resource):
    """A name and an address for the pods that bear the labels of a selector."""

    KIND: ClassVar[str] = "Service"

    labels: dict[str, str]
    selector: dict[str, str]
    type: str
    address: str
    ports: list[Manifest]
    publishes_unready: bool

    @classmethod
    def read(cls, manifest: Manifest, timers: Timers) -> Self:
        """Read a manifest that has passed admission. ``address`` may be None, as written, or ""."""
        meta, spec = manifest["metadata"], manifest.get("spec") or {}
        return cls(
            manifest=manifest,
            timers=timers,
            kind=cls.KIND,
            namespace=meta["namespace"],
            name=meta["name"],
            uid=meta["uid"],
            labels=meta.get("labels") or {},
            selector=spec.get("selector") or {},
            type=spec.get("type") or "ClusterIP",
            address=spec.get("clusterIP") or "",
            ports=spec.get("ports") or [],
            publishes_unready=bool(spec.get("publishNotReadyAddresses")),
        )

    @property
    def headless(self) -> bool:
        """Whether it has no address of its own."""
        return self.address == "None"

    @property
    def followed(self) -> bool:
        """Whether somebody keeps the list of who is behind it."""
        return bool(self.selector) and self.type != "ExternalName"


@value(frozen=True, slots=True)
class EndpointSlice(Resource):
    """A part of the addresses behind the Service of a name."""

    KIND: ClassVar[str] = "EndpointSlice"

    service: str
    manager: str

    @classmethod
    def read(cls, manifest: Manifest, timers: Timers) -> Self:
        """Read a manifest that has passed admission."""
        meta = manifest["metadata"]
        labels = meta.get("labels") or {}
        return cls(
            manifest=manifest,
            timers=timers,
            kind=cls.KIND,
            namespace=meta["namespace"],
            name=meta["name"],
            uid=meta["uid"],
            service=labels.get("kubernetes.io/service-name", ""),
            manager=labels.get("endpointslice.kubernetes.io/managed-by", ""),
        )


@value(frozen=True, slots=True)
class PersistentVolume(Resource):
    """Storage. ``claim`` is the reference to whom it is reserved for or bound to, ``capacity`` as written.

    ``affinity`` says from which nodes it can be reached, as a pod's node affinity does; None: from all.
    """

    KIND: ClassVar[str] = "PersistentVolume"

    labels: dict[str, str]
    phase: str
    claim: Manifest | None
    storage_class: str
    capacity: str
    modes: frozenset[str]
    mode: str
    affinity: Manifest | None
    deleting: bool

    @classmethod
    def read(cls, manifest: Manifest, timers: Timers) -> Self:
        """Read a manifest that has passed admission."""
        meta, spec = manifest["metadata"], manifest["spec"]
        required = (spec.get("nodeAffinity") or {}).get("required")
        return cls(
            manifest=manifest,
            timers=timers,
            kind=cls.KIND,
            namespace="",
            name=meta["name"],
            uid=meta["uid"],
            labels=meta.get("labels") or {},
            phase=(manifest.get("status") or {}).get("phase") or "Pending",
            claim=spec.get("claimRef"),
            storage_class=_class_of(meta, spec) or "",
            capacity=str((spec.get("capacity") or {}).get("storage") or 0),
            modes=frozenset(spec.get("accessModes") or ()),
            mode=spec.get("volumeMode") or "Filesystem",
            affinity={"requiredDuringSchedulingIgnoredDuringExecution": required} if required else None,
            deleting="deletionTimestamp" in meta,
        )


@value(frozen=True, slots=True)
class PersistentVolumeClaim(Resource):
    """A wish for storage. ``volume`` is the name of the volume that it is bound to or asks for, or "".

    ``storage_class`` is None if it names none, which is not the same as "". ``request`` is as written.
    """

    KIND: ClassVar[str] = "PersistentVolumeClaim"

    phase: str
    volume: str
    storage_class: str | None
    request: str
    modes: frozenset[str]
    mode: str
    selector: Manifest | None
    deleting: bool

    @classmethod
    def read(cls, manifest: Manifest, timers: Timers) -> Self:
        """Read a manifest that has passed admission."""
        meta, spec = manifest["metadata"], manifest["spec"]
        requests = (spec.get("resources") or {}).get("requests") or {}
        return cls(
            manifest=manifest,
            timers=timers,
            kind=cls.KIND,
            namespace=meta["namespace"],
            name=meta["name"],
            uid=meta["uid"],
            phase=(manifest.get("status") or {}).get("phase") or "Pending",
            volume=spec.get("volumeName") or "",
            storage_class=_class_of(meta, spec),
            request=str(requests.get("storage") or 0),
            modes=frozenset(spec.get("accessModes") or ()),
            mode=spec.get("volumeMode") or "Filesystem",
            selector=spec.get("selector"),
            deleting="deletionTimestamp" in meta,
        )


def _class_of(meta: Manifest, spec: Manifest) -> str | None:
    """Return the storage class of a volume or claim; the annotation is how it was once written."""
    old: str | None = (meta.get("annotations") or {}).get("volume.beta.kubernetes.io/storage-class")
    return spec.get("storageClassName") if old is None else old


VIEWS: dict[str, Callable[[Manifest, Timers], View]] = {
    kind.KIND: kind.read
    for kind in (
        Node,
        Pod,
        DaemonSet,
        Revision,
        ReplicaSet,
        ReplicationController,
        Deployment,
        StatefulSet,
        Job,
        CronJob,
        DisruptionBudget,
        Service,
        EndpointSlice,
        PersistentVolume,
        PersistentVolumeClaim,
    )
}
"""How objects of a kind are read, if a rule looks into them."""


def view_of(kind: str, manifest: Manifest, timers: Timers, before: View | None = None) -> View:
    """Read an object of any kind; ``before`` is how it was read last."""
    if isinstance(before, Pod):
        return before.later(manifest, timers)
    read = VIEWS.get(kind)
    if read:
        return read(manifest, timers)
    meta = manifest["metadata"]
    return Resource(manifest, timers, kind, meta.get("namespace") or "", meta["name"], meta.get("uid") or "")
