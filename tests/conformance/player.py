"""Plays recorded scenarios through the services, on a stepped clock instead of real seconds.

It knows the handful of edits that the scenarios make, not kubectl: what a command prints is not
compared, and commands that the recording shows as refused by the client are left out. Normal forms
are the runner's own (conformance.py), fed from the rows.
"""

from __future__ import annotations

import json
import shlex
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from controller import manifests, models
from controller.engine.edits.draft import Client
from controller.engine.edits.objects import Replace
from controller.engine.objects import Manifest, Taint
from controller.services import clock, nodes, objects, workloads
from controller.services.edits import submit
from controller.store import log, rows
from tests.conformance import conformance

ACTOR = "player"
MOST_STEPS = 600
TIMEOUT = 20.0
"""Cluster seconds without an end that count as settled: crash loops never come to rest."""

UNSERVED = {"Deployment"}
"""Kinds of stories that are played without them: what is recorded of the rest must come out the same."""

PLURALS = {
    "daemonsets.apps": "DaemonSet",
    "pods": "Pod",
    "nodes": "Node",
    "events": "Event",
    "controllerrevisions.apps": "ControllerRevision",
}


class Rows:
    """What the runner's normal forms ask of kubectl, answered from the rows of one cluster."""

    def __init__(self, cluster: int) -> None:
        self.cluster = cluster

    def items(self, kind: str, everywhere: bool = True) -> list[Manifest]:  # noqa: ARG002, FBT001, FBT002 -- the runner's signature
        """Return all objects of a kind; kinds that are not played have none."""
        name = PLURALS.get(kind)
        if name is None:
            return []
        return self.everything().get(name, [])

    def everything(self) -> dict[str, list[Manifest]]:
        """Return all objects by kind."""
        found = defaultdict[str, list[Manifest]](list)
        for key, one in rows.all_packed(self.cluster):
            if key[0] in PLURALS.values():
                found[key[0]].append(one.parsed(key[0]).manifest)
        return found


