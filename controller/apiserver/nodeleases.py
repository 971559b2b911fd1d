"""Leases of kubelets in lists and watches: they are stored nowhere, so the log tells nothing of them."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from controller.apiserver.call import Call
from controller.engine.changes import Verb
from controller.engine.matching.selection import Selection
from controller.queries import leases
from controller.queries.objects import Found
from controller.store.log_reader import Place

LOOK = leases.RENEWED
"""Seconds between two looks whether leases were renewed, for who watches them."""
Told = tuple[Verb, Found]


def asked_for(call: Call) -> bool:
    """Whether a call is for leases where those of kubelets are."""
    return call.kind.name == "Lease" and call.namespace in {"", leases.NAMESPACE}


def selected(cluster: int, selection: Selection) -> Iterator[Found]:
    """Yield the leases of kubelets that are selected, as they stand now."""
    for manifest in leases.node_leases(cluster=cluster):
        place = (leases.NAMESPACE, manifest["metadata"]["name"])
        if selection.covers((selection.kind, *place)) and selection.selects(manifest):
            yield Found(place, orjson.dumps(manifest).decode(), manifest)


class Renewals:
    """What becomes of the leases that a watch tells of."""

    def __init__(self, cluster: int, selection: Selection) -> None:
        self._cluster, self._selection = cluster, selection
        self._told: dict[Place, Found] = {}

    def look(self) -> list[Told]:
        """Return what is different since the look before; at first all are new."""
        before, self._told = (
            self._told,
            {found.place: found for found in selected(self._cluster, self._selection)},
        )
        told = [
            (Verb.MODIFIED if place in before else Verb.ADDED, found)
            for place, found in self._told.items()
            if place not in before or before[place].text != found.text
        ]
        return [*told, *((Verb.DELETED, found) for place, found in before.items() if place not in self._told)]
