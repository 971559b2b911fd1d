"""How a cluster is made, so that it can be made the same way again: the way back of a reset.

A recipe is a small JSON object: ``nodes`` and ``labels`` (that many equal nodes), ``demo`` (the demo's
nodes and sets), or ``snapshot`` (a copy: the objects that stand in that snapshot of its own log). A copy
that was made of a dump also has ``dump``: ``at``, its newest moment (Unix seconds), and its ``files``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from controller import manifests, models
from controller.engine.builtin import API_ENDPOINTS, API_SERVICE, API_SLICE, SYSTEM_CLASSES
from controller.engine.changes import Verb
from controller.engine.edits.deletion import BORN_NAMESPACES
from controller.engine.edits.manifest_copies import taint_manifest
from controller.engine.edits.nodes import AddNodes
from controller.engine.edits.objects import CreateAll
from controller.engine.mirrored import SETTLED
from controller.engine.objects import Key, Manifest, Taint
from controller.engine.reasons import Reason
from controller.services.edits import Edit
from controller.services.names import NAMES
from controller.services.nodes import node_manifest
from controller.store import rows, snapshots
from controller.store.rows import Packed, Stored
from controller.store.snapshots import State

Recipe = dict[str, Any]

DEMO = Path(__file__).resolve().parent.parent / "demo"
ZONE = "topology.kubernetes.io/zone"
ZONES = ("zone-a", "zone-b", "zone-c")
SSD, CORDONED, GPU = {"node-01", "node-05", "node-09"}, "node-07", "node-12"
"""Nodes of the demo with something special: a fast disk, a cordon, a taint for GPU work."""


def play(edit: Edit, recipe: Recipe) -> None:
    """Make what the recipe says in a cluster that holds nothing."""
    if "snapshot" in recipe:
        kept = models.Snapshot.objects.get(cluster=edit.row.pk, number=recipe["snapshot"])
        import_objects(edit, snapshots.unpacked(bytes(kept.body)))
        return
    demo = recipe.get("demo")
    nodes = demo_nodes() if demo else equal_nodes(recipe["nodes"], recipe["labels"])
    for request in (CreateAll(_born_with()), AddNodes(list(nodes)), CreateAll(_demo_sets() if demo else [])):
        edit.commit(edit.decide(request), noted=False)


def _born_with() -> list[tuple[str, Manifest]]:
    """Return what every cluster holds from the beginning."""
    spaces = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in BORN_NAMESPACES
    ]
    return [
        *(("Namespace", space) for space in spaces),
        ("Service", API_SERVICE),
        ("Endpoints", API_ENDPOINTS),
        ("EndpointSlice", API_SLICE),
        *(("PriorityClass", one) for one in SYSTEM_CLASSES),
    ]


def _demo_sets() -> list[tuple[str, Manifest]]:
    texts = (path.read_text() for path in sorted(DEMO.glob("*.yaml")))
    read = (document for text in texts for document in manifests.read_documents(text))
    return [(document.kind, document.manifest) for document in read]


def equal_nodes(count: int, labels: dict[str, str]) -> Iterator[Manifest]:
    """Yield nodes whose names sort the way they are counted."""
    width = len(str(count))
    for number in range(1, count + 1):
        yield node_manifest(f"node-{number:0{width}}", labels=labels)


def demo_nodes() -> Iterator[Manifest]:
    """Yield twelve nodes in three zones: two pools, a few fast disks, a cordon and a taint."""
    for number in range(12):
        name = f"node-{number + 1:02}"
        pool = "gpu" if name == GPU else "system" if number % 4 == 0 else "workers"
        labels = {ZONE: ZONES[number % 3], "pool": pool, **({"disk": "ssd"} if name in SSD else {})}
        taints = [taint_manifest(Taint("dedicated", "gpu", "NoSchedule"))] if name == GPU else []
        yield node_manifest(name, labels=labels, taints=taints, unschedulable=name == CORDONED)


def import_objects(edit: Edit, state: State) -> None:
    """Write objects of another cluster, or another time: the same, with uids of their own.

    Of real clusters only some kinds are known. Owners of others are left out, as nobody could tell whether
    they are there; and no kubelet of ours has a pod running that one of theirs has.
    """
    objects = [one.parsed(key[0]) for key, one in state.items()]
    uids = {one.manifest["metadata"]["uid"]: NAMES.uid() for one in objects}
    kinds = {key[0] for key in state}
    edit.put_all(Verb.ADDED, (_with_uids(one, uids, kinds) for one in objects), Reason.COPIED)


def keep(edit: Edit, **more: object) -> None:
    """Let a reset take the cluster back to how it stands now; ``more`` is to be remembered of how it came."""
    body = snapshots.packed(dict(rows.all_packed(edit.row.pk)))
    models.Snapshot.objects.create(cluster_id=edit.row.pk, number=edit.opened.number, body=body)
    edit.row.recipe = {"snapshot": edit.opened.number, **more}


def clear(edit: Edit, keys: Iterable[tuple[Key, Packed]]) -> None:
    """Remove every object at once; the log holds each removal."""
    edit.put_all(Verb.DELETED, (one.parsed(key[0]) for key, one in list(keys)), Reason.RESET)


def _with_uids(stored: Stored, uids: dict[str, str], kinds: set[str]) -> Stored:
    meta = stored.manifest["metadata"]
    fresh = {**meta, "uid": uids[meta["uid"]]}
    if "ownerReferences" in meta:
        refs = meta["ownerReferences"]
        fresh["ownerReferences"] = [_with_uid(ref, uids) for ref in refs if ref["kind"] in kinds]
    manifest = {**stored.manifest, "metadata": fresh}
    if stored.kind == "Event":
        manifest["involvedObject"] = _with_uid(manifest["involvedObject"], uids)
    timers = {name: at for name, at in stored.timers.items() if name != SETTLED}
    return Stored(stored.kind, manifest, timers)


def _with_uid(reference: Manifest, uids: dict[str, str]) -> Manifest:
    uid = reference.get("uid")
    return {**reference, "uid": uids.get(uid, uid)} if uid else reference
