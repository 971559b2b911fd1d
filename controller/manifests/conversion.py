"""Documents in versions of the API that Kubernetes removed, written anew in those that it serves.

Old tutorials and charts are full of them. What a version took for granted when something was left out
is written out, so that the object means what it meant; documents that need nothing stay letter for
letter. Comments of a document that is rewritten are lost: YAML does not tell them.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from controller.engine.kinds import RBAC
from controller.engine.objects import Manifest
from controller.manifests.dump import in_order
from controller.manifests.text import read_yaml

DOCUMENT = re.compile(r"^---(?=\s|$)", re.MULTILINE)
WORKLOADS = ("Deployment", "DaemonSet", "ReplicaSet", "StatefulSet")
EXTENSIONS, NETWORKING = "extensions/v1beta1", "networking.k8s.io/v1"
TOPOLOGY = {"kubernetes.io/hostname": "nodeName", "topology.kubernetes.io/zone": "zone"}


class What(StrEnum):
    """What was done to a document. A step tells it of a field, and what it became."""

    VERSION = "version"
    SELECTOR = "selector"
    DEFAULT = "default"
    MOVED = "moved"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done to an object. ``field`` and ``becomes`` are paths, or versions."""

    what: What
    kind: str
    name: str
    field: str
    becomes: str = ""


@dataclass(frozen=True, slots=True)
class Conversion:
    """A text in versions that are served, and what was done to it; nothing if there was nothing old."""

    text: str
    steps: tuple[Step, ...]


Change = tuple[What, str, str]
Rewrite = Callable[[Manifest, str], Iterator[Change]]
"""Changes an object of an old version in place and tells how."""


def convert(text: str) -> Conversion:
    """Return a YAML text with its old objects rewritten. Raises what reading it raises."""
    read_yaml(text)
    steps: list[Step] = []
    starts = [0, *(found.start() for found in DOCUMENT.finditer(text))]
    parts = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    return Conversion("".join(_rewritten(part, steps) for part in parts), tuple(steps))


def _rewritten(part: str, steps: list[Step]) -> str:
    roots = read_yaml(part)
    value = copy.deepcopy(roots[0].value) if roots else None
    objects = value.get("items") if isinstance(value, dict) and value.get("kind") == "List" else [value]
    done = [step for one in (objects if isinstance(objects, list) else ()) for step in renewed(one)]
    if not done:
        return part
    steps += done
    return ("---\n" if part.startswith("---") else "") + in_order(value)


def renewed(manifest: Any) -> list[Step]:  # noqa: ANN401 - whatever somebody sent
    """Rewrite one object in place if its version is old; return what was done, which is nothing if not."""
    if not isinstance(manifest, dict):
        return []
    version, kind = manifest.get("apiVersion"), manifest.get("kind")
    served = SERVED.get((version, kind)) if isinstance(version, str) and isinstance(kind, str) else None
    if served is None:
        return []
    meta = manifest.get("metadata")
    name = str(meta.get("name") or "") if isinstance(meta, dict) else ""
    manifest["apiVersion"] = served
    changes: list[Change] = [(What.VERSION, str(version), served)]
    if kind in REWRITES:
        changes += REWRITES[str(kind)](manifest, str(version))
    return [Step(what, str(kind), name, field, becomes) for what, field, becomes in changes]


