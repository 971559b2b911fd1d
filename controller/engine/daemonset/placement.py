"""Whether a daemon pod should run on a node, and whether one that is there may stay.

``answers`` gives the bare answers and is quick, because a pass asks it for thousands of nodes;
``verdict`` gives the same answers with every check behind them, for a person who asks why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from controller.engine.daemonset import sentences
from controller.engine.daemonset.births import daemon_tolerations
from controller.engine.matching.affinity import Term, any_term_matches, required_terms
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


@dataclass(frozen=True, slots=True)
class Check:
    """One rule, asked of one node.

    ``rule`` is nodeName, nodeSelector, nodeAffinity or taint; ``passed`` is None when the template
    (or a preference only) asks nothing; ``keeps`` says whether a pod that is there may stay as far
    as this rule goes; ``subject`` is what was wanted or, for a taint, the taint.
    """

    rule: str
    passed: bool | None
    keeps: bool
    subject: str
    message: str


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
    """Return the answers for a node, each check with a sentence; none is skipped after a failing one."""
    checks = (
        _node_name(wants, node),
        _node_selector(wants, node),
        _node_affinity(wants, node),
        *(_taint(wants, taint) for taint in node.taints),
    )
    return Verdict(
        should_run=all(check.passed is not False for check in checks),
        may_stay=all(check.keeps for check in checks),
        checks=checks,
    )


def _node_name(wants: Wants, node: Node) -> Check:
    passed = wants.node_name == node.name if wants.node_name else None
    message = sentences.node_name(wants.node_name, node.name)
    return Check("nodeName", passed, passed is not False, wants.node_name, message)


def _node_selector(wants: Wants, node: Node) -> Check:
    matches = all(node.labels.get(key) == value for key, value in wants.selector)
    subject = ", ".join(f"{key}={value}" for key, value in wants.selector)
    message = sentences.node_selector(wants.selector, node.labels)
    return Check("nodeSelector", matches if wants.selector else None, matches, subject, message)


def _node_affinity(wants: Wants, node: Node) -> Check:
    passed = None if wants.terms is None else any_term_matches(wants.terms, node.labels, node.name)
    subject = sentences.terms(wants.terms or ())
    message = sentences.node_affinity(wants.terms, node.labels, node.name)
    return Check("nodeAffinity", passed, passed is not False, subject, message)


def _taint(wants: Wants, taint: Taint) -> Check:
    if taint.effect == "PreferNoSchedule":
        return Check("taint", None, True, str(taint), sentences.preference(taint))  # noqa: FBT003 -- see Check
    cover = covering(taint, wants.tolerations)
    keeps = cover is not None or taint.effect != "NoExecute"
    return Check("taint", cover is not None, keeps, str(taint), sentences.taint(taint, cover))
