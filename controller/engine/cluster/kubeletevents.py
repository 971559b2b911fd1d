"""What a kubelet tells of a pod in events: what it did between two readings of it, container by container."""

from __future__ import annotations

from collections.abc import Iterator

from controller.engine.cluster.containers import PROBED_TO_DEATH
from controller.engine.cluster.podstatus import CRASHED, PULL_BACKOFF, PULL_ERROR, runs
from controller.engine.objects import Manifest, Pod

Event = tuple[str, str, str]
"""Type, reason and message."""

STATUSES = (
    ("initContainers", "initContainerStatuses"),
    ("containers", "containerStatuses"),
    ("ephemeralContainers", "ephemeralContainerStatuses"),
)
PROBES = {"httpGet": "HTTP probe failed with statuscode: 500", "exec": "", "grpc": "service unhealthy"}


def troubles(before: Pod, after: Pod) -> Iterator[Event]:
    """Yield what is always told: that an image cannot be pulled, or that a container crashes."""
    if after.waiting == before.waiting and after.phase == before.phase:
        return
    main = after.manifest["spec"]["containers"][0]
    image = main["image"]
    if after.waiting == PULL_ERROR:
        yield ("Warning", "Failed", f'Failed to pull image "{image}": not found')
    elif after.waiting == PULL_BACKOFF:
        yield ("Normal", "BackOff", f'Back-off pulling image "{image}"')
    elif after.waiting == CRASHED:
        about = f"{main['name']} in pod {after.name}_{after.namespace}({after.uid})"
        yield ("Warning", "BackOff", f"Back-off restarting failed container {about}")


def progress(before: Pod, after: Pod) -> Iterator[Event]:
    """Yield what a kubelet tells besides: images, starts, and probes that fail."""
    for field, statuses in STATUSES:
        stood = {entry["name"]: entry for entry in (before.manifest.get("status") or {}).get(statuses) or ()}
        now = {entry["name"]: entry for entry in (after.manifest.get("status") or {}).get(statuses) or ()}
        known = [each for each in after.manifest["spec"].get(field) or () if each["name"] in now]
        for container in known:
            yield from _container(after, container, stood.get(container["name"]), now[container["name"]])


def _container(pod: Pod, container: Manifest, before: Manifest | None, after: Manifest) -> Iterator[Event]:
    ran = before is not None and runs(before)
    again = before is not None and after["restartCount"] > before["restartCount"]
    if before and ran and before["image"] != after["image"]:
        yield ("Normal", "Killing", f"Container {container['name']} definition changed, will be restarted")
    if ran and before and before["ready"] and not after["ready"] and runs(after) and not again:
        yield from _unhealthy(pod, container, "readiness")
    if ran and (after["lastState"].get("terminated") or {}).get("exitCode") == PROBED_TO_DEATH and again:
        yield from _unhealthy(pod, container, "liveness")
        failed = f"Container {container['name']} failed liveness probe, will be restarted"
        yield ("Normal", "Killing", failed)
    has_come = (
        before is None and "terminated" in after["state"]
    )  # an ephemeral one whose command takes no time
    if has_come or (runs(after) and (again or not ran)):
        is_new = before is None or before["image"] != after["image"]
        yield from _started(container, first=is_new or not after["restartCount"])
    reason = (after["state"].get("waiting") or {}).get("reason")
    if reason in {PULL_ERROR, PULL_BACKOFF} and (before is None or before["state"] != after["state"]):
        yield ("Warning", "Failed", f"Error: {reason}")


def _started(container: Manifest, *, first: bool) -> Iterator[Event]:
    name, image = container["name"], container["image"]
    if first or container.get("imagePullPolicy") == "Always":
        yield ("Normal", "Pulling", f'Pulling image "{image}"')
        yield ("Normal", "Pulled", f'Successfully pulled image "{image}"')
    else:
        yield ("Normal", "Pulled", f'Container image "{image}" already present on machine')
    yield ("Normal", "Created", f"Created container: {name}")
    yield ("Normal", "Started", f"Started container {name}")


def _unhealthy(pod: Pod, container: Manifest, kind: str) -> Iterator[Event]:
    probe = container.get(f"{kind}Probe")
    if probe is None:
        return
    said = next((text for field, text in PROBES.items() if field in probe), None)
    if said is None:
        port = (probe.get("tcpSocket") or {}).get("port")
        address = (pod.manifest.get("status") or {}).get("podIP")
        said = f"dial tcp {address}:{port}: connect: connection refused"
    yield ("Warning", "Unhealthy", f"{kind.capitalize()} probe failed: {said}")


def stopping(pod: Pod) -> Iterator[Event]:
    """Yield what is told when a pod that runs is to stop."""
    entries = (pod.manifest.get("status") or {}).get("containerStatuses") or ()
    for name in [entry["name"] for entry in entries if runs(entry)]:
        yield ("Normal", "Killing", f"Stopping container {name}")
