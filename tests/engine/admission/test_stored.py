"""Kinds that are kept for charts: what is filled in, what is refused when they are made and changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from controller.engine.admission.admit import admit_create, admit_update
from controller.engine.errors import Invalid
from controller.engine.objects import Manifest
from tests.engine.edits.ledger import NOW


def admitted(kind: str, text: str, name: str = "it") -> Manifest:
    """Return a new object as the API server stores it."""
    return admit_create(kind, {"metadata": {"name": name}, **yaml.safe_load(text)}, NOW, "uid", "abcde")


def refusals(kind: str, text: str, name: str = "it") -> list[str]:
    """Return the faults of a new object, in their order."""
    try:
        admitted(kind, text, name)
    except Invalid as error:
        return [str(cause) for cause in error.causes]
    return []


def changes(kind: str, before: str, after: str) -> list[str]:
    """Return the faults of a change."""
    old = admitted(kind, before)
    try:
        admit_update(kind, old, {"metadata": old["metadata"], **yaml.safe_load(after)})
    except Invalid as error:
        return [str(cause) for cause in error.causes]
    return []


RULE = "rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]"
BINDING = "roleRef: {kind: ClusterRole, name: 'system:view'}"
POLICY = "spec: {podSelector: {}, %s}"
INGRESS = "spec: {rules: [{http: {paths: [%s]}}]}"
BACKEND = "backend: {service: {name: web, port: {number: 80}}}"
CLASS = "spec: {controller: example.com/it}"
SLICE = "{addressType: IPv4, endpoints: [{addresses: [10.0.0.1]}], ports: [{port: 80}]}"
TEMPLATE = "template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: 'a:1'}]}}"
TLS = "{type: kubernetes.io/tls, data: {tls.crt: YQ==, tls.key: YQ==}}"

SOUND = [
    ("Role", RULE),
    ("ClusterRole", "rules: [{nonResourceURLs: [/metrics], verbs: [get]}]"),
    ("ClusterRole", "aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}"),
    ("RoleBinding", f"{{{BINDING}, subjects: [{{kind: ServiceAccount, name: default}}]}}"),
    ("ClusterRoleBinding", f"{{{BINDING}, subjects: [{{kind: Group, name: 'system:nodes'}}]}}"),
    ("NetworkPolicy", POLICY % "ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]"),
    ("NetworkPolicy", POLICY % "egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}]"),
    ("NetworkPolicy", POLICY % "ingress: [{ports: [{port: 80, endPort: 90}, {protocol: UDP}, {port: dns}]}]"),
    ("NetworkPolicy", "{}"),
    ("Ingress", INGRESS % f"{{path: /, pathType: Prefix, {BACKEND}}}"),
    ("Ingress", INGRESS % "{pathType: ImplementationSpecific, backend: {resource: {kind: A, name: b}}}"),
    ("Ingress", "spec: {defaultBackend: {service: {name: w, port: {name: http}}}, ingressClassName: a}"),
    ("Ingress", "spec: {rules: [{host: '*.a.b'}, {host: c.d}], tls: [{hosts: [c.d]}]}"),
    ("IngressClass", CLASS),
    ("IngressClass", "spec: {controller: example.com/it, parameters: {kind: A, name: b}}"),
    ("PriorityClass", "value: 1000000000"),
    ("Lease", "spec: {leaseDurationSeconds: 1, leaseTransitions: 0}"),
    ("PodTemplate", TEMPLATE),
    ("Endpoints", "{}"),
    ("Endpoints", "subsets: [{addresses: [{ip: 9.0.0.1}], ports: [{port: 1}]}]"),
    ("Endpoints", "subsets: [{addresses: [{ip: 9.0.0.1}]}, {notReadyAddresses: [{ip: 9.0.0.2}]}]"),
    ("EndpointSlice", SLICE),
    ("EndpointSlice", "{addressType: FQDN, endpoints: [{addresses: [a.b]}]}"),
    ("ConfigMap", "{data: {a: b}, binaryData: {c: ZA==}}"),
    ("Secret", TLS),
    ("Secret", "{type: kubernetes.io/basic-auth, data: {password: YQ==}}"),
    ("Secret", "{type: kubernetes.io/dockerconfigjson, stringData: {.dockerconfigjson: '{}'}}"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), SOUND)
def test_what_charts_bring_is_taken(kind: str, text: str) -> None:
    """A sound object is stored, and may be sent again as it is."""
    assert refusals(kind, text) == []
    assert changes(kind, text, text) == []


def test_what_is_left_out_is_filled_in() -> None:
    """Groups of roles and people, directions of policies, protocols, scopes, preemption."""
    binding = admitted("RoleBinding", "{roleRef: {kind: Role, name: a}, subjects: [{kind: User, name: b}]}")
    group = "rbac.authorization.k8s.io"
    assert (binding["roleRef"]["apiGroup"], binding["subjects"][0]["apiGroup"]) == (group, group)
    policy = admitted("NetworkPolicy", POLICY % "egress: [{ports: [{port: 53}]}]")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert policy["egress"] == [{"ports": [{"protocol": "TCP", "port": 53}]}]
    parameters = admitted("IngressClass", SOUND[14][1])["spec"]["parameters"]
    assert parameters["scope"] == "Cluster"
    assert admitted("PriorityClass", "value: 1")["preemptionPolicy"] == "PreemptLowerPriority"
    assert admitted("PodTemplate", TEMPLATE)["template"]["spec"]["restartPolicy"] == "Always"


RESERVED = (
    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. "
    "error: %s"
)
FAULTS: list[Manifest] = yaml.safe_load(Path(__file__).with_name("stored.yaml").read_text())


@pytest.mark.parametrize("row", FAULTS, ids=lambda row: row["kind"])
def test_what_is_wrong_is_said_at_once(row: Manifest) -> None:
    """All faults of one object come in one answer."""
    assert refusals(row["kind"], yaml.safe_dump(row["object"])) == row["faults"]


@pytest.mark.parametrize(
    ("kind", "text", "fault"),
    [
        ("IngressClass", f"spec: {{controller: a.b/{'c' * 250}}}", "spec.controller: Too long: @ 250 bytes"),
        ("ConfigMap", f"data: {{a: {'b' * 1048577}}}", "Too long: @ 1048576 bytes"),
        ("Secret", f"stringData: {{a: {'b' * 1048577}}}", "data: Too long: @ 1048576 bytes"),
    ],
    ids=["IngressClass", "ConfigMap", "Secret"],
)
def test_what_is_too_long_is_refused(kind: str, text: str, fault: str) -> None:
    """A limit is told with its number."""
    assert refusals(kind, text) == [fault.replace("@", "may not be more than")]


@pytest.mark.parametrize(
    ("kind", "before", "after", "faults"),
    [
        ("RoleBinding", BINDING, "roleRef: {kind: Role, name: a}", [
            ('roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io",'
                '"Kind":"Role","Name":"a"}: cannot change roleRef'),
        ]),
        ("IngressClass", CLASS, "spec: {controller: a.b/c}", [
            'spec.controller: Invalid value: "a.b/c": field is immutable',
        ]),
        ("PriorityClass", "value: 1", "{value: 2, preemptionPolicy: Never}", [
            "value: Forbidden: may not be changed in an update.",
            'preemptionPolicy: Invalid value: "Never": field is immutable',
        ]),
        ("Endpoints", "subsets: [{addresses: [{ip: 10.0.0.1}]}]", "subsets: [{}]", [
            "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`",
        ]),
        ("EndpointSlice", "addressType: IPv4", "addressType: IPv6", [
            'addressType: Invalid value: "IPv6": field is immutable',
        ]),
        ("Secret", TLS, "data: {}", ['type: Invalid value: "Opaque": field is immutable']),
        ("Secret", "{immutable: true, data: {a: YQ==}}", "data: {a: Yg==}", [
            "immutable: Forbidden: field is immutable when `immutable` is set",
            "data: Forbidden: field is immutable when `immutable` is set",
        ]),
        ("ConfigMap", "{immutable: true, binaryData: {a: YQ==}}", "immutable: true", [
            "binaryData: Forbidden: field is immutable when `immutable` is set",
        ]),
    ],
)  # fmt: skip
def test_what_stays_may_not_be_changed(kind: str, before: str, after: str, faults: list[str]) -> None:
    """What others rely on is fixed at birth."""
    assert changes(kind, before, after) == faults


@pytest.mark.parametrize(
    ("kind", "text", "name", "fault"),
    [
        ("PriorityClass", "value: 1", "system-mine",
            RESERVED % "system-mine is not a known system priority class"),
        ("PriorityClass", "value: 1", "system-node-critical",
            RESERVED % "value of system-node-critical PriorityClass must be 2000001000"),
        ("PriorityClass", "{value: 2000000000, globalDefault: true}", "system-cluster-critical",
            RESERVED % "globalDefault of system-cluster-critical PriorityClass must be false"),
        ("Role", RULE, "a%b", "metadata.name: Invalid value: \"a%b\": may not contain '%'"),
        ("Role", RULE, "..", "metadata.name: Invalid value: \"..\": may not be '..'"),
    ],
)  # fmt: skip
def test_names_have_their_grammar(kind: str, text: str, name: str, fault: str) -> None:
    """A role is named as one likes, a priority not as the system's."""
    assert refusals(kind, text, name) == [fault]
    assert refusals("ClusterRole", RULE, "system:controller:A") == []


def test_an_ingress_names_its_class_once() -> None:
    """The old annotation and the field exclude each other."""
    annotated: dict[str, Any] = {"name": "it", "annotations": {"kubernetes.io/ingress.class": "old"}}
    spec = {"ingressClassName": "new", "defaultBackend": {"service": {"name": "a", "port": {"number": 1}}}}
    with pytest.raises(Invalid) as caught:
        admit_create("Ingress", {"metadata": annotated, "spec": spec}, NOW, "uid", "abcde")
    assert [str(cause) for cause in caught.value.causes] == [
        (
            'metadata.annotations.kubernetes.io/ingress.class: Invalid value: "old": '
            "can not be set when the class field is also set"
        )
    ]
