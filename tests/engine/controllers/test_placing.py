"""Where the scheduler puts ordinary pods, what it says of those that fit nowhere, and who makes room."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from controller.engine.controllers.scheduler.controller import Scheduler
from controller.engine.errors import Forbidden, Invalid
from controller.engine.objects import Manifest, Pod
from tests.engine.play import set_manifest
from tests.engine.workloads import Workloads

HOST = "kubernetes.io/hostname"
AFTER = "no new claims to deallocate, preemption: 0/3 nodes are available: "


def cluster() -> Workloads:
    """Return the cluster of the recording w-scheduler: two nodes in the east, a tainted one in the west."""
    play = Workloads()
    for name, zone, cpu, memory in (
        ("n1", "east", "2", "4Gi"),
        ("n2", "east", "1", "2Gi"),
        ("n3", "west", "4", "8Gi"),
    ):
        room = {"cpu": cpu, "memory": memory, "pods": "8"}
        play.add_node(name, labels={"zone": zone}, capacity=room, allocatable=room)
    play.taint("n3", "dedicated", "NoSchedule", "db")
    play.settle()
    return play


def pod(play: Workloads, name: str, labels: dict[str, str] | None = None, **spec: Any) -> Pod:
    """Create a pod through admission, and return it as it stands."""
    requests = spec.pop("requests", {})
    main = {"name": "main", "image": "x:1", "resources": {"requests": requests}}
    manifest = {"kind": "Pod", "metadata": {"name": name, "labels": labels or {}}}
    play.create(yaml.safe_dump({**manifest, "spec": {"containers": [main], **spec}}))
    play.settle()
    return the(play, name)


def the(play: Workloads, name: str) -> Pod:
    """Return a pod."""
    found = play.the("Pod", name)
    assert isinstance(found, Pod)
    return found


def why(play: Workloads, name: str) -> str:
    """Return what the scheduler says of a pod, which stands in its status."""
    told = (the(play, name).manifest.get("status") or {}).get("conditions") or []
    (found,) = [one for one in told if one["type"] == "PodScheduled"]
    assert (found["status"], found["reason"]) == ("False", "Unschedulable")
    assert found["message"] in play.events("FailedScheduling")
    return str(found["message"])


def set_of(play: Workloads, name: str, replicas: int, **spec: Any) -> None:
    """Create a ReplicaSet whose pods bear its name."""
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "m", "image": "x:1"}], **spec},
    }
    selector = {"matchLabels": {"app": name}}
    wanted = {"replicas": replicas, "selector": selector, "template": template}
    play.create(yaml.safe_dump({"kind": "ReplicaSet", "metadata": {"name": name}, "spec": wanted}))
    play.settle()


def nodes_of(play: Workloads, **labels: str) -> list[str]:
    """Return the nodes of the pods with these labels, "" for those without."""
    return sorted(play.the("Pod", name).node for name in play.names_of(**labels))  # type: ignore[union-attr]


def term(key: str, **labels: str) -> Manifest:
    """Return an affinity term about pods with these labels."""
    return {"topologyKey": key, "labelSelector": {"matchLabels": labels}}


def required(field: str, *terms: Manifest) -> dict[str, Any]:
    """Return the affinity of a pod with required terms about other pods."""
    return {"affinity": {field: {"requiredDuringSchedulingIgnoredDuringExecution": list(terms)}}}


def preferred(field: str, weight: int, wanted: Manifest) -> dict[str, Any]:
    """Return the affinity of a pod with one preference."""
    name = "preference" if field == "nodeAffinity" else "podAffinityTerm"
    return {
        "affinity": {
            field: {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": weight, name: wanted}]}
        }
    }


TOLERANT: dict[str, Any] = {"tolerations": [{"key": "dedicated", "operator": "Exists"}]}


def constraint(key: str, *, app: str, skew: int = 1, hard: bool = True, **more: Any) -> Manifest:
    """Return a topology spread constraint about pods of an app."""
    when = "DoNotSchedule" if hard else "ScheduleAnyway"
    selector = {"labelSelector": {"matchLabels": {"app": app}}}
    return {"maxSkew": skew, "topologyKey": key, "whenUnsatisfiable": when, **selector, **more}


def test_no_room_is_said_in_whole() -> None:
    """Every node gives its reasons, sorted as text; more than a node has is not helped by eviction."""
    play = cluster()
    pod(play, "big", requests={"cpu": "3", "memory": "3Gi"})
    assert why(play, "big") == (
        "0/3 nodes are available: 1 Insufficient memory, 1 node(s) had untolerated taint(s), "
        "2 Insufficient cpu. " + AFTER + "3 Preemption is not helpful for scheduling."
    )
    assert pod(play, "exact", requests={"cpu": "2", "memory": "4Gi"}).node == "n1"
    play.untaint("n3", "dedicated")
    play.settle()
    assert the(play, "big").node == "n3"


def test_pods_that_keep_apart() -> None:
    """Anti-affinity takes a node each; nobody of lower priority is in the way of the third."""
    play = cluster()
    set_of(play, "apart", 3, **required("podAntiAffinity", term(HOST, app="apart")))
    assert nodes_of(play, app="apart") == ["", "n1", "n2"]
    waiting = next(one.name for one in play.standing() if not one.bound)
    assert why(play, waiting) == (
        "0/3 nodes are available: 1 node(s) had untolerated taint(s), "
        "2 node(s) didn't match pod anti-affinity rules. "
        + AFTER
        + "1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod."
    )
    play.delete_pod(next(one for one in play.standing() if one.node == "n1"))
    play.settle()
    assert "n1" in nodes_of(play, app="apart")


def test_anti_affinity_holds_for_those_who_come_later() -> None:
    """Who stands and wants to be alone keeps others away, whatever they ask for themselves."""
    play = cluster()
    pod(play, "loner", nodeSelector={HOST: "n1"}, **required("podAntiAffinity", term(HOST, app="crowd")))
    assert pod(play, "one", {"app": "crowd"}).node == "n2"
    assert pod(play, "other", {"app": "calm"}, nodeSelector={HOST: "n1"}).node == "n1"
    pod(play, "pinned", {"app": "crowd"}, nodeSelector={HOST: "n1"})
    assert "1 node(s) didn't satisfy existing pods anti-affinity rules" in why(play, "pinned")
    play.delete_pod(the(play, "loner"))
    play.settle()
    assert the(play, "pinned").node == "n1"


def test_a_daemon_pod_is_kept_away_too() -> None:
    """Who names its node is told of that one alone."""
    play = cluster()
    field = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}
    wanted = {
        "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [field]}}
    }
    pod(play, "loner", nodeSelector={HOST: "n1"}, **required("podAntiAffinity", term(HOST, app="crowd")))
    pod(play, "daemon", {"app": "crowd"}, affinity=wanted)
    assert why(play, "daemon") == (
        "0/3 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules, "
        "2 node(s) didn't satisfy plugin(s) [NodeAffinity]. "
        + AFTER
        + "1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling."
    )


def test_pods_that_want_to_be_together() -> None:
    """They wait for whom they want; who means itself may be the first."""
    play = cluster()
    pod(play, "near", **required("podAffinity", term(HOST, app="nobody")))
    assert why(play, "near") == (
        "0/3 nodes are available: 1 node(s) had untolerated taint(s), "
        "2 node(s) didn't match pod affinity rules. " + AFTER + "3 Preemption is not helpful for scheduling."
    )
    pod(play, "nobody", {"app": "nobody"}, nodeSelector={HOST: "n2"})
    assert the(play, "near").node == "n2"
    set_of(play, "group", 3, **required("podAffinity", term("zone", app="group")))
    assert "" not in nodes_of(play, app="group")
    pod(play, "nowhere", {"app": "x"}, **required("podAffinity", term("rack", app="x")))
    assert "node(s) didn't match pod affinity rules" in why(play, "nowhere")


@pytest.mark.parametrize(
    ("facts", "bound"),
    [
        ({"namespaces": ["other"]}, False),
        ({"namespaces": ["default"]}, True),
        ({"namespaceSelector": {}}, True),
        ({"namespaceSelector": {"matchLabels": {"team": "red"}}}, True),
        ({"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]}}, False),
        ({"labelSelector": None}, False),
        ({"matchLabelKeys": ["hash"]}, True),
        ({"mismatchLabelKeys": ["hash"]}, False),
        ({"matchLabelKeys": ["absent"]}, True),
    ],
)
def test_whom_a_term_means(facts: dict[str, Any], *, bound: bool) -> None:
    """Pods of its own namespace unless others are named, with labels that it has itself if it says so."""
    play = cluster()
    namespace = {"kind": "Namespace", "metadata": {"name": "default", "labels": {"team": "red"}}}
    play.create(yaml.safe_dump(namespace))
    pod(play, "there", {"app": "x", "hash": "1"})
    wanted = {**term(HOST, app="x"), **facts}
    comes = pod(play, "comes", {"hash": "1"}, **required("podAffinity", wanted))
    assert comes.bound is bound


def test_an_unknown_namespace_has_no_labels() -> None:
    """A selector of namespaces finds nothing there."""
    play = cluster()
    pod(play, "there", {"app": "x"})
    wanted = {**term(HOST, app="x"), "namespaceSelector": {"matchLabels": {"team": "red"}}}
    assert not pod(play, "comes", **required("podAffinity", wanted)).bound


def test_spread_over_zones_and_hosts() -> None:
    """No domain may stand out by more than the skew; cordoned nodes still count."""
    play = cluster()
    constraints = [constraint("zone", app="s"), constraint(HOST, app="s")]
    set_of(play, "s", 4, topologySpreadConstraints=constraints, **TOLERANT)
    assert nodes_of(play, app="s") == ["n1", "n2", "n3", "n3"]
    play.cordon("n2")
    play.settle()
    play.change("ReplicaSet", "s", replicas=6)
    play.settle()
    assert nodes_of(play, app="s") == ["", "n1", "n1", "n2", "n3", "n3"]
    waiting = next(one.name for one in play.standing() if not one.bound)
    assert why(play, waiting) == (
        "0/3 nodes are available: 1 node(s) were unschedulable, "
        "2 node(s) didn't match pod topology spread constraints. "
        + AFTER
        + "1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod."
    )
    play.delete_pod(next(one for one in play.standing() if one.node == "n1"))
    play.settle()
    assert nodes_of(play, app="s").count("") == 1


@pytest.mark.parametrize(
    ("more", "placed"),
    [
        ({}, 4),
        ({"nodeTaintsPolicy": "Honor"}, 6),
        ({"minDomains": 3}, 2),
        ({"nodeAffinityPolicy": "Ignore"}, 4),
    ],
)
def test_which_domains_count(more: dict[str, Any], placed: int) -> None:
    """By default those of nodes that the pod's affinity allows, whatever their taints."""
    play = cluster()
    wanted = [constraint("zone", app="s", skew=2, **more)]
    set_of(play, "s", 6, topologySpreadConstraints=wanted, tolerations=[])
    if not more or "nodeAffinityPolicy" in more:
        placed = 2
    assert sum(map(bool, nodes_of(play, app="s"))) == placed


