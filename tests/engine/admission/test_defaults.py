"""What the API server fills in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from controller.engine.admission.defaults import pull_policy
from controller.engine.objects import Manifest
from tests.engine.admission.parts import container, created, daemonset, node, pod, pod_spec

RECORDED = Path(__file__).parents[2] / "conformance/recorded/default-tolerations.json"
PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}


def template_spec(**fields: Any) -> Manifest:
    """Return the pod spec of a new set's template."""
    spec: Manifest = created(daemonset(pod=pod_spec(**fields)))["spec"]["template"]["spec"]
    return spec


def filled_container(**fields: Any) -> Manifest:
    """Return the only container of a new set's template."""
    found: Manifest = template_spec(containers=[container(**fields)])["containers"][0]
    return found


def recorded_template() -> Manifest:
    """Return the template that the real server kept for a plain set, as its revision holds it."""
    steps = json.loads(RECORDED.read_text())
    text = next(
        step["stdout"][0] for step in steps if "controllerrevisions" in step.get("run", "") and step["stdout"]
    )
    data: Manifest = json.loads(text)["spec"]["template"]
    return data


def test_a_template_is_completed_as_the_real_server_completes_it() -> None:
    """Template and defaults are byte for byte those of a recorded revision."""
    recorded = recorded_template()
    written = daemonset(
        selector={"matchLabels": {"app": "agent"}},
        template={
            "metadata": {"labels": {"app": "agent"}},
            "spec": {"containers": [{"name": "main", "image": "agent:1"}]},
        },
    )
    template = created(written)["spec"]["template"]

    assert json.dumps({"$patch": "replace", **template}, sort_keys=True) == json.dumps(
        recorded, sort_keys=True
    )


def test_a_set_rolls_one_by_one_and_keeps_ten_revisions() -> None:
    """The strategy is RollingUpdate of one unavailable pod; zero minReadySeconds is not written."""
    spec = created(daemonset(minReadySeconds=0))["spec"]

    assert spec["updateStrategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1},
    }
    assert spec["revisionHistoryLimit"] == 10
    assert "minReadySeconds" not in spec


def test_idle_zeros_of_a_percentage_are_dropped() -> None:
    """However many there are, the share can be computed."""
    rolling = {"maxUnavailable": "0" * 5000 + "%", "maxSurge": "0" * 5000 + "5%"}
    strategy = created(daemonset(updateStrategy={"rollingUpdate": rolling}))["spec"]["updateStrategy"]

    assert strategy["rollingUpdate"] == {"maxUnavailable": "0%", "maxSurge": "5%"}


def test_on_delete_gets_no_rolling_update() -> None:
    """Only a rolling update is filled in."""
    assert created(daemonset(updateStrategy={"type": "OnDelete"}))["spec"]["updateStrategy"] == {
        "type": "OnDelete"
    }


def test_the_numbers_of_a_rolling_update_are_kept_under_another_strategy() -> None:
    """The server's type holds both, so the one that was not sent is written as 0."""
    strategy = {"type": "OnDelete", "rollingUpdate": {"maxUnavailable": 2}}

    assert created(daemonset(updateStrategy=strategy))["spec"]["updateStrategy"] == {
        "type": "OnDelete",
        "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 2},
    }


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("registry:5000/nginx", "Always"),
        ("registry:5000/nginx:1", "IfNotPresent"),
        ("nginx@sha256:0123", "IfNotPresent"),
        ("nginx:latest@sha256:0123", "Always"),
    ],
)
def test_the_tag_decides_when_an_image_is_pulled(image: str, policy: str) -> None:
    """A tag that moves is pulled always, any other only if it is not there."""
    assert pull_policy(image) == policy


def test_probes_ports_and_variables_are_completed() -> None:
    """Numbers of probes, schemes, protocols and API versions of field references."""
    filled = filled_container(
        livenessProbe={"httpGet": {"port": 80}, "periodSeconds": 5},
        readinessProbe={"grpc": {"port": 80}},
        lifecycle={"preStop": {"httpGet": {"port": 80}}},
        ports=[{"containerPort": 80}],
        env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
    )

    assert filled["livenessProbe"] == {
        **PROBE,
        "periodSeconds": 5,
        "httpGet": {"port": 80, "path": "/", "scheme": "HTTP"},
    }
    assert filled["readinessProbe"] == {**PROBE, "grpc": {"port": 80, "service": ""}}
    assert filled["lifecycle"]["preStop"]["httpGet"] == {"port": 80, "path": "/", "scheme": "HTTP"}
    assert filled["ports"] == [{"containerPort": 80, "protocol": "TCP"}]
    assert filled["env"][0]["valueFrom"]["fieldRef"]["apiVersion"] == "v1"


