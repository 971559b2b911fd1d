"""A simulated cluster made of a dump of a real one: what a mirror would keep of it, without a connection.

What is kept of a dump goes to a file of this machine's first: nothing is written before all of it was read.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import orjson
from django.db import DataError

from controller import models
from controller.engine.admission.shape import TIME
from controller.engine.admission.shape import read as read_shape
from controller.engine.admission.validation import faults
from controller.engine.changes import Verb
from controller.engine.cluster.scheduler.demand import NODE_LOAD
from controller.engine.edits.deletion import BORN_NAMESPACES
from controller.engine.edits.objects import CreateAll
from controller.engine.errors import AlreadyExists, BadRequest
from controller.engine.kinds import KINDS
from controller.engine.mirrored import seconds, timers_of
from controller.engine.objects import DaemonSet, Key, Manifest, Node, Pod
from controller.engine.reasons import Reason
from controller.engine.views import VIEWS
from controller.engine.world import World
from controller.manifests import dumps
from controller.manifests.conversion import renewed
from controller.manifests.dumps import BadDump, Fault, File, Item
from controller.mirror.kinds import ORDER, is_daemons, key_of, trimmed
from controller.mirror.nodeloads import NodeLoads
from controller.services import clusters, recipes
from controller.services.archives import refuse_unworkable
from controller.services.edits import Edit
from controller.services.newclusters import made_ahead
from controller.services.rehearsing import disowned, silenced, stand_ins
from controller.store import rows, worlds
from controller.store.rows import Stored

MOST_NODES = clusters.MOST_NODES
MOST_OBJECTS = 500_000
"""The most objects that are kept one by one."""
IN_MEMORY = 32 * 2**20
"""The most bytes of what is kept that are not put on disk."""
KEPT = frozenset(kind.name for kind in ORDER)
LONGEST = {"name": 300, "namespace": 63, "uid": 64}


@dataclass(frozen=True, slots=True)
class Imported:
    """The cluster that was made of a dump. ``at`` is its newest moment (Unix seconds).

    ``counts`` and ``left_out`` are how many objects of which kind were taken and not taken, ``others`` how
    many pods are only added up.
    """

    name: str
    at: float
    counts: dict[str, int]
    others: int
    left_out: dict[str, int]


def dump_import(*, files: Sequence[File], actor: str, name: str) -> Imported:
    """Make a simulated cluster of what kubectl wrote of a real one, paused at the newest moment in it.

    Raises AlreadyExists, Invalid (its name), BadDump: then nothing is made.
    """
    clusters.refuse(name, clusters.name_faults(name))
    if models.Cluster.objects.filter(name=name).exists():
        raise AlreadyExists("clusters", name)
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
        reading = Reading(spool)
        for item in dumps.read(files):
            reading.take(item)
        reading.close()
        try:
            _make(reading, name, actor, [file.name for file in files])
        except (DataError, BadRequest) as error:
            raise BadDump(Fault.UNWORKABLE, what=error) from error
    return Imported(name, reading.newest, dict(reading.counts), reading.others, dict(reading.left_out))


def _make(reading: Reading, name: str, actor: str, files: list[str]) -> None:
    """Write the cluster and all that is in it, or nothing."""
    now = time.time()
    row = models.Cluster(name=name, anchor_wall=now, anchor_cluster=reading.newest, paused=True)
    with made_ahead(row, actor) as edit:
        edit.put_all(Verb.ADDED, reading.stored(), Reason.COPIED)
        _complete(edit, reading)
        recipes.keep(edit, dump={"at": reading.newest, "files": files})
        edit.note("dump_import", name, at=reading.newest, files=files)
        refuse_unworkable(row, lambda: _world(row))


def _world(row: models.Cluster) -> World:
    """Return the world of a cluster that is written ahead."""
    return worlds.of_state(row.number, dict(rows.all_packed(row.pk)), worlds.settings_of(row))


def _complete(edit: Edit, reading: Reading) -> None:
    """Make what the objects of a dump need and it does not hold: a dump is not asked for all kinds."""
    wanted = {*BORN_NAMESPACES, *reading.namespaces} - {
        key[2] for key in reading.keys if key[0] == "Namespace"
    }
    spaces = [
        ("Namespace", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": one}})
        for one in sorted(wanted)
    ]
    known = {*reading.keys, *(("Namespace", "", one) for one in wanted)}
    more = stand_ins(reading.sets, reading.classes.values(), known)
    edit.commit(edit.decide(CreateAll([*spaces, *more])), noted=False)


@dataclass
class Reading:
    """What is read of a dump so far; the objects that are kept lie in ``spool``, a line each."""

    spool: IO[bytes]
    others: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    keys: dict[Key, tuple[str, str]] = field(default_factory=dict)
    """Of each object that is kept the uid and the version upstream."""
    namespaces: set[str] = field(default_factory=set)
    sets: list[Manifest] = field(default_factory=list)
    classes: dict[str, Manifest] = field(default_factory=dict)
    """By the names of PriorityClasses the spec of a pod that names it."""
    _loads: NodeLoads = field(default_factory=NodeLoads)
    _uids: set[str] = field(default_factory=set)
    _latest: str = ""
    _has_daemons: bool = False

    @property
    def newest(self) -> float:
        """Return the newest moment in it, in seconds of Unix time: that is when it was made."""
        return seconds(self._latest) or 0.0

    def take(self, item: Item) -> None:
        """Take the next object. Raises BadDump."""
        value = item.value
        if not isinstance(value, dict) or not isinstance(value.get("metadata"), dict):
            raise BadDump(Fault.LACKING, item.file, item.where, "metadata")
        value = {"kind": item.kind, "apiVersion": item.version, **value}
        renewed(value)
        kind = value["kind"]
        if not kind or not isinstance(kind, str):
            raise BadDump(Fault.LACKING, item.file, item.where, "kind")
        if kind not in KEPT or value["apiVersion"] != KINDS[kind].api_version:
            self.left_out[kind] += 1
            return
        where = f"{item.where} ({'/'.join(map(str, _named(kind, value['metadata'])))})"
        place = _Place(item.file, where, kind)
        self._see(value)
        if kind == Pod.KIND and not self._is_kept(place, value):
            return
        if kind != "ControllerRevision" or not _is_of_others(value):
            self._keep(place, _read(place, value))

    def close(self) -> None:
        """Take note that this was all. Raises BadDump."""
        if not self.counts[Node.KIND]:
            seen = Counter({**self.counts, **self.left_out, Pod.KIND: self.counts[Pod.KIND] + self.others})
            said = ", ".join(f"{number} {kind}" for kind, number in sorted(seen.items()) if number)
            raise BadDump(Fault.NO_NODES, what=said or "-")
        if self._has_daemons and not self.sets:
            raise BadDump(Fault.NO_SETS)

    def stored(self) -> Iterator[Stored]:
        """Yield what is kept, the sums of other pods last."""
        self.spool.seek(0)
        for line in self.spool:
            kind, manifest = orjson.loads(line)
            yield Stored(kind, manifest, timers_of(kind, manifest))
        for _key, load, _digest in self._loads.told():
            if load:
                yield Stored(NODE_LOAD, load, {})

    def _see(self, value: Manifest) -> None:
        """Take note of the moments of an object: the newest is that of the dump."""
        for stamp in _moments(value):
            # API servers write all of them in UTC, so their texts are in their order.
            if (
                isinstance(stamp, str)
                and stamp > self._latest
                and stamp.endswith("Z")
                and TIME.fullmatch(stamp)
            ):
                self._latest = stamp

    def _is_kept(self, place: _Place, value: Manifest) -> bool:
        """Whether a pod is a daemon; of others what they take is added up."""
        pod = place.typed(_share(value))
        if is_daemons(pod):
            self._has_daemons = True
            return True
        try:
            key = key_of(KINDS[Pod.KIND], pod)
            self.others += self._once(place, key, pod["metadata"])
            self._loads.put("/".join(key[1:]), pod)
        except (KeyError, TypeError, ValueError) as error:
            raise place.bad(repr(error), Fault.ODD) from error
        return False

    def _keep(self, place: _Place, manifest: Manifest) -> None:
        meta, kind = manifest["metadata"], place.kind
        if not self._once(place, key_of(KINDS[kind], manifest), meta):
            return
        self.counts[kind] += 1
        if self.counts[Node.KIND] > MOST_NODES:
            raise BadDump(Fault.MANY_NODES, place.file, what=MOST_NODES)
        if self.counts.total() > MOST_OBJECTS:
            raise BadDump(Fault.MANY_OBJECTS, place.file, what=MOST_OBJECTS)
        if namespace := meta.get("namespace"):
            self.namespaces.add(namespace)
        if kind == DaemonSet.KIND:
            manifest = disowned(manifest)
            self.sets.append(manifest)
        if kind == Node.KIND:
            manifest = silenced(manifest)
        if kind == Pod.KIND and (named := manifest["spec"].get("priorityClassName")):
            self.classes.setdefault(named, manifest["spec"])
        self.spool.write(orjson.dumps([kind, manifest]) + b"\n")

    def _once(self, place: _Place, key: Key, meta: Manifest) -> bool:
        """Whether an object is met for the first time: files may overlap. Raises BadDump."""
        stands, found = self.keys.get(key), (meta["uid"], meta.get("resourceVersion") or "")
        if stands == found:
            return False
        if stands or found[0] in self._uids:
            fault = Fault.TWICE if stands else Fault.SAME_UID
            raise BadDump(fault, place.file, place.where, "/".join(word for word in key if word))
        self._uids.add(found[0])
        self.keys[key] = found
        return True


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an object stands, and of which kind it is."""

    file: str
    where: str
    kind: str

    def bad(self, said: str, fault: Fault = Fault.BAD_OBJECT) -> BadDump:
        """Return the refusal of this object: in the API server's own words, or for a ``fault`` of a name."""
        return BadDump(fault, self.file, self.where, said)

    def typed(self, value: Manifest) -> Manifest:
        """Return the object with the fields of its kind; those that we do not know are left out."""
        reading = read_shape(self.kind, value)
        if reading.wrong:
            raise self.bad("; ".join(map(str, reading.wrong[:5])))
        return reading.manifest


