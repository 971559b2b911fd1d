"""Small ways to write parts of a manifest anew without touching the one that stands."""

from __future__ import annotations

from collections.abc import Mapping

from controller.engine.objects import BEHAVIOUR_ANNOTATION, Manifest, Taint


def with_meta(manifest: Manifest, **parts: Mapping[str, str]) -> Manifest:
    """Return a manifest with maps of its metadata replaced; an empty one is left out."""
    meta = {
        key: value for key, value in {**manifest["metadata"], **parts}.items() if value or key not in parts
    }
    return {**manifest, "metadata": meta}


def with_annotation(manifest: Manifest, name: str, value: str) -> Manifest:
    """Return an object, or a pod template, with an annotation set, or removed if the value is empty."""
    standing = (manifest.get("metadata") or {}).get("annotations") or {}
    kept = {key: text for key, text in standing.items() if key != name}
    whole = {**manifest, "metadata": manifest.get("metadata") or {}}
    return with_meta(whole, annotations={**kept, **({name: value} if value else {})})


def behaving(manifest: Manifest, behaviour: str) -> Manifest:
    """Return a pod, or a pod template, whose simulated containers behave in a certain way; "": by itself."""
    return with_annotation(manifest, BEHAVIOUR_ANNOTATION, behaviour)


def behaviour_of(manifest: Manifest) -> str:
    """Return the behaviour that is set for a pod, or in a pod template, or ""."""
    annotations = (manifest.get("metadata") or {}).get("annotations") or {}
    return str(annotations.get(BEHAVIOUR_ANNOTATION) or "")


def with_spec(manifest: Manifest, **parts: object) -> Manifest:
    """Return a manifest with fields of its spec replaced; an empty one is left out."""
    spec = {key: value for key, value in {**(manifest.get("spec") or {}), **parts}.items() if value}
    return {**manifest, "spec": spec}


def template_of(manifest: Manifest) -> Manifest:
    """Return the pod template of a workload; a CronJob's is that of its Jobs."""
    spec = manifest["spec"]
    found: Manifest = (spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec)["template"]
    return found


def with_template(manifest: Manifest, **parts: object) -> Manifest:
    """Return a workload with parts of its pod template replaced."""
    spec, template = manifest["spec"], {**template_of(manifest), **parts}
    if "jobTemplate" in spec:
        job = spec["jobTemplate"]
        news: Manifest = {"jobTemplate": {**job, "spec": {**job["spec"], "template": template}}}
    else:
        news = {"template": template}
    return {**manifest, "spec": {**spec, **news}}


def taint_manifest(taint: Taint) -> Manifest:
    """Return a taint as it stands in a node's spec."""
    raw = {"key": taint.key, "value": taint.value, "effect": taint.effect}
    return {key: value for key, value in raw.items() if value or key == "key"}


def taint_of(raw: Manifest) -> Taint:
    """Return a taint of a node's spec."""
    return Taint(raw["key"], raw.get("value") or "", raw["effect"])
