"""A cluster that is played in memory: edits go in, passes run, and questions are answered.

It stands in for store and services in tests of the engine, with a clock that the test turns.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from controller.engine.changes import Change, Verb
from controller.engine.cluster.kubelet import rests
from controller.engine.controllers.daemonset.controller import coverages
from controller.engine.controllers.row import ROW, new_world
from controller.engine.daemonset.coverage import Coverage
from controller.engine.daemonset.status import Counts
from controller.engine.deletion import delete_pod
from controller.engine.differences import differences
from controller.engine.objects import GENERATION_ANNOTATION, Key, Manifest, Moment, Node, Pod, Revision
from controller.engine.outcome import Outcome
from controller.engine.passes import plan
from controller.engine.reasons import Reason
from controller.engine.settings import Settings
from controller.engine.workloads.hashes import ALPHABET
from controller.engine.world import Controller, World

BORN = datetime(2026, 1, 1, tzinfo=UTC)


class Text(str):
    """A manifest in a smaller form, as a store keeps that of a pod that rests."""

    __slots__ = ()

    def manifest(self) -> Manifest:
        return dict(json.loads(self))


class SeededNames:
    """Names that are the same in every run."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311 -- names of a test

    def suffix(self) -> str:
        return "".join(self._random.choices(ALPHABET, k=5))

    def uid(self) -> str:
        digits = f"{self._random.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def set_manifest(name: str = "agent", *, image: str = "agent:1", **spec: Any) -> Manifest:
    """Return a DaemonSet as admission leaves it; ``template`` and ``pod`` add to the template."""
    pod, meta = spec.pop("pod", {}), spec.pop("template", {})
    strategy = spec.pop(
        "strategy", {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}
    )
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {
            "name": name,
            "namespace": "default",
            "annotations": {GENERATION_ANNOTATION: "1"},
            "generation": 1,
        },
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "updateStrategy": strategy,
            "revisionHistoryLimit": 10,
            "template": {
                "metadata": {"labels": {"app": name}, **meta},
                "spec": {"containers": [{"name": "main", "image": image}], **pod},
            },
            **spec,
        },
    }


