"""Containers and volumes as kubectl describe tells of them."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.objects import Manifest
from dashboard.present.podtemplates import probe_text, spec_parts, template_parts, toleration_text

SPEC: Manifest = {
    "serviceAccountName": "agent",
    "hostNetwork": True,
    "priorityClassName": "system-node-critical",
    "nodeSelector": {"disk": "ssd"},
    "initContainers": [{"name": "prepare", "image": "busybox", "command": ["sh", "-c", "exit 0"]}],
    "containers": [
        {
            "name": "main",
            "image": "nginx",
            "args": ["-v"],
            "ports": [
                {"containerPort": 80, "name": "web", "hostPort": 8080},
                {"containerPort": 53, "protocol": "UDP"},
            ],
            "resources": {"limits": {"memory": "1Gi", "cpu": "2"}, "requests": {"cpu": "1"}},
            "envFrom": [{"configMapRef": {"name": "words"}}, {"secretRef": {"name": "keys"}}],
            "env": [
                {"name": "PLAIN", "value": "a b"},
                {"name": "EMPTY"},
                {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
                {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
                {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "k"}}},
            ],
            "volumeMounts": [
                {"name": "data", "mountPath": "/data"},
                {"name": "log", "mountPath": "/log", "readOnly": True, "subPath": "a"},
            ],
        }
    ],
    "volumes": [
        {"name": "data", "persistentVolumeClaim": {"claimName": "disk"}},
        {"name": "log", "hostPath": {"path": "/var/log"}},
        {"name": "tmp", "emptyDir": {"medium": "Memory"}},
        {
            "name": "token",
            "projected": {"sources": [{"serviceAccountToken": {}}, {"configMap": {"name": "ca"}}]},
        },
        {"name": "odd", "quobyte": {}},
    ],
}


def told(parts: list[Any], title: str) -> dict[str, object]:
    """Return the facts of a part by their labels."""
    return {one.label: one.codes or one.value for part in parts if part.title == title for one in part.facts}


def test_what_concerns_all_containers() -> None:
    """Account, priority, selectors, tolerations and volumes; what is an object is a link."""
    parts = spec_parts("tried", "default", SPEC)
    general = told(parts, "")
    del general["Volume"]
    assert general == {
        "Service Account": "agent",
        "Host Network": "true",
        "Priority Class Name": "system-node-critical",
        "Node-Selectors": ("disk=ssd",),
        "Tolerations": "<none>",
    }
    volumes = [one for one in parts[0].facts if one.label == "Volume"]
    assert [one.value for one in volumes] == [
        "data: PersistentVolumeClaim disk",
        "log: HostPath /var/log",
        "tmp: EmptyDir Memory",
        "token: Projected serviceAccountToken, configMap ca",
        "odd: quobyte",
    ]
    assert volumes[0].url == "/clusters/tried/objects/persistentvolumeclaims/default/disk/"


def test_a_container() -> None:
    """Its image, ports, words, resources, environment and mounts; what it has not is left out."""
    parts = spec_parts("tried", "default", SPEC)
    assert told(parts, "Init Container prepare") == {"Image": "busybox", "Command": ("sh", "-c", "exit 0")}
    assert told(parts, "Container main") == {
        "Image": "nginx",
        "Ports": "80/TCP (web), Host Port 8080, 53/UDP",
        "Args": ("-v",),
        "Limits": "cpu: 2, memory: 1Gi",
        "Requests": "cpu: 1",
        "Environment Variables from": "ConfigMap words, Secret keys",
        "Environment": (
            "PLAIN: a b",
            "EMPTY: ",
            "NODE: (v1:spec.nodeName)",
            "CPU: (limits.cpu)",
            "KEY: <set to the key 'k' of secret 'keys'>",
        ),
        "Mounts": ("/data from data (rw)", '/log from log (ro, path="a")'),
    }


@pytest.mark.parametrize(
    ("probe", "words"),
    [
        ({"exec": {"command": ["cat", "/x"]}}, "exec [cat /x]"),
        ({"httpGet": {"port": 80, "path": "/up", "scheme": "HTTPS"}}, "http-get https://:80/up"),
        ({"tcpSocket": {"port": "web"}}, "tcp-socket :web"),
        ({"grpc": {"port": 9}}, "grpc <pod>:9"),
        ({}, "unknown"),
    ],
)
def test_probes(probe: Manifest, words: str) -> None:
    """What is asked, and the times, those that are not given by their defaults."""
    assert probe_text(probe) == f"{words} delay=0s timeout=1s period=10s #success=1 #failure=3"


@pytest.mark.parametrize(
    ("toleration", "words"),
    [
        ({"operator": "Exists"}, "op=Exists"),
        ({"key": "a", "value": "b", "effect": "NoSchedule"}, "a=b:NoSchedule"),
        (
            {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute",
             "tolerationSeconds": 300},
            "node.kubernetes.io/not-ready:NoExecute op=Exists for 300s",
        ),
    ],
)  # fmt: skip
def test_tolerations(toleration: Manifest, words: str) -> None:
    """They are written as kubectl does."""
    assert toleration_text(toleration) == words


def test_where_the_template_is() -> None:
    """A CronJob has it in that of its Jobs; what makes no pods has none."""
    template = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    job = {"metadata": {"namespace": "default"}, "spec": {"template": template}}
    assert told(template_parts("tried", job), "")["Labels"] == ("app=a",)
    assert told(template_parts("tried", {"metadata": {}, "spec": {"jobTemplate": job}}), "Container c")
    assert template_parts("tried", {"metadata": {}, "spec": {"ports": []}}) == []
    assert template_parts("tried", {"metadata": {}, "data": {}}) == []
