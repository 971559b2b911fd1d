"""The page behind a number of a set, and the buttons of a verdict."""

from __future__ import annotations

import pytest

from controller.models import Role
from controller.services import nodes, objects
from tests.clusters import PERSON, cluster, demo_text, settle, with_daemonset
from tests.dashboard.visits import answer, text_of, visitor

pytestmark = pytest.mark.django_db
PAGE = "/clusters/tried/sets/default/ssd-monitor/nodes/"


def cure(**form: str) -> str:
    """Press a button of a verdict, and return what is answered."""
    wanted = {"set": "default/ssd-monitor", "node": "node-1", **form}
    return text_of(answer(visitor(), "/clusters/tried/cure/", **wanted))


def test_nodes_behind_a_cause() -> None:
    """The nodes that share a cause are listed with what would cure all of them; a viewer gets no button."""
    tried = cluster(nodes=3)
    nodes.node_label_patch(cluster=tried, actor=PERSON, nodes=["node-2"], set={"disk": "hdd"}, remove=())
    with_daemonset(tried, "ssd-monitor")
    page = text_of(visitor().get(PAGE))
    assert "2 nodes The node lacks the label disk=ssd" in page
    assert "1 node Node selector wants disk=ssd , the node has disk=hdd" in page
    page = text_of(visitor().get(PAGE + "?like=node-1"))
    assert "Nodes that share the cause of node-1" in page
    assert "Apply to all 2 nodes" in page
    assert "node-2 not targeted" not in page
    assert "Apply to all" not in text_of(visitor(Role.VIEWER).get(PAGE + "?like=node-1"))
    assert "No node is counted here." in text_of(visitor().get(PAGE + "?number=available"))


def test_all_of_a_cause_at_once() -> None:
    """All nodes with a cause are cured if they are as many as was said; else nothing is done."""
    tried = cluster(nodes=3)
    with_daemonset(tried, "ssd-monitor")
    assert "Meanwhile 3 nodes share this cause, not 2." in cure(side="nodes", count="2")
    assert "Cured 3 nodes (node-1, node-2, node-3) for default/ssd-monitor" in cure(side="nodes", count="3")
    settle(tried)
    assert "3 nodes" in text_of(visitor().get(PAGE + "?number=available"))
    assert "Meanwhile" in cure(side="nodes", count="3")


def test_what_a_pod_lacks_is_mended() -> None:
    """A missing ServiceAccount is made, a port changed, a surge ended; nonsense is refused."""
    tried = cluster(nodes=1)
    text = demo_text("ssd-monitor").replace("    spec:", "    spec:\n      serviceAccountName: nope", 1)
    objects.manifests_create(cluster=tried, actor=PERSON, text=text)
    settle(tried)
    assert "Created the ServiceAccount nope." in cure(side="create-account", name="nope")
    assert "A port is a number from 1 to 65535." in cure(side="port", before="x", after="80")
    assert "There is nothing to cure here any more." in cure(side="port", before="80", after="81")
    assert "one after the other" in cure(side="no-surge")
    assert "Edited the YAML" in cure(side="request", container="main", resource="cpu", amount="10m")
    assert "quantities must match" in cure(side="request", container="main", resource="cpu", amount="lots")


def test_a_set_that_targets_no_node_is_amber() -> None:
    """A selector that matches nothing does not look fine: it is told which label no node bears."""
    tried = cluster(nodes=2)
    with_daemonset(tried, "ssd-monitor")
    page = text_of(visitor().get("/clusters/tried/"))
    assert "Targets no node" in page
    assert "disk=ssd is on 0 of 2 nodes." in page
    assert "targets no node" in page


def test_a_stuck_rollout_can_be_rolled_back_where_it_is_told() -> None:
    """Beside the words that a rollout is stuck stands the button that undoes it."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    act = "/clusters/tried/sets/default/nginx-ds/do/"
    answer(visitor(), act, action="image", container="nginx", image="nginx:does-not-exist")
    settle(tried)
    page = text_of(visitor().get("/clusters/tried/?set=default/nginx-ds"))
    assert "Rollout of revision 2 is stuck" in page
    assert "Roll back to revision 1" in page
    page = text_of(visitor().get("/clusters/tried/?set=default/nginx-ds&node=node-1"))
    assert "Roll back to revision 1" in page
