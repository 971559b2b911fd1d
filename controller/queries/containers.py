"""What logs and programs in containers need to know of a pod: itself, its machine, and what it mounts."""

from __future__ import annotations

import time
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass

from controller.engine.container.logs import wall_of
from controller.engine.container.sources import ConfigSources, Data
from controller.engine.objects import Manifest, Node
from controller.engine.timeline import Timeline
from controller.queries.source import cluster_of, found
from controller.store import clocks, rows


@dataclass(frozen=True, slots=True)
class PodSeen:
    """A pod as it stands at a ``number`` of its cluster, and at the wall time ``now`` (Unix seconds).

    ``node`` is the machine it is bound to ({} without one), and ``reached`` whether that answers.
    """

    pod: Manifest
    node: Manifest
    reached: bool
    timeline: Timeline
    number: int
    now: float


def pod_seen(*, cluster: int, namespace: str, name: str) -> PodSeen:
    """Return a pod, its machine and its clock. Raises NotFound."""
    now = time.time()
    row = cluster_of(cluster)
    pod = found(cluster, "Pod", namespace, name).manifest
    machine = rows.find(cluster, ("Node", "", pod["spec"].get("nodeName") or ""))
    reached = machine is not None and not Node.read(machine.manifest, {}).down
    # What runs began no earlier than this; spans of the clock that were over by then do not matter.
    born = wall_of(pod["metadata"].get("creationTimestamp"))
    return PodSeen(
        pod=pod,
        node=machine.manifest if machine else {},
        reached=reached,
        timeline=clocks.timeline(row, born),
        number=row.number,
        now=now,
    )


def config_sources_of(*, cluster: int, pod: Manifest) -> ConfigSources:
    """Return the config maps and secrets that a pod names, of those that exist."""
    namespace = pod["metadata"]["namespace"]
    named = set(_named(pod["spec"]))
    configs, secrets = {}, {}
    for kind, name in named:
        stored = rows.find(cluster, (kind, namespace, name))
        if stored and kind == "ConfigMap":
            configs[name] = _texts(stored.manifest, encoded=False)
        elif stored:
            secrets[name] = _texts(stored.manifest, encoded=True)
    return ConfigSources(configs, secrets)


def _named(spec: Manifest) -> Iterator[tuple[str, str]]:
    for volume in spec.get("volumes") or ():
        sources = [volume, *((volume.get("projected") or {}).get("sources") or ())]
        for source in sources:
            yield from _references(source)
    for container in [*spec["containers"], *(spec.get("initContainers") or ())]:
        for source in container.get("envFrom") or ():
            yield from _references(source)
        for entry in container.get("env") or ():
            yield from _references(entry.get("valueFrom") or {})


WORDS = {
    "configMap": "ConfigMap",
    "configMapRef": "ConfigMap",
    "configMapKeyRef": "ConfigMap",
    "secret": "Secret",
    "secretRef": "Secret",
    "secretKeyRef": "Secret",
}


def _references(source: Manifest) -> Iterator[tuple[str, str]]:
    for word, kind in WORDS.items():
        ref = source.get(word) or {}
        name = ref.get("name") or ref.get("secretName")
        if name:
            yield kind, name


def _texts(manifest: Manifest, *, encoded: bool) -> Data:
    data = manifest.get("data") or {}
    if not encoded:
        return dict(data)
    return {key: b64decode(text).decode(errors="surrogateescape") for key, text in data.items()}
