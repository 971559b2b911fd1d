"""Old documents are rewritten in versions that are served: what moves, what is filled in, what stays."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from controller.engine.errors import BadRequest
from controller.manifests import What, convert, read_documents

HEAD = "apiVersion: %s\nkind: %s\nmetadata: {name: it}\n"
TEMPLATE = "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: 'a:1'}]}}"
ON_DELETE = {"updateStrategy": {"type": "OnDelete"}}


def converted(version: str, kind: str, rest: str) -> tuple[dict[str, Any], list[tuple[str, ...]]]:
    """Return an object after its conversion, and what was done beside the version."""
    conversion = convert(HEAD % (version, kind) + rest)
    read_documents(conversion.text)  # it is of a kind that is served, with its fields
    steps = [(step.what, step.field, step.becomes) for step in conversion.steps]
    made: dict[str, Any] = yaml.safe_load(conversion.text)
    assert steps[0] == (What.VERSION, version, made["apiVersion"])
    return made, [(what, field) for what, field, _becomes in steps[1:]]


def test_a_workload_gets_the_selector_that_was_taken_for_granted() -> None:
    """The labels of the template chose its pods; strategies that have another default now are written out."""
    made, steps = converted("extensions/v1beta1", "Deployment", f"spec: {{rollbackTo: {{}}, {TEMPLATE}}}")
    assert made["apiVersion"] == "apps/v1"
    assert made["spec"]["selector"] == {"matchLabels": {"app": "web"}}
    assert made["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 1}
    assert steps == [
        (What.SELECTOR, "spec.selector"),
        (What.DROPPED, "spec.rollbackTo"),
        (What.DEFAULT, "spec.strategy"),
    ]


@pytest.mark.parametrize(
    ("version", "kind", "spec", "wanted"),
    [
        (
            "extensions/v1beta1",
            "DaemonSet",
            "templateGeneration: 3",
            {"updateStrategy": {"type": "OnDelete"}},
        ),
        ("apps/v1beta2", "DaemonSet", "minReadySeconds: 1", {"minReadySeconds": 1}),
        ("apps/v1beta1", "StatefulSet", "serviceName: a", ON_DELETE),
        ("apps/v1beta1", "Deployment", "replicas: 2", {"revisionHistoryLimit": 2, "replicas": 2}),
        ("apps/v1beta1", "Deployment", "revisionHistoryLimit: 7", {"revisionHistoryLimit": 7}),
        ("extensions/v1beta1", "ReplicaSet", "selector: {matchLabels: {app: web}}", {}),
    ],
)
def test_what_a_version_took_for_granted(version: str, kind: str, spec: str, wanted: dict[str, Any]) -> None:
    """An object means after its conversion what it meant before."""
    made, _steps = converted(version, kind, f"spec: {{{spec}, {TEMPLATE}}}")
    assert made["spec"]["selector"] == {"matchLabels": {"app": "web"}}
    assert wanted.items() <= made["spec"].items()
    assert "templateGeneration" not in made["spec"]


def test_backends_of_an_ingress_move() -> None:
    """Service and port are told in parts, and a path says how it is matched."""
    old = "backend: {serviceName: web, servicePort: 80}"
    named = "{path: /a, backend: {serviceName: b, servicePort: http}}"
    new = "{pathType: Exact, path: /, backend: {service: {name: c, port: {number: 1}}}}"
    spec = f"spec: {{{old}, rules: [{{http: {{paths: [{named}, {new}]}}}}, {{host: a.b}}]}}"
    made, steps = converted("extensions/v1beta1", "Ingress", spec)
    assert made["spec"]["defaultBackend"] == {"service": {"name": "web", "port": {"number": 80}}}
    first, second = made["spec"]["rules"][0]["http"]["paths"]
    assert first["backend"] == {"service": {"name": "b", "port": {"name": "http"}}}
    assert (first["pathType"], second["pathType"]) == ("ImplementationSpecific", "Exact")
    assert (What.MOVED, "spec.rules[0].http.paths[0].backend.servicePort") in steps
    assert len(steps) == 6


def test_smaller_kinds() -> None:
    """An empty selector of a budget chose nothing; bindings and slices lose what is told otherwise now."""
    made, steps = converted("policy/v1beta1", "PodDisruptionBudget", "spec: {minAvailable: 1, selector: {}}")
    assert (made["spec"], steps) == ({"minAvailable": 1}, [(What.DROPPED, "spec.selector")])
    made, _steps = converted(
        "policy/v1beta1", "PodDisruptionBudget", "spec: {selector: {matchLabels: {a: b}}}"
    )
    assert made["spec"] == {"selector": {"matchLabels": {"a": "b"}}}
    people = "[{kind: User, name: b, apiVersion: c}, {kind: User, name: d}]"
    rest = f"roleRef: {{kind: Role, name: a}}\nsubjects: {people}"
    made, _steps = converted("rbac.authorization.k8s.io/v1alpha1", "RoleBinding", rest)
    assert made["subjects"] == [{"kind": "User", "name": "b"}, {"kind": "User", "name": "d"}]
    topology = "{kubernetes.io/hostname: n1, topology.kubernetes.io/zone: z, other: o}"
    rest = f"addressType: IPv4\nendpoints: [{{addresses: [10.0.0.1], topology: {topology}}}]"
    made, steps = converted("discovery.k8s.io/v1beta1", "EndpointSlice", rest)
    assert made["endpoints"] == [{"addresses": ["10.0.0.1"], "nodeName": "n1", "zone": "z"}]
    assert [what for what, _field in steps] == [What.MOVED, What.MOVED, What.DROPPED]


def test_what_needs_nothing_stays_letter_for_letter() -> None:
    """Only old documents are rewritten: comments and order of the others are kept."""
    new = "# mine\napiVersion: v1\nkind: Service   # as it is\nmetadata: {name: web}\n"
    old = HEAD % ("batch/v1beta1", "CronJob") + "spec: {schedule: '@daily'}\n"
    text = f"{new}---\n{old}---\n# nothing\n--- # and\n{new}"
    made = convert(text).text
    assert made.startswith(new + "---\napiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: it\n")
    assert made.endswith(f"---\n# nothing\n--- # and\n{new}")
    assert convert(made).steps == ()
    assert convert(made).text == made


def test_the_items_of_a_list_are_converted() -> None:
    """A List is of a version that is served; what it holds may not be."""
    item = "- {apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: {name: a}}"
    conversion = convert(f"apiVersion: v1\nkind: List\nitems:\n{item}\n- 7\n")
    assert yaml.safe_load(conversion.text)["items"][0]["apiVersion"] == "policy/v1"
    assert [(step.kind, step.name) for step in conversion.steps] == [("PodDisruptionBudget", "a")]


@pytest.mark.parametrize(
    "text",
    [
        "7",
        "[1]",
        "kind: List\nitems: 7",
        "apiVersion: [1]\nkind: {}",
        "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy",
    ],
)
def test_what_is_no_old_object_is_left_alone(text: str) -> None:
    """Whatever else the text holds is for those who read it afterwards to refuse."""
    assert convert(text).steps == ()


@pytest.mark.parametrize(
    "rest",
    [
        "spec: 7\nmetadata: 7",
        "spec: {backend: 7, rules: [7, {http: {paths: [7, {backend: [], pathType: a}]}}]}",
        "spec: {backend: {serviceName: [], service: 7, servicePort: {}}}",
    ],
)
def test_a_wild_object_stops_nothing(rest: str) -> None:
    """Of an object that is nonsense the version is changed, and what there is of it."""
    assert convert(f"apiVersion: extensions/v1beta1\nkind: Ingress\n{rest}\n").steps


def test_a_text_that_cannot_be_read_is_refused() -> None:
    """As it is where it would be created."""
    with pytest.raises(BadRequest):
        convert("a: [")
