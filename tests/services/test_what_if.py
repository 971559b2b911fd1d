"""What an edit would come to in a fork of a world is what it comes to when it is committed."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module
from typing import Any

import pytest

from controller import models
from controller.engine import edits
from controller.engine.changes import Change
from controller.engine.daemonset.edits import PortEdit, RequestEdit
from controller.engine.differences import differences
from controller.engine.disruption.drain import DrainOptions
from controller.engine.edits import undo
from controller.engine.edits.cronjobs import RunNow
from controller.engine.edits.cures import CureNode, CureNodes, CureSet, FitSet
from controller.engine.edits.daemonsets import PauseRollout, SetStrategy
from controller.engine.edits.decide import Request, decide
from controller.engine.edits.deletion import Delete, DeleteAll, Options
from controller.engine.edits.draft import Client, Context
from controller.engine.edits.drain import Drain, StopDrain
from controller.engine.edits.eviction import Evict
from controller.engine.edits.nodes import (
    AddNodes,
    Cordon,
    PatchLabels,
    PatchTaints,
    RemoveNodes,
    ReportPressure,
    SetLabels,
    SetPower,
    SetTaints,
)
from controller.engine.edits.objects import Apply, Bind, Create, CreateAll, Patch, PatchType, Replace
from controller.engine.edits.pods import ExitContainer, KillContainer, SetPodBehaviour
from controller.engine.edits.rollouts import EndPlan, Promote, SetPlan, UndoRollout
from controller.engine.edits.scale import PatchScale, ReplaceScale
from controller.engine.edits.staticpods import PutStaticPod, RemoveStaticPod
from controller.engine.edits.undo import Undo
from controller.engine.edits.whatif import what_if
from controller.engine.edits.workloads import Pause, Restart, Rollback, SetBehaviour, SetImage
from controller.engine.objects import Key, Manifest, Moment, Taint
from controller.engine.passes import plan
from controller.manifests import dump
from controller.services import daemonsets, nodes, objects, staticpods, workloads
from controller.services.edits import editing
from controller.store import worlds
from controller.store.log import since
from controller.store.objects import RowObjects
from tests.clusters import PERSON, cluster, demo_text, node, row_of, settle, with_daemonset
from tests.engine.edits.ledger import NOW
from tests.engine.play import SeededNames
from tests.stepping import by

pytestmark = pytest.mark.django_db

SET: Key = ("DaemonSet", "default", "nginx-ds")
PLANNED: Key = ("DaemonSet", "default", "planned")
PICKY: Key = ("DaemonSet", "default", "ssd-monitor")
MAP: Key = ("ConfigMap", "apart", "words")
BARE: Key = ("Pod", "default", "bare")
MANY: Key = ("ReplicaSet", "default", "many")
WEB: Key = ("Deployment", "default", "web")
SWEEP: Key = ("CronJob", "default", "sweep")


AGENT: Manifest = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "agent"},
    "spec": {"containers": [{"name": "main", "image": "agent:1"}]},
}
PROXY: Manifest = {**AGENT, "metadata": {"name": "proxy"}}


def words(name: str, **data: str) -> Manifest:
    """Return a ConfigMap as a client sends it."""
    return {"metadata": {"name": name, "namespace": "apart"}, "data": data}


def space(name: str) -> tuple[str, Manifest]:
    """Return a namespace to be created."""
    return ("Namespace", {"metadata": {"name": name}})


def lively_cluster() -> int:
    """Return a cluster with something for every request: sets, pods, revisions, events, a namespace."""
    tried = cluster(nodes=3)
    with_daemonset(tried)
    with_daemonset(tried, "ssd-monitor")
    place = {"namespace": "default", "name": "nginx-ds"}
    workloads.workload_image(kind="DaemonSet", **by(tried), **place, container="nginx", image="nginx:2")
    for kind, manifest in (space("apart"), ("ConfigMap", words("words", a="1"))):
        objects.object_create(**by(tried), kind=kind, manifest=manifest)
    inside = demo_text("nginx-ds").replace("name: nginx-ds", "name: nginx-ds\n  namespace: apart", 1)
    objects.manifests_create(**by(tried), text=inside)
    settle(tried)
    with_plan(tried)
    spec = {"containers": [{"name": "a", "image": "a:1"}]}
    pod = {"metadata": {"name": "bare", "namespace": "default"}, "spec": spec}
    objects.object_create(**by(tried), kind="Pod", manifest=pod)
    template = {"metadata": {"labels": {"app": "many"}}, "spec": spec}
    many = {"replicas": 1, "selector": {"matchLabels": {"app": "many"}}, "template": template}
    manifest = {"metadata": {"name": "many", "namespace": "default"}, "spec": many}
    objects.object_create(**by(tried), kind="ReplicaSet", manifest=manifest)
    inside = demo_text("nginx-ds").replace("nginx-ds", "ported").replace("containerPort: 80", "hostPort: 80")
    objects.manifests_create(
        **by(tried), text=inside.replace("hostPort: 80", "containerPort: 80\n          hostPort: 80")
    )
    web = {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {**template, "metadata": {"labels": {"app": "web"}}},
    }
    manifest = {"metadata": {"name": "web", "namespace": "default"}, "spec": web}
    objects.object_create(**by(tried), kind="Deployment", manifest=manifest)
    jobs = {"spec": {"template": {"spec": {**spec, "restartPolicy": "Never"}}}}
    manifest = {"metadata": {"name": "sweep"}, "spec": {"schedule": "@yearly", "jobTemplate": jobs}}
    objects.object_create(**by(tried), kind="CronJob", manifest=manifest)
    nodes.node_taints(**by(tried), node="node-3", taints=[Taint("a", "", "NoSchedule")])
    nodes.node_drain(**by(tried), nodes=["node-3"], unmanaged=True, local_data=True)
    staticpods.static_pod_put(**by(tried), node="node-2", file="agent.yaml", text=dump(AGENT))
    return tried


def with_plan(tried: int) -> None:
    """Add a set whose plan has brought its second revision to nobody yet, and waits for somebody."""
    place = {"namespace": "default", "name": "planned"}
    text = demo_text("nginx-ds").replace("nginx-ds", "planned")
    objects.manifests_create(**by(tried), text=text)
    settle(tried)
    fields = {"canary": "of=none", "promotion": "AfterCanary", "wavesBy": "zone"}
    daemonsets.daemonset_plan(**by(tried), **place, fields=fields)
    workloads.workload_image(kind="DaemonSet", **by(tried), **place, container="nginx", image="nginx:9")
    settle(tried)


def relabelled(tried: int) -> Undo:
    """Return a request that takes back what was done to the labels of a node."""
    standing = node(tried, "node-1")
    before = {**standing, "metadata": {**standing["metadata"], "labels": {"disk": "ssd"}}}
    return Undo([undo.Undone(("Node", "", "node-1"), before, standing)], "node-1", {})


def of_nodes() -> list[Request]:
    """Return one request of each kind that is about nodes."""
    return [
        AddNodes([{"metadata": {"name": "fresh"}}]),
        RemoveNodes(["node-1", "node-2"]),
        SetLabels("node-1", {"disk": "ssd"}),
        PatchLabels(["node-1", "node-2"], {"disk": "ssd"}, ["none"]),
        SetTaints("node-1", [Taint("gpu", "", "NoExecute")]),
        PatchTaints(["node-1", "node-3"], [Taint("gpu", "", "NoExecute")], [("a", "")]),
        Cordon(["node-1"], cordoned=True),
        Drain(["node-1"], DrainOptions(unmanaged=True, local_data=True)),
        StopDrain(["node-3"]),
        SetPower(["node-1"], on=False),
        ReportPressure("node-1", "DiskPressure", reported=True),
    ]


def requests(tried: int) -> list[Request]:
    """Return one request of each kind, and some more where one has several ways."""
    named = models.Pod.objects.filter(cluster=tried, node="node-1", namespace="default")[0].name
    pod: Key = ("Pod", "default", named)
    return [
        Create("ConfigMap", {"metadata": {"generateName": "words-", "namespace": "apart"}}),
        CreateAll([space("new"), ("ConfigMap", {"metadata": {"name": "b", "namespace": "new"}})]),
        Replace(MAP, words("words", a="2")),
        Patch(MAP, PatchType.MERGE, {"data": {"b": "3"}}),
        Patch(("Node", "", "node-1"), PatchType.MERGE, {"status": {"phase": "Running"}}, "status"),
        Apply(MAP, words("words", a="2"), force=True),
        Apply(("ConfigMap", "apart", "other"), words("other")),
        Bind(BARE, "node-2"),
        ReplaceScale(MANY, {"spec": {"replicas": 3}}),
        PatchScale(MANY, PatchType.MERGE, {"spec": {"replicas": 0}}),
        Delete(MAP),
        Delete(SET, Options("Foreground")),
        Delete(pod),
        Delete(("Namespace", "", "apart")),
        DeleteAll([MAP, pod, BARE], Options(grace=0)),
        Evict(pod, Options()),
        *of_nodes(),
        SetImage(SET, "nginx", "nginx:3"),
        Restart(SET),
        Pause(WEB, paused=True),
        PauseRollout(SET, paused=True),
        SetStrategy(SET, min_ready_seconds=7),
        SetPlan(SET, {"wavesBy": "zone"}),
        EndPlan(PLANNED),
        Promote(PLANNED, "canary"),
        UndoRollout(PLANNED),
        Rollback(SET, 1),
        RunNow(SWEEP),
        SetBehaviour(SET, "crash-loop"),
        SetPodBehaviour(pod, "never-ready"),
        KillContainer(pod, "nginx", 9),
        ExitContainer(pod, "nginx", 1),
        CureNode(PICKY, "node-3", "", ""),
        CureSet(PICKY, "node-3", "", ""),
        CureNodes(PICKY, ["node-2", "node-3"]),
        FitSet(SET, RequestEdit("nginx", "cpu", "10m")),
        FitSet(("DaemonSet", "default", "ported"), PortEdit(80, 8081)),
        relabelled(tried),
        PutStaticPod("node-1", "proxy.yaml", PROXY),
        PutStaticPod("node-2", "agent.yaml", PROXY),
        RemoveStaticPod("node-2", "agent.yaml"),
    ]


class Undone(Exception):
    """Takes back what was committed, so that every request finds the same cluster."""


def context(tried: int) -> Context:
    """Return a context with names that can be foreseen."""
    settings = worlds.settings_of(row_of(tried))
    return Context(NOW, SeededNames(), settings, PERSON, Client("kubectl", "kubectl"))


def bare(changes: Iterable[Change]) -> list[tuple[Any, ...]]:
    """Return changes without the number that the store gives each, in the order of their objects."""
    plain: list[tuple[Any, ...]] = []
    for one in changes:
        meta = {key: value for key, value in one.manifest["metadata"].items() if key != "resourceVersion"}
        plain.append((one.key, one.verb, {**one.manifest, "metadata": meta}, one.reason, one.timers))
    return sorted(plain, key=lambda one: one[0])


def test_every_request_is_the_same_in_a_fork() -> None:
    """It decides the changes that the store then holds, and the world that was asked stays as it was."""
    tried = lively_cluster()
    world = worlds.load(tried, worlds.settings_of(row_of(tried)))
    for request in requests(tried):
        _fork, imagined = what_if(world, request, context(tried))
        with suppress(Undone), editing(cluster=tried, actor=PERSON) as edit:
            committed = edit.commit(decide(RowObjects(tried), request, context(tried)))
            stored = [entry.change for entry in since(tried, edit.began)]
            assert stored
            assert bare(imagined.changes) == bare(stored), request
            assert imagined.facts == committed.facts
            raise Undone
    assert differences(world, worlds.load(tried, world.settings), NOW) == []


def test_every_kind_of_request_is_tested() -> None:
    """Whoever adds a request adds it to the list above."""
    modules = [import_module(f"{edits.__name__}.{one.name}") for one in pkgutil.iter_modules(edits.__path__)]
    classes = {thing for module in modules for _, thing in inspect.getmembers(module, inspect.isclass)}
    tried = lively_cluster()
    known = {type(request) for request in requests(tried)}
    assert {one for one in classes if hasattr(one, "__dataclass_fields__") and _decides(one)} == known


def _decides(one: type) -> bool:
    return (
        list(inspect.signature(one.decide).parameters) == ["self", "draft"]
        if hasattr(one, "decide")
        else False
    )


def test_passes_go_on_from_a_fork() -> None:
    """What would follow is planned there, and nothing of it in the world that was asked."""
    tried = lively_cluster()
    settle(tried)
    world = worlds.load(tried, worlds.settings_of(row_of(tried)))
    now = Moment(NOW.wall, 1e9)
    plan(world, now, SeededNames())
    before = {key: pod.manifest for key, pod in world.pods.items()}
    fork, _ = what_if(world, SetImage(SET, "nginx", "nginx:3"), context(tried))
    outcome = plan(fork, now, SeededNames())

    assert any(change.kind == "ControllerRevision" for change in outcome.changes)
    assert {key: pod.manifest for key, pod in world.pods.items()} == before
    assert not plan(world, now, SeededNames()).changes
