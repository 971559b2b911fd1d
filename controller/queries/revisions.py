"""The revisions of a set, with what each changed and what going back to it would change."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff

from django.db.models import Count

from controller import manifests, models
from controller.engine.objects import Manifest, Revision
from controller.queries.source import looking, set_in
from controller.store import rows

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


def revisions(*, cluster: int, namespace: str, name: str) -> tuple[RevisionRow, ...]:
    """Return the revisions that are kept of a set, newest first. Raises NotFound."""
    with looking(cluster) as (_, picture):
        coverage = set_in(picture.world, namespace, name)
        uid, current, template = coverage.ds.uid, coverage.hash, coverage.ds.template
    kept = [Revision.read(manifest) for manifest in rows.revisions(cluster, uid)]
    pods = models.Pod.objects.filter(cluster=cluster, owner=uid).values_list("hash").annotate(Count("pk"))
    counts, now = dict(pods), manifests.dump(template)
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
                pods=counts.get(revision.hash, 0),
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
