"""The page of the map and the verdict beside it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from http import HTTPStatus

import pytest
from redis import Redis

from controller import heartbeat
from controller.engine.daemonset.cells import CellState
from controller.engine.objects import Taint
from controller.queries.daemonsets import daemonsets
from controller.queries.source import cluster_view
from controller.services.nodes import node_labels, node_taints
from controller.services.objects import manifests_create
from dashboard.present.examples import EXAMPLES
from dashboard.present.wholemap import set_lines
from tests.clusters import PERSON, cluster, node, pods, settle, with_daemonset
from tests.dashboard.visits import HTMX, answer, text_of, visitor

pytestmark = pytest.mark.django_db

SSD = "/clusters/tried/?set=default/ssd-monitor&node=node-1"


def test_an_empty_cluster() -> None:
    """A cluster without nodes and sets says what to do first."""
    cluster()
    page = text_of(visitor().get("/clusters/tried/"))
    assert "This cluster has no nodes and no DaemonSets yet." in page
    assert "Create a DaemonSet" in page


def test_the_six_numbers() -> None:
    """The chosen set is shown with its six numbers; without a choice it is the first."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    page = visitor().get("/clusters/tried/")
    assert re.search(r"desired 2 current 2 ready 2 up to date 2 available 2 misscheduled 0", text_of(page))
    assert 'data-key="default/nginx-ds"' in page.content.decode()


def test_the_words_of_the_script() -> None:
    """The script has no words of its own: the page brings those of every state."""
    cluster()
    page = visitor().get("/clusters/tried/").content.decode()
    found = re.search(r'<script id="map-words" type="application/json">(.*?)</script>', page)
    assert found
    words = json.loads(found[1])
    assert words["states"]["none"] == "not targeted"
    assert len(words["states"]) == 10


def test_the_verdict_of_an_empty_cell() -> None:
    """An empty cell says the first failing check, all checks in order, and the smallest edits."""
    tried = cluster(nodes=1)
    with_daemonset(tried, "ssd-monitor")
    page = text_of(visitor().get(SSD))
    assert "Not targeted. No pod of this set is here. The node lacks the label disk=ssd ." in page
    order = [
        page.index(words)
        for words in ("names no node", "failed: The node lacks", "requires no node affinity")
    ]
    assert order == sorted(order)
    assert "Of node-1: Set the label disk=ssd ." in page
    assert "Of the set: Drop disk from the node selector." in page


@pytest.mark.parametrize("side", ["node", "set"])
def test_a_cure_is_applied(side: str) -> None:
    """The smallest edit of either side lets the pod run."""
    tried = cluster(nodes=1)
    with_daemonset(tried, "ssd-monitor")
    response = answer(visitor(), "/clusters/tried/cure/", set="default/ssd-monitor", node="node-1", side=side)
    assert response.status_code == HTTPStatus.OK
    settle(tried)
    assert pods(tried)["node-1"].ready
    assert "Every check passes: a pod should run here, and it is available." in text_of(visitor().get(SSD))


def test_a_cure_takes_labels_and_taints() -> None:
    """An edit of a node that needs both a label and no taint makes both."""
    tried = cluster(nodes=1)
    with_daemonset(tried, "ssd-monitor")
    node_taints(cluster=tried, actor=PERSON, node="node-1", taints=[Taint("gpu", "", "NoSchedule")])
    answer(visitor(), "/clusters/tried/cure/", set="default/ssd-monitor", node="node-1", side="node")
    made = node(tried, "node-1")
    assert made["metadata"]["labels"]["disk"] == "ssd"
    assert "taints" not in made["spec"]


def test_nothing_to_cure() -> None:
    """A cure that is no longer needed is refused with a sentence."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    response = answer(visitor(), "/clusters/tried/cure/", set="default/nginx-ds", node="node-1", side="node")
    assert "There is nothing to cure here any more." in text_of(response)


def test_a_node_with_all_its_sets() -> None:
    """Where all sets are looked at, the panel tells of all sets on the node."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    with_daemonset(tried, "ssd-monitor")
    page = text_of(visitor().get("/clusters/tried/?view=all&node=node-1"))
    assert "nginx-ds up to date Every check passes." in page
    assert "ssd-monitor not targeted The node lacks the label disk=ssd" in page


