"""Clusters as a whole: born, renamed, copied, reset, deleted."""

from __future__ import annotations

import pytest

from controller import models
from controller.engine.changes import Verb
from controller.engine.errors import AlreadyExists, Invalid, NotFound
from controller.engine.objects import Key, Manifest
from controller.services import clock, clusters, history, nodes, objects
from controller.store import log
from tests.clusters import (
    PERSON,
    audited,
    cluster,
    everything,
    folded_log,
    mirrored,
    numbers,
    pods,
    row_of,
    settle,
    standing,
    with_daemonset,
)

pytestmark = pytest.mark.django_db

NAMED = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: agent, namespace: default}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: important}
value: 7
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: default}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      serviceAccountName: agent
      priorityClassName: important
      containers: [{name: agent, image: "agent:1"}]
"""
"""A set whose pods name what is not mirrored."""


def shape(tried: int) -> dict[Key, object]:
    """Return the specs of all objects that people make, whatever their uids and times."""
    return {
        key: (one["metadata"].get("labels"), one.get("spec"))
        for key, one in everything(tried).items()
        if key[0] in {"Node", "DaemonSet", "Namespace", "ServiceAccount"}
    }


def test_born_with_namespaces() -> None:
    """Every cluster has the namespaces of the system, each with its default account."""
    tried = cluster()
    names = {key[2] for key in everything(tried) if key[0] == "Namespace"}
    accounts = {key[1] for key in everything(tried) if key == ("ServiceAccount", key[1], "default")}

    assert names == accounts == {"default", "kube-system", "kube-public", "kube-node-lease"}
    assert audited() == ["Created cluster tried"]


def test_born_with_nodes() -> None:
    """Nodes are numbered so that their names sort as they count, and bear the labels."""
    tried = cluster(nodes=10, disk="ssd")
    made = models.Node.objects.filter(cluster=tried).order_by("name")

    assert [one.name for one in made][:2] == ["node-01", "node-02"]
    assert len(made) == 10
    assert {one.manifest["metadata"]["labels"]["disk"] for one in made} == {"ssd"}


def test_demo() -> None:
    """The demo has twelve nodes in three zones and the three sets, all of which come to rest ready."""
    row = clusters.cluster_create(name="demo", actor=PERSON, demo=True, start_delay=0, stop_delay=0)
    settle(row.pk)
    made = {one.name: one.manifest for one in models.Node.objects.filter(cluster=row)}
    zones = [one["metadata"]["labels"]["topology.kubernetes.io/zone"] for one in made.values()]
    sets = {one.name: one.manifest["status"] for one in models.DaemonSet.objects.filter(cluster=row)}

    assert {zone: zones.count(zone) for zone in zones} == {"zone-a": 4, "zone-b": 4, "zone-c": 4}
    assert [one.name for one in models.Node.objects.filter(unschedulable=True)] == ["node-07"]
    assert made["node-12"]["spec"]["taints"] == [{"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}]
    wanted = {"ssd-monitor": 3, "fluentd-elasticsearch": 11, "nginx-ds": 11}
    assert {name: status["desiredNumberScheduled"] for name, status in sets.items()} == wanted
    assert {name: status["numberAvailable"] for name, status in sets.items()} == wanted
    volumes = standing(row.pk, "DaemonSet", "kube-system", "fluentd-elasticsearch")["spec"]["template"][
        "spec"
    ]
    assert len(volumes["volumes"]) == 2


REFUSED = [
    pytest.param({"name": "No Name"}, 1, id="a name out of the grammar"),
    pytest.param({"name": ""}, 1, id="no name"),
    pytest.param({"name": "x", "nodes": -1}, 1, id="less than no nodes"),
    pytest.param({"name": "x", "nodes": 10_001}, 1, id="too many nodes"),
    pytest.param({"name": "x", "start_delay": -1.0, "stop_delay": float("nan")}, 2, id="two wrong delays"),
    pytest.param({"name": "x", "nodes": 1, "labels": {"a b": "c"}}, 1, id="labels out of the grammar"),
]


@pytest.mark.parametrize(("facts", "count"), REFUSED)
def test_create_refused(facts: dict[str, object], count: int) -> None:
    """A cluster is refused with every fault, and then there is nothing of it."""
    with pytest.raises(Invalid) as refused:
        clusters.cluster_create(actor=PERSON, **facts)  # type: ignore[arg-type]

    assert len(refused.value.causes) == count
    assert not models.Cluster.objects.exists()
    assert not models.AuditEntry.objects.exists()


def test_names_are_taken_once() -> None:
    """Neither a new cluster, nor a renamed one, nor a copy may take another's name."""
    cluster("first")
    second = cluster("second")
    with pytest.raises(AlreadyExists, match='clusters "first" already exists'):
        cluster("first")
    with pytest.raises(AlreadyExists):
        clusters.cluster_rename(cluster=second, name="first", actor=PERSON)
    with pytest.raises(AlreadyExists):
        clusters.cluster_copy(cluster=second, name="first", actor=PERSON)

    assert set(models.Cluster.objects.values_list("name", flat=True)) == {"first", "second"}


