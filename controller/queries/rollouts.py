"""How far a rollout is, which nodes hold a slot of its budget and why, and why nothing moves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from controller.engine.daemonset.cells import is_failing
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.pairs import UNAVAILABLE, Pair
from controller.engine.daemonset.rollout import ON_DELETE, ROLLING_UPDATE, strategy_of
from controller.engine.daemonset.staged.status import Phase, Status
from controller.engine.daemonset.staged.strategy import staged_strategy
from controller.engine.daemonset.status import Counts
from controller.engine.objects import Pod
from controller.engine.world import World
from controller.queries.source import set_in
from controller.store.views import ClusterView

SHOWN = 100
"""How many nodes are told of at most."""


class Motion(StrEnum):
    """Whether a set is on its way to what is wanted, and if not, what holds it."""

    DONE = "done"
    MOVING = "moving"
    STUCK = "stuck"
    PAUSED = "paused"
    ON_DELETE = "on-delete"
    CLOCK = "clock"
    SOAKING = "soaking"
    AWAITING = "awaiting"
    PARTITIONED = "partitioned"
    INVALID = "invalid"
    DELETING = "deleting"


class Cause(StrEnum):
    """Why a node has no available pod of the set."""

    NODE_DOWN = "node-down"
    CROWDED = "crowded"
    NO_POD = "no-pod"
    REFUSED = "refused"
    STOPPING = "stopping"
    ENDED = "ended"
    UNSCHEDULED = "unscheduled"
    FAILING = "failing"
    STARTING = "starting"
    READY = "ready"
    AVAILABLE = "available"
    OLD_REPLACED = "old-replaced"
    OLD_STAYS = "old-stays"


@dataclass(frozen=True, slots=True)
class Why:
    """A cause with its facts.

    ``reason`` is what the pod says of itself, or the API server of its creation; ``seconds`` are of
    cluster time.
    """

    cause: Cause
    reason: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A node that the rollout waits for, at which pod and why.

    ``holds_slot``: it uses up a slot of the budget. ``stuck``: time alone will not free it.
    """

    node: str
    pod: str
    why: Why
    holds_slot: bool
    stuck: bool