def test_a_node_without_the_label_is_in_no_domain() -> None:
    """It is said to lack it."""
    play = cluster()
    pod(play, "s", {"app": "s"}, topologySpreadConstraints=[constraint("rack", app="s")])
    assert "2 node(s) didn't match pod topology spread constraints (missing required label)" in why(play, "s")


def test_a_workload_is_spread_without_asking() -> None:
    """By host and zone, as far as it goes."""
    play = Workloads("a", "b", "c")
    set_of(play, "web", 6)
    assert nodes_of(play, app="web") == ["a", "a", "b", "b", "c", "c"]


def test_soft_constraints_are_kept_as_far_as_it_goes() -> None:
    """ScheduleAnyway orders nodes and refuses none."""
    play = cluster()
    wanted = [constraint("zone", app="s", hard=False), constraint("rack", app="s", hard=False)]
    set_of(play, "s", 2, topologySpreadConstraints=wanted, **TOLERANT)
    assert "n3" in nodes_of(play, app="s")
    assert "" not in nodes_of(play, app="s")


def test_preferences_decide_between_nodes_that_fit() -> None:
    """Preferred node affinity, soft taints, and preferences about other pods."""
    play = Workloads("a", "b", "c")
    play.settle()
    wanted = {"matchExpressions": [{"key": HOST, "operator": "In", "values": ["c"]}]}
    assert pod(play, "liked", {"app": "x"}, **preferred("nodeAffinity", 10, wanted)).node == "c"
    assert pod(play, "near", **preferred("podAffinity", 100, term(HOST, app="x"))).node == "c"
    play.taint("a", "spot", "PreferNoSchedule")
    assert pod(play, "free").node == "b"
    pod(play, "there", {"app": "y"}, nodeSelector={HOST: "b"})
    assert pod(play, "away", **preferred("podAntiAffinity", 100, term(HOST, app="y"))).node != "b"


