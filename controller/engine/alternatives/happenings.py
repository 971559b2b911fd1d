"""What became of each instance of a daemon since a moment: read from what the log has of it.

An instance is a pod, or a script of a machine. Each has one fate: what came of it in the end, after how
long, by whom, and why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from controller.engine.alternatives.pieces import WAY, Way, script_of
from controller.engine.changes import Change, Verb
from controller.engine.objects import Manifest, Node, Pod

INIT = "init"
"""Who starts scripts on a machine."""


class Outcome(StrEnum):
    """What became of an instance."""

    CAME = "came"
    COMING = "coming"
    NOWHERE = "nowhere"
    BACK = "back"
    DOWN = "down"
    GOING = "going"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance at one moment. ``up``: it works; ``message``: why it has no node, in Kubernetes' words."""

    id: str
    way: Way
    name: str
    node: str
    up: bool
    going: bool
    gone: bool
    message: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A change of the log, so many seconds of cluster time after the moment."""

    seconds: float
    change: Change


@dataclass(frozen=True, slots=True)
class Happening:
    """What became of an instance: ``seconds`` after the moment, by an actor, for a reason."""

    instance: Instance
    outcome: Outcome
    seconds: float
    actor: str
    reason: str


def pod_instance(manifest: Manifest, *, gone: bool = False) -> Instance | None:
    """Return a pod of the daemon as an instance; of any other pod None."""
    pod = Pod.read(manifest, {})
    way = pod.labels.get(WAY)
    if way not in set(Way):
        return None
    told = (manifest.get("status") or {}).get("conditions") or ()
    messages = [str(one.get("message") or "") for one in told if one["type"] == "PodScheduled"]
    message = "" if pod.bound else next(iter(messages), "")
    up = pod.ready and not pod.terminating and not gone
    node = pod.node if pod.bound else ""
    return Instance(pod.uid, Way(way), pod.name, node, up, pod.terminating, gone, message)


def script_instance(manifest: Manifest, *, gone: bool = False) -> Instance | None:
    """Return the script of a node as an instance. It is as good as gone where there is none."""
    node, script = Node.read(manifest, {}), script_of(manifest)
    there = bool(script) and not gone
    up = there and not node.down
    return Instance(node.uid, Way.SCRIPT, script, node.name, up, going=False, gone=not there)


Read = Callable[..., Instance | None]


def happenings(before: Iterable[Manifest], steps: Iterable[Step], read: Read) -> list[Happening]:
    """Return what became of the instances that ``steps`` are about, oldest step first.

    ``before`` are the same objects as they stood at the moment; those that did not stand are left out.
    """
    stood = {one.id: one for one in (read(manifest) for manifest in before) if one and not one.gone}
    moves: dict[str, list[Move]] = defaultdict(list)
    for step in steps:
        now = read(step.change.manifest, gone=step.change.verb is Verb.DELETED)
        if now:
            moves[now.id].append(Move(step, now))
    found = (_happening(stood.get(id), many) for id, many in moves.items())  # noqa: A001 - the instance's
    return [one for one in found if one]


@dataclass(frozen=True, slots=True)
class Move:
    """An instance after a step."""

    step: Step
    now: Instance


def _happening(before: Instance | None, moves: Sequence[Move]) -> Happening | None:
    """Return what became of one instance, or None if nothing did."""
    last = moves[-1].now
    standing = [move for move in moves if not move.now.gone]
    if last.gone or last.going:
        if not before and not standing:
            return None
        leaving = next(move for move in moves if move.now.going or move.now.gone)
        return _told(before or standing[0].now, Outcome.GONE if last.gone else Outcome.GOING, leaving)
    if not before:
        return _new(standing)
    turns = list(zip([before, *(move.now for move in moves)], moves, strict=False))
    fell = [move for was, move in turns if was.up and not move.now.up]
    rose = [move for was, move in turns if move.now.up and not was.up]
    if last.up and rose:
        return _told(last, Outcome.BACK, rose[-1])
    return _told(last, Outcome.DOWN, fell[-1]) if fell else None


def _new(moves: Sequence[Move]) -> Happening:
    """Return what became of an instance that was not there before: who made it, and since when it works."""
    last, born = moves[-1].now, moves[0]
    if not last.up:
        return _told(last, Outcome.COMING if last.node else Outcome.NOWHERE, born)
    up = next(move for move in moves if move.now.up)
    return _told(last, Outcome.CAME, born, up.step.seconds)


def _told(instance: Instance, outcome: Outcome, move: Move, seconds: float | None = None) -> Happening:
    change = move.step.change
    by_init = instance.way is Way.SCRIPT and outcome is Outcome.BACK
    return Happening(
        instance,
        outcome,
        move.step.seconds if seconds is None else seconds,
        INIT if by_init else change.actor,
        change.reason,
    )
