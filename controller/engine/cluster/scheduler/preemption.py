"""Making room: which pods of lower priority have to go so that a pod fits, and where that is least bad."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from controller.engine.cluster.scheduler import filters
from controller.engine.cluster.scheduler.placement import obstacles
from controller.engine.cluster.scheduler.podinfo import PodInfo
from controller.engine.cluster.scheduler.snapshot import Snapshot
from controller.engine.cluster.scheduler.topology import Topology
from controller.engine.disruption.budget import violating
from controller.engine.objects import Node, Pod

NOT_HELPFUL = "Preemption is not helpful for scheduling"
NO_VICTIMS = "No preemption victims found for incoming pod"
NEVER = "not eligible due to preemptionPolicy=Never."
WAITS = "not eligible due to a terminating pod on the nominated node."
ENOUGH, SHARE = 100, 10
"""Kubernetes looks for 100 nodes or a tenth of them, whichever is more, and takes the best of those."""


class Victims(NamedTuple):
    """A node, and who has to go there, the most important first; of how many a budget does not allow it."""

    node: str
    pods: tuple[Pod, ...]
    broken: int


class Search(NamedTuple):
    """What a search for victims came to: ``victims`` None, and on how many nodes why not."""

    victims: Victims | None
    reasons: Mapping[str, list[str]]


def search(
    info: PodInfo, survey: Mapping[str, list[str]], topology: Topology | None, snapshot: Snapshot, lowest: int
) -> Search:
    """Look for the node on which the least harm makes room; ``survey`` says what is in the way on each.

    No pod has a priority below ``lowest``.
    """
    found: list[Victims] = []
    reasons: dict[str, list[str]] = {}
    enough = max(ENOUGH, len(survey) // SHARE)
    for name in sorted(survey):
        node = snapshot.nodes[name]
        if not is_helpful(info, node, survey[name]):
            reasons[name] = [NOT_HELPFUL]
            continue
        nobody: tuple[Victims | None, list[str]] = (None, [NO_VICTIMS])
        victims, why = _victims(info, node, topology, snapshot) if info.priority > lowest else nobody
        if victims:
            found.append(victims)
        else:
            reasons[name] = why
        if len(found) >= enough and any(not each.broken for each in found):
            break
    return Search(_least_harm(found, snapshot), reasons)


def is_helpful(info: PodInfo, node: Node, found: Sequence[str]) -> bool:
    """Whether the eviction of pods could mend what stands in the way on a node."""
    if any(obstacle in filters.HOPELESS for obstacle in found):
        return False
    room = any(filters.cause_of(obstacle) is filters.Cause.ROOM for obstacle in found)
    return not (room and filters.lacking(info.demand, filters.EMPTY, node))


def _victims(
    info: PodInfo, node: Node, topology: Topology | None, snapshot: Snapshot
) -> tuple[Victims | None, list[str]]:
    """Return who has to go from a node, or why nobody's going helps.

    All of lower priority are thought away; then those whose going breaks a budget are spared first, and
    of each sort the most important and the oldest.
    """
    standing = [pod for pod in snapshot.on_node(node.name) if not pod.finished]
    lower = [pod for pod in standing if snapshot.footprint_of(pod).priority < info.priority]
    if not lower:
        return None, [NO_VICTIMS]
    load = snapshot.load_of(node.name)
    for pod in lower:
        load = load.minus(snapshot.footprint_of(pod).demand)
    if why := obstacles(info, node, load, topology, lower):
        return None, why
    ranked = sorted(lower, key=lambda each: (-snapshot.footprint_of(each).priority, each.age))
    held = violating(ranked, snapshot.budgets, snapshot.preempted) if snapshot.budgets else []
    protected = {pod.key for pod in held}
    gone = ranked
    for pod in (*held, *(each for each in ranked if each.key not in protected)):
        more = load.plus(snapshot.footprint_of(pod).demand)
        fewer = [one for one in gone if one is not pod]
        if not obstacles(info, node, more, topology, fewer):
            load, gone = more, fewer
    return Victims(node.name, tuple(gone), sum(pod.key in protected for pod in gone)), []


def _least_harm(found: Sequence[Victims], snapshot: Snapshot) -> Victims | None:
    """Return the victims that are least missed; among equals those that started last, then by node."""
    harms = [_harm(each, snapshot) for each in found]
    equals = [each for each, harm in zip(found, harms, strict=True) if harm == min(harms)]
    if len(equals) < 2:  # noqa: PLR2004 -- nothing to choose from
        return next(iter(equals), None)
    begun = [_begun(each, snapshot) for each in equals]
    return equals[begun.index(max(begun))]


def _harm(each: Victims, snapshot: Snapshot) -> tuple[int, int, int, int]:
    """Return what is compared: broken budgets, the most important victim, the sum of priorities, how many.

    Each priority is raised so that it is not negative, as Kubernetes does: fewer victims are less harm.
    """
    priorities = [snapshot.footprint_of(pod).priority for pod in each.pods]
    return (each.broken, max(priorities), sum(one + 2**31 for one in priorities), len(priorities))


def _begun(each: Victims, snapshot: Snapshot) -> str:
    """Return when the first of the most important victims started."""
    highest = max(snapshot.footprint_of(pod).priority for pod in each.pods)
    most = (pod for pod in each.pods if snapshot.footprint_of(pod).priority == highest)
    return min((pod.manifest.get("status") or {}).get("startTime") or "" for pod in most)
