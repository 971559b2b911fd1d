"""The controller that mirrors Endpoints of Services without a selector to EndpointSlices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from controller.engine.changes import Change, Verb
from controller.engine.controllers.endpoints import ENDPOINTS, free_slice_name
from controller.engine.deletion import delete_object
from controller.engine.objects import Manifest, View
from controller.engine.reasons import Reason
from controller.engine.service.mirroring import (
    MIRROR_MANAGER,
    MOST_MIRRORED,
    Sort,
    is_mirrored,
    mirror_of,
    mirrored_meta,
    sort_of,
)
from controller.engine.views import EndpointSlice, Service
from controller.engine.workloads.pods import owner_reference
from controller.engine.world import Controller, Turn, Update, World


class EndpointsMirroring(Controller):
    """Queues Services, as namespace and name; ``slices`` has the names of those it keeps for each."""

    name = "endpointslicemirroring-controller"
    kinds = frozenset({ENDPOINTS, Service.KIND, EndpointSlice.KIND})

    def __init__(self) -> None:
        super().__init__()
        self.queue: set[tuple[str, str]] = set()
        self.slices: dict[tuple[str, str], frozenset[str]] = {}

    def take(self, world: World, update: Update) -> None:  # noqa: ARG002 -- the change says it all
        """Queue the Service that the change may concern."""
        kind, namespace, name = update.key
        if kind != EndpointSlice.KIND:
            self.queue.add((namespace, name))
            return
        for view, is_there in ((update.before, False), (update.after, True)):
            if isinstance(view, EndpointSlice) and view.manager == MIRROR_MANAGER:
                about = (namespace, view.service)
                kept = self.slices.get(about, frozenset())
                self.slices[about] = kept | {name} if is_there else kept - {name}
                self.queue.add(about)
                if not self.slices[about]:
                    del self.slices[about]

    def sync(self, turn: Turn) -> None:
        """Bring the slices of every queued Service up to date."""
        for namespace, name in self.drain():
            endpoints = turn.world.find(ENDPOINTS, namespace, name)
            service = cast("Service | None", turn.world.find(Service.KIND, namespace, name))
            every = turn.world.all_of(EndpointSlice)
            kept = sorted(self.slices.get((namespace, name), ()))
            standing = [every[EndpointSlice.KIND, namespace, one] for one in kept]
            if endpoints and service and not service.selector and is_mirrored(endpoints.manifest):
                self._mirror(turn, endpoints, standing)
            else:
                self._drop(turn, standing)
            self.queue.discard((namespace, name))  # its own changes say nothing new

    def _mirror(self, turn: Turn, endpoints: View, standing: Iterable[EndpointSlice]) -> None:
        left, idle = self._wanted(turn, endpoints), []
        for one in standing:
            sort = sort_of(one)
            if sort in left:
                self._write(turn, one, _filled(endpoints.manifest, one.manifest, sort, left.pop(sort)))
            else:
                idle.append(one)
        self._drop(turn, idle)
        for sort in sorted(left):
            self._write(turn, None, _filled(endpoints.manifest, _new(turn, endpoints), sort, left[sort]))

    def _drop(self, turn: Turn, slices: Iterable[EndpointSlice]) -> None:
        for one in slices:
            turn.decide(delete_object(one, turn.now, actor=self.name, reason=Reason.MIRRORED))

    def _wanted(self, turn: Turn, endpoints: View) -> dict[Sort, list[Manifest]]:
        made = mirror_of(endpoints.manifest)
        if made.beyond:
            said = (
                f"A max of {MOST_MIRRORED} addresses can be mirrored to EndpointSlices per Endpoints "
                f"subset. {made.beyond} addresses were skipped"
            )
            turn.tell(ENDPOINTS, endpoints.manifest, self.name, ("Warning", "TooManyAddressesToMirror", said))
        return made.endpoints

    def _write(self, turn: Turn, standing: View | None, manifest: Manifest) -> None:
        if standing is not None and manifest == standing.manifest:
            return
        generation = manifest["metadata"].get("generation", 0) + 1
        counted = {**manifest, "metadata": {**manifest["metadata"], "generation": generation}}
        verb = Verb.MODIFIED if standing else Verb.ADDED
        turn.decide(Change(verb, EndpointSlice.KIND, counted, self.name, Reason.MIRRORED))


def _new(turn: Turn, endpoints: View) -> Manifest:
    """Return the beginning of a slice that mirrors these Endpoints."""
    _kind, namespace, name = endpoints.key
    meta = {
        "name": free_slice_name(turn, namespace, name),
        "generateName": f"{name}-",
        "namespace": namespace,
        "uid": turn.names.uid(),
        "creationTimestamp": turn.now.stamp,
        "ownerReferences": [owner_reference(endpoints)],
    }
    return {"apiVersion": "discovery.k8s.io/v1", "kind": EndpointSlice.KIND, "metadata": meta}


def _filled(endpoints: Manifest, standing: Manifest, sort: Sort, points: list[Manifest]) -> Manifest:
    """Return a slice that holds these endpoints."""
    kind, ports = sort
    return {
        **standing,
        "metadata": mirrored_meta(endpoints, standing["metadata"]),
        "addressType": kind,
        "endpoints": points,
        "ports": [port.manifest for port in ports],
    }
