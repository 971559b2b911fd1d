"""Edits are taken back from the audit list: the log knows how things were."""

from __future__ import annotations

import pytest

from controller import models
from controller.engine.errors import Conflict, Gone, NotFound, NotRestorable
from controller.engine.objects import PLAN_ANNOTATION
from controller.services import clock, daemonsets, nodes, objects, pods, workloads
from controller.services.edits import recording
from controller.services.undo import UNDOABLE, edit_undo, is_undoable
from controller.store import log
from dashboard.present.audits import SENTENCES
from tests.clusters import PERSON, cluster, node, row_of, settle, standing, with_daemonset
from tests.stepping import SET, by

pytestmark = pytest.mark.django_db


def newest() -> int:
    """Return the id of the newest entry of the audit list."""
    return models.AuditEntry.objects.order_by("-pk")[0].pk


def test_a_label_on_many_nodes() -> None:
    """One button takes all of them off again; the list says who took back what."""
    tried = cluster(nodes=3)
    settle(tried)
    nodes.node_label_patch(**by(tried), nodes=["node-1", "node-3"], set={"disk": "ssd"}, remove=[])
    edit_undo(cluster=tried, actor="bea", entry=newest())

    assert not [name for name in ("node-1", "node-3") if "disk" in node(tried, name)["metadata"]["labels"]]
    entry = models.AuditEntry.objects.get(pk=newest())
    assert (entry.actor, entry.action, entry.facts["undone"]["action"]) == (
        "bea",
        "edit_undo",
        "node_label_patch",
    )


def test_a_set_that_was_deleted() -> None:
    """It comes back as it was, and makes its pods anew."""
    tried = cluster(nodes=2)
    before = with_daemonset(tried)
    objects.object_delete(**by(tried), kind="DaemonSet", **SET)
    entry = newest()
    settle(tried)
    assert not models.Pod.objects.filter(cluster=tried)
    edit_undo(**by(tried), entry=entry)
    settle(tried)

    assert standing(tried, "DaemonSet", **SET)["spec"] == before["spec"]
    assert models.Pod.objects.filter(cluster=tried).count() == 2


def test_a_plan_that_was_given_and_one_that_was_ended() -> None:
    """Without its plan the set has its own strategy again; a plan that was taken away stands again."""
    tried = cluster(nodes=1)
    own = with_daemonset(tried)["spec"]["updateStrategy"]

    def stands() -> tuple[bool, bool]:
        settle(tried)
        manifest = standing(tried, "DaemonSet", **SET)
        planned = PLAN_ANNOTATION in manifest["metadata"]["annotations"]
        return planned, manifest["spec"]["updateStrategy"] == own

    daemonsets.daemonset_plan(**by(tried), **SET, fields={"soakSeconds": 5})
    given = newest()
    assert stands() == (True, False)
    edit_undo(**by(tried), entry=given)
    assert stands() == (False, True)
    daemonsets.daemonset_plan(**by(tried), **SET, fields={"soakSeconds": 5})
    stands()
    daemonsets.daemonset_plan_end(**by(tried), **SET)
    ended = newest()
    assert stands() == (False, True)
    edit_undo(**by(tried), entry=ended)
    assert stands() == (True, False)


def test_an_image_that_somebody_changed_again() -> None:
    """Nothing is done, and the refusal knows what changed."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    workloads.workload_image(kind="DaemonSet", **by(tried), **SET, container="nginx", image="nginx:2")
    entry = newest()
    settle(tried)
    workloads.workload_image(kind="DaemonSet", **by(tried), **SET, container="nginx", image="nginx:3")
    with pytest.raises(Conflict) as refused:
        edit_undo(**by(tried), entry=entry)

    assert [change[1:] for change in refused.value.theirs] == [("nginx:2", "nginx:3")]


def test_what_is_no_edit_is_not_taken_back() -> None:
    """The clock, a pod that was deleted, an entry of another cluster, and one that is older than the log."""
    tried, other = cluster(nodes=1), cluster("other", nodes=1)
    with_daemonset(tried)
    clock.clock_pause(**by(tried))
    with pytest.raises(NotFound):
        edit_undo(**by(tried), entry=newest())
    pod = models.Pod.objects.filter(cluster=tried)[0]
    pods.pod_delete(**by(tried), namespace=pod.namespace, name=pod.name)
    with pytest.raises(NotRestorable):
        edit_undo(**by(tried), entry=newest())
    nodes.node_cordon(**by(tried), nodes=["node-1"], cordoned=True)
    with pytest.raises(NotFound):
        edit_undo(cluster=other, actor=PERSON, entry=newest())
    log.cut(tried, row_of(tried).number, spare=0)
    with pytest.raises(Gone):
        edit_undo(**by(tried), entry=newest())


def test_what_was_just_done_is_recorded() -> None:
    """Whoever offers to take it back learns its entry."""
    tried = cluster(nodes=1)
    with recording() as made:
        nodes.node_cordon(**by(tried), nodes=["node-1"], cordoned=True)
        clock.clock_pause(**by(tried))
    nodes.node_cordon(**by(tried), nodes=["node-1"], cordoned=False)

    assert [(one.action, is_undoable(one.action, one.number)) for one in made] == [("node_cordon", True)]
    assert SENTENCES.keys() >= UNDOABLE
