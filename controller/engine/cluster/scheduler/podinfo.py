"""What the scheduler reads of a pod: equal ones go to the same nodes.

A thousand pods of a template have one ``PodInfo``, so what follows from it is worked out once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Self

from controller.engine.cluster.scheduler.demand import Demand
from controller.engine.matching.affinity import Term, required_terms
from controller.engine.matching.labels import Labels, Requirement
from controller.engine.matching.taints import tolerations_of
from controller.engine.objects import Manifest, Pod, Toleration
from controller.engine.remembered import remembered
from controller.engine.values import value

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
ABOUT_PODS = frozenset({"podAffinity", "podAntiAffinity"})
SPREAD_OWNERS = frozenset({"ReplicaSet", "ReplicationController", "StatefulSet"})
"""Kinds whose pods are spread although they do not ask for it."""

LabelsOf = Callable[[str], Labels]
"""Returns the labels of a namespace."""


@value(frozen=True, slots=True)
class PodTerm:
    """Which pods are meant, and the label of nodes that makes a domain of them.

    ``requirements`` None selects no pod. Pods of ``namespaces`` are meant, and of those whose labels
    meet ``namespace_requirements``, if that is not None.
    """

    key: str
    namespaces: frozenset[str]
    requirements: tuple[Requirement, ...] | None
    namespace_requirements: tuple[Requirement, ...] | None = None

    @classmethod
    def read(cls, raw: Manifest, namespace: str, labels: Labels) -> Self:
        """Read an affinity term of a pod with these labels in a namespace."""
        around = requirements_of(raw.get("namespaceSelector"))
        names = frozenset(raw.get("namespaces") or ((namespace,) if around is None else ()))
        return cls(raw["topologyKey"], names, _keyed(raw, labels), around)

    def matches(self, pod: Pod, labels_of: LabelsOf) -> bool:
        """Whether a pod is meant."""
        wanted = self.requirements
        if wanted is None or not all(one.matches(pod.labels) for one in wanted):
            return False
        if pod.namespace in self.namespaces:
            return True
        around = self.namespace_requirements
        return around is not None and all(one.matches(labels_of(pod.namespace)) for one in around)


def requirements_of(selector: Manifest | None) -> tuple[Requirement, ...] | None:
    """Return what a LabelSelector asks for, or None if there is none."""
    if selector is None:
        return None
    plain = (Requirement(key, "In", (text,)) for key, text in (selector.get("matchLabels") or {}).items())
    return (*plain, *(Requirement.read(raw) for raw in selector.get("matchExpressions") or ()))


def _keyed(raw: Manifest, labels: Labels) -> tuple[Requirement, ...] | None:
    """Return the selector of a term, with the values that the pod itself has for some labels."""
    wanted = requirements_of(raw.get("labelSelector"))
    if wanted is None:
        return None
    operators = {"matchLabelKeys": "In", "mismatchLabelKeys": "NotIn"}
    more = (
        Requirement(key, operator, (labels[key],))
        for field, operator in operators.items()
        for key in raw.get(field) or ()
        if key in labels
    )
    return (*wanted, *more)


@value(frozen=True, slots=True)
class Constraint:
    """A topology spread constraint; ``hard`` if a pod waits rather than breaks it.

    ``least`` is minDomains. ``affinity`` and ``taints``: whether nodes that the pod's node affinity, or
    its tolerations, rule out are left out of account.
    """

    term: PodTerm
    skew: int
    hard: bool
    least: int
    affinity: bool
    taints: bool

    @classmethod
    def read(cls, raw: Manifest, namespace: str, labels: Labels) -> Self:
        """Read one of ``topologySpreadConstraints``."""
        term = PodTerm(raw["topologyKey"], frozenset((namespace,)), _keyed(raw, labels))
        return cls(
            term,
            raw["maxSkew"],
            raw["whenUnsatisfiable"] == "DoNotSchedule",
            raw.get("minDomains") or 1,
            raw.get("nodeAffinityPolicy") != "Ignore",
            raw.get("nodeTaintsPolicy") == "Honor",
        )


@value(frozen=True, slots=True)
class PodInfo:
    """A pod as the scheduler sees it. ``near`` and ``apart`` are its required terms about other pods.

    ``pinned`` is the one node that it names. ``spread_with`` is the uid of the owner over whose pods it
    is spread by default, or "". ``preferred`` are node terms with their weights, ``preferred_pods`` terms
    about other pods, with a negative weight for those to keep away from. ``volumes`` are the node terms of
    its volumes, one of which must match for each.
    """

    namespace: str
    pinned: str
    demand: Demand
    priority: int
    preempts: bool
    tolerations: tuple[Toleration, ...]
    selector: tuple[tuple[str, str], ...]
    required: tuple[Term, ...] | None
    preferred: tuple[tuple[int, Term], ...]
    constraints: tuple[Constraint, ...]
    near: tuple[PodTerm, ...]
    apart: tuple[PodTerm, ...]
    preferred_pods: tuple[tuple[int, PodTerm], ...]
    spread_with: str
    volumes: tuple[tuple[Term, ...], ...] = ()

    @staticmethod
    def of(pod: Pod) -> PodInfo:
        """Read a pod that waits for a node."""
        kinds = [ref["kind"] for ref in pod.references if ref.get("controller")]
        owner = pod.owner if kinds and kinds[0] in SPREAD_OWNERS else ""
        spec = pod.manifest["spec"]
        keyed = tuple(sorted(pod.labels.items())) if _asks_for_keys(spec) else ()
        read = _read if pod.node else _remembered  # a pod that names its node shares its spec with no other
        return read(spec, pod.namespace, pod.node, owner, keyed)

    def about_others(self) -> PodInfo:
        """Return what is asked of where other pods stand alone, for a pod whose node is given."""
        return replace(
            self,
            pinned="",
            selector=(),
            required=None,
            preferred=(),
            constraints=(),
            preferred_pods=(),
            spread_with="",
        )


def _asks_for_keys(spec: Manifest) -> bool:
    """Whether what a pod asks for depends on its own labels."""
    affinity = spec.get("affinity")
    if not spec.get("topologySpreadConstraints") and (not affinity or ABOUT_PODS.isdisjoint(affinity)):
        return False  # as most
    asked = [*(spec.get("topologySpreadConstraints") or ()), *(raw for _, raw in _pod_terms(spec))]
    return any(raw.get(field) for raw in asked for field in ("matchLabelKeys", "mismatchLabelKeys"))


def _pod_terms(spec: Manifest) -> Iterator[tuple[tuple[str, str, int], Manifest]]:
    """Yield all terms about other pods, with (field, REQUIRED or PREFERRED, weight)."""
    affinity = spec.get("affinity") or {}
    if ABOUT_PODS.isdisjoint(affinity):
        return
    for field, sign in (("podAffinity", 1), ("podAntiAffinity", -1)):
        found = affinity.get(field) or {}
        for raw in found.get(REQUIRED) or ():
            yield (field, REQUIRED, sign), raw
        for entry in found.get(PREFERRED) or ():
            yield (field, PREFERRED, sign * entry["weight"]), entry["podAffinityTerm"]


def _read(
    spec: Manifest, namespace: str, pinned: str, owner: str, labels: tuple[tuple[str, str], ...]
) -> PodInfo:
    node_affinity = (spec.get("affinity") or {}).get("nodeAffinity")
    terms = [
        ((field, when), weight, PodTerm.read(raw, namespace, dict(labels)))
        for (field, when, weight), raw in _pod_terms(spec)
    ]
    constraints = spec.get("topologySpreadConstraints") or ()
    selector = spec.get("nodeSelector")
    return PodInfo(
        namespace=namespace,
        pinned=pinned,
        demand=Demand.of(spec),
        priority=spec.get("priority") or 0,
        preempts=spec.get("preemptionPolicy") != "Never",
        tolerations=tolerations_of(spec),
        selector=tuple(sorted(selector.items())) if selector else (),
        required=required_terms(node_affinity),
        preferred=tuple(
            [
                (entry["weight"], Term.read(entry["preference"]))
                for entry in (node_affinity or {}).get(PREFERRED) or ()
            ]
        ),
        constraints=tuple([Constraint.read(raw, namespace, dict(labels)) for raw in constraints]),
        near=tuple([term for where, _, term in terms if where == ("podAffinity", REQUIRED)]),
        apart=tuple([term for where, _, term in terms if where == ("podAntiAffinity", REQUIRED)]),
        preferred_pods=tuple([(weight, term) for where, weight, term in terms if where[1] == PREFERRED]),
        spread_with="" if constraints else owner,
    )


_remembered = remembered(_read)


@value(frozen=True, slots=True)
class Footprint:
    """What a pod that stands means for others: what it takes, how much it matters, whom it repels."""

    demand: Demand
    priority: int
    apart: tuple[PodTerm, ...]

    @staticmethod
    def of(pod: Pod) -> Footprint:
        """Read a pod that is bound."""
        spec = pod.manifest["spec"]
        if not (spec.get("affinity") or {}).get("podAntiAffinity"):
            return Footprint(Demand.standing(pod.manifest), spec.get("priority") or 0, ())
        info = PodInfo.of(pod)
        return Footprint(Demand.standing(pod.manifest), info.priority, info.apart)
