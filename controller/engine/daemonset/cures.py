"""The smallest edits after which a daemon pod would run on a node where it does not now.

A cure of the set only ever widens it: no other node loses a pod by it. So a key of the node selector
is dropped and not turned into another value, and where no requirement of the affinity can be
widened by one value, a term that names the node is added. One toleration serves all taints of a key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from controller.engine.daemonset.edits import NodeEdit, SetEdit, TermEdit, Widening
from controller.engine.daemonset.placement import Wants, answers
from controller.engine.matching.affinity import NAME_FIELD, Term, any_term_matches
from controller.engine.matching.labels import Labels, Requirement, integer
from controller.engine.matching.taints import untolerated
from controller.engine.objects import Node, Taint, Toleration

Relabels = dict[str, str | None]
"""Labels to set, or (None) to remove."""


def cure_node(wants: Wants, node: Node) -> NodeEdit | None:
    """Return the smallest edit of labels and taints after which the pod should run on the node.

    None if it should run already, or if no edit of a node helps: the template names another one.
    """
    if answers(wants, node)[0] or wants.node_name not in {"", node.name}:
        return None
    fixed = dict(wants.selector)
    relabels: Relabels = {key: value for key, value in fixed.items() if node.labels.get(key) != value}
    if wants.terms is not None:
        found = _relabels_for_terms(wants.terms, {**node.labels, **fixed}, node.name, fixed)
        if found is None:
            return None
        relabels |= found
    return NodeEdit(
        labels=tuple((key, value) for key, value in relabels.items() if value is not None),
        unlabel=tuple(key for key, value in relabels.items() if value is None),
        untaint=untolerated(node.taints, wants.tolerations),
    )


def _relabels_for_terms(terms: tuple[Term, ...], labels: Labels, name: str, fixed: Labels) -> Relabels | None:
    """Return the fewest new labels after which one term matches, the first term if several do as well."""
    possible = (_relabels_for_term(term, labels, name, fixed) for term in terms)
    return min((found for found in possible if found is not None), key=len, default=None)


def _relabels_for_term(term: Term, labels: Labels, name: str, fixed: Labels) -> Relabels | None:
    """Return what to relabel for one term, or None: each key is decided by itself."""
    if term.empty or not term.matches_name(name):
        return None
    relabels: Relabels = {}
    for key in dict.fromkeys(one.key for one in term.expressions):
        wanted = [one for one in term.expressions if one.key == key]
        if all(one.matches(labels) for one in wanted):
            continue
        fitting = [] if key in fixed else [value for value in _values(wanted) if _fits(value, wanted)]
        if not fitting:
            return None
        relabels[key] = fitting[0]
    return relabels


def _fits(value: str | None, wanted: list[Requirement]) -> bool:
    labels: Mapping[str, str] = {} if value is None else {wanted[0].key: value}
    return all(one.matches(labels) for one in wanted)


def _values(wanted: list[Requirement]) -> Iterator[str | None]:
    """Yield what the label may become: absent, a value that is named, a number in bounds, any word.

    As many numbers and words as cannot all be excluded.
    """
    yield None
    tries = 1 + sum(len(one.values) for one in wanted)
    for one in wanted:
        bound = integer(one.values[0]) if one.operator in {"Gt", "Lt"} and one.values else None
        if one.operator == "In":
            yield from one.values
        elif bound is not None:
            yield from _numbers(bound, 1 if one.operator == "Gt" else -1, tries)
    yield from ("true" if number == 0 else f"true-{number}" for number in range(tries))


def _numbers(bound: int, step: int, tries: int) -> Iterator[str]:
    """Yield the numbers next to the bound that a label can hold: none below 0."""
    start = max(bound + step, 0) if step > 0 else bound + step
    yield from (str(number) for number in range(start, start + step * tries, step) if number >= 0)


def cure_set(wants: Wants, node: Node) -> SetEdit | None:
    """Return the smallest edit of the pod template after which the pod should run on the node.

    None if it should run already; otherwise there always is one.
    """
    if answers(wants, node)[0]:
        return None
    unfit = wants.terms is not None and not any_term_matches(wants.terms, node.labels, node.name)
    return SetEdit(
        drop_node_name=wants.node_name not in {"", node.name},
        drop_selector=tuple(key for key, value in wants.selector if node.labels.get(key) != value),
        affinity=_term_edit(wants.terms or (), node) if unfit else None,
        tolerations=_new_tolerations(untolerated(node.taints, wants.tolerations)),
    )


def _term_edit(terms: tuple[Term, ...], node: Node) -> TermEdit:
    for index, term in enumerate(terms):
        unmet = [one for one in term.expressions if not one.matches(node.labels)]
        if len(unmet) == 1 and term.matches_name(node.name):
            value = node.labels.get(unmet[0].key)
            wider = None if value is None else _wider(unmet[0], value)
            if wider and wider[0].matches(node.labels):
                requirement, widening, shown = wider
                widened = tuple(requirement if one is unmet[0] else one for one in term.expressions)
                return TermEdit(index, Term(widened, term.fields), widening, requirement.key, shown)
    named = Requirement(NAME_FIELD, "In", (node.name,))
    return TermEdit(len(terms), Term(fields=(named,)), Widening.NAME_NODE, NAME_FIELD, node.name)


def _wider(wanted: Requirement, value: str) -> tuple[Requirement, Widening, str] | None:
    """Return the requirement widened so as to match the label's value, how, and the value or bound."""
    key, operator, number = wanted.key, wanted.operator, integer(value)
    others = tuple(one for one in wanted.values if one != value)
    if operator == "In":
        return Requirement(key, operator, (*wanted.values, value)), Widening.ALLOW_VALUE, value
    if operator == "NotIn" and others:
        return Requirement(key, operator, others), Widening.ALLOW_EXCLUDED, value
    if operator == "Gt" and number is not None and number > 0:  # a bound, like a label, is not below 0
        bound = str(number - 1)
        return Requirement(key, operator, (bound,)), Widening.LOWER_BOUND, bound
    if operator == "Lt" and number is not None:
        bound = str(number + 1)
        return Requirement(key, operator, (bound,)), Widening.RAISE_BOUND, bound
    return None


def _new_tolerations(taints: tuple[Taint, ...]) -> tuple[Toleration, ...]:
    """Return one toleration for every key, as narrow as its taints allow."""
    by_key: dict[str, list[Taint]] = {}
    for taint in taints:
        by_key.setdefault(taint.key, []).append(taint)
    return tuple(_toleration(key, marks) for key, marks in by_key.items())


def _toleration(key: str, marks: list[Taint]) -> Toleration:
    values, effects = {mark.value for mark in marks}, {mark.effect for mark in marks}
    value = values.pop() if len(values) == 1 else ""
    effect = effects.pop() if len(effects) == 1 else ""
    return Toleration(key, "Equal" if value else "Exists", value, effect)
