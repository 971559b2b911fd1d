"""What the API server fills in of a LimitRange, and its rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import duplicate, each_invalid, forbidden, invalid, required
from controller.engine.admission.resources import container_name_faults, may_exceed, name_faults
from controller.engine.errors import Cause
from controller.engine.matching.quantities import quantity
from controller.engine.objects import Manifest

LIMIT_TYPES = frozenset({"Container", "PersistentVolumeClaim", "Pod"})
GIVEN = ("default", "defaultRequest")
RATIO = "maxLimitRequestRatio"
AMOUNTS = ("max", "min", *GIVEN, RATIO)

Texts = Mapping[str, str]


def with_given(raw: Manifest) -> Manifest:
    """Return a LimitRange in which what containers are given follows from what they may have."""
    spec: dict[str, Any] = raw.get("spec") or {}
    items = [_filled(item) for item in spec.get("limits") or ()]
    return {**raw, "spec": {**spec, "limits": items or None}}


def _filled(item: Manifest) -> Manifest:
    if item.get("type") != "Container":
        return item
    limits = {**(item.get("max") or {}), **(item.get("default") or {})}
    requests = {**(item.get("min") or {}), **limits, **(item.get("defaultRequest") or {})}
    given = {"default": limits, "defaultRequest": requests}
    return {**item, **{field: amounts for field, amounts in given.items() if amounts}}


def limit_faults(manifest: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a LimitRange."""
    seen = set()
    for index, item in enumerate((manifest.get("spec") or {}).get("limits") or ()):
        path, kind = f"spec.limits[{index}]", item.get("type", "")
        yield from _type_faults(kind, f"{path}.type")
        if kind in seen:
            yield duplicate(f"{path}.type", kind)
        seen.add(kind)
        yield from _item_faults(item, kind, path)
        fields = [field for field in AMOUNTS if kind != "Pod" or field not in GIVEN]
        amounts = {field: item.get(field) or {} for field in fields}
        for name in sorted({name for each in amounts.values() for name in each}):
            of_name = {field: each[name] for field, each in amounts.items() if name in each}
            yield from _order_faults(name, of_name, path)


def _type_faults(kind: str, path: str) -> Iterator[Cause]:
    wrong = grammar.qualified_name(kind)
    yield from each_invalid(path, kind, wrong)
    if not wrong and "/" not in kind and kind not in LIMIT_TYPES:
        yield invalid(path, kind, "must be a standard limit type or fully qualified")


def _item_faults(item: Manifest, kind: str, path: str) -> Iterator[Cause]:
    of_names = container_name_faults if kind in {"Pod", "Container"} else name_faults
    for field in AMOUNTS:
        amounts = item.get(field) or {}
        if kind == "Pod" and field in GIVEN:
            if amounts:
                yield forbidden(f"{path}.{field}", "may not be specified when `type` is 'Pod'")
            continue
        for name in amounts:
            yield from of_names(name, f"{path}.{field}[{name}]")
    bounds = ((item.get(field) or {}).get("storage") for field in ("min", "max"))
    if kind == "PersistentVolumeClaim" and not any(bounds):
        said = "either minimum or maximum storage value is required, but neither was provided"
        yield required(f"{path}.limits", said)


ORDERS = (
    ("min", "max", "min", "min", "min value {} is greater than max value {}"),
    (
        "min",
        "defaultRequest",
        "defaultRequest",
        "defaultRequest",
        "min value {} is greater than default request value {}",
    ),
    (
        "defaultRequest",
        "max",
        "defaultRequest",
        "defaultRequest",
        "default request value {} is greater than max value {}",
    ),
    (
        "defaultRequest",
        "default",
        "defaultRequest",
        "defaultRequest",
        "default request value {} is greater than default limit value {}",
    ),
    ("min", "default", "default", "min", "min value {} is greater than default value {}"),
    ("default", "max", "default", "max", "default value {} is greater than max value {}"),
)
"""Which amount may not be more than which, at which field that is told, whose amount is shown, and how."""


def _order_faults(name: str, amounts: Texts, path: str) -> Iterator[Cause]:
    """Yield what is wrong with the amounts of one resource, by their fields."""
    for less, more, field, shown, said in ORDERS:
        if less in amounts and more in amounts and quantity(amounts[less]) > quantity(amounts[more]):
            text = said.format(amounts[less], amounts[more])
            yield invalid(f"{path}.{field}[{name}]", amounts[shown], text)
    if RATIO in amounts:
        yield from _ratio_faults(amounts, f"{path}.{RATIO}[{name}]")
    default, request = (amounts.get(field) for field in GIVEN)
    if default and request and not may_exceed(name) and quantity(default) != quantity(request):
        said = f"default value {default} must equal to defaultRequest value {request} in {name}"
        yield invalid(f"{path}.defaultRequest[{name}]", request, said)


def _ratio_faults(amounts: Texts, path: str) -> Iterator[Cause]:
    ratio = amounts[RATIO]
    if quantity(ratio) < 1:
        yield invalid(path, ratio, f"ratio {ratio} is less than 1")
    if "min" in amounts and "max" in amounts and quantity(amounts["min"]):
        largest = quantity(amounts["max"]) / quantity(amounts["min"])
        if quantity(ratio) > largest:
            yield invalid(path, ratio, f"ratio {ratio} is greater than max/min = {float(largest):f}")
