"""What kubelets tell of pods, where a cluster is set to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from tests.engine.workloads import QUICK, Workloads

ALL = ("Pulling", "Pulled", "Created", "Started", "Killing", "BackOff", "Unhealthy", "Failed")
TALKATIVE = replace(QUICK, kubelet_events=True)


def played(
    settings: Any = TALKATIVE, annotations: dict[str, str] | None = None, **container: Any
) -> Workloads:
    """Return a cluster with one pod."""
    play = Workloads("a", settings=settings)
    main = {"name": "main", "image": "x:1", **container}
    meta = {"name": "bare", "annotations": annotations or {}}
    play.create(yaml.safe_dump({"kind": "Pod", "metadata": meta, "spec": {"containers": [main]}}))
    play.settle()
    return play


def test_a_pod_that_starts_and_stops() -> None:
    """The image is pulled, the container made and started, and stopped in the end."""
    play = played()
    started = [
        'Pulling image "x:1"',
        'Successfully pulled image "x:1"',
        "Created container: main",
        "Started container main",
    ]
    assert play.events(*ALL) == started
    play.delete_pod(play.pods()[0])
    play.settle()
    assert play.events(*ALL) == [*started, "Stopping container main"]


def test_a_cluster_that_is_not_set_to_it_tells_of_trouble_alone() -> None:
    """Nothing of what goes well."""
    assert played(QUICK).events(*ALL) == []
    (said,) = played(QUICK, {"sim.everynode.dev/behaviour": "crash-loop"}).events(*ALL)
    assert said.startswith("Back-off restarting failed container main in pod bare_default(")


def test_few_machines_tell_of_all_they_do_unless_it_is_set() -> None:
    """Of many it would be too much."""
    auto = replace(QUICK, kubelet_events=None)
    assert len(played(auto).events(*ALL)) == 4
    play = Workloads(*(f"n{number}" for number in range(501)), settings=auto)
    play.create("{kind: Pod, metadata: {name: bare}, spec: {containers: [{name: main, image: 'x:1'}]}}")
    play.settle()
    assert play.events(*ALL) == []


def test_an_image_that_cannot_be_pulled() -> None:
    """The error and the waiting are told, each with its state."""
    play = played(image="x:non-existent")
    play.wait(30)
    assert play.events(*ALL) == [
        'Failed to pull image "x:non-existent": not found',
        "Error: ErrImagePull",
        'Back-off pulling image "x:non-existent"',
        "Error: ImagePullBackOff",
    ]


@pytest.mark.parametrize(
    ("probe", "said"),
    [
        ({"httpGet": {"port": 80}}, "HTTP probe failed with statuscode: 500"),
        ({"exec": {"command": ["true"]}}, ""),
        ({"tcpSocket": {"port": 80}}, "connect: connection refused"),
    ],
)
def test_probes_that_fail(probe: dict[str, Any], said: str) -> None:
    """Of readiness it is told; for liveness the container is killed, and started again with its image."""
    often = {"periodSeconds": 1, "failureThreshold": 1}
    play = played(readinessProbe={**probe, **often}, livenessProbe={**probe, **often, "periodSeconds": 5})
    play.wait(11)
    play.behave("bare", "unhealthy")
    play.wait(12)
    told = play.events("Unhealthy")
    assert {one.split(" failed: ")[0] for one in told} == {"Readiness probe", "Liveness probe"}
    assert all(one.endswith(said) for one in told)
    assert "Container main failed liveness probe, will be restarted" in play.events("Killing")
    assert 'Container image "x:1" already present on machine' in play.events("Pulled")


def test_a_container_that_turns_unready_by_itself_has_no_probe_to_blame() -> None:
    """Nothing is told of it."""
    play = played()
    play.behave("bare", "never-ready")
    play.settle()
    assert play.events("Unhealthy") == []


def test_a_machine_that_is_down_tells_nothing() -> None:
    """Its pods are stopped when it is back."""
    play = played()
    play.annotate_node("a", down="true")
    play.delete_pod(play.pods()[0])
    play.settle()
    assert play.events("Killing") == []
