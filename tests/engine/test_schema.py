"""The table of types says what Kubernetes publishes."""

from __future__ import annotations

import re

import pytest

from controller.engine.cluster.nodes import VERSION
from controller.engine.kinds import KINDS
from controller.engine.schema import UNKNOWN, Field, field_of, fields_of, member_of, named, version


@pytest.mark.parametrize(
    ("owner", "name", "field"),
    [
        ("Container", "image", Field("")),
        ("Container", "name", Field("", required=True)),
        ("Container", "imagePullPolicy", Field("", enum=("Always", "IfNotPresent", "Never"))),
        ("Container", "env", Field("[]EnvVar", patch_key="name", map_keys=("name",))),
        (
            "Container",
            "ports",
            Field("[]ContainerPort", patch_key="containerPort", map_keys=("containerPort", "protocol")),
        ),
        ("Container", "tty", Field("bool", omits_zero=True)),
        ("PodSpec", "nodeSelector", Field("{}", atomic=True)),
        ("PodSpec", "tolerations", Field("[]Toleration")),
        ("ObjectMeta", "finalizers", Field("[]", patch_key="", is_set=True)),
        ("DaemonSetSpec", "selector", Field("LabelSelector", atomic=True, required=True)),
        ("Secret", "data", Field("{}bytes")),
        ("{}Quantity", "cpu", Field("Quantity")),
        ("Pod", "nonsense", UNKNOWN),
        ("any", "spec", UNKNOWN),
    ],
)
def test_a_field_has_its_type_and_its_rules(owner: str, name: str, field: Field) -> None:
    """Types, keys and values are those of the published documents."""
    assert field_of(owner, name) == field


def test_a_member_has_the_type_of_its_list() -> None:
    """Nothing is known of the members of what is no list."""
    assert member_of("[]EnvVar") == "EnvVar"
    assert member_of("EnvVar") == "any"


def test_two_types_of_one_name_are_told_apart() -> None:
    """The kind of the first group keeps its name; the other is called by its group and version."""
    assert named("k8s.io.api.core.v1.Event") == "Event"
    assert named("k8s.io.api.events.v1.Event") == "events.v1.Event"
    assert "involvedObject" in fields_of("Event")
    assert "regarding" in fields_of("events.v1.Event")


def test_every_kind_that_is_served_is_in_the_table() -> None:
    """Serving a kind is a row of the table of kinds: its types are there."""
    assert [kind for kind in KINDS if "metadata" not in fields_of(kind)] == []


def test_the_types_are_of_the_version_that_nodes_report() -> None:
    """One version of Kubernetes is simulated."""
    assert re.match(r"v(\d+\.\d+)", VERSION).group(1) == version().rpartition(".")[0]  # type: ignore[union-attr]
