"""Which fields of a kind can be selected by, and how their values are read from an object."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from controller.engine.errors import BadRequest
from controller.engine.matching.selectors import FieldTerm
from controller.engine.objects import Manifest

Read = Callable[[Manifest], str]
OWN = ("metadata.name", "metadata.namespace")
"""What every kind can be selected by; it never changes in an object's life."""


def _at(path: str, default: str = "") -> Read:
    """Return what reads the text at a path of an object; an absent one is ``default``."""
    steps = path.split(".")

    def read(manifest: Manifest) -> str:
        found: object = manifest
        for step in steps:
            if not isinstance(found, dict):
                return default
            found = found.get(step)
        return default if found in (None, "") else _text(found)

    return read


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _addresses(manifest: Manifest) -> str:
    return ",".join(each.get("ip") or "" for each in (manifest.get("status") or {}).get("podIPs") or ())


def _source(manifest: Manifest) -> str:
    return _at("source.component")(manifest) or _at("reportingComponent")(manifest)


_INVOLVED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_POD = ("nodeName", "restartPolicy", "schedulerName", "serviceAccountName")
SELECTABLE: dict[str, dict[str, Read]] = {
    "Pod": {
        **{f"spec.{name}": _at(f"spec.{name}") for name in _POD},
        "spec.hostNetwork": _at("spec.hostNetwork", "false"),
        "status.phase": _at("status.phase", "Pending"),
        "status.podIP": _at("status.podIP"),
        "status.podIPs": _addresses,
        "status.nominatedNodeName": _at("status.nominatedNodeName"),
    },
    "Node": {"spec.unschedulable": _at("spec.unschedulable", "false")},
    "Namespace": {"status.phase": _at("status.phase", "Active")},
    "Secret": {"type": _at("type")},
    "Service": {"spec.clusterIP": _at("spec.clusterIP"), "spec.type": _at("spec.type")},
    "Event": {
        **{f"involvedObject.{name}": _at(f"involvedObject.{name}") for name in _INVOLVED},
        "reason": _at("reason"),
        "reportingComponent": _at("reportingComponent"),
        "source": _source,
        "type": _at("type"),
    },
}
"""The fields of each kind that has some beside ``OWN``, in Kubernetes' words."""

EVENTS = {f"regarding.{name}": f"involvedObject.{name}" for name in _INVOLVED} | {
    "reportingController": "reportingComponent"
}
"""What the group events.k8s.io calls the fields of an Event."""
ALIASES = {("Pod", "spec.host"): "spec.nodeName", ("Node", "name"): "metadata.name"}


def known(kind: str, group: str, terms: tuple[FieldTerm, ...]) -> tuple[FieldTerm, ...]:
    """Return terms in the words of ``SELECTABLE``. Raises BadRequest for a field that is not there.

    ``group`` is the one that the objects were asked for under.
    """
    return tuple(FieldTerm(_known(kind, group, each.field), each.value, each.other) for each in terms)


def _known(kind: str, group: str, field: str) -> str:
    renamed = EVENTS if group == "events.k8s.io" else {}
    hidden = set(renamed.values())
    own = renamed.get(field) or ALIASES.get((kind, field), field)
    if own in OWN or (own in SELECTABLE.get(kind, {}) and field not in hidden):
        return own
    if kind in SELECTABLE:
        raise BadRequest(f"field label not supported: {field}")
    listed = ", ".join(f'"{name}"' for name in OWN)
    raise BadRequest(f'"{field}" is not a known field selector: only {listed}')


def changing(kind: str, manifest: Manifest) -> Mapping[str, str]:
    """Return the values of all fields of an object that can be selected by and may change."""
    return {name: read(manifest) for name, read in SELECTABLE.get(kind, {}).items()}


def value(kind: str, manifest: Manifest, field: str) -> str:
    """Return the value of one field of an object: "" if it has none."""
    read = SELECTABLE.get(kind, {}).get(field)
    return read(manifest) if read else _at(field)(manifest)
