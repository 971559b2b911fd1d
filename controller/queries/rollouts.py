"""How far a rollout is, which nodes hold a slot of its budget and why, and why nothing moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from controller.engine.daemonset.cells import is_failing
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.pairs import UNAVAILABLE, Pair, Slot
from controller.engine.daemonset.rollout import Budget, allows_surge
from controller.engine.daemonset.status import Counts
from controller.engine.objects import Pod
from controller.engine.world import World
from controller.queries import rolloutwords as words
from controller.queries.source import looking, now, set_in

SHOWN = 100
"""How many nodes are told of at most."""

SURGING = frozenset({Slot.CROWDED, Slot.BOTH_WAITING})
"""The slots that use up maxSurge."""


class Motion(StrEnum):
    """Whether a set is on its way to what is wanted, and if not, what holds it."""

    DONE = "done"
    MOVING = "moving"
    STUCK = "stuck"
    PAUSED = "paused"
    ON_DELETE = "on-delete"
    CLOCK = "clock"
    DELETING = "deleting"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A node that the rollout waits for, at which pod and why.

    ``holds_slot``: it uses up a slot of the budget. ``stuck``: time alone will not free it.
    """

    node: str
    pod: str
    why: str
    holds_slot: bool
    stuck: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a set is, in nodes. Counts are as of now, not as of the last status.

    ``budget`` slots of maxSurge (if ``surge``) or maxUnavailable, of which ``used`` are taken; OnDelete
    has none. Bounds are as written. ``old`` nodes have a pod that is still to be replaced. ``waiting``
    are the first hundred nodes without an available pod; ``sentence`` says what all wait for.
    """

    revision: int
    hash: str
    strategy: str
    paused: bool
    surge: bool
    max_unavailable: int | str
    max_surge: int | str
    min_ready_seconds: float
    counts: Counts
    old: int
    budget: int
    used: int
    waiting: tuple[Waiting, ...]
    motion: Motion
    sentence: str


def rollout(*, cluster: int, namespace: str, name: str) -> Progress:
    """Return how far a set is. Raises NotFound."""
    with looking(cluster) as (row, picture):
        coverage = set_in(picture.world, namespace, name)
        moment = now(row).cluster
        turns = coverage.refresh(picture.world.nodes, moment)
        # Nobody reminds this world of what time alone changes, so those pairs are asked again.
        coverage.stale.update(node for _, node in turns)
        look = _Look(picture.world, coverage, moment, clock_stands=row.paused)
        return look.progress(picture.revision(coverage.ds.uid))


class _Look:
    """One look at a set whose coverage is fresh, at a moment of cluster time."""

    def __init__(self, world: World, coverage: Coverage, moment: float, *, clock_stands: bool) -> None:
        self.coverage, self.moment, self.clock_stands = coverage, moment, clock_stands
        self.ds, self.nodes = coverage.ds, world.nodes
        self.old = sum(pair.old is not None for pair in coverage.pairs.values())
        self.surge = allows_surge(self.ds)
        self.slots = self._slots()
        self.unavailable = sorted(node for slot in UNAVAILABLE for node in coverage.slots[slot])
        self.holders = sorted(node for slot in self.slots for node in coverage.slots[slot])
        self.stuck = {node for node in self.unavailable if self.is_stuck(coverage.pairs[node])}

    def _slots(self) -> frozenset[Slot]:
        if self.ds.strategy != "RollingUpdate":
            return frozenset()
        return SURGING if self.surge else frozenset(UNAVAILABLE)

    @property
    def budget(self) -> int:
        """Return how many slots there are."""
        budget = Budget.of(self.ds, self.coverage.desired)
        if self.ds.strategy != "RollingUpdate":
            return 0
        return budget.surge if self.surge else budget.unavailable

    def progress(self, revision: int) -> Progress:
        """Put into one value what is seen."""
        ds, motion = self.ds, self.motion()
        return Progress(
            revision=revision,
            hash=self.coverage.hash,
            strategy=ds.strategy,
            paused=ds.paused,
            surge=self.surge,
            max_unavailable=ds.max_unavailable,
            max_surge=ds.max_surge,
            min_ready_seconds=ds.min_ready_seconds,
            counts=Counts.of(self.coverage),
            old=self.old,
            budget=self.budget,
            used=len(self.holders),
            waiting=tuple(self.waiting(node) for node in self.unavailable[:SHOWN]),
            motion=motion,
            sentence=self.sentence(motion),
        )

    def is_stuck(self, pair: Pair) -> bool:
        """Whether time alone will not make a pod of the pair available."""
        if self.is_cut_off(pair.node):
            return True
        pod = pair.new or (None if self.is_rolling else pair.old)
        return pod is not None and (is_failing(pod) or not pod.bound)

    @property
    def is_rolling(self) -> bool:
        """Whether the next pass takes old pods away."""
        return self.ds.strategy == "RollingUpdate" and not self.ds.paused

    def is_cut_off(self, name: str) -> bool:
        """Whether a node's machine does not answer, so that no pod there comes or goes."""
        node = self.nodes.get(name)
        return node is not None and (node.down or node.ready == "Unknown")

    def waiting(self, name: str) -> Waiting:
        """Say what is waited for on a node."""
        pair = self.coverage.pairs[name]
        pod = pair.new or pair.old or next(iter(pair.pods), None)
        holds = any(name in self.coverage.slots[slot] for slot in self.slots)
        return Waiting(name, pod.name if pod else "", self.why(pair, pod), holds, name in self.stuck)

    def why(self, pair: Pair, pod: Pod | None) -> str:
        """Say in words why a pair has no available pod."""
        if self.is_cut_off(pair.node):
            return words.cut_off()
        if pair.crowded:
            return words.crowded()
        return self._why_pod(pair, pod) if pod else words.no_pod()

    def _why_pod(self, pair: Pair, pod: Pod) -> str:
        if pod.terminating:
            return words.stopping()
        if pod.finished:
            backoff = self.coverage.backoff(pair.node)
            return words.ended(pod, backoff.until - self.moment if backoff else 0)
        if pair.new:
            return words.new_pod(pod, pair.new_from - self.moment)
        return words.old_pod(pod, replaced=self.is_rolling)

    def motion(self) -> Motion:
        """Say whether the set is on its way."""
        if self.ds.deleting:
            return Motion.DELETING
        if not self.old and not self.unavailable:
            return Motion.DONE
        if self.clock_stands:
            return Motion.CLOCK
        return Motion.MOVING if len(self.unavailable) > len(self.stuck) else self._held()

    def _held(self) -> Motion:
        """Say what holds a set of whose unavailable nodes none will free itself."""
        if self.old and self.ds.paused:
            return Motion.PAUSED
        if self.old and len(self.holders) < self.budget:
            return Motion.MOVING
        if self.stuck:
            return Motion.STUCK
        return Motion.ON_DELETE if self.ds.strategy == "OnDelete" else Motion.MOVING

    def sentence(self, motion: Motion) -> str:
        """Say what the set waits for."""
        free = [node for node in self.unavailable if node not in self.stuck]
        said: dict[Motion, Callable[[], str]] = {
            Motion.DONE: lambda: words.done(self.coverage.desired),
            Motion.DELETING: words.deleting,
            Motion.CLOCK: words.clock_stands,
            Motion.PAUSED: lambda: words.paused(self.old),
            Motion.ON_DELETE: lambda: words.on_delete(self.old),
            Motion.STUCK: self._said_stuck,
            Motion.MOVING: lambda: self._waits_for(free) if free else words.goes_on(),
        }
        return said[motion]()

    def _said_stuck(self) -> str:
        if self.old and self.holders:
            first = self.waiting(self.holders[0])
            return words.budget_taken(self.budget, first.node, first.why)
        return self._waits_for(sorted(self.stuck))

    def _waits_for(self, nodes: list[str]) -> str:
        return words.waits_for(len(nodes), nodes[0], self.waiting(nodes[0]).why)
