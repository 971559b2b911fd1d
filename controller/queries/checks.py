"""Whether a text would be taken, decided without writing: what an editor asks while somebody types."""

from __future__ import annotations

import time
from dataclasses import dataclass

from controller import manifests
from controller.engine.edits.decide import Request, decide
from controller.engine.edits.draft import Context
from controller.engine.edits.objects import Replace
from controller.engine.errors import Conflict, Invalid, NotFound, OtherObject, Refused, Several
from controller.engine.kinds import KINDS
from controller.engine.objects import Key
from controller.engine.whatif.simulation import CountedNames
from controller.manifests import Fault
from controller.queries.source import cluster_of
from controller.store import clocks, worlds
from controller.store.objects import RowObjects


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with a text; ``conflict`` if people changed the object since it was seen.

    ``refused`` is why it is refused as a whole: it holds another object than the one that is edited.
    """

    faults: tuple[Fault, ...] = ()
    conflict: Conflict | None = None
    refused: OtherObject | None = None


def check_creation(*, cluster: int, actor: str, text: str) -> Checked:
    """Return why the objects of a text could not be created: every fault of every one of them.

    Where some cannot be read, what the others ask of the cluster is not judged: they may need those.
    """
    try:
        found = manifests.inspect(text)
    except Refused as unreadable:
        return Checked(tuple(manifests.faults_of(text, unreadable)))
    numbers = [document.number for document in found.documents]
    faults = found.faults
    if refused := _refusal(cluster, actor, manifests.creation(found.documents)):
        each = refused.refusals if isinstance(refused, Several) else (refused,)
        told = [one for one in each if isinstance(one, Invalid) or not faults]
        faults = faults + (manifests.faults_of(text, Several(told), numbers) if told else [])
    return Checked(tuple(manifests.in_order(faults)))


def check_replacement(*, cluster: int, actor: str, key: Key, text: str, seen: str) -> Checked:
    """Return why a text could not take the place of an object. Raises NotFound if that is gone."""
    standing = RowObjects(cluster).find(*key)
    if standing is None:
        raise NotFound(KINDS[key[0]].resource, key[2])
    # Written as it stands, it is refused only if it is not what was seen.
    conflict = _refusal(cluster, actor, Replace(key, standing.manifest, seen=seen))
    try:
        refused = _refusal(cluster, actor, manifests.replacement(text, key, ""))
    except Refused as unreadable:
        refused = unreadable
    stale = conflict if isinstance(conflict, Conflict) else None
    if isinstance(refused, OtherObject):
        return Checked(conflict=stale, refused=refused)
    return Checked(tuple(manifests.faults_of(text, refused) if refused else ()), stale)


def _refusal(cluster: int, actor: str, request: Request) -> Refused | None:
    """Return why a request would be refused now; None if it would be carried out."""
    row = cluster_of(cluster)
    context = Context(clocks.moment_of(row, time.time()), CountedNames(), worlds.settings_of(row), actor)
    try:
        decide(RowObjects(cluster), request, context)
    except Refused as refused:
        return refused
    return None