def test_the_emptiest_node_is_taken_then_the_first_by_name() -> None:
    """What a pod asks for counts; a pod that asks for nothing counts as a little."""
    play = Workloads("b", "a")
    assert pod(play, "one", requests={"cpu": "1"}).node == "a"
    assert pod(play, "two").node == "b"
    assert pod(play, "three").node == "b"


def test_a_cluster_without_nodes_says_so() -> None:
    """There is nothing to count reasons over; the first node is enough."""
    play = Workloads()
    pod(play, "bare")
    assert why(play, "bare") == "no nodes available to schedule pods"
    play.add_node("a")
    play.settle()
    assert the(play, "bare").node == "a"


def test_a_gate_holds_a_pod_back() -> None:
    """It is not looked at until somebody takes its gates away; none may be added."""
    play = Workloads("a")
    gated = pod(play, "gated", schedulingGates=[{"name": "a.b/wait"}])
    assert not gated.bound
    assert gated.manifest["status"]["conditions"][0]["reason"] == "SchedulingGated"
    with pytest.raises(Invalid, match="found new scheduling gate"):
        play.change("Pod", "gated", schedulingGates=[{"name": "a.b/wait"}, {"name": "a.b/more"}])
    play.change("Pod", "gated", schedulingGates=[])
    play.settle()
    assert the(play, "gated").bound


