"""Pods that no set made."""

from __future__ import annotations

from typing import Any

from controller.engine.changes import Verb
from controller.engine.objects import Manifest
from tests.engine.play import Play


def bare_manifest(play: Play, name: str = "bare", **facts: Any) -> Manifest:
    """Return a pod that no set made."""
    meta = {"name": name, "namespace": "default", "uid": play.names.uid(), **facts.pop("meta", {})}
    spec = {"containers": [{"name": "main", "image": "bare:1"}], **facts}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def add_pod(play: Play, name: str = "bare", **facts: Any) -> None:
    """Create a bare pod."""
    play.edit("Pod", bare_manifest(play, name, **facts), Verb.ADDED)
