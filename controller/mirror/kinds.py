"""Which objects of a real cluster are kept, and what of each: the rest would only be carried about.

Secrets and ConfigMaps are never read. Who wrote last is read from ``managedFields`` before those go.
"""

from __future__ import annotations

from controller.engine.kinds import KINDS, Kind
from controller.engine.objects import Key, Manifest, Pod
from controller.services.forwarding import MANAGER

ORDER: tuple[Kind, ...] = tuple(
    KINDS[name] for name in ("Namespace", "Node", "DaemonSet", "ControllerRevision", "Pod", "Event")
)
"""The kinds that are read, in the order in which they are listed: what the map shows comes first."""

SYSTEM = "kube-system"
"""The namespace whose uid tells one cluster from another at the same address."""

UNKNOWN = "api-server"
"""Who did what nobody is named for."""

EVERY_NODE = "DaemonSet"
DROPPED_OF_NODES = frozenset({"images", "volumesInUse", "volumesAttached"})


def key_of(kind: Kind, manifest: Manifest) -> Key:
    """Return which object it is."""
    meta = manifest["metadata"]
    return (kind.name, meta.get("namespace") or "", meta["name"])


def name_of(kind: str, manifest: Manifest) -> str:
    """Return by what name people know an object, as far as one of odd shape says that."""
    meta = manifest.get("metadata") or {}
    place = [meta.get("namespace"), meta.get("name")] if isinstance(meta, dict) else []
    return f"{kind} {'/'.join(str(part) for part in place if part)}"


def is_daemons(manifest: Manifest) -> bool:
    """Whether an object is controlled by a DaemonSet."""
    owners = manifest["metadata"].get("ownerReferences") or ()
    return any(owner.get("controller") and owner.get("kind") == EVERY_NODE for owner in owners)


def actor_of(manifest: Manifest) -> str:
    """Return who wrote an object last, as its field managers tell: a deletion names nobody."""
    meta = manifest["metadata"]
    managers = meta.get("managedFields") or ()
    if "deletionTimestamp" in meta or not managers:
        return UNKNOWN
    newest = max(managers, key=lambda one: one.get("time") or "")
    return str(newest.get("manager") or UNKNOWN).removeprefix(MANAGER) or UNKNOWN


def trimmed(kind: Kind, manifest: Manifest) -> Manifest:
    """Return what is kept of an object, with its kind, which lists leave out."""
    meta = {
        name: value
        for name, value in manifest["metadata"].items()
        if name not in {"managedFields", "selfLink"}
    }
    kept = {"apiVersion": kind.api_version, "kind": kind.name, **manifest, "metadata": meta}
    if kind.name == "Node":
        kept["status"] = _node_status(manifest.get("status") or {})
    if kind.name == "Event":
        kept["lastTimestamp"] = _last(manifest)
    if kind.name == Pod.KIND:
        kept.setdefault("status", {})
    return kept


def _node_status(status: Manifest) -> Manifest:
    """Return a node's status without its images, and without heartbeats, which tell nothing but the time."""
    kept = {name: value for name, value in status.items() if name not in DROPPED_OF_NODES}
    kept["conditions"] = [
        {name: value for name, value in one.items() if name != "lastHeartbeatTime"}
        for one in status.get("conditions") or ()
    ]
    return kept


def _last(event: Manifest) -> str:
    """Return when an event was last seen, in whole seconds: those of the newer API say it elsewhere."""
    told = (
        event.get("lastTimestamp")
        or (event.get("series") or {}).get("lastObservedTime")
        or event.get("eventTime")
        or event["metadata"].get("creationTimestamp")
        or ""
    )
    return f"{told[:19]}Z" if "." in told else str(told)
