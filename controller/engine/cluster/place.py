"""What a program in a simulated container finds around it: its environment, its folders and files.

There is no file system: files follow from the pod, from the node, and from the config maps and secrets
that the pod mounts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import dirname, join, normpath
from typing import Any

from controller.engine.cluster.programs import program_of
from controller.engine.matching.quantities import bytes_of, cpu_milli
from controller.engine.objects import Manifest

Data = Mapping[str, str]
PATHS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
FOLDERS = ("/bin", "/dev", "/etc", "/home", "/proc", "/root", "/sys", "/tmp", "/usr", "/var")  # noqa: S108 - no real folder
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
HOST_FOLDERS = {
    "/var/log": ("containers", "journal", "pods"),
    "/var/lib/docker/containers": (),
    "/": ("bin", "etc", "home", "opt", "proc", "root", "run", "sys", "usr", "var"),
}
"""What a mounted folder of the machine holds; any other is empty."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What pods refer to: the data of config maps and of secrets (as text) by their names."""

    configs: Mapping[str, Data] = field(default_factory=dict)
    secrets: Mapping[str, Data] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """The inside of a container. ``files`` are texts by their paths."""

    hostname: str
    env: dict[str, str]
    files: dict[str, str]
    folders: frozenset[str]
    user: int
    group: int
    command: str
    kernel: str

    def listing(self, folder: str) -> list[str]:
        """Return the names in a folder."""
        inside = {path for path in (*self.files, *self.folders) if path != "/" and dirname(path) == folder}
        return sorted(path.rpartition("/")[2] for path in inside)


def place_of(pod: Manifest, container: Manifest, node: Manifest, outside: Outside) -> Place:
    """Return the inside of a container of a pod on a node."""
    spec, hostname = pod["spec"], _hostname(pod)
    files = {**_own_files(pod, hostname), **_account(pod), **_mounted(pod, container, node, outside)}
    mounts = {normpath(mount["mountPath"]) for mount in container.get("volumeMounts") or ()}
    folders = {*FOLDERS, *PATHS, *mounts, *(path for path, text in files.items() if text is None)}
    security = {**(spec.get("securityContext") or {}), **(container.get("securityContext") or {})}
    info = ((node.get("status") or {}).get("nodeInfo")) or {}
    texts = {path: text for path, text in files.items() if text is not None}
    for path in (*folders, *files):
        folders |= set(_above(path))
    return Place(
        hostname=hostname,
        env=_environment(pod, container, node, outside),
        files=texts,
        folders=frozenset(folders - texts.keys()),
        user=int(security.get("runAsUser") or 0),
        group=int(security.get("runAsGroup") or 0),
        command=program_of(pod, container).command,
        kernel=info.get("kernelVersion") or "6.12.0",
    )


def _above(path: str) -> Iterator[str]:
    while path != "/":
        path = dirname(path)
        yield path


def _hostname(pod: Manifest) -> str:
    spec = pod["spec"]
    if spec.get("hostNetwork"):
        return str(spec.get("nodeName") or "")
    return str(spec.get("hostname") or pod["metadata"]["name"])[:63]


def _own_files(pod: Manifest, hostname: str) -> dict[str, str | None]:
    address = (pod.get("status") or {}).get("podIP") or ""
    namespace = pod["metadata"]["namespace"]
    search = f"{namespace}.svc.cluster.local svc.cluster.local cluster.local"
    return {
        "/etc/hostname": f"{hostname}\n",
        "/etc/hosts": f"127.0.0.1\tlocalhost\n{address}\t{hostname}\n",
        "/etc/resolv.conf": f"search {search}\nnameserver 10.96.0.10\noptions ndots:5\n",
        "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
        "/etc/os-release": 'NAME="Everynode"\nPRETTY_NAME="a simulated container"\n',
        "/dev/null": "",
    }


