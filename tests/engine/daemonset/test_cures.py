"""Cures: what they propose, and that nothing smaller would do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import assume, given

from controller.engine.daemonset.cures import cure_node, cure_set
from controller.engine.daemonset.placement import Wants, answers, verdict
from controller.engine.objects import Manifest, Node
from tests.builders import node, required_affinity, template
from tests.engine.daemonset.strategies import KEYS, nodes, templates

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"

TOUCHING_VALUES = (None, "a", "b", "3", "4", "5", "9", "10", "true")
"""What a label may become: each value that the generated templates name, one beside it, one of their own."""


def affinity(*wanted: tuple[str, str, list[str]]) -> Manifest:
    """Return required affinity with one term of these expressions."""
    return required_affinity({"matchExpressions": [expression(*one) for one in wanted]})


def expression(key: str, operator: str, values: list[str]) -> Manifest:
    """Return one requirement."""
    return {"key": key, "operator": operator, **({"values": values} if values else {})}


def named(*names: str, operator: str = "In") -> Manifest:
    """Return a term that names nodes."""
    return {"matchFields": [{"key": "metadata.name", "operator": operator, "values": list(names)}]}


def cured(on: Node, parts: Manifest) -> Node:
    """Return the node after its cure."""
    edit = cure_node(Wants.read(parts), on)
    assert edit is not None
    return replace(on, labels=edit.labels_after(on.labels), taints=edit.taints_after(on.taints))


SSD_SELECTOR = {"nodeSelector": {"disk": "ssd"}}
PLAIN = node("plain")
HDD = node("slow", labels={"disk": "hdd", "zone": "a"})

NODE_CURES = [
    pytest.param(SSD_SELECTOR, PLAIN, "Set the label disk=ssd.", id="label missing"),
    pytest.param(SSD_SELECTOR, HDD, "Set the label disk=ssd.", id="label different"),
    pytest.param(
        {"affinity": affinity(("zone", "NotIn", ["a"]))},
        HDD,
        "Remove the label zone.",
        id="label that is excluded",
    ),
    pytest.param(
        {"affinity": affinity(("zone", "NotIn", ["a"]), ("zone", "Exists", []))},
        HDD,
        "Set the label zone=true.",
        id="excluded, yet must be there",
    ),
    pytest.param(
        {"affinity": affinity(("zone", "NotIn", ["a", "true"]), ("zone", "Exists", []))},
        HDD,
        "Set the label zone=true-1.",
        id="an invented value keeps clear of what is excluded",
    ),
    pytest.param(
        {"affinity": affinity(("zone", "In", ["a", "b"]), ("zone", "NotIn", ["a"]))},
        HDD,
        "Set the label zone=b.",
        id="the value that both allow",
    ),
    pytest.param(
        {"affinity": affinity(("cores", "Gt", ["8"]))},
        PLAIN,
        "Set the label cores=9.",
        id="a number above the bound",
    ),
    pytest.param(
        {"affinity": affinity(("cores", "Gt", ["8"]), ("cores", "NotIn", ["9"]))},
        PLAIN,
        "Set the label cores=10.",
        id="the next number that is not excluded",
    ),
    pytest.param(
        {"affinity": affinity(("cores", "Gt", ["2"]), ("cores", "Lt", ["4"]))},
        PLAIN,
        "Set the label cores=3.",
        id="a number between two bounds",
    ),
    pytest.param(
        {"affinity": affinity(("cores", "Gt", ["-7"]))},
        PLAIN,
        "Set the label cores=0.",
        id="no label is below zero",
    ),
    pytest.param(
        {"affinity": affinity(("cores", "Lt", ["8"]))},
        PLAIN,
        "Set the label cores=7.",
        id="a number below the bound",
    ),
    pytest.param(
        {
            "affinity": required_affinity(
                {"matchExpressions": [expression("gpu", "Exists", []), expression("disk", "In", ["ssd"])]},
                {"matchExpressions": [expression("zone", "In", ["b"])]},
                {"matchExpressions": [expression("zone", "In", ["c"])]},
            )
        },
        HDD,
        "Set the label zone=b.",
        id="the term that wants the fewest edits, then the first",
    ),
    pytest.param(
        {"nodeSelector": {"disk": "ssd"}, "affinity": affinity(("disk", "In", ["ssd", "hdd"]))},
        HDD,
        "Set the label disk=ssd.",
        id="affinity may be content with what the selector sets",
    ),
    pytest.param(
        {"nodeSelector": {"disk": "ssd", "gpu": "yes"}, "affinity": affinity(("zone", "DoesNotExist", []))},
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
    assert answers(Wants.read(parts), cured(on, parts))[0]


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"nodeName": "other"}, id="node-name"),
        pytest.param({"affinity": required_affinity(named("other"))}, id="field that names another node"),
        pytest.param(
            {"affinity": required_affinity(named("slow", operator="NotIn"))}, id="field that excludes it"
        ),
        pytest.param({"affinity": required_affinity({})}, id="empty term"),
        pytest.param({"affinity": required_affinity()}, id="no terms"),
        pytest.param(
            {"nodeSelector": {"disk": "hdd"}, "affinity": affinity(("disk", "NotIn", ["hdd"]))},
            id="selector and affinity contradict",
        ),
        pytest.param({"affinity": affinity(("cores", "Lt", ["0"]))}, id="no label is below zero"),
        pytest.param({"affinity": affinity(("cores", "Gt", ["many"]))}, id="a bound that is no number"),
        pytest.param({"affinity": affinity(("cores", "Gt", []))}, id="no bound"),
        pytest.param(
            {"affinity": affinity(("zone", "Exists", []), ("zone", "DoesNotExist", []))},
            id="there and not there",
        ),
    ],
)
def test_nodes_without_a_cure(spec: Manifest) -> None:
    """Where no label or taint of the node can help, no edit of it is proposed."""
    assert cure_node(Wants.read(template(**spec)), HDD) is None


def terms_of(spec: Manifest) -> list[Manifest]:
    """Return the terms of a pod's required node affinity."""
    terms: list[Manifest] = spec["affinity"]["nodeAffinity"][REQUIRED]["nodeSelectorTerms"]
    return terms


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
        {"affinity": affinity(("zone", "In", ["b"]))},
        HDD,
        "Let the node affinity's zone also be a.",
        lambda spec: terms_of(spec) == [{"matchExpressions": [expression("zone", "In", ["b", "a"])]}],
        id="in - one value more",
    ),
    pytest.param(
        {"affinity": affinity(("zone", "NotIn", ["a", "b"]), ("disk", "Exists", []))},
        HDD,
        "Stop excluding zone=a in the node affinity.",
        lambda spec: (
            terms_of(spec)
            == [{"matchExpressions": [expression("zone", "NotIn", ["b"]), expression("disk", "Exists", [])]}]
        ),
        id="not-in - one value less",
    ),
    pytest.param(
        {"affinity": affinity(("zone", "NotIn", ["a"]))},
        HDD,
        "Add a node affinity term that names slow.",
        lambda spec: terms_of(spec)[1:] == [named("slow")],
        id="not-in - the last value cannot go",
    ),
    pytest.param(
        {"affinity": affinity(("cores", "Gt", ["8"]))},
        node(labels={"cores": "4"}),
        "Lower the node affinity's bound of cores to 3.",
        lambda spec: terms_of(spec)[0]["matchExpressions"][0]["values"] == ["3"],
        id="gt - a lower bound",
    ),
    pytest.param(
        {"affinity": affinity(("cores", "Gt", ["8"]))},
        node("none", labels={"cores": "0"}),
        "Add a node affinity term that names none.",
        lambda spec: terms_of(spec)[1:] == [named("none")],
        id="gt - no bound is below zero",
    ),
    pytest.param(
        {"affinity": affinity(("cores", "Lt", ["8"]))},
        node(labels={"cores": "16"}),
        "Raise the node affinity's bound of cores to 17.",
        lambda spec: terms_of(spec)[0]["matchExpressions"][0]["values"] == ["17"],
        id="lt - a higher bound",
    ),
    pytest.param(
        {"affinity": affinity(("cores", "Lt", ["8"]))},
        node("huge", labels={"cores": str(2**63 - 1)}),
        "Add a node affinity term that names huge.",
        lambda spec: terms_of(spec)[1:] == [named("huge")],
        id="lt - no bound is above 64 bits",
    ),
    pytest.param(
        {"affinity": affinity(("gpu", "In", ["yes"]))},
        HDD,
        "Add a node affinity term that names slow.",
        lambda spec: terms_of(spec)[1:] == [named("slow")],
        id="a label that the node lacks",
    ),
    pytest.param(
        {"affinity": affinity(("zone", "In", ["b"]), ("disk", "In", ["ssd"]))},
        HDD,
        "Add a node affinity term that names slow.",
        lambda spec: terms_of(spec)[1:] == [named("slow")],
        id="two requirements fail - one term is the smaller edit",
    ),
    pytest.param(
        {
            "affinity": required_affinity(
                {**named("other"), "matchExpressions": [expression("zone", "In", ["b"])]},
                {"matchExpressions": [expression("disk", "In", ["ssd"])]},
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
        lambda spec: terms_of(spec) == [{}, named("slow")],
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
            "affinity": affinity(("zone", "In", ["b"])),
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


@given(templates(), nodes())
def test_cures_are_for_pods_that_should_not_run(parts: Manifest, on: Node) -> None:
    """Where a pod should run there is nothing to cure; elsewhere the set can always be cured."""
    wants = Wants.read(parts)

    assert (cure_set(wants, on) is None) == verdict(wants, on).should_run
    assert cure_node(wants, on) is None or not verdict(wants, on).should_run


@given(templates(), nodes())
def test_cured_pods_should_run(parts: Manifest, on: Node) -> None:
    """After either cure alone the pod should run: every failing check is cured."""
    wants = Wants.read(parts)
    for_set, for_node = cure_set(wants, on), cure_node(wants, on)

    assert for_set is None or verdict(Wants.read(for_set.apply(parts)), on).should_run
    assert for_node is None or verdict(wants, cured(on, parts)).should_run


@given(templates(), nodes(), nodes())
def test_cure_of_a_set_takes_nothing_from_other_nodes(parts: Manifest, on: Node, other: Node) -> None:
    """No other node loses its pod, or the right to keep it, by the cure of a set."""
    edit = cure_set(Wants.read(parts), on)
    assume(edit is not None)
    assert edit is not None

    before, after = answers(Wants.read(parts), other), answers(Wants.read(edit.apply(parts)), other)

    assert before <= after
    assert before[1] <= after[1]


def labels_changed(before: dict[str, str], after: dict[str, str]) -> int:
    """Return how many labels differ."""
    return sum(before.get(key) != after.get(key) for key in KEYS)


def all_labellings() -> Iterator[dict[str, str]]:
    """Yield every way to label a node with the generated keys."""
    for values in product(TOUCHING_VALUES, repeat=len(KEYS)):
        yield {key: value for key, value in zip(KEYS, values, strict=True) if value is not None}


@given(templates(), nodes())
def test_cure_of_a_node_is_the_smallest(parts: Manifest, on: Node) -> None:
    """No other labelling needs fewer edits, and none helps where no cure is proposed."""
    wants = Wants.read(parts)
    assume(not answers(wants, on)[0])
    edit = cure_node(wants, on)
    fitting = [
        labels for labels in all_labellings() if answers(wants, replace(on, labels=labels, taints=()))[0]
    ]

    assert (edit is None) == (not fitting)
    if edit:
        fewest = min(labels_changed(on.labels, labels) for labels in fitting)
        assert len(edit.labels) + len(edit.unlabel) == fewest
        assert edit.size == fewest + fewest_taints(wants, cured(on, parts), on)


def fewest_taints(wants: Wants, healed: Node, on: Node) -> int:
    """Return how many taints must go at least from a node whose labels are cured."""
    return min(
        count
        for count in range(len(on.taints) + 1)
        for kept in combinations(on.taints, len(on.taints) - count)
        if answers(wants, replace(healed, taints=kept))[0]
    )


Edit = Callable[[Manifest], None]


def single_edits(spec: Manifest, on: Node) -> Iterator[Edit]:
    """Yield single edits of a pod's spec, each applied to a copy of it."""
    yield lambda copy: copy.update(nodeName="")
    for key in spec.get("nodeSelector") or ():
        yield lambda copy, key=key: copy["nodeSelector"].pop(key, None)  # type: ignore[misc]
    for mark in on.taints:
        yield lambda copy, key=mark.key: copy.setdefault("tolerations", []).append(  # type: ignore[misc]
            {"key": key, "operator": "Exists"}
        )
    if "affinity" in spec:
        yield lambda copy: terms_of(copy).append(named(on.name))
        for index, term in enumerate(terms_of(spec)):
            for place in range(len(term.get("matchExpressions") or ())):
                yield lambda copy, index=index, place=place: terms_of(copy)[index][
                    "matchExpressions"
                ].__setitem__(  # type: ignore[misc]
                    place, {"key": "nothing", "operator": "DoesNotExist"}
                )


@given(templates(), nodes())
def test_cure_of_a_set_is_the_smallest(parts: Manifest, on: Node) -> None:
    """No fewer single edits, each as generous as can be, would let the pod run."""
    edit = cure_set(Wants.read(parts), on)
    assume(edit is not None)
    assert edit is not None
    text = json.dumps(parts)

    for chosen in combinations(list(single_edits(parts["spec"], on)), edit.size - 1):
        copy = json.loads(text)
        for change in chosen:
            change(copy["spec"])
        assert not answers(Wants.read(copy), on)[0]
