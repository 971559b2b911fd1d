"""The files of a simulated container.

There is no file system: files follow from the pod, from the node, and from the config maps and secrets
that the pod mounts.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, join, normpath

from controller.engine.container.sources import ConfigSources, Data, reference
from controller.engine.objects import Manifest

PATHS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
FOLDERS = ("/bin", "/dev", "/etc", "/home", "/proc", "/root", "/sys", "/tmp", "/usr", "/var")  # noqa: S108 - no real folder
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
HOST_FOLDERS = {
    "/var/log": ("containers", "journal", "pods"),
    "/var/lib/docker/containers": (),
    "/": ("bin", "etc", "home", "opt", "proc", "root", "run", "sys", "usr", "var"),
}
"""What a mounted folder of the machine holds; any other is empty."""


def filesystem_of(
    pod: Manifest, container: Manifest, node: Manifest, sources: ConfigSources, hostname: str
) -> tuple[dict[str, str], frozenset[str]]:
    """Return the texts of a container's files by their paths, and the paths of its folders."""
    files = {**_own_files(pod, hostname), **_account(pod), **_mounted(pod, container, node, sources)}
    mounts = {normpath(mount["mountPath"]) for mount in container.get("volumeMounts") or ()}
    folders = {*FOLDERS, *PATHS, *mounts, *(path for path, text in files.items() if text is None)}
    for path in (*folders, *files):
        folders |= set(_above(path))
    texts = {path: text for path, text in files.items() if text is not None}
    return texts, frozenset(folders - texts.keys())


def _above(path: str) -> Iterator[str]:
    while path != "/":
        path = dirname(path)
        yield path


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


def _mounted(
    pod: Manifest, container: Manifest, node: Manifest, sources: ConfigSources
) -> dict[str, str | None]:
    """Return files by path; None marks a folder."""
    volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes") or ()}
    found: dict[str, str | None] = {}
    for mount in container.get("volumeMounts") or ():
        content = _volume(volumes.get(mount["name"]) or {}, pod, container, node, sources)
        part, path = mount.get("subPath"), normpath(mount["mountPath"])
        if part in content:
            found[path] = content[part]
        elif not part:
            found |= {join(path, name): text for name, text in content.items()}
    return found


def _volume(
    volume: Manifest, pod: Manifest, container: Manifest, node: Manifest, sources: ConfigSources
) -> dict[str, str | None]:
    if host := volume.get("hostPath"):
        return dict.fromkeys(HOST_FOLDERS.get(normpath(host["path"]), ()))
    if config := volume.get("configMap"):
        return _picked(sources.configs.get(config.get("name") or "", {}), config.get("items"))
    if secret := volume.get("secret"):
        return _picked(sources.secrets.get(secret.get("secretName") or "", {}), secret.get("items"))
    if downward := volume.get("downwardAPI"):
        return {item["path"]: reference(item, pod, container, node) for item in downward.get("items") or ()}
    found: dict[str, str | None] = {}
    for source in (volume.get("projected") or {}).get("sources") or ():
        found |= _projected(source, pod, container, node, sources)
    return found


def _projected(
    source: Manifest, pod: Manifest, container: Manifest, node: Manifest, sources: ConfigSources
) -> dict[str, str | None]:
    if token := source.get("serviceAccountToken"):
        return {token["path"]: f"a simulated token of {pod['metadata']['namespace']}"}
    if secret := source.get("secret"):
        source = {"secret": {**secret, "secretName": secret.get("name")}}
    return _volume(source, pod, container, node, sources)


def _picked(data: Data, items: list[Manifest] | None) -> dict[str, str | None]:
    if items is None:
        return dict(data)
    return {item["path"]: data[item["key"]] for item in items if item["key"] in data}
