"""Who did what, newest first, also to clusters that are gone."""

from __future__ import annotations

import pytest

from controller.models import Role
from controller.queries.access import Rights
from controller.queries.audit import audit
from controller.services import clusters, nodes
from controller.services.audit import audit_note
from tests.clusters import PERSON, cluster

pytestmark = pytest.mark.django_db

ALL = Rights(everything=Role.ADMIN)


def test_audit() -> None:
    """The list can be asked for one cluster, one person, or all; deleted clusters stay in it."""
    first, second = cluster("first", nodes=1), cluster("second")
    nodes.node_cordon(cluster=first, actor="eve", nodes=["node-1"], cordoned=True)
    clusters.cluster_delete(cluster=second, actor=PERSON)

    assert [line.action for line in audit(ALL, cluster="second").items] == [
        "cluster_delete",
        "cluster_create",
    ]
    (eves,) = audit(ALL, actor="eve").items
    assert (eves.cluster, eves.action, eves.about, eves.number is not None) == (
        "first",
        "node_cordon",
        "node-1",
        True,
    )
    assert audit(ALL, cluster="first", actor="nobody").items == ()
    assert [line.at for line in audit(ALL).items] == sorted(
        (line.at for line in audit(ALL).items), reverse=True
    )
    assert (audit(ALL, size=2).total, audit(ALL, size=2).pages) == (4, 2)


def test_entries_follow_their_cluster() -> None:
    """A renamed cluster has its whole list under the new name; a deleted one keeps it under its last."""
    tried = cluster("before", nodes=1)
    nodes.node_cordon(cluster=tried, actor=PERSON, nodes=["node-1"], cordoned=True)
    clusters.cluster_rename(cluster=tried, actor=PERSON, name="after")
    cluster("before")

    told = ["cluster_rename", "node_cordon", "cluster_create"]
    assert [line.action for line in audit(ALL, cluster="after").items] == told
    assert [line.action for line in audit(ALL, cluster="before").items] == ["cluster_create"]
    clusters.cluster_delete(cluster=tried, actor=PERSON)
    assert [line.action for line in audit(ALL, cluster="after").items] == ["cluster_delete", *told]


def test_people() -> None:
    """What is done to people stands in the list without a cluster, as a code with its facts."""
    audit_note(actor="eve", action="person_role", about="bob", before="viewer", after="operator")
    (line,) = audit(ALL, actor="eve").items
    assert (line.cluster, line.about, line.facts) == ("", "bob", {"before": "viewer", "after": "operator"})


def test_nobody_reads_of_what_they_may_not_see() -> None:
    """Entries of a cluster are for those who may see it, entries about people for admins."""
    first = cluster("first")
    cluster("second")
    audit_note(actor="eve", action="person_lock_out", about="bob")
    single = Rights(single={first: Role.VIEWER}, names={"first": first})
    assert {line.cluster for line in audit(single).items} == {"first"}
    assert {line.cluster for line in audit(Rights(everything=Role.OPERATOR)).items} == {"first", "second"}
    assert {line.cluster for line in audit(ALL).items} == {"first", "second", ""}
    assert audit(Rights()).items == ()
