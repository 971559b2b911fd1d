"""What a kubelet reports of its machine: the conditions of a node, and who may take one back.

A machine reports a pressure while ``sim.everynode.dev/conditions`` names it. A condition that
somebody patched into the status stays as it is until it is patched back: a kubelet takes back only
what it said itself.
"""

from __future__ import annotations

from controller.engine.objects import CONDITIONS_ANNOTATION, Manifest, Moment, Node

UNKNOWN = "Unknown"


def _said(status: str, reason: str, message: str) -> Manifest:
    return {"status": status, "reason": reason, "message": message}


CALM: dict[str, Manifest] = {
    "MemoryPressure": _said("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    "DiskPressure": _said("False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    "PIDPressure": _said("False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    "Ready": _said("True", "KubeletReady", "kubelet is posting ready status"),
}
"""What a kubelet says of a machine that lacks nothing, in the order of a real one."""
PRESSED: dict[str, Manifest] = {
    "MemoryPressure": _said(
        "True", "KubeletHasInsufficientMemory", "kubelet has insufficient memory available"
    ),
    "DiskPressure": _said("True", "KubeletHasDiskPressure", "kubelet has disk pressure"),
    "PIDPressure": _said("True", "KubeletHasInsufficientPID", "kubelet has insufficient PID available"),
}
"""What it says of one under pressure."""
PRESSURES = tuple(PRESSED)
UNHEARD = _said(UNKNOWN, "NodeStatusUnknown", "Kubelet stopped posting node status.")


def pressures_of(node: Manifest) -> frozenset[str]:
    """Return the pressures that a node's machine is made to report; other words do not count."""
    written = (node["metadata"].get("annotations") or {}).get(CONDITIONS_ANNOTATION) or ""
    return frozenset(word.strip() for word in written.split(",")) & PRESSED.keys()


def reported(node: Node, now: Moment, *, joins: bool = False) -> Manifest:
    """Return the node's manifest after its kubelet has reported; itself if it has nothing to say.

    ``joins``: it says everything, since it was not heard of before, or not for long.
    """
    pressures, before = pressures_of(node.manifest), _by_type(node.manifest)
    wanted = {kind: PRESSED[kind] if kind in pressures else calm for kind, calm in CALM.items()}
    fresh = {
        kind: said for kind, said in wanted.items() if _is_news(kind, said, before.get(kind) or {}, joins)
    }
    return _with(node.manifest, fresh, now) if fresh else node.manifest


def _is_news(kind: str, said: Manifest, before: Manifest, joins: bool) -> bool:  # noqa: FBT001 - a fact like the others
    status = before.get("status") or ""
    if kind == "Ready":
        return joins
    if said is not CALM[kind]:
        return joins or not _same_words(before, said)
    if status == said["status"]:
        return joins
    return _same_words(before, PRESSED[kind]) or (joins and status in {"", UNKNOWN})


def _same_words(before: Manifest, said: Manifest) -> bool:
    return all(before.get(field) == word for field, word in said.items())


def unheard(node: Node, now: Moment) -> Manifest:
    """Return the manifest of a node whose kubelet has said nothing for the grace period."""
    return _with(node.manifest, dict.fromkeys(CALM, UNHEARD), now)


def _with(manifest: Manifest, said: dict[str, Manifest], now: Moment) -> Manifest:
    before = _by_type(manifest)
    fresh = {kind: _condition(kind, before.get(kind) or {}, words, now) for kind, words in said.items()}
    conditions = list((before | fresh).values())
    return {**manifest, "status": {**(manifest.get("status") or {}), "conditions": conditions}}


def _condition(kind: str, before: Manifest, said: Manifest, now: Moment) -> Manifest:
    same = before.get("status") == said["status"]
    since = (before.get("lastTransitionTime") if same else None) or now.stamp
    return {"type": kind, **said, "lastHeartbeatTime": now.stamp, "lastTransitionTime": since}


def _by_type(manifest: Manifest) -> dict[str, Manifest]:
    return {
        entry.get("type") or "": entry for entry in (manifest.get("status") or {}).get("conditions") or ()
    }