@dataclass(frozen=True, slots=True)
class WaitsFor:
    """What the whole set waits for: ``count`` nodes, of which ``first`` is one.

    ``takes_budget``: they hold all its slots, so that the rollout cannot go on elsewhere.
    """

    count: int
    first: Waiting
    takes_budget: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a set is, in nodes. Counts are as of now, not as of the last status.

    ``budget`` slots of the field ``bound`` ("" for OnDelete, which has none), written as ``limit``, of
    which ``used`` are taken. ``old`` nodes have a pod that is still to be replaced. ``waiting`` are
    the first hundred nodes without an available pod; ``waits_for`` sums up what all wait for. ``status``
    is that of a plan that stands.
    """

    revision: int
    hash: str
    paused: bool
    bound: str
    limit: int | str
    min_ready_seconds: float
    counts: Counts
    old: int
    budget: int
    used: int
    waiting: tuple[Waiting, ...]
    motion: Motion
    waits_for: WaitsFor | None
    status: Status | None = None


def rollout(view: ClusterView, *, namespace: str, name: str) -> Progress:
    """Return how far a set is. Raises NotFound."""
    coverage = set_in(view, namespace, name)
    return look_at(view, coverage).progress(view.revision(coverage.ds.uid))


def look_at(view: ClusterView, coverage: Coverage) -> Look:
    """Bring the coverage of a set up to date and look at it."""
    turns = coverage.refresh(view.world.nodes, view.moment.cluster)
    # Nobody reminds this world of what time alone changes, so those pairs are asked again.
    coverage.stale.update(node for _, node in turns)
    return Look(view.world, coverage, view.moment.cluster, clock_stands=view.clock_stands)


HELD = {
    Phase.SOAKING: Motion.SOAKING,
    Phase.AWAITING: Motion.AWAITING,
    Phase.PARTITIONED: Motion.PARTITIONED,
    Phase.INVALID: Motion.INVALID,
}
"""The phases in which a plan holds a set whose pods are all well."""


class Look:
    """One look at a set whose coverage is fresh, at a moment of cluster time."""

    def __init__(self, world: World, coverage: Coverage, moment: float, *, clock_stands: bool) -> None:
        self.coverage, self.moment, self.clock_stands = coverage, moment, clock_stands
        self.ds, self.nodes, self.staged = coverage.ds, world.nodes, staged_strategy(coverage.ds)
        self.strategy = self.staged or strategy_of(coverage.ds)
        self.budget = self.strategy.budget(self.ds, coverage.desired)
        self.unavailable = sorted(node for slot in UNAVAILABLE for node in coverage.slots[slot])
        self.holders = sorted(node for slot in self.strategy.holding for node in coverage.slots[slot])

    @cached_property
    def old(self) -> int:
        """Return how many nodes have a pod that is still to be replaced."""
        return sum(pair.old is not None for pair in self.coverage.pairs.values())

    @cached_property
    def stuck(self) -> set[str]:
        """Return the nodes for which time alone does nothing."""
        return {node for node in self.unavailable if self.is_stuck(self.coverage.pairs[node])}

    def progress(self, revision: int) -> Progress:
        """Put into one value what is seen."""
        ds, motion = self.ds, self.motion()
        limits = {"maxUnavailable": ds.max_unavailable, "maxSurge": ds.max_surge}
        if self.staged:
            limits = {"maxUnavailable": self.staged.limit}
        return Progress(
            revision=revision,
            hash=self.coverage.hash,
            paused=ds.paused,
            bound=self.strategy.bound,
            limit=limits.get(self.strategy.bound, 0),
            min_ready_seconds=ds.min_ready_seconds,
            counts=Counts.of(self.coverage),
            old=self.old,
            budget=self.budget,
            used=len(self.holders),
            waiting=tuple(self.waiting(node) for node in self.unavailable[:SHOWN]),
            motion=motion,
            waits_for=self.waits_for(motion),
            status=self.staged.status if self.staged else None,
        )

    def is_stuck(self, pair: Pair) -> bool:
        """Whether time alone will not make a pod of the pair available."""
        if self.is_cut_off(pair.node):
            return True
        pod = pair.new or (None if self.is_rolling else pair.old)
        if pod is None:
            return bool(self.coverage.refusal) and not pair.pods
        return is_failing(pod) or not pod.bound

    @property
    def is_rolling(self) -> bool:
        """Whether the next pass takes old pods away."""
        return self.strategy.type == ROLLING_UPDATE and not self.ds.paused

    def is_cut_off(self, name: str) -> bool:
        """Whether a node's machine does not answer, so that no pod there comes or goes."""
        node = self.nodes.get(name)
        return node is not None and (node.down or node.ready == "Unknown")

    def waiting(self, name: str) -> Waiting:
        """Say what is waited for on a node."""
        pair = self.coverage.pairs[name]
        pod = speaker_of(pair)
        holds = any(name in self.coverage.slots[slot] for slot in self.strategy.holding)
        return Waiting(name, pod.name if pod else "", self.why(pair, pod), holds, name in self.stuck)

    def why(self, pair: Pair, pod: Pod | None) -> Why:
        """Return why a pair has no available pod."""
        if self.is_cut_off(pair.node):
            return Why(Cause.NODE_DOWN)
        if pair.crowded:
            return Why(Cause.CROWDED)
        if pod:
            return self._why_pod(pair, pod)
        return Why(Cause.REFUSED, self.coverage.refusal) if self.coverage.refusal else Why(Cause.NO_POD)

    def _why_pod(self, pair: Pair, pod: Pod) -> Why:
        if pod.terminating:
            return Why(Cause.STOPPING)
        if pod.finished:
            backoff = self.coverage.backoff(pair.node)
            return Why(Cause.ENDED, pod.phase, backoff.until - self.moment if backoff else 0)
        if pair.new:
            return why_new(pod, pair.new_from - self.moment)
        return Why(Cause.OLD_REPLACED if self.is_rolling else Cause.OLD_STAYS, pod.waiting or pod.phase)

    def motion(self) -> Motion:
        """Say whether the set is on its way."""
        if self.ds.deleting:
            return Motion.DELETING
        if not self.old and not self.unavailable:
            return Motion.DONE
        if self.clock_stands:
            return Motion.CLOCK
        if self.old and self.staged and self.staged.status.phase is Phase.PAUSED:
            return Motion.PAUSED
        return Motion.MOVING if len(self.unavailable) > len(self.stuck) else self._held()

    def _held(self) -> Motion:
        """Say what holds a set of whose unavailable nodes none will free itself."""
        if self.old and self.ds.paused:
            return Motion.PAUSED
        if self.staged and self.staged.status.phase in HELD:
            return HELD[self.staged.status.phase]
        if self.old and len(self.holders) < self.budget:
            return Motion.MOVING
        if self.stuck:
            return Motion.STUCK
        return Motion.ON_DELETE if self.strategy.type == ON_DELETE else Motion.MOVING

    def waits_for(self, motion: Motion) -> WaitsFor | None:
        """Return what a set that moves or is stuck waits for, if for anything."""
        if motion is Motion.STUCK and self.old and self.holders:
            return WaitsFor(self.budget, self.waiting(self.holders[0]), takes_budget=True)
        free = [node for node in self.unavailable if node not in self.stuck]
        nodes = {Motion.STUCK: sorted(self.stuck), Motion.MOVING: free}.get(motion)
        return WaitsFor(len(nodes), self.waiting(nodes[0])) if nodes else None


def speaker_of(pair: Pair) -> Pod | None:
    """Return the pod that tells how a pair fares: the newer one, or the first that is there."""
    return pair.new or pair.old or next(iter(pair.pods), None)


def why_new(pod: Pod, left: float) -> Why:
    """Return what a pod of the current revision waits for; it is available in ``left`` seconds."""
    if not pod.bound:
        return Why(Cause.UNSCHEDULED)
    if is_failing(pod):
        return Why(Cause.FAILING, pod.waiting)
    if not pod.ready:
        return Why(Cause.STARTING)
    return Why(Cause.READY, seconds=left) if left > 0 else Why(Cause.AVAILABLE)
