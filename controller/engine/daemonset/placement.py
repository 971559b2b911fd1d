"""Whether a daemon pod should run on a node, and whether one that is there may stay.

``answers`` gives the bare answers and is quick, because a pass asks it for thousands of nodes;
``verdict`` gives the same answers with every check behind them, for a person who asks why. A check is
a rule and its facts; ``dashboard/present/checks.py`` puts it into words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from controller.engine.daemonset.pod_factory import daemon_tolerations
from controller.engine.matching.affinity import NAME_FIELD, Term, any_term_matches, required_terms
from controller.engine.matching.labels import Labels, Requirement
from controller.engine.matching.taints import covering
from controller.engine.objects import Manifest, Node, Taint, Toleration

Answers = tuple[bool, bool]
"""Should run (make a pod if there is none) and may stay (a pod that is there may go on)."""

RUN: Answers = (True, True)
STAY: Answers = (False, True)
NO: Answers = (False, False)


@dataclass(frozen=True, slots=True)
class Wants:
    """What a pod template asks of a node, read once. ``terms`` is None without required affinity.

    ``tolerations`` hold those that every daemon pod is given.
    """

    node_name: str
    selector: tuple[tuple[str, str], ...]
    terms: tuple[Term, ...] | None
    tolerations: tuple[Toleration, ...]

    @classmethod
    def read(cls, template: Manifest) -> Self:
        """Read a set's ``spec.template``."""
        spec = template["spec"]
        return cls(
            node_name=spec.get("nodeName") or "",
            selector=tuple((spec.get("nodeSelector") or {}).items()),
            terms=required_terms((spec.get("affinity") or {}).get("nodeAffinity")),
            tolerations=tuple(Toleration.read(raw) for raw in daemon_tolerations(spec)),
        )


def answers(wants: Wants, node: Node) -> Answers:
    """Return whether a daemon pod should run on the node and whether one that is there may stay.

    Cordon, readiness and free resources play no part, save through the taints that they bring.
    """
    if wants.node_name and wants.node_name != node.name:
        return NO
    labels = node.labels
    for key, value in wants.selector:
        if labels.get(key) != value:
            return NO
    if wants.terms is not None and not any_term_matches(wants.terms, labels, node.name):
        return NO
    return _taint_answers(wants, node.taints) if node.taints else RUN


def _taint_answers(wants: Wants, taints: tuple[Taint, ...]) -> Answers:
    said = RUN
    for taint in taints:
        if taint.effect != "PreferNoSchedule" and covering(taint, wants.tolerations) is None:
            if taint.effect == "NoExecute":
                return NO
            said = STAY
    return said


Traits = tuple[object, ...]
"""What the rules see of a node. Nodes with equal traits get equal answers, by equal checks."""


def traits_of(wants: Wants) -> Callable[[Node], Traits]:
    """Return what reads the traits of a node, as far as a template asks after them.

    It costs less than a verdict, so that thousands of nodes can be told apart by a few.
    """
    terms = wants.terms or ()
    keys = sorted(
        {key for key, _ in wants.selector} | {one.key for term in terms for one in term.expressions}
    )
    names = {wants.node_name} | {name for term in terms for one in term.fields for name in one.values}

    def traits(node: Node) -> Traits:
        get = node.labels.get
        return (node.name if node.name in names else "", node.taints, *[get(key) for key in keys])

    return traits


@dataclass(frozen=True, slots=True)
class NodeNameCheck:
    """Whether the template names the node; ``wanted`` is "" if it names none."""

    rule: ClassVar = "nodeName"
    wanted: str
    name: str

    @property
    def passed(self) -> bool | None:
        """Whether the node passes; None if nothing is asked."""
        return self.wanted == self.name if self.wanted else None

    @property
    def keeps(self) -> bool:
        """Whether a pod that is there may stay as far as this rule goes."""
        return self.passed is not False


@dataclass(frozen=True, slots=True)
class Unmet:
    """What is wanted of a label, or (``is_field``) of a field of the node, and what it has instead.

    ``value`` is None if the node has no such label.
    """

    wanted: Requirement
    value: str | None
    is_field: bool = False


