"""Events under the names of the group events.k8s.io: there is one kind of them, in two dresses."""

from __future__ import annotations

from controller.engine.objects import Manifest

GROUP = "events.k8s.io"
NAMES = {
    "involvedObject": "regarding",
    "message": "note",
    "reportingComponent": "reportingController",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
}
"""What the core group calls a field, and what the other group calls it; all others have one name."""


def in_group(event: Manifest) -> Manifest:
    """Return an Event of the core group as one of events.k8s.io."""
    renamed = {NAMES.get(name, name): part for name, part in event.items()}
    return {**renamed, "apiVersion": f"{GROUP}/v1"}