def _named(kind: str, meta: Manifest) -> Iterable[object]:
    return (kind, *(meta[word] for word in ("namespace", "name") if meta.get(word)))


def _read(place: _Place, value: Manifest) -> Manifest:
    """Return an object as it is kept. Raises BadDump."""
    meta = {name: part for name, part in value["metadata"].items() if name != "managedFields"}
    if place.kind == "ControllerRevision":
        _normalize(value)
    reading = read_shape(place.kind, {**value, "metadata": meta})
    if reading.wrong:
        raise place.bad("; ".join(map(str, reading.wrong[:5])))
    meta = reading.manifest["metadata"]
    if lacking := [name for name in ("name", "uid", "creationTimestamp") if not meta.get(name)]:
        raise place.bad(f"metadata.{lacking[0]}", Fault.LACKING)
    if bool(meta.get("namespace")) != KINDS[place.kind].namespaced:
        raise place.bad(place.kind, Fault.NAMESPACE)
    if long := [name for name, most in LONGEST.items() if len(meta.get(name) or "") > most]:
        raise place.bad(f"metadata.{long[0]}", Fault.LONG)
    manifest = trimmed(KINDS[place.kind], reading.manifest)
    try:
        # What we do not know of a newer Kubernetes may be what makes the rest whole.
        if not reading.unknown and (wrong := faults(place.kind, manifest)):
            raise place.bad("; ".join(map(str, wrong[:5])))
        timers = timers_of(place.kind, manifest)
        rows.table(place.kind).read(manifest, timers)
        if place.kind in VIEWS:
            VIEWS[place.kind](manifest, timers)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise place.bad(repr(error), Fault.ODD) from error
    return manifest


