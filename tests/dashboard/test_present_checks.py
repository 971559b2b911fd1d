"""The words of each check: what was wanted, what the node has, and what follows."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.daemonset.placement import Wants, verdict
from controller.engine.objects import Manifest, Node
from dashboard.present.checks import check_words
from tests.builders import affinity, expression, node, required_affinity, template

PLAIN = node("plain")
SSD = node("ssd", labels={"disk": "ssd", "zone": "a"})
GPU = node("gpu", taints=["gpu=yes:NoSchedule"])
LEAVING = node("leaving", taints=["gpu=yes:NoExecute"])


def wants(**spec: Any) -> Wants:
    """Return what a template with these parts asks of a node."""
    return Wants.read(template(**spec))


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
        {"affinity": affinity(expression("zone", "In", "a", "b", "c"))},
        SSD,
        2,
        True,
        "Node affinity matches: zone in (a, b, c).",
        id="affinity - matches",
    ),
    pytest.param(
        {"affinity": affinity(expression("zone", "In", "b", "c"))},
        SSD,
        2,
        False,
        "Node affinity does not match: zone must be b or c, the node has zone=a.",
        id="affinity - in",
    ),
    pytest.param(
        {"affinity": affinity(expression("zone", "In", "b"))},
        PLAIN,
        2,
        False,
        "Node affinity does not match: zone must be b, the node lacks the label zone.",
        id="affinity - in, label missing",
    ),
    pytest.param(
        {"affinity": affinity(expression("zone", "NotIn", "a"))},
        SSD,
        2,
        False,
        "Node affinity does not match: zone must not be a, the node has zone=a.",
        id="affinity - not-in",
    ),
    pytest.param(
        {"affinity": affinity(expression("gpu", "Exists"))},
        SSD,
        2,
        False,
        "Node affinity does not match: the node lacks the label gpu.",
        id="affinity - exists",
    ),
    pytest.param(
        {"affinity": affinity(expression("disk", "DoesNotExist"))},
        SSD,
        2,
        False,
        "Node affinity does not match: the node has disk=ssd, which must be absent.",
        id="affinity - does-not-exist",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Gt", "8"))},
        node(labels={"cores": "4"}),
        2,
        False,
        "Node affinity does not match: cores must be a number above 8, the node has cores=4.",
        id="affinity - gt",
    ),
    pytest.param(
        {"affinity": affinity(expression("cores", "Lt", "8"))},
        node(labels={"cores": "many"}),
        2,
        False,
        "Node affinity does not match: cores must be a number below 8, the node has cores=many, "
        "which is no integer.",
        id="affinity - lt, no integer",
    ),
    pytest.param(
        {"affinity": affinity(expression("zone", "Like", "a"))},
        SSD,
        2,
        False,
        "Node affinity does not match: Like is no operator, the node has zone=a.",
        id="affinity - unknown operator",
    ),
    pytest.param(
        {"affinity": required_affinity({"matchFields": [expression("metadata.name", "In", "x")]})},
        SSD,
        2,
        False,
        "Node affinity does not match: the node's name must be x, it is ssd.",
        id="affinity - another name",
    ),
    pytest.param(
        {"affinity": required_affinity({"matchFields": [expression("metadata.name", "NotIn", "ssd")]})},
        SSD,
        2,
        False,
        "Node affinity does not match: the node's name must not be ssd, it is ssd.",
        id="affinity - a refused name",
    ),
    pytest.param(
        {"affinity": required_affinity({"matchFields": [expression("spec.x", "In", "y")]})},
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
                        expression("zone", "In", "a"),
                        expression("gpu", "Exists"),
                        expression("disk", "NotIn", "ssd"),
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
        "Taint gpu=yes:NoSchedule is not tolerated; a pod that is already there may keep running.",
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
        {"tolerations": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]},
        GPU,
        3,
        True,
        "Taint gpu=yes:NoSchedule is tolerated (toleration gpu=yes:NoSchedule).",
        id="taint - tolerated",
    ),
    pytest.param(
        {"tolerations": [{"operator": "Exists"}]},
        GPU,
        3,
        True,
        "Taint gpu=yes:NoSchedule is tolerated (toleration everything).",
        id="taint - everything tolerated",
    ),
    pytest.param(
        {
            "tolerations": [
                {"key": "gpu", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}
            ]
        },
        LEAVING,
        3,
        True,
        "Taint gpu=yes:NoExecute is tolerated for 30 s; then the pod is evicted and made anew.",
        id="taint - tolerated for a time",
    ),
    pytest.param(
        {
            "tolerations": [
                {
                    "key": "node.kubernetes.io/not-ready",
                    "operator": "Exists",
                    "effect": "NoExecute",
                    "tolerationSeconds": 300,
                }
            ]
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

    assert (check.passed, check_words(check)) == (passed, message)


def test_a_matching_term_is_written_with_every_operator() -> None:
    """The term that matches is written in a few words, its requirements joined by and."""
    wanted = affinity(
        expression("zone", "NotIn", "b", "c"),
        expression("disk", "Exists"),
        expression("old", "DoesNotExist"),
        expression("cores", "Gt", "8"),
        expression("cores", "Lt", "32"),
    )
    big = node("big", labels={"zone": "a", "disk": "ssd", "cores": "16"})

    said = check_words(verdict(wants(affinity=wanted), big).checks[2])

    assert (
        said == "Node affinity matches: zone not in (b, c) and disk and no old and cores > 8 and cores < 32."
    )
