"""metrics.k8s.io, which ``kubectl top`` reads: nodes and pods use what their pods ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse

from controller.apiserver.call import Asked, json_response
from controller.engine.errors import NotFound
from controller.engine.matching.selection import Selection
from controller.engine.matching.selectors import FieldTerm, label_requirements
from controller.queries.objects import Listing
from controller.queries.usage import Usage, pod_usages

API_VERSION = "metrics.k8s.io/v1beta1"
WINDOW = "30s"


def node_metrics(asked: Asked, *, name: str, **_place: str) -> HttpResponse:
    """Answer with what the pods of each node ask for together. Raises NotFound."""
    used: dict[str, Usage] = defaultdict(Usage)
    for pod in pod_usages(cluster=asked.cluster.pk, selection=Selection("Pod")):
        used[pod.node] += pod.total
    nodes = (
        found.parsed()["metadata"] for found in Listing(asked.cluster.pk, _selection(asked, "Node", name))
    )
    return _told(
        asked, "NodeMetrics", [(node, {"usage": _amounts(used[node["name"]])}) for node in nodes], name
    )


def pod_metrics(asked: Asked, *, namespace: str, name: str) -> HttpResponse:
    """Answer with what the containers of each pod that runs ask for. Raises NotFound."""
    selection = _selection(asked, "Pod", name, namespace)
    found = [
        (
            pod.metadata,
            {
                "containers": [
                    {"name": container, "usage": _amounts(usage)}
                    for container, usage in pod.containers.items()
                ]
            },
        )
        for pod in pod_usages(cluster=asked.cluster.pk, selection=selection)
    ]
    return _told(asked, "PodMetrics", found, name)


def _selection(asked: Asked, kind: str, name: str, namespace: str = "") -> Selection:
    named = (FieldTerm("metadata.name", name),) if name else ()
    return Selection(kind, namespace, label_requirements(asked.query.get("labelSelector", "")), named)


def _amounts(usage: Usage) -> dict[str, str]:
    return {"cpu": f"{usage.cpu}m", "memory": f"{usage.memory // 1024}Ki"}


def _told(asked: Asked, kind: str, found: Iterable[tuple[Any, dict[str, Any]]], name: str) -> HttpResponse:
    """Answer with one object, if a name was asked for, or with a list."""
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    items = [
        {
            "metadata": {
                **{field: meta[field] for field in ("name", "namespace", "labels") if field in meta},
                "creationTimestamp": stamp,
            },
            "timestamp": stamp,
            "window": WINDOW,
            **usage,
        }
        for meta, usage in found
    ]
    if not name:
        listed = {"kind": f"{kind}List", "apiVersion": API_VERSION, "metadata": {}, "items": items}
        return json_response(asked, listed)
    if not items:
        raise NotFound(f"{'nodes' if kind == 'NodeMetrics' else 'pods'}.metrics.k8s.io", name)
    return json_response(asked, {"kind": kind, "apiVersion": API_VERSION, **items[0]})
