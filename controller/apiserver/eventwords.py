"""Events under the names of the group events.k8s.io, and back: there is one kind of them, in two dresses."""

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

BACK = {theirs: ours for ours, theirs in NAMES.items()}


def in_group(event: Manifest) -> Manifest:
    """Return an Event of the core group as one of events.k8s.io."""
    renamed = {NAMES.get(name, name): part for name, part in event.items()}
    return {**renamed, "apiVersion": f"{GROUP}/v1"}


def in_core(event: Manifest) -> Manifest:
    """Return an Event of events.k8s.io as one of the core group."""
    return {**{BACK.get(name, name): part for name, part in event.items()}, "apiVersion": "v1"}
