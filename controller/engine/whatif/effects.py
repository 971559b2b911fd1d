"""What an edit does to the pods of each workload: how it ends with the edit, against how it ends without.

A cluster is seldom at rest, so what would have happened anyway must not be put down to the edit: where
something else was under way, a second fork shows how that ends.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.controllers.loads import BARE, WORKLOADS
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.rollout import ROLLING_UPDATE
from controller.engine.daemonset.staged.strategy import staged_strategy
from controller.engine.daemonset.staged.waves import waves_of
from controller.engine.objects import HASH_LABEL, DaemonSet, Key, Manifest, Pod, references
from controller.engine.values import value
from controller.engine.whatif.simulation import Course, Ended, Simulation
from controller.engine.world import World

TEMPLATE_HASH = "pod-template-hash"
OWNERS = WORKLOADS | {DaemonSet.KIND}
NO_OWNER: Key = ("", "", BARE)
"""Stands for the workload of pods that belong to none."""


@value(frozen=True, slots=True)
class Lost:
    """A pod that is there now and would not be."""

    name: str
    node: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of one workload. Nodes are in order, "" stands for none.

    A node in ``gains`` has a pod more, one in ``loses`` a pod less, one in ``replaces`` another one, with as
    many entries as pods. ``waits`` are nodes whose old pod was not yet replaced when the simulation was
    stopped; ``unplayed`` are as many pods as had not come, gone or been replaced then. ``lost`` are the pods
    that go, ``came`` those that come, as they are in the end.
    """

    owner: Key
    uid: str
    gains: tuple[str, ...]
    loses: tuple[str, ...]
    replaces: tuple[str, ...]
    waits: tuple[str, ...]
    unplayed: int
    lost: tuple[Lost, ...]
    came: tuple[Pod, ...]
    course: Course | None

    @property
    def is_any(self) -> bool:
        """Whether anything becomes of it."""
        return bool(self.gains or self.loses or self.replaces or self.waits)

    @property
    def nodes(self) -> frozenset[str]:
        """Return all nodes on which something becomes of it."""
        return frozenset((*self.gains, *self.loses, *self.replaces, *self.waits)) - {""}


@dataclass(slots=True)
class _Ends:
    """The pods of one workload by node that one end has and the other lacks: what each is, and how often."""

    lost: defaultdict[str, Counter[str]]
    gained: defaultdict[str, Counter[str]]
    gone: list[Lost]
    came: list[Pod]

    @classmethod
    def none(cls) -> _Ends:
        return cls(defaultdict(Counter), defaultdict(Counter), [], [])


def effects(
    before: World, with_edit: Simulation, without: Simulation | None, sets: AbstractSet[str] = frozenset()
) -> tuple[Effect, ...]:
    """Return what becomes of each workload that is touched, by kind, namespace and name.

    ``before`` is the world as it stands, ``without`` how it goes on by itself, None if nothing was due.
    ``sets`` are the uids of sets that are told of even if nothing becomes of their pods.
    """
    above = _Above(before, with_edit.world)
    ends: defaultdict[str, _Ends] = defaultdict(_Ends.none)
    owners: dict[str, Key] = {}

    def ends_of(pod: Pod) -> _Ends:
        uid, key = above.of(pod)
        owners[uid] = key
        return ends[uid]

    gone_anyway = without.watch.gone if without else {}
    for uid, pod in with_edit.watch.gone.items():
        if uid not in gone_anyway:
            found = ends_of(pod)
            found.lost[_place(pod)][uid] += 1
            found.gone.append(Lost(pod.name, _place(pod)))
    for uid, pod in gone_anyway.items():
        if uid not in with_edit.watch.gone:
            ends_of(pod).gained[_place(pod)][uid] += 1
    for pod in with_edit.watch.born.values():
        found = ends_of(pod)
        found.gained[_place(pod)][_template(pod)] += 1
        found.came.append(pod)
    for pod in without.watch.born.values() if without else ():
        ends_of(pod).lost[_place(pod)][_template(pod)] += 1
    known = coverages(with_edit.world)
    asked = sets & known.keys()
    owners |= {uid: known[uid].ds.key for uid in asked}
    stood = coverages(before)
    told = (_effect(owner, uid, ends[uid], with_edit, stood.get(uid)) for uid, owner in owners.items())
    kept = (one for one in told if one.is_any or one.uid in asked)
    return tuple(sorted(kept, key=lambda one: one.owner))


