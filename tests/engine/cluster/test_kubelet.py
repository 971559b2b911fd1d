"""A kubelet's next move, for every stage of a pod and every behaviour of its containers."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.changes import Verb
from controller.engine.deletion import delete_pod
from controller.engine.objects import Manifest
from controller.engine.reasons import Reason
from controller.engine.settings import Settings, annotated_seconds
from controller.engine.workloads.pods import qos_class
from tests.engine.play import Play, set_manifest

STARTED = {
    "ok": ("Running", "", True),
    "never-ready": ("Running", "", False),
    "crash-loop": ("Running", "CrashLoopBackOff", False),
    "image-pull-error": ("Running", "ImagePullBackOff", False),
}


def look(play: Play) -> tuple[str, str, bool]:
    """Return phase, waiting reason and readiness of the one pod."""
    pod = play.pod("a")
    return pod.phase, pod.waiting, pod.ready


@pytest.mark.parametrize("before", list(STARTED))
@pytest.mark.parametrize("after", list(STARTED))
def test_an_annotation_on_a_live_pod_acts(before: str, after: str) -> None:
    """Whatever a pod did, it soon does what its annotation says now."""
    play = Play("a", settings=Settings(0.2, 0.2, 6))
    play.add_set(set_manifest())
    play.wait(5)
    for behaviour in (before, after):
        play.annotate_pod(play.pod("a"), behaviour=behaviour)
        play.wait(30)

    assert look(play) == STARTED[after]


def test_a_pod_born_into_trouble_is_pending_until_its_image_is_there() -> None:
    """A first pull that fails leaves the phase Pending; the cure starts the pod anew."""
    play = Play("a", settings=Settings(1, 1, 6))
    play.add_set(set_manifest(template={"annotations": {"sim.everynode.dev/behaviour": "image-pull-error"}}))
    play.wait(30)
    assert look(play) == ("Pending", "ImagePullBackOff", False)

    play.annotate_pod(play.pod("a"), behaviour="ok")
    play.wait(2)
    assert look(play) == ("Running", "", True)


def test_delays_come_from_the_settings_and_annotations_win() -> None:
    """start-delay until Running, ready-after until Ready, stop-delay until gone."""
    play = Play("a", settings=Settings(5, 5, 6))
    words = {"sim.everynode.dev/start-delay": "1", "sim.everynode.dev/ready-after": "2"}
    play.add_set(set_manifest(template={"annotations": words}))
    play.wait(0.5)
    assert look(play) == ("Pending", "ContainerCreating", False)
    play.wait(1)
    assert look(play) == ("Running", "", False)
    play.wait(2)
    assert look(play) == ("Running", "", True)

    old = play.pod("a").name
    play.delete_pod(play.pod("a"))
    play.wait(4.5)
    assert play.pod("a").name == old
    play.wait(1)
    assert play.pod("a").name != old


@pytest.mark.parametrize(("grace", "seconds"), [(None, 5.0), (2, 2.0)], ids=["its own", "the one given"])
def test_a_grace_period_ends_the_patience_with_a_pod(grace: int | None, seconds: float) -> None:
    """A pod that takes long to stop is cut off at the end of its grace period."""
    play = Play("a", settings=Settings(0, 60, 6))
    play.add_set(set_manifest(pod={"terminationGracePeriodSeconds": 5}))
    play.settle()
    leaving = delete_pod(
        play.pod("a"), play.now, play.settings, actor="a", reason=Reason.DELETED, grace=grace
    )

    assert leaving.timers["stop"] == play.time + seconds


def test_finalizers_hold_a_stopped_pod() -> None:
    """A pod with a finalizer stays as it is until somebody takes it away (recorded: w-gc-owner-chains)."""
    play = Play("a")
    play.add_set(set_manifest())
    play.settle()
    pod = play.pod("a")
    meta = {
        **pod.manifest["metadata"],
        "finalizers": ["example.com/hold"],
        "deletionTimestamp": play.now.stamp,
    }
    play.edit("Pod", {**pod.manifest, "metadata": meta}, timers=pod.timers)
    play.settle()
    held = play.pod("a")
    assert (held.uid, held.phase) == (pod.uid, "Running")

    free = {key: value for key, value in meta.items() if key != "finalizers"}
    play.edit("Pod", {**held.manifest, "metadata": free}, timers=held.timers)
    play.settle()
    assert play.pod("a").uid != pod.uid


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("2.5", 2.5, id="a number"),
        pytest.param("-1", 0.0, id="never before now"),
        pytest.param("inf", 365 * 86_400.0, id="at most a year"),
        pytest.param("soon", 7.0, id="no number counts as not given"),
    ],
)
def test_delays_that_people_write(text: str, seconds: float) -> None:
    """What cannot be a delay does no harm."""
    meta = {"annotations": {"sim.everynode.dev/start-delay": text}}

    assert annotated_seconds(meta, "start-delay", 7.0) == seconds


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        pytest.param({}, "BestEffort", id="nothing asked"),
        pytest.param({"requests": {"cpu": "1"}}, "Burstable", id="requests only"),
        pytest.param({"limits": {"cpu": "1", "memory": "1Gi"}}, "Guaranteed", id="limits stand for requests"),
        pytest.param(
            {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m"}},
            "Burstable",
            id="less than the limit",
        ),
    ],
)
def test_qos_class(resources: dict[str, dict[str, str]], said: str) -> None:
    """As Kubernetes' page on Pod Quality of Service Classes says."""
    assert qos_class({"containers": [{"name": "a", "image": "a", "resources": resources}]}) == said


