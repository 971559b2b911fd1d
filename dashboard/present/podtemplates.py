"""What ``kubectl describe`` tells of a pod's containers and volumes, or of a template that makes pods.

The labels are kubectl's own words, as in ``described``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from controller.engine.objects import Manifest
from dashboard.present.described import pairs_of, told_annotations
from dashboard.present.links import object_url
from dashboard.present.words import Fact

NONE = "<none>"


@dataclass(frozen=True, slots=True)
class Part:
    """A container, or what concerns all of them (then the ``title`` is empty)."""

    title: str
    facts: list[Fact]


def template_of(manifest: Manifest) -> Manifest | None:
    """Return the template by which an object makes pods, or None."""
    spec = manifest.get("spec")
    if not isinstance(spec, dict):
        return None
    inner = (spec.get("jobTemplate") or {}).get("spec") or spec
    found: Manifest | None = inner.get("template")
    return found if isinstance(found, dict) and isinstance(found.get("spec"), dict) else None


def template_parts(cluster: str, manifest: Manifest) -> list[Part]:
    """Return the template of an object, part by part; [] if it has none."""
    template = template_of(manifest)
    if template is None:
        return []
    meta, namespace = template.get("metadata") or {}, manifest["metadata"].get("namespace") or ""
    general = [Fact("Labels", NONE, codes=pairs_of(meta.get("labels")))]
    if noted := told_annotations(meta):
        general.append(Fact("Annotations", codes=noted))
    return spec_parts(cluster, namespace, template["spec"], general)


def spec_parts(cluster: str, namespace: str, spec: Manifest, general: Iterable[Fact] = ()) -> list[Part]:
    """Return what is wanted of a pod, part by part: first ``general`` facts, then its containers."""
    parts = [Part("", [*general, *_general(cluster, namespace, spec)])]
    for field, title in (
        ("initContainers", "Init Container"),
        ("containers", "Container"),
        ("ephemeralContainers", "Ephemeral Container"),
    ):
        parts += [Part(f"{title} {one.get('name')}", list(_container(one))) for one in spec.get(field) or ()]
    return parts


def _general(cluster: str, namespace: str, spec: Manifest) -> Iterator[Fact]:
    if account := spec.get("serviceAccountName"):
        url = object_url(cluster, "ServiceAccount", namespace, account)
        yield Fact("Service Account", account, url=url)
    if spec.get("hostNetwork"):
        yield Fact("Host Network", "true")
    if priority := spec.get("priorityClassName"):
        yield Fact(
            "Priority Class Name", priority, url=object_url(cluster, "PriorityClass", "", str(priority))
        )
    yield Fact("Node-Selectors", NONE, codes=pairs_of(spec.get("nodeSelector")))
    yield Fact("Tolerations", NONE, codes=tuple(map(toleration_text, spec.get("tolerations") or ())))
    for volume in spec.get("volumes") or ():
        yield _volume(cluster, namespace, volume)


def toleration_text(toleration: Manifest) -> str:
    """Return a toleration as kubectl writes it: ``key=value:Effect for 300s``."""
    key, value, effect = (toleration.get(field) or "" for field in ("key", "value", "effect"))
    exists = (toleration.get("operator") or "Equal") == "Exists"
    text = key + (f"={value}" if value else "") + (f":{effect}" if effect else "")
    text += " op=Exists" if exists else ""
    seconds = toleration.get("tolerationSeconds")
    return (text + (f" for {seconds}s" if seconds is not None else "")).strip()


# -- containers ------------------------------------------------------------------------------------


def _container(one: Manifest) -> Iterator[Fact]:
    yield Fact("Image", one.get("image"))
    ports = one.get("ports") or ()
    if ports:
        yield Fact("Ports", ", ".join(_port(port) for port in ports))
    for label, field in (("Command", "command"), ("Args", "args")):
        if one.get(field):
            yield Fact(label, codes=tuple(map(str, one[field])))
    resources = one.get("resources") or {}
    for label, field in (("Limits", "limits"), ("Requests", "requests")):
        if resources.get(field):
            yield Fact(label, ", ".join(f"{key}: {value}" for key, value in sorted(resources[field].items())))
    for label, field in (
        ("Liveness", "livenessProbe"),
        ("Readiness", "readinessProbe"),
        ("Startup", "startupProbe"),
    ):
        if one.get(field):
            yield Fact(label, probe_text(one[field]))
    yield from _given(one)


def _given(one: Manifest) -> Iterator[Fact]:
    """Return what a container finds: its environment and its files."""
    if one.get("envFrom"):
        yield Fact("Environment Variables from", ", ".join(map(_source, one["envFrom"])))
    if one.get("env"):
        yield Fact("Environment", codes=tuple(map(_variable, one["env"])))
    if one.get("volumeMounts"):
        yield Fact("Mounts", codes=tuple(map(_mount, one["volumeMounts"])))


def _port(port: Manifest) -> str:
    text = f"{port.get('containerPort')}/{port.get('protocol') or 'TCP'}"
    name = f" ({port['name']})" if port.get("name") else ""
    return text + name + (f", Host Port {port['hostPort']}" if port.get("hostPort") else "")


def probe_text(probe: Manifest) -> str:
    """Return a probe as kubectl writes it: ``http-get http://:80/ delay=0s timeout=1s ...``."""
    times = (
        f"delay={probe.get('initialDelaySeconds') or 0}s timeout={probe.get('timeoutSeconds') or 1}s"
        f" period={probe.get('periodSeconds') or 10}s #success={probe.get('successThreshold') or 1}"
        f" #failure={probe.get('failureThreshold') or 3}"
    )
    return f"{_probed(probe)} {times}"


