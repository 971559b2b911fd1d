"""What a person should know before they make an edit, as codes with facts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from controller.engine.cluster.scheduler.topology import ZONE
from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.controllers.loads import BARE
from controller.engine.daemonset.cells import is_failing
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.pairs import Slot
from controller.engine.daemonset.rollout import ON_DELETE
from controller.engine.matching.labels import selector_text
from controller.engine.objects import Key, Manifest, Pod, View, references
from controller.engine.replicaset.status import FAILURE
from controller.engine.views import ReplicaSet, ReplicationController
from controller.engine.whatif.effects import Effect
from controller.engine.whatif.simulation import Course, Ended, Mark, Simulation, Step
from controller.engine.workloads.conditions import find_condition
from controller.engine.world import World

Facts = dict[str, str | int | float]


class Risk(StrEnum):
    """What may be wrong with an edit."""

    MATCHES_NOTHING = "matches-nothing"
    DOES_NOT_FIT = "does-not-fit"
    FAILS = "fails"
    REFUSED = "refused"
    NOT_READY_YET = "not-ready-yet"
    OVER_BUDGET = "over-budget"
    LAST_IN_ZONE = "last-in-zone"
    ZONE_LEFT = "zone-left"
    ON_DELETE = "on-delete"
    PAUSED = "paused"
    STANDS_STILL = "stands-still"
    NOT_COMING_BACK = "not-coming-back"


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001 -- the word that people look for
    """A risk, the workload that it is about, and facts as JSON."""

    risk: Risk
    owner: Key
    facts: Facts


def warnings(before: World, run: Simulation, effects: Iterable[Effect]) -> tuple[Warning, ...]:
    """Return the warnings of an edit, those of a workload together."""
    known = coverages(run.world)
    standing = coverages(before)
    found: list[Warning] = []
    told = list(effects)
    for effect in told:
        found += _of_pods(effect)
        found += _of_zones(before, run, effect)
        coverage = known.get(effect.uid)
        if coverage:
            found += _of_set(coverage, standing.get(effect.uid), effect, run)
    untold = known.keys() - {effect.uid for effect in told}
    for uid in sorted(untold, key=lambda uid: known[uid].ds.key):
        if not (uid in standing and _is_refused(standing[uid])):
            found += _of_refusal(known[uid])
    return (*found, *_of_failures(before, run.world))


def _of_failures(before: World, after: World) -> Iterator[Warning]:
    """Say which ReplicaSets would be refused pods, and were not before."""
    for kind in (ReplicaSet, ReplicationController):
        for key, view in sorted(after.all_of(kind).items()):
            was = before.find(*key)
            if (said := _failure(view)) and not (was and _failure(was)):
                yield Warning(Risk.REFUSED, _owner_of(view), {"said": said})


def _failure(view: View) -> str:
    """Return why a ReplicaSet is refused pods, or ""."""
    found = find_condition((view.manifest.get("status") or {}).get("conditions") or (), FAILURE)
    return str(found["message"]) if found else ""


def _owner_of(view: View) -> Key:
    """Return the workload that people know: a ReplicaSet's Deployment, or itself."""
    above = (ref for ref in references(view) if ref.get("controller"))
    return next(((ref["kind"], view.key[1], ref["name"]) for ref in above), view.key)


def _of_pods(effect: Effect) -> Iterator[Warning]:
    """Say what is wrong with pods that come, and with those that nobody makes anew."""
    unplaced = [pod for pod in effect.came if not pod.bound]
    if unplaced:
        yield Warning(
            Risk.DOES_NOT_FIT,
            effect.owner,
            {"count": len(unplaced), "node": unplaced[0].node, "said": _said(unplaced[0].manifest)},
        )
    failing = [pod for pod in effect.came if pod.bound and is_failing(pod)]
    if failing:
        facts: Facts = {"count": len(failing), "node": failing[0].node, "reason": failing[0].waiting}
        yield Warning(Risk.FAILS, effect.owner, facts)
    if effect.uid == BARE and effect.lost:
        yield Warning(Risk.NOT_COMING_BACK, effect.owner, {"count": len(effect.lost)})


