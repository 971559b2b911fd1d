"""The ReplicaSets of a Deployment: which is the new one, which are old, and how a new one is made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Self

from controller.engine.deployment.revisions import revision_of
from controller.engine.objects import Manifest, Moment
from controller.engine.views import Deployment, ReplicaSet
from controller.engine.workloads.hashes import template_hash
from controller.engine.workloads.pods import owner_reference

TEMPLATE_HASH = "pod-template-hash"
LONGEST = 253
"""The most characters of a name."""


class Sets(NamedTuple):
    """The sets of a Deployment: the one of today's template, if it is there, and the others, oldest first."""

    new: ReplicaSet | None
    old: tuple[ReplicaSet, ...]

    @classmethod
    def of(cls, deployment: Deployment, owned: Iterable[ReplicaSet]) -> Self:
        """Sort the sets that a Deployment owns; of several of its template the oldest is the new one."""
        by_age = sorted(owned, key=_age)
        template = without_hash(deployment.template)
        new = next((each for each in by_age if without_hash(each.template) == template), None)
        return cls(new, tuple(each for each in by_age if each is not new))

    @property
    def all(self) -> tuple[ReplicaSet, ...]:
        """Return all of them."""
        return (*self.old, self.new) if self.new else self.old

    @property
    def active(self) -> tuple[ReplicaSet, ...]:
        """Return those that are asked for pods."""
        return tuple(each for each in self.all if each.replicas)

    def asked(self) -> int:
        """Return how many pods all sets are asked for."""
        return sum(each.replicas for each in self.all)


def age_of(each: ReplicaSet) -> tuple[str, float, int]:
    """Return since when a set is there; what came within a second is told apart by its revision."""
    created = each.manifest["metadata"].get("creationTimestamp") or ""
    return created, each.timers.get("born", 0.0), revision_of(each)


def _age(each: ReplicaSet) -> tuple[str, float, int, str]:
    return (*age_of(each), each.name)


def without_hash(template: Manifest) -> Manifest:
    """Return a template without the label that tells it from others."""
    meta = template.get("metadata") or {}
    labels = meta.get("labels") or {}
    if TEMPLATE_HASH not in labels:
        return template
    plain = {key: value for key, value in labels.items() if key != TEMPLATE_HASH}
    return {**template, "metadata": {**meta, "labels": plain}}


def set_name(deployment: Deployment, collisions: int) -> tuple[str, str]:
    """Return how the set of today's template is called, and the hash in it."""
    word = template_hash(deployment.template, collisions)
    return f"{deployment.name[: LONGEST - len(word) - 1]}-{word}", word


def set_manifest(
    deployment: Deployment,
    collisions: int,
    *,
    replicas: int,
    annotations: dict[str, str],
    uid: str,
    now: Moment,
) -> Manifest:
    """Return the new set of a Deployment."""
    name, word = set_name(deployment, collisions)
    template, selector = deployment.template, deployment.selector
    meta = template.get("metadata") or {}
    marked = {TEMPLATE_HASH: word}
    labels = {**(meta.get("labels") or {}), **marked}
    patience = {"minReadySeconds": deployment.min_ready_seconds} if deployment.min_ready_seconds else {}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": name,
            "namespace": deployment.namespace,
            "uid": uid,
            "creationTimestamp": now.stamp,
            "generation": 1,
            "labels": labels,
            "annotations": annotations,
            "ownerReferences": [owner_reference(deployment)],
        },
        "spec": {
            "replicas": replicas,
            **patience,
            "selector": {**selector, "matchLabels": {**(selector.get("matchLabels") or {}), **marked}},
            "template": {**template, "metadata": {**meta, "labels": labels}},
        },
        "status": {"replicas": 0},
    }
