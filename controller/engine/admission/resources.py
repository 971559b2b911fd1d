"""The rules of resource names and amounts, in containers and on nodes."""

from __future__ import annotations

from collections.abc import Iterator

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import each_invalid, forbidden, invalid, required
from controller.engine.errors import Cause
from controller.engine.matching.quantities import quantity
from controller.engine.objects import Manifest
from controller.engine.quota.usage import OF_CLAIMS, OF_PODS, OF_SERVICES

CONTAINER_RESOURCES = {"cpu", "memory", "ephemeral-storage"}
WHOLE = OF_SERVICES | {
    "configmaps",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
}
STANDARD = OF_PODS | OF_CLAIMS | WHOLE | {"storage"}
HUGE = ("hugepages-", "requests.hugepages-")
Amounts = dict[str, str]


def _native(name: str) -> bool:
    return "/" not in name or "kubernetes.io/" in name


def _whole_only(name: str) -> bool:
    return name in WHOLE or not _native(name)


def may_exceed(name: str) -> bool:
    """Whether a container may use more of this resource than it asked for."""
    return _native(name) and not name.startswith("hugepages-")


def amount_faults(name: str, amount: str, path: str) -> Iterator[Cause]:
    """Yield what is wrong with the amount of a resource."""
    number = quantity(amount)
    if number < 0:
        yield invalid(path, amount, "must be greater than or equal to 0")
    if _whole_only(name) and number != int(number):
        yield invalid(path, amount, "must be an integer")


def name_faults(name: str, path: str) -> Iterator[Cause]:
    """Yield what is wrong with the name of a resource, wherever it stands."""
    wrong = grammar.qualified_name(name)
    yield from each_invalid(path, name, wrong)
    if not wrong and "/" not in name and name not in STANDARD and not name.startswith(HUGE):
        yield invalid(path, name, "must be a standard resource type or fully qualified")


def container_name_faults(name: str, path: str) -> Iterator[Cause]:
    """Yield what is wrong with the name of a resource that a container has."""
    yield from name_faults(name, path)
    if "/" not in name and name not in CONTAINER_RESOURCES and not name.startswith(HUGE[0]):
        yield invalid(path, name, "must be a standard resource for containers")


def requirements_faults(resources: Manifest, path: str) -> Iterator[Cause]:
    """Yield what is wrong with a container's limits and requests."""
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    for field, amounts in (("limits", limits), ("requests", requests)):
        for name, amount in amounts.items():
            at = f"{path}.{field}[{name}]"
            yield from container_name_faults(name, at)
            yield from amount_faults(name, amount, at)
            if field == "requests":
                yield from _request_faults(name, amount, limits, path)
    named = limits.keys() | requests.keys()
    if any(name.startswith("hugepages-") for name in named) and not named & {"cpu", "memory"}:
        yield forbidden(path, "HugePages require cpu or memory")


def _request_faults(name: str, amount: str, limits: Amounts, path: str) -> Iterator[Cause]:
    limit = limits.get(name)
    if limit is None:
        if not may_exceed(name):
            yield required(f"{path}.limits", "Limit must be set for non overcommitable resources")
    elif quantity(amount) != quantity(limit) and not may_exceed(name):
        yield invalid(f"{path}.requests", amount, f"must be equal to {name} limit of {limit}")
    elif quantity(amount) > quantity(limit):
        yield invalid(f"{path}.requests", amount, f"must be less than or equal to {name} limit of {limit}")


def capacity_faults(status: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with what a node says it has."""
    for field in ("capacity", "allocatable"):
        for name, amount in (status.get(field) or {}).items():
            yield from amount_faults(name, amount, f"status.{field}.{name}")
