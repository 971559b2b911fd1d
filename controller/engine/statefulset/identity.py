"""Who a pod of a StatefulSet is: its number makes its name, its labels and its claims."""

from __future__ import annotations

import re

from controller.engine.objects import HASH_LABEL, Manifest, Pod
from controller.engine.views import StatefulSet
from controller.engine.workloads.pods import PodTemplate

POD_NAME = "statefulset.kubernetes.io/pod-name"
POD_INDEX = "apps.kubernetes.io/pod-index"
MEMBER = re.compile(r"(.+)-(0|[1-9][0-9]{0,9})", re.ASCII)


def member(name: str) -> tuple[str, int] | None:
    """Return of which set, by name, a pod of that name is, and its number; None if of none."""
    found = MEMBER.fullmatch(name)
    return (found[1], int(found[2])) if found else None


def ordinal_of(pod: Pod) -> int:
    """Return the number of a pod of a set, -1 if its name has none."""
    found = member(pod.name)
    return found[1] if found else -1


def is_member(owner: StatefulSet, pod: Pod) -> bool:
    """Whether a pod bears a name that the set gives."""
    found = member(pod.name)
    return found is not None and found[0] == owner.name


def pod_name(owner: StatefulSet, ordinal: int) -> str:
    """Return the name of the pod with a number."""
    return f"{owner.name}-{ordinal}"


def claim_names(owner: StatefulSet, pod: str) -> dict[str, str]:
    """Return the names of the claims of a pod, by the names of their templates."""
    templates = (claim["metadata"]["name"] for claim in owner.claim_templates)
    return {name: f"{name}-{pod}" for name in templates}


def template_for(owner: StatefulSet, template: PodTemplate, ordinal: int, revision: str) -> PodTemplate:
    """Make the template of a revision, by name, into that of one pod."""
    name = pod_name(owner, ordinal)
    labels = {
        **template.meta["labels"],
        HASH_LABEL: revision,
        POD_NAME: name,
        POD_INDEX: str(ordinal),
    }
    spec = {**template.spec, "hostname": name}
    if service := owner.manifest["spec"].get("serviceName"):
        spec["subdomain"] = service
    claims = claim_names(owner, name)
    if claims:
        spec["volumes"] = [
            *({"name": key, "persistentVolumeClaim": {"claimName": claims[key]}} for key in claims),
            *(volume for volume in spec.get("volumes") or () if volume["name"] not in claims),
        ]
    return template._replace(meta={**template.meta, "labels": labels}, spec=spec)


def with_identity(pod: Pod) -> Manifest | None:
    """Return the pod with the labels of its number, or None if it bears its name: that one is looked at."""
    if pod.labels.get(POD_NAME) == pod.name:
        return None
    wanted = {POD_NAME: pod.name, POD_INDEX: str(ordinal_of(pod))}
    meta = pod.manifest["metadata"]
    return {**pod.manifest, "metadata": {**meta, "labels": {**pod.labels, **wanted}}}
