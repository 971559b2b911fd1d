"""What the API server warns of in a pod or a template that it takes all the same. kubectl prints it.

Told of new objects, and of templates that are changed. The commonest of its warnings: labels and annotations
that have had their day, variables and ports that stand there twice, amounts that nothing can hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from controller.engine.matching.quantities import quantity
from controller.engine.objects import Manifest

LABELS: Mapping[str, str] = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": (
        'deprecated since v1.17; use "topology.kubernetes.io/region" instead'
    ),
    "failure-domain.beta.kubernetes.io/zone": (
        'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'
    ),
    "beta.kubernetes.io/instance-type": (
        'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'
    ),
    "app.kubernetes.io/created-by": "deprecated since v1.9",
    "scheduler.alpha.kubernetes.io/preferAvoidPods": (
        "deprecated since v1.22; use Taints and Tolerations instead"
    ),
    "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
}
SYSCTLS = 'non-functional in v1.11+; use the "sysctls" field instead'
ANNOTATIONS: Mapping[str, str] = {
    "scheduler.alpha.kubernetes.io/critical-pod": (
        'non-functional in v1.16+; use the "priorityClassName" field instead'
    ),
    "security.alpha.kubernetes.io/sysctls": SYSCTLS,
    "security.alpha.kubernetes.io/unsafe-sysctls": SYSCTLS,
}
TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "Pod": (),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    **dict.fromkeys(
        ("DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"),
        ("spec", "template"),
    ),
}
"""Where the template of pods is, in the kinds that have one."""


def cautions(kind: str, new: Manifest, old: Manifest | None = None) -> tuple[str, ...]:
    """Return what to warn of in an object that was admitted in the place of another."""
    path = TEMPLATES.get(kind)
    if path is None or (old and (kind == "Pod" or _at(old, path) == _at(new, path))):
        return ()
    return tuple(_template_cautions(_at(new, path), "".join(f"{step}." for step in path)))


def _at(manifest: Manifest, path: tuple[str, ...]) -> Manifest:
    for step in path:
        manifest = manifest.get(step) or {}
    return manifest


def _template_cautions(template: Manifest, path: str) -> Iterator[str]:
    spec = template.get("spec") or {}
    yield from _placement_cautions(spec, f"{path}spec")
    noted = (template.get("metadata") or {}).get("annotations") or {}
    for key, said in ANNOTATIONS.items():
        if key in noted:
            yield f"{path}metadata.annotations[{key}]: {said}"
    for index, secret in enumerate(spec.get("imagePullSecrets") or ()):
        if not secret.get("name"):
            yield f'{path}spec.imagePullSecrets[{index}].name: invalid empty name ""'
    containers = [
        (container, f"{path}spec.{field}[{index}]")
        for field in ("initContainers", "containers")
        for index, container in enumerate(spec.get(field) or ())
    ]
    for container, at in containers:
        yield from _amount_cautions(container.get("resources") or {}, f"{at}.resources")
        yield from _env_cautions(container.get("env") or [], f"{at}.env")
    yield from _port_cautions(
        [
            (port, f"{at}.ports[{index}]")
            for container, at in containers
            for index, port in enumerate(container.get("ports") or ())
        ]
    )


def _placement_cautions(spec: Manifest, path: str) -> Iterator[str]:
    for key in spec.get("nodeSelector") or {}:
        if key in LABELS:
            yield f"{path}.nodeSelector[{key}]: {LABELS[key]}"
    field = "requiredDuringSchedulingIgnoredDuringExecution"
    required = ((spec.get("affinity") or {}).get("nodeAffinity") or {}).get(field) or {}
    for index, term in enumerate(required.get("nodeSelectorTerms") or ()):
        for number, expression in enumerate(term.get("matchExpressions") or ()):
            if (key := expression["key"]) in LABELS:
                at = f"{path}.affinity.nodeAffinity.{field}.nodeSelectorTerms[{index}]"
                yield f"{at}.matchExpressions[{number}].key: {key} is {LABELS[key]}"


def _amount_cautions(resources: Manifest, path: str) -> Iterator[str]:
    for name in ("memory", "ephemeral-storage"):
        for bound in ("limits", "requests"):
            amount = (resources.get(bound) or {}).get(name, "0")
            if quantity(amount).denominator != 1:
                said = f'fractional byte value "{amount}" is invalid, must be an integer'
                yield f"{path}.{bound}[{name}]: {said}"


def _env_cautions(variables: list[Manifest], path: str) -> Iterator[str]:
    seen = set[str]()
    for index, variable in enumerate(variables):
        name, value = variable["name"], variable.get("value", "")
        reference = f"$({name})"
        if name in seen and ("valueFrom" in variable or value == reference or reference not in value):
            said = f'hides previous definition of "{name}", which may be dropped when using apply'
            yield f"{path}[{index}]: {said}"
        seen.add(name)


def _port_cautions(ports: list[tuple[Manifest, str]]) -> Iterator[str]:
    seen: dict[tuple[int, str], list[tuple[Manifest, str]]] = {}
    for port, at in ports:
        standing = seen.setdefault((port["containerPort"], port["protocol"]), [])
        for other, there in standing:
            if all(port.get(field) == other.get(field) for field in ("hostIP", "hostPort")):
                yield f"{at}: duplicate port definition with {there}"
            elif "hostPort" not in port or "hostPort" not in other:
                yield f"{at}: overlapping port definition with {there}"
        standing.append((port, at))
