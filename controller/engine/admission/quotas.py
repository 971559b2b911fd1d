"""The rules of a ResourceQuota."""

from __future__ import annotations

from collections.abc import Iterator

from controller.engine.admission.field_errors import invalid, required
from controller.engine.admission.metadata import IMMUTABLE
from controller.engine.admission.resources import HUGE, WHOLE, amount_faults, name_faults
from controller.engine.errors import Cause
from controller.engine.objects import Manifest
from controller.engine.quota.scopes import OF_PODS
from controller.engine.quota.usage import OF_CLAIMS
from controller.engine.quota.usage import OF_PODS as RESOURCES_OF_PODS

STANDARD = RESOURCES_OF_PODS | OF_CLAIMS | WHOLE
SCOPES = OF_PODS.keys() | {"PriorityClass", "VolumeAttributesClass"}
CONFLICTS = ({"BestEffort", "NotBestEffort"}, {"Terminating", "NotTerminating"})


def _is_standard(name: str) -> bool:
    return name in STANDARD or name.startswith(HUGE)


def _allows(scope: str, name: str) -> bool:
    """Whether a quota of a scope may be about a resource."""
    if scope == "BestEffort":
        return name == "pods"
    if scope == "VolumeAttributesClass":
        return name in OF_CLAIMS
    return name in RESOURCES_OF_PODS if scope in SCOPES else True


def quota_faults(manifest: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a ResourceQuota."""
    spec = manifest.get("spec") or {}
    hard = spec.get("hard") or {}
    for name, amount in hard.items():
        path = f"spec.hard[{name}]"
        yield from name_faults(name, path)
        if "/" not in name and not _is_standard(name):
            yield invalid(path, name, "must be a standard resource for quota")
        yield from amount_faults(name, amount, path)
    scopes = spec.get("scopes") or []
    for scope in scopes:
        if scope not in SCOPES:
            yield invalid("spec.scopes", scopes, "unsupported scope")
        if any(_is_standard(name) and not _allows(scope, name) for name in hard):
            yield invalid("spec.scopes", scopes, "unsupported scope applied to resource")
    for pair in CONFLICTS:
        if pair <= set(scopes):
            yield invalid("spec.scopes", scopes, "conflicting scopes")
    yield from _selector_faults(spec, hard)


def _selector_faults(spec: Manifest, hard: Manifest) -> Iterator[Cause]:
    at, entries = "spec.scopeSelector.matchExpressions", _expressions(spec)
    for entry in entries:
        scope, operator, values = entry.get("scopeName", ""), entry.get("operator", ""), entry.get("values")
        if scope not in SCOPES:
            yield invalid(f"{at}.scopeName", scope, "unsupported scope")
        if any(_is_standard(name) and not _allows(scope, name) for name in hard):
            shown = [_as_go_writes(each) for each in entries]
            yield invalid(at, {"MatchExpressions": shown}, "unsupported scope applied to resource")
        if scope in OF_PODS and operator != "Exists":
            yield invalid(f"{at}.operator", operator, EXISTS_ONLY)
        yield from _value_faults(operator, values, at)
    for pair in CONFLICTS:
        if pair <= {entry.get("scopeName") for entry in entries}:
            yield invalid("spec.scopes", spec.get("scopes"), "conflicting scopes")


def _value_faults(operator: str, values: list[str] | None, at: str) -> Iterator[Cause]:
    if operator in {"In", "NotIn"}:
        if not values:
            yield required(f"{at}.values", SOME_VALUE)
    elif operator in {"Exists", "DoesNotExist"}:
        if values:
            yield invalid(f"{at}.values", values, NO_VALUES)
    else:
        yield invalid(f"{at}.operator", operator, "not a valid selector operator")


EXISTS_ONLY = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or "
    "ResourceQuotaScopeCrossNamespacePodAffinity"
)
SOME_VALUE = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
NO_VALUES = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"


def _expressions(spec: Manifest) -> list[Manifest]:
    return (spec.get("scopeSelector") or {}).get("matchExpressions") or []


def _as_go_writes(entry: Manifest) -> Manifest:
    names = (("ScopeName", "scopeName"), ("Operator", "operator"), ("Values", "values"))
    return {shown: entry.get(name) for shown, name in names}


def quota_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a ResourceQuota that takes the place of another: its scopes stay."""
    yield from quota_faults(new)
    before, after = ((each.get("spec") or {}).get("scopes") or [] for each in (old, new))
    if set(before) != set(after):
        yield invalid("spec.scopes", after or None, IMMUTABLE)
