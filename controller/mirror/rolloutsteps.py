"""What the audit list says of a staged rollout that we carry out in a real cluster: each wave, and each stop.

Read from what its mirror tells, and written in the same transaction: so a step is noted once, also if the
worker that took it died at once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from controller.engine.controllers.staged_rollouts import StagedRollouts, annotations_of
from controller.engine.daemonset.staged.status import (
    MANAGER_ANNOTATION,
    PLAN_STATUS_ANNOTATION,
    Phase,
    Status,
)
from controller.engine.objects import Key, Manifest
from controller.services.audit import audit_entry
from controller.store.worlds import manager_of
from controller.store.writes import MirrorWriting

WITHIN = frozenset({Phase.PROGRESSING, Phase.SOAKING})
"""The phases in which a wave is under way: from one to the other is no step of its own."""


class Step(NamedTuple):
    """A step of the rollout of a set: its facts, and who is said to carry it out before and after it."""

    key: Key
    facts: dict[str, Any]
    managers: frozenset[str]


def step_of(key: Key, before: Manifest, after: Manifest) -> Step | None:
    """Return the step that a set's rollout took from one version to the next, None if it took none."""
    was, now = _status(before) or Status(), _status(after)
    if now is None or now.phase is Phase.WAITING or _mark(now) == _mark(was):
        return None
    facts = {"phase": _phase(now).value, "wave": now.wave, "reason": now.why and now.why.value}
    named = {annotations_of(one).get(MANAGER_ANNOTATION, "") for one in (before, after)}
    told = {name: value for name, value in facts.items() if value}
    return Step(key, told | ({"failed": list(now.failed)} if now.failed else {}), frozenset(named - {""}))


def note_step(opened: MirrorWriting, step: Step, number: int) -> None:
    """Write the entry of a step that was seen in a change, if we took it."""
    if manager_of(opened.row) not in step.managers:
        return
    about = "/".join(step.key[1:])
    entry = audit_entry(
        actor=StagedRollouts.name,
        action="rollout_step",
        about=about,
        cluster=opened.row,
        facts=step.facts,
        at=opened.now,
    )
    entry.number = number
    entry.save()


def _status(manifest: Manifest) -> Status | None:
    return Status.read(annotations_of(manifest).get(PLAN_STATUS_ANNOTATION) or "")


def _phase(status: Status) -> Phase:
    return Phase.PROGRESSING if status.phase in WITHIN else status.phase


def _mark(status: Status) -> tuple[object, ...]:
    return _phase(status), status.wave, status.why, status.revision
