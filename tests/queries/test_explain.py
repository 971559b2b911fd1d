"""Why a set has a pod on a node or has none, and what would cure it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from controller.engine.daemonset.cells import CellState
from controller.engine.daemonset.edits import NodeEdit, PortEdit, RequestEdit
from controller.engine.errors import NotFound
from controller.engine.objects import Taint
from controller.queries.explain import Explanation, Reach, explain
from controller.queries.fixes import FixKind
from controller.queries.room import Shortage
from controller.queries.steps import Standing, StepKind, first_unpassed
from controller.services import daemonsets, nodes, objects, pods, workloads
from tests.clusters import cluster, demo_text, looked, settle
from tests.stepping import SET, Place, by, rest, step_at, step_until, stepped_cluster

pytestmark = pytest.mark.django_db


def asked(tried: int, node: str = "node-1", name: str = "nginx-ds") -> Explanation:
    """Return what is said of a set on a node."""
    return looked(explain, tried, namespace="default", name=name, node=node)


def test_all_is_well() -> None:
    """A pod that runs where it should needs no cure."""
    tried = stepped_cluster(nodes=1)
    said = asked(tried)
    (standing,) = said.pods
    assert (said.state, said.verdict.should_run, said.node_cure, said.set_cure) == (
        CellState.NEW,
        True,
        None,
        None,
    )
    assert (standing.updated, standing.revision) == (True, 1)
    assert standing.available_in == 0.0
    assert (first_unpassed(said.steps), said.cause, said.shared) == (None, None, ())


def test_cures_can_be_applied() -> None:
    """Each of the two cures, written as it is offered, makes the pod appear."""
    tried = stepped_cluster(nodes=2)
    objects.manifests_create(**by(tried), text=demo_text("ssd-monitor"))
    nodes.node_taints(**by(tried), node="node-1", taints=[Taint("held", "", "NoExecute")])
    rest(tried)
    said = asked(tried, name="ssd-monitor")
    assert (said.state, said.verdict.should_run, said.pods) == (CellState.NONE, False, ())
    assert said.verdict.first_failing
    assert said.verdict.first_failing.rule == "nodeSelector"
    assert said.node_cure == NodeEdit((("disk", "ssd"),), (), (Taint("held", "", "NoExecute"),))
    versions = {"seen": said.version, "node_seen": said.node_version}
    ssd: Place = {"namespace": "default", "name": "ssd-monitor"}
    daemonsets.daemonset_cure(**by(tried), **ssd, node="node-1", side="node", **versions)
    rest(tried)
    assert asked(tried, name="ssd-monitor").state is CellState.NEW

    other = asked(tried, node="node-2", name="ssd-monitor")
    assert other.set_cure
    assert other.set_cure.drop_selector == ("disk",)
    versions = {"seen": other.version, "node_seen": other.node_version}
    daemonsets.daemonset_cure(**by(tried), **ssd, node="node-2", side="set", **versions)
    rest(tried)
    assert asked(tried, node="node-2", name="ssd-monitor").state is CellState.NEW


def test_old_and_new() -> None:
    """During a rollout each pod is told with its revision; one that is ready may still have to wait."""
    tried = stepped_cluster(nodes=2)
    daemonsets.daemonset_strategy(
        **by(tried), **SET, strategy="RollingUpdate", max_unavailable=1, max_surge=0, min_ready_seconds=30
    )
    rest(tried)
    workloads.workload_image(kind="DaemonSet", **by(tried), **SET, container="nginx", image="nginx:2")
    while not any(pod.available_in for pod in asked(tried).pods):
        step_at(tried, datetime(2027, 1, 15, 8, 0, 0, 250_000, UTC))
    (new,), (old,) = asked(tried).pods, asked(tried, node="node-2").pods
    assert (new.updated, new.revision) == (True, 2)
    assert new.available_in == pytest.approx(29.75)  # it counts from the whole second that the API shows
    assert (old.updated, old.revision, old.available_in) == (False, 1, 0.0)


def test_pending() -> None:
    """A pod that has no place says what it asks for and what the node has, and is not Ready."""
    tried = stepped_cluster(nodes=1)
    nodes.nodes_add(**by(tried), names=["small"], capacity={"pods": "0"})
    rest(tried)
    said = asked(tried, node="small")
    (waiting,) = said.pods
    assert (said.state, waiting.available_in) == (CellState.PENDING, None)
    step = first_unpassed(said.steps)
    assert step
    assert (step.kind, step.standing) == (StepKind.SCHEDULED, Standing.BLOCKED)
    assert "Too many pods" in step.message
    assert said.lacking == (Shortage("pods", 1, 0, 0, ()),)


def test_back_off() -> None:
    """Where pods fail again and again, the rest of the back-off is told."""
    tried = stepped_cluster(nodes=1)
    workloads.workload_behaviour(kind="DaemonSet", **by(tried), **SET, behaviour="exit-1")
    step_until(tried, lambda: asked(tried).state is CellState.FAILING)

    step = first_unpassed(asked(tried).steps)
    assert step
    assert (step.kind, step.reason, step.exit_code) == (StepKind.STARTED, "Failed", 1)
    assert 0 < step.seconds <= 15 * 60


def test_what_holds_everything() -> None:
    """A clock that stands, a paused set and a machine that is down are told beside the verdict."""
    tried = stepped_cluster(nodes=1)
    daemonsets.daemonset_pause(**by(tried), **SET, paused=True)
    nodes.node_power(**by(tried), nodes=["node-1"], up=False)
    rest(tried)
    said = asked(tried)
    assert (said.clock_stands, said.paused, said.deleting) == (True, True, False)
    assert said.state is CellState.DOWN
    step = first_unpassed(said.steps)
    assert step
    assert (step.kind, step.standing) == (StepKind.NODE, Standing.BLOCKED)
    assert [one.kind for one in said.fixes] == [FixKind.POWER_UP]


def test_unknown() -> None:
    """A set or a node that is not there is refused in its name."""
    tried = stepped_cluster(nodes=1)
    with pytest.raises(NotFound, match='nodes "lost"'):
        asked(tried, node="lost")
    with pytest.raises(NotFound, match=r'daemonsets.apps "lost"'):
        asked(tried, name="lost")


def set_text(name: str, **spec: object) -> str:
    """Return a DaemonSet as text; ``spec`` are fields of its pods' spec beside its container's."""
    own: dict[str, object] = {part: spec.pop(part) for part in ("ports", "resources") if part in spec}
    container: dict[str, object] = {"name": "main", "image": "main:1", **own}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container], **spec}}
    wanted = {"selector": {"matchLabels": {"app": name}}, "template": template}
    return json.dumps(
        {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": name}, "spec": wanted}
    )


def port(number: int) -> list[dict[str, int]]:
    """Return the ports of a container that takes one of its machine."""
    return [{"containerPort": 80, "hostPort": number}]


def test_a_port_that_is_taken() -> None:
    """It is told which pod of which set has the port, and which other port is free; that edit helps."""
    tried = stepped_cluster(nodes=1)
    objects.manifests_create(**by(tried), text=set_text("first", ports=port(8080)))
    rest(tried)
    objects.manifests_create(**by(tried), text=set_text("second", ports=port(8080)))
    rest(tried)
    said = asked(tried, name="second")
    (lack,) = said.lacking
    (holder,) = lack.holders
    assert (lack.resource, lack.asked, lack.protocol) == ("hostPort", 8080, "TCP")
    assert (holder.namespace, holder.owner) == ("default", "DaemonSet/first")
    assert said.cause
    assert said.cause.lacks == ("hostPort 8080",)
    (fix,) = said.fixes
    assert fix.edit == PortEdit(8080, 8081)
    place: Place = {"namespace": "default", "name": "second"}
    daemonsets.daemonset_fit(**by(tried), **place, edit=PortEdit(8080, 8081), seen=said.version)
    rest(tried)
    assert asked(tried, name="second").state is CellState.NEW


def test_what_a_node_has_not() -> None:
    """It is told how much a pod asks for, how much is free, who takes most of it, and what would fit."""
    tried = stepped_cluster(nodes=1)
    big = set_text("big", resources={"requests": {"cpu": "3"}})
    objects.manifests_create(**by(tried), text=big)
    rest(tried)
    objects.manifests_create(**by(tried), text=big.replace("big", "more"))
    rest(tried)
    said = asked(tried, name="more")
    (lack,) = said.lacking
    assert (lack.resource, lack.asked, lack.total) == ("cpu", 3000, 4000)
    assert lack.free < lack.asked
    assert (lack.holders[0].owner, lack.holders[0].amount) == ("DaemonSet/big", 3000)
    (fix,) = said.fixes
    assert isinstance(fix.edit, RequestEdit)
    daemonsets.daemonset_fit(**by(tried), namespace="default", name="more", edit=fix.edit, seen=said.version)
    rest(tried)
    assert asked(tried, name="more").state is CellState.NEW


QUOTA = "{apiVersion: v1, kind: ResourceQuota, metadata: {name: few}, spec: {hard: {pods: '3'}}}"


def test_creation_is_refused() -> None:
    """What the API server says is told, and that the ServiceAccount is to be made."""
    tried = stepped_cluster(nodes=2)
    objects.manifests_create(**by(tried), text=set_text("picky", serviceAccountName="nope"))
    rest(tried)
    said = asked(tried, name="picky")
    step = first_unpassed(said.steps)
    assert step
    assert (step.kind, step.standing) == (StepKind.CREATED, Standing.BLOCKED)
    assert 'serviceaccount "nope" not found' in step.message
    assert [(one.kind, one.name) for one in said.fixes] == [(FixKind.CREATE_ACCOUNT, "nope")]
    assert said.shared == ("node-2",)


PRIORITY_CLASS = """
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: high}
value: 1000
"""


def test_a_priority_that_there_is_is_not_refused() -> None:
    """Also one that somebody made: the pod is only waited for."""
    tried = stepped_cluster(nodes=1)
    objects.manifests_create(**by(tried), text=PRIORITY_CLASS)
    objects.manifests_create(**by(tried), text=set_text("important", priorityClassName="high"))
    step = first_unpassed(asked(tried, name="important").steps)
    assert step
    assert (step.kind, step.standing, step.message) == (StepKind.CREATED, Standing.WAITS, "")


def test_a_quota_has_no_room() -> None:
    """Of the nodes that wait for room each says so, and that is over as soon as there is more."""
    tried = stepped_cluster(nodes=2)
    objects.manifests_create(**by(tried), text=QUOTA)
    objects.manifests_create(**by(tried), text=set_text("squeezed"))
    rest(tried)
    step = first_unpassed(asked(tried, "node-2", name="squeezed").steps)
    assert step
    assert (step.kind, step.standing) == (StepKind.CREATED, Standing.BLOCKED)
    assert "exceeded quota: few, requested: pods=1, used: pods=3, limited: pods=3" in step.message
    assert first_unpassed(asked(tried, "node-1", name="squeezed").steps) is None
    objects.object_delete(**by(tried), kind="ResourceQuota", namespace="default", name="few")
    rest(tried)
    assert first_unpassed(asked(tried, "node-2", name="squeezed").steps) is None


def test_an_image_that_cannot_be_pulled() -> None:
    """The container, its image and the runtime's words are told; the revision that ran is offered."""
    tried = stepped_cluster(nodes=2)
    workloads.workload_image(
        kind="DaemonSet", **by(tried), **SET, container="nginx", image="nginx:does-not-exist"
    )
    step_until(tried, lambda: asked(tried).state is CellState.FAILING)
    said = asked(tried)
    step = first_unpassed(said.steps)
    assert step
    assert (step.kind, step.container, step.image) == (StepKind.PULLED, "nginx", "nginx:does-not-exist")
    assert [(one.kind, one.revision) for one in said.fixes] == [(FixKind.ROLL_BACK, 1)]


