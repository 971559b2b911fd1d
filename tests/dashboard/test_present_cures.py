"""The words of cures: one sentence for everything that an edit sets, removes, drops, widens or adds."""

from __future__ import annotations

import pytest

from controller.engine.daemonset.cures import cure_set
from controller.engine.daemonset.edits import NodeEdit
from controller.engine.daemonset.placement import Wants
from controller.engine.objects import Manifest, Node, Taint
from dashboard.present.cures import node_cure_words, set_cure_words
from tests.builders import affinity, expression, node, template

GPU = Taint("gpu", "yes", "NoSchedule")
OLD = Taint("old", "", "NoExecute")
UNREACHABLE = Taint("node.kubernetes.io/unreachable", "", "NoSchedule")


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        pytest.param(NodeEdit((("disk", "ssd"),), (), ()), "Set the label disk=ssd.", id="one label"),
        pytest.param(NodeEdit((), ("zone",), ()), "Remove the label zone.", id="one label to remove"),
        pytest.param(
            NodeEdit((("disk", "ssd"), ("gpu", "yes")), ("zone",), (GPU, OLD)),
            "Set the labels disk=ssd and gpu=yes, remove the label zone and "
            "remove the taints gpu=yes:NoSchedule and old:NoExecute.",
            id="all at once",
        ),
        pytest.param(
            NodeEdit((), (), (UNREACHABLE,)),
            "Remove the taint node.kubernetes.io/unreachable:NoSchedule. "
            "A node.kubernetes.io/ taint stays away only if the condition that it stands for is over.",
            id="a taint that the machine's condition brings back",
        ),
    ],
)
def test_cure_of_a_node(edit: NodeEdit, sentence: str) -> None:
    """The edit of a node is one sentence; a taint that will come back is warned of."""
    assert node_cure_words(edit) == sentence


@pytest.mark.parametrize(
    ("spec", "on", "sentence"),
    [
        pytest.param({"nodeName": "other"}, node("slow"), "Drop nodeName.", id="node name"),
        pytest.param(
            {"nodeSelector": {"disk": "ssd", "gpu": "yes"}},
            node("slow"),
            "Drop disk and gpu from the node selector.",
            id="selector",
        ),
        pytest.param(
            {"affinity": affinity(expression("zone", "NotIn", "a", "b"))},
            node("slow", labels={"zone": "a"}),
            "Stop excluding zone=a in the node affinity.",
            id="an excluded value",
        ),
        pytest.param(
            {"affinity": affinity(expression("cores", "Gt", "8"))},
            node("slow", labels={"cores": "4"}),
            "Lower the node affinity's bound of cores to 3.",
            id="a lower bound",
        ),
        pytest.param(
            {"affinity": affinity(expression("cores", "Lt", "8"))},
            node("big", labels={"cores": "16"}),
            "Raise the node affinity's bound of cores to 17.",
            id="a higher bound",
        ),
        pytest.param(
            {"affinity": affinity(expression("gpu", "Exists"))},
            node("slow"),
            "Add a node affinity term that names slow.",
            id="a term that names the node",
        ),
        pytest.param(
            {
                "nodeName": "other",
                "nodeSelector": {"disk": "ssd"},
                "affinity": affinity(expression("zone", "In", "b")),
                "tolerations": [{"key": "old", "operator": "Exists"}],
            },
            node("far", labels={"zone": "a"}, taints=["gpu=yes:NoSchedule", "old:NoExecute"]),
            "Drop nodeName, drop disk from the node selector, let the node affinity's zone also be a and "
            "add the toleration gpu=yes:NoSchedule.",
            id="all at once",
        ),
        pytest.param(
            {},
            node(taints=["gpu=yes:NoSchedule", "gpu=no:NoExecute", "ops=x:NoSchedule"]),
            "Add the tolerations gpu and ops=x:NoSchedule.",
            id="tolerations",
        ),
    ],
)
def test_cure_of_a_set(spec: Manifest, on: Node, sentence: str) -> None:
    """The edit of a set is one sentence."""
    edit = cure_set(Wants.read(template(**spec)), on)

    assert edit is not None
    assert set_cure_words(edit) == sentence
