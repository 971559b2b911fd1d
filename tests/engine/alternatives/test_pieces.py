"""What is made to run one daemon in five ways."""

from __future__ import annotations

import json
from typing import Any

import pytest

from controller.engine.alternatives import pieces
from controller.engine.alternatives.pieces import FILE, HERE, IMAGES, INIT_SCRIPT_ANNOTATION, SCRIPT, WAY, Way
from controller.engine.objects import STATIC_PODS_ANNOTATION, Node


def machine(folder: str | None = None, script: str = "", **labels: str) -> dict[str, Any]:
    """Return a node with a manifest folder and a script."""
    told = {STATIC_PODS_ANNOTATION: folder, INIT_SCRIPT_ANNOTATION: script}
    annotations = {key: text for key, text in told.items() if text}
    return {"metadata": {"name": "a", "uid": "u", "labels": labels, "annotations": annotations}}


def written(patch: dict[str, Any]) -> dict[str, Any]:
    """Return the annotations that a patch writes."""
    made: dict[str, Any] = patch["metadata"]["annotations"]
    return made


def test_what_people_create() -> None:
    """A namespace, a DaemonSet, a Deployment of as many pods as there are nodes, and a bare pod for each."""
    made = list(pieces.objects(["a", "b"]))
    assert [kind for kind, _ in made] == ["Namespace", "DaemonSet", "Deployment", "Pod", "Pod"]
    assert made[2][1]["spec"]["replicas"] == 2
    for _kind, workload in made[1:3]:
        assert workload["spec"]["template"]["spec"]["nodeSelector"] == HERE
        assert pieces.image_of(workload) == IMAGES[0]
    assert made[3][1]["spec"]["nodeSelector"] == {"kubernetes.io/hostname": "a"}


def test_what_lies_on_a_machine() -> None:
    """A file beside those that are there, and a script; both go again, other files stay."""
    other = json.dumps({"other.yaml": {}})
    on = written(pieces.on_machine(machine(other)))
    files = json.loads(on[STATIC_PODS_ANNOTATION])
    assert list(files) == ["other.yaml", FILE]
    assert files[FILE]["metadata"]["labels"] == {WAY: Way.STATIC}
    assert files[FILE]["spec"]["containers"][0]["image"] == IMAGES[0]
    assert pieces.static_pod(IMAGES[1])["spec"]["containers"][0]["image"] == IMAGES[1]
    assert on[INIT_SCRIPT_ANNOTATION] == SCRIPT
    standing = machine(on[STATIC_PODS_ANNOTATION], SCRIPT)
    assert pieces.has_file(standing)
    assert written(pieces.off_machine(standing)) == {
        STATIC_PODS_ANNOTATION: other,
        INIT_SCRIPT_ANNOTATION: None,
    }
    assert written(pieces.off_machine(machine()))[STATIC_PODS_ANNOTATION] is None


@pytest.mark.parametrize("folder", ["{", "[]", "3"])
def test_a_folder_that_is_none(folder: str) -> None:
    """It holds no file, whatever somebody wrote there."""
    assert not pieces.has_file(machine(folder))


def test_who_takes_part() -> None:
    """Nodes with the label, and machines with the script."""
    taking = [machine(**HERE), machine(script=SCRIPT)]
    assert all(pieces.takes_part(Node.read(one, {})) for one in taking)
    assert not pieces.takes_part(Node.read(machine(script="another"), {}))


def test_names_and_images() -> None:
    """A new node has a name that is free; a change of the image takes the other one."""
    assert pieces.free_name(["added-1", "added-3"]) == "added-2"
    assert [pieces.other_image(image) for image in (*IMAGES, "mine")] == [IMAGES[1], IMAGES[0], IMAGES[0]]
    assert pieces.image_of({"spec": {"template": {"spec": {"containers": [{"name": "x"}]}}}}) == ""