def test_rename() -> None:
    """A renamed cluster is the same one; its audit list is found under the new name from then on."""
    tried = cluster("before")
    clusters.cluster_rename(cluster=tried, name="after", actor=PERSON)
    assert row_of(tried).name == "after"
    assert audited()[-1] == "Renamed cluster before to after"
    with pytest.raises(Invalid):
        clusters.cluster_rename(cluster=tried, name="Not this", actor=PERSON)


def without_uids(tried: int) -> dict[Key, Manifest]:
    """Return everything but uids and numbers."""

    def bare(manifest: Manifest) -> Manifest:
        meta = {
            key: value for key, value in manifest["metadata"].items() if key not in {"uid", "resourceVersion"}
        }
        if "ownerReferences" in meta:
            meta["ownerReferences"] = [{**ref, "uid": ""} for ref in meta["ownerReferences"]]
        involved = {**manifest.get("involvedObject", {}), "uid": ""}
        return {**manifest, "metadata": meta, "involvedObject": involved}

    return {key: bare(manifest) for key, manifest in everything(tried).items()}


def test_copy() -> None:
    """A copy holds the same objects under uids of its own, and goes on by itself."""
    tried = cluster(nodes=3)
    with_daemonset(tried)
    clock.clock_speed(cluster=tried, actor=PERSON, speed=10)
    copy = clusters.cluster_copy(cluster=tried, name="copy", actor=PERSON)
    uids = {one["metadata"]["uid"] for one in everything(tried).values()}

    assert without_uids(copy.pk) == without_uids(tried)
    assert uids.isdisjoint(one["metadata"]["uid"] for one in everything(copy.pk).values())
    assert (copy.speed, copy.node_grace) == (10, 0)
    assert numbers(copy.pk) == list(range(1, copy.number + 1))
    before = {name: pod.uid for name, pod in pods(copy.pk).items()}
    settle(copy.pk)
    assert {name: pod.uid for name, pod in pods(copy.pk).items()} == before
    with_daemonset(copy.pk, "ssd-monitor")
    assert models.DaemonSet.objects.filter(cluster=tried).count() == 1


def test_rehearsal() -> None:
    """A copy of a real cluster is simulated: nothing moves by itself, and its new pods lack nothing.

    ServiceAccounts and PriorityClasses are not mirrored, yet pods that name some are not refused.
    """
    tried = cluster(nodes=3)
    objects.manifests_create(cluster=tried, actor=PERSON, text=NAMED)
    settle(tried)
    models.Resource.objects.filter(cluster=tried).exclude(kind="Namespace").delete()
    copy = clusters.cluster_copy(cluster=mirrored(tried), name="rehearsal", actor=PERSON).pk
    before = {name: pod.uid for name, pod in pods(copy).items()}
    assert len(before) == 3
    settle(copy)
    assert {name: pod.uid for name, pod in pods(copy).items()} == before
    assert standing(copy, "PriorityClass", "", "important")["value"] == 7
    nodes.nodes_add(cluster=copy, actor=PERSON, names=["node-4"])
    settle(copy)
    assert pods(copy)["node-4"].manifest["spec"]["priority"] == 7


