"""One object of any kind with what belongs to it: what it owns, its pods and where they are, its events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from controller import manifests
from controller.engine.errors import NotFound
from controller.engine.kinds import KINDS
from controller.engine.matching.labels import matches
from controller.engine.matching.selection import Selection
from controller.engine.objects import Manifest, Pod
from controller.engine.service.endpoints import SERVICE_LABEL
from controller.engine.views import Job, ReplicaSet
from controller.queries import objects
from controller.queries.events import EventLine, events
from controller.queries.podlines import PodLine
from controller.queries.pods import PodFilter, pods
from controller.queries.revisions import RevisionRow, revisions_of_workload
from controller.queries.source import ClusterView
from controller.store.details import EventFilter

PODS = 30
"""How many pods are read in full."""


@dataclass(frozen=True, slots=True)
class ObjectDetail:
    """An object. ``children`` are what it owns or asks for, by kind and name, but no pods.

    Those of a Service are its Endpoints and EndpointSlices.
    ``pods`` are the first of its pods, those that are not ready before the others, of ``pods_total``.
    ``text`` is YAML to edit, ``version`` its resourceVersion.
    """

    kind: str
    namespace: str
    name: str
    uid: str
    version: str
    manifest: Manifest
    pods: tuple[PodLine, ...]
    pods_total: int
    children: tuple[Manifest, ...]
    revisions: tuple[RevisionRow, ...]
    events: tuple[EventLine, ...]
    text: str


def object_manifest(
    *, cluster: int, kind: str, namespace: str, name: str, number: int | None = None
) -> Manifest:
    """Return an object as it is stored, or was after change ``number``.

    Raises NotFound, also for a kind that is not served, and Gone.
    """
    if kind not in KINDS:
        raise NotFound("kinds", kind)
    text = objects.one(cluster=cluster, kind=kind, namespace=namespace, name=name, number=number)
    found: Manifest = orjson.loads(text)
    return found


def object_detail(
    view: ClusterView, *, cluster: int, kind: str, namespace: str, name: str, number: int | None = None
) -> ObjectDetail:
    """Return one object with all that belongs to it, as of now or of change ``number``, which the view is of.

    Raises NotFound, Gone.
    """
    manifest = object_manifest(cluster=cluster, kind=kind, namespace=namespace, name=name, number=number)
    meta, own = manifest["metadata"], list(pods_of(view, manifest))
    troubled = pods(view, PodFilter(unready=True), among=own, size=PODS).items
    every = pods(view, among=own, size=PODS)
    lines = {line.uid: line for line in (*troubled, *every.items)}
    return ObjectDetail(
        kind=kind,
        namespace=namespace,
        name=name,
        uid=meta["uid"],
        version=meta["resourceVersion"],
        manifest=manifest,
        pods=tuple(lines.values())[:PODS],
        pods_total=every.total,
        children=tuple(_children(view, cluster, manifest, number)),
        revisions=revisions_of_workload(view, manifest),
        events=events(view, EventFilter(uid=meta["uid"])).items,
        text=manifests.dump(manifest),
    )


def pods_of(view: ClusterView, manifest: Manifest) -> Iterable[Pod]:
    """Return the pods of an object: those it selects, or that use it; else its own and its children's."""
    meta, spec = manifest["metadata"], manifest.get("spec") or {}
    if manifest["kind"] in {"Service", "PodDisruptionBudget"}:
        selector = spec.get("selector") or {}
        wanted = {"matchLabels": selector} if manifest["kind"] == "Service" else selector
        if not selector:
            return []
        beside = (pod for pod in view.world.pods.values() if pod.namespace == meta["namespace"])
        return [pod for pod in beside if matches(wanted, pod.labels)]
    if manifest["kind"] == "PersistentVolumeClaim":
        beside = (pod for pod in view.world.pods.values() if pod.namespace == meta["namespace"])
        return [pod for pod in beside if meta["name"] in pod.claims]
    owned = view.world.owned
    between = (*owned(meta["uid"], ReplicaSet).values(), *owned(meta["uid"], Job).values())
    makers = [meta["uid"], *(one.uid for one in between)]
    return [pod for uid in makers for pod in owned(uid, Pod).values()]


def _children(view: ClusterView, cluster: int, manifest: Manifest, number: int | None) -> Iterable[Manifest]:
    uid = manifest["metadata"]["uid"]
    skipped = {Pod.KIND, "ControllerRevision"}
    yield from (one.manifest for one in view.world.dependants(uid) if one.key[0] not in skipped)
    if manifest["kind"] == "StatefulSet":
        yield from _claims(cluster, manifest, number)
    elif manifest["kind"] == "Service":
        yield from _endpoints(view, manifest)


def _claims(cluster: int, stateful: Manifest, number: int | None) -> Iterable[Manifest]:
    """Return the claims of a StatefulSet's pods, which outlive both: they are known by their names."""
    meta = stateful["metadata"]
    templates = stateful["spec"].get("volumeClaimTemplates") or ()
    starts = tuple(f"{one['metadata']['name']}-{meta['name']}-" for one in templates)
    if not starts:
        return
    wanted = Selection("PersistentVolumeClaim", meta["namespace"])
    for found in objects.Listing(cluster, wanted, number=number):
        if found.place[1].startswith(starts) and found.place[1].rpartition("-")[2].isdecimal():
            yield found.parsed()


def _endpoints(view: ClusterView, service: Manifest) -> Iterable[Manifest]:
    """Return who is behind a Service: the Endpoints of its name, the slices that are labelled with it."""
    meta = service["metadata"]
    for kind, label in (("Endpoints", ""), ("EndpointSlice", SERVICE_LABEL)):
        for one in view.state.every(kind):
            own = one["metadata"]
            name = (own.get("labels") or {}).get(label) if label else own["name"]
            if (own["namespace"], name) == (meta["namespace"], meta["name"]):
                yield one
