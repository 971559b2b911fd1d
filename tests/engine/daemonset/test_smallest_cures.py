"""Cures of generated nodes and sets: they help, they harm nobody, and nothing smaller would do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations, product

from hypothesis import assume, given

from controller.engine.daemonset.cures import cure_node, cure_set
from controller.engine.daemonset.placement import Wants, answers, verdict
from controller.engine.objects import Manifest, Node
from tests.builders import name_term, terms_of
from tests.engine.daemonset.strategies import KEYS, nodes, templates

TOUCHING_VALUES = (None, "a", "b", "3", "4", "5", "9", "10", "true")
"""What a label may become: each value that the generated templates name, one beside it, one of their own."""


def cured(on: Node, parts: Manifest) -> Node:
    """Return the node after its cure."""
    edit = cure_node(Wants.read(parts), on)
    assert edit is not None
    return replace(on, labels=edit.labels_after(on.labels), taints=edit.taints_after(on.taints))


@given(templates(), nodes())
def test_cures_are_for_pods_that_should_not_run(parts: Manifest, on: Node) -> None:
    """Where a pod should run there is nothing to cure; elsewhere the set can always be cured."""
    wants = Wants.read(parts)

    assert (cure_set(wants, on) is None) == verdict(wants, on).should_run
    assert cure_node(wants, on) is None or not verdict(wants, on).should_run


@given(templates(), nodes())
def test_cured_pods_should_run(parts: Manifest, on: Node) -> None:
    """After either cure alone the pod should run: every failing check is cured."""
    wants = Wants.read(parts)
    for_set, for_node = cure_set(wants, on), cure_node(wants, on)

    assert for_set is None or verdict(Wants.read(for_set.apply(parts)), on).should_run
    assert for_node is None or verdict(wants, cured(on, parts)).should_run


@given(templates(), nodes(), nodes())
def test_cure_of_a_set_takes_nothing_from_other_nodes(parts: Manifest, on: Node, other: Node) -> None:
    """No other node loses its pod, or the right to keep it, by the cure of a set."""
    edit = cure_set(Wants.read(parts), on)
    assume(edit is not None)
    assert edit is not None

    before, after = answers(Wants.read(parts), other), answers(Wants.read(edit.apply(parts)), other)

    assert before <= after
    assert before[1] <= after[1]


def labels_changed(before: dict[str, str], after: dict[str, str]) -> int:
    """Return how many labels differ."""
    return sum(before.get(key) != after.get(key) for key in KEYS)


def all_labellings() -> Iterator[dict[str, str]]:
    """Yield every way to label a node with the generated keys."""
    for values in product(TOUCHING_VALUES, repeat=len(KEYS)):
        yield {key: value for key, value in zip(KEYS, values, strict=True) if value is not None}


@given(templates(), nodes())
def test_cure_of_a_node_is_the_smallest(parts: Manifest, on: Node) -> None:
    """No other labelling needs fewer edits, and none helps where no cure is proposed."""
    wants = Wants.read(parts)
    assume(not answers(wants, on)[0])
    edit = cure_node(wants, on)
    fitting = [
        labels for labels in all_labellings() if answers(wants, replace(on, labels=labels, taints=()))[0]
    ]

    assert (edit is None) == (not fitting)
    if edit:
        fewest = min(labels_changed(on.labels, labels) for labels in fitting)
        assert len(edit.labels) + len(edit.unlabel) == fewest
        assert edit.size == fewest + fewest_taints(wants, cured(on, parts), on)


def fewest_taints(wants: Wants, healed: Node, on: Node) -> int:
    """Return how many taints must go at least from a node whose labels are cured."""
    return min(
        count
        for count in range(len(on.taints) + 1)
        for kept in combinations(on.taints, len(on.taints) - count)
        if answers(wants, replace(healed, taints=kept))[0]
    )


Edit = Callable[[Manifest], None]


def single_edits(spec: Manifest, on: Node) -> Iterator[Edit]:
    """Yield single edits of a pod's spec, each applied to a copy of it."""
    yield lambda copy: copy.update(nodeName="")
    for key in spec.get("nodeSelector") or ():
        yield lambda copy, key=key: copy["nodeSelector"].pop(key, None)  # type: ignore[misc]
    for mark in on.taints:
        yield lambda copy, key=mark.key: copy.setdefault("tolerations", []).append(  # type: ignore[misc]
            {"key": key, "operator": "Exists"}
        )
    if "affinity" in spec:
        yield lambda copy: terms_of(copy).append(name_term(on.name))
        for index, term in enumerate(terms_of(spec)):
            for place in range(len(term.get("matchExpressions") or ())):
                yield lambda copy, index=index, place=place: terms_of(copy)[index][
                    "matchExpressions"
                ].__setitem__(  # type: ignore[misc]
                    place, {"key": "nothing", "operator": "DoesNotExist"}
                )


@given(templates(), nodes())
def test_cure_of_a_set_is_the_smallest(parts: Manifest, on: Node) -> None:
    """No fewer single edits, each as generous as can be, would let the pod run."""
    edit = cure_set(Wants.read(parts), on)
    assume(edit is not None)
    assert edit is not None
    text = json.dumps(parts)

    for chosen in combinations(list(single_edits(parts["spec"], on)), edit.size - 1):
        copy = json.loads(text)
        for change in chosen:
            change(copy["spec"])
        assert not answers(Wants.read(copy), on)[0]