def test_a_fault_of_one_pod() -> None:
    """A pod that somebody let misbehave by itself is offered to behave again; others share nothing."""
    tried = stepped_cluster(nodes=2)
    (standing,) = asked(tried).pods
    pods.pod_behaviour(**by(tried), namespace="default", name=standing.pod.name, behaviour="crash-loop")
    step_until(tried, lambda: asked(tried).state is CellState.FAILING)
    said = asked(tried)
    step = first_unpassed(said.steps)
    assert step
    assert (step.kind, step.reason) == (StepKind.STARTED, "CrashLoopBackOff")
    assert (said.fixes[0].kind, said.fixes[0].name) == (FixKind.NO_FAULT, standing.pod.name)
    assert said.shared == ()


def test_who_shares_a_cause() -> None:
    """Nodes that lack the same label share the cause; one with another value, or a taint, does not."""
    tried = cluster(nodes=4)
    nodes.node_label_patch(**by(tried), nodes=["node-4"], set={"disk": "hdd"}, remove=())
    nodes.node_taints(**by(tried), node="node-3", taints=[Taint("held", "", "NoSchedule")])
    objects.manifests_create(**by(tried), text=demo_text("ssd-monitor"))
    settle(tried)
    said = asked(tried, name="ssd-monitor")
    assert said.shared == ("node-2", "node-3")
    assert said.set_reach == Reach(replaced=0, gained=3)
    assert asked(tried, node="node-4", name="ssd-monitor").shared == ()
    made = daemonsets.daemonset_cure_nodes(
        **by(tried),
        namespace="default",
        name="ssd-monitor",
        nodes=["node-1", *said.shared],
        seen=said.version,
    )
    assert made.values["count"] == 3
    settle(tried)
    assert asked(tried, node="node-3", name="ssd-monitor").verdict.should_run
