"""What a program finds around it in a container."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.container.environment import Environment, environment_of
from controller.engine.container.filesystem import ACCOUNT
from controller.engine.container.sources import ConfigSources
from controller.engine.objects import Manifest
from tests.builders import container, node_manifest
from tests.engine.container.printing import pod

SOURCES = ConfigSources({"settings": {"level": "high", "mode": "dry"}}, {"password": {"root": "secret"}})
NODE = node_manifest("n", capacity={"cpu": "4", "memory": "8Gi"})
NODE["status"] |= {
    "addresses": [{"type": "Hostname", "address": "n"}, {"type": "InternalIP", "address": "10.0.0.1"}],
    "nodeInfo": {"kernelVersion": "6.1.0"},
}


def inside(
    *volumes: Manifest, parts: Manifest | None = None, node: Manifest = NODE, **spec: Any
) -> Environment:
    """Return the inside of a container that mounts volumes at /0, /1 and so on."""
    named = [{"name": str(number), **volume} for number, volume in enumerate(volumes)]
    mounts = [{"name": each["name"], "mountPath": f"/{each['name']}"} for each in named]
    box = container(**{"volumeMounts": mounts, **(parts or {})})
    made = pod(containers=[box], volumes=named, **spec)
    made["status"]["podIP"] = "10.64.0.9"
    made["metadata"]["labels"] = {"app": "talker", "tier": "x"}
    return environment_of(made, box, node, SOURCES)


def variables(*entries: Manifest, **parts: Any) -> dict[str, str]:
    """Return the environment of a container with these variables."""
    return inside(parts={"env": list(entries), **parts}).variables


def from_field(path: str) -> Manifest:
    """Return a variable V from a field of the pod."""
    return {"name": "V", "valueFrom": {"fieldRef": {"fieldPath": path}}}


# -- volumes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("volume", "names"),
    [
        pytest.param({"emptyDir": {}}, [], id="empty"),
        pytest.param({"hostPath": {"path": "/var/log/"}}, ["containers", "journal", "pods"], id="machine"),
        pytest.param({"hostPath": {"path": "/srv"}}, [], id="some folder of the machine"),
        pytest.param({"persistentVolumeClaim": {"claimName": "x"}}, [], id="claim"),
        pytest.param({"configMap": {"name": "settings"}}, ["level", "mode"], id="config map"),
        pytest.param({"configMap": {"name": "else", "optional": True}}, [], id="no config map"),
        pytest.param({"secret": {"secretName": "password"}}, ["root"], id="secret"),
        pytest.param(
            {"configMap": {"name": "settings", "items": [{"key": "level", "path": "a/b"},
                                                         {"key": "none", "path": "c"}]}},
            ["a"],
            id="items",
        ),
        pytest.param(
            {
                "downwardAPI": {
                    "items": [{"path": "who", "fieldRef": {"fieldPath": "metadata.name"}}]
                }
            },
            ["who"],
            id="downward",
        ),
        pytest.param(
            {
                "projected": {
                    "sources": [
                        {"serviceAccountToken": {"path": "token"}},
                        {"secret": {"name": "password"}},
                        {"configMap": {"name": "settings"}},
                    ]
                }
            },
            ["level", "mode", "root", "token"],
            id="projected",
        ),
    ],
)  # fmt: skip
def test_a_volume_is_a_folder(volume: Manifest, names: list[str]) -> None:
    """With what its kind holds."""
    made = inside(volume)

    assert "/0" in made.folders
    assert made.listing("/0") == names


def test_files_of_volumes_have_their_contents() -> None:
    """Those of config maps and secrets, and folders within."""
    made = inside(
        {"configMap": {"name": "settings", "items": [{"key": "level", "path": "a/b"}]}},
        {"secret": {"secretName": "password"}},
    )

    assert made.files["/0/a/b"] == "high"
    assert "/0/a" in made.folders
    assert made.files["/1/root"] == "secret"


@pytest.mark.parametrize(("part", "files"), [("level", {"/etc/level": "high"}), ("none", {})])
def test_a_sub_path_mounts_one_file(part: str, files: dict[str, str]) -> None:
    """Where the mount is; one that is not there leaves an empty folder."""
    mounts = [{"name": "0", "mountPath": "/etc/level", "subPath": part}]
    made = inside({"configMap": {"name": "settings"}}, parts={"volumeMounts": mounts})

    assert {path: text for path, text in made.files.items() if "level" in path} == files
    assert ("/etc/level" in made.folders) is not bool(files)


def test_a_mount_of_no_volume_is_an_empty_folder() -> None:
    """Admission refuses it; a shell must not break on it."""
    assert inside(parts={"volumeMounts": [{"name": "x", "mountPath": "/x"}]}).listing("/x") == []


def test_every_container_has_its_account() -> None:
    """Unless the pod does not want it."""
    assert inside().files[f"{ACCOUNT}/namespace"] == "default"
    assert inside(serviceAccountName="robot").files[f"{ACCOUNT}/token"].endswith("default/robot")
    assert f"{ACCOUNT}/token" not in inside(automountServiceAccountToken=False).files


# -- host and user ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "name"),
    [({}, "talker"), ({"hostname": "other"}, "other"), ({"hostNetwork": True, "nodeName": "n"}, "n")],
)
def test_the_host_is_the_pod_or_its_machine(spec: dict[str, Any], name: str) -> None:
    """In the environment and in the files as well."""
    made = inside(**spec)

    assert made.hostname == made.variables["HOSTNAME"] == name
    assert made.files["/etc/hosts"].endswith(f"10.64.0.9\t{name}\n")


def test_the_user_is_what_the_pod_says_and_the_container_goes_before_it() -> None:
    """Root, if nobody says anything."""
    assert (inside().user, inside().group) == (0, 0)
    made = inside(
        parts={"securityContext": {"runAsUser": 7}}, securityContext={"runAsUser": 1, "runAsGroup": 3}
    )
    assert (made.user, made.group) == (7, 3)


def test_the_kernel_is_the_machines() -> None:
    """A machine that tells nothing has some."""
    assert inside().kernel == "6.1.0"
    assert inside(node={}).kernel == "6.12.0"


# -- environment -----------------------------------------------------------------------------------


def test_variables_may_use_those_before_them() -> None:
    """What nobody knows stays as it is."""
    made = variables({"name": "A", "value": "x"}, {"name": "B", "value": "$(A)-$(C)"}, {"name": "C"})

    assert (made["B"], made["C"]) == ("x-$(C)", "")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.name", "talker"),
        ("metadata.uid", "uid-talker"),
        ("spec.nodeName", "n"),
        ("spec.serviceAccountName", ""),
        ("status.podIP", "10.64.0.9"),
        ("status.podIPs", "10.64.0.9"),
        ("status.hostIP", "10.0.0.1"),
        ("metadata.labels['app']", "talker"),
        ("metadata.annotations['none']", ""),
        ("metadata.labels", 'app="talker"\ntier="x"\n'),
    ],
)
def test_variables_come_from_fields_of_the_pod(path: str, value: str) -> None:
    """What is not there is empty."""
    assert variables(from_field(path))["V"] == value


def test_a_machine_without_an_address_has_an_empty_one() -> None:
    """Simulated machines need none."""
    assert inside(parts={"env": [from_field("status.hostIP")]}, node={}).variables["V"] == ""


@pytest.mark.parametrize(
    ("ref", "value"),
    [
        ({"resource": "limits.cpu"}, "1"),
        ({"resource": "limits.cpu", "divisor": "1m"}, "500"),
        ({"resource": "requests.memory", "divisor": "1Mi"}, "64"),
        ({"resource": "requests.memory", "divisor": "0"}, "67108864"),
        ({"resource": "limits.memory", "divisor": "1Gi"}, "8"),
        ({"resource": "limits.ephemeral-storage"}, "0"),
    ],
)
def test_variables_come_from_resources(ref: dict[str, str], value: str) -> None:
    """Rounded up; what is not limited has all of the machine."""
    made = variables(
        {"name": "V", "valueFrom": {"resourceFieldRef": ref}},
        resources={"limits": {"cpu": "500m"}, "requests": {"memory": "64Mi"}},
    )

    assert made["V"] == value


def test_variables_come_from_config_maps_and_secrets() -> None:
    """One by one or all at once; what is not there is not set."""
    made = variables(
        {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "mode"}}},
        {"name": "B", "valueFrom": {"secretKeyRef": {"name": "password", "key": "root"}}},
        {"name": "C", "valueFrom": {"secretKeyRef": {"name": "none", "key": "root"}}},
        envFrom=[{"prefix": "P_", "configMapRef": {"name": "settings"}}, {"secretRef": {"name": "password"}}],
    )

    assert (made["A"], made["B"], made["P_level"], made["root"]) == ("dry", "secret", "high", "secret")
    assert "C" not in made