def hooked(*command: str, **hook: Any) -> Manifest:
    """Return a container with a preStop hook."""
    said = hook or {"exec": {"command": list(command)}}
    return {"name": "main", "image": "a", "lifecycle": {"preStop": said}}


@pytest.mark.parametrize(
    ("containers", "seconds"),
    [
        pytest.param([{"name": "main", "image": "a"}], 2.0, id="none"),
        pytest.param([hooked(sleep={"seconds": 5})], 7.0, id="sleep"),
        pytest.param([hooked("sleep", "3")], 5.0, id="a program"),
        pytest.param([hooked("sh", "-c", "sleep 3; nginx -s quit; sleep 1.5")], 6.5, id="a script"),
        pytest.param([hooked("sh", "-c", "nosleep 3; /sleep-9")], 2.0, id="something else"),
        pytest.param([hooked("sleep", "3"), hooked("/bin/sleep", "4")], 6.0, id="the longest of all"),
        pytest.param([hooked("sleep", "3000")], 30.0, id="never beyond the grace period"),
        pytest.param([hooked(httpGet={"port": 80})], 2.0, id="a request"),
    ],
)
def test_a_pod_stops_after_its_hooks(containers: list[Manifest], seconds: float) -> None:
    """They run first; then its containers take the time that they take to stop."""
    play = Play("a", settings=Settings(0, 2, 6))
    play.add_set(set_manifest(pod={"terminationGracePeriodSeconds": 30, "containers": containers}))
    play.settle()
    gone = delete_pod(play.pod("a"), play.now, play.settings, actor="a", reason=Reason.DELETED)

    assert gone.timers["stop"] == play.time + seconds


def test_a_command_finds_what_its_pod_mounts() -> None:
    """The config maps of its namespace, as they stand when it runs."""
    play = Play("a")
    play.edit(
        "ConfigMap", {"metadata": {"namespace": "default", "name": "c"}, "data": {"f": "x"}}, Verb.ADDED
    )
    box = {"name": "main", "image": "a", "command": ["cat", "/c/f"],
           "volumeMounts": [{"name": "v", "mountPath": "/c"}]}  # fmt: skip
    volumes = [{"name": "v", "configMap": {"name": "c"}}]
    spec = {"containers": [box], "volumes": volumes, "restartPolicy": "Never"}
    meta = {"name": "p", "namespace": "default", "uid": "uid-p"}
    play.edit("Pod", {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}, Verb.ADDED)
    play.wait(1)

    assert play.pod("a").phase == "Succeeded"
