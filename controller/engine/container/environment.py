"""What a process finds in a simulated container: its variables, its files, its user and its host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from posixpath import dirname

from controller.engine.container.filesystem import PATHS, filesystem_of
from controller.engine.container.programs import program_of
from controller.engine.container.sources import ConfigSources, reference
from controller.engine.objects import Manifest


@dataclass(frozen=True, slots=True)
class Environment:
    """What a process finds: its ``variables``, and ``files`` (texts) by their paths."""

    hostname: str
    variables: dict[str, str]
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


def environment_of(pod: Manifest, container: Manifest, node: Manifest, sources: ConfigSources) -> Environment:
    """Return the inside of a container of a pod on a node."""
    spec, hostname = pod["spec"], _hostname(pod)
    files, folders = filesystem_of(pod, container, node, sources, hostname)
    security = {**(spec.get("securityContext") or {}), **(container.get("securityContext") or {})}
    info = ((node.get("status") or {}).get("nodeInfo")) or {}
    return Environment(
        hostname=hostname,
        variables=_variables(pod, container, node, sources),
        files=files,
        folders=folders,
        user=int(security.get("runAsUser") or 0),
        group=int(security.get("runAsGroup") or 0),
        command=program_of(pod, container).command,
        kernel=info.get("kernelVersion") or "6.12.0",
    )


def _hostname(pod: Manifest) -> str:
    spec = pod["spec"]
    if spec.get("hostNetwork"):
        return str(spec.get("nodeName") or "")
    return str(spec.get("hostname") or pod["metadata"]["name"])[:63]


def _variables(pod: Manifest, container: Manifest, node: Manifest, sources: ConfigSources) -> dict[str, str]:
    env = {"PATH": ":".join(PATHS), "HOSTNAME": _hostname(pod)}
    env |= {
        "KUBERNETES_PORT": "tcp://10.96.0.1:443",
        "KUBERNETES_SERVICE_HOST": "10.96.0.1",
        "KUBERNETES_SERVICE_PORT": "443",
    }
    for source in container.get("envFrom") or ():
        prefix = source.get("prefix") or ""
        configs = sources.configs.get((source.get("configMapRef") or {}).get("name") or "", {})
        secrets = sources.secrets.get((source.get("secretRef") or {}).get("name") or "", {})
        env |= {prefix + key: value for key, value in {**configs, **secrets}.items()}
    for entry in container.get("env") or ():
        if "valueFrom" not in entry:
            env[entry["name"]] = _with_references(entry.get("value") or "", env)
        elif (value := _value_from(entry["valueFrom"], pod, container, node, sources)) is not None:
            env[entry["name"]] = value
    return {**env, "HOME": "/root"}


def _with_references(text: str, env: Mapping[str, str]) -> str:
    for name, value in env.items():
        text = text.replace(f"$({name})", value)
    return text


def _value_from(
    source: Manifest, pod: Manifest, container: Manifest, node: Manifest, sources: ConfigSources
) -> str | None:
    for word, kept in (("configMapKeyRef", sources.configs), ("secretKeyRef", sources.secrets)):
        if ref := source.get(word):
            return kept.get(ref.get("name") or "", {}).get(ref["key"])
    return reference(source, pod, container, node)
