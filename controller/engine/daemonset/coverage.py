"""All pairs of one set, with the tallies that status and rollout read, kept up to date by change.

A pair that a change may have touched is *stale* and looked at again before anything is read; one
that the controller has not acted on since is *to do*. Everything else stays as it was, so that one
label edited in a cluster of thousands costs one pair, not thousands.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping

from controller.engine.daemonset import pod_factory
from controller.engine.daemonset.backoff import Backoff
from controller.engine.daemonset.pairs import Marks, Pair, Slot, make_pair
from controller.engine.daemonset.placement import Wants, answers
from controller.engine.objects import DaemonSet, Node, Pod, Timers
from controller.engine.workloads.pods import PodTemplate

NO_MARKS: Marks = (0, 0, 0, 0, 0, 0, 0)
IDLE = (Slot.IDLE, NO_MARKS)


class Coverage:
    """One set over all nodes. ``pods`` are the set's pods by node, the unbound ones where they are pinned.

    ``hash`` is that of the revision that holds the present template, or "" before there is one;
    ``fresh`` says that revisions must be looked at. ``barred`` is why the API server lets in no pod of the
    template, ``limited`` why what its namespace allows has no room for one now; both may be "".
    """

    __slots__ = (
        "_marks",
        "_pod_template",
        "_shared",
        "barred",
        "ds",
        "fresh",
        "hash",
        "limited",
        "pairs",
        "pods",
        "slots",
        "stale",
        "tally",
        "todo",
        "wants",
    )

    def __init__(self, ds: DaemonSet) -> None:
        self.ds = ds
        self.pods: dict[str, tuple[Pod, ...]] = {}
        self.barred = self.limited = ""
        self.wants = Wants.read(ds.template)
        self.hash = ""
        self.fresh = True
        self.pairs: dict[str, Pair] = {}
        self.slots: dict[Slot, set[str]] = {slot: set() for slot in Slot}
        self.tally = [0] * len(NO_MARKS)
        self.stale: set[str] = set()
        self.todo: set[str] = set()
        self._marks: dict[str, tuple[Slot, Marks]] = {}
        self._shared = False
        self._pod_template: tuple[DaemonSet, str, PodTemplate] | None = None

    @property
    def refusal(self) -> str:
        """Return why creations are refused, or ""."""
        return self.barred or self.limited

    @property
    def pod_template(self) -> PodTemplate:
        """Return what new pods share: made once for a revision, and the same objects for all."""
        made = self._pod_template
        if made is None or made[1] != self.hash or made[0].template_generation != self.ds.template_generation:
            made = self._pod_template = (self.ds, self.hash, pod_factory.pod_template(self.ds, self.hash))
        return made[2]

    def fork(self) -> Coverage:
        """Return a twin to be changed by itself; what is large is shared until one of the two writes."""
        twin = copy.copy(self)
        twin.stale, twin.todo, twin.tally = self.stale.copy(), self.todo.copy(), self.tally.copy()
        self._shared = twin._shared = True  # noqa: SLF001 -- it is one of us
        return twin

    def _own(self) -> None:
        """Make sure that no fork shares what is written to."""
        if self._shared:
            self.pods, self.pairs, self._marks = self.pods.copy(), self.pairs.copy(), self._marks.copy()
            self.slots = {slot: nodes.copy() for slot, nodes in self.slots.items()}
            self._shared = False

    def place(self, before: Pod | None, after: Pod | None) -> None:
        """Put a pod of the set where it is now, instead of what it was before the last change."""
        self._own()
        goes_on = before is not None and after is not None and before.node == after.node
        if before:
            others = tuple([pod for pod in self.pods[before.node] if pod is not before])
            if others or goes_on:
                self.pods[before.node] = others
            else:
                del self.pods[before.node]
            if not goes_on:
                self.touch(before.node)
        if after:
            self.pods[after.node] = (*self.pods.get(after.node, ()), after)
            self.touch(after.node)

    def touch(self, *nodes: str) -> None:
        """Note that these nodes must be looked at again."""
        self.stale.update(nodes)
        self.todo.update(nodes)

    def turn_to(self, ds: DaemonSet) -> bool:
        """Take a newer reading of the set; say whether its pairs must be looked at again."""
        before, self.ds = self.ds, ds
        if before.generation == ds.generation and before.template_generation == ds.template_generation:
            return False
        self.wants = Wants.read(ds.template)
        self.fresh = True
        return True

    def refresh(self, nodes: Mapping[str, Node], now: float) -> list[tuple[float, str]]:
        """Look at the stale pairs; return (cluster time, node) where time alone will change one."""
        if self.stale:
            self._own()
        turns = []
        for name in self.stale:
            pair = self._look(name, nodes.get(name))
            self._book(name, pair, now)
            if pair and (at := pair.next_turn(now)) is not None:
                turns.append((at, name))
        self.stale.clear()
        return turns

    def pair(self, name: str, nodes: Mapping[str, Node]) -> Pair | None:
        """Look at one pair now, whatever was tallied; None if neither node nor pods are there."""
        return self._look(name, nodes.get(name))

    def _look(self, name: str, node: Node | None) -> Pair | None:
        pods = self.pods.get(name)
        if node is None and not pods:
            return None
        said = answers(self.wants, node) if node else None
        return make_pair(self.ds, self.hash, name, said, pods or ())

    def _book(self, name: str, pair: Pair | None, now: float) -> None:
        slot_before, marks_before = self._marks.get(name, IDLE)
        slot, marks = (pair.slot(now), pair.marks(now)) if pair else IDLE
        if pair is None:
            self.pairs.pop(name, None)
            self._marks.pop(name, None)
        else:
            self.pairs[name] = pair
            self._marks[name] = (slot, marks)
        if slot is not slot_before or pair is None:
            self.slots[slot_before].discard(name)
        if pair is not None:
            self.slots[slot].add(name)
        if marks != marks_before:
            self.tally = [
                total + after - before
                for total, after, before in zip(self.tally, marks, marks_before, strict=True)
            ]

    @property
    def desired(self) -> int:
        """How many nodes should run the set."""
        return self.tally[0]

    @property
    def stands_available(self) -> int:
        """On how many nodes a pod of the set is available, wanted there or not."""
        return self.tally[6]

    def backoff(self, node: str) -> Backoff | None:
        """Return the back-off of failed pods on a node, if there is one."""
        delay = self.ds.timers.get(f"delay/{node}")
        return None if delay is None else Backoff(delay, self.ds.timers[f"since/{node}"])


def timers_with(timers: Timers, node: str, backoff: Backoff) -> Timers:
    """Return a set's timers with the back-off of one node written in."""
    return {**timers, f"delay/{node}": backoff.delay, f"since/{node}": backoff.since}