def test_volumes_are_completed() -> None:
    """A volume without a source is an empty directory; files get a mode, host paths a type."""
    volumes = [
        {"name": "a"},
        {"name": "b", "hostPath": {"path": "/b"}},
        {"name": "c", "secret": {"secretName": "s"}},
    ]

    assert template_spec(volumes=volumes)["volumes"] == [
        {"name": "a", "emptyDir": {}},
        {"name": "b", "hostPath": {"path": "/b", "type": ""}},
        {"name": "c", "secret": {"secretName": "s", "defaultMode": 420}},
    ]


def test_the_old_name_of_the_service_account_is_kept_in_step() -> None:
    """ServiceAccount is another spelling of serviceAccountName."""
    for field in ("serviceAccount", "serviceAccountName"):
        spec = template_spec(**{field: "agent"})

        assert (spec["serviceAccount"], spec["serviceAccountName"]) == ("agent", "agent")


def test_a_negative_grace_period_counts_as_one_second() -> None:
    """Kubelets take it so; no later time can be computed from a negative one."""
    assert template_spec(terminationGracePeriodSeconds=-5)["terminationGracePeriodSeconds"] == 1
    assert template_spec(terminationGracePeriodSeconds=0)["terminationGracePeriodSeconds"] == 0


def test_a_bare_pod_is_patient_with_its_node() -> None:
    """It outlives five minutes of a lost node, unless it says otherwise for that taint."""
    keys = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]
    own = {"key": keys[0], "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}
    plain = created(pod())["spec"]["tolerations"]
    hurried = created(pod(tolerations=[own]))["spec"]["tolerations"]

    assert [(one["key"], one["tolerationSeconds"]) for one in plain] == [(key, 300) for key in keys]
    assert hurried == [own, plain[1]]
    assert created(pod(tolerations=[{"operator": "Exists"}]))["spec"]["tolerations"] == [
        {"operator": "Exists"}
    ]


def test_a_bare_pod_gets_what_templates_do_not() -> None:
    """Account, priority, requests from limits, and its ports on the host's network."""
    limits = {"cpu": "1", "memory": "1Gi"}
    resources = {"limits": limits, "requests": {"cpu": "500m"}}
    spec = created(
        pod(
            hostNetwork=True,
            containers=[container(resources=resources, ports=[{"containerPort": 80}, {"name": "x"}][:1])],
            initContainers=[container(name="init")],
        )
    )["spec"]

    assert spec["serviceAccountName"] == spec["serviceAccount"] == "default"
    assert (spec["priority"], spec["preemptionPolicy"], spec["enableServiceLinks"]) == (
        0,
        "PreemptLowerPriority",
        True,
    )
    assert spec["containers"][0]["resources"] == {
        "limits": limits,
        "requests": {"cpu": "500m", "memory": "1Gi"},
    }
    assert spec["containers"][0]["ports"] == [{"containerPort": 80, "hostPort": 80, "protocol": "TCP"}]
    assert "hostPort" not in filled_container(ports=[{"containerPort": 80}])["ports"][0]


def test_a_namespace_is_labelled_with_its_name() -> None:
    """Selectors of namespaces find it by that label."""
    made = created({"kind": "Namespace", "metadata": {"name": "team", "labels": {"a": "b"}}})

    assert made["metadata"]["labels"] == {"a": "b", "kubernetes.io/metadata.name": "team"}
    assert made["spec"] == {"finalizers": ["kubernetes"]}
    assert made["status"] == {"phase": "Active"}


def test_what_a_node_can_give_is_what_it_has_unless_it_says_less() -> None:
    """Allocatable is copied from capacity only if it is left out."""
    manifest = node()
    manifest["status"] = {"capacity": {"cpu": "4"}, "allocatable": {"cpu": "3"}}

    assert created(manifest)["status"]["allocatable"] == {"cpu": "3"}