def test_a_node_that_is_gone() -> None:
    """A node that went while it was looked at is said to be gone; the page stands."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    response = visitor().get("/clusters/tried/?set=default/nginx-ds&node=gone", headers=HTMX)
    assert response.status_code == HTTPStatus.OK
    assert 'nodes "gone" not found' in text_of(response)


def test_what_the_panel_says_of_trouble() -> None:
    """A pod in trouble is said first, before the checks that all pass."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    name = pods(tried)["node-1"].name
    answer(visitor(), f"/clusters/tried/pods/default/{name}/behaviour/", behaviour="image-pull-error")
    settle(tried)
    page = text_of(visitor().get("/clusters/tried/?set=default/nginx-ds&node=node-1"))
    assert "cannot be pulled (ErrImagePull)" in page
    assert "Take back the fault that was injected into this pod." in page


def test_the_rollout_of_the_chosen_set() -> None:
    """Without a cell the panel tells how far the chosen set is."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    page = text_of(visitor().get("/clusters/tried/"))
    assert "Revision 1: rollout complete 2 of 2 up to date, 2 available" in page


def test_a_misscheduled_pod() -> None:
    """A pod that should not be here, but may stay, is toned and explained."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    node_taints(cluster=tried, actor=PERSON, node="node-1", taints=[Taint("gpu", "", "NoSchedule")])
    settle(tried)
    page = text_of(visitor().get("/clusters/tried/?set=default/nginx-ds&node=node-1"))
    assert "Misscheduled. 1 pod is here." in page
    assert "taint, a pod that is there may keep running" in page


def test_a_banner_without_worker(redis: Redis) -> None:
    """As long as no worker runs the page says that nothing follows from edits."""
    cluster()
    assert "No worker runs" in text_of(visitor().get("/clusters/tried/"))
    redis.set(heartbeat.key(), "")
    assert "No worker runs" not in text_of(visitor().get("/clusters/tried/"))


def test_labels_in_the_panel() -> None:
    """One label is set, and taken off, right beside the verdict."""
    tried = cluster(nodes=1)
    with_daemonset(tried, "ssd-monitor")
    client = visitor()
    path = "/clusters/tried/nodes/node-1/label/"
    assert "Set the label disk=ssd." in text_of(answer(client, path, label="disk=ssd"))
    settle(tried)
    assert "node-1" in pods(tried)
    assert "Removed the label disk." in text_of(answer(client, path, key="disk"))
    settle(tried)
    assert not pods(tried)


def test_a_label_called_as_a_field() -> None:
    """Whatever the key of a label, no two elements of the page have one id."""
    with_daemonset(cluster(nodes=1, text="yes"), "ssd-monitor")
    page = visitor().get("/clusters/tried/?node=node-1").content.decode()
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert "label:text" in ids
    assert len(ids) == len(set(ids))


def test_a_malformed_label() -> None:
    """A label without a value is refused where it was typed."""
    cluster(nodes=1)
    response = answer(visitor(), "/clusters/tried/nodes/node-1/label/", source="form#set-label", label="disk")
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "Write the label as key=value." in text_of(response)


def test_another_group_of_the_table() -> None:
    """The map's page links its table twin, which groups by any label."""
    tried = cluster(nodes=2, pool="web")
    node_labels(cluster=tried, actor=PERSON, node="node-2", labels={"pool": "db"})
    page = text_of(visitor().get("/clusters/tried/table/?group=pool"))
    assert page.index("db 1 node") < page.index("web 1 node")


def with_deployment(tried: int, image: str = "nginx:1.27") -> None:
    """Create the Deployment of the examples and let its pods start."""
    text = next(one.text for one in EXAMPLES if one.key == "deployment").replace("nginx:1.27", image)
    manifests_create(cluster=tried, actor=PERSON, text=text)
    settle(tried)


