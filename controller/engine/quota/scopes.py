"""Which objects a quota is about: all of its namespace, or those that its scopes name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from controller.engine.objects import Manifest
from controller.engine.quota.usage import CLAIM, POD
from controller.engine.workloads.pods import qos_class

Values = frozenset[str]


def is_about(quota_spec: Manifest, kind: str, manifest: Manifest) -> bool:
    """Whether all scopes of a quota hold for an object. Most of them only ever hold for pods."""
    return all(_holds(scope, kind, manifest) for scope in scopes_of(quota_spec))


def scopes_of(quota_spec: Manifest) -> Iterator[Manifest]:
    """Yield the scopes of a quota, the plain ones written as requirements."""
    for name in quota_spec.get("scopes") or ():
        yield {"scopeName": name, "operator": "Exists"}
    yield from (quota_spec.get("scopeSelector") or {}).get("matchExpressions") or ()


def _holds(scope: Manifest, kind: str, manifest: Manifest) -> bool:
    name = scope["scopeName"]
    if kind == POD and name in OF_PODS:
        return OF_PODS[name](manifest["spec"])
    if kind == POD and name == "PriorityClass":
        return _selects(scope, _names(manifest["spec"].get("priorityClassName")))
    if kind == CLAIM and name == "VolumeAttributesClass":
        told = manifest.get("status") or {}
        modify = (told.get("modifyVolumeStatus") or {}).get("targetVolumeAttributesClassName")
        current = told.get("currentVolumeAttributesClassName")
        return _selects(scope, _names(manifest["spec"].get("volumeAttributesClassName"), current, modify))
    return False


def _names(*names: str | None) -> Values:
    return frozenset(name for name in names if name)


def _selects(scope: Manifest, has: Values) -> bool:
    operator: str = scope["operator"]
    values = frozenset(scope.get("values") or ())
    if operator in {"Exists", "DoesNotExist"}:
        return bool(has) == (operator == "Exists")
    return bool(has & values) == (operator == "In")


def _is_terminating(spec: Manifest) -> bool:
    """Whether a pod runs for so many seconds at most: that is what the scope calls terminating."""
    return spec.get("activeDeadlineSeconds") is not None


def _is_best_effort(spec: Manifest) -> bool:
    return qos_class(spec) == "BestEffort"


def _reaches_across(spec: Manifest) -> bool:
    """Whether a pod's affinities look into other namespaces."""
    affinity = spec.get("affinity") or {}
    for kind in ("podAffinity", "podAntiAffinity"):
        found = affinity.get(kind) or {}
        terms = list(found.get("requiredDuringSchedulingIgnoredDuringExecution") or ())
        weighted = found.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
        terms += [each.get("podAffinityTerm") or {} for each in weighted]
        if any(term.get("namespaces") or term.get("namespaceSelector") is not None for term in terms):
            return True
    return False


OF_PODS: dict[str, Callable[[Manifest], bool]] = {
    "BestEffort": _is_best_effort,
    "CrossNamespacePodAffinity": _reaches_across,
    "NotBestEffort": lambda spec: not _is_best_effort(spec),
    "NotTerminating": lambda spec: not _is_terminating(spec),
    "Terminating": _is_terminating,
}
