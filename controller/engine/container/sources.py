"""What containers are given from the API: config maps, secrets, and fields of their pod and its node."""

from __future__ import annotations

import math
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.engine.matching.quantities import bytes_of, cpu_milli
from controller.engine.objects import Manifest

Data = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ConfigSources:
    """What pods refer to: the data of config maps and of secrets (as text) by their names."""

    configs: Mapping[str, Data] = field(default_factory=dict)
    secrets: Mapping[str, Data] = field(default_factory=dict)


Find = Callable[[str, str, str], Manifest | None]
"""Finds an object by its kind, namespace and name."""


def sources_of(pod: Manifest, find: Find) -> ConfigSources:
    """Return the config maps and secrets that a pod names, of those that there are."""
    namespace = pod["metadata"]["namespace"]
    configs, secrets = {}, {}
    for kind, name in set(_named(pod["spec"])):
        manifest = find(kind, namespace, name)
        if manifest and kind == "ConfigMap":
            configs[name] = _texts(manifest, encoded=False)
        elif manifest:
            secrets[name] = _texts(manifest, encoded=True)
    return ConfigSources(configs, secrets)


def _named(spec: Manifest) -> Iterator[tuple[str, str]]:
    for volume in spec.get("volumes") or ():
        sources = [volume, *((volume.get("projected") or {}).get("sources") or ())]
        for source in sources:
            yield from _references(source)
    for container in all_containers(spec):
        for source in container.get("envFrom") or ():
            yield from _references(source)
        for entry in container.get("env") or ():
            yield from _references(entry.get("valueFrom") or {})


def all_containers(spec: Manifest) -> list[Manifest]:
    """Return the containers of a pod of all three sorts."""
    return [one for field in FIELDS for one in spec.get(field) or ()]


FIELDS = ("containers", "initContainers", "ephemeralContainers")
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


def reference(source: Manifest, pod: Manifest, container: Manifest, node: Manifest) -> str:
    """Return what a ``fieldRef`` or ``resourceFieldRef`` stands for; "" for what is not known."""
    if ref := source.get("fieldRef"):
        return _field(ref["fieldPath"], pod, node)
    ref = source.get("resourceFieldRef") or {}
    bound, _, resource = ref.get("resource", "").partition(".")
    asked = ((container.get("resources") or {}).get(bound) or {}).get(resource)
    held: Any = asked or ((node.get("status") or {}).get("allocatable") or {}).get(resource) or "0"
    measure = cpu_milli if resource == "cpu" else bytes_of
    divisor = measure(ref.get("divisor") or "1") or measure("1")
    return str(math.ceil(measure(held) / divisor))


def _field(path: str, pod: Manifest, node: Manifest) -> str:
    meta = pod["metadata"]
    for word in ("labels", "annotations"):
        held = meta.get(word) or {}
        if path == f"metadata.{word}":
            return "".join(f'{key}="{value}"\n' for key, value in sorted(held.items()))
        if path.startswith(f"metadata.{word}['"):
            return str(held.get(path.partition("['")[2].removesuffix("']"), ""))
    if path in ("status.hostIP", "status.hostIPs"):
        addresses = (node.get("status") or {}).get("addresses") or ()
        return next((each["address"] for each in addresses if each["type"] == "InternalIP"), "")
    part, _, name = path.removesuffix("IPs").partition(".")
    name = f"{name}IP" if path.endswith("IPs") else name
    return str((pod.get(part) or {}).get(name) or "")
