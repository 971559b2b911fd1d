"""The rules of resource names and amounts, in containers and on nodes."""

from __future__ import annotations

from collections.abc import Iterator

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import each_invalid, forbidden, invalid, required
from controller.engine.errors import Cause
from controller.engine.matching.quantities import quantity
from controller.engine.objects import Manifest

CONTAINER_RESOURCES = {"cpu", "memory", "ephemeral-storage"}
STANDARD = CONTAINER_RESOURCES | {
    "pods",
    "storage",
    "services",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "replicationcontrollers",
    "resourcequotas",
}
WHOLE = {"pods"}
Amounts = dict[str, str]


def _native(name: str) -> bool:
    return "/" not in name or "kubernetes.io/" in name


def _whole_only(name: str) -> bool:
    return name in WHOLE or not _native(name)


def _may_exceed(name: str) -> bool:
    """Whether a container may use more of this resource than it asked for."""
    return _native(name) and not name.startswith("hugepages-")


def amount_faults(name: str, amount: str, path: str) -> Iterator[Cause]:
    """Yield what is wrong with the amount of a resource."""
    number = quantity(amount)
    if number < 0:
        yield invalid(path, amount, "must be greater than or equal to 0")
    if _whole_only(name) and number != int(number):
        yield invalid(path, amount, "must be an integer")


def _name_faults(name: str, path: str) -> Iterator[Cause]:
    yield from each_invalid(path, name, grammar.qualified_name(name))
    if "/" in name:
        return
    huge = name.startswith("hugepages-")
    if name not in STANDARD and not huge:
        yield invalid(path, name, "must be a standard resource type or fully qualified")
    if name not in CONTAINER_RESOURCES and not huge:
        yield invalid(path, name, "must be a standard resource for containers")


def requirements_faults(resources: Manifest, path: str) -> Iterator[Cause]:
    """Yield what is wrong with a container's limits and requests."""
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    for field, amounts in (("limits", limits), ("requests", requests)):
        for name, amount in amounts.items():
            at = f"{path}.{field}[{name}]"
            yield from _name_faults(name, at)
            yield from amount_faults(name, amount, at)
            if field == "requests":
                yield from _request_faults(name, amount, limits, path)
    named = limits.keys() | requests.keys()
    if any(name.startswith("hugepages-") for name in named) and not named & {"cpu", "memory"}:
        yield forbidden(path, "HugePages require cpu or memory")


def _request_faults(name: str, amount: str, limits: Amounts, path: str) -> Iterator[Cause]:
    limit = limits.get(name)
    if limit is None:
        if not _may_exceed(name):
            yield required(f"{path}.limits", "Limit must be set for non overcommitable resources")
    elif quantity(amount) != quantity(limit) and not _may_exceed(name):
        yield invalid(f"{path}.requests", amount, f"must be equal to {name} limit of {limit}")
    elif quantity(amount) > quantity(limit):
        yield invalid(f"{path}.requests", amount, f"must be less than or equal to {name} limit of {limit}")


def capacity_faults(status: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with what a node says it has."""
    for field in ("capacity", "allocatable"):
        for name, amount in (status.get(field) or {}).items():
            yield from amount_faults(name, amount, f"status.{field}.{name}")
