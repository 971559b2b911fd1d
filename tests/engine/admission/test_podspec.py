"""A pod's own fields.

Each row of a table is one fault, set into a spec that nothing else is wrong with, and how the words
for it begin; test_grammar has the whole of the long ones.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.admission.parts import Fault, begin, container, said_of_pod

SUBDOMAIN = "a lowercase RFC 1123 subdomain must consist of"
NAME_PART = "name part must consist of"


PODS: list[Fault] = [
    (
        {"dnsPolicy": "Guess"},
        [
            (
                'dnsPolicy: Unsupported value: "Guess": supported values: '
                '"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"'
            )
        ],
    ),
    (
        {"restartPolicy": "Sometimes"},
        [
            'restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
            'restartPolicy: Unsupported value: "Sometimes": supported values: "Always"',
        ],
    ),
    ({"nodeSelector": {"a b": ""}}, [f'nodeSelector: Invalid value: "a b": {NAME_PART}']),
    ({"nodeName": "N1"}, [f'nodeName: Invalid value: "N1": {SUBDOMAIN}']),
    ({"hostname": "a.b"}, ['hostname: Invalid value: "a.b": must not contain dots']),
    ({"serviceAccount": "A B"}, [f'serviceAccountName: Invalid value: "A B": {SUBDOMAIN}']),
    (
        {"activeDeadlineSeconds": 0},
        [
            "activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive",
            "activeDeadlineSeconds: Forbidden: ",
        ],
    ),
    (
        {"preemptionPolicy": "Push"},
        ['preemptionPolicy: Unsupported value: "Push": supported values: "PreemptLowerPriority", "Never"'],
    ),
    (
        {"hostNetwork": True, "containers": [container(ports=[{"containerPort": 80, "hostPort": 81}])]},
        [
            (
                "containers[0].ports[0].hostPort: Invalid value: 81: "
                "must match `containerPort` when `hostNetwork` is true"
            )
        ],
    ),
    (
        {"shareProcessNamespace": True, "hostPID": True, "securityContext": {"supplementalGroups": [1, -1]}},
        [
            "securityContext.supplementalGroups[1]: Invalid value: -1: must be between 0 and",
            "securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID",
        ],
    ),
    (
        {"securityContext": {"sysctls": [{"name": "a b"}, {"value": "1"}, {"name": "kernel.shm"}]}},
        [
            'securityContext.sysctls[0].name: Invalid value: "a b": must have at most 253 characters',
            "securityContext.sysctls[1].name: Required value",
        ],
    ),
    (
        {"hostAliases": [{"ip": "x", "hostnames": ["A"]}, {"ip": "::1", "hostnames": ["a"]}]},
        [
            'hostAliases[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or',
            f'hostAliases[0].hostnames[0]: Invalid value: "A": {SUBDOMAIN}',
        ],
    ),
    ({"os": {"name": "mac"}}, ['os: Unsupported value: "mac": supported values: "linux", "windows"']),
    ({"os": {}}, ["os.name: Required value"]),
    ({"dnsPolicy": "None"}, ["dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"]),
    (
        {"dnsPolicy": "None", "dnsConfig": {}},
        ["dnsConfig.nameservers: Required value: must provide at least one DNS nameserver"],
    ),
    (
        {"dnsConfig": {"nameservers": ["::1", "1.1.1.1", "x", "8.8.8.8"], "searches": ["a"] * 33}},
        [
            'dnsConfig.nameservers: Invalid value: ["::1","1.1.1.1","x","8.8.8.8"]: must not have',
            'dnsConfig.nameservers[2]: Invalid value: "x": must be a valid IP address',
            "dnsConfig.searches: Invalid value: [",
        ],
    ),
    (
        {"readinessGates": [{"conditionType": "a b"}], "schedulingGates": [{"name": "a"}, {"name": "a"}]},
        [
            f'readinessGates[0].conditionType: Invalid value: "a b": {NAME_PART}',
            'schedulingGates[1]: Duplicate value: "a"',
        ],
    ),
    (
        {"topologySpreadConstraints": [{}, {"maxSkew": 1, "topologyKey": "a b", "whenUnsatisfiable": "X"}]},
        [
            "topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
            "topologySpreadConstraints[0].topologyKey: Required value: can not be empty",
            'topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: ""',
            f'topologySpreadConstraints[1].topologyKey: Invalid value: "a b": {NAME_PART}',
            'topologySpreadConstraints[1].whenUnsatisfiable: Unsupported value: "X"',
        ],
    ),
]


@pytest.mark.parametrize(("fields", "beginnings"), PODS)
def test_a_faulty_pod_spec_is_refused(fields: dict[str, Any], beginnings: list[str]) -> None:
    """Every fault in a pod's own fields is told."""
    assert begin(said_of_pod(**fields), beginnings)


def test_a_sound_pod_spec_is_taken() -> None:
    """All that the rules look at, in its right form."""
    told = said_of_pod(
        hostNetwork=True,
        containers=[container(ports=[{"containerPort": 80}, {"containerPort": 81, "hostPort": 81}])],
        dnsPolicy="None",
        dnsConfig={"nameservers": ["10.0.0.10"]},
        securityContext={"runAsUser": 0, "seccompProfile": {"type": "RuntimeDefault"}},
        schedulingGates=[{"name": "a"}],
        topologySpreadConstraints=[
            {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}
        ],
        nodeSelector={"disk": "ssd"},
        preemptionPolicy="Never",
    )

    assert told == []
