"""What the scheduler knows of a cluster while it works off its queue.

Kubernetes' scheduler takes a snapshot of the cluster for every pod; here one lasts as long as nothing but
bindings happens, and those who count pods read on in ``bound``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from controller.engine.cluster.scheduler.demand import Load
from controller.engine.cluster.scheduler.podinfo import Footprint, LabelsOf, PodTerm
from controller.engine.objects import Key, Node, Pod
from controller.engine.views import DisruptionBudget

Repelling = Mapping[Key, tuple[str, tuple[PodTerm, ...]]]
"""By pod that stands: its node, and its required terms about pods that it keeps away from."""


@dataclass(slots=True)
class Snapshot:
    """The nodes, and ways to ask for the rest.

    ``load_of`` returns what the pods of a node take, ``on_node`` those pods, ``footprint_of`` what one
    of them means for others. ``bound`` are the pods that were bound since, in their order; ``preempted``
    those that had to go since the ``budgets`` told what they allow.
    """

    nodes: Mapping[str, Node]
    pod: Callable[[Key], Pod]
    pods: Callable[[], Iterable[Pod]]
    owned_by: Callable[[str], Iterable[Pod]]
    on_node: Callable[[str], Iterable[Pod]]
    load_of: Callable[[str], Load]
    footprint_of: Callable[[Pod], Footprint]
    labels_of: LabelsOf
    repelling: Repelling
    bound: list[Pod] = field(default_factory=list)
    budgets: tuple[DisruptionBudget, ...] = ()
    preempted: list[Pod] = field(default_factory=list)