@dataclass(frozen=True, slots=True)
class NodeSelectorCheck:
    """Whether the node bears every label of the template's node selector."""

    rule: ClassVar = "nodeSelector"
    wanted: tuple[tuple[str, str], ...]
    unmet: tuple[Unmet, ...]

    @property
    def passed(self) -> bool | None:
        """Whether the node passes; None if nothing is asked."""
        return not self.unmet if self.wanted else None

    @property
    def keeps(self) -> bool:
        """Whether a pod that is there may stay as far as this rule goes."""
        return not self.unmet


@dataclass(frozen=True, slots=True)
class NodeAffinityCheck:
    """Whether one of the terms of the required node affinity matches; ``terms`` is None without one.

    ``matching`` is the first that does. If none does, ``unmet`` has an entry for each term, which is
    empty for a term that asks nothing and so matches no node.
    """

    rule: ClassVar = "nodeAffinity"
    terms: tuple[Term, ...] | None
    matching: Term | None
    unmet: tuple[tuple[Unmet, ...], ...]

    @property
    def passed(self) -> bool | None:
        """Whether the node passes; None if nothing is asked."""
        return None if self.terms is None else self.matching is not None

    @property
    def keeps(self) -> bool:
        """Whether a pod that is there may stay as far as this rule goes."""
        return self.passed is not False


@dataclass(frozen=True, slots=True)
class TaintCheck:
    """Whether a taint of the node is tolerated, by which toleration."""

    rule: ClassVar = "taint"
    taint: Taint
    toleration: Toleration | None

    @property
    def passed(self) -> bool | None:
        """Whether the node passes; None for a preference, which keeps no daemon pod away."""
        return None if self.taint.effect == "PreferNoSchedule" else self.toleration is not None

    @property
    def keeps(self) -> bool:
        """Whether a pod that is there may stay as far as this rule goes."""
        return self.passed is not False or self.taint.effect != "NoExecute"


Check = NodeNameCheck | NodeSelectorCheck | NodeAffinityCheck | TaintCheck
"""One rule, asked of one node: facts only, they are put into words where they are shown."""


def nameless(check: Check) -> Check:
    """Return a check without the name of the node that it was asked of: nodes may share it then."""
    match check:
        case NodeNameCheck():
            return replace(check, name="")
        case NodeAffinityCheck():
            unmet = tuple(tuple(map(_nameless, one)) for one in check.unmet)
            return replace(check, unmet=unmet)
        case _:
            return check


def _nameless(unmet: Unmet) -> Unmet:
    return replace(unmet, value="") if unmet.is_field and unmet.value else unmet


@dataclass(frozen=True, slots=True)
class Verdict:
    """The two answers with all checks, in the order in which they count."""

    should_run: bool
    may_stay: bool
    checks: tuple[Check, ...]

    @property
    def first_failing(self) -> Check | None:
        """Return the check that keeps the pod away, the first if there are several."""
        return next((check for check in self.checks if check.passed is False), None)


def verdict(wants: Wants, node: Node) -> Verdict:
    """Return the answers for a node with every check; none is skipped after a failing one."""
    checks: tuple[Check, ...] = (
        NodeNameCheck(wants.node_name, node.name),
        NodeSelectorCheck(wants.selector, tuple(_unmet_labels(wants.selector, node.labels))),
        _node_affinity(wants.terms, node),
        *(TaintCheck(taint, covering(taint, wants.tolerations)) for taint in node.taints),
    )
    return Verdict(
        should_run=all(check.passed is not False for check in checks),
        may_stay=all(check.keeps for check in checks),
        checks=checks,
    )


def _unmet_labels(selector: Iterable[tuple[str, str]], labels: Labels) -> Iterator[Unmet]:
    for key, value in selector:
        if labels.get(key) != value:
            yield Unmet(Requirement(key, "In", (value,)), labels.get(key))


def _node_affinity(terms: tuple[Term, ...] | None, node: Node) -> NodeAffinityCheck:
    matching = next((term for term in terms or () if term.matches(node.labels, node.name)), None)
    unmet = () if matching else tuple(tuple(_unmet_of(term, node)) for term in terms or ())
    return NodeAffinityCheck(terms, matching, unmet)


def _unmet_of(term: Term, node: Node) -> Iterator[Unmet]:
    for wanted in term.expressions:
        if not wanted.matches(node.labels):
            yield Unmet(wanted, node.labels.get(wanted.key))
    for wanted in term.fields:
        if wanted.key != NAME_FIELD or not wanted.matches({NAME_FIELD: node.name}):
            yield Unmet(wanted, node.name if wanted.key == NAME_FIELD else None, is_field=True)
