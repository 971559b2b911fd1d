"""What every namespace holds by itself comes back."""

from __future__ import annotations

import pytest

from controller.engine.changes import Verb
from controller.engine.objects import Key, Manifest
from tests.engine.play import Play

OWN: list[Key] = [
    ("ConfigMap", "default", "kube-root-ca.crt"),
    ("Endpoints", "default", "kubernetes"),
    ("Service", "default", "kubernetes"),
    ("ServiceAccount", "default", "default"),
]


def namespace(name: str) -> Manifest:
    """Return a namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "uid": f"uid-{name}"}}


def furnished() -> Play:
    """Return a cluster with the namespace ``default`` and all that it holds."""
    play = Play()
    play.edit("Namespace", namespace("default"), Verb.ADDED)
    play.settle()
    return play


def held(play: Play, name: str) -> list[Key]:
    """Return what a namespace holds."""
    kinds = ("ConfigMap", "Endpoints", "Service", "ServiceAccount")
    return sorted(key for kind in kinds for key in play.world.objects.get(kind, {}) if key[1] == name)


@pytest.mark.parametrize("key", OWN)
def test_what_is_deleted_comes_back(key: Key) -> None:
    """As another object of the same name; what stands is left alone."""
    play = furnished()
    before = play.world.objects[key[0]][key]
    play.edit(key[0], before.manifest, Verb.DELETED)
    play.settle()

    assert held(play, "default") == OWN
    assert play.world.objects[key[0]][key].uid not in {"", before.uid}
    assert [change.verb for change in play.history if change.key == key][-2:] == [Verb.DELETED, Verb.ADDED]


def test_a_cluster_has_the_priority_classes_of_the_system() -> None:
    """Also one that was made before they were objects; they come back, whoever took them away."""
    play = furnished()
    classes = play.world.objects["PriorityClass"]
    values = {name: view.manifest["value"] for (_kind, _space, name), view in classes.items()}
    assert values == {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
    key = ("PriorityClass", "", "system-node-critical")
    before = classes[key]
    assert before.manifest["description"] == (
        "Used for system critical pods that must not be moved from their current node."
    )
    play.edit("PriorityClass", before.manifest, Verb.DELETED)
    play.settle()
    assert play.world.objects["PriorityClass"][key].uid not in {"", before.uid}


def test_other_objects_stay_away() -> None:
    """Somebody deleted them for good."""
    play = furnished()
    other = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "default"}}
    play.edit("ConfigMap", other, Verb.ADDED)
    play.edit("ConfigMap", other, Verb.DELETED)
    play.settle()

    assert held(play, "default") == OWN


def test_another_namespace_has_no_service_of_the_api_server() -> None:
    """It has its account and certificates, until it goes: then nothing of it comes back."""
    play = furnished()
    play.edit("Namespace", namespace("apart"), Verb.ADDED)
    play.settle()
    assert held(play, "apart") == [
        ("ConfigMap", "apart", "kube-root-ca.crt"),
        ("ServiceAccount", "apart", "default"),
    ]

    leaving = namespace("apart")
    leaving["metadata"]["deletionTimestamp"] = play.now.stamp
    play.edit("Namespace", leaving)
    for kind, _apart, name in held(play, "apart"):
        play.edit(kind, play.world.objects[kind][kind, "apart", name].manifest, Verb.DELETED)
    play.settle()
    assert held(play, "apart") == []
    play.edit("Namespace", leaving, Verb.DELETED)
    play.settle()
    assert held(play, "apart") == []
