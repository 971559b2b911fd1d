"""Edits of a DaemonSet by name: image, restart, pause, strategy, rollback, behaviour.

Each changes only what it names, and each may say which version of the set it was made from.
"""

from __future__ import annotations

from dataclasses import dataclass

from controller.engine.edits.draft import Draft
from controller.engine.edits.manifest_copies import behaving, behaviour_of, with_annotation, with_template
from controller.engine.errors import NotFound
from controller.engine.objects import PAUSED_ANNOTATION, Key, Manifest, Revision
from controller.engine.reasons import Reason

RESTARTED = "kubectl.kubernetes.io/restartedAt"


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
        draft.note_changes("daemonset_image", _name(self.key), written, container=self.container)

    def _changed(self, manifest: Manifest) -> Manifest:
        spec = manifest["spec"]["template"]["spec"]
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
            return with_template(manifest, **with_annotation(manifest["spec"]["template"], RESTARTED, moment))

        draft.change(self.key, marked, Reason.RESTARTED, self.seen)
        draft.note("daemonset_restart", _name(self.key))


@dataclass(frozen=True, slots=True)
class PauseRollout:
    """Pause a rollout or let it go on. Missing pods are created meanwhile. Raises NotFound, Conflict."""

    key: Key
    paused: bool
    seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        value = "true" if self.paused else ""
        action, reason = (
            ("daemonset_pause", Reason.ROLLOUT_PAUSED)
            if self.paused
            else ("daemonset_resume", Reason.ROLLOUT_RESUMED)
        )
        written = draft.change(
            self.key,
            lambda manifest: with_annotation(manifest, PAUSED_ANNOTATION, value),
            reason,
            self.seen,
        )
        if written:
            draft.note(action, _name(self.key))


@dataclass(frozen=True, slots=True)
class SetStrategy:
    """Set how pods are replaced; what is None stays as it is. Raises NotFound, Conflict, Invalid.

    ``type`` is RollingUpdate or OnDelete; the two bounds are numbers or percentages, unused by OnDelete.
    """

    key: Key
    type: str | None = None
    max_unavailable: int | str | None = None
    max_surge: int | str | None = None
    min_ready_seconds: int | None = None
    seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        written = draft.change(self.key, self._changed, Reason.STRATEGY_SET, self.seen)
        draft.note_changes("daemonset_strategy", _name(self.key), written)

    def _changed(self, manifest: Manifest) -> Manifest:
        spec = manifest["spec"]
        standing = spec["updateStrategy"]
        kind = self.type or standing["type"]
        bounds = {"maxUnavailable": self.max_unavailable, "maxSurge": self.max_surge}
        given = {name: value for name, value in bounds.items() if value is not None}
        rolling = {**(standing.get("rollingUpdate") or {}), **given}
        update = {"type": kind, **({"rollingUpdate": rolling} if kind != "OnDelete" and rolling else {})}
        ready = {} if self.min_ready_seconds is None else {"minReadySeconds": self.min_ready_seconds}
        return {**manifest, "spec": {**spec, "updateStrategy": update, **ready}}


@dataclass(frozen=True, slots=True)
class Rollback:
    """Write the template of an old revision back. Raises NotFound (the set or the revision), Conflict."""

    key: Key
    revision: int
    seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""

        def changed(manifest: Manifest) -> Manifest:
            kept = draft.objects.revisions(manifest["metadata"]["uid"])
            old = [Revision.read(one) for one in kept if one["revision"] == self.revision]
            if not old:
                raise NotFound("revisions", str(self.revision))
            return {**manifest, "spec": {**manifest["spec"], "template": old[0].template}}

        written = draft.change(self.key, changed, Reason.ROLLED_BACK, self.seen)
        draft.note_changes("daemonset_rollback", _name(self.key), written, revision=self.revision)


@dataclass(frozen=True, slots=True)
class SetBehaviour:
    """Let the pods of a set behave in a certain way from the next rollout on; "": by themselves.

    Raises NotFound, Conflict.
    """

    key: Key
    behaviour: str
    seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""

        def changed(manifest: Manifest) -> Manifest:
            return with_template(manifest, **behaving(manifest["spec"]["template"], self.behaviour))

        written = draft.change(self.key, changed, Reason.BEHAVIOUR_SET, self.seen)
        if written:
            before = behaviour_of(written.before.manifest["spec"]["template"])
            draft.note("daemonset_behaviour", _name(self.key), before=before, behaviour=self.behaviour)


def _name(key: Key) -> str:
    return f"{key[1]}/{key[2]}"
