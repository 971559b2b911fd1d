"""The rules of containers: name, image, ports, environment, and what is stated in modules of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import (
    duplicate,
    each_invalid,
    forbidden,
    invalid,
    required,
    unsupported,
)
from controller.engine.admission.podsettings import escalation_faults, identity_faults
from controller.engine.admission.probes import probes_faults
from controller.engine.admission.resources import requirements_faults
from controller.engine.admission.volumes import mounts_faults
from controller.engine.errors import Cause
from controller.engine.objects import Manifest

PULL_POLICIES = ("Always", "IfNotPresent", "Never")
MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
PROTOCOLS = ("SCTP", "TCP", "UDP")
SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
FIELD_PATHS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
OTHER_FIELD_PATHS = frozenset(
    {
        "metadata.annotations",
        "metadata.labels",
        "spec.restartPolicy",
        "spec.schedulerName",
        "status.phase",
    }
)
"""Fields that a pod has, and that no variable can be taken from."""
RESOURCE_FIELDS = tuple(
    f"{bound}.{resource}"
    for bound in ("limits", "requests")
    for resource in ("cpu", "ephemeral-storage", "memory")
)
HUGE_PAGES = ("limits.hugepages-", "requests.hugepages-")
RESTART_POLICIES = ("Always", "Never", "OnFailure")


def containers_faults(containers: list[Manifest], volumes: frozenset[str], path: str) -> Iterator[Cause]:
    """Yield what is wrong with ``spec.containers``, of which there must be one."""
    if not containers:
        yield required(path)
        return
    seen = set[str]()
    for index, container in enumerate(containers):
        at, name = f"{path}[{index}]", container.get("name", "")
        yield from container_faults(container, volumes, at)
        if name in seen:
            yield duplicate(f"{at}.name", name)
        seen.add(name)
        yield from probes_faults(container, at)
    yield from _host_ports_faults(containers, path)


def init_containers_faults(spec: Manifest, volumes: frozenset[str], path: str) -> Iterator[Cause]:
    """Yield what is wrong with ``spec.initContainers``, whose names the others may not bear."""
    seen = {container.get("name", "") for container in spec.get("containers") or ()}
    for index, container in enumerate(spec.get("initContainers") or ()):
        at, name = f"{path}[{index}]", container.get("name", "")
        yield from container_faults(container, volumes, at)
        if name in seen:
            yield duplicate(f"{at}.name", name)
        seen.add(name)
        yield from _host_ports_faults([container], path)
        if container.get("restartPolicy") == "Always":
            yield from probes_faults(container, at)
            continue
        for field in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe"):
            if field in container:
                yield forbidden(
                    f"{at}.{field}", "may not be set for init containers without restartPolicy=Always"
                )


def container_faults(container: Manifest, volumes: frozenset[str], path: str) -> Iterator[Cause]:
    """Yield what is wrong with any container; ``volumes`` are the names that it can mount."""
    if name := container.get("name"):
        yield from each_invalid(f"{path}.name", name, grammar.label(name))
    else:
        yield required(f"{path}.name")
    if not container.get("image"):
        yield required(f"{path}.image")
    yield from _choice_faults(container, "terminationMessagePolicy", MESSAGE_POLICIES, path)
    yield from _ports_faults(container.get("ports") or [], f"{path}.ports")
    yield from _env_faults(container.get("env") or [], f"{path}.env")
    yield from _env_from_faults(container.get("envFrom") or [], f"{path}.envFrom")
    yield from mounts_faults(container.get("volumeMounts") or [], volumes, f"{path}.volumeMounts")
    yield from _choice_faults(container, "imagePullPolicy", PULL_POLICIES, path)
    yield from requirements_faults(container.get("resources") or {}, f"{path}.resources")
    context = container.get("securityContext") or {}
    yield from identity_faults(context, f"{path}.securityContext")
    yield from escalation_faults(context, f"{path}.securityContext")
    if "restartPolicy" in container:
        yield from _choice_faults(container, "restartPolicy", RESTART_POLICIES, path)


def _choice_faults(holder: Manifest, field: str, choices: tuple[str, ...], path: str) -> Iterator[Cause]:
    if holder.get(field) not in choices:
        yield unsupported(f"{path}.{field}", holder.get(field, ""), choices)


def _ports_faults(ports: list[Manifest], path: str) -> Iterator[Cause]:
    seen = set[str]()
    for index, port in enumerate(ports):
        at, name = f"{path}[{index}]", port.get("name", "")
        if name and (faults := grammar.port_name(name)):
            yield from each_invalid(f"{at}.name", name, faults)
        elif name in seen:
            yield duplicate(f"{at}.name", name)
        elif name:
            seen.add(name)
        number = port.get("containerPort", 0)
        if number:
            yield from each_invalid(f"{at}.containerPort", number, grammar.port_number(number))
        else:
            yield required(f"{at}.containerPort")
        if host := port.get("hostPort"):
            yield from each_invalid(f"{at}.hostPort", host, grammar.port_number(host))
        yield from _choice_faults(port, "protocol", PROTOCOLS, at)


def _host_ports_faults(containers: list[Manifest], path: str) -> Iterator[Cause]:
    taken = Counter[str]()
    for index, container in enumerate(containers):
        for number, port in enumerate(container.get("ports") or ()):
            if not port.get("hostPort"):
                continue
            claim = f"{port.get('protocol', '')}/{port.get('hostIP', '')}/{port['hostPort']}"
            taken[claim] += 1
            if taken[claim] > 1:
                yield duplicate(f"{path}[{index}].ports[{number}].hostPort", claim)


def _env_faults(variables: list[Manifest], path: str) -> Iterator[Cause]:
    for index, variable in enumerate(variables):
        at = f"{path}[{index}]"
        if name := variable.get("name"):
            yield from each_invalid(f"{at}.name", name, grammar.env_name(name))
        else:
            yield required(f"{at}.name")
        if "valueFrom" in variable:
            yield from _value_from_faults(variable, f"{at}.valueFrom")


def _value_from_faults(variable: Manifest, path: str) -> Iterator[Cause]:
    source = variable["valueFrom"]
    if "fieldRef" in source:
        yield from _field_path_faults(source["fieldRef"], f"{path}.fieldRef")
    if "resourceFieldRef" in source:
        yield from _resource_field_faults(source["resourceFieldRef"], f"{path}.resourceFieldRef")
    for name in ("configMapKeyRef", "secretKeyRef"):
        if name in source:
            yield from _key_faults(source[name], f"{path}.{name}")
    if not source:
        listed = ", ".join(f"`{name}`" for name in SOURCES[:-1])
        yield invalid(path, "", f"must specify one of: {listed} or `{SOURCES[-1]}`")
    elif variable.get("value"):
        yield invalid(path, "", "may not be specified when `value` is not empty")
    elif len(source) > 1:
        yield invalid(path, "", "may not have more than one field specified at a time")


def _key_faults(reference: Manifest, path: str) -> Iterator[Cause]:
    name = reference.get("name", "")
    yield from each_invalid(f"{path}.name", name, grammar.subdomain(name))
    if key := reference.get("key"):
        yield from each_invalid(f"{path}.key", key, grammar.config_key(key))
    else:
        yield required(f"{path}.key")


def _resource_field_faults(reference: Manifest, path: str) -> Iterator[Cause]:
    resource = reference.get("resource", "")
    if not resource:
        yield required(f"{path}.resource")
    elif resource not in RESOURCE_FIELDS and not resource.startswith(HUGE_PAGES):
        yield unsupported(f"{path}.resource", resource, RESOURCE_FIELDS)


def _field_path_faults(reference: Manifest, path: str) -> Iterator[Cause]:
    field = reference.get("fieldPath", "")
    if not field:
        yield required(f"{path}.fieldPath")
    elif field.startswith(("metadata.labels['", "metadata.annotations['")) or field in FIELD_PATHS:
        return
    elif field in OTHER_FIELD_PATHS:
        yield unsupported(f"{path}.fieldPath", field, FIELD_PATHS)
    else:
        said = f"error converting fieldPath: field label not supported: {field}"
        yield invalid(f"{path}.fieldPath", field, said)


def _env_from_faults(sources: list[Manifest], path: str) -> Iterator[Cause]:
    for index, source in enumerate(sources):
        at = f"{path}[{index}]"
        prefix = source.get("prefix", "")
        yield from each_invalid(f"{at}.prefix", prefix, grammar.env_name(prefix))
        given = [name for name in ("configMapRef", "secretRef") if name in source]
        for name in given:
            yield from _source_name_faults(source[name], f"{at}.{name}.name")
        if not given:
            yield invalid(path, "", "must specify one of: `configMapRef` or `secretRef`")
        elif len(given) > 1:
            yield invalid(path, "", "may not have more than one field specified at a time")


def _source_name_faults(reference: Manifest, path: str) -> Iterator[Cause]:
    if name := reference.get("name"):
        yield from each_invalid(path, name, grammar.prefix_of(grammar.subdomain)(name))
    else:
        yield required(path)
