"""The rules of pod specs and pod templates, in the order in which the API server applies them."""

from __future__ import annotations

from collections.abc import Iterator

from controller.engine.admission import grammar
from controller.engine.admission.containers import containers_faults, init_containers_faults
from controller.engine.admission.field_errors import each_invalid, forbidden, invalid, unsupported
from controller.engine.admission.metadata import annotations_faults, labels_faults
from controller.engine.admission.podsettings import (
    dns_faults,
    gates_faults,
    host_faults,
    security_faults,
    spread_faults,
)
from controller.engine.admission.selectors import affinity_faults
from controller.engine.admission.taints import tolerations_faults
from controller.engine.admission.volumes import sound_volumes, volumes_faults
from controller.engine.errors import Cause
from controller.engine.objects import Manifest

RESTART_POLICIES = ("Always", "OnFailure", "Never")
DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
PREEMPTION = ("PreemptLowerPriority", "Never")
LONGEST_DEADLINE = 2**31 - 1
NAMES = {
    "serviceAccountName": grammar.subdomain,
    "nodeName": grammar.subdomain,
    "hostname": grammar.label,
    "subdomain": grammar.label,
    "priorityClassName": grammar.subdomain,
    "runtimeClassName": grammar.subdomain,
}


def template_faults(template: Manifest, path: str) -> Iterator[Cause]:
    """Yield what is wrong with a pod template; the server leaves ``metadata`` out of these paths."""
    meta, spec = template.get("metadata") or {}, template.get("spec") or {}
    yield from labels_faults(meta.get("labels"), f"{path}.labels")
    yield from annotations_faults(meta.get("annotations"), f"{path}.annotations")
    yield from pod_spec_faults(spec, f"{path}.spec")
    if spec.get("ephemeralContainers"):
        yield forbidden(
            f"{path}.spec.ephemeralContainers", "ephemeral containers not allowed in pod template"
        )


def pod_spec_faults(spec: Manifest, path: str) -> Iterator[Cause]:
    """Yield what is wrong with a pod's spec."""
    volumes = spec.get("volumes") or []
    yield from volumes_faults(volumes, f"{path}.volumes")
    sound = sound_volumes(volumes)
    yield from containers_faults(spec.get("containers") or [], sound, f"{path}.containers")
    yield from init_containers_faults(spec, sound, f"{path}.initContainers")
    if spec.get("hostNetwork"):
        yield from _host_network_faults(spec, f"{path}.containers")
    yield from _policies_faults(spec, path)
    yield from labels_faults(spec.get("nodeSelector"), f"{path}.nodeSelector")
    yield from security_faults(spec, f"{path}.securityContext")
    yield from affinity_faults(spec.get("affinity") or {}, f"{path}.affinity")
    yield from dns_faults(spec, f"{path}.dnsConfig")
    yield from gates_faults(spec, path)
    yield from spread_faults(spec.get("topologySpreadConstraints") or [], f"{path}.topologySpreadConstraints")
    yield from _scalars_faults(spec, path)
    yield from host_faults(spec, path)


def _policies_faults(spec: Manifest, path: str) -> Iterator[Cause]:
    for field, choices in (("restartPolicy", RESTART_POLICIES), ("dnsPolicy", DNS_POLICIES)):
        if spec[field] not in choices:
            yield unsupported(f"{path}.{field}", spec[field], choices)


def _host_network_faults(spec: Manifest, path: str) -> Iterator[Cause]:
    for index, container in enumerate(spec.get("containers") or ()):
        for number, port in enumerate(container.get("ports") or ()):
            host = port.get("hostPort")
            if host and host != port.get("containerPort"):
                at = f"{path}[{index}].ports[{number}].hostPort"
                yield invalid(at, host, "must match `containerPort` when `hostNetwork` is true")


def _scalars_faults(spec: Manifest, path: str) -> Iterator[Cause]:
    for field, check in NAMES.items():
        if value := spec.get(field):
            yield from each_invalid(f"{path}.{field}", value, check(value))
    deadline = spec.get("activeDeadlineSeconds", 1)
    if not 1 <= deadline <= LONGEST_DEADLINE:
        yield invalid(f"{path}.activeDeadlineSeconds", deadline, grammar.outside(1, LONGEST_DEADLINE))
    yield from tolerations_faults(spec.get("tolerations") or [], f"{path}.tolerations")
    if spec.get("preemptionPolicy", PREEMPTION[0]) not in PREEMPTION:
        yield unsupported(f"{path}.preemptionPolicy", spec["preemptionPolicy"], PREEMPTION)
