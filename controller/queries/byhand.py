"""Who carries out the plan of a set of a real cluster, why that waits, and what going on by hand takes."""

from __future__ import annotations

from dataclasses import dataclass

from controller import models
from controller.engine.controllers.daemonset.controller import revisions_of
from controller.engine.controllers.staged_rollouts import bears_plan, manager_in
from controller.engine.daemonset.rollout import ON_DELETE
from controller.engine.daemonset.staged.strategy import last_status
from controller.engine.objects import Manifest
from controller.queries.source import ClusterView, cluster_of, set_in
from controller.store.worlds import manager_of


@dataclass(frozen=True, slots=True)
class Carried:
    """A plan that is carried out through an API server.

    ``manager`` is the name of the Everynode that does it if that is another one, ``refusal`` why ours waits;
    both may be "". ``strategy`` is the set's own, as it comes back; None if it was not taken away.
    ``previous`` is the number of the revision of before the plan, None if there is nothing to go back to.
    """

    manager: str
    refusal: str
    strategy: Manifest | None
    previous: int | None
    paused: bool


def carried(view: ClusterView, cluster: int, *, namespace: str, name: str) -> Carried | None:
    """Return how a plan of a real cluster is carried out, None if there is none. Raises NotFound."""
    ds = set_in(view, namespace, name).ds
    mirror = models.Mirror.objects.only("refusals").filter(pk=cluster).first()
    if mirror is None or not bears_plan(ds):
        return None
    status, manager = last_status(ds), manager_in(ds)
    before = status.previous if status and not status.ended else ""
    numbers = [one.number for one in revisions_of(view.world, ds.uid) if before and one.hash == before]
    return Carried(
        manager="" if manager == manager_of(cluster_of(cluster)) else manager,
        refusal=str(mirror.refusals.get(f"{namespace}/{name}") or ""),
        strategy=status.strategy if status and ds.strategy == ON_DELETE else None,
        previous=max(numbers, default=None),
        paused=ds.paused,
    )
