"""A pod is available when a client of the API would say so: Ready since long enough, in whole seconds."""

from __future__ import annotations

from datetime import datetime

from controller.engine.objects import Manifest
from controller.engine.settings import Settings
from tests.engine.play import Play, set_manifest

MIN_READY = 2


def is_available(pod: Manifest, play: Play) -> bool:
    """Whether a client that knows nothing but the manifest calls the pod available."""
    ready: Manifest = next((c for c in pod["status"].get("conditions") or () if c["type"] == "Ready"), {})
    since = datetime.fromisoformat(ready.get("lastTransitionTime") or "9999-01-01T00:00:00Z")
    return ready.get("status") == "True" and (play.now.wall - since).total_seconds() >= MIN_READY


def pods_seen(play: Play) -> list[Manifest]:
    """Return the pods that are not on their way out."""
    found = [pod.manifest for pod in play.pods()]
    return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]


def counted(play: Play) -> int:
    """Return how many available pods the set's status tells of."""
    status = next(c.manifest.get("status") or {} for c in reversed(play.history) if c.kind == "DaemonSet")
    return int(status.get("numberAvailable") or 0)


def test_the_status_counts_as_a_client_does() -> None:
    """A pod that is Ready late in a second counts from that second on."""
    play = Play("a", settings=Settings(start_delay=1, stop_delay=0, node_grace=6))
    play.wait(0.7)
    play.add_set(set_manifest(minReadySeconds=MIN_READY))
    for _ in range(50):
        play.wait(0.1)
        seen = sum(is_available(pod, play) for pod in pods_seen(play))
        assert counted(play) == seen, play.time
    assert counted(play) == 1


def test_a_surge_keeps_its_budget_as_seen_from_outside() -> None:
    """No more new pods than the budget says are unavailable, and no node is without an available pod."""
    names = ("a", "b", "c", "d", "e")
    play = Play(*names, settings=Settings(start_delay=0.4, stop_delay=0.3, node_grace=6))
    surge = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    uid = play.add_set(set_manifest(minReadySeconds=MIN_READY, strategy=surge))
    play.wait(9.3)
    play.set_image(uid, "agent:2")
    fresh: list[Manifest] = []
    for _ in range(300):
        play.wait(0.1)
        pods = pods_seen(play)
        fresh = [pod for pod in pods if pod["spec"]["containers"][0]["image"] == "agent:2"]
        served = {pod["spec"]["nodeName"] for pod in pods if is_available(pod, play)}
        assert sum(not is_available(pod, play) for pod in fresh) <= 1, play.time
        assert served == set(names), play.time
    assert len(fresh) == len(pods_seen(play)) == len(names)
