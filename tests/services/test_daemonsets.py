"""What people do to a DaemonSet by name, and what becomes of its pods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from controller import models
from controller.engine.edits.objects import Patch, PatchType
from controller.engine.errors import BadRequest, Conflict, Invalid, NotFound
from controller.engine.objects import (
    BEHAVIOUR_ANNOTATION,
    GENERATION_ANNOTATION,
    LAST_APPLIED,
    Key,
    Manifest,
    Taint,
)
from controller.manifests import dump
from controller.services import daemonsets, nodes, objects, pods, workloads
from controller.services.edits import submit
from tests.clusters import (
    PERSON,
    audited,
    cluster,
    demo_text,
    row_of,
    settle,
    standing,
    with_daemonset,
)
from tests.clusters import pods as pods_of

pytestmark = pytest.mark.django_db

KEY: Key = ("DaemonSet", "default", "nginx-ds")
SET: dict[str, Any] = {"actor": PERSON, "namespace": "default", "name": "nginx-ds"}


def the_set(tried: int) -> Manifest:
    """Return the set's manifest."""
    return standing(tried, "DaemonSet", "default", "nginx-ds")


def images(tried: int) -> set[str]:
    """Return the images that run."""
    return {
        pod.manifest["spec"]["containers"][0]["image"] for pod in models.Pod.objects.filter(cluster=tried)
    }


def template_generation(tried: int) -> str:
    """Return how often the template was changed, counted from 1."""
    return str(the_set(tried)["metadata"]["annotations"][GENERATION_ANNOTATION])


def test_image() -> None:
    """A new image rolls through the nodes; the log says which one was set."""
    tried = cluster(nodes=3)
    with_daemonset(tried)
    workloads.workload_image(kind="DaemonSet", cluster=tried, container="nginx", image="nginx:1.9", **SET)
    settle(tried)

    assert images(tried) == {"nginx:1.9"}
    assert (len(pods_of(tried)), template_generation(tried)) == (3, "2")
    assert (
        audited()[-1] == "Set the image of nginx in DaemonSet default/nginx-ds: image nginx:1.7.9 → nginx:1.9"
    )
    with pytest.raises(NotFound, match='containers "other" not found'):
        workloads.workload_image(kind="DaemonSet", cluster=tried, container="other", image="x:1", **SET)


def test_init_containers_have_images_too() -> None:
    """The image of an init container is set by its name."""
    tried = cluster()
    text = demo_text("nginx-ds").replace(
        "    spec:\n", "    spec:\n      initContainers: [{name: first, image: 'first:1'}]\n", 1
    )
    with_daemonset(tried)
    objects.object_edit(kind="DaemonSet", cluster=tried, text=text, seen=None, **SET)
    workloads.workload_image(kind="DaemonSet", cluster=tried, container="first", image="first:2", **SET)
    spec = the_set(tried)["spec"]["template"]["spec"]

    assert [one["image"] for one in spec["initContainers"] + spec["containers"]] == ["first:2", "nginx:1.7.9"]


def test_restart() -> None:
    """A restart replaces every pod by its like, every time it is asked for."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    before = set(models.Pod.objects.values_list("uid", flat=True))
    for _ in range(2):
        workloads.workload_restart(kind="DaemonSet", cluster=tried, **SET)
        settle(tried)

    assert before.isdisjoint(models.Pod.objects.values_list("uid", flat=True))
    assert (images(tried), template_generation(tried)) == ({"nginx:1.7.9"}, "3")


def test_pause() -> None:
    """A paused rollout replaces nothing; resumed, it goes on."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    daemonsets.daemonset_pause(cluster=tried, paused=True, **SET)
    workloads.workload_image(kind="DaemonSet", cluster=tried, container="nginx", image="nginx:1.9", **SET)
    settle(tried)
    assert images(tried) == {"nginx:1.7.9"}

    daemonsets.daemonset_pause(cluster=tried, paused=False, **SET)
    settle(tried)
    assert images(tried) == {"nginx:1.9"}
    assert audited()[-1] == "Resumed the rollout of DaemonSet default/nginx-ds"


