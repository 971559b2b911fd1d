"""Daemon pods: what a template's own words become in the pods of a set."""

from __future__ import annotations

from controller.engine.daemonset.pod_factory import pinned_to
from controller.engine.podparts import pinned_node
from tests.builders import affinity, expression


def test_the_node_replaces_required_terms_and_nothing_else() -> None:
    """A daemon pod's required node terms give way to its node; what else a template prefers stays."""
    spread = {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1}]}
    given = affinity(expression("zone", "Exists"))
    given = {"nodeAffinity": {**given["nodeAffinity"], **spread}, "podAntiAffinity": spread}
    pinned = pinned_to(given, "node-1")
    assert pinned_node({"affinity": pinned}) == "node-1"
    assert pinned["podAntiAffinity"] == spread
    assert pinned["nodeAffinity"] == {**pinned_to(None, "node-1")["nodeAffinity"], **spread}
