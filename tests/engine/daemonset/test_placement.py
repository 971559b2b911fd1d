"""The two questions and the words that explain them; operators and taints alone are in ../matching."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from controller.engine.daemonset.placement import Wants, answers, verdict
from controller.engine.objects import Manifest, Node
from tests.builders import node, required_affinity, template
from tests.engine.daemonset.strategies import nodes, templates

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
ZONE_B = required_affinity({"matchExpressions": [{"key": "zone", "operator": "In", "values": ["b"]}]})

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


def affinity(key: str, operator: str, *values: str) -> Manifest:
    """Return required affinity with one expression."""
    return required_affinity(
        {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}
    )


def name_affinity(key: str, operator: str, *values: str) -> Manifest:
    """Return required affinity with one field."""
    return required_affinity({"matchFields": [{"key": key, "operator": operator, "values": list(values)}]})


SENTENCES = [
    pytest.param({}, PLAIN, 0, None, "The template names no node.", id="node-name - none"),
    pytest.param(
        {"nodeName": "plain"}, PLAIN, 0, True, "The template names this node, plain.", id="node-name - this"
    ),
    pytest.param(
        {"nodeName": "x"},
        PLAIN,
        0,
        False,
        "The template names the node x; this is plain.",
        id="node-name - other",
    ),
    pytest.param({}, PLAIN, 1, None, "The template has no node selector.", id="selector - none"),
    pytest.param(
        {"nodeSelector": {"disk": "ssd"}},
        PLAIN,
        1,
        False,
        "The node lacks the label disk=ssd.",
        id="selector - missing",
    ),
    pytest.param(
        {"nodeSelector": {"disk": "hdd", "gpu": "yes", "zone": "a"}},
        SSD,
        1,
        False,
        "Node selector wants disk=hdd, the node has disk=ssd. The node lacks the label gpu=yes.",
        id="selector - several faults",
    ),
    pytest.param(
        {"nodeSelector": {"disk": "ssd"}},
        SSD,
        1,
        True,
        "The node has the label disk=ssd.",
        id="selector - one label",
    ),
    pytest.param(
        {"nodeSelector": {"disk": "ssd", "zone": "a"}},
        SSD,
        1,
        True,
        "The node has the labels disk=ssd and zone=a.",
        id="selector - two labels",
    ),
    pytest.param({}, PLAIN, 2, None, "The template requires no node affinity.", id="affinity - none"),
    pytest.param(
        {"affinity": affinity("zone", "In", "a", "b", "c")},
        SSD,
        2,
        True,
        "Node affinity matches: zone in (a, b, c).",
        id="affinity - matches",
    ),
    pytest.param(
        {"affinity": affinity("zone", "In", "b", "c")},
        SSD,
        2,
        False,
        "Node affinity does not match: zone must be b or c, the node has zone=a.",
        id="affinity - in",
    ),
    pytest.param(
        {"affinity": affinity("zone", "In", "b")},
        PLAIN,
        2,
        False,
        "Node affinity does not match: zone must be b, the node lacks the label zone.",
        id="affinity - in, label missing",
    ),
    pytest.param(
        {"affinity": affinity("zone", "NotIn", "a")},
        SSD,
        2,
        False,
        "Node affinity does not match: zone must not be a, the node has zone=a.",
        id="affinity - not-in",
    ),
    pytest.param(
        {"affinity": affinity("gpu", "Exists")},
        SSD,
        2,
        False,
        "Node affinity does not match: the node lacks the label gpu.",
        id="affinity - exists",
    ),
    pytest.param(
        {"affinity": affinity("disk", "DoesNotExist")},
        SSD,
        2,
        False,
        "Node affinity does not match: the node has disk=ssd, which must be absent.",
        id="affinity - does-not-exist",
    ),
    pytest.param(
        {"affinity": affinity("cores", "Gt", "8")},
        node(labels={"cores": "4"}),
        2,
        False,
        "Node affinity does not match: cores must be a number above 8, the node has cores=4.",
        id="affinity - gt",
    ),
    pytest.param(
        {"affinity": affinity("cores", "Lt", "8")},
        node(labels={"cores": "many"}),
        2,
        False,
        "Node affinity does not match: cores must be a number below 8, the node has cores=many, "
        "which is no integer.",
        id="affinity - lt, no integer",
    ),
    pytest.param(
        {"affinity": affinity("zone", "Like", "a")},
        SSD,
        2,
        False,
        "Node affinity does not match: Like is no operator, the node has zone=a.",
        id="affinity - unknown operator",
    ),
    pytest.param(
        {"affinity": name_affinity("metadata.name", "In", "x")},
        SSD,
        2,
        False,
        "Node affinity does not match: the node's name must be x, it is ssd.",
        id="affinity - another name",
    ),
    pytest.param(
        {"affinity": name_affinity("metadata.name", "NotIn", "ssd")},
        SSD,
        2,
        False,
        "Node affinity does not match: the node's name must not be ssd, it is ssd.",
        id="affinity - a refused name",
    ),
    pytest.param(
        {"affinity": name_affinity("spec.x", "In", "y")},
        SSD,
        2,
        False,
        "Node affinity does not match: the field spec.x is not known.",
        id="affinity - unknown field",
    ),
    pytest.param(
        {"affinity": required_affinity()},
        SSD,
        2,
        False,
        "Node affinity has no terms, and so matches no node.",
        id="affinity - no terms",
    ),
    pytest.param(
        {
            "affinity": required_affinity(
                {
                    "matchExpressions": [
                        {"key": "zone", "operator": "In", "values": ["a"]},
                        {"key": "gpu", "operator": "Exists"},
                        {"key": "disk", "operator": "NotIn", "values": ["ssd"]},
                    ]
                },
                {},
            )
        },
        SSD,
        2,
        False,
        "None of the 2 affinity terms matches. Term 1: the node lacks the label gpu; disk must not be ssd, "
        "the node has disk=ssd. Term 2: an empty term matches no node.",
        id="affinity - several terms",
    ),
    pytest.param(
        {},
        GPU,
        3,
        False,
        "Taint gpu=yes:NoSchedule is not tolerated; a pod that is already there may stay.",
        id="taint - no-schedule",
    ),
    pytest.param(
        {},
        LEAVING,
        3,
        False,
        "Taint gpu=yes:NoExecute is not tolerated; a pod that is already there must go.",
        id="taint - no-execute",
    ),
    pytest.param(
        {"tolerations": toleration(key="gpu", value="yes", effect="NoSchedule")},
        GPU,
        3,
        True,
        "Taint gpu=yes:NoSchedule is tolerated (toleration gpu=yes:NoSchedule).",
        id="taint - tolerated",
    ),
    pytest.param(
        {"tolerations": toleration(operator="Exists")},
        GPU,
        3,
        True,
        "Taint gpu=yes:NoSchedule is tolerated (toleration everything).",
        id="taint - everything tolerated",
    ),
    pytest.param(
        {"tolerations": toleration(key="gpu", operator="Exists", effect="NoExecute", tolerationSeconds=30)},
        LEAVING,
        3,
        True,
        "Taint gpu=yes:NoExecute is tolerated for 30 s; then the pod is evicted and made anew.",
        id="taint - tolerated for a time",
    ),
    pytest.param(
        {
            "tolerations": toleration(
                key="node.kubernetes.io/not-ready",
                operator="Exists",
                effect="NoExecute",
                tolerationSeconds=300,
            )
        },
        node(taints=["node.kubernetes.io/not-ready:NoExecute"]),
        3,
        True,
        "Taint node.kubernetes.io/not-ready:NoExecute is tolerated "
        "(toleration node.kubernetes.io/not-ready:NoExecute).",
        id="taint - a default toleration has no end, whatever the template says",
    ),
    pytest.param(
        {},
        node(taints=["slow:PreferNoSchedule"]),
        3,
        None,
        "Taint slow:PreferNoSchedule is a preference only; it keeps no daemon pod away.",
        id="taint - preference",
    ),
]


@pytest.mark.parametrize(("spec", "on", "index", "passed", "message"), SENTENCES)
def test_sentences(spec: Manifest, on: Node, index: int, passed: bool | None, message: str) -> None:  # noqa: FBT001 -- a table's column
    """Each check says in plain words what was wanted and what the node has."""
    check = verdict(wants(**spec), on).checks[index]

    assert (check.passed, check.message) == (passed, message)


def test_checks_stand_in_their_order_and_none_is_skipped() -> None:
    """Node name, node selector, node affinity, then every taint: all are evaluated after a failure."""
    on = node("far", taints=["gpu=yes:NoSchedule", "slow:PreferNoSchedule", "old:NoExecute"])
    asked = wants(nodeName="near", nodeSelector={"disk": "ssd"}, affinity=ZONE_B)

    checks = verdict(asked, on).checks

    assert [(check.rule, check.passed, check.keeps, check.subject) for check in checks] == [
        ("nodeName", False, False, "near"),
        ("nodeSelector", False, False, "disk=ssd"),
        ("nodeAffinity", False, False, "zone in (b)"),
        ("taint", False, True, "gpu=yes:NoSchedule"),
        ("taint", None, True, "slow:PreferNoSchedule"),
        ("taint", False, False, "old:NoExecute"),
    ]


def test_subject_of_affinity_writes_every_operator() -> None:
    """What the affinity wants is written in a few words, terms joined by or."""
    terms = required_affinity(
        {
            "matchExpressions": [
                {"key": "zone", "operator": "NotIn", "values": ["a", "b"]},
                {"key": "gpu", "operator": "Exists"},
                {"key": "old", "operator": "DoesNotExist"},
            ]
        },
        {"matchExpressions": [{"key": "cores", "operator": "Gt", "values": ["8"]}]},
        {"matchExpressions": [{"key": "cores", "operator": "Lt", "values": ["2"]}]},
        {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]},
        {},
        {"matchExpressions": [{"key": "zone", "operator": "Like", "values": ["a"]}]},
    )

    subject = verdict(wants(affinity=terms), PLAIN).checks[2].subject

    assert subject == (
        "zone not in (a, b) and gpu and no old or cores > 8 or cores < 2 or metadata.name in (n1)"
        " or nothing or zone Like (a)"
    )


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