def test_a_pod_of_another_scheduler_is_left_to_it() -> None:
    """Nobody here places it."""
    play = Workloads("a")
    assert not pod(play, "foreign", schedulerName="other").bound


CLASS = """
kind: PriorityClass
apiVersion: scheduling.k8s.io/v1
metadata: {name: NAME}
value: VALUE
"""


def priority(play: Workloads, name: str, number: int, more: str = "") -> None:
    """Create a PriorityClass."""
    play.create(CLASS.replace("NAME", name).replace("VALUE", str(number)) + more)


def test_the_more_important_pod_makes_room_for_itself() -> None:
    """Its victim is told by whom, goes, and its successor does not take the room."""
    play = cluster()
    priority(play, "high", 1000)
    small = {"nodeSelector": {HOST: "n2"}}
    pod(play, "humble", requests={"cpu": "800m"}, **small)
    play.settings = play.world.settings
    important = pod(play, "important", priorityClassName="high", requests={"cpu": "700m"}, **small)
    pod(play, "again", requests={"cpu": "800m"}, **small)
    spec = important.manifest["spec"]
    assert (spec["priority"], spec["preemptionPolicy"]) == (1000, "PreemptLowerPriority")
    play.wait(60)
    assert play.world.find("Pod", "default", "humble") is None
    assert the(play, "important").node == "n2"
    assert "nominatedNodeName" not in the(play, "important").manifest["status"]
    assert not the(play, "again").bound
    assert play.events("Preempted") == [f"Preempted by pod {important.uid} on node n2"]
    assert play.differences() == []


def slow(play: Workloads, name: str, **spec: Any) -> Pod:
    """Create a pod that takes ten seconds to stop."""
    made = pod(play, name, **spec)
    play.annotate_pod(made, stop_delay="10")
    play.settle()
    return the(play, name)


def test_room_is_kept_for_who_made_it() -> None:
    """While the victim stops, the preemptor waits and evicts nobody else; lesser ones get nothing."""
    play = Workloads()
    room = {"cpu": "2", "memory": "4Gi", "pods": "8"}
    for name in ("a", "b"):
        play.add_node(name, capacity=room, allocatable=room)
    play.settle()
    for name, number in (("high", 1000), ("low", -5)):
        priority(play, name, number)
    slow(play, "one", requests={"cpu": "1500m"}, nodeSelector={HOST: "a"}, priorityClassName="low")
    slow(play, "two", requests={"cpu": "1500m"}, nodeSelector={HOST: "b"})
    pod(play, "important", requests={"cpu": "1500m"}, priorityClassName="high")
    assert the(play, "important").manifest["status"]["nominatedNodeName"] == "a"
    assert [one.name for one in play.pods() if one.terminating] == ["one"]
    assert pod(play, "crumb", requests={"cpu": "300m"}).node == "b"
    play.delete_pod(the(play, "crumb"))
    play.settle()
    assert why(play, "important").endswith(
        "preemption: not eligible due to a terminating pod on the nominated node."
    )
    assert play.differences() == []
    play.wait(20)
    assert the(play, "important").node == "a"


