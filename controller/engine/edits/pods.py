"""Edits of single pods: make them misbehave, and kill what runs in them."""

from __future__ import annotations

from dataclasses import dataclass

from controller.engine.changes import Change, Verb
from controller.engine.cluster.restart import ended, killed
from controller.engine.edits.draft import Draft
from controller.engine.edits.manifest_copies import behaving, behaviour_of
from controller.engine.objects import Key, Pod
from controller.engine.reasons import Reason


@dataclass(frozen=True, slots=True)
class SetPodBehaviour:
    """Let a live pod behave in a certain way at once; "": by itself. Raises NotFound, Conflict."""

    key: Key
    behaviour: str
    seen: str = ""

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        written = draft.change(
            self.key, lambda pod: behaving(pod, self.behaviour), Reason.BEHAVIOUR_SET, self.seen
        )
        if written:
            before = behaviour_of(written.before.manifest)
            draft.note("pod_behaviour", _name(self.key), before=before, behaviour=self.behaviour)


@dataclass(frozen=True, slots=True)
class KillContainer:
    """Send a signal to the first process of a container: it ends, and is started again.

    One that does not run is left alone. Raises NotFound.
    """

    key: Key
    container: str
    signal: int

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        found = draft.standing(*self.key)
        after = killed(Pod.read(found.manifest, found.timers), self.container, draft.moment, self.signal)
        if after:
            manifest, timers = after
            draft.decide(
                Change(Verb.MODIFIED, "Pod", manifest, draft.context.actor, Reason.SIGNALLED, timers)
            )
            draft.note("pod_kill", _name(self.key), container=self.container, signal=self.signal)


@dataclass(frozen=True, slots=True)
class ExitContainer:
    """End a container with the exit code of its program. One that does not run is left alone."""

    key: Key
    container: str
    code: int

    def decide(self, draft: Draft) -> None:
        """Decide it."""
        found = draft.find(*self.key)
        pod = Pod.read(found.manifest, found.timers) if found else None
        after = ended(pod, self.container, draft.moment, self.code) if pod else None
        if after:
            manifest, timers = after
            draft.decide(
                Change(Verb.MODIFIED, "Pod", manifest, draft.context.actor, Reason.PROGRAM_ENDED, timers)
            )
            draft.note("pod_exit", _name(self.key), container=self.container, code=self.code)


def _name(key: Key) -> str:
    return f"{key[1]}/{key[2]}"
