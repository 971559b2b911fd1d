"""What every new pod is given, by whomever it was made."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.daemonset.pod_factory import pod_spec
from controller.engine.errors import Forbidden
from controller.engine.newpod import (
    TOKEN_PATH,
    admitted,
    authored,
    completed,
    patient,
    priority_refusal,
    with_topology,
)
from controller.engine.objects import DaemonSet
from tests.builders import daemonset_manifest
from tests.engine.admission.parts import container, created, pod


def made(**spec: Any) -> dict[str, Any]:
    """Return the spec of a new pod with one container."""
    return admitted(completed({"containers": [container()], **spec}), "7c9f8d6x2k")


def test_a_pod_with_a_place_says_where_that_is() -> None:
    """Zone and region of its node, whatever it said itself; other labels of the node are none of its own."""
    zone, region = "topology.kubernetes.io/zone", "topology.kubernetes.io/region"
    bare: dict[str, Any] = {"metadata": {"name": "a"}}
    assert with_topology(bare, {"disk": "ssd"}) is bare
    placed = with_topology(bare, {"disk": "ssd", zone: "z", region: "r"})
    assert placed["metadata"] == {"name": "a", "labels": {region: "r", zone: "z"}}
    own = {"metadata": {"labels": {"app": "a", zone: "mine"}}}
    assert with_topology(own, {zone: "z"})["metadata"]["labels"] == {"app": "a", zone: "z"}
    assert own["metadata"]["labels"][zone] == "mine"


def test_a_pod_gets_what_templates_do_not_have() -> None:
    """Priority, preemption, links to services and an account."""
    spec = made()
    assert (spec["priority"], spec["preemptionPolicy"]) == (0, "PreemptLowerPriority")
    assert spec["enableServiceLinks"] is True
    assert spec["serviceAccount"] == spec["serviceAccountName"] == "default"
    assert made(serviceAccountName="robot")["serviceAccount"] == "robot"


def test_every_container_has_the_token_of_its_account() -> None:
    """The plugin ServiceAccount: a projected volume, mounted where clients look for it."""
    spec = made(initContainers=[container(name="first")], volumes=[{"name": "own", "emptyDir": {}}])
    own, token = spec["volumes"]
    assert own == {"name": "own", "emptyDir": {}}
    assert token["name"] == "kube-api-access-d6x2k"
    sources = token["projected"]["sources"]
    assert [next(iter(each)) for each in sources] == ["serviceAccountToken", "configMap", "downwardAPI"]
    assert sources[0]["serviceAccountToken"] == {"expirationSeconds": 3607, "path": "token"}
    mount = {"name": token["name"], "readOnly": True, "mountPath": TOKEN_PATH}
    for field in ("containers", "initContainers"):
        assert spec[field][0]["volumeMounts"] == [mount]


def test_a_token_that_is_not_wanted_or_there_already_is_not_added() -> None:
    """A pod may do without, and a container may bring its own."""
    assert "volumes" not in made(automountServiceAccountToken=False)
    own = {"name": "mine", "mountPath": TOKEN_PATH}
    spec = made(containers=[container(volumeMounts=[own])])
    assert spec["containers"][0]["volumeMounts"] == [own]
    again = admitted(made(), "another")
    assert again == made()


@pytest.mark.parametrize(
    ("name", "value"), [("system-node-critical", 2_000_001_000), ("system-cluster-critical", 2_000_000_000)]
)
def test_a_priority_class_gives_its_value(name: str, value: int) -> None:
    """The plugin Priority, for the classes that every cluster has."""
    spec = {"priorityClassName": name}
    assert priority_refusal(spec) == ""
    assert priority_refusal({**spec, "priority": value}) == ""
    assert made(**spec)["priority"] == value
    assert created(pod(**spec))["spec"]["priority"] == value


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"priorityClassName": "high"}, "no PriorityClass with name high was found"),
        (
            {"priority": 5},
            (
                "the integer value of priority (5) must not be provided in pod spec; "
                "priority admission controller computed 0 from the given PriorityClass name"
            ),
        ),
        (
            {"preemptionPolicy": "Never"},
            (
                "the string value of PreemptionPolicy (Never) must not be provided in pod spec; "
                "priority admission controller computed PreemptLowerPriority "
                "from the given PriorityClass name"
            ),
        ),
    ],
)
def test_another_priority_is_refused(spec: dict[str, Any], told: str) -> None:
    """In the server's words."""
    with pytest.raises(Forbidden, match="is forbidden") as refused:
        created(pod(**spec))
    assert str(refused.value) == f'pods "{pod()["metadata"]["name"]}" is forbidden: {told}'


def test_limits_are_asked_for_and_ports_are_the_nodes() -> None:
    """A limit is a request where there is none; on the host's network each port is one of the host's."""
    box = container(resources={"limits": {"cpu": "1"}}, ports=[{"containerPort": 80}])
    first = made(containers=[box], hostNetwork=True)["containers"][0]
    assert first["resources"]["requests"] == {"cpu": "1"}
    assert first["ports"] == [{"containerPort": 80, "hostPort": 80}]


def test_pods_of_a_revision_share_their_spec() -> None:
    """One volume's name for a revision, so that a thousand pods hold one list of volumes."""
    ds = DaemonSet.read(daemonset_manifest(), {})
    spec = pod_spec(ds, "5d4f8c7b9")
    assert spec["volumes"][-1]["name"] == "kube-api-access-8c7b9"


def test_what_plugins_wrote_is_not_the_authors() -> None:
    """An author owns what they sent and its defaults; not tolerations, account, priority and token."""
    sent: dict[str, Any] = {
        "serviceAccountName": "mine",
        "volumes": [{"name": "data"}],
        "containers": [{"name": "a", "volumeMounts": [{"name": "data", "mountPath": "/d"}]}],
    }
    spec = admitted(patient(completed(sent)), "abcde")
    left = authored(spec, sent)
    assert {"tolerations", "priority", "preemptionPolicy"} <= spec.keys() - left.keys()
    assert (left["serviceAccount"], left["volumes"]) == ("mine", [{"name": "data"}])
    assert left["containers"][0]["volumeMounts"] == sent["containers"][0]["volumeMounts"]
    bare = authored(spec, {"containers": []})
    assert "serviceAccountName" not in bare
    assert bare["enableServiceLinks"] is True


def test_the_volume_of_the_token_is_named_as_if_generated() -> None:
    """Also where it ends in a uid, whose digits are not all among their letters."""
    named = admitted({"containers": [{"name": "main"}]}, "0a1b2c3d-0a1e3")
    assert named["volumes"][0]["name"] == "kube-api-access-xkzmw"
