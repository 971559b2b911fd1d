"""The manifest folder of a machine: the pods that its kubelet runs whatever the control plane says.

It is an annotation of the node: JSON, a Pod by the name of its file. The kubelet shows each pod as a
*mirror*, an object that bears the name of its node.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from controller.engine.objects import STATIC_PODS_ANNOTATION, Manifest

MIRROR, HASH, SOURCE = (
    "kubernetes.io/config.mirror",
    "kubernetes.io/config.hash",
    "kubernetes.io/config.source",
)
STANDS_ALL = {"operator": "Exists", "effect": "NoExecute"}


def read_folder(node: Manifest) -> dict[str, Any] | None:
    """Return what lies in the folder of a node's machine, by file name; None if that cannot be read."""
    text = (node["metadata"].get("annotations") or {}).get(STATIC_PODS_ANNOTATION) or "{}"
    try:
        files = json.loads(text)
    except ValueError:
        return None
    return files if isinstance(files, dict) else None


def folder_text(files: dict[str, Any]) -> str:
    """Return a folder as the annotation holds it, "" if it is empty."""
    return json.dumps(files) if files else ""


def mirror_name(node: str, raw: object) -> str:
    """Return the name that the pod of a file has as an object."""
    return f"{_map(_map(raw).get('metadata')).get('name') or ''}-{node}"


def mirror_of(node: str, uid: str, raw: object) -> Manifest:
    """Return the mirror of the pod of a file, on the node of a name and uid, before admission."""
    given = _map(raw)
    digest = hashlib.sha256(json.dumps([uid, raw], sort_keys=True).encode()).hexdigest()[:32]
    meta, spec = _map(given.get("metadata")), _map(given.get("spec"))
    marks = {HASH: digest, MIRROR: digest, SOURCE: "file"}
    owner = {"apiVersion": "v1", "kind": "Node", "name": node, "uid": uid, "controller": True}
    return {
        **given,
        "metadata": {
            **meta,
            "name": mirror_name(node, raw),
            "annotations": {**_map(meta.get("annotations")), **marks},
            "ownerReferences": [owner],
        },
        "spec": {
            **spec,
            "nodeName": node,
            "tolerations": [STANDS_ALL],
            "automountServiceAccountToken": False,
        },
    }


def _map(value: object) -> Manifest:
    """Return what somebody wrote where a map belongs, if it is one."""
    return value if isinstance(value, dict) else {}
