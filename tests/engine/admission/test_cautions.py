"""What is warned of though it is taken (seen on a Kubernetes 1.36.2)."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.admission.cautions import cautions
from tests.engine.admission.parts import container, created, daemonset, pod_spec

OS = 'deprecated since v1.14; use "kubernetes.io/os" instead'
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def of(**pod: Any) -> list[str]:
    """Return what is said of a DaemonSet with such pods, after the path of its template."""
    said = cautions("DaemonSet", created(daemonset(pod=pod_spec(**pod))))
    return [each.removeprefix("spec.template.spec.") for each in said]


def of_container(**fields: Any) -> list[str]:
    """Return what is said of a container, after its path."""
    return [each.removeprefix("containers[0].") for each in of(containers=[container(**fields)])]


def test_labels_that_have_had_their_day() -> None:
    """In selectors and in what nodes are required to have."""
    old = "beta.kubernetes.io/os"
    terms = [{"matchExpressions": [{"key": "a", "operator": "Exists"}, {"key": old, "operator": "Exists"}]}]

    assert of(nodeSelector={"a": "b", old: "linux"}) == [f"nodeSelector[{old}]: {OS}"]
    assert of(affinity={"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": terms}}}) == [
        f"affinity.nodeAffinity.{REQUIRED}.nodeSelectorTerms[0].matchExpressions[1].key: {old} is {OS}"
    ]


def test_annotations_without_a_function() -> None:
    """Such as the mark of critical pods, which old manifests of agents bear."""
    manifest = created(daemonset())
    key = "scheduler.alpha.kubernetes.io/critical-pod"
    manifest["spec"]["template"]["metadata"]["annotations"] = {key: ""}

    assert cautions("DaemonSet", manifest) == (
        (
            f"spec.template.metadata.annotations[{key}]: "
            'non-functional in v1.16+; use the "priorityClassName" field instead'
        ),
    )


def test_a_secret_without_a_name() -> None:
    """The entry is taken, and does nothing."""
    said = 'imagePullSecrets[1].name: invalid empty name ""'

    assert of(imagePullSecrets=[{"name": "a"}, {}]) == [said]


def test_a_fraction_of_a_byte() -> None:
    """Memory and disk are whole bytes."""
    assert of_container(resources={"requests": {"memory": "100m", "cpu": "100m"}}) == [
        'resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer'
    ]


@pytest.mark.parametrize(
    ("second", "hides"),
    [
        ({"value": "2"}, True),
        ({"value": "$(A)"}, True),
        ({"value": "$(A)2"}, False),
        ({"valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}, True),
    ],
)
def test_a_variable_that_hides_another(second: dict[str, Any], hides: bool) -> None:  # noqa: FBT001 - a column
    """Unless it takes the value of the first into its own."""
    said = 'env[1]: hides previous definition of "A", which may be dropped when using apply'

    assert of_container(env=[{"name": "A", "value": "1"}, {"name": "A", **second}]) == [said] * hides


def test_ports_that_meet() -> None:
    """The same twice, or once with a port of the host; of other protocols nothing is said."""
    first = {"containerPort": 80}
    there = "spec.template.spec.containers[0].ports[0]"

    assert of_container(ports=[first, first]) == [f"ports[1]: duplicate port definition with {there}"]
    assert of_container(ports=[first, {**first, "hostPort": 80}]) == [
        f"ports[1]: overlapping port definition with {there}"
    ]
    hosts = [{**first, "hostPort": 80}, {**first, "hostPort": 81}]
    assert not of_container(ports=hosts)
    assert not of_container(ports=[first, {**first, "protocol": "UDP"}])


def test_who_is_warned_when() -> None:
    """Of new pods, and of templates when they change; other kinds have no template."""
    secret: dict[str, Any] = {"imagePullSecrets": [{}]}
    old, new = created(daemonset(pod=pod_spec(**secret))), created(daemonset(pod=pod_spec(**secret)))
    changed = created(daemonset(pod=pod_spec(**secret, hostNetwork=True)))
    pod = {"spec": pod_spec(**secret)}

    assert not cautions("DaemonSet", new, old)
    assert len(cautions("DaemonSet", changed, old)) == 1
    assert cautions("Pod", pod) == ('spec.imagePullSecrets[0].name: invalid empty name ""',)
    assert not cautions("Pod", pod, pod)
    assert not cautions("Node", {})
