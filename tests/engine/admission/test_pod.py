"""Bare pods, and the small kinds."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.admission.pod import SAID
from controller.engine.objects import Manifest
from tests.engine.admission.parts import container, created, pod, said, updated

BARE = {"automountServiceAccountToken": False}
"""Nothing is mounted into such a pod, so that it can be written again as it was written."""
BLANKS = "must not have leading or trailing whitespace"


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (
            {"containers": [container(image=" a ")], "initContainers": [container(name="b", image="b\n")]},
            [
                f'spec.containers[0].image: Invalid value: " a ": {BLANKS}',
                f'spec.initContainers[0].image: Invalid value: "b\\n": {BLANKS}',
            ],
        ),
        (
            {"ephemeralContainers": [{"name": "debug"}]},
            ["spec.ephemeralContainers: Forbidden: cannot be set on create"],
        ),
        (
            {"nodeName": "n1", "schedulingGates": [{"name": "a"}]},
            ["spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"],
        ),
    ],
)
def test_pods_have_rules_that_templates_do_not_have(spec: dict[str, Any], told: list[str]) -> None:
    """Blanks around an image, and what can only come later."""
    assert said(pod(**spec)) == told


def test_images_deadline_and_more_tolerations_may_change() -> None:
    """This much of a pod's spec can be edited; the seconds of a toleration too."""
    old = created(pod(**BARE))
    hurried = [{**toleration, "tolerationSeconds": 5} for toleration in old["spec"]["tolerations"]]
    new = pod(
        containers=[container(image="app:2")],
        tolerations=[*hurried, {"key": "a", "operator": "Exists"}],
        activeDeadlineSeconds=60,
        **BARE,
    )
    taken = updated(old, new)

    assert taken["spec"]["containers"][0]["image"] == "app:2"
    assert taken["metadata"]["generation"] == 2
    assert taken["status"] == {"phase": "Pending", "qosClass": "BestEffort"}


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"nodeName": "n1"}, [f"spec: Forbidden: {SAID}"]),
        ({"terminationGracePeriodSeconds": 5}, [f"spec: Forbidden: {SAID}"]),
        ({"containers": [container(command=["x"])]}, [f"spec: Forbidden: {SAID}"]),
        (
            {"containers": [container(), container(name="b")]},
            ["spec.containers: Forbidden: pod updates may not add or remove containers"],
        ),
        (
            {"tolerations": [{"operator": "Exists"}]},
            [
                (
                    "spec.tolerations: Forbidden: "
                    "existing toleration can not be modified except its tolerationSeconds"
                ),
            ],
        ),
        (
            {"containers": [container(image=" b:1")]},
            [f'spec.containers[0].image: Invalid value: " b:1": {BLANKS}'],
        ),
    ],
)
def test_the_rest_of_a_pod_is_fixed(spec: dict[str, Any], told: list[str]) -> None:
    """A pod is replaced, not rebuilt."""
    assert said(pod(**BARE, **spec), created(pod(**BARE))) == told


def test_a_pod_gets_no_more_time() -> None:
    """A deadline may come nearer; once set it stays."""
    old, path = created(pod(**BARE, activeDeadlineSeconds=5)), "spec.activeDeadlineSeconds"
    assert said(pod(**BARE, activeDeadlineSeconds=5), created(pod(**BARE))) == []
    assert said(pod(**BARE, activeDeadlineSeconds=4), old) == []
    later = f"{path}: Invalid value: 6: must be less than or equal to previous value"
    assert said(pod(**BARE, activeDeadlineSeconds=6), old) == [later]
    never = f"{path}: Invalid value: null: must not update from a positive integer to nil value"
    assert said(pod(**BARE), old) == [never]


def test_a_pod_that_a_controller_made_can_be_annotated() -> None:
    """Controllers leave out defaults that the door fills in: that alone is no change of the spec."""
    spec = {
        "containers": [container(resources={"limits": {"cpu": "1"}})],
        "tolerations": [{"operator": "Exists"}],
    }
    meta = {"name": "a", "namespace": "default", "uid": "u", "creationTimestamp": "2026-01-31T09:30:00Z"}
    old: Manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": {}}
    new = {**old, "metadata": {**meta, "annotations": {"sim.everynode.dev/behaviour": "crash-loop"}}}

    assert "generation" not in updated(old, new)["metadata"]


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ({"kind": "ControllerRevision", "data": {}}, []),
        (
            {"kind": "ControllerRevision", "revision": -1},
            [
                "data: Required value: data is mandatory",
                "revision: Invalid value: -1: must be greater than or equal to 0",
            ],
        ),
        ({"kind": "Event", "involvedObject": {"kind": "Pod", "namespace": "default"}}, []),
        ({"kind": "Event"}, []),
        (
            {"kind": "Event", "involvedObject": {"namespace": "other"}},
            ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
        ),
        ({"kind": "ServiceAccount", "secrets": [{"name": "s"}]}, []),
        ({"kind": "Namespace"}, []),
    ],
)
def test_the_small_kinds_have_few_rules(manifest: Manifest, told: list[str]) -> None:
    """Beside their metadata, revisions must have data and events be where their object is."""
    assert said({**manifest, "metadata": {"name": "a"}}) == told


def test_a_namespace_has_a_name_without_dots() -> None:
    """Its name is one label of a DNS name."""
    assert said({"kind": "Namespace", "metadata": {"name": "a.b"}})[0] == (
        'metadata.name: Invalid value: "a.b": must not contain dots'
    )


def test_the_data_of_a_revision_is_fixed() -> None:
    """Its number may rise, when a rollback returns to it."""
    old = created({"kind": "ControllerRevision", "metadata": {"name": "a"}, "data": {"a": 1}, "revision": 1})

    assert said({**old, "revision": 2}, old) == []
    assert said({**old, "data": {"a": 2}}, old) == ['data: Invalid value: {"a":2}: field is immutable']


def test_the_other_small_kinds_can_be_updated() -> None:
    """Labels of a namespace and of an account, the count of an event."""
    for kind in ("Namespace", "ServiceAccount", "Event"):
        old = created({"kind": kind, "metadata": {"name": "a"}})
        new = {**old, "metadata": {**old["metadata"], "annotations": {"a": "b"}}}

        assert updated(old, new)["metadata"]["annotations"] == {"a": "b"}
