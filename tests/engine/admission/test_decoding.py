"""What the API server's decoder says of values of the wrong type (seen on a Kubernetes 1.36.2)."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.admission.decoding import as_go
from controller.engine.admission.shape import read
from tests.engine.admission.parts import container, daemonset, pod_spec

REGULAR = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"


def unmarshal(found: str, field: str, wanted: str) -> str:
    """Return the decoder's usual sentence."""
    return f"json: cannot unmarshal {found} into Go struct field {field} of type {wanted}"


def of(manifest: object) -> str:
    """Return what is said of an object."""
    misfit = read("DaemonSet", manifest).misfit
    return misfit.undecodable if misfit else ""


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"minReadySeconds": "5"}, ("string", "DaemonSetSpec.spec.minReadySeconds", "int32")),
        ({"minReadySeconds": 1.5}, ("number 1.5", "DaemonSetSpec.spec.minReadySeconds", "int32")),
        (
            {"updateStrategy": "RollingUpdate"},
            ("string", "DaemonSetSpec.spec.updateStrategy", "v1.DaemonSetUpdateStrategy"),
        ),
        (
            {"updateStrategy": {"rollingUpdate": {"maxUnavailable": 1.5}}},
            (
                "number 1.5",
                "RollingUpdateDaemonSet.spec.updateStrategy.rollingUpdate.maxUnavailable",
                "int32",
            ),
        ),
        (
            {"template": {"metadata": {"labels": {"x": 1}}}},
            ("number", "ObjectMeta.spec.template.metadata.labels", "string"),
        ),
    ],
)
def test_the_decoder_names_the_field_by_its_type_in_go(
    spec: dict[str, Any], said: tuple[str, str, str]
) -> None:
    """It leaves out indexes and keys."""
    assert of({"spec": spec}) == unmarshal(*said)


@pytest.mark.parametrize(
    ("pod", "said"),
    [
        ({"nodeSelector": {"a": True}}, ("bool", "PodSpec.spec.template.spec.nodeSelector", "string")),
        ({"nodeSelector": ["a"]}, ("array", "PodSpec.spec.template.spec.nodeSelector", "map[string]string")),
        ({"hostNetwork": "yes"}, ("string", "PodSpec.spec.template.spec.hostNetwork", "bool")),
        (
            {"tolerations": {"key": "a"}},
            ("object", "PodSpec.spec.template.spec.tolerations", "[]v1.Toleration"),
        ),
        (
            {"containers": [container(command="sleep 1")]},
            ("string", "Container.spec.template.spec.containers.command", "[]string"),
        ),
        (
            {"containers": [container(args=[1, 2])]},
            ("number", "Container.spec.template.spec.containers.args", "string"),
        ),
        (
            {"containers": [container(resources={"limits": []})]},
            (
                "array",
                "ResourceRequirements.spec.template.spec.containers.resources.limits",
                "v1.ResourceList",
            ),
        ),
    ],
)
def test_values_in_a_pod(pod: dict[str, Any], said: tuple[str, str, str]) -> None:
    """Lists, maps and amounts have names of their own in Go."""
    assert of(daemonset(pod=pod_spec(**pod))) == unmarshal(*said)


@pytest.mark.parametrize(
    ("amount", "said"),
    [("abc", REGULAR), ("1 Gi", REGULAR), (True, REGULAR), ("10K", "unable to parse quantity's suffix")],
)
def test_amounts(amount: object, said: str) -> None:
    """Of amounts it does not say where they stand."""
    limits = container(resources={"limits": {"cpu": amount}})

    assert of(daemonset(pod=pod_spec(containers=[limits]))) == said


def test_times_and_whole_objects() -> None:
    """A time is told with the layout that it should have, an object without a field."""
    assert of({"metadata": {"creationTimestamp": "yesterday"}}) == (
        'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"'
    )
    assert of({"metadata": {"creationTimestamp": 1}}) == unmarshal(
        "number", "ObjectMeta.metadata.creationTimestamp", "string"
    )
    assert of("x") == "json: cannot unmarshal string into Go value of type v1.DaemonSet"
    assert of(daemonset()) == ""


@pytest.mark.parametrize(
    ("pod", "said"),
    [
        ({"hostNetwork": "yes"}, "unrecognized type: bool"),
        ({"nodeName": 5}, "cannot convert int64 to string"),
        ({"nodeName": True}, "unrecognized type: string"),
        ({"priority": "x"}, "unrecognized type: int32"),
        ({"priority": 1.5}, "cannot convert float64 to int32"),
        ({"tolerations": {}}, "cannot restore slice from map"),
        ({"nodeSelector": "x"}, "cannot restore map from string"),
        ({"securityContext": []}, "cannot restore struct from: slice"),
        ({"overhead": {"cpu": "abc"}}, REGULAR),
    ],
)
def test_a_patched_object_is_converted_with_other_words(pod: dict[str, Any], said: str) -> None:
    """They tell of Go's kinds alone."""
    misfit = read("DaemonSet", daemonset(pod=pod_spec(**pod))).misfit

    assert misfit
    assert misfit.inconvertible == said


def test_values_as_go_prints_them() -> None:
    """Maps by key, without quotes."""
    value = {"b": [1, True, None, "x"], "a": {"c": 1.5}}

    assert as_go(value) == "map[a:map[c:1.5] b:[1 true <nil> x]]"


@pytest.mark.parametrize(
    ("text", "spoilt"),
    [("", None), ("aGk=", None), ("aGkh\nYQ==", None), ("??", 0), ("aGk=x", 4), ("aGkhY", 4), ("aG!k", 2)],
)
def test_base64_tells_where_it_is_spoilt(text: str, spoilt: int | None) -> None:
    """At the first byte that cannot stand there, or where a group of four begins that has no end."""
    misfit = read("Secret", {"data": {"a": text}}).misfit
    said = misfit.undecodable if misfit else None
    assert said == (None if spoilt is None else f"illegal base64 data at input byte {spoilt}")
