"""When a rollout would end under other limits: what is left of it is played out in memory."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from controller.engine.controllers.daemonset.controller import coverage_of
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.rollout import ROLLING_UPDATE
from controller.engine.daemonset.staged.plan import Plan
from controller.engine.daemonset.staged.strategy import staged_strategy
from controller.engine.edits.daemonsets import SetStrategy
from controller.engine.edits.decide import Request
from controller.engine.edits.draft import Context
from controller.engine.edits.rollouts import SetPlan
from controller.engine.edits.whatif import what_if
from controller.engine.edits.workloads import Restart
from controller.engine.errors import NotFound
from controller.engine.kinds import KINDS
from controller.engine.objects import Key
from controller.engine.whatif.simulation import CountedNames, Watch, simulate
from controller.queries.patience import Patience
from controller.queries.plans import is_rolling
from controller.queries.race import Lane, lane_of
from controller.queries.source import cluster_of
from controller.queries.whatif import standing
from controller.store import worlds

PATIENCE = 1.5
"""Seconds of work for each of two lanes that a person waits for; what is not over then is told as such."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a rollout, in nodes and seconds."""

    max_unavailable: int
    max_surge: int
    min_ready_seconds: int

    def values(self) -> dict[str, int]:
        """Return them by their names."""
        return asdict(self)


def rest_under(*, cluster: int, namespace: str, name: str, actor: str, limits: Limits | None = None) -> Lane:
    """Play out what is left of a rollout, under other limits or as it stands; at rest, a restart.

    Raises NotFound, Invalid (limits that are refused).
    """
    row = cluster_of(cluster)
    with standing(row) as (world, moment):
        coverage = coverage_of(world, namespace, name)
        if coverage is None:
            raise NotFound(KINDS["DaemonSet"].resource, name)
        context = Context(moment, CountedNames(), worlds.settings_of(row), actor)
        patience = Patience(PATIENCE)
        tried = world
        for request in _requests(coverage, limits):
            tried, _ = what_if(tried, request, context)
        watch, uid = Watch(), coverage.ds.uid
        fork = tried.fork(watch)
        run = simulate(fork, watch, moment, go_on=patience.lasts, sets={uid})
        return lane_of(run.courses[uid], run.ended, run.elapsed)


def _requests(coverage: Coverage, limits: Limits | None) -> list[Request]:
    key: Key = coverage.ds.key
    asked: list[Request] = [] if limits is None else _limiting(coverage, key, limits)
    return asked if is_rolling(coverage) else [*asked, Restart(key)]


def _limiting(coverage: Coverage, key: Key, limits: Limits) -> list[Request]:
    staged = staged_strategy(coverage.ds)
    if staged is None:
        bounds = (limits.max_unavailable, limits.max_surge, limits.min_ready_seconds)
        return [SetStrategy(key, ROLLING_UPDATE, *bounds)]
    fields = {**json.loads((staged.plan or Plan()).text()), "maxUnavailable": limits.max_unavailable}
    return [SetPlan(key, fields), SetStrategy(key, min_ready_seconds=limits.min_ready_seconds)]