def test_strategy() -> None:
    """A strategy is set with its bounds; OnDelete has none, and replaces only what somebody deletes."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    bounds: dict[str, Any] = {"max_unavailable": 0, "max_surge": "50%", "min_ready_seconds": 3}
    daemonsets.daemonset_strategy(cluster=tried, strategy="RollingUpdate", **bounds, **SET)
    spec = the_set(tried)["spec"]
    assert spec["updateStrategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": "50%"}
    assert spec["minReadySeconds"] == 3

    daemonsets.daemonset_strategy(cluster=tried, strategy="OnDelete", **bounds, **SET)
    workloads.workload_image(kind="DaemonSet", cluster=tried, container="nginx", image="nginx:1.9", **SET)
    settle(tried)
    assert the_set(tried)["spec"]["updateStrategy"] == {"type": "OnDelete"}
    assert images(tried) == {"nginx:1.7.9"}


def test_strategy_refused() -> None:
    """Bounds that forbid every step are refused."""
    tried = cluster()
    with_daemonset(tried)
    with pytest.raises(Invalid):
        daemonsets.daemonset_strategy(
            cluster=tried,
            strategy="RollingUpdate",
            max_unavailable=0,
            max_surge=0,
            min_ready_seconds=0,
            **SET,
        )
    assert the_set(tried)["spec"]["updateStrategy"]["rollingUpdate"]["maxUnavailable"] == 1


def test_rollback() -> None:
    """A rollback brings an old template back, and its revision becomes the newest."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    workloads.workload_image(kind="DaemonSet", cluster=tried, container="nginx", image="nginx:1.9", **SET)
    settle(tried)
    workloads.workload_rollback(kind="DaemonSet", cluster=tried, revision=1, **SET)
    settle(tried)

    assert images(tried) == {"nginx:1.7.9"}
    numbers = models.ControllerRevision.objects.order_by("revision").values_list("revision", flat=True)
    assert list(numbers) == [2, 3]
    with pytest.raises(NotFound, match='revisions "1" not found'):
        workloads.workload_rollback(kind="DaemonSet", cluster=tried, revision=1, **SET)


def test_behaviour_of_a_set() -> None:
    """A set's pods misbehave from the next rollout on, and behave again when the word is taken back."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    workloads.workload_behaviour(kind="DaemonSet", cluster=tried, behaviour="never-ready", **SET)
    settle(tried)
    assert not pods_of(tried)["node-1"].ready

    workloads.workload_behaviour(kind="DaemonSet", cluster=tried, behaviour=None, **SET)
    settle(tried)
    assert pods_of(tried)["node-1"].ready
    assert "annotations" not in the_set(tried)["spec"]["template"]["metadata"]


def test_behaviour_of_a_pod() -> None:
    """A live pod misbehaves at once, and alone."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    name = pods_of(tried)["node-1"].name
    pods.pod_behaviour(cluster=tried, actor=PERSON, namespace="default", name=name, behaviour="never-ready")
    settle(tried)
    assert {node: pod.ready for node, pod in pods_of(tried).items()} == {"node-1": False, "node-2": True}
    annotations = pods_of(tried)["node-1"].manifest["metadata"]["annotations"]
    assert annotations == {BEHAVIOUR_ANNOTATION: "never-ready"}

    pods.pod_behaviour(cluster=tried, actor=PERSON, namespace="default", name=name, behaviour=None)
    settle(tried)
    assert pods_of(tried)["node-1"].ready
    said = f"Set how pod default/{name} behaves: never ready → normal"
    assert audited()[-1] == said


def test_edit() -> None:
    """The text that a form was filled with may be written back, edited; a stale one is a conflict."""
    tried = cluster(nodes=1)
    seen = with_daemonset(tried)["metadata"]["resourceVersion"]
    text = dump(the_set(tried)).replace("nginx:1.7.9", "nginx:1.9")
    objects.object_edit(kind="DaemonSet", cluster=tried, text=text, seen=seen, **SET)
    settle(tried)
    assert images(tried) == {"nginx:1.9"}

    with pytest.raises(Conflict) as refused:
        objects.object_edit(kind="DaemonSet", cluster=tried, text=text, seen=seen, **SET)
    assert refused.value.standing == the_set(tried)


