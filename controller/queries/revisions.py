"""The revisions of a set, with what each changed and what going back to it would change."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import unified_diff

from controller import manifests
from controller.engine.controllers.daemonset.controller import revisions_of
from controller.engine.objects import HASH_LABEL, Manifest
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


def revisions(view: ClusterView, *, namespace: str, name: str) -> tuple[RevisionRow, ...]:
    """Return the revisions that are kept of a set, newest first. Raises NotFound."""
    coverage = set_in(view, namespace, name)
    current, now = coverage.hash, manifests.dump(coverage.ds.template)
    kept = sorted(revisions_of(view.world, coverage.ds.uid), key=lambda revision: revision.number)
    counts = Counter(pod.labels.get(HASH_LABEL, "") for pods in coverage.pods.values() for pod in pods)
    made, before = [], ""
    for revision in kept:
        text = manifests.dump(revision.template)
        made.append(
            RevisionRow(
                number=revision.number,
                name=revision.name,
                hash=revision.hash,
                created=revision.manifest["metadata"].get("creationTimestamp") or "",
                current=revision.hash == current,
                images=_images(revision.template),
                cause=(revision.manifest["metadata"].get("annotations") or {}).get(CAUSE, ""),
                pods=counts[revision.hash],
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
