"""Nodes through the one door: what people may do to them, and what is refused whole."""

from __future__ import annotations

import pytest

from controller import models
from controller.engine.cluster.nodes import standard_labels
from controller.engine.errors import AlreadyExists, Conflict, Invalid, NotFound
from controller.engine.objects import DOWN_ANNOTATION, Taint
from controller.engine.reasons import Reason
from controller.services import nodes
from tests.clusters import PERSON, audited, cluster, everything, node, pods, row_of, settle, with_daemonset

pytestmark = pytest.mark.django_db

GPU = Taint("dedicated", "gpu", "NoSchedule")
AWAY = Taint("maintenance", "", "NoExecute")


def labels_of(tried: int, name: str) -> dict[str, str]:
    """Return the labels that a node bears."""
    labels: dict[str, str] = node(tried, name)["metadata"]["labels"]
    return labels


def test_add() -> None:
    """Nodes are added alike, with labels, taints and capacity, and become ready by themselves."""
    tried = cluster()
    capacity = {"cpu": "500m", "memory": "1Gi"}
    nodes.nodes_add(
        cluster=tried, actor=PERSON, names=["a", "b"], labels={"disk": "ssd"}, taints=[GPU], capacity=capacity
    )
    settle(tried)

    for name in ("a", "b"):
        made = node(tried, name)
        assert labels_of(tried, name) == {"disk": "ssd", **standard_labels(name, {})}
        assert made["spec"]["taints"] == [{"key": "dedicated", "value": "gpu", "effect": "NoSchedule"}]
        assert made["status"]["capacity"]["cpu"] == "500m"
        assert models.Node.objects.get(cluster=tried, name=name).ready == "True"
    assert audited()[-1] == "Added 2 nodes (a, b)"


@pytest.mark.parametrize(
    ("names", "error"),
    [
        pytest.param(["fresh", "node-1"], AlreadyExists, id="a name that is taken"),
        pytest.param(["fresh", "fresh"], AlreadyExists, id="a name given twice"),
        pytest.param(["fresh", "No Name"], Invalid, id="a name out of the grammar"),
    ],
)
def test_add_all_or_none(names: list[str], error: type[Exception]) -> None:
    """If one of several nodes cannot be added none is, and nobody is told that something was done."""
    tried = cluster(nodes=1)
    before, said = everything(tried), audited()
    with pytest.raises(error):
        nodes.nodes_add(cluster=tried, actor=PERSON, names=names)

    assert everything(tried) == before
    assert audited() == said


def test_remove() -> None:
    """A node that is removed takes its pods with it."""
    tried = cluster(nodes=3)
    with_daemonset(tried)
    nodes.nodes_remove(cluster=tried, actor=PERSON, names=["node-1", "node-3"])
    settle(tried)

    assert list(pods(tried)) == ["node-2"]
    assert audited()[-1] == "Removed 2 nodes (node-1, node-3)"
    with pytest.raises(NotFound, match='nodes "node-1" not found'):
        nodes.nodes_remove(cluster=tried, actor=PERSON, names=["node-2", "node-1"])
    assert node(tried, "node-2")


def test_labels() -> None:
    """A form writes the whole map of labels; the log and the audit list say who did it."""
    tried = cluster(nodes=1, disk="hdd")
    labels = node(tried, "node-1")["metadata"]["labels"]
    wanted = {**labels, "disk": "ssd", "empty": ""}
    nodes.node_labels(cluster=tried, actor=PERSON, node="node-1", labels=wanted)

    assert labels_of(tried, "node-1") == {"disk": "ssd", "empty": ""}
    entry = models.Change.objects.filter(cluster=tried).latest("number")
    assert (entry.actor, entry.reason) == (PERSON, Reason.LABELS_SET)
    audit = models.AuditEntry.objects.latest("pk")
    assert (audit.action, audit.about, audit.number) == ("node_labels", "node-1", entry.number)
    assert audit.facts["changes"] == [
        ["metadata.labels.disk", "hdd", "ssd"],
        ["metadata.labels.empty", None, ""],
    ]


def test_a_stale_form() -> None:
    """A form made from an older version is refused, and told what stands now."""
    tried = cluster(nodes=1)
    seen = node(tried, "node-1")["metadata"]["resourceVersion"]
    nodes.node_labels(cluster=tried, actor="bob", node="node-1", labels={"by": "bob"}, seen=seen)
    with pytest.raises(Conflict) as refused:
        nodes.node_labels(cluster=tried, actor=PERSON, node="node-1", labels={"by": "ada"}, seen=seen)
    with pytest.raises(Conflict):
        nodes.node_taints(cluster=tried, actor=PERSON, node="node-1", taints=[GPU], seen=seen)

    assert refused.value.standing == node(tried, "node-1")
    assert labels_of(tried, "node-1")["by"] == "bob"


def test_wrong_labels() -> None:
    """Labels out of their grammar are refused with every fault."""
    tried = cluster(nodes=1)
    with pytest.raises(Invalid) as refused:
        nodes.node_labels(cluster=tried, actor=PERSON, node="node-1", labels={"a b": "c d", "-": "x"})

    assert len(refused.value.causes) >= 3