def _effect(owner: Key, uid: str, ends: _Ends, run: Simulation, before: Coverage | None) -> Effect:
    gains, loses, replaces = list[str](), list[str](), list[str]()
    for node in sorted({*ends.lost, *ends.gained}):
        lost, gained = ends.lost[node], ends.gained[node]
        fewer, more = (lost - gained).total(), (gained - lost).total()
        replaces += [node] * min(fewer, more)
        gains += [node] * (more - min(fewer, more))
        loses += [node] * (fewer - min(fewer, more))
    coverage = coverages(run.world).get(uid)
    rest = _Rest.of(run, coverage, before) if coverage and run.ended is Ended.STOPPED else _Rest()
    waits, come, go = rest.waits.difference(replaces), rest.come.difference(gains), rest.go.difference(loses)
    return Effect(
        owner,
        uid,
        tuple(sorted((*gains, *come))),
        tuple(sorted((*(node for node in loses if node not in waits), *go))),
        tuple(replaces),
        tuple(sorted(waits)),
        len(waits) + len(come) + len(go),
        tuple(sorted(ends.gone, key=lambda one: (one.node, one.name))),
        tuple(ends.came),
        run.courses.get(uid),
    )


@dataclass(frozen=True, slots=True)
class _Rest:
    """What a simulation that was stopped left undone: nodes where a pod is to be replaced, come, or go."""

    waits: frozenset[str] = frozenset()
    come: frozenset[str] = frozenset()
    go: frozenset[str] = frozenset()

    @classmethod
    def of(cls, run: Simulation, coverage: Coverage, before: Coverage | None) -> _Rest:
        """Look at the nodes whose pod is not as it is to be, and was not so ``before``."""
        stood = before.pairs if before else {}
        stays = _staying(run, coverage)
        waits, come, go = set[str](), set[str](), set[str]()
        for name, pair in coverage.pairs.items():
            was = stood.get(name)
            if pair.should_run and not pair.new and name not in stays:
                replaced = pair.old or (was and was.pods)
                if replaced or not (was and was.should_run):
                    (waits if replaced else come).add(name)
            elif (pair.new or pair.old) and not pair.may_stay and was and was.may_stay:
                go.add(name)
        return cls(frozenset(waits), frozenset(come), frozenset(go))


def _staying(run: Simulation, coverage: Coverage) -> AbstractSet[str]:
    """Return the nodes that keep their old pod until somebody does something about it."""
    ds, staged = coverage.ds, staged_strategy(coverage.ds)
    if staged and staged.plan and not ds.paused:
        return waves_of(staged.plan, coverage.pairs, run.world.nodes).kept
    is_rolling = ds.strategy == ROLLING_UPDATE and not ds.paused
    return frozenset() if is_rolling else {name for name, pair in coverage.pairs.items() if pair.old}


def _place(pod: Pod) -> str:
    return pod.node


def _template(pod: Pod) -> str:
    """Return of which template a pod is: two that come of the same one are the same to everybody."""
    return pod.labels.get(HASH_LABEL) or pod.labels.get(TEMPLATE_HASH) or ""


class _Above:
    """Finds the topmost workload above a pod, which may be gone in one of the worlds."""

    def __init__(self, *worlds: World) -> None:
        self._worlds = worlds
        self._known: dict[str, tuple[str, Key]] = {}

    def of(self, pod: Pod) -> tuple[str, Key]:
        """Return the uid and the key of the workload of a pod."""
        if pod.owner not in self._known:
            self._known[pod.owner] = self._climb(pod.namespace, pod.references)
        return self._known[pod.owner]

    def _climb(self, namespace: str, refs: Iterable[Mapping[str, object]]) -> tuple[str, Key]:
        found: tuple[str, Key] = (BARE, NO_OWNER)
        while ref := next((one for one in refs if one.get("controller") and one["kind"] in OWNERS), None):
            found = (str(ref["uid"]), (str(ref["kind"]), namespace, str(ref["name"])))
            refs = self._references(found[1], found[0])
        return found

    def _references(self, key: Key, uid: str) -> list[Manifest]:
        views = (world.find(*key) for world in self._worlds)
        return next((references(view) for view in views if view and view.uid == uid), [])
