"""The YAML that the stories' people type."""

from __future__ import annotations

import json
from typing import Any

from tests.servers import BASE

SSD_MONITOR = (BASE / "controller" / "demo" / "ssd-monitor.yaml").read_text(encoding="utf-8")


def daemonset(
    name: str = "agent", *, image: str = "agent:1", update: dict[str, Any] | None = None, **pod: Any
) -> str:
    """Return a DaemonSet whose pods are labelled ``app: name``; ``pod`` are parts of its pods' ``spec``."""
    labels = {"app": name}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "main", "image": image}], **pod},
    }
    spec: dict[str, Any] = {"selector": {"matchLabels": labels}, "template": template}
    if update:
        spec["updateStrategy"] = update
    # JSON is YAML.
    return json.dumps(
        {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": name}, "spec": spec}, indent=2
    )


def rolling(max_unavailable: int | str = 1, max_surge: int | str = 0) -> dict[str, Any]:
    """Return an update strategy."""
    budget = {"maxUnavailable": max_unavailable, "maxSurge": max_surge}
    return {"type": "RollingUpdate", "rollingUpdate": budget}
