"""Discovery: what clients learn of a cluster before they ask for objects."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.kinds import KINDS, Kind
from tests.apiserver.asking import Asker, DoorClient
from tests.clusters import cluster

pytestmark = pytest.mark.django_db


@pytest.fixture(name="asker")
def _asker() -> Asker:
    return Asker(cluster())


def resources(asker: Asker, path: str) -> dict[str, Any]:
    """Return what a group serves, by name."""
    return {one["name"]: one for one in asker.ask(path)["resources"]}


def test_the_version_is_that_of_the_nodes(asker: Asker) -> None:
    """Clients compare it with their own."""
    version = asker.ask("/version")
    assert (version["major"], version["minor"], version["gitVersion"][:5]) == ("1", "36", "v1.36")


def test_every_group_that_is_named_can_be_asked(asker: Asker) -> None:
    """Each group leads to itself and to its resources; none is empty, which clients take as a failure."""
    assert asker.ask("/api")["versions"] == ["v1"]
    for group in asker.ask("/apis")["groups"]:
        assert asker.ask(f"/apis/{group['name']}")["preferredVersion"] == group["preferredVersion"]
        listed = asker.ask(f"/apis/{group['preferredVersion']['groupVersion']}")
        assert listed["resources"], group["name"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_of_the_table_is_found(asker: Asker, kind: Kind) -> None:
    """A row of the table is all it takes to be served."""
    place = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
    served = resources(asker, place)
    shown = served[kind.plural]
    assert (shown["kind"], shown["singularName"]) == (kind.name, kind.name.lower())
    assert (shown["namespaced"], shown["verbs"]) == (kind.namespaced, list(kind.verbs))
    assert {f"{kind.plural}/{part.name}" for part in kind.subresources} <= served.keys()


def test_events_are_served_under_both_groups(asker: Asker) -> None:
    """Old clients ask for events in the core group, new ones in their own."""
    assert resources(asker, "/api/v1")["events"] == resources(asker, "/apis/events.k8s.io/v1")["events"]


def test_evictions_are_announced_with_their_group(asker: Asker) -> None:
    """By this clients decide to evict rather than delete."""
    eviction = resources(asker, "/api/v1")["pods/eviction"]
    assert (eviction["group"], eviction["version"], eviction["kind"]) == ("policy", "v1", "Eviction")


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
def test_probes_are_answered(asker: Asker, path: str) -> None:
    """Clients that wait for an API server ask these."""
    assert DoorClient().get(asker.base + path).content == b"ok"