def test_reset() -> None:
    """A reset brings back how a cluster was made; the log holds every removal, and the numbers go on."""
    tried = cluster(nodes=3, disk="ssd")
    born = shape(tried)
    with_daemonset(tried)
    nodes.nodes_remove(cluster=tried, actor=PERSON, names=["node-1"])
    before = row_of(tried).number
    gone = set(everything(tried))
    clusters.cluster_reset(cluster=tried, actor=PERSON)

    assert shape(tried) == born
    removed = models.Change.objects.filter(cluster=tried, number__gt=before, verb=Verb.DELETED)
    assert {(one.kind, one.namespace, one.name) for one in removed} == gone
    assert numbers(tried) == list(range(1, row_of(tried).number + 1))
    assert everything(tried) == folded_log(tried)
    settle(tried)
    assert models.Node.objects.filter(cluster=tried, ready="True").count() == 3
    assert not models.Pod.objects.exists()


def test_reset_of_a_demo() -> None:
    """A demo is reset to a demo."""
    row = clusters.cluster_create(name="demo", actor=PERSON, demo=True)
    born = shape(row.pk)
    nodes.nodes_remove(cluster=row.pk, actor=PERSON, names=["node-01"])
    clusters.cluster_reset(cluster=row.pk, actor=PERSON)

    assert shape(row.pk) == born


def test_reset_of_a_copy() -> None:
    """A copy is reset to what was copied, also when its log was cut off meanwhile."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    copy = clusters.cluster_copy(cluster=tried, name="copy", actor=PERSON).pk
    born = shape(copy)
    nodes.nodes_remove(cluster=copy, actor=PERSON, names=["node-1"])
    settle(copy)
    log.snapshot_take(copy)
    log.trim(copy, keep=0, spare=row_of(copy).recipe["snapshot"])
    clusters.cluster_reset(cluster=copy, actor=PERSON)
    settle(copy)

    assert shape(copy) == born
    assert sorted(pods(copy)) == ["node-1", "node-2"]


def test_delete() -> None:
    """A deleted cluster is gone at once; what is left of it is cleared afterwards."""
    tried, other = cluster(nodes=2), cluster("other", nodes=1)
    with_daemonset(tried)
    log.snapshot_take(tried)
    clusters.cluster_delete(cluster=tried, actor=PERSON)

    assert set(models.Cluster.objects.values_list("pk", flat=True)) == {other}
    assert audited()[-1] == "Deleted cluster tried"
    with pytest.raises(NotFound):
        clusters.cluster_delete(cluster=tried, actor=PERSON)

    history.history_clear(cluster=tried)
    for past in (models.Change, models.Snapshot, models.Pass, models.Pod, models.DaemonSet, models.Resource):
        assert not past.objects.filter(cluster=tried).exists()
    assert not models.PendingPurge.objects.exists()
    history.history_clear(cluster=other)
    assert numbers(other)


def test_settings() -> None:
    """Delays that are set hold for what begins from then on; wrong ones are refused together."""
    tried = cluster(nodes=1)
    settle(tried)
    clusters.cluster_settings(cluster=tried, actor=PERSON, start_delay=60, stop_delay=2, node_grace=3)
    with_daemonset(tried)
    assert pods(tried)["node-1"].phase == "Pending"
    assert (row_of(tried).stop_delay, row_of(tried).node_grace) == (2, 3)

    with pytest.raises(Invalid) as refused:
        clusters.cluster_settings(cluster=tried, actor=PERSON, start_delay=-1, stop_delay=-1, node_grace=1e9)
    assert len(refused.value.causes) == 3
    assert row_of(tried).start_delay == 60
