"""What cures propose and say; that they are the smallest is in test_smallest_cures."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from controller.engine.daemonset.cures import cure_node, cure_set
from controller.engine.daemonset.placement import Wants, answers
from controller.engine.objects import Manifest, Node
from tests.builders import affinity, expression, name_term, node, required_affinity, template, terms_of

SSD_SELECTOR = {"nodeSelector": {"disk": "ssd"}}
PLAIN = node("plain")
HDD = node("slow", labels={"disk": "hdd", "zone": "a"})

NODE_CURES = [
    pytest.param(SSD_SELECTOR, PLAIN, "Set the label disk=ssd.", id="label missing"),
    pytest.param(SSD_SELECTOR, HDD, "Set the label disk=ssd.", id="label different"),
    pytest.param(
        {"affinity": affinity(expression("zone", "NotIn", "a"))},
        HDD,
        "Remove the label zone.",
        id="label that is excluded",
    ),
    pytest.param(
        {"affinity": affinity(expression("zone", "NotIn", "a"), expression("zone", "Exists"))},
        HDD,
        "Set the label zone=true.",
        id="excluded, yet must be there",
    ),
    pytest.param(
        {"affinity": affinity(expression("zone", "NotIn", "a", "true"), expression("zone", "Exists"))},
        HDD,
        "Set the label zone=true-1.",
        id="an invented value keeps clear of what is excluded",
    ),
    pytest.param(
        {"affinity": affinity(expression("zone", "In", "a", "b"), expression("zone", "NotIn", "a"))},
        HDD,
        "Set the label zone=b.",
        id="the value that both allow",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Gt", "8"))},
        PLAIN,
        "Set the label cores=9.",
        id="a number above the bound",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Gt", "8"), expression("cores", "NotIn", "9"))},
        PLAIN,
        "Set the label cores=10.",
        id="the next number that is not excluded",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Gt", "2"), expression("cores", "Lt", "4"))},
        PLAIN,
        "Set the label cores=3.",
        id="a number between two bounds",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Gt", "-7"))},
        PLAIN,
        "Set the label cores=0.",
        id="no label is below zero",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Lt", "8"))},
        PLAIN,
        "Set the label cores=7.",
        id="a number below the bound",
    ),
    pytest.param(
        {
            "affinity": required_affinity(
                {"matchExpressions": [expression("gpu", "Exists"), expression("disk", "In", "ssd")]},
                {"matchExpressions": [expression("zone", "In", "b")]},
                {"matchExpressions": [expression("zone", "In", "c")]},
            )
        },
        HDD,
        "Set the label zone=b.",
        id="the term that wants the fewest edits, then the first",
    ),
    pytest.param(
        {
            "nodeSelector": {"disk": "ssd"},
            "affinity": affinity(expression("disk", "In", "ssd", "hdd")),
        },
        HDD,
        "Set the label disk=ssd.",
        id="affinity may be content with what the selector sets",
    ),
    pytest.param(
        {
            "nodeSelector": {"disk": "ssd", "gpu": "yes"},
            "affinity": affinity(expression("zone", "DoesNotExist")),
        },
        node(
            "far",
            labels={"zone": "a"},
            taints=["gpu=yes:NoSchedule", "old:NoExecute", "slow:PreferNoSchedule"],
        ),
        "Set the labels disk=ssd and gpu=yes, remove the label zone and "
        "remove the taints gpu=yes:NoSchedule and old:NoExecute.",
        id="all failing checks at once",
    ),
    pytest.param(
        {},
        node(taints=["node.kubernetes.io/unreachable:NoSchedule"]),
        "Remove the taint node.kubernetes.io/unreachable:NoSchedule. "
        "A node.kubernetes.io/ taint stays away only if the condition that it stands for is over.",
        id="a taint that the machine's condition brings back",
    ),
]


@pytest.mark.parametrize(("spec", "on", "sentence"), NODE_CURES)
def test_cure_of_a_node(spec: Manifest, on: Node, sentence: str) -> None:
    """The cure of a node sets and removes no more labels and taints than it must, and says so."""
    parts = template(**spec)
    edit = cure_node(Wants.read(parts), on)

    assert edit is not None
    assert edit.sentence == sentence
    after = replace(on, labels=edit.labels_after(on.labels), taints=edit.taints_after(on.taints))
    assert answers(Wants.read(parts), after)[0]


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"nodeName": "other"}, id="node-name"),
        pytest.param({"affinity": required_affinity(name_term("other"))}, id="field that names another node"),
        pytest.param(
            {"affinity": required_affinity(name_term("slow", operator="NotIn"))}, id="field that excludes it"
        ),
        pytest.param({"affinity": required_affinity({})}, id="empty term"),
        pytest.param({"affinity": required_affinity()}, id="no terms"),
        pytest.param(
            {
                "nodeSelector": {"disk": "hdd"},
                "affinity": affinity(expression("disk", "NotIn", "hdd")),
            },
            id="selector and affinity contradict",
        ),
        pytest.param({"affinity": affinity(expression("cores", "Lt", "0"))}, id="no label is below zero"),
        pytest.param(
            {"affinity": affinity(expression("cores", "Gt", "many"))},
            id="a bound that is no number",
        ),
        pytest.param({"affinity": affinity(expression("cores", "Gt"))}, id="no bound"),
        pytest.param(
            {"affinity": affinity(expression("zone", "Exists"), expression("zone", "DoesNotExist"))},
            id="there and not there",
        ),
    ],
)
def test_nodes_without_a_cure(spec: Manifest) -> None:
    """Where no label or taint of the node can help, no edit of it is proposed."""
    assert cure_node(Wants.read(template(**spec)), HDD) is None


SET_CURES: list[Any] = [
    pytest.param(
        {"nodeName": "other"},
        HDD,
        "Drop nodeName.",
        lambda spec: "nodeName" not in spec,
        id="names another node",
    ),
    pytest.param(
        SSD_SELECTOR,
        HDD,
        "Drop disk from the node selector.",
        lambda spec: "nodeSelector" not in spec,
        id="the only key of the selector",
    ),
    pytest.param(
        {"nodeSelector": {"disk": "ssd", "zone": "a", "gpu": "yes"}},
        HDD,
        "Drop disk and gpu from the node selector.",
        lambda spec: spec["nodeSelector"] == {"zone": "a"},
        id="keys that match stay",
    ),
    pytest.param(
        {"affinity": affinity(expression("zone", "In", "b"))},
        HDD,
        "Let the node affinity's zone also be a.",
        lambda spec: terms_of(spec) == [{"matchExpressions": [expression("zone", "In", "b", "a")]}],
        id="in - one value more",
    ),
    pytest.param(
        {"affinity": affinity(expression("zone", "NotIn", "a", "b"), expression("disk", "Exists"))},
        HDD,
        "Stop excluding zone=a in the node affinity.",
        lambda spec: (
            terms_of(spec)
            == [{"matchExpressions": [expression("zone", "NotIn", "b"), expression("disk", "Exists")]}]
        ),
        id="not-in - one value less",
    ),
    pytest.param(
        {"affinity": affinity(expression("zone", "NotIn", "a"))},
        HDD,
        "Add a node affinity term that names slow.",
        lambda spec: terms_of(spec)[1:] == [name_term("slow")],
        id="not-in - the last value cannot go",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Gt", "8"))},
        node(labels={"cores": "4"}),
        "Lower the node affinity's bound of cores to 3.",
        lambda spec: terms_of(spec)[0]["matchExpressions"][0]["values"] == ["3"],
        id="gt - a lower bound",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Gt", "8"))},
        node("none", labels={"cores": "0"}),
        "Add a node affinity term that names none.",
        lambda spec: terms_of(spec)[1:] == [name_term("none")],
        id="gt - no bound is below zero",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Lt", "8"))},
        node(labels={"cores": "16"}),
        "Raise the node affinity's bound of cores to 17.",
        lambda spec: terms_of(spec)[0]["matchExpressions"][0]["values"] == ["17"],
        id="lt - a higher bound",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Lt", "8"))},
        node("huge", labels={"cores": str(2**63 - 1)}),
        "Add a node affinity term that names huge.",
        lambda spec: terms_of(spec)[1:] == [name_term("huge")],
        id="lt - no bound is above 64 bits",
    ),
    pytest.param(
        {"affinity": affinity(expression("gpu", "In", "yes"))},
        HDD,
        "Add a node affinity term that names slow.",
        lambda spec: terms_of(spec)[1:] == [name_term("slow")],
        id="a label that the node lacks",
    ),
    pytest.param(
        {"affinity": affinity(expression("zone", "In", "b"), expression("disk", "In", "ssd"))},
        HDD,
        "Add a node affinity term that names slow.",
        lambda spec: terms_of(spec)[1:] == [name_term("slow")],
        id="two requirements fail - one term is the smaller edit",
    ),
    pytest.param(
        {
            "affinity": required_affinity(
                {**name_term("other"), "matchExpressions": [expression("zone", "In", "b")]},
                {"matchExpressions": [expression("disk", "In", "ssd")]},
            )
        },
        HDD,
        "Let the node affinity's disk also be hdd.",
        lambda spec: terms_of(spec)[1]["matchExpressions"][0]["values"] == ["ssd", "hdd"],
        id="the first term that one value more would open",
    ),
    pytest.param(
        {"affinity": required_affinity({})},
        HDD,
        "Add a node affinity term that names slow.",
        lambda spec: terms_of(spec) == [{}, name_term("slow")],
        id="an empty term",
    ),
    pytest.param(
        {},
        node(
            taints=[
                "gpu=yes:NoSchedule",
                "gpu=no:NoExecute",
                "old:NoSchedule",
                "ops=x:NoExecute",
                "ops=x:NoSchedule",
            ]
        ),
        "Add the tolerations gpu, old:NoSchedule and ops=x.",
        lambda spec: (
            spec["tolerations"]
            == [
                {"key": "gpu", "operator": "Exists"},
                {"key": "old", "operator": "Exists", "effect": "NoSchedule"},
                {"key": "ops", "operator": "Equal", "value": "x"},
            ]
        ),
        id="one toleration for a key",
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
        lambda spec: len(spec["tolerations"]) == 2,
        id="all failing checks at once",
    ),
]


@pytest.mark.parametrize(("spec", "on", "sentence", "holds"), SET_CURES)
def test_cure_of_a_set(spec: Manifest, on: Node, sentence: str, holds: Callable[[Manifest], bool]) -> None:
    """The cure of a set drops, widens and tolerates no more than it must, and says so."""
    parts = template(**spec)
    before = json.dumps(parts)
    edit = cure_set(Wants.read(parts), on)

    assert edit is not None
    assert edit.sentence == sentence
    after = edit.apply(parts)
    assert holds(after["spec"])
    assert answers(Wants.read(after), on)[0]
    assert json.dumps(parts) == before
