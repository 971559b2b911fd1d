"""The rules of label selectors, node selectors and required or preferred affinity."""

from __future__ import annotations

from collections.abc import Iterator

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import each_invalid, forbidden, invalid, required
from controller.engine.admission.metadata import key_faults, labels_faults
from controller.engine.errors import Cause
from controller.engine.objects import Manifest

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
HEAVIEST = 100


def label_selector_faults(selector: Manifest | None, path: str) -> Iterator[Cause]:
    """Yield what is wrong with a ``LabelSelector``; an absent one has no faults."""
    selector = selector or {}
    yield from labels_faults(selector.get("matchLabels"), f"{path}.matchLabels")
    for index, expression in enumerate(selector.get("matchExpressions") or ()):
        yield from _expression_faults(expression, f"{path}.matchExpressions[{index}]", in_affinity=False)


def _expression_faults(
    expression: Manifest, path: str, *, in_affinity: bool, free: bool = False
) -> Iterator[Cause]:
    """Yield what is wrong with key, operator and values.

    Affinity knows Gt and Lt too; preferred affinity is ``free`` to name values that no label can have.
    """
    operator, values = expression.get("operator", ""), expression.get("values") or []
    if operator in {"In", "NotIn"}:
        if not values:
            yield required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in {"Exists", "DoesNotExist"}:
        if values:
            message = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            yield forbidden(f"{path}.values", message)
    elif not (in_affinity and operator in {"Gt", "Lt"}):
        yield invalid(f"{path}.operator", operator, "not a valid selector operator")
    elif len(values) != 1:
        yield required(f"{path}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'")
    yield from key_faults(expression.get("key", ""), f"{path}.key")
    for index, value in enumerate(() if free else values):
        yield from each_invalid(f"{path}.values[{index}]", value, grammar.label_value(value))


def affinity_faults(affinity: Manifest, path: str) -> Iterator[Cause]:
    """Yield what is wrong with a pod's ``affinity``."""
    if node := affinity.get("nodeAffinity"):
        yield from _node_affinity_faults(node, f"{path}.nodeAffinity")
    for name in ("podAffinity", "podAntiAffinity"):
        yield from _pod_affinity_faults(affinity.get(name) or {}, f"{path}.{name}")


def _node_affinity_faults(affinity: Manifest, path: str) -> Iterator[Cause]:
    if REQUIRED in affinity:
        yield from node_selector_faults(affinity[REQUIRED], f"{path}.{REQUIRED}")
    for index, entry in enumerate(affinity.get(PREFERRED) or ()):
        at = f"{path}.{PREFERRED}[{index}]"
        yield from _weight_faults(entry, at)
        yield from _node_term_faults(entry.get("preference") or {}, f"{at}.preference", free=True)


def node_selector_faults(selector: Manifest, path: str) -> Iterator[Cause]:
    """Yield what is wrong with a selector of nodes: terms, of which one must hold."""
    terms, at = selector.get("nodeSelectorTerms") or (), f"{path}.nodeSelectorTerms"
    if not terms:
        yield required(at, "must have at least one node selector term")
    for index, term in enumerate(terms):
        yield from _node_term_faults(term, f"{at}[{index}]", free=False)


def _weight_faults(entry: Manifest, path: str) -> Iterator[Cause]:
    weight = entry.get("weight", 0)
    if not 0 < weight <= HEAVIEST:
        yield invalid(f"{path}.weight", weight, "must be in the range 1-100")


def _node_term_faults(term: Manifest, path: str, *, free: bool) -> Iterator[Cause]:
    for index, expression in enumerate(term.get("matchExpressions") or ()):
        yield from _expression_faults(
            expression, f"{path}.matchExpressions[{index}]", in_affinity=True, free=free
        )
    for index, expression in enumerate(term.get("matchFields") or ()):
        yield from _field_faults(expression, f"{path}.matchFields[{index}]")


def _field_faults(expression: Manifest, path: str) -> Iterator[Cause]:
    operator, values = expression.get("operator", ""), expression.get("values") or []
    if operator not in {"In", "NotIn"}:
        yield invalid(f"{path}.operator", operator, "not a valid selector operator")
    elif len(values) != 1:
        said = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        yield required(f"{path}.values", said)
    if expression.get("key") != "metadata.name":
        yield invalid(f"{path}.key", expression.get("key", ""), "not a valid field selector key")
        return
    for index, value in enumerate(values):
        yield from each_invalid(f"{path}.values[{index}]", value, grammar.subdomain(value))


def _pod_affinity_faults(affinity: Manifest, path: str) -> Iterator[Cause]:
    for index, term in enumerate(affinity.get(REQUIRED) or ()):
        yield from _pod_term_faults(term, f"{path}.{REQUIRED}[{index}]")
    for index, entry in enumerate(affinity.get(PREFERRED) or ()):
        at = f"{path}.{PREFERRED}[{index}]"
        yield from _weight_faults(entry, at)
        yield from _pod_term_faults(entry.get("podAffinityTerm") or {}, f"{at}.podAffinityTerm")


def _pod_term_faults(term: Manifest, path: str) -> Iterator[Cause]:
    yield from label_selector_faults(term.get("labelSelector"), f"{path}.labelSelector")
    yield from label_selector_faults(term.get("namespaceSelector"), f"{path}.namespaceSelector")
    for name in term.get("namespaces") or ():
        yield from each_invalid(f"{path}.namespace", name, grammar.label(name))
    if not term.get("topologyKey"):
        yield required(f"{path}.topologyKey", "can not be empty")
    yield from key_faults(term.get("topologyKey", ""), f"{path}.topologyKey")
