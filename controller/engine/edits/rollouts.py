"""Edits of staged rollouts: give a set a plan, let it go on, take it away, go back to before it.

All are annotations, so that ``kubectl annotate`` does the same; what comes of it is decided by
``controller/engine/daemonset/staged/``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.engine.admission import field_errors
from controller.engine.daemonset.staged.plan import FIELDS, InvalidPlan, Plan
from controller.engine.daemonset.staged.status import (
    MANAGER_ANNOTATION,
    PLAN_STATUS_ANNOTATION,
    PROMOTE_ANNOTATION,
    Phase,
    Status,
)
from controller.engine.edits.draft import Draft
from controller.engine.edits.manifest_copies import with_annotation
from controller.engine.errors import Cause, Invalid, NotAwaiting, NotFound
from controller.engine.objects import (
    PAUSED_ANNOTATION,
    PLAN_ANNOTATION,
    Key,
    Manifest,
    Revision,
)
from controller.engine.reasons import Reason

PATH = f"metadata.annotations[{PLAN_ANNOTATION}]"


@dataclass(frozen=True, slots=True)
class SetPlan:
    """Give a DaemonSet a plan by which it is rolled out from now on, or another one.

    ``fields`` are those of the annotation (``FIELDS`` of ``staged/plan.py``); what is left out is as by
    default. ``manager`` is who carries it out in a real cluster. Raises NotFound, Conflict, Invalid with
    every fault.
    """

    key: Key
    fields: Mapping[str, Any]
    seen: str = ""
    manager: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        try:
            text = Plan.of(self.fields).text()
        except InvalidPlan as invalid:
            causes = [_cause(one.field, self.fields.get(one.field), one.must) for one in invalid.faults]
            raise Invalid("DaemonSet", self.key[2], causes) from None

        def changed(manifest: Manifest) -> Manifest:
            if self.manager:
                manifest = with_annotation(manifest, MANAGER_ANNOTATION, self.manager)
            return with_annotation(manifest, PLAN_ANNOTATION, text)

        if draft.change(self.key, changed, Reason.PLAN_SET, self.seen):
            draft.note("rollout_plan", _name(self.key), plan=text)


def _cause(name: str, value: object, must: str) -> Cause:
    return field_errors.invalid(f"{PATH}.{name}" if name in FIELDS else PATH, value, must)


@dataclass(frozen=True, slots=True)
class EndPlan:
    """Take the plan of a DaemonSet away: its own strategy comes back, and does the rest.

    Raises NotFound, Conflict.
    """

    key: Key
    seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""

        def changed(manifest: Manifest) -> Manifest:
            return with_annotation(manifest, PLAN_ANNOTATION, "")

        if draft.change(self.key, changed, Reason.PLAN_ENDED, self.seen):
            draft.note("rollout_plan_end", _name(self.key))


@dataclass(frozen=True, slots=True)
class Promote:
    """Let a plan go on after the wave of that name, at which it waits for somebody.

    Raises NotFound, NotAwaiting.
    """

    key: Key
    wave: str

    def decide(self, draft: Draft) -> None:
        """Decide it."""

        def changed(manifest: Manifest) -> Manifest:
            status = _status(manifest)
            if status is None or (status.phase, status.wave) != (Phase.AWAITING, self.wave):
                raise NotAwaiting(self.key, self.wave)
            return with_annotation(manifest, PROMOTE_ANNOTATION, self.wave)

        if draft.change(self.key, changed, Reason.PLAN_PROMOTED):
            draft.note("rollout_promote", _name(self.key), wave=self.wave)


@dataclass(frozen=True, slots=True)
class UndoRollout:
    """Write the template of before the plan back, which ends it; a pause ends as well.

    Raises NotFound (the set, or a revision to go back to), Conflict.
    """

    key: Key
    seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""

        def changed(manifest: Manifest) -> Manifest:
            status = _status(manifest)
            previous = status.previous if status and not status.ended else ""
            kept = (Revision.read(one) for one in draft.objects.revisions(manifest["metadata"]["uid"]))
            templates = [one.template for one in kept if previous and one.hash == previous]
            if not templates:
                raise NotFound("revisions", previous)
            spec = {**manifest["spec"], "template": templates[0]}
            return with_annotation({**manifest, "spec": spec}, PAUSED_ANNOTATION, "")

        if draft.change(self.key, changed, Reason.ROLLED_BACK, self.seen):
            draft.note("rollout_undo", _name(self.key))


def _status(manifest: Manifest) -> Status | None:
    annotations = manifest["metadata"].get("annotations") or {}
    return Status.read(annotations.get(PLAN_STATUS_ANNOTATION) or "")


def _name(key: Key) -> str:
    return f"{key[1]}/{key[2]}"
