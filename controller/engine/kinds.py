"""The table of kinds: one row says all that the doors need to know of a kind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of Kubernetes object. ``plural`` names it in paths, ``short`` in kubectl."""

    name: str
    plural: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True
    short: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        """Return ``group/version``, or only the version for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """Return the name that messages use, for instance ``daemonsets.apps``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("Node", "nodes", namespaced=False, short=("no",)),
        Kind("Pod", "pods", short=("po",)),
        Kind("DaemonSet", "daemonsets", group="apps", short=("ds",)),
        Kind("ControllerRevision", "controllerrevisions", group="apps"),
        Kind("Event", "events", short=("ev",)),
        Kind("Namespace", "namespaces", namespaced=False, short=("ns",)),
        Kind("ServiceAccount", "serviceaccounts", short=("sa",)),
    )
}