def test_an_edit_keeps_what_the_form_does_not_show() -> None:
    """What ``kubectl apply`` notes for itself is not in the text: only who writes it there changes it."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    noted = {"metadata": {"annotations": {LAST_APPLIED: "{}", "team": "net"}}}
    submit(cluster=tried, actor=PERSON, request=Patch(KEY, PatchType.MERGE, noted))
    text = dump(the_set(tried))
    assert LAST_APPLIED not in text
    objects.object_edit(
        kind="DaemonSet", cluster=tried, text=text.replace("    team: net\n", ""), seen=None, **SET
    )
    annotations = the_set(tried)["metadata"]["annotations"]
    assert (annotations.get(LAST_APPLIED), "team" in annotations) == ("{}", False)


WRONG_TEXTS = [
    pytest.param(lambda text: text.replace("name: nginx-ds", "name: other"), "and nothing else", id="name"),
    pytest.param(
        lambda text: text.replace("  name: nginx-ds", "  name: nginx-ds\n  namespace: kube-system", 1),
        "and nothing else",
        id="namespace",
    ),
    pytest.param(lambda text: f"{text}---\n{text}", "and nothing else", id="two objects"),
    pytest.param(lambda text: text.replace("metadata:", "metadata"), "line", id="no YAML"),
    pytest.param(lambda text: text.replace("selector:", "selectors:"), "selectors", id="an unknown field"),
]


@pytest.mark.parametrize(("spoil", "words"), WRONG_TEXTS)
def test_edit_refused(spoil: Callable[[str], str], words: str) -> None:
    """A text that is not that set, alone and well written, changes nothing."""
    tried = cluster()
    with_daemonset(tried)
    before = row_of(tried).number
    with pytest.raises(BadRequest, match=words):
        objects.object_edit(
            kind="DaemonSet", cluster=tried, text=spoil(demo_text("nginx-ds")), seen=None, **SET
        )

    assert row_of(tried).number == before


def test_a_set_that_is_gone() -> None:
    """Whatever is wished of a set that is not there, the refusal names it."""
    with pytest.raises(NotFound, match='"nginx-ds" not found'):
        workloads.workload_restart(kind="DaemonSet", cluster=cluster(), **SET)


def test_a_stale_edit_is_refused_with_both_sides() -> None:
    """Who saw the set before a rollback cannot silently undo it; what only controllers wrote is no edit."""
    tried = cluster(nodes=2)
    seen = str(with_daemonset(tried)["metadata"]["resourceVersion"])
    workloads.workload_image(
        kind="DaemonSet", cluster=tried, container="nginx", image="nginx:1.9", seen=seen, **SET
    )
    with pytest.raises(Conflict) as refused:
        workloads.workload_image(
            kind="DaemonSet", cluster=tried, container="nginx", image="nginx:broken", seen=seen, **SET
        )
    assert [change[1:] for change in refused.value.theirs] == [("nginx:1.7.9", "nginx:1.9")]
    assert [change[1:] for change in refused.value.yours] == [("nginx:1.7.9", "nginx:broken")]
    assert refused.value.standing == the_set(tried)

    edited = str(the_set(tried)["metadata"]["resourceVersion"])
    settle(tried)
    assert the_set(tried)["metadata"]["resourceVersion"] != edited
    daemonsets.daemonset_strategy(cluster=tried, min_ready_seconds=5, seen=edited, **SET)
    assert the_set(tried)["spec"]["updateStrategy"]["rollingUpdate"] == {"maxUnavailable": 1, "maxSurge": 0}


@pytest.mark.parametrize("seen", ["1", "7000000", "9" * 5000, "none"])
def test_a_version_that_never_was(seen: str) -> None:
    """A version of something else, of the future, or no version at all is a stale one."""
    tried = cluster()
    with_daemonset(tried)
    with pytest.raises(Conflict):
        workloads.workload_restart(kind="DaemonSet", cluster=tried, seen=seen, **SET)


def test_a_cure_is_one_transaction() -> None:
    """Labels and taints change together or not at all, for the set and the node as they were seen."""
    tried = cluster(nodes=1)
    with_daemonset(tried, "ssd-monitor")
    nodes.node_taints(cluster=tried, actor=PERSON, node="node-1", taints=[Taint("a", "", "NoSchedule")])
    settle(tried)
    cure: dict[str, Any] = {**SET, "name": "ssd-monitor", "node": "node-1", "side": "node"}
    versions = {
        "seen": standing(tried, "DaemonSet", "default", "ssd-monitor")["metadata"]["resourceVersion"],
        "node_seen": standing(tried, "Node", "", "node-1")["metadata"]["resourceVersion"],
    }
    nodes.node_cordon(cluster=tried, actor=PERSON, nodes=["node-1"], cordoned=True)
    numbers = row_of(tried).number
    with pytest.raises(Conflict):
        daemonsets.daemonset_cure(cluster=tried, **cure, **versions)
    assert row_of(tried).number == numbers
    with pytest.raises(Invalid, match="side: Unsupported value"):
        daemonsets.daemonset_cure(cluster=tried, **{**cure, "side": "top"})

    made = daemonsets.daemonset_cure(cluster=tried, **cure)
    assert (made.action, row_of(tried).number) == ("cure_node", numbers + 1)
