"""Timers of mirrored objects: the moments that a real API server wrote."""

from __future__ import annotations

import pytest

from controller.engine.mirrored import seconds, timers_of
from controller.engine.objects import Manifest

BORN, LATER, LAST = "2026-11-21T10:00:00Z", "2026-11-21T10:00:07Z", "2026-11-21T10:05:00Z"
AT = 1_795_255_200.0


def pod(*conditions: Manifest, **meta: str) -> Manifest:
    """Return a pod with these conditions."""
    named = {"name": "a", "namespace": "b", "creationTimestamp": BORN, **meta}
    return {"metadata": named, "spec": {}, "status": {"conditions": list(conditions)}}


def ready(status: str, since: str | None = LATER) -> Manifest:
    """Return the condition Ready."""
    return {"type": "Ready", "status": status, "lastTransitionTime": since}


@pytest.mark.parametrize(
    ("manifest", "timers"),
    [
        (pod(), {"born": AT}),
        (pod(ready("True")), {"born": AT, "ready": AT + 7, "settled": AT + 7}),
        (pod({"type": "Initialized", "status": "True"}, ready("False")), {"born": AT}),
        (pod(ready("True", None)), {"born": AT}),
        (pod(ready("True", "soon")), {"born": AT}),
        (pod(ready("True"), deletionTimestamp=LAST), {"born": AT, "ready": AT + 7, "stop": AT + 300}),
        ({"metadata": {"name": "a"}, "spec": {}}, {}),
    ],
)
def test_pods(manifest: Manifest, timers: dict[str, float]) -> None:
    """A pod is born, ready and gone at the moments that its manifest tells; others are left out."""
    assert timers_of("Pod", manifest) == timers


@pytest.mark.parametrize(("has", "settled"), [({"cpu": "1"}, True), ({"cpu": "2"}, False), (None, False)])
def test_pods_that_have_what_they_shall_are_settled(has: Manifest | None, settled: bool) -> None:  # noqa: FBT001
    """Kubelets tell of all pods what they have: only where that is something else one is being resized."""
    made = pod(ready("True"))
    made["spec"] = {"containers": [{"name": "a", "resources": {"requests": {"cpu": "1"}}}]}
    made["status"]["containerStatuses"] = [{"name": "a", "resources": {"requests": has} if has else {}}]
    assert ("settled" in timers_of("Pod", made)) is settled
    made["status"]["containerStatuses"] = [{"name": "a"}]
    assert "settled" in timers_of("Pod", made)


def test_others_have_none() -> None:
    """Only pods have timers."""
    assert timers_of("Node", pod(ready("True"))) == {}


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        (BORN, AT),
        ("2026-11-21T10:00:00.250000Z", AT + 0.25),
        ("2026-11-21T12:00:00+02:00", AT),
        ("", None),
        (7, None),
    ],
)
def test_moments(stamp: object, expected: float | None) -> None:
    """Moments are read with fractions and zones; what is none counts as not told."""
    assert seconds(stamp) == expected
