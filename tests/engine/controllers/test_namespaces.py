"""Namespaces that somebody deleted: pods go first, then all else, then the namespace."""

from __future__ import annotations

from controller.engine.changes import Verb
from controller.engine.namespaces import leaving
from controller.engine.objects import Key, Manifest
from tests.engine.workloads import Workloads

SPACE: Key = ("Namespace", "", "shop")
POD = "spec: {containers: [{name: main, image: 'a:1'}]}"
SLOW = "annotations: {sim.everynode.dev/stop-delay: '5'}"
TEMPLATE = (
    "selector: {matchLabels: {app: X}}, template: {metadata: {labels: {app: X}, " + SLOW + "}, " + POD + "}"
)
META = "metadata: {name: %s, namespace: shop}"
KINDS = {
    "DaemonSet": "apps/v1",
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
}


def running() -> Workloads:
    """Return a cluster with a namespace in which something of everything runs."""
    play = Workloads("a")
    play.create("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}")
    play.settle()
    for kind, version in KINDS.items():
        name = META % kind.lower()
        template = TEMPLATE.replace("X", kind).replace("'5'", "'2'" if kind == "StatefulSet" else "'5'")
        play.create(f"{{apiVersion: {version}, kind: {kind}, {name}, spec: {{{template}}}}}")
    play.create("{apiVersion: v1, kind: ConfigMap, " + META % "held" + "}")
    play.settle()
    assert len(play.pods()) == len(KINDS)
    return play


def inside(play: Workloads) -> set[str]:
    """Return the kinds of what is in the namespace."""
    return {kind for kind in play.world.objects for key in play.world.objects.of(kind) if key[1] == "shop"}


def space(play: Workloads) -> Manifest:
    """Return the namespace."""
    found = play.world.find(*SPACE)
    assert found is not None
    return found.manifest


def conditions(play: Workloads) -> dict[str, str]:
    """Return what its conditions say, by type."""
    return {each["type"]: each["message"] for each in space(play)["status"]["conditions"]}


def leave(play: Workloads) -> None:
    """Delete the namespace, as the API server does."""
    play.edit("Namespace", leaving(space(play), play.now))
    play.settle()


def test_pods_go_first_and_are_not_made_again() -> None:
    """Each within its grace period; whatever owns them stands until then, and tells nothing."""
    play = running()
    before, told = inside(play), len(list(play.world.events.all()))
    leave(play)
    pods = play.pods()
    assert len(pods) == len(KINDS)
    assert all(pod.terminating for pod in pods)
    assert inside(play) == before
    assert space(play)["status"]["phase"] == "Terminating"
    assert conditions(play)["NamespaceContentRemaining"] == "All content successfully removed"
    play.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: elsewhere}}")
    play.wait(3)
    assert len(play.pods()) == len(KINDS) - 1
    play.wait(3)
    assert play.world.find(*SPACE) is None
    assert inside(play) == set()
    assert len(list(play.world.events.all())) == told


def test_what_finalizers_hold_is_told_and_waited_for() -> None:
    """The namespace says which kinds are left and who holds them; it goes with the last of them."""
    play = running()
    held = play.the("ConfigMap", "held", "shop").manifest
    meta = {**held["metadata"], "finalizers": ["example.org/hold"]}
    play.edit("ConfigMap", {**held, "metadata": meta})
    leave(play)
    play.wait(6)
    assert inside(play) == {"ConfigMap"}
    assert conditions(play) == {
        "NamespaceDeletionDiscoveryFailure": "All resources successfully discovered",
        "NamespaceDeletionGroupVersionParsingFailure": "All legacy kube types successfully parsed",
        "NamespaceDeletionContentFailure": (
            "All content successfully deleted, may be waiting on finalization"
        ),
        "NamespaceContentRemaining": "Some resources are remaining: configmaps. has 1 resource instances",
        "NamespaceFinalizersRemaining": (
            "Some content in the namespace has finalizers remaining: example.org/hold in 1 resource instances"
        ),
    }
    told, since = space(play), space(play)["status"]["conditions"][0]["lastTransitionTime"]
    play.wait(20)
    assert space(play) == told
    assert since < play.now.stamp
    play.edit("ConfigMap", play.the("ConfigMap", "held", "shop").manifest, Verb.DELETED)
    play.settle()
    assert play.world.find(*SPACE) is None


def test_a_namespace_that_somebody_holds_stays_empty() -> None:
    """Its own finalizers are not for the controller to take away."""
    play = running()
    meta = {**space(play)["metadata"], "finalizers": ["example.org/hold"]}
    play.edit("Namespace", {**space(play), "metadata": meta})
    leave(play)
    play.wait(6)
    assert inside(play) == set()
    assert (space(play)["spec"], space(play)["metadata"]["finalizers"]) == ({}, ["example.org/hold"])


def test_other_namespaces_are_left_alone() -> None:
    """One that stands is not looked at, nor one that is gone already."""
    play = running()
    pods = play.pods()
    play.create("{apiVersion: v1, kind: Namespace, metadata: {name: other}}")
    play.settle()
    play.edit("Namespace", leaving(play.the("Namespace", "other", "").manifest, play.now))
    play.edit("Namespace", play.the("Namespace", "other", "").manifest, Verb.DELETED)
    play.settle()
    assert play.pods() == pods


def test_a_template_that_changes_in_a_namespace_that_goes_makes_no_set() -> None:
    """The Deployment is refused, as by the API server."""
    play = running()
    leave(play)
    deployment = play.the("Deployment", "deployment", "shop")
    template = deployment.manifest["spec"]["template"]
    spec = {**template["spec"], "containers": [{**template["spec"]["containers"][0], "image": "a:2"}]}
    wanted = {
        **deployment.manifest,
        "spec": {**deployment.manifest["spec"], "template": {**template, "spec": spec}},
    }
    play.edit("Deployment", wanted)
    play.settle()
    assert len([key for key in play.world.objects.of("ReplicaSet") if key[1] == "shop"]) == 1
    (said,) = [
        each["message"]
        for each in play.the("Deployment", "deployment", "shop").manifest["status"]["conditions"]
        if each["type"] == "Progressing"
    ]
    assert said.endswith("unable to create new content in namespace shop because it is being terminated")
