"""The rules of PodDisruptionBudgets."""

from __future__ import annotations

from collections.abc import Iterator

from controller.engine.admission.field_errors import invalid, unsupported
from controller.engine.admission.selectors import label_selector_faults
from controller.engine.admission.shares import more_than_all_faults, share_faults
from controller.engine.errors import Cause
from controller.engine.objects import Manifest

POLICIES = ("AlwaysAllow", "IfHealthyBudget")


def budget_faults(manifest: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a budget, in the order of the API server."""
    spec = manifest.get("spec") or {}
    if "minAvailable" in spec and "maxUnavailable" in spec:
        said = "minAvailable and maxUnavailable cannot be both set"
        yield invalid("spec", _internal(spec), said)
    for field in ("minAvailable", "maxUnavailable"):
        if field in spec:
            yield from share_faults(spec[field], f"spec.{field}")
            yield from more_than_all_faults(spec[field], f"spec.{field}")
    yield from label_selector_faults(spec.get("selector"), "spec.selector")
    policy = spec.get("unhealthyPodEvictionPolicy", POLICIES[0])
    if policy not in POLICIES:
        yield unsupported("spec.unhealthyPodEvictionPolicy", policy, POLICIES)


def _internal(spec: Manifest) -> Manifest:
    """Return a spec as the server holds it inside: that is what it shows in this one message."""
    names = ("MinAvailable", "Selector", "MaxUnavailable", "UnhealthyPodEvictionPolicy")
    return {name: spec.get(name[0].lower() + name[1:]) for name in names}
