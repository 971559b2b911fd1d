"""Whether two worlds that should be the same are: one kept up to date by change, one made from scratch.

Objects, indexes and tallies are compared as they stand. Queues and deadlines are compared by what
follows from them: both worlds are planned at the same moment, the second with everything touched, and
must decide the same. Everything is done with forks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from operator import eq
from typing import Any

from controller.engine.changes import Change, Verb
from controller.engine.objects import Key, Moment, Pod
from controller.engine.outcome import Outcome
from controller.engine.passes import plan
from controller.engine.world import World

NAMED = 5
"""How many of what differs are named."""

Facts = Mapping[Any, object]


class _Numbered:
    """Names for a plan that nobody stores."""

    def __init__(self) -> None:
        self._suffixes, self._uids = count(), count()

    def suffix(self) -> str:
        return f"{next(self._suffixes):05}"

    def uid(self) -> str:
        return f"planned-{next(self._uids)}"


def differences(kept: World, fresh: World, now: Moment) -> list[str]:
    """Say in words how a world kept by change differs from one that was loaded anew."""
    standing = list(_standing(kept.fork(), fresh.fork(), now))
    return standing or list(_planned(kept.fork(), fresh.fork(), now))


def _standing(kept: World, fresh: World, now: Moment) -> Iterator[str]:
    for kind in sorted(kept.objects.keys() | fresh.objects.keys()):
        yield from _compare(kind, kept.objects.of(kind), fresh.objects.of(kind), _same)
    yield from _compare("pods on", kept.on_node, fresh.on_node)
    yield from _compare("orphans in", kept.orphans, fresh.orphans)
    yield from _compare("dependants of", kept.owned_by_uid(), fresh.owned_by_uid())
    for mine, theirs in zip(kept.controllers, fresh.controllers, strict=True):
        yield from _compare(mine.name, mine.facts(kept, now), theirs.facts(fresh, now))


def _same(one: object, other: object) -> bool:
    """Compare two readings of an object, and what they were read from: of pods that is not a part of them."""
    if isinstance(one, Pod) and one == other:
        return one.held == other.held or one.manifest == other.manifest
    return one == other


def _compare(about: str, kept: Facts, fresh: Facts, same: Callable[[Any, Any], bool] = eq) -> Iterator[str]:
    wrong = [key for key in kept.keys() | fresh.keys() if not same(kept.get(key), fresh.get(key))]
    yield from (f"{about}: {_named(key)} is not the same" for key in sorted(wrong)[:NAMED])


def _named(key: object) -> str:
    return "/".join(filter(None, key)) if isinstance(key, tuple) else str(key)


def _planned(kept: World, fresh: World, now: Moment) -> Iterator[str]:
    planned, anew = plan(kept, now, _Numbered()), plan(fresh, now, _Numbered())
    mine, theirs = decisions(planned), decisions(anew)
    yield from (f"decided only by the kept world: {one}" for one in sorted(set(mine) - set(theirs))[:NAMED])
    yield from (f"decided only by the fresh world: {one}" for one in sorted(set(theirs) - set(mine))[:NAMED])
    due, due_anew = planned.come_back, anew.come_back
    if due_anew is not None and (due is None or due > due_anew):
        yield f"the kept world waits until {due}, the fresh one until {due_anew}"


def decisions(outcome: Outcome) -> list[str]:
    """Word the changes of a plan, without events and without the names that were drawn for new objects."""
    new = {change.key for change in outcome.changes if change.verb is Verb.ADDED}
    return [_decision(change, new) for change in outcome.changes if change.kind != "Event"]


def _decision(change: Change, new: Iterable[Key]) -> str:
    name = "(new)" if change.key in new else change.key[2]
    node = change.manifest.get("spec", {}).get("nodeName", "")
    return f"{change.verb} {_named((*change.key[:2], name))} {node}: {change.reason} {change.timers}"