def test_as_few_and_as_unimportant_as_possible_go() -> None:
    """Spared first are the more important, then the older; a node with lesser victims is better."""
    play = Workloads()
    room = {"cpu": "2", "memory": "4Gi", "pods": "8"}
    for name in ("a", "b"):
        play.add_node(name, capacity=room, allocatable=room)
    play.settle()
    for name, number in (("high", 1000), ("middle", 10)):
        priority(play, name, number)
    on_a, on_b = {"nodeSelector": {HOST: "a"}}, {"nodeSelector": {HOST: "b"}}
    pod(play, "a1", requests={"cpu": "1"}, priorityClassName="middle", **on_a)
    pod(play, "a2", requests={"cpu": "1"}, priorityClassName="middle", **on_a)
    pod(play, "b1", requests={"cpu": "1"}, **on_b)
    play.time += 5
    pod(play, "b2", requests={"cpu": "1"}, **on_b)
    pod(play, "important", requests={"cpu": "1"}, priorityClassName="high")
    play.wait(60)
    assert sorted(one.name for one in play.pods()) == ["a1", "a2", "b1", "important"]


def budget(play: Workloads, name: str, app: str, least: int) -> None:
    """Create a disruption budget for the pods of an app."""
    spec = {"minAvailable": least, "selector": {"matchLabels": {"app": app}}}
    play.create(yaml.safe_dump({"kind": "PodDisruptionBudget", "metadata": {"name": name}, "spec": spec}))
    play.settle()


def twins(**rooms: str) -> Workloads:
    """Return a cluster of nodes with so much cpu, and a class for important pods."""
    play = Workloads()
    for name, cpu in rooms.items():
        room = {"cpu": cpu, "memory": "4Gi", "pods": "8"}
        play.add_node(name, capacity=room, allocatable=room)
    play.settle()
    priority(play, "high", 1000)
    return play


def test_those_whose_budget_allows_it_go() -> None:
    """Also if they are older than those it protects; a node where no budget is broken is better."""
    play = twins(a="2", b="2")
    on_a, on_b = {"nodeSelector": {HOST: "a"}}, {"nodeSelector": {HOST: "b"}}
    pod(play, "old", {"app": "free"}, requests={"cpu": "1"}, **on_b)
    play.time += 5
    pod(play, "young", {"app": "held"}, requests={"cpu": "1"}, **on_b)
    for name in ("a1", "a2"):
        pod(play, name, {"app": "held"}, requests={"cpu": "1"}, **on_a)
    budget(play, "held", "held", 3)
    pod(play, "important", requests={"cpu": "1"}, priorityClassName="high")
    play.wait(60)
    assert sorted(one.name for one in play.pods()) == ["a1", "a2", "important", "young"]


def test_a_budget_is_broken_where_nothing_else_helps() -> None:
    """What it allows is spent first, also within one pass; then the important ones have their room anyway."""
    play = twins(a="1", b="1", c="1")
    for name in ("a", "b", "c"):
        pod(play, f"on-{name}", {"app": "held"}, requests={"cpu": "1"}, nodeSelector={HOST: name})
    budget(play, "held", "held", 1)
    priority(play, "mean", 500)
    pod(play, "mild", {"app": "other"}, requests={"cpu": "1"}, priorityClassName="mean")
    play.wait(60)
    assert the(play, "mild").node == "a"
    for number in range(3):
        main = {"name": "main", "image": "x:1", "resources": {"requests": {"cpu": "1"}}}
        meta, spec = {"name": f"p{number}"}, {"containers": [main], "priorityClassName": "high"}
        play.create(yaml.safe_dump({"kind": "Pod", "metadata": meta, "spec": spec}))
    play.wait(60)
    assert sorted(one.name for one in play.pods()) == ["p0", "p1", "p2"]