def _probed(probe: Manifest) -> str:
    if command := probe.get("exec"):
        return f"exec [{' '.join(command.get('command') or ())}]"
    if get := probe.get("httpGet"):
        scheme = (get.get("scheme") or "HTTP").lower()
        return f"http-get {scheme}://{get.get('host') or ''}:{get.get('port')}{get.get('path') or '/'}"
    if socket := probe.get("tcpSocket"):
        return f"tcp-socket {socket.get('host') or ''}:{socket.get('port')}"
    if grpc := probe.get("grpc"):
        return f"grpc <pod>:{grpc.get('port')} {grpc.get('service') or ''}".strip()
    return "unknown"


def _source(source: Manifest) -> str:
    kind = "ConfigMap" if source.get("configMapRef") else "Secret"
    name = (source.get("configMapRef") or source.get("secretRef") or {}).get("name")
    return f"{kind} {name}"


def _variable(variable: Manifest) -> str:
    name, given = variable.get("name"), variable.get("valueFrom") or {}
    if field := given.get("fieldRef"):
        return f"{name}: ({field.get('apiVersion') or 'v1'}:{field.get('fieldPath')})"
    if resource := given.get("resourceFieldRef"):
        return f"{name}: ({resource.get('resource')})"
    for key, kind in (("configMapKeyRef", "config map"), ("secretKeyRef", "secret")):
        if ref := given.get(key):
            return f"{name}: <set to the key '{ref.get('key')}' of {kind} '{ref.get('name')}'>"
    return f"{name}: {variable.get('value') or ''}"


def _mount(mount: Manifest) -> str:
    flags = "ro" if mount.get("readOnly") else "rw"
    path = f', path="{mount["subPath"]}"' if mount.get("subPath") else ""
    return f"{mount.get('mountPath')} from {mount.get('name')} ({flags}{path})"


# -- volumes ---------------------------------------------------------------------------------------

HELD: dict[str, tuple[str, str]] = {
    "persistentVolumeClaim": ("PersistentVolumeClaim", "claimName"),
    "configMap": ("ConfigMap", "name"),
    "secret": ("Secret", "secretName"),
}
"""Volumes that are objects: by their field the kind, and where the object's name stands."""

SOURCES: dict[str, Callable[[Manifest], str]] = {
    "hostPath": lambda source: f"HostPath {source.get('path')}",
    "emptyDir": lambda source: "EmptyDir" + (f" {source['medium']}" if source.get("medium") else ""),
    "downwardAPI": lambda _source: "DownwardAPI",
    "projected": lambda source: "Projected " + ", ".join(_projected(source)),
    "csi": lambda source: f"CSI {source.get('driver')}",
    "nfs": lambda source: f"NFS {source.get('server')}:{source.get('path')}",
    "ephemeral": lambda _source: "EphemeralVolume",
}


def _projected(source: Manifest) -> Iterator[str]:
    for one in source.get("sources") or ():
        for field, told in one.items():
            name = told.get("name") if isinstance(told, dict) else ""
            yield f"{field} {name}" if name else field


def _volume(cluster: str, namespace: str, volume: Manifest) -> Fact:
    own = volume.get("name")
    field = next((key for key in volume if key != "name"), "")
    source = volume.get(field) or {}
    if field in HELD:
        kind, key = HELD[field]
        name = str(source.get(key) or "")
        return Fact("Volume", f"{own}: {kind} {name}", url=object_url(cluster, kind, namespace, name))
    return Fact("Volume", f"{own}: {SOURCES[field](source) if field in SOURCES else field or NONE}")
