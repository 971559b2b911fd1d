"""What would let a pod run that has its place and does not run: edits of its set, or another act.

The smallest edits for a place at all are the engine's (``controller/engine/daemonset/cures.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from controller.engine.cluster.scheduler.demand import Demand
from controller.engine.controllers.daemonset.controller import revisions_of
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.edits import PortEdit, RequestEdit
from controller.engine.matching.quantities import bytes_of, cpu_milli
from controller.engine.objects import HASH_LABEL, Manifest, Node
from controller.engine.workloads.pods import account_of
from controller.queries.room import HOST_PORT, Shortage, free_port
from controller.queries.source import set_in
from controller.queries.steps import Standing, Step, StepKind
from controller.store.views import ClusterView


class FixKind(StrEnum):
    """What can be done."""

    POWER_UP = "power-up"
    RESUME_TIME = "resume-time"
    CREATE_ACCOUNT = "create-account"
    REQUEST = "request"
    PORT = "port"
    NO_SURGE = "no-surge"
    ROLL_BACK = "roll-back"
    NO_FAULT = "no-fault"


@dataclass(frozen=True, slots=True)
class Fix:
    """One thing to do, with its facts: an ``edit`` of the set, the name of what is to be made, a revision."""

    kind: FixKind
    edit: RequestEdit | PortEdit | None = None
    name: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Where a pod stands: the ``step`` that it does not take, and what it is ``lacking`` for that.

    ``faulty`` is the pod's name if somebody gave a behaviour to that very pod, else "".
    """

    step: Step
    lacking: tuple[Shortage, ...] = ()
    faulty: str = ""


def fixes(view: ClusterView, coverage: Coverage, node: Node, found: Hindrance) -> tuple[Fix, ...]:
    """Return what would let a pod take the step that it does not take, the smallest first."""
    if found.step.kind is StepKind.NODE:
        return (Fix(FixKind.POWER_UP),) if node.down else ()
    if found.step.standing is not Standing.BLOCKED:
        return (Fix(FixKind.RESUME_TIME),) if view.clock_stands else ()
    return tuple(_unblocking(view, coverage, found))


def _unblocking(view: ClusterView, coverage: Coverage, found: Hindrance) -> Iterator[Fix]:
    ds = coverage.ds
    account = account_of(ds.template)
    refused = found.step.kind is StepKind.CREATED and coverage.refusal
    if refused and not view.world.find("ServiceAccount", ds.namespace, account):
        yield Fix(FixKind.CREATE_ACCOUNT, name=account)
    for one in found.lacking:
        yield from _for_room(view, coverage, one)
    if found.faulty:
        yield Fix(FixKind.NO_FAULT, name=found.faulty)
    if number := last_good_revision(view, coverage):
        yield Fix(FixKind.ROLL_BACK, revision=number)


def _for_room(view: ClusterView, coverage: Coverage, one: Shortage) -> Iterator[Fix]:
    if one.holders and one.holders[0].owner_uid == coverage.ds.uid:
        yield Fix(FixKind.NO_SURGE)
    elif one.resource == HOST_PORT:
        after = free_port(view, one.asked)
        if after:
            yield Fix(FixKind.PORT, PortEdit(one.asked, after))
    elif edit := cure_request(coverage.ds.template, one.resource, one.free):
        yield Fix(FixKind.REQUEST, edit)


def undo_revision(view: ClusterView, *, namespace: str, name: str) -> int:
    """Return to which revision a set would be rolled back, 0 if none is kept. Raises NotFound."""
    return last_good_revision(view, set_in(view, namespace, name))


def last_good_revision(view: ClusterView, coverage: Coverage) -> int:
    """Return the kept revision with the most ready pods, the newest of several, but the current; 0 if none.

    Where no pod of another is left, the newest other one.
    """
    ready: dict[str, int] = {}
    for pods in coverage.pods.values():
        for pod in pods:
            if pod.ready:
                mark = pod.labels.get(HASH_LABEL, "")
                ready[mark] = ready.get(mark, 0) + 1
    others = [one for one in revisions_of(view.world, coverage.ds.uid) if one.hash != coverage.hash]
    best = max(others, key=lambda one: (ready.get(one.hash, 0), one.number), default=None)
    return best.number if best else 0


def cure_request(template: Manifest, resource: str, free: int) -> RequestEdit | None:
    """Return which container should request how much less of a resource, so that a pod fits into ``free``.

    Cpu is in thousandths, the rest in bytes or pieces. The container that asks the most gives way. None if
    that is not enough, or if it would be left with nothing.
    """
    asked = [(_request(one, resource), one["name"]) for one in template["spec"]["containers"]]
    most, name = max(asked, key=lambda one: one[0])
    left = free - sum(amount for amount, _ in asked) + most
    if not 0 < left < most:
        return None
    edit = RequestEdit(name, resource, f"{left}m" if resource == "cpu" else str(left))
    return edit if _total(edit.apply(template), resource) <= free else None


def _request(container: Manifest, resource: str) -> int:
    resources = container.get("resources") or {}
    amount = {**(resources.get("limits") or {}), **(resources.get("requests") or {})}.get(resource, 0)
    return cpu_milli(amount) if resource == "cpu" else bytes_of(amount)


def _total(template: Manifest, resource: str) -> int:
    demand = Demand.of(template["spec"])
    return {"cpu": demand.cpu, "memory": demand.memory, **dict(demand.others)}.get(resource, 0)