def _account(pod: Manifest) -> dict[str, str | None]:
    """Return what every container has to make itself known to the API with."""
    spec, namespace = pod["spec"], pod["metadata"]["namespace"]
    if spec.get("automountServiceAccountToken") is False:
        return {}
    account = spec.get("serviceAccountName") or "default"
    files = {"namespace": namespace, "token": f"a simulated token of {namespace}/{account}", "ca.crt": ""}
    return {join(ACCOUNT, name): text for name, text in files.items()}


# -- volumes ---------------------------------------------------------------------------------------


def _mounted(pod: Manifest, container: Manifest, node: Manifest, outside: Outside) -> dict[str, str | None]:
    """Return files by path; None marks a folder."""
    volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes") or ()}
    found: dict[str, str | None] = {}
    for mount in container.get("volumeMounts") or ():
        content = _volume(volumes.get(mount["name"]) or {}, pod, container, node, outside)
        part, path = mount.get("subPath"), normpath(mount["mountPath"])
        if part in content:
            found[path] = content[part]
        elif not part:
            found |= {join(path, name): text for name, text in content.items()}
    return found


def _volume(
    volume: Manifest, pod: Manifest, container: Manifest, node: Manifest, outside: Outside
) -> dict[str, str | None]:
    if host := volume.get("hostPath"):
        return dict.fromkeys(HOST_FOLDERS.get(normpath(host["path"]), ()))
    if config := volume.get("configMap"):
        return _picked(outside.configs.get(config.get("name") or "", {}), config.get("items"))
    if secret := volume.get("secret"):
        return _picked(outside.secrets.get(secret.get("secretName") or "", {}), secret.get("items"))
    if downward := volume.get("downwardAPI"):
        return {item["path"]: reference(item, pod, container, node) for item in downward.get("items") or ()}
    found: dict[str, str | None] = {}
    for source in (volume.get("projected") or {}).get("sources") or ():
        found |= _projected(source, pod, container, node, outside)
    return found


def _projected(
    source: Manifest, pod: Manifest, container: Manifest, node: Manifest, outside: Outside
) -> dict[str, str | None]:
    if token := source.get("serviceAccountToken"):
        return {token["path"]: f"a simulated token of {pod['metadata']['namespace']}"}
    if secret := source.get("secret"):
        source = {"secret": {**secret, "secretName": secret.get("name")}}
    return _volume(source, pod, container, node, outside)


def _picked(data: Data, items: list[Manifest] | None) -> dict[str, str | None]:
    if items is None:
        return dict(data)
    return {item["path"]: data[item["key"]] for item in items if item["key"] in data}


# -- environment -----------------------------------------------------------------------------------


def _environment(pod: Manifest, container: Manifest, node: Manifest, outside: Outside) -> dict[str, str]:
    env = {"PATH": ":".join(PATHS), "HOSTNAME": _hostname(pod)}
    env |= {
        "KUBERNETES_PORT": "tcp://10.96.0.1:443",
        "KUBERNETES_SERVICE_HOST": "10.96.0.1",
        "KUBERNETES_SERVICE_PORT": "443",
    }
    for source in container.get("envFrom") or ():
        prefix = source.get("prefix") or ""
        configs = outside.configs.get((source.get("configMapRef") or {}).get("name") or "", {})
        secrets = outside.secrets.get((source.get("secretRef") or {}).get("name") or "", {})
        env |= {prefix + key: value for key, value in {**configs, **secrets}.items()}
    for entry in container.get("env") or ():
        if "valueFrom" not in entry:
            env[entry["name"]] = _with_references(entry.get("value") or "", env)
        elif (value := _value_from(entry["valueFrom"], pod, container, node, outside)) is not None:
            env[entry["name"]] = value
    return {**env, "HOME": "/root"}


def _with_references(text: str, env: Mapping[str, str]) -> str:
    for name, value in env.items():
        text = text.replace(f"$({name})", value)
    return text


def _value_from(
    source: Manifest, pod: Manifest, container: Manifest, node: Manifest, outside: Outside
) -> str | None:
    for word, kept in (("configMapKeyRef", outside.configs), ("secretKeyRef", outside.secrets)):
        if ref := source.get(word):
            return kept.get(ref.get("name") or "", {}).get(ref["key"])
    return reference(source, pod, container, node)


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