def test_a_budget_of_another_namespace_or_without_a_selector_protects_nobody() -> None:
    """To the scheduler an empty selector selects nothing."""
    play = twins(a="2")
    pod(play, "old", {"app": "x"}, requests={"cpu": "1"})
    play.time += 5
    pod(play, "young", {"app": "x"}, requests={"cpu": "1"})
    meta = {"name": "all"}
    for namespace, selector in (("default", {}), ("other", {"matchLabels": {"app": "x"}})):
        spec = {"minAvailable": 2, "selector": selector}
        made = {"kind": "PodDisruptionBudget", "metadata": {**meta, "namespace": namespace}, "spec": spec}
        play.create(yaml.safe_dump(made))
    play.settle()
    pod(play, "important", requests={"cpu": "1"}, priorityClassName="high")
    play.wait(60)
    assert sorted(one.name for one in play.pods()) == ["important", "old"]


def test_among_equals_those_that_started_last_go() -> None:
    """Not those on the node whose name comes first."""
    play = twins(a="1", b="1")
    pod(play, "first", requests={"cpu": "1"}, nodeSelector={HOST: "a"})
    play.time += 5
    pod(play, "second", requests={"cpu": "1"}, nodeSelector={HOST: "b"})
    pod(play, "important", requests={"cpu": "1"}, priorityClassName="high")
    play.wait(60)
    assert sorted(one.name for one in play.pods()) == ["first", "important"]


def test_an_eviction_that_does_not_help_is_not_done() -> None:
    """What would still be in the way is said of the node."""
    play = Workloads()
    room = {"cpu": "2", "memory": "4Gi", "pods": "8"}
    play.add_node("a", capacity=room, allocatable=room)
    play.settle()
    priority(play, "high", 1000)
    pod(play, "humble", requests={"cpu": "500m"})
    pod(play, "equal", requests={"cpu": "1"}, priorityClassName="high")
    pod(play, "important", requests={"cpu": "1500m"}, priorityClassName="high")
    assert why(play, "important") == (
        "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: "
        "0/1 nodes are available: 1 Insufficient cpu."
    )


def test_anti_affinity_and_spread_are_mended_by_eviction_too() -> None:
    """Those who are in the way go, whatever rule they are in the way of."""
    play = cluster()
    priority(play, "high", 1000)
    pod(
        play,
        "alone",
        {"app": "x"},
        nodeSelector={HOST: "n1"},
        **required("podAntiAffinity", term(HOST, app="x")),
    )
    pod(
        play,
        "important",
        {"app": "x"},
        priorityClassName="high",
        nodeSelector={HOST: "n1"},
        **required("podAntiAffinity", term(HOST, app="x")),
    )
    play.wait(60)
    assert the(play, "important").node == "n1"
    for name in ("s1", "s2"):
        pod(play, name, {"app": "s"}, nodeSelector={HOST: "n2"})
    wanted = [constraint(HOST, app="s", nodeAffinityPolicy="Ignore", skew=2)]
    chosen = {"priorityClassName": "high", "nodeSelector": {HOST: "n2"}}
    pod(play, "spread", {"app": "s"}, topologySpreadConstraints=wanted, **chosen)
    play.wait(60)
    assert the(play, "spread").node == "n2"
    assert len(play.names_of(app="s")) == 2


def test_a_policy_of_never_evicts_nobody() -> None:
    """Such a pod is before others in the queue, and no more."""
    play = Workloads("a")
    play.settle()
    priority(play, "patient", 1000, "preemptionPolicy: Never\n")
    pod(play, "humble", requests={"cpu": "3"})
    pod(play, "waits", requests={"cpu": "3"}, priorityClassName="patient")
    assert why(play, "waits").endswith("preemption: not eligible due to preemptionPolicy=Never.")
    assert the(play, "humble").bound


def test_a_class_may_hold_for_all_pods() -> None:
    """A pod that names none gets it; of several, from before a second was refused, the lowest."""
    play = Workloads("a")
    priority(play, "usual", 50, "globalDefault: true\n")
    priority(play, "more", 70)
    play.edit("PriorityClass", {**play.the("PriorityClass", "more", "").manifest, "globalDefault": True})
    spec = pod(play, "bare").manifest["spec"]
    assert (spec["priority"], spec["priorityClassName"]) == (50, "usual")
    with pytest.raises(Forbidden, match="no PriorityClass with name none was found"):
        pod(play, "wrong", priorityClassName="none")


