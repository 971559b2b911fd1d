"""What is let in through a pod's subresource `resize`."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.admission.resize import admit_resize
from controller.engine.admission.shape import typed
from controller.engine.errors import Invalid
from controller.engine.objects import Manifest
from tests.engine.admission.parts import created, pod

SIDECAR = {"name": "beside", "image": "b", "restartPolicy": "Always"}


def standing(resources: Manifest | None = None, *first: Manifest) -> Manifest:
    """Return a pod as it is stored, its first container with these resources."""
    containers = [
        {"name": "main", "image": "a", "resources": resources or {"requests": {"cpu": "100m"}}},
        {"name": "second", "image": "b"},
    ]
    return created(pod(containers=containers, **({"initContainers": list(first)} if first else {})))


def resized(old: Manifest, *containers: Manifest, **spec: Any) -> Manifest:
    """Return the pod with its containers changed in this way, as it is stored then."""
    wanted = [
        {**container, **change}
        for container, change in zip(old["spec"]["containers"], containers, strict=False)
    ]
    wanted += old["spec"]["containers"][len(containers) :]
    return admit_resize(old, {**old, "spec": {**old["spec"], "containers": wanted, **spec}}, read=typed)


def refused(old: Manifest, *containers: Manifest, **spec: Any) -> list[tuple[str, str]]:
    """Return the causes of a refusal: where and what."""
    with pytest.raises(Invalid) as caught:
        resized(old, *containers, **spec)
    return [(cause.field, cause.message) for cause in caught.value.causes]


def requests(cpu: str, **more: str) -> Manifest:
    """Return what asks for so much cpu."""
    return {"resources": {"requests": {"cpu": cpu, **more}}}


def test_nothing_but_the_resources_is_written() -> None:
    """The pod's generation rises; what else was sent is left alone."""
    old = standing()
    made = resized(old, {**requests("200m"), "image": "other"}, hostNetwork=True)
    assert made["spec"]["containers"][0] == {**old["spec"]["containers"][0], **requests("200m")}
    assert made["spec"] == {**old["spec"], "containers": made["spec"]["containers"]}
    assert made["metadata"] == {**old["metadata"], "generation": 2}
    assert resized(made, requests("200m")) == made


def test_what_the_containers_have_is_told_from_then_on() -> None:
    """Of those that a kubelet knows: once, and not what they shall have."""
    old = standing()
    old["status"] = {**old["status"], "containerStatuses": [{"name": "main"}, {"name": "stranger"}]}
    made = resized(old, requests("200m"))
    first = {
        "name": "main",
        "allocatedResources": {"cpu": "100m"},
        "resources": {"requests": {"cpu": "100m"}},
    }
    assert made["status"]["containerStatuses"] == [first, {"name": "stranger"}]
    assert resized(made, requests("300m"))["status"] == made["status"]
    without = {field: value for field, value in old.items() if field != "status"}
    assert "status" not in resized(without, requests("200m"))


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        (
            {"name": "other"},
            "spec.containers[0].name",
            "containers may not be renamed or reordered on resize",
        ),
        ({"resources": {}}, "spec", "Pod QOS Class may not change as a result of resizing"),
        ({"resources": {}}, "spec.containers[0].resources.requests", "resource requests cannot be removed"),
        (
            requests("100m", **{"ephemeral-storage": "1Gi"}),
            "spec",
            "only cpu and memory resources are mutable",
        ),
        (
            {"resizePolicy": [{"resourceName": "cpu", "restartPolicy": "RestartContainer"}]},
            "spec",
            "only cpu and memory resources are mutable",
        ),
        (requests("x"), "spec.containers[0].resources.requests[cpu]", "quantities must match"),
    ],
)
def test_what_is_refused(change: Manifest, where: str, said: str) -> None:
    """In the words of Kubernetes."""
    if where == "spec.containers[0].resources.requests[cpu]":
        with pytest.raises(Exception, match=said):
            resized(standing(), change)
        return
    assert any(at == where and said in message for at, message in refused(standing(), change))


def test_limits_cannot_be_removed_and_bound_the_requests() -> None:
    """A limit that is added is asked for."""
    old = standing({"requests": {"cpu": "1"}, "limits": {"cpu": "2"}})
    causes = refused(old, requests("1"))
    assert ("spec.containers[0].resources.limits", "Forbidden: resource limits cannot be removed") in causes
    causes = refused(old, {"resources": {"requests": {"cpu": "3"}, "limits": {"cpu": "2"}}})
    assert any("must be less than or equal to cpu limit of 2" in message for _, message in causes)
    made = resized(old, {"resources": {"requests": {"cpu": "1"}, "limits": {"cpu": "2", "memory": "1Gi"}}})
    assert made["spec"]["containers"][0]["resources"]["requests"] == {"cpu": "1", "memory": "1Gi"}


def test_containers_are_neither_added_nor_removed() -> None:
    """Whatever else is wrong."""
    said = "Forbidden: containers may not be added or removed on resize"
    assert ("spec.containers", said) in refused(standing(), containers=[{"name": "main", "image": "a"}])


def test_of_init_containers_those_that_go_on_are_resized() -> None:
    """The others are over when somebody could."""
    old = standing(None, SIDECAR, {"name": "before", "image": "c"})
    first, second = old["spec"]["initContainers"]
    made = resized(old, initContainers=[{**first, **requests("50m")}, second])
    assert made["spec"]["initContainers"][0]["resources"] == requests("50m")["resources"]
    causes = refused(old, initContainers=[first, {**second, **requests("50m")}])
    assert causes == [("spec", "Forbidden: only cpu and memory resources for sidecar containers are mutable")]


def test_static_pods_cannot_be_resized() -> None:
    """Their file says what they are."""
    old = standing()
    old["metadata"] = {**old["metadata"], "annotations": {"kubernetes.io/config.mirror": "x"}}
    assert refused(old, requests("200m")) == [("", "Forbidden: static pods cannot be resized")]
