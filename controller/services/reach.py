"""What breaks and mends the ways to the pods of a DaemonSet: a label, a port, and the pieces of each way."""

from __future__ import annotations

from collections.abc import Sequence

from controller.engine.edits.objects import CreateAll, Patch, PatchType
from controller.engine.objects import Manifest
from controller.services.edits import submit


def pod_label(*, cluster: int, actor: str, namespace: str, name: str, key: str, value: str) -> None:
    """Set a label of a pod. Raises NotFound, Invalid."""
    body = {"metadata": {"labels": {key: value}}}
    submit(Patch(("Pod", namespace, name), PatchType.MERGE, body), cluster=cluster, actor=actor)


def service_target(*, cluster: int, actor: str, namespace: str, name: str, target: int) -> None:
    """Lead the first port of a Service to another port of its pods. Raises NotFound, Invalid."""
    body = [{"op": "replace", "path": "/spec/ports/0/targetPort", "value": target}]
    submit(Patch(("Service", namespace, name), PatchType.JSON, body), cluster=cluster, actor=actor)


def pieces_create(*, cluster: int, actor: str, pieces: Sequence[tuple[str, Manifest]]) -> None:
    """Create what the ways to a set need, all or nothing. Raises AlreadyExists, Invalid, BadRequest."""
    submit(CreateAll(pieces), cluster=cluster, actor=actor)
