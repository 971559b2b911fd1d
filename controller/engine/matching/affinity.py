"""Node selectors and required node affinity: which nodes a pod's own words allow.

Preferred affinity is not read: it orders nodes for the scheduler and forbids none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from controller.engine.matching.labels import Labels, Requirement
from controller.engine.objects import Manifest
from controller.engine.remembered import remembered

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
NAME_FIELD = "metadata.name"


@dataclass(frozen=True, slots=True)
class Term:
    """One of ``nodeSelectorTerms``: all its requirements must match; without any it matches nothing."""

    expressions: tuple[Requirement, ...] = ()
    fields: tuple[Requirement, ...] = ()

    @classmethod
    def read(cls, raw: Manifest) -> Self:
        """Read ``{matchExpressions, matchFields}``."""
        return cls(
            tuple(Requirement.read(entry) for entry in raw.get("matchExpressions") or ()),
            tuple(Requirement.read(entry) for entry in raw.get("matchFields") or ()),
        )

    @property
    def empty(self) -> bool:
        """Whether the term requires nothing, and so matches nothing."""
        return not self.expressions and not self.fields

    @property
    def manifest(self) -> Manifest:
        """Return the term as it stands in a manifest."""
        parts = {"matchExpressions": self.expressions, "matchFields": self.fields}
        return {part: [one.manifest for one in wanted] for part, wanted in parts.items() if wanted}

    def matches(self, labels: Labels, name: str) -> bool:
        """Whether a node with these labels and this name meets the term."""
        if self.empty:
            return False
        for requirement in self.expressions:
            if not requirement.matches(labels):
                return False
        return not self.fields or self.matches_name(name)

    def matches_name(self, name: str) -> bool:
        """Whether a node of this name meets ``matchFields``, which know ``metadata.name`` only."""
        names = {NAME_FIELD: name}
        for field in self.fields:  # noqa: SIM110 -- as below
            if field.key != NAME_FIELD or not field.matches(names):
                return False
        return True


def required_terms(node_affinity: Manifest | None) -> tuple[Term, ...] | None:
    """Return the terms of a pod's required ``nodeAffinity``, of which one must match; None: no need."""
    required = (node_affinity or {}).get(REQUIRED)
    return None if required is None else _terms(required)


@remembered
def _terms(required: Manifest) -> tuple[Term, ...]:
    return tuple(Term.read(raw) for raw in required.get("nodeSelectorTerms") or ())


def any_term_matches(terms: tuple[Term, ...], labels: Labels, name: str) -> bool:
    """Whether one of the terms matches; no terms match nothing."""
    for term in terms:  # noqa: SIM110 -- of every pod of a daemon, and a generator costs twice as much
        if term.matches(labels, name):
            return True
    return False


def affinity_matches(node_affinity: Manifest | None, labels: Labels, name: str) -> bool:
    """Whether a pod's ``spec.affinity.nodeAffinity`` lets it run on the node of that name and labels."""
    terms = required_terms(node_affinity)
    return terms is None or any_term_matches(terms, labels, name)


def node_selector_matches(selector: Mapping[str, str] | None, labels: Labels) -> bool:
    """Whether the node bears every label of a pod's ``spec.nodeSelector``."""
    return all(labels.get(key) == value for key, value in (selector or {}).items())
