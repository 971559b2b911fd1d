"""The endpoints controllers: Endpoints and EndpointSlices follow Services, pods and the zones of nodes.

In Kubernetes two controllers do that; both ask the same question, who is behind a Service.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple, cast

from controller.engine.changes import Change, Verb
from controller.engine.deletion import delete_object
from controller.engine.objects import Manifest, Node, Pod, View
from controller.engine.reasons import Reason
from controller.engine.service.endpoints import (
    SLICE_MANAGER,
    ZONE_LABEL,
    Member,
    Place,
    address_of,
    arranged,
    cut,
    is_selected,
    labels_of,
    member_of,
    wanted_endpoints,
    wanted_meta,
    wanted_subsets,
)
from controller.engine.views import EndpointSlice, Service
from controller.engine.workloads.pods import generated_name, owner_reference
from controller.engine.world import Controller, Turn, Update, World

ENDPOINTS = "Endpoints"
Selectors = dict[str, Service]
"""The Services of a namespace that select pods, by name. Never edited, so that forks can share it."""


class Behind(NamedTuple):
    """Who was behind a Service when somebody looked last, by the uids of the pods. Never edited."""

    service: Service
    members: dict[str, Member]


class EndpointsController(Controller):
    """Queues Services, as namespace and name. ``services`` has those that select pods, by namespace.

    ``behind`` keeps what was found, so that of a thousand pods only those that changed are read again.
    """

    name = "endpoints-controller"
    kinds = frozenset({Node.KIND, Pod.KIND, Service.KIND, EndpointSlice.KIND, ENDPOINTS})

    def __init__(self) -> None:
        super().__init__()
        self.queue: set[tuple[str, str]] = set()
        self.services: dict[str, Selectors] = {}
        self.behind: dict[tuple[str, str], Behind] = {}

    def heeds(self, kind: str) -> bool:
        """Whether there are Services that pods may be behind."""
        return kind != Pod.KIND or bool(self.services)

    def take(self, world: World, update: Update) -> None:  # noqa: ARG002 -- the change says it all
        """Queue the Services that the change may concern."""
        kind, namespace, name = update.key
        if kind == Pod.KIND:
            if namespace in self.services and _seen(update.before) != _seen(update.after):
                self._take_pod(update)
        elif kind == Service.KIND:
            self._take_service(update)
            self.queue.add((namespace, name))
        elif kind == Node.KIND:
            if _zone(update.before) != _zone(update.after):
                self.queue.update((place, each) for place, held in self.services.items() for each in held)
        else:
            either = update.after or update.before
            about = either.service if isinstance(either, EndpointSlice) else name
            if about in self.services.get(namespace, {}):
                self.queue.add((namespace, about))

    def _take_pod(self, update: Update) -> None:
        pods = [pod for pod in (update.before, update.after) if isinstance(pod, Pod)]
        for name, service in self.services[update.key[1]].items():
            if any(is_selected(service, pod) for pod in pods):
                self.queue.add((service.namespace, name))

    def _take_service(self, update: Update) -> None:
        _kind, namespace, name = update.key
        kept = {one: held for one, held in self.services.get(namespace, {}).items() if one != name}
        after = update.after
        if isinstance(after, Service) and after.followed:
            kept[name] = after
        else:
            self.behind.pop((namespace, name), None)
        self.services[namespace] = kept
        if not kept:
            del self.services[namespace]

    def sync(self, turn: Turn) -> None:
        """Bring what tells who is behind a queued Service up to date."""
        queued = self.drain()
        pods = _by_namespace(turn.world, {namespace for namespace, _ in queued}) if queued else {}
        for namespace, name in queued:
            service = cast("Service | None", turn.world.find(Service.KIND, namespace, name))
            if service is None:
                self._forget(turn, namespace, name)
            elif service.followed:
                members = self._members(turn.world, service, pods[namespace])
                self._write_endpoints(turn, service, members)
                self._write_slices(turn, service, members)
            self.queue.discard((namespace, name))  # its own changes say nothing new

    def _members(self, world: World, service: Service, pods: Iterable[Pod]) -> list[Member]:
        before = self.behind.get((service.namespace, service.name))
        known = before.members if before and before.service is service else {}
        found = {}
        for pod in pods:
            if is_selected(service, pod) and not pod.finished:
                zone, member = _zone(world.nodes.get(pod.node)), known.get(pod.uid)
                if member is None or member.pod is not pod or member.zone != zone:
                    member = member_of(service, pod, zone)
                found[pod.uid] = member
        self.behind[service.namespace, service.name] = Behind(service, found)
        return [member for member in found.values() if member.address["ip"]]

    def _forget(self, turn: Turn, namespace: str, name: str) -> None:
        standing = turn.world.find(ENDPOINTS, namespace, name)
        if standing:
            turn.decide(delete_object(standing, turn.now, actor=self.name, reason=Reason.SERVICE_GONE))

    # -- Endpoints -----------------------------------------------------------------------------

    def _write_endpoints(self, turn: Turn, service: Service, members: list[Member]) -> None:
        standing = turn.world.find(ENDPOINTS, service.namespace, service.name)
        before = standing.manifest if standing else _new(turn, "v1", ENDPOINTS, service, service.name)
        subsets = wanted_subsets(service, members)
        rest = {field: value for field, value in before.items() if field != "subsets"}
        rest["metadata"] = wanted_meta(service, before["metadata"], subsets)
        self._write(turn, standing, {**rest, **({"subsets": cut(subsets)} if subsets else {})})

    # -- EndpointSlices ------------------------------------------------------------------------

    def _write_slices(self, turn: Turn, service: Service, members: list[Member]) -> None:
        owned = turn.world.owned(service.uid, EndpointSlice)
        standing = [owned[key] for key in sorted(owned) if owned[key].manager == SLICE_MANAGER]
        places = list(arranged(wanted_endpoints(members), standing))
        for place in places:
            self._write_slice(turn, service, place)
        kept = {place.standing.name for place in places if place.standing}
        for one in standing:
            if one.name not in kept:
                turn.decide(delete_object(one, turn.now, actor=self.name, reason=Reason.PODS_BEHIND))

    def _write_slice(self, turn: Turn, service: Service, place: Place) -> None:
        if place.standing:
            before = place.standing.manifest
        else:
            name = free_slice_name(turn, service.namespace, service.name)
            before = _new(turn, "discovery.k8s.io/v1", EndpointSlice.KIND, service, name)
            own = {"generateName": f"{service.name}-", "ownerReferences": [owner_reference(service)]}
            before = {**before, "metadata": {**before["metadata"], **own}, "addressType": "IPv4"}
        wanted = {
            **before,
            "metadata": {**before["metadata"], "labels": labels_of(service)},
            "endpoints": place.endpoints,
            "ports": [port.manifest for port in place.ports],
        }
        if wanted != before:
            generation = before["metadata"].get("generation", 0) + 1
            wanted["metadata"] = {**wanted["metadata"], "generation": generation}
        self._write(turn, place.standing, wanted)

    def _write(self, turn: Turn, standing: View | None, manifest: Manifest) -> None:
        if standing is None or manifest != standing.manifest:
            verb = Verb.MODIFIED if standing else Verb.ADDED
            turn.decide(Change(verb, manifest["kind"], manifest, self.name, Reason.PODS_BEHIND))


def _new(turn: Turn, version: str, kind: str, service: Service, name: str) -> Manifest:
    meta = {
        "name": name,
        "namespace": service.namespace,
        "uid": turn.names.uid(),
        "creationTimestamp": turn.now.stamp,
    }
    return {"apiVersion": version, "kind": kind, "metadata": meta}


def free_slice_name(turn: Turn, namespace: str, base: str) -> str:
    """Return a generated name that no slice of the namespace has."""
    while True:
        name = generated_name(base, turn.names.suffix())
        if turn.world.find(EndpointSlice.KIND, namespace, name) is None:
            return name


def _by_namespace(world: World, wanted: Iterable[str]) -> dict[str, list[Pod]]:
    found: dict[str, list[Pod]] = defaultdict(list)
    asked = set(wanted)
    for (_kind, namespace, _name), pod in world.pods.items():
        if namespace in asked:
            found[namespace].append(pod)
    for pods in found.values():
        pods.sort(key=lambda pod: pod.name)
    return found


def _seen(view: View | None) -> tuple[Any, ...]:
    """Return what the lists behind Services tell of a pod."""
    pod = cast("Pod | None", view)
    if pod is None:
        return ()
    return (pod.labels, pod.uid, pod.node, pod.ready, pod.terminating, pod.finished, address_of(pod))


def _zone(view: View | None) -> str:
    return view.labels.get(ZONE_LABEL, "") if isinstance(view, Node) else ""
