"""The revisions of a workload, with what each changed and what going back to it would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import unified_diff

from controller import manifests
from controller.engine.controllers.daemonset.controller import revisions_of
from controller.engine.deployment.revisions import revision_of
from controller.engine.deployment.sets import TEMPLATE_HASH, without_hash
from controller.engine.objects import HASH_LABEL, Manifest, Pod
from controller.engine.views import ReplicaSet
from controller.queries.source import set_in
from controller.store.views import ClusterView

CAUSE = "kubernetes.io/change-cause"


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """A kept template. ``pods`` counts those that were made from it, ``cause`` is what its author noted.

    ``changed`` is a unified diff of the template as YAML from the revision before it to it, and
    ``back`` from the current template to it: what a rollback would change. Both "" if equal.
    """

    number: int
    name: str
    hash: str
    created: str
    current: bool
    images: tuple[str, ...]
    cause: str
    pods: int
    changed: str
    back: str


@dataclass(frozen=True, slots=True)
class _Kept:
    """A template that somebody keeps, with who kept it; ``mark`` tells its pods from others."""

    number: int
    name: str
    mark: str
    template: Manifest
    keeper: Manifest
    pods: int
    current: bool


def revisions(view: ClusterView, *, namespace: str, name: str) -> tuple[RevisionRow, ...]:
    """Return the revisions that are kept of a set, newest first. Raises NotFound."""
    coverage = set_in(view, namespace, name)
    counts = Counter(pod.labels.get(HASH_LABEL, "") for pods in coverage.pods.values() for pod in pods)
    kept = [
        _Kept(
            number=one.number,
            name=one.name,
            mark=one.hash,
            template=one.template,
            keeper=one.manifest,
            pods=counts[one.hash],
            current=one.hash == coverage.hash,
        )
        for one in revisions_of(view.world, coverage.ds.uid)
    ]
    return _rows(kept, coverage.ds.template)


def revisions_of_workload(view: ClusterView, workload: Manifest) -> tuple[RevisionRow, ...]:
    """Return what a Deployment or a StatefulSet keeps of its templates, newest first; of others none."""
    read = {"Deployment": _kept_by_sets, "StatefulSet": _kept_by_revisions}.get(workload["kind"])
    return _rows(read(view, workload), workload["spec"]["template"]) if read else ()


def _kept_by_sets(view: ClusterView, deployment: Manifest) -> list[_Kept]:
    now = without_hash(deployment["spec"]["template"])
    return [
        _Kept(
            number=revision_of(one),
            name=one.name,
            mark=one.labels.get(TEMPLATE_HASH, ""),
            template=without_hash(one.template),
            keeper=one.manifest,
            pods=len(view.world.owned(one.uid, Pod)),
            current=without_hash(one.template) == now,
        )
        for one in view.world.owned(deployment["metadata"]["uid"], ReplicaSet).values()
    ]


def _kept_by_revisions(view: ClusterView, workload: Manifest) -> list[_Kept]:
    uid = workload["metadata"]["uid"]
    counts = Counter(pod.labels.get(HASH_LABEL, "") for pod in view.world.owned(uid, Pod).values())
    latest = (workload.get("status") or {}).get("updateRevision")
    return [
        _Kept(
            number=one.number,
            name=one.name,
            mark=one.hash,
            template=one.template,
            keeper=one.manifest,
            pods=counts[one.name],
            current=one.name == latest,
        )
        for one in revisions_of(view.world, uid)
    ]


def _rows(kept: Iterable[_Kept], template: Manifest) -> tuple[RevisionRow, ...]:
    now, made, before = manifests.dump(template), list[RevisionRow](), ""
    for one in sorted(kept, key=lambda each: each.number):
        text, meta = manifests.dump(one.template), one.keeper["metadata"]
        made.append(
            RevisionRow(
                number=one.number,
                name=one.name,
                hash=one.mark,
                created=meta.get("creationTimestamp") or "",
                current=one.current,
                images=_images(one.template),
                cause=(meta.get("annotations") or {}).get(CAUSE, ""),
                pods=one.pods,
                changed=_diff(before, text) if before else "",
                back=_diff(now, text),
            )
        )
        before = text
    return tuple(reversed(made))


def _images(template: Manifest) -> tuple[str, ...]:
    return tuple(each["image"] for each in template["spec"]["containers"])


def _diff(old: str, new: str) -> str:
    """Return what differs, without the two lines that name files."""
    lines = list(unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=3))
    return "\n".join(lines[2:])
