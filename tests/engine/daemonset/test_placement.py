"""The two questions and their checks; operators and taints are in ../matching, words in dashboard."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from controller.engine.daemonset.placement import (
    NodeAffinityCheck,
    NodeNameCheck,
    NodeSelectorCheck,
    Unmet,
    Wants,
    answers,
    nameless,
    traits_of,
    verdict,
)
from controller.engine.matching.labels import Requirement
from controller.engine.objects import Manifest, Node
from tests.builders import affinity, expression, name_term, node, required_affinity, template
from tests.engine.daemonset.strategies import KEYS, NAMES, nodes, templates, values

RUN, STAY, NO = (True, True), (False, True), (False, False)


def wants(**spec: Any) -> Wants:
    """Return what a template with these parts asks of a node."""
    return Wants.read(template(**spec))


def toleration(**parts: Any) -> list[Manifest]:
    """Return ``spec.tolerations`` with one entry."""
    return [parts]


PLAIN = node("plain")
SSD = node("ssd", labels={"disk": "ssd", "zone": "a"})
GPU = node("gpu", taints=["gpu=yes:NoSchedule"])
LEAVING = node("leaving", taints=["gpu=yes:NoExecute"])
ZONE_B = affinity(expression("zone", "In", "b"))

QUESTIONS = [
    pytest.param({}, PLAIN, RUN, id="nothing is asked"),
    pytest.param({"nodeName": "plain"}, PLAIN, RUN, id="node-name - this node"),
    pytest.param({"nodeName": "other"}, PLAIN, NO, id="node-name - another node"),
    pytest.param({"nodeSelector": {"disk": "ssd"}}, SSD, RUN, id="selector matches"),
    pytest.param({"nodeSelector": {"disk": "ssd"}}, PLAIN, NO, id="selector - label missing"),
    pytest.param({"affinity": ZONE_B}, SSD, NO, id="affinity does not match"),
    pytest.param(
        {"nodeSelector": {"disk": "ssd"}, "affinity": ZONE_B},
        SSD,
        NO,
        id="selector and affinity are both needed",
    ),
    pytest.param({"affinity": required_affinity({})}, SSD, NO, id="affinity with an empty term"),
    pytest.param(
        {"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}}},
        PLAIN,
        RUN,
        id="preferred affinity changes nothing",
    ),
    pytest.param({}, GPU, STAY, id="no-schedule keeps who is there"),
    pytest.param({}, LEAVING, NO, id="no-execute sends away"),
    pytest.param(
        {"tolerations": toleration(key="gpu", operator="Exists")},
        GPU,
        RUN,
        id="tolerated taint changes nothing",
    ),
    pytest.param(
        {"tolerations": toleration(key="gpu", operator="Exists", effect="NoSchedule")},
        node("both", taints=["gpu=yes:NoSchedule", "gpu=yes:NoExecute"]),
        NO,
        id="one tolerated effect does not help the other",
    ),
    pytest.param(
        {"tolerations": toleration(key="gpu", operator="Exists", effect="NoExecute")},
        node("both", taints=["gpu=yes:NoSchedule", "gpu=yes:NoExecute"]),
        STAY,
        id="no-execute tolerated, no-schedule not",
    ),
    pytest.param(
        {"tolerations": toleration(key="gpu", operator="Exists", effect="NoExecute", tolerationSeconds=5)},
        LEAVING,
        RUN,
        id="tolerated for a time counts as tolerated",
    ),
    pytest.param(
        {},
        node("worse", taints=["gpu=yes:NoSchedule", "old:NoExecute"]),
        NO,
        id="no-execute outweighs the no-schedule before it",
    ),
    pytest.param({}, node("slow", taints=["slow:PreferNoSchedule"]), RUN, id="prefer-no-schedule is ignored"),
    pytest.param(
        {"nodeSelector": {"disk": "ssd"}}, GPU, NO, id="a failed selector outweighs a taint that keeps"
    ),
    pytest.param({}, node("cordoned", unschedulable=True), RUN, id="cordon without its taint plays no part"),
    pytest.param({}, node("mute", ready="Unknown"), RUN, id="readiness plays no part"),
]


@pytest.mark.parametrize(("spec", "on", "expected"), QUESTIONS)
def test_two_questions(spec: Manifest, on: Node, expected: tuple[bool, bool]) -> None:
    """A pod should run where all checks pass; it may stay where only NoSchedule taints fail."""
    assert answers(wants(**spec), on) == expected


DEFAULTS = [
    pytest.param("node.kubernetes.io/not-ready:NoExecute", RUN, id="not-ready, no-execute"),
    pytest.param("node.kubernetes.io/not-ready:NoSchedule", STAY, id="not-ready, no-schedule"),
    pytest.param("node.kubernetes.io/unreachable:NoExecute", RUN, id="unreachable, no-execute"),
    pytest.param("node.kubernetes.io/unreachable:NoSchedule", STAY, id="unreachable, no-schedule"),
    pytest.param("node.kubernetes.io/disk-pressure:NoSchedule", RUN, id="disk-pressure"),
    pytest.param("node.kubernetes.io/memory-pressure:NoSchedule", RUN, id="memory-pressure"),
    pytest.param("node.kubernetes.io/memory-pressure:NoExecute", NO, id="memory-pressure, no-execute"),
    pytest.param("node.kubernetes.io/pid-pressure:NoSchedule", RUN, id="pid-pressure"),
    pytest.param("node.kubernetes.io/unschedulable:NoSchedule", RUN, id="unschedulable"),
    pytest.param("node.kubernetes.io/network-unavailable:NoSchedule", STAY, id="network-unavailable"),
]


@pytest.mark.parametrize(("mark", "expected"), DEFAULTS)
def test_default_tolerations(mark: str, expected: tuple[bool, bool]) -> None:
    """Every daemon pod tolerates what befalls a machine, in the given effect only."""
    assert answers(wants(), node(taints=[mark])) == expected


def test_host_network_tolerates_a_missing_network() -> None:
    """A pod on the host's network does not wait for the pods' network."""
    bare = node(taints=["node.kubernetes.io/network-unavailable:NoSchedule"])

    assert answers(wants(hostNetwork=True), bare) == RUN


def test_checks_stand_in_their_order_and_none_is_skipped() -> None:
    """Node name, node selector, node affinity, then every taint: all are evaluated after a failure."""
    on = node("far", taints=["gpu=yes:NoSchedule", "slow:PreferNoSchedule", "old:NoExecute"])
    asked = wants(nodeName="near", nodeSelector={"disk": "ssd"}, affinity=ZONE_B)

    checks = verdict(asked, on).checks

    assert [(check.rule, check.passed, check.keeps) for check in checks] == [
        ("nodeName", False, False),
        ("nodeSelector", False, False),
        ("nodeAffinity", False, False),
        ("taint", False, True),
        ("taint", None, True),
        ("taint", False, False),
    ]


ZONES = (Requirement("zone", "In", ("b",)), Requirement("gpu", "Exists"))


@pytest.mark.parametrize(
    ("spec", "on", "unmet"),
    [
        pytest.param({"affinity": ZONE_B}, SSD, ((Unmet(ZONES[0], "a"),),), id="another value"),
        pytest.param({"affinity": ZONE_B}, PLAIN, ((Unmet(ZONES[0], None),),), id="no such label"),
        pytest.param({"affinity": required_affinity({})}, SSD, ((),), id="an empty term"),
        pytest.param({"affinity": required_affinity()}, SSD, (), id="no terms"),
        pytest.param(
            {
                "affinity": required_affinity(
                    name_term("n1"), {"matchExpressions": [expression("gpu", "Exists")]}
                )
            },
            PLAIN,
            (
                (Unmet(Requirement("metadata.name", "In", ("n1",)), "plain", is_field=True),),
                (Unmet(ZONES[1], None),),
            ),
            id="a field, and a second term",
        ),
        pytest.param(
            {
                "affinity": required_affinity(
                    {**name_term("plain"), "matchExpressions": [expression("gpu", "Exists")]}
                )
            },
            PLAIN,
            ((Unmet(ZONES[1], None),),),
            id="the field matches, a label does not",
        ),
        pytest.param(
            {"affinity": required_affinity({"matchFields": [expression("metadata.uid", "In", "1")]})},
            PLAIN,
            ((Unmet(Requirement("metadata.uid", "In", ("1",)), None, is_field=True),),),
            id="a field that is not known",
        ),
    ],
)
def test_a_failing_affinity_names_what_each_term_lacks(
    spec: Manifest, on: Node, unmet: tuple[tuple[Unmet, ...], ...]
) -> None:
    """Where no term matches, each says what it wants and what the node has instead."""
    check = verdict(wants(**spec), on).checks[2]

    assert isinstance(check, NodeAffinityCheck)
    assert (check.matching, check.unmet) == (None, unmet)


def test_first_failing_check_is_the_reason() -> None:
    """The first check that fails speaks for the empty cell; where all pass there is none."""
    failing = verdict(wants(nodeSelector={"disk": "ssd"}), GPU).first_failing

    assert failing is not None
    assert failing.rule == "nodeSelector"
    assert verdict(wants(), PLAIN).first_failing is None


@given(templates(), nodes())
def test_quick_answers_are_those_of_the_verdict(parts: Manifest, on: Node) -> None:
    """The quick answers and the explained ones never differ."""
    asked = Wants.read(parts)
    said = verdict(asked, on)

    assert answers(asked, on) == (said.should_run, said.may_stay)
    assert (said.first_failing is None) == said.should_run


TWINS: list[Any] = [
    pytest.param({}, node("one"), node("two", labels={"disk": "ssd"}), True, id="nothing is asked"),
    pytest.param({}, PLAIN, GPU, False, id="taints are always asked after"),
    pytest.param({"nodeName": "near"}, node("one"), node("two"), True, id="neither is named"),
    pytest.param({"nodeName": "one"}, node("one"), node("two"), False, id="one is named"),
    pytest.param({"nodeSelector": {"disk": "ssd"}}, SSD, PLAIN, False, id="a label that is selected"),
    pytest.param({"nodeSelector": {"disk": "ssd"}}, node("one"), PLAIN, True, id="both lack it"),
    pytest.param({"affinity": ZONE_B}, SSD, PLAIN, False, id="a label of a term"),
    pytest.param(
        {"affinity": required_affinity(name_term("one", operator="NotIn"))},
        node("one"),
        node("two"),
        False,
        id="a term names one",
    ),
]


@pytest.mark.parametrize(("spec", "one", "other", "equal"), TWINS)
def test_traits_are_what_a_template_asks_after(
    spec: Manifest, one: Node, other: Node, *, equal: bool
) -> None:
    """Nodes have equal traits if they differ in nothing but names and labels that are not asked after."""
    traits = traits_of(wants(**spec))

    assert (traits(one) == traits(other)) is equal


@given(templates(), nodes(), st.sampled_from((*NAMES, "far")), st.sampled_from((*KEYS, "rack")), values)
def test_equal_traits_get_equal_answers(parts: Manifest, one: Node, name: str, key: str, value: str) -> None:
    """Nodes with equal traits get equal answers, by checks that differ in the name of the node at most."""
    asked = Wants.read(parts)
    traits = traits_of(asked)
    other = replace(one, name=name, labels={**one.labels, key: value})
    assume(traits(one) == traits(other))

    assert answers(asked, one) == answers(asked, other)
    checks = [tuple(map(nameless, verdict(asked, on).checks)) for on in (one, other)]
    assert checks[0] == checks[1]


NAMED = Requirement("metadata.name", "In", ("near",))
UID = Requirement("metadata.uid", "In", ("1",))


def test_nameless_checks() -> None:
    """What a check says of its node's name is left out; labels and fields that it has not stay as told."""
    told = Unmet(ZONES[0], "a")
    unmet = ((told, Unmet(NAMED, "far", is_field=True)), (Unmet(UID, None, is_field=True),))
    selector = NodeSelectorCheck((("disk", "ssd"),), (Unmet(Requirement("disk", "In", ("ssd",)), "hdd"),))

    assert nameless(NodeNameCheck("near", "far")) == NodeNameCheck("near", "")
    assert nameless(selector) == selector
    assert nameless(NodeAffinityCheck((), None, unmet)) == NodeAffinityCheck(
        (), None, ((told, Unmet(NAMED, "", is_field=True)), (Unmet(UID, None, is_field=True),))
    )
