"""A pod that prints often, for tests of logs and of programs in containers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from controller import models
from controller.services import objects
from tests.clusters import PERSON, cluster, settle

TALKER = "talker"


def talking_cluster(*, annotations: Mapping[str, str] | None = None, nodes: int = 1, **spec: Any) -> int:
    """Return a cluster in which a pod ``talker`` prints, five times a second if nothing else is said."""
    tried = cluster(nodes=nodes)
    settle(tried)
    words = {"log-line": "beat {number}", "log-every": "0.2", **(annotations or {})}
    manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": TALKER,
            "namespace": "default",
            "annotations": {f"sim.everynode.dev/{name}": text for name, text in words.items()},
        },
        "spec": {"containers": [{"name": "main", "image": "beat:1"}], **spec},
    }
    objects.object_create(cluster=tried, actor=PERSON, kind="Pod", manifest=manifest)
    settle(tried)
    return tried


def status_of(tried: int) -> Any:
    """Return what is said of the pod's one container."""
    (status,) = models.Pod.objects.get(cluster=tried, name=TALKER).manifest["status"]["containerStatuses"]
    return status
