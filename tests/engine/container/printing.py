"""Pods whose containers run, ended or wait, and a clock, for tests of what they print."""

from __future__ import annotations

from typing import Any

from controller.engine.container.logs import ContainerLog, ContainerRun, LogLine, wall_of
from controller.engine.objects import Manifest
from controller.engine.timeline import Span, Timeline
from tests.builders import container, pod_manifest

BEGAN = "2026-01-01T00:01:00Z"
ENDED = "2026-01-01T00:02:00Z"
START = wall_of(BEGAN)
EVEN = Timeline((Span(START, 0, 1),))
"""A clock that was never touched."""
RUNNING = {"state": {"running": {"startedAt": BEGAN}}}
DIED = {"terminated": {"exitCode": 1, "startedAt": BEGAN, "finishedAt": ENDED}}


def waiting(reason: str) -> dict[str, Any]:
    """Return the status of a container that waits."""
    return {"state": {"waiting": {"reason": reason}}}


def pod(
    *statuses: Manifest, image: str = "beat:1", annotations: dict[str, str] | None = None, **spec: Any
) -> Manifest:
    """Return a pod on node ``n`` with what its kubelet says of its one container ``main``."""
    made = pod_manifest("talker", node="n", **{"containers": [container(image)], **spec})
    told = [{"name": "main", "restartCount": 0, **status} for status in statuses]
    made["status"]["containerStatuses"] = told
    made["metadata"]["annotations"] = {
        f"sim.everynode.dev/{name}": text for name, text in (annotations or {}).items()
    }
    return made


def said(made: Manifest, run: ContainerRun, now: float, timeline: Timeline = EVEN) -> list[LogLine]:
    """Return all that a run of a pod's container printed by a wall time."""
    output = ContainerLog(made, made["spec"]["containers"][0], run, timeline)
    return [output.line(number) for number in range(output.oldest(now), output.count(now))]


def texts(lines: list[LogLine]) -> list[str]:
    """Return lines without their times."""
    return [line.text for line in lines]
