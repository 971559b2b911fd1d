"""What would happen in a real cluster: of what is there only nodes, sets and their pods are known."""

from __future__ import annotations

import pytest

from controller import models
from controller.engine.edits.nodes import PatchLabels
from controller.engine.edits.workloads import SetImage
from controller.engine.objects import Key, Manifest
from controller.mirror.kinds import ORDER
from controller.mirror.ledger import Ledger, Seen
from controller.queries.whatif import preview
from controller.services.clusters import cluster_copy
from controller.services.edits import submit
from controller.services.objects import manifests_create
from controller.store import leases
from tests.clusters import (
    OWNER,
    PERSON,
    bare_cluster,
    cluster,
    demo_text,
    everything,
    mirrored,
    row_of,
    settle,
)

pytestmark = pytest.mark.django_db

SET: Key = ("DaemonSet", "default", "ssd-monitor")
OPERATOR = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "name": "operator",
    "uid": "operator",
    "controller": True,
}
SIDECAR = (
    "      initContainers:\n      - {name: side, image: side:1, restartPolicy: Always}\n      containers:"
)


def as_told(manifest: Manifest) -> Manifest:
    """Return an object as a real server tells it: kubelets say what containers have, operators own sets."""
    if manifest["kind"] == "DaemonSet":
        return {**manifest, "metadata": {**manifest["metadata"], "ownerReferences": [OPERATOR]}}
    if manifest["kind"] != "Pod":
        return manifest
    status = manifest["status"]
    has = [{**one, "resources": {}} for one in status["containerStatuses"]]
    return {**manifest, "status": {**status, "containerStatuses": has}}


@pytest.fixture(name="real")
def _real() -> int:
    """Return a real cluster of two nodes; one has a pod, with a sidecar, of a set that an operator owns."""
    tried = cluster(nodes=2)
    text = demo_text("ssd-monitor").replace("      containers:", SIDECAR)
    manifests_create(cluster=tried, actor=PERSON, text=text)
    submit(cluster=tried, actor=PERSON, request=PatchLabels(["node-1"], {"disk": "ssd"}))
    settle(tried)
    models.Cluster.objects.filter(pk=(real := mirrored(bare_cluster("real")))).update(
        start_delay=0, stop_delay=0
    )
    held = leases.acquire(real, OWNER, leases.MIRROR)
    assert held
    kinds = {kind.name for kind in ORDER}
    told = [(key, as_told(one)) for key, one in everything(tried).items() if key[0] in kinds]
    Ledger(held).write([Seen(key, one, str(number)) for number, (key, one) in enumerate(told, 1)], 0.0)
    return held.cluster


def test_what_is_calm_rests(real: int) -> None:
    """Pods that real kubelets have running rest, whatever is in them; a set stays whose owner is not known.

    So a preview tells of what the edit does, and of nothing else as under way.
    """
    before = row_of(real).number
    for request, nodes in (
        (PatchLabels(["node-2"], {"disk": "ssd"}), {"node-2"}),
        (SetImage(SET, "main", "monitor:2"), {"node-1"}),
    ):
        told = preview(cluster=real, request=request, actor=PERSON)
        assert (set(told.nodes), told.busy) == (nodes, False)
    assert row_of(real).number == before


def test_a_rehearsal_keeps_what_operators_own(real: int) -> None:
    """In a copy of a real cluster sets stay whose owners are of kinds that nobody mirrors."""
    copy = cluster_copy(cluster=real, name="rehearsal", actor=PERSON).pk
    settle(copy)
    submit(cluster=copy, actor=PERSON, request=SetImage(SET, "main", "monitor:2"))
    settle(copy)
    (pod,) = (one for key, one in everything(copy).items() if key[0] == "Pod")
    assert pod["spec"]["containers"][0]["image"] == "monitor:2"
    assert pod["spec"]["nodeName"] == "node-1"
