"""Why a set has a pod on a node, or has none: the verdict, what stands there, and what would cure it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from controller.engine.controllers.daemonset.controller import revisions_of
from controller.engine.daemonset.cells import CellState, is_failing
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.cures import cure_node, cure_set
from controller.engine.daemonset.edits import NodeEdit, SetEdit
from controller.engine.daemonset.pairs import Pair, is_updated
from controller.engine.daemonset.placement import Verdict, Wants, answers, traits_of, verdict
from controller.engine.edits.manifest_copies import behaviour_of
from controller.engine.errors import NotFound
from controller.engine.objects import Manifest, Node, Pod
from controller.engine.workloads.availability import available_from
from controller.queries.causes import Causes, PairCause
from controller.queries.fixes import Fix, Hindrance, fixes
from controller.queries.podlines import PodLine, pod_line
from controller.queries.rollouts import speaker_of
from controller.queries.room import Shortage, shortages
from controller.queries.source import set_in
from controller.queries.steps import Around, Step, StepKind, first_unpassed, steps
from controller.store.log_reader import Place
from controller.store.views import ClusterView


@dataclass(frozen=True, slots=True)
class PairPod:
    """A pod of the set on the node. ``revision`` is None if that revision is no longer kept.

    ``available_in`` is in seconds of cluster time: 0 when it is available, None while it is not Ready.
    """

    pod: PodLine
    updated: bool
    revision: int | None
    available_in: float | None


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the cure of a set would go: how many pods it replaces, how many further nodes get one."""

    replaced: int
    gained: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that is to be said of a set on a node.

    ``pods`` are those on the node, ``pods_of_set`` how many there are on all.
    ``steps`` lead from a pod that should run to one that is available; none where no pod should run. Where
    the machine does not answer, that is the first of them, and nothing is cured.
    ``lacking`` is what a pod that is not scheduled does not find. ``cause`` is None where all is well;
    ``shared`` are the other nodes that have it, by name. ``set_reach`` is how far ``set_cure`` would go.
    ``version`` and ``node_version`` are those of the set and the node that the cures were found for.
    ``labels`` are the node's; ``clock_stands`` whether anything will follow from what is seen before
    somebody lets time go on.
    """

    set_id: str
    namespace: str
    name: str
    node: str
    state: CellState
    verdict: Verdict
    pods: tuple[PairPod, ...]
    pods_of_set: int
    steps: tuple[Step, ...]
    lacking: tuple[Shortage, ...]
    cause: PairCause | None
    shared: tuple[str, ...]
    node_cure: NodeEdit | None
    set_cure: SetEdit | None
    set_reach: Reach | None
    fixes: tuple[Fix, ...]
    version: str
    node_version: str
    labels: dict[str, str]
    paused: bool
    deleting: bool
    clock_stands: bool


def explain(view: ClusterView, *, namespace: str, name: str, node: str) -> Explanation:
    """Return why a set is or is not on a node. Raises NotFound for the set and for the node."""
    coverage, machine = set_in(view, namespace, name), view.world.nodes.get(node)
    if machine is None:
        raise NotFound("nodes", node)
    causes = Causes(view, coverage)
    ds, cause, pair = coverage.ds, causes.of(node), coverage.pairs[node]
    whole = view.pods(sorted(pod.key[1:] for pod in coverage.pods.get(node, ())))
    speaker = speaker_of(pair)
    state = view.cell(ds.uid, node)
    is_down = state is CellState.DOWN
    found = _steps(view, coverage, machine, pair, whole) if pair.should_run or is_down else ()
    step = first_unpassed(found)
    blocked = step is not None and step.kind is StepKind.SCHEDULED and speaker is not None
    lacking = shortages(view, speaker, machine) if blocked and speaker else ()
    lines = {place: pod_line(manifest) for place, manifest in whole.items()}
    told = lines.get(speaker.key[1:]) if speaker else None
    faulty = told.name if told and told.behaviour not in {"", behaviour_of(ds.template)} else ""
    cure = None if is_down else cure_set(coverage.wants, machine)
    return Explanation(
        set_id=ds.uid,
        namespace=namespace,
        name=name,
        node=node,
        state=state,
        verdict=verdict(coverage.wants, machine),
        pods=_pair_pods(view, coverage, node, lines),
        pods_of_set=sum(map(len, coverage.pods.values())),
        steps=found,
        lacking=lacking,
        cause=cause,
        shared=tuple(one for one in causes.sharing(cause) if one != node) if cause else (),
        node_cure=None if is_down else cure_node(coverage.wants, machine),
        set_cure=cure,
        set_reach=reach_of(view, coverage, cure) if cure else None,
        fixes=fixes(view, coverage, machine, Hindrance(step, lacking, faulty)) if step else (),
        version=ds.manifest["metadata"].get("resourceVersion", ""),
        node_version=machine.manifest["metadata"].get("resourceVersion", ""),
        labels=machine.labels,
        paused=ds.paused,
        deleting=ds.deleting,
        clock_stands=view.clock_stands,
    )


def _steps(
    view: ClusterView, coverage: Coverage, node: Node, pair: Pair, whole: Mapping[Place, Manifest]
) -> tuple[Step, ...]:
    """Return the steps of the pod that speaks for a pair, or of the one that is to be made."""
    speaker, backoff = speaker_of(pair), coverage.backoff(node.name)
    left = backoff.until - view.moment.cluster if backoff else 0.0
    around = Around(
        down=node.down or node.ready == "Unknown",
        refusal=coverage.refusal,
        backoff=max(0.0, left),
        available_in=_available_in(view, coverage, speaker) or 0.0 if speaker else 0.0,
        rests=bool(speaker and is_failing(speaker)),
    )
    return steps(whole.get(speaker.key[1:]) if speaker else None, around)


def _available_in(view: ClusterView, coverage: Coverage, pod: Pod) -> float | None:
    left = available_from(pod, coverage.ds.min_ready_seconds) - view.moment.cluster
    return max(0.0, left) if pod.ready else None


def _pair_pods(
    view: ClusterView, coverage: Coverage, node: str, lines: Mapping[Place, PodLine]
) -> tuple[PairPod, ...]:
    standing = sorted(coverage.pods.get(node, ()), key=lambda pod: pod.name)
    numbers = {each.hash: each.number for each in revisions_of(view.world, coverage.ds.uid)}
    return tuple(
        PairPod(
            pod=lines[pod.key[1:]],
            updated=is_updated(pod, coverage.ds, coverage.hash),
            revision=numbers.get(lines[pod.key[1:]].hash),
            available_in=_available_in(view, coverage, pod),
        )
        for pod in standing
        if pod.key[1:] in lines
    )


def reach_of(view: ClusterView, coverage: Coverage, edit: SetEdit) -> Reach:
    """Return how far an edit of a set's template would go. A node that has a pod of it keeps one."""
    wants = Wants.read(edit.apply(coverage.ds.template))
    traits, known = traits_of(wants), dict[object, bool]()
    gained = 0
    for name, node in view.world.nodes.items():
        seen = traits(node)
        if seen not in known:
            known[seen] = answers(wants, node)[0]
        pair = coverage.pairs.get(name)
        gained += known[seen] and not (pair and pair.should_run)
    return Reach(replaced=sum(len(pods) for pods in coverage.pods.values()), gained=gained)