class Play:
    """One cluster in memory. ``history`` holds every change, in order."""

    def __init__(
        self,
        *nodes: str,
        settings: Settings | None = None,
        seed: int = 1,
        row: Iterable[type[Controller]] = ROW,
    ) -> None:
        self.settings = settings or Settings(start_delay=0, stop_delay=0, node_grace=6)
        self.world = new_world(self.settings, row)
        self.names = SeededNames(seed)
        self.time = 0.0
        self.history: list[Change] = []
        self.edit("ServiceAccount", {"metadata": {"namespace": "default", "name": "default"}})
        for name in nodes:
            self.add_node(name)

    @property
    def sets(self) -> Mapping[str, Coverage]:
        return coverages(self.world)

    @property
    def revisions(self) -> Mapping[Key, Revision]:
        return self.world.all_of(Revision)

    @property
    def now(self) -> Moment:
        return Moment(BORN + timedelta(seconds=self.time), self.time)

    def edit(
        self,
        kind: str,
        manifest: Manifest,
        verb: Verb = Verb.MODIFIED,
        timers: dict[str, float] | None = None,
    ) -> None:
        self._note(Change(verb, kind, manifest, "somebody", "an edit", timers or {}))

    def _note(self, change: Change) -> None:
        self.history.append(change)
        self.world.apply(change)

    def add_node(self, name: str, labels: dict[str, str] | None = None, **status: Any) -> None:
        meta = {
            "name": name,
            "uid": self.names.uid(),
            "labels": labels or {},
            "creationTimestamp": self.now.stamp,
        }
        spec = {"taints": [{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]}
        self.edit(
            "Node",
            {"apiVersion": "v1", "kind": "Node", "metadata": meta, "spec": spec, "status": status},
            Verb.ADDED,
        )

    def add_set(self, manifest: Manifest) -> str:
        uid = self.names.uid()
        self.edit("DaemonSet", {**manifest, "metadata": {**manifest["metadata"], "uid": uid}}, Verb.ADDED)
        return uid

    def node(self, name: str) -> Node:
        return self.world.nodes[name]

    def label(self, name: str, **labels: str) -> None:
        node = self.node(name)
        meta = {**node.manifest["metadata"], "labels": {**node.labels, **labels}}
        self.edit("Node", {**node.manifest, "metadata": meta}, timers=node.timers)

    def annotate_node(self, name: str, **annotations: str) -> None:
        node = self.node(name)
        words = {f"sim.everynode.dev/{key}": value for key, value in annotations.items() if value}
        self.edit(
            "Node",
            {**node.manifest, "metadata": {**node.manifest["metadata"], "annotations": words}},
            timers=node.timers,
        )

    def taint(self, name: str, key: str, effect: str, value: str = "") -> None:
        node = self.node(name)
        taints = [
            *(node.manifest["spec"].get("taints") or []),
            {"key": key, "value": value, "effect": effect},
        ]
        self.edit(
            "Node", {**node.manifest, "spec": {**node.manifest["spec"], "taints": taints}}, timers=node.timers
        )

    def untaint(self, name: str, key: str) -> None:
        node = self.node(name)
        taints = [t for t in node.manifest["spec"].get("taints") or [] if t["key"] != key]
        self.edit(
            "Node", {**node.manifest, "spec": {**node.manifest["spec"], "taints": taints}}, timers=node.timers
        )

    def cordon(self, name: str, *, cordoned: bool = True) -> None:
        node = self.node(name)
        self.edit(
            "Node",
            {**node.manifest, "spec": {**node.manifest["spec"], "unschedulable": cordoned}},
            timers=node.timers,
        )

    def remove_node(self, name: str) -> None:
        self.edit("Node", self.node(name).manifest, Verb.DELETED)

    def change_set(self, uid: str, *, template: Manifest | None = None, **spec: Any) -> None:
        """Edit a set's spec as admission would let it through: generations rise."""
        ds = self.sets[uid].ds
        meta = {**ds.manifest["metadata"], "generation": ds.generation + 1}
        changed = {**ds.manifest["spec"], **spec}
        if template is not None:
            changed["template"] = template
            annotations = {**meta["annotations"], GENERATION_ANNOTATION: str(int(ds.template_generation) + 1)}
            meta["annotations"] = annotations
        self.edit("DaemonSet", {**ds.manifest, "metadata": meta, "spec": changed}, timers=ds.timers)

    def set_image(self, uid: str, image: str, annotations: dict[str, str] | None = None) -> None:
        template = self.sets[uid].ds.template
        meta = (
            {**template["metadata"], "annotations": annotations}
            if annotations is not None
            else template["metadata"]
        )
        spec = {**template["spec"], "containers": [{"name": "main", "image": image}]}
        self.change_set(uid, template={**template, "metadata": meta, "spec": spec})

    def mark_set(self, uid: str, verb: Verb = Verb.MODIFIED, **meta: Any) -> None:
        ds = self.sets[uid].ds
        self.edit(
            "DaemonSet", {**ds.manifest, "metadata": {**ds.manifest["metadata"], **meta}}, verb, ds.timers
        )

    def annotate_pod(self, pod: Pod, **annotations: str) -> None:
        words = {f"sim.everynode.dev/{key.replace('_', '-')}": value for key, value in annotations.items()}
        meta = {**pod.manifest["metadata"], "annotations": words}
        self.edit("Pod", {**pod.manifest, "metadata": meta}, timers=pod.timers)

    def delete_pod(self, pod: Pod) -> None:
        change = delete_pod(pod, self.now, self.settings, actor="somebody", reason=Reason.DELETED)
        timers = {name: at for name, at in change.timers.items() if name != "stop"}
        self._note(replace(change, timers=timers))

    def tick(self) -> Outcome:
        outcome = plan(self.world, self.now, self.names)
        self.history += outcome.changes
        for change in outcome.changes:
            pod = self.world.pods.get(change.key)
            if pod and rests(pod):
                pod.pack(Text(json.dumps(pod.manifest)))
        return outcome

    def settle(self, limit: int = 400) -> int:
        """Run passes at the present time until one decides nothing; return how many there were."""
        outcome = self.tick()
        for passes in range(limit):
            if not outcome.changes and (outcome.come_back is None or outcome.come_back > self.time):
                return passes
            outcome = self.tick()
        raise AssertionError(f"not settled after {limit} passes: {outcome.lines[-3:]}")

    def wait(self, seconds: float) -> None:
        """Let time go by, stopping at every deadline."""
        end = self.time + seconds
        self.settle()
        while (due := self.world.due(self.time)) is not None and due <= end:
            self.time = max(due, self.time)
            self.settle()
        self.time = end
        self.settle()

    def reloaded(self) -> World:
        """Return a world made from scratch of what stands now, as a process that starts would make it."""
        world = new_world(self.settings)
        latest = {change.key: change for change in self.history}
        for change in sorted(latest.values(), key=lambda change: change.kind):
            if change.verb is not Verb.DELETED:
                world.apply(replace(change, verb=Verb.ADDED))
        return world

    def differences(self) -> list[str]:
        """Compare the world with one made from scratch."""
        return differences(self.world, self.reloaded(), self.now)

    def pods(self, node: str | None = None) -> list[Pod]:
        found = sorted(self.world.pods.values(), key=lambda pod: (pod.node, pod.name))
        return [pod for pod in found if node in {None, pod.node}]

    def pod(self, node: str) -> Pod:
        (found,) = self.pods(node)
        return found

    def images(self) -> dict[str, list[str]]:
        """Return the images that run on each node."""
        told: dict[str, list[str]] = {}
        for pod in self.pods():
            told.setdefault(pod.node, []).append(pod.manifest["spec"]["containers"][0]["image"])
        return told

    def status(self, uid: str) -> dict[str, int]:
        counts = Counts.told_by(self.sets[uid].ds)
        return {name: getattr(counts, name) for name in counts.__slots__}

    def events(self, *reasons: str) -> list[str]:
        latest: dict[Key, Manifest] = {c.key: c.manifest for c in self.history if c.kind == "Event"}
        return [e["message"] for e in latest.values() if e["reason"] in reasons]
