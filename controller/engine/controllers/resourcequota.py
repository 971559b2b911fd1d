"""The ResourceQuota controller: what stands in the namespaces that have quotas, counted as it changes.

What is used is known at any moment of a pass, so who creates something asks here (``quotas_of``); the
statuses are written where the pass comes by, and at its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import inf

from controller.engine.changes import Change, Verb
from controller.engine.objects import Key, Manifest, Pod, View
from controller.engine.quota.amounts import Amount, Amounts, read, texts
from controller.engine.quota.charging import QUOTA, Quota
from controller.engine.quota.scopes import is_about, scopes_of
from controller.engine.quota.usage import NUMBERS, is_counted, is_tracked, names_of, number_of, usage_of
from controller.engine.reasons import Reason
from controller.engine.remembered import remembered
from controller.engine.world import ALL_KINDS, Controller, Turn, Update, World

Place = tuple[str, str]
"""The namespace and the name of a quota."""


class ResourceQuotas(Controller):
    """Queues the places of quotas of which the status may be another now.

    ``quotas`` are the names of those of each namespace that has some. ``charged`` is what an object counts
    for in a quota, ``totals`` their sums by quota, resource, and whether they are written in binary.
    ``over`` are pods that should long be gone: they are not counted any more.
    """

    name = "resourcequota-controller"
    kinds = ALL_KINDS

    def __init__(self) -> None:
        super().__init__()
        self.queue: set[Place] = set()
        self.quotas: dict[str, tuple[str, ...]] = {}
        self.charged: dict[tuple[Place, Key], Amounts] = {}
        self.totals: dict[tuple[Place, str, bool], Fraction] = {}
        self.late: set[Key] = set()
        self.over: set[Key] = set()

    def is_busy(self) -> bool:
        """Whether the next pass would find something to do."""
        return bool(self.queue or self.late)

    # -- what stands -------------------------------------------------------------------------

    def heeds(self, kind: str) -> bool:
        """Whether anybody counts objects of a kind."""
        return kind == QUOTA or (bool(self.quotas) and is_counted(kind))

    def take(self, world: World, update: Update) -> None:
        """Count what came, changed or went."""
        kind, namespace, _name = update.key
        if kind == QUOTA:
            self._take_quota(world, update)
        for quota in self._in_namespace(world, namespace):
            self._count(quota, update.key, update.after)
        if kind == Pod.KIND and namespace in self.quotas:
            self._take_pod(world, update)

    def _in_namespace(self, world: World, namespace: str) -> Iterator[View]:
        return (world.objects[QUOTA][QUOTA, namespace, name] for name in self.quotas.get(namespace, ()))

    def _take_quota(self, world: World, update: Update) -> None:
        before, after, place = update.before, update.after, update.key[1:]
        if before and after and before.manifest.get("spec") == after.manifest.get("spec"):
            if before.manifest.get("status") != after.manifest.get("status"):
                self.queue.add(place)  # by somebody else it may be wrong
            return
        self._forget(place)
        if after is None:
            return
        self.queue.add(place)
        self.quotas[place[0]] = tuple(sorted({*self.quotas.get(place[0], ()), place[1]}))
        for kind in list(world.objects):
            if is_counted(kind) and names_of(kind, _hard(after)):
                for key, view in world.objects.of(kind).items():
                    if key[1] == place[0]:
                        self._count(after, key, view)
                        self._await(world, view)

    def _forget(self, place: Place) -> None:
        left = tuple(name for name in self.quotas.get(place[0], ()) if name != place[1])
        self.quotas.pop(place[0], None)
        if left:
            self.quotas[place[0]] = left
        else:
            self.over = {key for key in self.over if key[1] != place[0]}
        self.charged = {at: amounts for at, amounts in self.charged.items() if at[0] != place}
        self.totals = {at: number for at, number in self.totals.items() if at[0] != place}

    def _count(self, quota: View, key: Key, after: View | None) -> None:
        """Let an object count for a quota as it stands now."""
        place = quota.key[1:]
        before = self.charged.pop((place, key), {})
        now = self._charge(quota, after) if after else {}
        if now:
            self.charged[place, key] = now
        if now == before:
            return
        self.queue.add(place)
        for sign, amounts in ((-1, before), (1, now)):
            for name, amount in amounts.items():
                at = place, name, amount.binary
                self.totals[at] = self.totals.get(at, Fraction(0)) + sign * amount.number

    def _charge(self, quota: View, view: View) -> Amounts:
        kind = view.key[0]
        names = _names(_hard(quota), kind)
        if not names:
            return {}
        spec, over = quota.manifest["spec"], view.key in self.over
        if isinstance(view, Pod) and NUMBERS.issuperset(names) and not any(scopes_of(spec)):
            return _counted(number_of(ended=over or view.finished), names)
        manifest = view.manifest  # of a pod that rests it is made anew each time
        return _counted(usage_of(kind, manifest, over=over), names) if is_about(spec, kind, manifest) else {}

    def used(self, place: Place, name: str) -> Amount:
        """Return what is used of a resource. As soon as one writes it in binary, the sum is written so."""
        plain, binary = (self.totals.get((place, name, way), Fraction(0)) for way in (False, True))
        return Amount(plain + binary, bool(binary))

    # -- pods that should be gone ------------------------------------------------------------

    def _take_pod(self, world: World, update: Update) -> None:
        if update.after is None or update.replaced:
            self.over.discard(update.key)
        if update.after:
            self._await(world, update.after)

    def _await(self, world: World, view: View) -> None:
        """Come back when a pod has had twice its time to go: its node may be lost."""
        if isinstance(view, Pod) and view.terminating and view.key not in self.over:
            world.schedule(_patience(view), self.name, view.key)

    def awaits(self, world: World, at: float, item: Key) -> bool:
        """Whether a pod that was to be gone by then still stands."""
        pod = world.pods.get(item)
        return bool(pod and pod.terminating and _patience(pod) == at and item[1] in self.quotas)

    def enqueue(self, item: Key) -> None:
        """Take a pod for one that should be gone."""
        self.late.add(item)

    def _let_go(self, world: World) -> None:
        late, self.late = self.late, set()
        for key in sorted(late):
            pod = world.pods.get(key)
            if pod and pod.terminating and _patience(pod) <= world.now and key[1] in self.quotas:
                self.over.add(key)
                for quota in self._in_namespace(world, key[1]):
                    self._count(quota, key, pod)

    # -- what is told ------------------------------------------------------------------------

    def sync(self, turn: Turn) -> None:
        """Write the statuses of what came in since: a quota holds from then on."""
        self._let_go(turn.world)
        self._write(turn)

    def report(self, turn: Turn) -> None:
        """Write the statuses as they are at the end of a pass."""
        self._write(turn)

    def _write(self, turn: Turn) -> None:
        for place in self.drain():
            quota = turn.world.find(QUOTA, *place)
            if quota is None:
                continue
            status = self._status_of(quota)
            if status != quota.manifest.get("status"):
                manifest = {**quota.manifest, "status": status}
                turn.decide(Change(Verb.MODIFIED, QUOTA, manifest, self.name, Reason.STATUS, quota.timers))
            self.queue.discard(place)  # it was this that changed it

    def _status_of(self, quota: View) -> Manifest:
        hard, place = _hard(quota), quota.key[1:]
        if not hard:
            return {}
        used = {name: self.used(place, name) for name in hard if is_tracked(name)}
        return {"hard": hard, "used": texts(used)}

    def standing(self, quota: View) -> Quota:
        """Return a quota with what its status allows, and what is used of it at this moment."""
        told = (quota.manifest.get("status") or {}).get("hard") or {}
        used = {name: self.used(quota.key[1:], name) for name in told if is_tracked(name)}
        return Quota(quota.key[2], quota.manifest["spec"], _read(told), used)


_read = remembered(read)
"""What a quota allows is asked of each pod that is made."""


@remembered
def _names(hard: Manifest, kind: str) -> tuple[str, ...]:
    return tuple(names_of(kind, hard))


@remembered
def _counted(usage: Amounts, names: tuple[str, ...]) -> Amounts:
    """Return what of a usage counts under these names: the same for all pods of which it is the usage."""
    return {name: usage[name] for name in names if name in usage and usage[name].number}


def _hard(quota: View) -> Manifest:
    hard: Manifest = (quota.manifest.get("spec") or {}).get("hard") or {}
    return hard


def _patience(pod: Pod) -> float:
    """Return when (cluster time) a pod has had twice its time to go, infinity if no machine stops it."""
    grace: float = pod.manifest["metadata"].get("deletionGracePeriodSeconds") or 0
    return pod.timers.get("stop", inf) + 2 * grace


def quotas_of(world: World, namespace: str) -> list[Quota]:
    """Return the quotas of a namespace as they stand at this moment of a pass."""
    if not world.objects.of(QUOTA):
        return []  # as in most clusters
    found = next((one for one in world.controllers if isinstance(one, ResourceQuotas)), None)
    if found is None or namespace not in found.quotas:
        return []
    quotas = (world.objects[QUOTA][QUOTA, namespace, name] for name in found.quotas[namespace])
    return [found.standing(quota) for quota in quotas]