def _said(pod: Manifest) -> str:
    """Return what the scheduler says of a pod that it could not place."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return next((str(one.get("message") or "") for one in conditions if one["type"] == "PodScheduled"), "")


def _is_refused(coverage: Coverage) -> bool:
    """Whether a set is refused pods. One that has all of them asks for none of a full quota."""
    is_short = coverage.tally[1] < coverage.desired
    return bool(coverage.barred or (coverage.limited and is_short))


def _of_refusal(coverage: Coverage) -> Iterator[Warning]:
    if _is_refused(coverage):
        yield Warning(Risk.REFUSED, coverage.ds.key, {"said": coverage.refusal})


def _of_set(
    coverage: Coverage, before: Coverage | None, effect: Effect, run: Simulation
) -> Iterator[Warning]:
    ds, nodes = coverage.ds, len(run.world.nodes)
    yield from _of_refusal(coverage)
    if not coverage.desired and nodes and (before is None or before.desired or before.ds != ds):
        selector = ds.template["spec"].get("nodeSelector") or {}
        text = selector_text({"matchLabels": selector})
        yield Warning(Risk.MATCHES_NOTHING, ds.key, {"selector": text, "nodes": nodes})
    if before is not None and before.ds.template != ds.template:
        yield from _of_update(coverage, before, effect.course, run.ended)


def _of_update(
    coverage: Coverage, before: Coverage, course: Course | None, ended: Ended
) -> Iterator[Warning]:
    """Say what is unusual about the rollout of a new template."""
    ds, old = coverage.ds, sum(pair.old is not None for pair in coverage.pairs.values())
    if (ds.strategy == ON_DELETE and not ds.staged) or ds.paused:
        yield Warning(Risk.PAUSED if ds.paused else Risk.ON_DELETE, ds.key, {"pods": old})
        return
    if old and not ds.staged and ended is not Ended.STOPPED:
        yield Warning(Risk.STANDS_STILL, ds.key, {"pods": old})
    waiting = len(before.slots[Slot.NEW_WAITING])
    if waiting:
        yield Warning(Risk.NOT_READY_YET, ds.key, {"pods": waiting, "seconds": before.ds.min_ready_seconds})
    if course and course.bound == "maxUnavailable" and course.most_unavailable > course.budget:
        facts: Facts = {"unavailable": course.most_unavailable, "budget": course.budget}
        yield Warning(Risk.OVER_BUDGET, ds.key, facts)


def _of_zones(before: World, run: Simulation, effect: Effect) -> Iterator[Warning]:
    """Say which zones are for a while without a ready pod of a workload that had one there."""
    steps = [step for step in run.watch.steps if step.owner == effect.uid]
    if not any(step.mark is Mark.UNREADY for step in steps):
        return
    zones = {name: node.labels.get(ZONE, "") for name, node in {**run.world.nodes, **before.nodes}.items()}
    ready = Counter(zones.get(pod.node, "") for pod in before.owned(effect.uid, Pod).values() if _counts(pod))
    bare = _without(steps, zones, ready)
    for risk, found in (
        (Risk.LAST_IN_ZONE, [zone for zone, seconds in bare.items() if seconds < inf]),
        (Risk.ZONE_LEFT, [zone for zone, seconds in bare.items() if seconds == inf]),
    ):
        if found:
            longest = max(bare[zone] for zone in found)
            facts: Facts = {"zones": ", ".join(sorted(found)), "count": len(found)}
            seconds: Facts = {"seconds": round(longest, 1)} if longest < inf else {}
            yield Warning(risk, effect.owner, {**facts, **seconds})


def _counts(pod: Pod) -> bool:
    return pod.ready and not pod.terminating


def _without(steps: Iterable[Step], zones: dict[str, str], ready: Counter[str]) -> dict[str, float]:
    """Return for how many seconds each named zone that had ready pods has none; infinity: to the end."""
    since: dict[str, float] = {}
    spent: defaultdict[str, float] = defaultdict(float)
    for step in steps:
        zone = zones.get(step.node, "")
        if not zone or step.mark not in {Mark.READY, Mark.UNREADY}:
            continue
        ready[zone] += 1 if step.mark is Mark.READY else -1
        if step.mark is Mark.UNREADY and not ready[zone]:
            since[zone] = step.at
        elif zone in since:
            spent[zone] += step.at - since.pop(zone)
    return {zone: seconds for zone, seconds in {**spent, **dict.fromkeys(since, inf)}.items() if seconds}