def _map(value: Any, *path: str) -> Manifest:  # noqa: ANN401 - any JSON
    """Return the map at a path, or an empty one that is not part of the object."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _maps(value: Any) -> list[Manifest]:  # noqa: ANN401 - any JSON
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _workload(manifest: Manifest, version: str) -> Iterator[Change]:
    spec, kind = _map(manifest, "spec"), str(manifest["kind"])
    labels = _map(spec, "template", "metadata", "labels")
    if labels and not _map(spec, "selector"):
        spec["selector"] = {"matchLabels": dict(labels)}
        yield What.SELECTOR, "spec.selector", "spec.template.metadata.labels"
    for field in ("rollbackTo", "templateGeneration"):
        if field in spec:
            del spec[field]
            yield What.DROPPED, f"spec.{field}", ""
    for field, value in FORMER_DEFAULTS.get((version, kind), {}).items():
        if spec and field not in spec:
            spec[field] = copy.deepcopy(value)
            yield What.DEFAULT, f"spec.{field}", in_order(value).strip()


FORMER_DEFAULTS: dict[tuple[str, str], Manifest] = {
    (EXTENSIONS, "DaemonSet"): {"updateStrategy": {"type": "OnDelete"}},
    (EXTENSIONS, "Deployment"): {
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1}}
    },
    ("apps/v1beta1", "Deployment"): {"revisionHistoryLimit": 2},
    ("apps/v1beta1", "StatefulSet"): {"updateStrategy": {"type": "OnDelete"}},
}
"""What a version took for granted and its successor does not."""


def _budget(manifest: Manifest, _version: str) -> Iterator[Change]:
    spec = _map(manifest, "spec")
    if spec.get("selector") == {}:
        del spec["selector"]  # it chose no pod; now it would choose all
        yield What.DROPPED, "spec.selector", ""


def _ingress(manifest: Manifest, _version: str) -> Iterator[Change]:
    spec = _map(manifest, "spec")
    if "backend" in spec:
        spec["defaultBackend"] = spec.pop("backend")
        yield What.MOVED, "spec.backend", "spec.defaultBackend"
        yield from _backend(_map(spec, "defaultBackend"), "spec.defaultBackend")
    for index, rule in enumerate(_maps(spec.get("rules"))):
        for number, path in enumerate(_maps(_map(rule, "http").get("paths"))):
            at = f"spec.rules[{index}].http.paths[{number}]"
            if "pathType" not in path:
                path["pathType"] = "ImplementationSpecific"
                yield What.DEFAULT, f"{at}.pathType", "ImplementationSpecific"
            yield from _backend(_map(path, "backend"), f"{at}.backend")


def _backend(backend: Manifest, path: str) -> Iterator[Change]:
    if "serviceName" in backend:
        backend["service"] = {**_map(backend, "service"), "name": backend.pop("serviceName")}
        yield What.MOVED, f"{path}.serviceName", f"{path}.service.name"
    if "servicePort" in backend:
        port = backend.pop("servicePort")
        word = "name" if isinstance(port, str) else "number"
        backend["service"] = {**_map(backend, "service"), "port": {word: port}}
        yield What.MOVED, f"{path}.servicePort", f"{path}.service.port.{word}"


def _binding(manifest: Manifest, _version: str) -> Iterator[Change]:
    for index, subject in enumerate(_maps(manifest.get("subjects"))):
        if "apiVersion" in subject:
            del subject["apiVersion"]
            yield What.DROPPED, f"subjects[{index}].apiVersion", ""


def _slice(manifest: Manifest, _version: str) -> Iterator[Change]:
    for index, endpoint in enumerate(_maps(manifest.get("endpoints"))):
        topology, path = endpoint.pop("topology", None), f"endpoints[{index}]"
        for key, value in _map({"topology": topology}, "topology").items():
            if key in TOPOLOGY:
                endpoint[TOPOLOGY[key]] = value
                yield What.MOVED, f"{path}.topology[{key}]", f"{path}.{TOPOLOGY[key]}"
            else:
                yield What.DROPPED, f"{path}.topology[{key}]", ""


REWRITES: dict[str, Rewrite] = {
    **dict.fromkeys(WORKLOADS, _workload),
    "ClusterRoleBinding": _binding,
    "EndpointSlice": _slice,
    "Ingress": _ingress,
    "PodDisruptionBudget": _budget,
    "RoleBinding": _binding,
}


def _served() -> Iterator[tuple[tuple[str, str], str]]:
    rows: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...] = (
        ((EXTENSIONS, "apps/v1beta1", "apps/v1beta2"), (*WORKLOADS, "ControllerRevision"), "apps/v1"),
        ((EXTENSIONS, f"{NETWORKING}beta1"), ("Ingress", "IngressClass", "NetworkPolicy"), NETWORKING),
        (("policy/v1beta1",), ("PodDisruptionBudget",), "policy/v1"),
        (("batch/v1beta1", "batch/v2alpha1"), ("CronJob",), "batch/v1"),
        (
            (f"{RBAC}/v1beta1", f"{RBAC}/v1alpha1"),
            ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"),
            f"{RBAC}/v1",
        ),
        (
            ("scheduling.k8s.io/v1beta1", "scheduling.k8s.io/v1alpha1"),
            ("PriorityClass",),
            "scheduling.k8s.io/v1",
        ),
        (("storage.k8s.io/v1beta1",), ("StorageClass",), "storage.k8s.io/v1"),
        (("discovery.k8s.io/v1beta1",), ("EndpointSlice",), "discovery.k8s.io/v1"),
        (("coordination.k8s.io/v1beta1",), ("Lease",), "coordination.k8s.io/v1"),
    )
    for versions, kinds, served in rows:
        yield from (((version, kind), served) for version in versions for kind in kinds)


SERVED = dict(_served())
"""The version that is served now, by the old one and the kind."""
