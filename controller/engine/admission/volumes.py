"""The rules of a pod's volumes and of their mounts in containers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import (
    duplicate,
    each_invalid,
    forbidden,
    invalid,
    not_found,
    required,
    unsupported,
)
from controller.engine.errors import Cause
from controller.engine.matching.quantities import quantity
from controller.engine.objects import Manifest

Rule = Callable[[Manifest, str], Iterator[Cause]]

HOST_PATH_TYPES = (
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
)
PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
HIGHEST_MODE = 0o777


def volumes_faults(volumes: list[Manifest], path: str) -> Iterator[Cause]:
    """Yield what is wrong with ``spec.volumes``."""
    seen = set[str]()
    for index, volume in enumerate(volumes):
        at, name = f"{path}[{index}]", volume.get("name", "")
        faults = [*source_faults(volume, at), *_name_faults(name, f"{at}.name")]
        if name in seen:
            faults.append(duplicate(f"{at}.name", name))
        if not faults:
            seen.add(name)
        yield from faults


def sound_volumes(volumes: list[Manifest]) -> frozenset[str]:
    """Return the names that mounts can use: those of volumes without a fault of their own."""
    return frozenset(volume["name"] for volume in volumes if not list(volumes_faults([volume], "")))


def _name_faults(name: str, path: str) -> Iterator[Cause]:
    if name:
        yield from each_invalid(path, name, grammar.label(name))
    else:
        yield required(path)


def source_faults(volume: Manifest, path: str) -> Iterator[Cause]:
    """Yield what is wrong with where a volume is: all its fields but its name."""
    sources = [field for field in volume if field != "name"]
    for index, source in enumerate(sources):
        at = f"{path}.{source}"
        if index:
            yield forbidden(at, "may not specify more than 1 volume type")
        elif source in SOURCES:
            yield from SOURCES[source](volume[source], at)


def _needs(field: str, source: Manifest, path: str) -> Iterator[Cause]:
    if not source.get(field):
        yield required(f"{path}.{field}")


def _backsteps_faults(location: str, path: str) -> Iterator[Cause]:
    if ".." in location.split("/"):
        yield invalid(path, location, "must not contain '..'")


def _relative_faults(location: str, path: str) -> Iterator[Cause]:
    if location.startswith("/"):
        yield invalid(path, location, "must be a relative path")
    yield from _backsteps_faults(location, path)


def _host_path_faults(source: Manifest, path: str) -> Iterator[Cause]:
    location = source.get("path", "")
    if not location:
        yield required(f"{path}.path")
        return
    yield from _backsteps_faults(location, f"{path}.path")
    if source.get("type", "") not in HOST_PATH_TYPES:
        yield unsupported(f"{path}.type", source["type"], HOST_PATH_TYPES)


def _mode_faults(source: Manifest, field: str, path: str) -> Iterator[Cause]:
    mode = source.get(field, 0)
    if not 0 <= mode <= HIGHEST_MODE:
        message = "must be a number between 0 and 0777 (octal), both inclusive"
        yield invalid(f"{path}.{field}", mode, message)


def _files_faults(field: str, source: Manifest, path: str) -> Iterator[Cause]:
    """Yield what is wrong with a Secret or ConfigMap volume, which ``field`` names."""
    yield from _needs(field, source, path)
    yield from _mode_faults(source, "defaultMode", path)
    for index, item in enumerate(source.get("items") or ()):
        at = f"{path}.items[{index}]"
        yield from _needs("key", item, at)
        yield from _needs("path", item, at)
        yield from _relative_faults(item.get("path", ""), f"{at}.path")
        yield from _mode_faults(item, "mode", at)


def _projected_faults(source: Manifest, path: str) -> Iterator[Cause]:
    yield from _mode_faults(source, "defaultMode", path)


def _empty_dir_faults(source: Manifest, path: str) -> Iterator[Cause]:
    if "sizeLimit" in source and quantity(source["sizeLimit"]) < 0:
        yield forbidden(f"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity")


SOURCES: dict[str, Rule] = {
    "emptyDir": _empty_dir_faults,
    "hostPath": _host_path_faults,
    "secret": partial(_files_faults, "secretName"),
    "configMap": partial(_files_faults, "name"),
    "downwardAPI": _projected_faults,
    "projected": _projected_faults,
    "persistentVolumeClaim": partial(_needs, "claimName"),
    "nfs": lambda source, path: iter([*_needs("server", source, path), *_needs("path", source, path)]),
    "csi": partial(_needs, "driver"),
}


def mounts_faults(mounts: list[Manifest], volumes: frozenset[str], path: str) -> Iterator[Cause]:
    """Yield what is wrong with a container's ``volumeMounts``; ``volumes`` are the pod's."""
    seen = set[str]()
    for index, mount in enumerate(mounts):
        at, name, target = f"{path}[{index}]", mount.get("name", ""), mount.get("mountPath", "")
        yield from _needs("name", mount, at)
        if name not in volumes:
            yield not_found(f"{at}.name", name)
        yield from _needs("mountPath", mount, at)
        if target in seen:
            yield invalid(f"{at}.mountPath", target, "must be unique")
        seen.add(target)
        yield from _sub_path_faults(mount, at)
        if mount.get("mountPropagation", "None") not in PROPAGATIONS:
            yield unsupported(f"{at}.mountPropagation", mount["mountPropagation"], PROPAGATIONS)


def _sub_path_faults(mount: Manifest, path: str) -> Iterator[Cause]:
    yield from _relative_faults(mount.get("subPath", ""), f"{path}.subPath")
    expression = mount.get("subPathExpr", "")
    if expression and mount.get("subPath"):
        yield invalid(f"{path}.subPathExpr", expression, "subPathExpr and subPath are mutually exclusive")
    yield from _relative_faults(expression, f"{path}.subPathExpr")
