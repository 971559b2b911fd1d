"""An object as text to edit: without what is the server's, in the order in which people write."""

from __future__ import annotations

from typing import Any

import yaml

from controller.engine.objects import GENERATION_ANNOTATION, LAST_APPLIED, Manifest
from controller.manifests.scalars import meaning

SERVERS_ANNOTATIONS = {GENERATION_ANNOTATION, LAST_APPLIED}
PEOPLES_METADATA = (
    "name",
    "generateName",
    "namespace",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
)
FIRST = ("apiVersion", "kind", "metadata", "name", "namespace", "image", "key", "operator", "type")
RANKS = {name: rank for rank, name in enumerate(FIRST)}


class _Dumper(yaml.CSafeDumper):
    """Writes texts so that kubectl reads them as texts, and no aliases."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - shared parts are spelt out, all of them
        return True


def _text(dumper: yaml.CSafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    if not isinstance(meaning(value), str):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def dump(manifest: Manifest) -> str:
    """Return an object as YAML: without status and the parts of metadata that the server writes."""
    kept = {field: value for field, value in manifest.items() if field != "status"}
    meta = manifest.get("metadata") or {}
    kept["metadata"] = {field: meta[field] for field in PEOPLES_METADATA if field in meta}
    annotations = _without(kept["metadata"].pop("annotations", {}), SERVERS_ANNOTATIONS)
    if annotations:
        kept["metadata"]["annotations"] = annotations
    return in_order(_ordered(kept))


def in_order(value: Any) -> str:  # noqa: ANN401 - any JSON
    """Return a value as YAML, its fields in the order in which they stand."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _without(mapping: Manifest, keys: set[str]) -> Manifest:
    return {key: value for key, value in mapping.items() if key not in keys}


def _ordered(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    if not isinstance(value, dict):
        return value
    names = sorted(value, key=lambda name: (RANKS.get(name, len(RANKS)), name))
    return {name: _ordered(value[name]) for name in names}
