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


def test_a_pod_is_bound_before_it_starts() -> None:
    """That is the order in which it is told as well, where both come in one pass."""
    play = played()
    assert play.events("Scheduled", *ALL)[0].startswith("Successfully assigned default/bare to a")
    assert len(play.events("Scheduled", *ALL)) == 5


def test_containers_that_are_put_into_a_pod_that_runs() -> None:
    """They are told of as the others are, also one whose command takes no time."""
    play = played()
    before = len(play.events(*ALL))
    debug = [{"name": "look", "image": "y:1"}, {"name": "quick", "image": "busybox", "command": ["true"]}]
    pod = play.the("Pod", "bare")
    spec = {**pod.manifest["spec"], "ephemeralContainers": debug}
    play.edit("Pod", {**pod.manifest, "spec": spec}, timers=pod.timers)
    play.wait(1)
    told = play.events(*ALL)[before:]
    assert [one for one in told if one.startswith("Pulling")] == [
        'Pulling image "y:1"',
        'Pulling image "busybox"',
    ]
    assert {"Started container look", "Started container quick"} <= {*told}


def set_image(play: Workloads, image: str, *others: str, field: str = "containers") -> dict[str, Any]:
    """Change images of the pod, and return the status of its first container when all is quiet."""
    pod = play.the("Pod", "bare").manifest
    images = (image, *others)
    containers = [{**each, "image": new} for each, new in zip(pod["spec"][field], images, strict=True)]
    play.change("Pod", "bare", **{field: containers})
    play.wait(1)
    status = play.the("Pod", "bare").manifest["status"]
    found = status["initContainerStatuses" if field == "initContainers" else "containerStatuses"][0]
    return dict(found)


def test_a_container_whose_image_is_changed_is_started_anew() -> None:
    """Whatever its restart policy says: it is told so, counted, and ready again."""
    play = played()
    before = len(play.events(*ALL))
    entry = set_image(play, "x:2")
    assert (entry["image"], entry["imageID"], entry["restartCount"]) == ("x:2", "sim://x:2", 1)
    assert entry["lastState"]["terminated"]["exitCode"] == 143
    assert play.pods()[0].ready
    assert play.events(*ALL)[before:] == [
        "Container main definition changed, will be restarted",
        'Pulling image "x:2"',
        'Successfully pulled image "x:2"',  # that it was created and started again counts up
    ]
    assert play.differences() == []


def test_only_the_container_whose_image_is_changed_is_started_anew() -> None:
    """Beside others, probed, or a sidecar; and no kubelet corrects what a client wrote of an image."""
    text = """
kind: Pod
metadata: {name: bare}
spec:
  restartPolicy: Never
  initContainers: [{name: side, image: "s:1", restartPolicy: Always}]
  containers:
  - {name: main, image: "x:1", readinessProbe: {exec: {command: [ls]}}}
  - {name: other, image: "y:1"}
"""
    play = Workloads("a", settings=TALKATIVE)
    play.create(text)
    play.wait(15)
    assert set_image(play, "x:2", "y:1")["restartCount"] == 1
    play.wait(15)
    assert set_image(play, "s:2", field="initContainers")["restartCount"] == 1
    play.wait(15)
    (pod,) = play.pods()
    told = pod.manifest["status"]["containerStatuses"]
    assert ([entry["restartCount"] for entry in told], pod.ready) == ([1, 0], True)
    assert play.events("Killing") == [
        f"Container {name} definition changed, will be restarted" for name in ("main", "side")
    ]
    foreign = [{**entry, "image": f"docker.io/{entry['image']}"} for entry in told]
    status = {**pod.manifest["status"], "containerStatuses": foreign}
    play.edit("Pod", {**pod.manifest, "status": status}, timers=pod.timers)
    play.wait(15)
    assert play.pods()[0].manifest["status"]["containerStatuses"] == foreign


def test_an_image_that_is_changed_to_one_that_there_is_not() -> None:
    """The container was stopped, and waits until the image is changed again."""
    play = played()
    entry = set_image(play, "x:non-existent")
    assert entry["state"]["waiting"]["reason"] == "ImagePullBackOff"
    assert "Container main definition changed, will be restarted" in play.events("Killing")
    assert "running" in set_image(play, "x:3")["state"]
    assert play.pods()[0].ready


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