def _normalize(revision: Manifest) -> None:
    """Let the template in a revision be read as that of its set is: what says nothing is left out of both."""
    data = revision.get("data")
    spec = data.get("spec") if isinstance(data, dict) else None
    template = spec.get("template") if isinstance(spec, dict) else None
    if isinstance(template, dict) and isinstance(spec, dict):
        patch = {"$patch": template["$patch"]} if "$patch" in template else {}
        spec["template"] = {**read_shape("PodTemplateSpec", template).manifest, **patch}


def _is_of_others(value: Manifest) -> bool:
    """Whether a revision is one of a StatefulSet's."""
    owners = value["metadata"].get("ownerReferences")
    found = [one for one in owners if isinstance(one, dict)] if isinstance(owners, list) else []
    return any(one.get("controller") for one in found) and not is_daemons(
        {"metadata": {"ownerReferences": found}}
    )


OF_SPEC = ("nodeName", "hostNetwork", "overhead")
OF_CONTAINER = ("name", "image", "resources", "ports", "restartPolicy")
OF_STATUS = ("name", "resources")
LISTS = (
    ("spec", "containers", OF_CONTAINER),
    ("spec", "initContainers", OF_CONTAINER),
    ("status", "containerStatuses", OF_STATUS),
    ("status", "initContainerStatuses", OF_STATUS),
)


def _share(value: Manifest) -> Manifest:
    """Return of a wild pod what says whose it is and what it takes of its node."""
    meta, spec, status = (_part(value, name) for name in ("metadata", "spec", "status"))
    share: Manifest = {
        "metadata": _some(meta, ("namespace", "name", "uid", "resourceVersion", "ownerReferences")),
        "spec": _some(spec, OF_SPEC),
        "status": _some(status, ("phase", "conditions")),
    }
    for part, name, fields in LISTS:
        found = _part(value, part).get(name)
        if isinstance(found, list):
            share[part][name] = [_some(one, fields) if isinstance(one, dict) else one for one in found]
        elif found is not None:
            share[part][name] = found
    return share


def _some(value: Manifest, names: Iterable[str]) -> Manifest:
    return {name: value[name] for name in names if name in value}


def _part(value: Manifest, name: str) -> Manifest:
    part = value.get(name)
    return part if isinstance(part, dict) else {}


def _moments(value: Manifest) -> Iterator[Any]:
    """Yield the moments that are written in an object: when it was made, written, and last heard of."""
    meta, status = value["metadata"], _part(value, "status")
    yield meta.get("creationTimestamp")
    for field_name, listed in (("time", meta.get("managedFields")), ("", status.get("conditions"))):
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict):
                names = (field_name,) if field_name else ("lastHeartbeatTime", "lastTransitionTime")
                yield from (one.get(name) for name in names)
    if value["kind"] == "Event":
        yield from (value.get(name) for name in ("lastTimestamp", "eventTime"))
        yield _part(value, "series").get("lastObservedTime")
