"""Edits of what a pod asks of its machine: a container's request, and a port. Others: test_cures."""

from __future__ import annotations

import json
from typing import Any

import pytest

from controller.engine.daemonset.edits import PortEdit, RequestEdit
from controller.engine.objects import Manifest
from tests.builders import container, template

REQUESTS: list[Any] = [
    pytest.param({}, {"requests": {"cpu": "250m"}}, id="nothing was asked"),
    pytest.param({"requests": None}, {"requests": {"cpu": "250m"}}, id="requests are null"),
    pytest.param(
        {"requests": {"cpu": "3", "memory": "1Gi"}},
        {"requests": {"cpu": "250m", "memory": "1Gi"}},
        id="other resources stay",
    ),
    pytest.param(
        {"limits": {"cpu": "3"}},
        {"limits": {"cpu": "3"}, "requests": {"cpu": "250m"}},
        id="the limit stays, and is no request any more",
    ),
]


@pytest.mark.parametrize(("before", "after"), REQUESTS)
def test_what_a_container_requests(before: Manifest, after: Manifest) -> None:
    """The request of one resource of one container is written; all else of the template stays."""
    beside = container(name="beside", resources={"requests": {"cpu": "1"}})
    given = template(containers=[beside, container(resources=before)], hostNetwork=True)
    kept = json.dumps(given)

    edited = RequestEdit("main", "cpu", "250m").apply(given)

    assert edited == template(containers=[beside, container(resources=after)], hostNetwork=True)
    assert json.dumps(given) == kept


def test_a_container_without_resources() -> None:
    """Where a container says nothing of resources, it does after the edit."""
    given = template(containers=[{"name": "main", "image": "agent:1"}])

    (edited,) = RequestEdit("main", "memory", "64Mi").apply(given)["spec"]["containers"]

    assert edited == {"name": "main", "image": "agent:1", "resources": {"requests": {"memory": "64Mi"}}}


def test_a_container_that_is_not_there() -> None:
    """Nothing is changed for the name of a container that a pod has not."""
    assert RequestEdit("gone", "cpu", "1").apply(template()) == template()


PORTS: list[Any] = [
    pytest.param(
        False,
        {"containerPort": 80, "hostPort": 8080, "name": "web"},
        {"containerPort": 80, "hostPort": 8081, "name": "web"},
        id="the pod's own port stays",
    ),
    pytest.param(
        False, {"containerPort": 80, "hostPort": 9090}, {"containerPort": 80, "hostPort": 9090}, id="another"
    ),
    pytest.param(False, {"containerPort": 8080}, {"containerPort": 8080}, id="not of the machine"),
    pytest.param(
        True,
        {"containerPort": 8080, "hostPort": 8080},
        {"containerPort": 8081, "hostPort": 8081},
        id="host network - both are one port",
    ),
    pytest.param(
        True,
        {"containerPort": 8080},
        {"containerPort": 8081, "hostPort": 8081},
        id="host network - the pod's port is the machine's",
    ),
    pytest.param(True, {"containerPort": 9090}, {"containerPort": 9090}, id="host network - another"),
]


@pytest.mark.parametrize(("in_host", "before", "after"), PORTS)
def test_a_port_of_the_machine(*, in_host: bool, before: Manifest, after: Manifest) -> None:
    """The port moves in every container that takes it; pods in the machine's network listen there too."""
    other = {"containerPort": 7070}
    given = template(
        containers=[
            container(ports=[other, before]),
            container(name="beside", ports=[before]),
            container(name="mute"),
        ],
        hostNetwork=in_host,
    )
    kept = json.dumps(given)

    edited = PortEdit(8080, 8081).apply(given)

    expected = [
        container(ports=[other, after]),
        container(name="beside", ports=[after]),
        container(name="mute"),
    ]
    assert edited == template(containers=expected, hostNetwork=in_host)
    assert json.dumps(given) == kept
