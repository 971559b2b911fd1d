"""Probes and hooks.

Each row of a table is one fault, set into a spec that nothing else is wrong with, and how the words
for it begin; test_grammar has the whole of the long ones.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.admission.parts import Fault, begin, said_of_container

PROBES: list[Fault] = [
    ({"livenessProbe": {}}, ["livenessProbe: Required value: must specify a handler type"]),
    (
        {"livenessProbe": {"exec": {}, "tcpSocket": {"port": 1}}},
        [
            "livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type",
            "livenessProbe.exec.command: Required value",
        ],
    ),
    (
        {"readinessProbe": {"httpGet": {"port": 0, "scheme": "FTP"}}},
        [
            "readinessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive",
            'readinessProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"',
        ],
    ),
    (
        {"readinessProbe": {"tcpSocket": {"port": "80"}}},
        ['readinessProbe.tcpSocket.port: Invalid value: "80": must contain at least one letter (a-z)'],
    ),
    (
        {"startupProbe": {"grpc": {}}},
        ["startupProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive"],
    ),
    (
        {"livenessProbe": {"exec": {"command": ["a"]}, "periodSeconds": -1, "successThreshold": 2}},
        [
            "livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0",
            "livenessProbe.successThreshold: Invalid value: 2: must be 1",
        ],
    ),
    (
        {"startupProbe": {"exec": {"command": ["a"]}, "terminationGracePeriodSeconds": 0}},
        ["startupProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0"],
    ),
    (
        {"readinessProbe": {"exec": {"command": ["a"]}, "terminationGracePeriodSeconds": 5}},
        ["readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set"],
    ),
    (
        {"lifecycle": {"preStop": {}}},
        ["lifecycle.preStop: Required value: must specify a handler type"],
    ),
]


@pytest.mark.parametrize(("fields", "beginnings"), PROBES)
def test_a_faulty_probe_is_refused(fields: dict[str, Any], beginnings: list[str]) -> None:
    """A probe or a hook has one handler, with numbers in their ranges."""
    assert begin(sorted(said_of_container(**fields)), sorted(beginnings))


def test_sound_probes_are_taken() -> None:
    """One of each handler."""
    told = said_of_container(
        livenessProbe={"httpGet": {"port": "web"}},
        readinessProbe={"tcpSocket": {"port": 80}, "successThreshold": 2},
        startupProbe={"grpc": {"port": 80}, "terminationGracePeriodSeconds": 1},
        lifecycle={"preStop": {"sleep": {"seconds": 1}}, "postStart": {"httpGet": {"port": 80}}},
    )

    assert told == []
