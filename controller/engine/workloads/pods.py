"""A template made into a pod: what all controllers of pods do alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from controller.engine import newpod
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest, Moment, View

LONGEST_BASE = 58
"""A name holds 63 characters of a label's value; a generated one keeps five of them for its suffix."""


def owner_reference(owner: View) -> Manifest:
    """Return the reference by which an object names its controller."""
    kind, _namespace, name = owner.key
    return {
        "apiVersion": KINDS[kind].api_version,
        "kind": kind,
        "name": name,
        "uid": owner.uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


def generated_name(base: str, suffix: str) -> str:
    """Return the name that the API server generates for an object from ``generateName: BASE-``."""
    return f"{base}-"[:LONGEST_BASE] + suffix


def pod_spec(template: Manifest, suffix: str) -> Manifest:
    """Return the spec of an ordinary pod of a template, as admission completes it.

    ``suffix`` ends the name of the volume of its token; pods that share one share the whole spec.
    """
    return newpod.admitted(newpod.patient(newpod.completed(template["spec"])), suffix)


class PodTemplate(NamedTuple):
    """What the pods of a template have in common: ``meta`` are fields of their metadata."""

    meta: Manifest
    spec: Manifest
    status: Manifest

    @classmethod
    def of(
        cls, owner: View, template: Manifest, spec: Manifest, labels: Mapping[str, str] | None = None
    ) -> PodTemplate:
        """Make the template of ``owner`` into that of its pods, which bear more ``labels``.

        ``spec`` is the template's as admission completes it, see ``pod_spec``.
        """
        meta = template.get("metadata") or {}
        kept = {field: meta[field] for field in ("annotations", "finalizers") if meta.get(field)}
        shared = {
            "generation": 1,
            "labels": {**(meta.get("labels") or {}), **(labels or {})},
            **kept,
            "ownerReferences": [owner_reference(owner)],
        }
        return cls(shared, spec, {**newpod.first_status(spec), "qosClass": qos_class(spec)})


def pod_manifest(
    owner: View,
    template: PodTemplate,
    *,
    name: str,
    uid: str,
    now: Moment,
    spec: Manifest | None = None,
    generated: bool = True,
    base: str = "",
) -> Manifest:
    """Return a pod that a controller creates for ``owner``; ``spec`` stands for the template's own.

    ``generated`` says whether the name was made up by the API server, from ``base`` or the owner's.
    """
    _kind, namespace, owner_name = owner.key
    generate = {"generateName": f"{base or owner_name}-"} if generated else {}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            **generate,
            "namespace": namespace,
            "uid": uid,
            "creationTimestamp": now.stamp,
            **template.meta,
        },
        "spec": template.spec if spec is None else spec,
        "status": template.status,
    }


def qos_class(spec: Manifest) -> str:
    """Return Guaranteed, Burstable or BestEffort (Kubernetes: Pod Quality of Service Classes).

    The pod may not have been validated yet.
    """
    resources = [container.get("resources") or {} for container in spec.get("containers") or ()]
    if not any(r.get("requests") or r.get("limits") for r in resources):
        return "BestEffort"
    for r in resources:
        limits, requests = r.get("limits") or {}, r.get("requests") or {}
        if set(limits) < {"cpu", "memory"} or any(requests.get(k, limits[k]) != limits[k] for k in limits):
            return "Burstable"
    return "Guaranteed"


def account_of(template: Manifest) -> str:
    """Return the name of the ServiceAccount as which the pods of a template run."""
    spec = template.get("spec") or {}
    return spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"


def refusal_of(
    owner: View, template: Manifest, *, account_known: bool, classes: newpod.Classes = newpod.BUILTIN
) -> str:
    """Return in which words a controller tells that the API server refuses the pods of a template, or ""."""
    pod = f"{owner.key[2]}-"
    refusal = forbidden_because(owner, template, pod, account_known=account_known, classes=classes)
    return f"Error creating: {refusal}" if refusal else ""


def forbidden_because(
    owner: View,
    template: Manifest,
    pod: str,
    *,
    account_known: bool,
    classes: newpod.Classes = newpod.BUILTIN,
) -> str:
    """Return in which words the API server refuses a pod of a template, by its name, or ""."""
    namespace, account = owner.key[1], account_of(template)
    if account_known:
        reason = newpod.priority_refusal(template["spec"], classes)
    else:
        reason = unknown_account(namespace, account)
    return forbidden(pod, reason) if reason else ""


def unknown_account(namespace: str, account: str) -> str:
    """Return why a pod that is to run as a ServiceAccount that is not there is refused."""
    return f'error looking up service account {namespace}/{account}: serviceaccount "{account}" not found'


def forbidden(pod: str, reason: str) -> str:
    """Return the sentence of an admission plugin that refuses a pod."""
    return f'pods "{pod}" is forbidden: {reason}'