def test_controllers_pods_have_the_priority_of_their_class() -> None:
    """A set whose class is not there yet makes no pods until it is."""
    play = Workloads("a", "b")
    set_of(play, "web", 2, priorityClassName="high")
    refused = 'Error creating: pods "web-" is forbidden: no PriorityClass with name high was found'
    assert play.events("FailedCreate") == [refused]
    priority(play, "high", 1000)
    play.wait(30)
    assert [one.manifest["spec"]["priority"] for one in play.standing()] == [1000, 1000]


def test_the_important_are_placed_first() -> None:
    """Then who came first."""
    play = Workloads()
    priority(play, "high", 1000)
    for name, wanted in (("a", ""), ("b", ""), ("c", "high")):
        pod(play, name, requests={"cpu": "4"}, priorityClassName=wanted)
        play.time += 1
    play.add_node("n")
    play.settle()
    assert the(play, "c").node == "n"
    assert play.world.controller(Scheduler).waiting.keys() == {
        ("Pod", "default", "a"),
        ("Pod", "default", "b"),
    }


def test_only_those_are_tried_again_whom_a_change_may_help() -> None:
    """What fits nowhere for want of a label is not tried when room is made."""
    play = Workloads("a")
    pod(play, "full", requests={"cpu": "3"})
    pod(play, "choosy", nodeSelector={"disk": "ssd"})
    pod(play, "hungry", requests={"cpu": "3"})
    scheduler = play.world.controller(Scheduler)
    play.delete_pod(the(play, "full"))
    play.tick()
    assert ("Pod", "default", "choosy") in scheduler.waiting
    play.settle()
    assert the(play, "hungry").bound
    assert not the(play, "choosy").bound
    assert play.differences() == []


def test_many_domains_and_many_nodes() -> None:
    """With more hosts than are looked at one by one the same rules hold."""
    play = Workloads(*(f"n{number:02}" for number in range(70)))
    set_of(play, "apart", 72, **required("podAntiAffinity", term(HOST, app="apart")))
    placed = [node for node in nodes_of(play, app="apart") if node]
    assert len(placed) == len(set(placed)) == 70
    set_of(play, "even", 140, topologySpreadConstraints=[constraint(HOST, app="even")])
    assert len(set(nodes_of(play, app="even"))) == 70
    set_of(play, "web", 140)
    assert len(set(nodes_of(play, app="web"))) == 70
    assert play.differences() == []


def test_a_full_node_gets_no_more() -> None:
    """Also when what is counted on it changes at the same time."""
    play = Workloads()
    room = {"cpu": "4", "memory": "8Gi", "pods": "1"}
    for number in range(105):
        play.add_node(f"n{number:03}", capacity=room, allocatable=room)
    play.settle()
    set_of(play, "s", 107, topologySpreadConstraints=[constraint(HOST, app="s", skew=2)])
    assert nodes_of(play, app="s").count("") == 2
    priority(play, "high", 1000)
    important = pod(play, "important", priorityClassName="high")
    assert important.node
    assert len(play.events("Preempted")) == 1


def test_pods_of_another_kind_count_in_the_same_pass() -> None:
    """Where they are bound counts, unless the node does not."""
    play = Workloads(*(f"n{number:02}" for number in range(70)))
    play.taint("n00", "dedicated", "NoSchedule", "db")
    play.settle()
    first = [constraint(HOST, app="s"), constraint(HOST, app="s", nodeTaintsPolicy="Honor")]
    for name, more in (
        ("p1", {"topologySpreadConstraints": first}),
        ("p2", {"nodeSelector": {HOST: "n00"}, **TOLERANT}),
        ("p3", {"topologySpreadConstraints": first}),
    ):
        spec = {"containers": [{"name": "m", "image": "x:1"}], **more}
        meta = {"name": name, "labels": {"app": "s"}}
        play.create(yaml.safe_dump({"kind": "Pod", "metadata": meta, "spec": spec}))
    play.settle()
    assert nodes_of(play, app="s") == ["n00", "n01", "n02"]


def test_a_node_whose_pods_are_as_important_is_no_help() -> None:
    """Only those of lower priority can be victims."""
    play = Workloads("a")
    play.settle()
    priority(play, "high", 1000)
    pod(play, "equal", requests={"cpu": "3"}, priorityClassName="high")
    pod(play, "important", requests={"cpu": "3"}, priorityClassName="high")
    assert why(play, "important").endswith("1 No preemption victims found for incoming pod.")