def test_no_change_is_none() -> None:
    """Writing what stands already takes no number and leaves no trace in the audit list."""
    tried = cluster(nodes=1, disk="hdd")
    before, said = row_of(tried).number, audited()
    labels = node(tried, "node-1")["metadata"]["labels"]
    nodes.node_labels(cluster=tried, actor=PERSON, node="node-1", labels=labels)
    nodes.node_cordon(cluster=tried, actor=PERSON, nodes=["node-1"], cordoned=False)
    nodes.node_power(cluster=tried, actor=PERSON, nodes=["node-1"], up=True)

    assert (row_of(tried).number, audited()) == (before, said)


def test_label_patch() -> None:
    """Some labels of many nodes are set and removed at once; the others stay."""
    tried = cluster(nodes=2, disk="hdd", pool="old")
    nodes.node_label_patch(
        cluster=tried, actor=PERSON, nodes=["node-1", "node-2"], set={"disk": "ssd"}, remove=["pool"]
    )
    assert labels_of(tried, "node-1") == labels_of(tried, "node-2") == {"disk": "ssd"}
    assert audited()[-1] == "Labelled 2 nodes (node-1, node-2): disk=ssd, pool removed"

    with pytest.raises(NotFound):
        nodes.node_label_patch(cluster=tried, actor=PERSON, nodes=["node-1", "x"], set={"a": "b"}, remove=[])
    assert labels_of(tried, "node-1") == {"disk": "ssd"}


def test_taints() -> None:
    """A NoExecute taint sends the pods away; without it they come back."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    nodes.node_taints(cluster=tried, actor=PERSON, node="node-1", taints=[AWAY])
    settle(tried)
    assert list(pods(tried)) == ["node-2"]
    assert audited()[-1] == "Set the taints of node-1: none → maintenance:NoExecute"

    nodes.node_taints(cluster=tried, actor=PERSON, node="node-1", taints=[])
    settle(tried)
    assert sorted(pods(tried)) == ["node-1", "node-2"]


def test_taints_that_stay_keep_their_time() -> None:
    """A taint that is written again as it stands is not touched."""
    tried = cluster(nodes=1)
    settle(tried)
    nodes.node_power(cluster=tried, actor=PERSON, nodes=["node-1"], up=False)
    settle(tried)
    standing = node(tried, "node-1")["spec"]["taints"]
    marks = [Taint(raw["key"], raw.get("value", ""), raw["effect"]) for raw in standing]
    nodes.node_taints(cluster=tried, actor=PERSON, node="node-1", taints=[*marks, GPU])

    assert any("timeAdded" in raw for raw in standing)
    assert node(tried, "node-1")["spec"]["taints"][: len(standing)] == standing


def test_cordon() -> None:
    """A cordoned node bears the mark until it is uncordoned; daemon pods stand it."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    nodes.node_cordon(cluster=tried, actor=PERSON, nodes=["node-1"], cordoned=True)
    settle(tried)
    assert models.Node.objects.get(cluster=tried, name="node-1").unschedulable
    assert "unschedulable" in str(node(tried, "node-1")["spec"]["taints"])
    assert sorted(pods(tried)) == ["node-1", "node-2"]

    nodes.node_cordon(cluster=tried, actor=PERSON, nodes=["node-1"], cordoned=False)
    settle(tried)
    assert not node(tried, "node-1")["spec"].keys() & {"unschedulable", "taints"}
    assert audited()[-2:] == ["Cordoned node node-1", "Uncordoned node node-1"]


def test_pressure() -> None:
    """A machine is made to report a pressure and takes it back; others stay, and a stale form is refused."""
    tried = cluster(nodes=1)
    settle(tried)
    seen = node(tried, "node-1")["metadata"]["resourceVersion"]

    def report(pressure: str, *, reported: bool = True, seen: str | None = None) -> list[str]:
        nodes.node_pressure(
            cluster=tried, actor=PERSON, node="node-1", pressure=pressure, reported=reported, seen=seen
        )
        settle(tried)
        taints = node(tried, "node-1")["spec"].get("taints") or []
        return [taint["key"].removeprefix("node.kubernetes.io/") for taint in taints]

    assert report("DiskPressure", seen=seen) == ["disk-pressure"]
    assert set(report("PIDPressure")) == {"disk-pressure", "pid-pressure"}
    assert report("DiskPressure", reported=False) == ["pid-pressure"]
    with pytest.raises(Conflict):
        report("MemoryPressure", seen=seen)
    with pytest.raises(Invalid, match="pressure: Unsupported value"):
        report("Thirst")
    assert report("PIDPressure", reported=False) == []
    assert "annotations" not in node(tried, "node-1")["metadata"]
    assert audited()[-2:] == [
        "Let node node-1 report DiskPressure no longer",
        "Let node node-1 report PIDPressure no longer",
    ]


def test_power() -> None:
    """A machine that is off is lost after the grace period, and is back as soon as it is on."""
    tried = cluster(nodes=2)
    settle(tried)
    nodes.node_power(cluster=tried, actor=PERSON, nodes=["node-1", "node-2"], up=False)
    settle(tried)
    assert node(tried, "node-1")["metadata"]["annotations"] == {DOWN_ANNOTATION: "true"}
    assert set(models.Node.objects.values_list("ready", flat=True)) == {"Unknown"}

    nodes.node_power(cluster=tried, actor=PERSON, nodes=["node-1"], up=True)
    settle(tried)
    assert models.Node.objects.get(cluster=tried, name="node-1").ready == "True"
    assert models.Node.objects.get(cluster=tried, name="node-2").ready == "Unknown"
    assert audited()[-2:] == ["Powered down 2 nodes (node-1, node-2)", "Powered up node node-1"]
