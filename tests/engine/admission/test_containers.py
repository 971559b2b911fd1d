"""Containers: names, ports, environment, resources.

Each row of a table is one fault, set into a spec that nothing else is wrong with, and how the words
for it begin; test_grammar has the whole of the long ones.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.admission.parts import Fault, begin, container, said_of_container, said_of_pod

LABEL = "a lowercase RFC 1123 label must consist of"
SUBDOMAIN = "a lowercase RFC 1123 subdomain must consist of"
SOURCES = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
FIELDS = (
    '"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", '
    '"status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"'
)
RESOURCES = (
    '"limits.cpu", "limits.ephemeral-storage", "limits.memory", '
    '"requests.cpu", "requests.ephemeral-storage", "requests.memory"'
)
UNSCHEDULED = "may not be set for init containers without restartPolicy=Always"


def env(**value_from: Any) -> dict[str, Any]:
    """Return a container's environment of one variable with this source."""
    return {"env": [{"name": "A", "valueFrom": value_from}]}


CONTAINERS: list[Fault] = [
    ({"name": ""}, ["name: Required value"]),
    ({"name": "Main"}, [f'name: Invalid value: "Main": {LABEL}']),
    ({"image": ""}, ["image: Required value"]),
    (
        {"terminationMessagePolicy": "Shout"},
        [
            (
                'terminationMessagePolicy: Unsupported value: "Shout": '
                'supported values: "File", "FallbackToLogsOnError"'
            )
        ],
    ),
    (
        {"imagePullPolicy": "Sometimes"},
        ['imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent",'],
    ),
    (
        {"restartPolicy": "Sometimes"},
        ['restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"'],
    ),
    ({"ports": [{}]}, ["ports[0].containerPort: Required value"]),
    (
        {"ports": [{"containerPort": 70000, "hostPort": -1}]},
        [
            "ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
            "ports[0].hostPort: Invalid value: -1: must be between 1 and 65535, inclusive",
        ],
    ),
    (
        {"ports": [{"containerPort": 80, "protocol": "ICMP"}]},
        ['ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"'],
    ),
    (
        {"ports": [{"containerPort": 80, "name": "80"}]},
        ['ports[0].name: Invalid value: "80": must contain at least one letter (a-z)'],
    ),
    (
        {"ports": [{"containerPort": 80, "name": "web"}, {"containerPort": 81, "name": "web"}]},
        ['ports[1].name: Duplicate value: "web"'],
    ),
    (
        {"ports": [{"containerPort": 80, "hostPort": 80}, {"containerPort": 81, "hostPort": 80}]},
        ['ports[1].hostPort: Duplicate value: "TCP//80"'],
    ),
    ({"env": [{}]}, ["env[0].name: Required value"]),
    ({"env": [{"name": "A=B"}]}, ['env[0].name: Invalid value: "A=B": a valid environment variable name']),
    (env(), [f'env[0].valueFrom: Invalid value: "": must specify one of: {SOURCES}']),
    (
        {"env": [{"name": "A", "value": "b", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]},
        ['env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty'],
    ),
    (
        env(fieldRef={"fieldPath": "metadata.labels['app']"}, resourceFieldRef={"resource": "limits.cpu"}),
        ['env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time'],
    ),
    (env(fieldRef={}), ["env[0].valueFrom.fieldRef.fieldPath: Required value"]),
    (
        env(fieldRef={"fieldPath": "status.phase"}),
        [
            (
                'env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": '
                f"supported values: {FIELDS}"
            )
        ],
    ),
    (env(resourceFieldRef={}), ["env[0].valueFrom.resourceFieldRef.resource: Required value"]),
    (
        env(resourceFieldRef={"resource": "limits.mood"}),
        [
            (
                'env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "limits.mood": '
                f"supported values: {RESOURCES}"
            )
        ],
    ),
    (
        env(configMapKeyRef={}),
        [
            f'env[0].valueFrom.configMapKeyRef.name: Invalid value: "": {SUBDOMAIN}',
            "env[0].valueFrom.configMapKeyRef.key: Required value",
        ],
    ),
    (
        env(secretKeyRef={"name": "s", "key": "a b"}),
        ['env[0].valueFrom.secretKeyRef.key: Invalid value: "a b": a valid config key must consist of'],
    ),
    ({"envFrom": [{}]}, ['envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`']),
    (
        {"envFrom": [{"prefix": "=", "configMapRef": {}, "secretRef": {"name": "S"}}]},
        [
            'envFrom[0].prefix: Invalid value: "=": a valid environment variable name',
            "envFrom[0].configMapRef.name: Required value",
            f'envFrom[0].secretRef.name: Invalid value: "S": {SUBDOMAIN}',
            'envFrom: Invalid value: "": may not have more than one field specified at a time',
        ],
    ),
    (
        {"volumeMounts": [{}]},
        [
            "volumeMounts[0].name: Required value",
            'volumeMounts[0].name: Not found: ""',
            "volumeMounts[0].mountPath: Required value",
        ],
    ),
    (
        {"securityContext": {"runAsUser": -1}},
        ["securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive"],
    ),
    (
        {"securityContext": {"allowPrivilegeEscalation": False, "privileged": True}},
        [
            (
                'securityContext: Invalid value: {"Capabilities":null,"Privileged":true,'
                '"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,'
                '"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,'
                '"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: '
                "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
            )
        ],
    ),
    (
        {"securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"add": ["CAP_SYS_ADMIN"]}}},
        ['securityContext: Invalid value: {"Capabilities":{"Add":["CAP_SYS_ADMIN"],"Drop":null},'],
    ),
    (
        {"env": [{"name": "A", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "spec.foo"}}}]},
        [
            (
                'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.foo": '
                "error converting fieldPath: field label not supported: spec.foo"
            )
        ],
    ),
    (
        {"resources": {"limits": {"hugepages-2Mi": "2Mi"}, "requests": {"hugepages-2Mi": "2Mi"}}},
        ["resources: Forbidden: HugePages require cpu or memory"],
    ),
    (
        {"securityContext": {"seccompProfile": {}}},
        ["securityContext.seccompProfile.type: Required value: type is required when seccompProfile is set"],
    ),
    (
        {"securityContext": {"seccompProfile": {"type": "Loose"}}},
        [
            (
                'securityContext.seccompProfile.type: Unsupported value: "Loose": '
                'supported values: "Localhost", "RuntimeDefault", "Unconfined"'
            )
        ],
    ),
    (
        {"resources": {"limits": {"gpu": "1"}}},
        [
            'resources.limits[gpu]: Invalid value: "gpu": must be a standard resource type',
            'resources.limits[gpu]: Invalid value: "gpu": must be a standard resource for containers',
        ],
    ),
    (
        {"resources": {"limits": {"pods": "1"}}},
        ['resources.limits[pods]: Invalid value: "pods": must be a standard resource for containers'],
    ),
    (
        {"resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}},
        ['resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
    ),
    (
        {"resources": {"requests": {"example.com/gpu": "1"}, "limits": {"example.com/gpu": "2"}}},
        ['resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2'],
    ),
    (
        {"resources": {"requests": {"example.com/gpu": "500m"}}},
        [
            'resources.requests[example.com/gpu]: Invalid value: "500m": must be an integer',
            "resources.limits: Required value: Limit must be set for non overcommitable resources",
        ],
    ),
    (
        {"resources": {"requests": {"memory": "-1"}}},
        ['resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0'],
    ),
]


@pytest.mark.parametrize(("fields", "beginnings"), CONTAINERS)
def test_a_faulty_container_is_refused(fields: dict[str, Any], beginnings: list[str]) -> None:
    """Every fault in a container is told with its path, in the order of the server."""
    assert begin(said_of_container(**fields), beginnings)


def test_a_sound_container_is_taken() -> None:
    """All that the rules look at, in its right form."""
    told = said_of_container(
        ports=[{"containerPort": 80, "hostPort": 8080, "name": "web"}, {"containerPort": 81}],
        env=[
            {"name": "A", "value": "b"},
            {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
            {"name": "C", "valueFrom": {"resourceFieldRef": {"resource": "limits.hugepages-2Mi"}}},
            {"name": "D", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
        ],
        envFrom=[{"configMapRef": {"name": "settings"}}],
        resources={
            "requests": {"cpu": "100m", "hugepages-2Mi": "2Mi"},
            "limits": {"cpu": 1, "hugepages-2Mi": "2Mi"},
        },
        restartPolicy="OnFailure",
    )

    assert told == []


def test_init_containers_are_neither_probed_nor_hooked_unless_they_stay() -> None:
    """Only a sidecar, an init container that restarts always, has probes and hooks."""
    extras = {"livenessProbe": {"exec": {"command": ["a"]}}, "lifecycle": {"preStop": {}}}
    plain = said_of_pod(initContainers=[container(name="init", **extras)])
    sidecar = said_of_pod(initContainers=[container(name="init", restartPolicy="Always", **extras)])

    assert plain == [
        f"initContainers[0].lifecycle: Forbidden: {UNSCHEDULED}",
        f"initContainers[0].livenessProbe: Forbidden: {UNSCHEDULED}",
    ]
    assert sidecar == ["initContainers[0].lifecycle.preStop: Required value: must specify a handler type"]
