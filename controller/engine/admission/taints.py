"""The rules of taints on nodes and of tolerations in pods."""

from __future__ import annotations

from collections.abc import Iterator

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import duplicate, invalid, required, unsupported
from controller.engine.admission.metadata import key_faults
from controller.engine.errors import Cause
from controller.engine.objects import Manifest

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
OPERATORS, GATED = ("Equal", "Exists"), ("Lt", "Gt")
"""Numbers are compared only behind a feature gate, which is off; who tries is told of all four."""


def _effect_faults(effect: str, path: str) -> Iterator[Cause]:
    if effect not in EFFECTS:
        yield unsupported(path, effect, EFFECTS)


def taints_faults(taints: list[Manifest], path: str) -> Iterator[Cause]:
    """Yield what is wrong with a node's taints."""
    seen = set[tuple[str, str]]()
    for index, taint in enumerate(taints):
        at, key, value = f"{path}[{index}]", taint.get("key", ""), taint.get("value", "")
        yield from key_faults(key, f"{at}.key")
        if faults := grammar.label_value(value):
            yield invalid(f"{at}.value", value, ";".join(faults))
        effect = taint.get("effect", "")
        if effect:
            yield from _effect_faults(effect, f"{at}.effect")
        else:
            yield required(f"{at}.effect")
        if (key, effect) in seen:
            shown = {"Key": key, "Value": value, "Effect": effect, "TimeAdded": taint.get("timeAdded")}
            yield duplicate(at, shown, "taints must be unique by key and effect pair")
        seen.add((key, effect))


def tolerations_faults(tolerations: list[Manifest], path: str) -> Iterator[Cause]:
    """Yield what is wrong with a pod's tolerations."""
    for index, toleration in enumerate(tolerations):
        yield from _toleration_faults(toleration, f"{path}[{index}]")


def _toleration_faults(toleration: Manifest, path: str) -> Iterator[Cause]:
    key, operator, effect = (toleration.get(name, "") for name in ("key", "operator", "effect"))
    if key:
        yield from key_faults(key, f"{path}.key")
    elif operator != "Exists":
        said = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
        yield invalid(f"{path}.operator", operator, said)
    if "tolerationSeconds" in toleration and effect != "NoExecute":
        yield invalid(f"{path}.effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")
    yield from _operator_faults(toleration, operator, f"{path}.operator")
    if effect:
        yield from _effect_faults(effect, f"{path}.effect")


def _operator_faults(toleration: Manifest, operator: str, path: str) -> Iterator[Cause]:
    value = toleration.get("value", "")
    if operator in {"", "Equal"}:
        if faults := grammar.label_value(value):
            yield invalid(path, value, ";".join(faults))
    elif operator != "Exists":
        yield unsupported(path, operator, (*OPERATORS, *GATED) if operator in GATED else OPERATORS)
    elif value:
        yield invalid(path, value, "value must be empty when `operator` is 'Exists'")
