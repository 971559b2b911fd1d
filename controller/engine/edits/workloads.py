"""Edits that all controllers of pods have in common: image, restart, pause, rollback, behaviour.

Each changes only what it names, and each may say which version of the workload it was made from. How
many pods one asks for is ``scale.py``; what only a DaemonSet has is in ``daemonsets.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from controller.engine.deployment.revisions import revision_of
from controller.engine.deployment.sets import without_hash
from controller.engine.edits.deletion import about_of
from controller.engine.edits.draft import Draft
from controller.engine.edits.manifest_copies import (
    behaving,
    behaviour_of,
    template_of,
    with_annotation,
    with_template,
)
from controller.engine.errors import BadRequest, NotFound
from controller.engine.objects import Key, Manifest, Revision, owner_uid
from controller.engine.reasons import Reason
from controller.engine.views import ReplicaSet

RESTARTED = "kubectl.kubernetes.io/restartedAt"

PAUSES = {"Deployment": "paused", "Job": "suspend", "CronJob": "suspend"}
"""The field of the spec that lets a workload stand still. A DaemonSet has none: see ``PauseRollout``."""


@dataclass(frozen=True, slots=True)
class SetImage:
    """Set the image of one container, an init container included. Raises NotFound, Conflict, Invalid."""

    key: Key
    container: str
    image: str
    seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        written = draft.change(self.key, self._changed, Reason.IMAGE_SET, self.seen)
        draft.note_changes("workload_image", about_of(self.key), written, container=self.container)

    def _changed(self, manifest: Manifest) -> Manifest:
        spec = template_of(manifest)["spec"]
        lists = {part: spec[part] for part in ("containers", "initContainers") if spec.get(part)}
        if not any(one["name"] == self.container for many in lists.values() for one in many):
            raise NotFound("containers", self.container)
        news = {
            part: [{**one, "image": self.image} if one["name"] == self.container else one for one in many]
            for part, many in lists.items()
        }
        return with_template(manifest, spec={**spec, **news})


@dataclass(frozen=True, slots=True)
class Restart:
    """Let every pod be replaced, the way ``kubectl rollout restart`` does. Raises NotFound, Conflict."""

    key: Key
    seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        moment = draft.moment.wall.isoformat()

        def marked(manifest: Manifest) -> Manifest:
            return with_template(manifest, **with_annotation(template_of(manifest), RESTARTED, moment))

        draft.change(self.key, marked, Reason.RESTARTED, self.seen)
        draft.note("workload_restart", about_of(self.key))


@dataclass(frozen=True, slots=True)
class Pause:
    """Let a Deployment's rollout, a Job or a CronJob stand still, or go on.

    Raises NotFound, Conflict, BadRequest (a kind that has no such field).
    """

    key: Key
    paused: bool
    seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        field = PAUSES.get(self.key[0])
        if field is None:
            raise BadRequest(f"a {self.key[0]} cannot be paused")
        action, reason = (
            ("workload_pause", Reason.ROLLOUT_PAUSED)
            if self.paused
            else ("workload_resume", Reason.ROLLOUT_RESUMED)
        )

        def changed(manifest: Manifest) -> Manifest:
            return {**manifest, "spec": {**manifest["spec"], field: self.paused}}

        if draft.change(self.key, changed, reason, self.seen):
            draft.note(action, about_of(self.key))


@dataclass(frozen=True, slots=True)
class Rollback:
    """Write the template of an old revision back.

    A Deployment keeps its old templates in ReplicaSets, the others in ControllerRevisions. Raises
    NotFound (the workload or the revision), Conflict.
    """

    key: Key
    revision: int
    seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""

        def changed(manifest: Manifest) -> Manifest:
            kept = _kept_by_sets if self.key[0] == "Deployment" else _kept_by_revisions
            templates = kept(draft, manifest["metadata"]["uid"])
            old = [template for number, template in templates if number == self.revision]
            if not old:
                raise NotFound("revisions", str(self.revision))
            return {**manifest, "spec": {**manifest["spec"], "template": old[0]}}

        written = draft.change(self.key, changed, Reason.ROLLED_BACK, self.seen)
        draft.note_changes("workload_rollback", about_of(self.key), written, revision=self.revision)


def _kept_by_revisions(draft: Draft, owner: str) -> Iterator[tuple[int, Manifest]]:
    for one in draft.objects.revisions(owner):
        yield one["revision"], Revision.read(one).template


def _kept_by_sets(draft: Draft, owner: str) -> Iterator[tuple[int, Manifest]]:
    for one in draft.objects.of_kind(ReplicaSet.KIND):
        if owner_uid(one.manifest["metadata"]) == owner:
            view = ReplicaSet.read(one.manifest, one.timers)
            yield revision_of(view), without_hash(view.template)


@dataclass(frozen=True, slots=True)
class SetBehaviour:
    """Let the pods that are made from now on behave in a certain way; "": by themselves.

    Raises NotFound, Conflict.
    """

    key: Key
    behaviour: str
    seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""

        def changed(manifest: Manifest) -> Manifest:
            return with_template(manifest, **behaving(template_of(manifest), self.behaviour))

        written = draft.change(self.key, changed, Reason.BEHAVIOUR_SET, self.seen)
        if written:
            before = behaviour_of(template_of(written.before.manifest))
            draft.note("workload_behaviour", about_of(self.key), before=before, behaviour=self.behaviour)
