"""Volumes and their mounts.

Each row of a table is one fault, set into a spec that nothing else is wrong with, and how the words
for it begin; test_grammar has the whole of the long ones.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.admission.parts import Fault, begin, container, said_of_pod

LABEL = "a lowercase RFC 1123 label must consist of"


VOLUMES: list[Fault] = [
    ({"emptyDir": {}}, ["volumes[0].name: Required value"]),
    (
        {"name": "a", "emptyDir": {"sizeLimit": "-1"}},
        ["volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity"],
    ),
    ({"name": "A"}, [f'volumes[0].name: Invalid value: "A": {LABEL}']),
    (
        {"name": "a", "emptyDir": {}, "hostPath": {"path": "/a"}},
        ["volumes[0].hostPath: Forbidden: may not specify more than 1 volume type"],
    ),
    ({"name": "a", "hostPath": {}}, ["volumes[0].hostPath.path: Required value"]),
    (
        {"name": "a", "hostPath": {"path": "/a/../b", "type": "Door"}},
        [
            "volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'",
            'volumes[0].hostPath.type: Unsupported value: "Door": supported values: "", "BlockDevice",',
        ],
    ),
    ({"name": "a", "secret": {}}, ["volumes[0].secret.secretName: Required value"]),
    (
        {
            "name": "a",
            "configMap": {"name": "c", "defaultMode": 0o1000, "items": [{"path": "/a", "mode": -1}]},
        },
        [
            "volumes[0].configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777",
            "volumes[0].configMap.items[0].key: Required value",
            'volumes[0].configMap.items[0].path: Invalid value: "/a": must be a relative path',
            "volumes[0].configMap.items[0].mode: Invalid value: -1: must be a number between 0 and 0777",
        ],
    ),
    (
        {"name": "a", "projected": {"defaultMode": -1}},
        ["volumes[0].projected.defaultMode: Invalid value: -1: must be a number between 0 and 0777"],
    ),
    (
        {"name": "a", "persistentVolumeClaim": {}},
        ["volumes[0].persistentVolumeClaim.claimName: Required value"],
    ),
    (
        {"name": "a", "nfs": {}},
        ["volumes[0].nfs.server: Required value", "volumes[0].nfs.path: Required value"],
    ),
    ({"name": "a", "csi": {}}, ["volumes[0].csi.driver: Required value"]),
]


@pytest.mark.parametrize(("volume", "beginnings"), VOLUMES)
def test_a_faulty_volume_is_refused(volume: dict[str, Any], beginnings: list[str]) -> None:
    """A volume has a name and one source, whose own rules hold."""
    assert begin(said_of_pod(volumes=[volume]), beginnings)


MOUNTS: list[Fault] = [
    ({"name": "b"}, ['name: Not found: "b"']),
    ({"subPath": "/a"}, ['subPath: Invalid value: "/a": must be a relative path']),
    (
        {"subPath": "a", "subPathExpr": "../b"},
        [
            'subPathExpr: Invalid value: "../b": subPathExpr and subPath are mutually exclusive',
            "subPathExpr: Invalid value: \"../b\": must not contain '..'",
        ],
    ),
    (
        {"mountPropagation": "Wild"},
        [
            (
                'mountPropagation: Unsupported value: "Wild": '
                'supported values: "Bidirectional", "HostToContainer", "None"'
            )
        ],
    ),
]


@pytest.mark.parametrize(("fields", "told"), MOUNTS)
def test_a_faulty_mount_is_refused(fields: dict[str, Any], told: list[str]) -> None:
    """A mount names a volume of its pod and stays inside of it."""
    mount = {"name": "a", "mountPath": "/a", **fields}
    faults = said_of_pod(
        volumes=[{"name": "a", "emptyDir": {}}], containers=[container(volumeMounts=[mount])]
    )

    assert [fault.removeprefix("containers[0].volumeMounts[0].") for fault in faults] == told


def test_a_path_is_mounted_once() -> None:
    """Two mounts of one container cannot share their path."""
    mounts = [{"name": name, "mountPath": "/a"} for name in ("a", "b")]
    volumes = [{"name": "a"}, {"name": "b", "hostPath": {"path": "/b", "type": "Directory"}}]

    assert said_of_pod(volumes=volumes, containers=[container(volumeMounts=mounts)]) == [
        'containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique'
    ]


def test_names_of_volumes_and_containers_are_unique() -> None:
    """A second one of the same name is told, among the init containers too."""
    told = said_of_pod(
        volumes=[{"name": "a"}, {"name": "a"}],
        containers=[container(), container()],
        initContainers=[container()],
    )

    assert told == [
        'volumes[1].name: Duplicate value: "a"',
        'containers[1].name: Duplicate value: "main"',
        'initContainers[0].name: Duplicate value: "main"',
    ]
