"""What became of one daemon in five ways, in a cluster of the database."""

from __future__ import annotations

import pytest

from controller.engine.alternatives.happenings import Happening, Outcome
from controller.engine.alternatives.pieces import NAMESPACE, Way
from controller.engine.errors import AlreadyExists, NotFound
from controller.engine.reasons import Reason
from controller.models import Pod
from controller.queries.alternatives import Alternatives, alternatives
from controller.services.alternatives import (
    BUTTONS,
    alternatives_create,
    alternatives_delete,
    alternatives_press,
)
from controller.services.nodes import node_taints
from tests.clusters import PERSON, audited, cluster, looked, node, settle
from tests.stepping import by

pytestmark = pytest.mark.django_db
PODS = (Way.DAEMONSET, Way.DEPLOYMENT, Way.POD, Way.STATIC)


@pytest.fixture(name="tried")
def _tried() -> int:
    """The daemon on two nodes."""
    made = cluster(nodes=2)
    settle(made)
    alternatives_create(cluster=made, actor=PERSON)
    settle(made)
    return made


def found(tried: int) -> Alternatives:
    """Return what the page is told."""
    return looked(alternatives, tried, cluster=tried)


def pressed(tried: int, button: str, on: str = "node-1") -> dict[Way, list[Happening]]:
    """Press a button; return what became of each way."""
    alternatives_press(**by(tried), button=button, node=on)
    settle(tried)
    made = found(tried).happenings
    return {way: [one for one in made if one.instance.way is way] for way in Way}


def fates(many: list[Happening]) -> list[tuple[Outcome, str]]:
    """Return what became of the instances, and where they are."""
    return sorted((one.outcome, one.instance.node) for one in many)


def test_it_is_set_up(tried: int) -> None:
    """Each way has one on each node, and says who made it and why."""
    shown = found(tried)
    assert shown.stands
    assert [machine.name for machine in shown.machines] == ["node-1", "node-2"]
    for machine in shown.machines:
        assert sorted(one.way for one in machine.instances if one.up) == sorted(Way)
    came = {one.instance.way: (one.outcome, one.actor, one.reason) for one in shown.happenings}
    assert came[Way.DAEMONSET] == (Outcome.CAME, "daemonset-controller", Reason.NO_POD)
    assert came[Way.DEPLOYMENT] == (Outcome.CAME, "replicaset-controller", Reason.TOO_FEW)
    assert came[Way.POD] == (Outcome.CAME, PERSON, Reason.CREATED)
    assert came[Way.STATIC] == (Outcome.CAME, "kubelet", Reason.STATIC_POD)
    assert came[Way.SCRIPT] == (Outcome.CAME, PERSON, Reason.EDITED)
    with pytest.raises(AlreadyExists):
        alternatives_create(cluster=tried, actor=PERSON)


def test_pods_are_deleted(tried: int) -> None:
    """All but the bare pod come again: a bare pod has no controller, a script no object."""
    became = pressed(tried, "delete-pods")
    assert fates(became[Way.DAEMONSET]) == [(Outcome.CAME, "node-1"), (Outcome.GONE, "node-1")]
    assert [one.outcome for one in became[Way.DEPLOYMENT]].count(Outcome.CAME) == 1
    assert fates(became[Way.POD]) == [(Outcome.GONE, "node-1")]
    assert fates(became[Way.STATIC]) == [(Outcome.CAME, "node-1"), (Outcome.GONE, "node-1")]
    assert became[Way.SCRIPT] == []
    gone = became[Way.POD][0]
    assert (gone.actor, gone.reason, gone.seconds) == (PERSON, Reason.DELETED, 0)


def test_a_machine_goes_down_and_up(tried: int) -> None:
    """All on it fall silent, and the same ones come back with it."""
    down = pressed(tried, "power-off")
    for way in Way:
        assert (Outcome.DOWN, "node-1") in fates(down[way]), way
    assert down[Way.SCRIPT][0].actor == PERSON
    back = pressed(tried, "power-on")
    for way in Way:
        assert fates(back[way]) == [(Outcome.BACK, "node-1")], way
    assert (back[Way.SCRIPT][0].actor, back[Way.SCRIPT][0].reason) == ("init", Reason.SWITCHED_ON)


