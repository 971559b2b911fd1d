"""Edits that only a DaemonSet has: its pause, which is Everynode's own, and its strategy.

Each changes only what it names, and each may say which version of the set it was made from.
"""

from __future__ import annotations

from dataclasses import dataclass

from controller.engine.edits.draft import Draft
from controller.engine.edits.manifest_copies import with_annotation
from controller.engine.objects import PAUSED_ANNOTATION, Key, Manifest
from controller.engine.reasons import Reason


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


def _name(key: Key) -> str:
    return f"{key[1]}/{key[2]}"
