"""The row of controllers. Its order is the order of a pass; to add a controller is to add a row."""

from __future__ import annotations

from collections.abc import Iterable

from controller.engine.controllers.builtin_objects import BuiltinObjects
from controller.engine.controllers.cronjob import CronJobs
from controller.engine.controllers.daemonset.controller import DaemonSets
from controller.engine.controllers.deployment import Deployments
from controller.engine.controllers.disruption import DisruptionBudgets
from controller.engine.controllers.drains import Drains
from controller.engine.controllers.endpoints import EndpointsController
from controller.engine.controllers.endpoints_mirroring import EndpointsMirroring
from controller.engine.controllers.finished_jobs import FinishedJobs
from controller.engine.controllers.garbage_collector import GarbageCollector
from controller.engine.controllers.job import Jobs
from controller.engine.controllers.kubelet import Kubelets
from controller.engine.controllers.loads import Loads
from controller.engine.controllers.namespaces import Namespaces
from controller.engine.controllers.node_lifecycle import NodeLifecycle
from controller.engine.controllers.persistentvolume import PersistentVolumes
from controller.engine.controllers.pod_gc import PodGarbageCollector
from controller.engine.controllers.replicaset import ReplicaSets, ReplicationControllers
from controller.engine.controllers.resourcequota import ResourceQuotas
from controller.engine.controllers.scheduler.controller import Scheduler
from controller.engine.controllers.staged_rollouts import StagedRollouts
from controller.engine.controllers.statefulset import StatefulSets
from controller.engine.controllers.static_pods import StaticPods
from controller.engine.controllers.taint_eviction import TaintEviction
from controller.engine.settings import Settings
from controller.engine.views import view_of
from controller.engine.world import Controller, Read, World

ROW: tuple[type[Controller], ...] = (
    BuiltinObjects,
    NodeLifecycle,
    Kubelets,
    StaticPods,
    PodGarbageCollector,
    GarbageCollector,
    Namespaces,
    ResourceQuotas,
    StagedRollouts,
    DaemonSets,
    Deployments,
    ReplicaSets,
    ReplicationControllers,
    StatefulSets,
    PersistentVolumes,
    CronJobs,
    FinishedJobs,
    Jobs,
    TaintEviction,
    Drains,
    Scheduler,
    EndpointsController,
    EndpointsMirroring,
    DisruptionBudgets,
)
"""Everything that acts in a simulated cluster."""

PROJECTED: tuple[type[Controller], ...] = (DaemonSets, Loads)
"""What a world needs that is only looked at: nobody plans it."""


def new_world(settings: Settings, row: Iterable[type[Controller]] = ROW, read: Read = view_of) -> World:
    """Return an empty world with its controllers; ``read`` makes its views."""
    return World(settings, tuple(kind() for kind in row), read)
