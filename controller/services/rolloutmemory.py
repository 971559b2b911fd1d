"""What a worker remembers of the staged rollouts of real clusters from one look to the next.

Nothing that matters if it dies: whoever begins anew only waits anew.

A plan of another Everynode is taken over when what is due of it was not done for a while. So nobody has to
send signs of life, and it does not matter whether the other is gone, or is there and may do it no more.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from django.conf import settings

from controller.engine.world import World


@dataclass(slots=True)
class Memory:
    """Of one set: since when the same is ``due`` (monotonic seconds), and what its API server refused.

    Before ``again`` it is not asked anew; ``refusal`` is what it said, or what else is in the way.
    """

    due: object = None
    since: float = 0.0
    again: float = 0.0
    refusal: str = ""

    def patience(self, due: object) -> float | None:
        """Return in how many seconds what is due of another's plan is ours to do; None: nothing is due."""
        if due != self.due:
            self.due, self.since = due, time.monotonic()
        if due is None:
            return None
        return max(0.0, self.since + settings.EVERYNODE_ROLLOUT_TAKEOVER - time.monotonic())

    def wait(self, seconds: float, refusal: str) -> None:
        """Note that nothing is asked for some seconds, and why."""
        self.again, self.refusal = time.monotonic() + seconds, refusal

    @property
    def waits(self) -> float:
        """Return for how many seconds nothing is to be asked."""
        return max(0.0, self.again - time.monotonic())


@dataclass(slots=True)
class Memories:
    """What is remembered of the sets of one cluster, by their uids."""

    sets: dict[str, Memory] = field(default_factory=dict)

    def of(self, uid: str) -> Memory:
        """Return what is remembered of a set."""
        return self.sets.setdefault(uid, Memory())

    def keep_only(self, uids: set[str]) -> None:
        """Forget all other sets."""
        for uid in self.sets.keys() - uids:
            del self.sets[uid]


_memories: WeakKeyDictionary[World, Memories] = WeakKeyDictionary()


def memories_of(world: World) -> Memories:
    """Return what is remembered of a world's sets; it is forgotten with the world."""
    return _memories.setdefault(world, Memories())
