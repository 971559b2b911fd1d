"""Static pods: a machine runs what its folder holds, and shows a mirror of each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from controller.engine.objects import Pod
from tests.engine.workloads import Workloads

PROXY = {"metadata": {"name": "proxy"}, "spec": {"containers": [{"name": "main", "image": "proxy:1"}]}}


def folder(play: Workloads, node: str, text: str) -> None:
    """Write the manifest folder of a machine."""
    play.annotate_node(node, **{"static-pods": text})
    play.settle()


def mirror(play: Workloads) -> Pod:
    """Return the one pod that stands."""
    (found,) = play.standing()
    return found


def test_a_machine_runs_what_its_folder_holds() -> None:
    """Its mirror bears the node's name, is owned by it, and stands any taint."""
    play = Workloads("a", "b")
    folder(play, "a", json.dumps({"proxy.yaml": PROXY}))
    pod = mirror(play)
    meta = pod.manifest["metadata"]
    assert (pod.name, pod.node, pod.ready) == ("proxy-a", "a", True)
    assert meta["ownerReferences"][0]["name"] == "a"
    assert meta["annotations"]["kubernetes.io/config.source"] == "file"
    assert meta["annotations"]["kubernetes.io/config.mirror"]
    play.taint("a", "spot", "NoExecute")
    play.settle()
    assert mirror(play).uid == pod.uid
    assert play.differences() == []


def test_who_deletes_the_mirror_makes_it_come_back() -> None:
    """It goes when the file goes."""
    play = Workloads("a")
    folder(play, "a", json.dumps({"proxy.yaml": PROXY}))
    before = mirror(play)
    play.delete_pod(before)
    play.settle()
    assert mirror(play).uid != before.uid
    folder(play, "a", "")
    assert play.pods() == []


def test_a_changed_file_is_another_pod() -> None:
    """The old one is stopped first."""
    play = Workloads("a")
    folder(play, "a", json.dumps({"proxy.yaml": PROXY}))
    changed = {**PROXY, "spec": {"containers": [{"name": "main", "image": "proxy:2"}]}}
    folder(play, "a", json.dumps({"proxy.yaml": changed}))
    assert mirror(play).manifest["spec"]["containers"][0]["image"] == "proxy:2"


def test_a_machine_that_is_down_starts_nothing() -> None:
    """It reads its folder when it comes back; with its node the mirror goes."""
    play = Workloads("a")
    play.settle()
    node = play.node("a")
    marks = {"sim.everynode.dev/down": "true", "sim.everynode.dev/static-pods": json.dumps({"p": PROXY})}
    meta = {**node.manifest["metadata"], "annotations": marks}
    play.edit("Node", {**node.manifest, "metadata": meta}, timers=node.timers)
    play.wait(20)
    assert play.pods() == []
    folder(play, "a", json.dumps({"p": PROXY}))
    assert mirror(play).ready
    play.remove_node("a")
    play.settle()
    assert play.pods() == []


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", json.dumps({"p": 1}), json.dumps({"p": {"spec": 1, "metadata": {"annotations": 2}}}),
        json.dumps({"p": {"metadata": {"name": "UPPER"}, "spec": PROXY["spec"]}}),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_pod_is_told_of(text: Any) -> None:
    """In an event of the node; the others are run."""
    play = Workloads("a")
    folder(play, "a", text)
    assert play.pods() == []
    assert len(play.events("FailedStaticPod")) == 1


def test_a_name_that_is_taken_is_left_alone() -> None:
    """A pod of somebody else is not replaced."""
    play = Workloads("a")
    play.create("{kind: Pod, metadata: {name: proxy-a}, spec: {containers: [{name: m, image: 'x:1'}]}}")
    folder(play, "a", json.dumps({"proxy.yaml": PROXY}))
    assert mirror(play).manifest["spec"]["containers"][0]["image"] == "x:1"
