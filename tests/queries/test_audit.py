"""Who did what, newest first, also to clusters that are gone."""

from __future__ import annotations

import pytest

from controller.queries.audit import audit
from controller.services import clusters, nodes
from tests.clusters import PERSON, cluster

pytestmark = pytest.mark.django_db


def test_audit() -> None:
    """The list can be asked for one cluster, one person, or all; deleted clusters stay in it."""
    first, second = cluster("first", nodes=1), cluster("second")
    nodes.node_cordon(cluster=first, actor="eve", nodes=["node-1"], cordoned=True)
    clusters.cluster_delete(cluster=second, actor=PERSON)

    assert [line.sentence for line in audit(cluster="second").items] == [
        "Deleted cluster second",
        "Created cluster second",
    ]
    (eves,) = audit(actor="eve").items
    assert (eves.cluster, eves.action, eves.about, eves.number is not None) == (
        "first",
        "node_cordon",
        "node-1",
        True,
    )
    assert audit(cluster="first", actor="nobody").items == ()
    assert [line.at for line in audit().items] == sorted((line.at for line in audit().items), reverse=True)
    assert (audit(size=2).total, audit(size=2).pages) == (4, 2)