def test_other_workloads_in_the_rail() -> None:
    """Workloads that no other owns are listed by their kinds, on the map and elsewhere."""
    tried = cluster(nodes=3)
    with_daemonset(tried)
    with_deployment(tried)
    pod = next(one.text for one in EXAMPLES if one.key == "pod")
    manifests_create(cluster=tried, actor=PERSON, text=pod)
    settle(tried)
    page = visitor().get("/clusters/tried/")
    assert "Deployments web 3/3 default" in text_of(page)
    assert "Pods of their own without a controller 1/1" in text_of(page)
    assert "ReplicaSets" not in text_of(page)
    assert 'data-set="Deployment/default/web"' in page.content.decode()
    assert 'href="/clusters/tried/objects/deployments/default/web/"' in (
        visitor().get("/clusters/tried/events/").content.decode()
    )


def test_a_workload_on_the_map() -> None:
    """A chosen workload has its numbers above the map, and beside it the pods on the chosen node."""
    tried = cluster(nodes=1)
    with_deployment(tried)
    page = visitor().get("/clusters/tried/?set=Deployment/default/web&node=node-1")
    assert "desired 3 ready 3 pods 3 nodes 1 on no node 0" in text_of(page)
    assert "web on node-1 Pods here web-" in text_of(page)
    assert "No pod of it is here." in text_of(
        visitor().get("/clusters/tried/?set=Deployment/default/web&node=gone")
    )


def test_the_first_of_the_rail_is_shown() -> None:
    """Without a set it is the first workload of the rail, not the first by its kind's letters."""
    tried = cluster(nodes=1)
    with_deployment(tried)
    text = next(one.text for one in EXAMPLES if one.key == "cronjob")
    manifests_create(cluster=tried, actor=PERSON, text=text)
    assert "web Deployment, default" in text_of(visitor().get("/clusters/tried/"))


def test_pods_on_no_node() -> None:
    """Pods that no node has taken are listed with the reason that the scheduler gives."""
    tried = cluster()
    with_deployment(tried)
    page = text_of(visitor().get("/clusters/tried/?set=Deployment/default/web"))
    assert "desired 3 ready 0 pods 3 nodes 0 on no node 3" in page
    assert "Pods on no node web-" in page
    assert "no nodes available to schedule pods" in page
    assert "Deployments web 0/3 default 3 on no node" in page


def test_a_workload_that_there_is_not() -> None:
    """An address that names another workload than is shown says so."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    told = "There is no workload default/gone here. Another one is shown."
    assert told in text_of(visitor().get("/clusters/tried/?set=default/gone"))
    assert "Another one is shown." not in text_of(visitor().get("/clusters/tried/?set=default/nginx-ds"))


def test_the_worst_set_comes_first() -> None:
    """Of two sets with as many nodes down the one comes first that also fails; those at rest come by name."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    with cluster_view(tried) as view:
        (row,) = daemonsets(view)
    states = {
        "calm": {CellState.NEW: 5},
        "also-calm": {CellState.NEW: 9},
        "idle": {CellState.NONE: 9},
        "down": {CellState.DOWN: 4, CellState.NEW: 9},
        "failing-too": {CellState.DOWN: 4, CellState.FAILING: 1},
        "late": {CellState.OLD: 9},
    }
    rows = [replace(row, name=name, states=found) for name, found in states.items()]
    found = [line.name for line in set_lines("tried", rows)]
    assert found == ["failing-too", "down", "late", "calm", "also-calm", "idle"]


def test_the_whole_cluster() -> None:
    """All sets and Health have figures of the whole cluster, and all sets beside them, the worst first."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    with_daemonset(tried, "ssd-monitor")
    for view, title in (("all", "All DaemonSets"), ("health", "Health of all nodes")):
        page = text_of(visitor().get(f"/clusters/tried/?set=default/ssd-monitor&view={view}"))
        assert f"{title} nodes 2 not ready 0 DaemonSets 2 not settled 0 desired 2" in page
        assert "DaemonSets, the worst first nginx-ds 2 up to date default ssd-monitor 2 not targeted" in page
