"""The taints that stand for a node's conditions: put and taken by the node controller alone.

Those set by hand go when their condition does not hold, and those removed by hand come back while
it does. The same keys with other effects are people's own.
"""

from __future__ import annotations

from controller.engine.objects import Manifest, Moment, condition

PREFIX = "node.kubernetes.io/"
NOT_READY = PREFIX + "not-ready"
UNREACHABLE = PREFIX + "unreachable"
UNSCHEDULABLE = PREFIX + "unschedulable"
BY_CONDITION = {
    "MemoryPressure": PREFIX + "memory-pressure",
    "DiskPressure": PREFIX + "disk-pressure",
    "PIDPressure": PREFIX + "pid-pressure",
    "NetworkUnavailable": PREFIX + "network-unavailable",
}
BY_READY = {"": NOT_READY, "False": NOT_READY, "Unknown": UNREACHABLE}
"""By the status of Ready; a node that never reported is not ready, but sends nobody away."""

Mark = tuple[str, str]
"""A key and an effect: what makes a taint that taint."""
OWNED = frozenset(
    {(key, "NoSchedule") for key in (NOT_READY, UNREACHABLE, UNSCHEDULABLE, *BY_CONDITION.values())}
    | {(NOT_READY, "NoExecute"), (UNREACHABLE, "NoExecute")}
)


def with_condition_taints(manifest: Manifest, now: Moment) -> Manifest:
    """Return the node's manifest with the taints that its conditions ask for; itself if it has them."""
    spec = manifest.get("spec") or {}
    standing = spec.get("taints") or []
    wanted = _wanted(manifest)
    kept = [taint for taint in standing if _mark(taint) not in OWNED or _mark(taint) in wanted]
    there = {_mark(taint) for taint in kept}
    added = [_taint(mark, now) for mark in wanted if mark not in there]
    if len(kept) == len(standing) and not added:
        return manifest
    rest = {field: value for field, value in spec.items() if field != "taints"}
    taints = {"taints": kept + added} if kept or added else {}
    return {**manifest, "spec": {**rest, **taints}}


def _wanted(manifest: Manifest) -> list[Mark]:
    marks = [(key, "NoSchedule") for kind, key in BY_CONDITION.items() if condition(manifest, kind) == "True"]
    ready = condition(manifest, "Ready")
    if key := BY_READY.get(ready):
        marks += [(key, effect) for effect in (("NoSchedule", "NoExecute") if ready else ("NoSchedule",))]
    if (manifest.get("spec") or {}).get("unschedulable"):
        marks.append((UNSCHEDULABLE, "NoSchedule"))
    return marks


def _mark(taint: Manifest) -> Mark:
    return taint["key"], taint["effect"]


def _taint(mark: Mark, now: Moment) -> Manifest:
    key, effect = mark
    return {"key": key, "effect": effect, "timeAdded": now.stamp}