def test_a_victim_that_is_going_already_is_not_deleted_again() -> None:
    """It is waited for."""
    play = Workloads("a")
    play.settle()
    priority(play, "high", 1000)
    for name in ("one", "two"):
        slow(play, name, requests={"cpu": "2"})
    play.delete_pod(the(play, "one"))
    play.settle()
    pod(play, "important", requests={"cpu": "4"}, priorityClassName="high")
    assert len(play.events("Preempted")) == 1
    play.wait(20)
    assert the(play, "important").node == "a"


def test_lesser_pods_may_use_what_is_left_beside_what_is_kept() -> None:
    """Room is kept on the nominated node for one pod, not the whole node."""
    play = Workloads("a")
    play.settle()
    priority(play, "high", 1000)
    slow(play, "one", requests={"cpu": "3"})
    pod(play, "important", requests={"cpu": "2"}, priorityClassName="high")
    for name in ("small", "tiny"):
        assert pod(play, name, requests={"memory": "1Gi"}).node == "a"
    play.wait(20)
    assert the(play, "important").bound


def test_a_node_that_is_named_and_is_not_there() -> None:
    """All others are said not to be the one."""
    play = Workloads("a", "b")
    field = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["gone"]}]}
    wanted = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [field]}}
    pod(play, "daemon", affinity={"nodeAffinity": wanted})
    assert why(play, "daemon").startswith(
        "0/2 nodes are available: 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. no new claims"
    )


def test_of_packed_pods_of_a_template_one_is_read() -> None:
    """What they take they have in common."""
    play = Workloads("a")
    scheduler = play.world.controller(Scheduler)
    set_of(play, "web", 3)
    pods = [one for one in play.standing() if not isinstance(one.held, dict)]
    assert len(pods) == 3
    marked = [replace(one, labels={**one.labels, "pod-template-hash": "x"}) for one in pods]
    first, *others = [scheduler.footprint_of(one) for one in marked]
    assert all(other is first for other in others)
    assert scheduler.footprint_of(pods[0]) == first


def test_a_daemonset_waits_for_its_class() -> None:
    """As soon as it is there, the pods are made, with its priority."""
    play = Workloads("a")
    play.add_set(set_manifest(pod={"priorityClassName": "high"}))
    play.add_set(set_manifest("other"))
    play.settle()
    assert [one.labels["app"] for one in play.pods()] == ["other"]
    priority(play, "high", 1000)
    play.settle()
    (made,) = [one for one in play.pods() if one.labels["app"] == "agent"]
    assert made.manifest["spec"]["priority"] == 1000


WHERE = {"topology.kubernetes.io/zone": "east", "topology.kubernetes.io/region": "north"}
BY_NAME = """
apiVersion: apps/v1
kind: %s
metadata: {name: %s}
spec:
  replicas: 1
  selector: {matchLabels: {app: %s}}
  template:
    metadata: {labels: {app: %s, topology.kubernetes.io/zone: mine}}
    spec: {nodeName: %s, containers: [{name: main, image: "x:1"}]}
"""


@pytest.mark.parametrize("down", [False, True])
def test_a_pod_that_is_bound_says_where(down: bool) -> None:  # noqa: FBT001 -- a table
    """It gets the labels of its node for zone and region, also where no kubelet reports yet; no others."""
    play = Workloads()
    play.add_node("n1", labels={**WHERE, "disk": "ssd"})
    play.settle()
    if down:
        play.annotate_node("n1", down="true")
    placed = pod(play, "placed", {"app": "a"})
    assert placed.node == "n1"
    assert placed.labels == {"app": "a", **WHERE}


@pytest.mark.parametrize("kind", ["ReplicaSet", "StatefulSet"])
def test_a_pod_that_is_made_for_a_node_says_where(kind: str) -> None:
    """What its template says gives way; a node that is not there has nothing to say."""
    play = Workloads()
    play.add_node("n1", labels=WHERE)
    play.settle()
    play.create(BY_NAME % (kind, "known", "a", "a", "n1"))
    play.create(BY_NAME % (kind, "unknown", "b", "b", "n9"))
    play.settle()
    zones = {each.labels["app"]: each.labels["topology.kubernetes.io/zone"] for each in play.pods()}
    assert zones == {"a": "east", "b": "mine"}