class Player:
    """One scenario in one cluster, whose clock stands still between steps."""

    def __init__(self, cluster: models.Cluster, scenario: dict[str, Any], folder: Path) -> None:
        self.id, self.scenario, self.folder = cluster.pk, scenario, folder
        self.rows = Rows(cluster.pk)
        self.witness_from: int | None = None
        for name, text in scenario.get("files", {}).items():
            (folder / name).write_text(text)

    def play(self, recorded: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Carry out the scenario; return its states, events and witnesses as the runner would."""
        clock.clock_pause(cluster=self.id, actor=ACTOR)
        self.join(self.scenario.get("nodes", []))
        entries = iter(recorded)
        return [told for step in self.scenario["steps"] if (told := self.step(step, entries)) is not None]

    def step(self, step: dict[str, Any], recorded: Iterator[dict[str, Any]]) -> dict[str, Any] | None:
        """Carry out one step and return what is to be compared, if anything."""
        what = "run" if "run" in step else next(iter(step))
        expected = {} if what in {"watch", "wait"} else next(recorded)
        if what == "run":
            if expected["exit"] == 0:
                self.run(shlex.split(step["run"])[1:], step)
        elif what == "wait":
            self.wait(step["wait"])
        elif what == "join":
            self.join(step["join"])
        elif what == "watch":
            self.settle()
            self.witness_from = log.last(self.id)
        elif what == "witness":
            return {"witness": self.witness(step)}
        elif what == "state":
            return {"state": conformance.normal_state(self.rows, **(step["state"] or {}))}
        elif what == "events":
            return {"events": conformance.workload_events(self.rows)}
        else:
            self.settle()
        return None

    # -- time

    def time(self) -> float:
        return models.Cluster.objects.get(pk=self.id).anchor_cluster

    def settle(self, patience: float = TIMEOUT) -> None:
        """Step until nothing is due, or only what is due later than anybody would wait for."""
        end = self.time() + patience
        for _ in range(MOST_STEPS):
            row = models.Cluster.objects.get(pk=self.id)
            at_rest = row.planned == row.number and (row.due is None or row.due > end)
            if at_rest:
                return
            clock.clock_step(cluster=self.id, actor=ACTOR)
        raise AssertionError("the cluster does not come to rest")

    def wait(self, seconds: float) -> None:
        """Let cluster time go by."""
        end = self.time() + seconds
        self.settle(seconds)
        models.Cluster.objects.filter(pk=self.id).update(anchor_cluster=max(end, self.time()))

    # -- edits

    def join(self, machines: list[dict[str, Any]]) -> None:
        for spec in machines:
            objects.object_create(
                cluster=self.id, actor=ACTOR, kind="Node", manifest=conformance.node_manifest(spec)
            )
        self.settle()

    def run(self, words: list[str], step: dict[str, Any]) -> None:
        """Carry out one command; those that only look are left out."""
        if "$POD" in words:
            words[words.index("$POD")] = conformance.first_pod(self.rows, step)
        doing = {
            "create": self.write,
            "apply": self.write,
            "label": self.label,
            "taint": self.taint,
            "cordon": self.cordon,
            "uncordon": self.cordon,
            "annotate": self.annotate,
            "set": self.set_image,
            "rollout": self.rollout,
            "delete": self.delete,
            "patch": self.patch,
        }.get(words[0])
        if doing:
            doing([word for word in words if word != "--overwrite"])

    def write(self, words: list[str]) -> None:
        for name in [after for word, after in pairwise(words) if word == "-f"]:
            text = (self.folder / name).read_text()
            if any(f"kind: {kind}" in text for kind in UNSERVED):
                continue
            for document in manifests.read_documents(text):
                meta = document.manifest["metadata"]
                standing = self.find(document.kind, meta.get("namespace") or "default", meta["name"])
                call = objects.object_replace if standing else objects.object_create
                call(cluster=self.id, actor=ACTOR, kind=document.kind, manifest=document.manifest)

    def label(self, words: list[str]) -> None:
        names = [word for word in words[2:] if "=" not in word and not word.endswith("-")]
        edits = dict(word.split("=", 1) for word in words[2:] if "=" in word)
        gone = [word[:-1] for word in words[2:] if word.endswith("-")]
        nodes.node_label_patch(cluster=self.id, actor=ACTOR, nodes=names, set=edits, remove=gone)

    def taint(self, words: list[str]) -> None:
        name, *marks = words[2:]
        spec = self.find("Node", "", name)["spec"]
        taints = [Taint(t["key"], t.get("value") or "", t["effect"]) for t in spec.get("taints") or []]
        for mark in marks:
            key, _, effect = mark.rstrip("-").partition(":")
            key, _, value = key.partition("=")
            taints = [t for t in taints if not (t.key == key and effect in {"", t.effect})]
            taints += [] if mark.endswith("-") else [Taint(key, value, effect)]
        nodes.node_taints(cluster=self.id, actor=ACTOR, node=name, taints=taints)

    def cordon(self, words: list[str]) -> None:
        nodes.node_cordon(cluster=self.id, actor=ACTOR, nodes=[words[1]], cordoned=words[0] == "cordon")

    def annotate(self, words: list[str]) -> None:
        kind = {"node": "Node", "pod": "Pod", "ds": "DaemonSet"}[words[1]]
        namespace = "" if kind == "Node" else "default"
        manifest = self.find(kind, namespace, words[2])
        key, _, value = words[3].partition("=")
        standing = manifest["metadata"].get("annotations") or {}
        left = {name: said for name, said in standing.items() if name != key.rstrip("-")}
        fresh = left if words[3].endswith("-") else {**left, key: value}
        changed = {**manifest, "metadata": {**manifest["metadata"], "annotations": fresh}}
        objects.object_replace(cluster=self.id, actor=ACTOR, kind=kind, manifest=changed)

    def set_image(self, words: list[str]) -> None:
        container, _, image = words[3].partition("=")
        workloads.workload_image(kind="DaemonSet", **self.named(words[2]), container=container, image=image)

    def rollout(self, words: list[str]) -> None:
        if words[1] == "restart":
            workloads.workload_restart(kind="DaemonSet", **self.named(words[2]))
        elif words[1] == "undo":
            asked = [int(word.partition("=")[2]) for word in words if word.startswith("--to-revision=")]
            numbers = sorted(
                r["revision"] for r in self.rows.items("controllerrevisions.apps") if self.owns(words[2], r)
            )
            workloads.workload_rollback(
                kind="DaemonSet", **self.named(words[2]), revision=asked[0] if asked else numbers[-2]
            )

    def delete(self, words: list[str]) -> None:
        kind = {
            "po": "Pod",
            "pod": "Pod",
            "pods": "Pod",
            "ds": "DaemonSet",
            "daemonsets.apps": "DaemonSet",
            "node": "Node",
        }[words[1]]
        namespace = "kube-system" if "kube-system" in words else "" if kind == "Node" else "default"
        orphan = "Orphan" if "--cascade=orphan" in words else "Background"
        names = [words[2]]
        if words[2] == "-l":
            key, _, value = words[3].partition("=")
            names = [
                p["metadata"]["name"]
                for p in self.rows.items("pods")
                if p["metadata"]["labels"].get(key) == value
            ]
        for name in names:
            objects.object_delete(
                cluster=self.id, actor=ACTOR, kind=kind, namespace=namespace, name=name, propagation=orphan
            )

    def patch(self, words: list[str]) -> None:
        body = json.loads(words[words.index("-p") + 1])
        if "--subresource=status" in words:
            standing = self.find("Node", "", words[2])
            wanted = reporting(standing, body)
            request = Replace(("Node", "", words[2]), wanted, "status")
            submit(request, cluster=self.id, actor=ACTOR, client=Client(ACTOR))
            return
        manifest = self.find("DaemonSet", "default", words[2])
        changed = patched(manifest, body) if isinstance(body, list) else merged(manifest, body)
        objects.object_replace(cluster=self.id, actor=ACTOR, kind="DaemonSet", manifest=changed)

    # -- questions

    def named(self, word: str) -> dict[str, Any]:
        return {"cluster": self.id, "actor": ACTOR, "namespace": "default", "name": word.rpartition("/")[2]}

    def owns(self, word: str, manifest: Manifest) -> bool:
        owner: str = conformance.owner_of(manifest)
        return owner == f"DaemonSet/{word.rpartition('/')[2]}"

    def find(self, kind: str, namespace: str, name: str) -> Manifest:
        stored = rows.find(self.id, (kind, namespace, name))
        return stored.manifest if stored else {}

    def witness(self, step: dict[str, Any]) -> dict[str, int]:
        """Return the extremes since the watch began, read from the log."""
        self.settle()
        assert self.witness_from is not None, step
        seen = conformance.Witness.__new__(conformance.Witness)
        seen.live = {m["metadata"]["uid"]: m for m in pods_at(self.id, self.witness_from)}
        seen.created = seen.deleted = seen.most_per_node = seen.most_unready_nodes = seen.most_pods = 0
        seen.fewest_ready, seen.order = None, []
        seen.baseline, seen.armed = {conformance.target_node(p) for p in seen.live.values()}, True
        seen._measure()
        for entry in log.since(self.id, self.witness_from):
            if entry.change.kind == "Pod":
                seen._see({"type": entry.change.verb.value, "object": entry.change.manifest})
        return {
            "created": seen.created,
            "deleted": seen.deleted,
            "most_pods_on_a_node": seen.most_per_node,
            "most_nodes_without_a_ready_pod": seen.most_unready_nodes,
        }


def pods_at(cluster: int, number: int) -> list[Manifest]:
    """Return the pods as they were right after a change."""
    return [stored.manifest for key, stored in log.state_at(cluster, number).items() if key[0] == "Pod"]


def merged(manifest: Any, body: Any) -> Any:
    """Return a JSON merge patch applied (RFC 7396)."""
    if not isinstance(body, dict):
        return body
    base = manifest if isinstance(manifest, dict) else {}
    kept = {key: value for key, value in base.items() if key not in body}
    return kept | {key: merged(base.get(key), value) for key, value in body.items() if value is not None}


def reporting(node: Manifest, body: dict[str, Any]) -> Manifest:
    """Return a node with conditions of a strategic patch: they are merged by their types."""
    standing = {entry["type"]: entry for entry in node["status"]["conditions"]}
    for entry in body["status"]["conditions"]:
        standing[entry["type"]] = {**standing.get(entry["type"], {}), **entry}
    return {**node, "status": {**node["status"], "conditions": list(standing.values())}}


def patched(manifest: Manifest, operations: list[dict[str, Any]]) -> Manifest:
    """Return a JSON patch of removals and replacements applied (RFC 6902)."""
    changed: Manifest = json.loads(json.dumps(manifest))
    for operation in operations:
        *way, last = operation["path"].strip("/").split("/")
        where: Any = changed
        for word in way:
            where = where[int(word) if isinstance(where, list) else word]
        if operation["op"] == "remove":
            del where[last]
        else:
            where[last] = operation["value"]
    return changed


def recorded_of(path: Path) -> list[dict[str, Any]]:
    """Read a recording, without what it says of kinds that are not served."""
    found: list[dict[str, Any]] = json.loads(path.read_text())
    return [{**entry, "state": _served(entry["state"])} if "state" in entry else entry for entry in found]


def _served(state: dict[str, Any]) -> dict[str, Any]:
    rest = {part: held for part, held in state.items() if part not in {"deployments", "replicasets"}}
    return {**rest, "pods": [pod for pod in state["pods"] if not pod["owner"].startswith("ReplicaSet/")]}


def scenario_of(path: Path) -> dict[str, Any]:
    """Read a scenario."""
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    return found
