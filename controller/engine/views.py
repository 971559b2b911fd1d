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


class Job(Workload):
    """Pods that run until so many of them have succeeded."""

    __slots__ = ()
    KIND: ClassVar[str] = "Job"


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
        Service,
        EndpointSlice,
    )
}
"""How objects of a kind are read, if a rule looks into them."""


def view_of(kind: str, manifest: Manifest, timers: Timers) -> View:
    """Read an object of any kind."""
    read = VIEWS.get(kind)
    if read:
        return read(manifest, timers)
    meta = manifest["metadata"]
    return Resource(manifest, timers, kind, meta.get("namespace") or "", meta["name"], meta.get("uid") or "")
