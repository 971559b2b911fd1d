"""Manifests as people send them, and short ways to ask what admission says to them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from controller.engine.admission.admit import admit_create, admit_update
from controller.engine.errors import Invalid
from controller.engine.objects import Manifest, Moment

NOW = Moment(datetime(2026, 1, 31, 9, 30, tzinfo=UTC), 12.5)
LATER = Moment(datetime(2026, 1, 31, 9, 31, tzinfo=UTC), 72.5)
Fault = tuple[dict[str, Any], list[str]]
"""What is set into a sound manifest, and how the words for it begin."""

UID = "11111111-2222-3333-4444-555555555555"


def container(**fields: Any) -> Manifest:
    """Return a container that nothing is wrong with but what ``fields`` say."""
    return {"name": "main", "image": "app:1", **fields}


def pod_spec(**fields: Any) -> Manifest:
    """Return a pod spec of one container, with ``fields`` set."""
    return {"containers": [container()], **fields}


def daemonset(*, name: str = "a", pod: Manifest | None = None, **spec: Any) -> Manifest:
    """Return a DaemonSet as somebody would write it; ``spec`` adds to or replaces fields of its spec."""
    template = {"metadata": {"labels": {"app": "a"}}, "spec": pod or pod_spec()}
    fields = {"selector": {"matchLabels": {"app": "a"}}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": name}, "spec": fields}


def pod(**spec: Any) -> Manifest:
    """Return a bare pod as somebody would write it."""
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": pod_spec(**spec)}


def node(name: str = "n1", **spec: Any) -> Manifest:
    """Return a node as somebody would write it."""
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "spec": spec}


def created(manifest: Manifest) -> Manifest:
    """Return the object that the manifest becomes."""
    return admit_create(manifest["kind"], manifest, NOW, UID, "x7k2p")


def updated(old: Manifest, new: Manifest) -> Manifest:
    """Return the object that takes the place of ``old``."""
    return admit_update(new["kind"], old, new)


def said(manifest: Manifest, old: Manifest | None = None) -> list[str]:
    """Return what the API server would say to a manifest: nothing if it is taken."""
    try:
        if old is None:
            created(manifest)
        else:
            updated(old, manifest)
    except Invalid as refused:
        return [str(cause) for cause in refused.causes]
    return []


def said_of_pod(**spec: Any) -> list[str]:
    """Return what is said to a set whose pods have this spec, without the path to it."""
    return [text.removeprefix("spec.template.spec.") for text in said(daemonset(pod=pod_spec(**spec)))]


def said_of_container(**fields: Any) -> list[str]:
    """Return what is said to a set with this container, without the path to it."""
    return [text.removeprefix("containers[0].") for text in said_of_pod(containers=[container(**fields)])]


def begin(told: list[str], beginnings: list[str]) -> bool:
    """Whether as many faults were told as are expected, each beginning as expected."""
    return len(told) == len(beginnings) and all(map(str.startswith, told, beginnings))