def test_a_drain(tried: int) -> None:
    """Daemon pod, static pod and script stay; the Deployment's pod moves; the bare pod is gone."""
    became = pressed(tried, "drain")
    assert not became[Way.DAEMONSET] + became[Way.STATIC] + became[Way.SCRIPT]
    assert fates(became[Way.DEPLOYMENT]) == [(Outcome.CAME, "node-2"), (Outcome.GONE, "node-1")]
    assert fates(became[Way.POD]) == [(Outcome.GONE, "node-1")]
    assert (became[Way.POD][0].actor, became[Way.POD][0].reason) == (PERSON, Reason.EVICTED)
    assert not any(pressed(tried, "uncordon").values())
    assert not any(pressed(tried, "cordon").values())


def test_a_label(tried: int) -> None:
    """Only the DaemonSet follows it, both ways."""
    assert fates(pressed(tried, "label-off")[Way.DAEMONSET]) == [(Outcome.GONE, "node-1")]
    came = pressed(tried, "label-on")
    assert fates(came.pop(Way.DAEMONSET)) == [(Outcome.CAME, "node-1")]
    assert not any(came.values())


def test_nodes_are_added_and_removed(tried: int) -> None:
    """Only the DaemonSet comes to a new one; the script goes with its machine."""
    added = pressed(tried, "add")
    assert fates(added.pop(Way.DAEMONSET)) == [(Outcome.CAME, "added-1")]
    assert not any(added.values())
    removed = pressed(tried, "remove")
    assert fates(removed[Way.SCRIPT]) == [(Outcome.GONE, "node-1")]


def images() -> set[str]:
    """Return what the pods of the daemon run."""
    found = [pod.manifest["spec"]["containers"] for pod in Pod.objects.filter(namespace=NAMESPACE)]
    return {container["image"] for containers in found for container in containers}


def test_the_image_is_changed(tried: int) -> None:
    """It reaches all but the script, and a second change takes the first image again."""
    became = pressed(tried, "image")
    assert images() == {"nginx:1.27"}
    assert found(tried).press.lines[-1].action == "static_pod_put"  # type: ignore[union-attr]
    assert [one.outcome for one in became[Way.DAEMONSET]].count(Outcome.CAME) == 2
    assert became[Way.SCRIPT] == []
    pressed(tried, "image")
    assert images() == {"nginx:1.26"}


def test_it_is_removed(tried: int) -> None:
    """Nothing of it stays, on the machines neither; what was there before does."""
    alternatives_delete(cluster=tried, actor=PERSON)
    settle(tried)
    shown = found(tried)
    assert not shown.stands
    assert shown.machines == ()
    meta = node(tried, "node-1")["metadata"]
    assert "alternatives" not in str(meta.get("annotations")) + str(meta["labels"])
    with pytest.raises(NotFound):
        alternatives_press(**by(tried), button="image")
    with pytest.raises(NotFound):
        alternatives_delete(cluster=tried, actor=PERSON)


def test_nodes_that_are_chosen() -> None:
    """At most three, that bear no taint."""
    made = cluster(nodes=5)
    settle(made)
    node_taints(**by(made), node="node-2", taints=[])
    alternatives_press(**by(made), button="cordon", node="node-1")
    settle(made)
    alternatives_create(cluster=made, actor=PERSON)
    settle(made)
    assert [machine.name for machine in found(made).machines] == ["node-2", "node-3", "node-4"]


def test_the_press(tried: int) -> None:
    """The last one that changed anything counts, with all that it did; what else was done does not."""
    assert found(tried).press
    before = audited()
    pressed(tried, "drain")
    press = found(tried).press
    assert press is not None
    assert press.lines[0].action == "node_cordon"
    assert len(press.lines) == len(audited()) - len(before) == 3
    assert {line.action for line in press.lines[1:]} == {"pod_evict"}
    assert pressed(tried, "cordon")[Way.POD]
    assert press.ago >= 0


def test_a_cluster_without_it() -> None:
    """There is nothing to tell."""
    made = cluster(nodes=1)
    assert found(made) == Alternatives(stands=False, machines=(), unplaced=(), press=None, happenings=())
    assert set(BUTTONS) >= {"drain", "power-off", "power-on", "remove", "add", "image"}
