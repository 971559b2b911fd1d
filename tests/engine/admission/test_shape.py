"""Reading wild JSON: unknown fields, wrong types, and what says nothing."""

from __future__ import annotations

import math
from typing import Any

import pytest

from controller.engine.admission.shape import SCALARS, read, strictly_typed, typed
from controller.engine.errors import BadRequest
from controller.engine.schema import fields_of, types
from tests.engine.admission.parts import container, daemonset, pod_spec

HEAD = 'DaemonSet in version "v1" cannot be handled as a DaemonSet: '


def nested(depth: int) -> dict[str, Any]:
    """Return a map in a map in a map."""
    return {"a": nested(depth - 1)} if depth else {}


@pytest.mark.parametrize(
    ("spec", "wrong"),
    [
        ({"minReadySeconds": "abc"}, 'spec.minReadySeconds: must be a whole number, not the text "abc"'),
        ({"minReadySeconds": 1.5}, "spec.minReadySeconds: must be a whole number, not the number 1.5"),
        ({"minReadySeconds": True}, "spec.minReadySeconds: must be a whole number, not true"),
        ({"minReadySeconds": 2**31}, "spec.minReadySeconds: must be a whole number of 32 bits, not a number"),
        ({"template": []}, "spec.template: must be a map of fields, not a list"),
        (
            {"template": {"spec": {"containers": {}}}},
            "spec.template.spec.containers: must be a list, not a map",
        ),
        (
            {"selector": {"matchLabels": []}},
            "spec.selector.matchLabels: must be a map of names and values, not a list",
        ),
        (
            {"selector": {"matchLabels": {"a": False}}},
            "spec.selector.matchLabels[a]: must be a text (in quotes), not false",
        ),
        (
            {"selector": {"matchLabels": {"a": 1}}},
            "spec.selector.matchLabels[a]: must be a text (in quotes), not a number",
        ),
        (
            {"template": {"spec": {"hostNetwork": "y"}}},
            'spec.template.spec.hostNetwork: must be true or false, not the text "y"',
        ),
        (
            {"updateStrategy": {"rollingUpdate": {"maxSurge": 1.5}}},
            "spec.updateStrategy.rollingUpdate.maxSurge: must be a whole number or a percentage",
        ),
        (
            {"template": {"metadata": {"deletionTimestamp": "2026-02-30T00:00:00Z"}}},
            (
                "spec.template.metadata.deletionTimestamp: must be a time such as 2026-01-31T09:30:00Z, "
                'not the text "2026-02-30T00:00:00Z"'
            ),
        ),
        (
            {"template": {"metadata": {"deletionTimestamp": "soon"}}},
            "spec.template.metadata.deletionTimestamp: must be a time such as 2026-01-31T09:30:00Z",
        ),
        (
            {"template": {"metadata": {"name": "\ud800"}}},
            "spec.template.metadata.name: must be a text of whole characters",
        ),
        (
            {"template": {"metadata": {"name": ["x"]}}},
            "spec.template.metadata.name: must be a text (in quotes), not a list",
        ),
    ],
)
def test_a_wrong_type_is_told_with_the_path_of_its_field(spec: dict[str, Any], wrong: str) -> None:
    """A sentence says where, what is wanted and what is there."""
    with pytest.raises(BadRequest) as refused:
        typed("DaemonSet", {"spec": spec})

    assert refused.value.sentence.startswith(HEAD + wrong)


@pytest.mark.parametrize("amount", ["1KiB", True, [], 2**63, math.nan, math.inf])
def test_a_wrong_amount_is_told(amount: object) -> None:
    """Resources are quantities."""
    manifest = daemonset(pod=pod_spec(containers=[container(resources={"limits": {"cpu": amount}})]))
    wrong = tuple(map(str, read("DaemonSet", manifest).wrong))

    assert [text.partition(": must be a quantity")[0] for text in wrong] == [
        "spec.template.spec.containers[0].resources.limits[cpu]"
    ]


@pytest.mark.parametrize("raw", [None, 1, "x", [], True])
def test_anything_but_an_object_is_told_or_empty(raw: object) -> None:
    """The reader takes any JSON at all."""
    reading = read("Node", raw)

    assert reading.manifest == {}
    assert bool(reading.wrong) == (raw is not None)


def test_every_wrong_type_is_listed() -> None:
    """One answer names all of them."""
    with pytest.raises(BadRequest) as refused:
        typed("DaemonSet", {"metadata": {"name": 1}, "spec": {"minReadySeconds": "x"}})

    assert refused.value.sentence == HEAD + (
        "metadata.name: must be a text (in quotes), not a number; "
        'spec.minReadySeconds: must be a whole number, not the text "x"'
    )


def test_unknown_fields_are_listed_by_a_strict_reading_and_dropped_by_another() -> None:
    """Clients choose: kubectl asks for strictness."""
    manifest = daemonset(replicas=3)
    manifest["spec"]["template"]["spec"]["containers"][0]["imgae"] = "x"
    manifest |= {5: {}}  # type: ignore[dict-item]  # JSON has no such key, callers might
    paths = ["5", "spec.replicas", "spec.template.spec.containers[0].imgae"]
    said = ", ".join(f'unknown field "{path}"' for path in paths)
    with pytest.raises(BadRequest) as refused:
        strictly_typed("DaemonSet", manifest)

    assert refused.value.sentence == f"{HEAD}strict decoding error: {said}"
    assert "replicas" not in typed("DaemonSet", manifest)["spec"]


def test_wrong_types_come_before_unknown_fields() -> None:
    """What cannot be read at all is told first."""
    with pytest.raises(BadRequest) as refused:
        strictly_typed("Node", {"spec": {"unschedulable": 1, "colour": "red"}})

    assert "unknown field" not in refused.value.sentence


def test_fields_that_say_nothing_are_left_out() -> None:
    """null, "", empty lists and maps, and a false or a zero that is the default make no difference."""
    silent = {"nodeSelector": {}, "tolerations": [], "nodeName": "", "hostNetwork": False, "affinity": None}
    kept = {"securityContext": {}, "terminationGracePeriodSeconds": 0, "automountServiceAccountToken": False}

    assert typed("Pod", {"spec": {**silent, **kept}})["spec"] == kept


def test_null_in_a_list_or_map_is_the_empty_value() -> None:
    """As Go reads it: an empty text, an empty object, a zero."""
    spec = {"containers": [None, {"args": [None]}], "nodeSelector": {"a": None}, "overhead": {"cpu": None}}

    assert typed("Pod", {"spec": spec})["spec"] == {
        "containers": [{}, {"args": [""]}],
        "nodeSelector": {"a": ""},
        "overhead": {"cpu": "0"},
    }


def test_numbers_that_are_whole_are_whole_numbers() -> None:
    """YAML and JavaScript write 3.0 for 3."""
    assert typed("DaemonSet", {"spec": {"minReadySeconds": 3.0}})["spec"] == {"minReadySeconds": 3}


def test_long_texts_are_cut_in_messages() -> None:
    """A message is for reading."""
    assert read("DaemonSet", {"spec": {"minReadySeconds": "x" * 100}}).wrong[0].message == (
        f'must be a whole number, not the text "{"x" * 40}..."'
    )


def test_the_data_of_a_revision_is_any_map_that_can_be_written_again() -> None:
    """It has no type of its own, but limits: depth, whole texts, finite numbers of 64 bits."""
    sound = {"a": [1, 1.5, "x", None, True, {"b": []}]}

    assert typed("ControllerRevision", {"data": sound})["data"] == sound
    assert read("ControllerRevision", {"data": nested(60)}).wrong == ()
    wild: list[Any] = [[], nested(70), {"a": math.inf}, {"a": 2**64}, {"a": "\ud800"}, {"\ud800": 1}]
    for data in wild:
        assert len(read("ControllerRevision", {"data": data}).wrong) == 1


def test_nulls_in_lists_and_maps_are_what_a_server_makes_of_them() -> None:
    """A null has no type, so it becomes the zero of the type that stands there."""
    extra = {"user": "ann", "extra": {"scopes": None}}
    assert read("SubjectAccessReview", {"spec": extra}).manifest["spec"]["extra"] == {"scopes": []}
    assert read("Secret", {"data": {"key": None}}).manifest["data"] == {"key": ""}


@pytest.mark.parametrize(
    ("kind", "spec", "left"),
    [
        ("Node", {"unschedulable": False, "podCIDR": "10.0.0.0/24"}, {"podCIDR": "10.0.0.0/24"}),
        ("DaemonSet", {"minReadySeconds": 0, "revisionHistoryLimit": 0}, {"revisionHistoryLimit": 0}),
        ("Service", {"healthCheckNodePort": 0, "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 0}}},
         {"sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 0}}}),
    ],
)  # fmt: skip
def test_a_zero_is_left_out_where_the_type_says_so(
    kind: str, spec: dict[str, Any], left: dict[str, Any]
) -> None:
    """Some fields tell zero from absence, others do not: as published, not by their names."""
    assert read(kind, {"spec": spec}).manifest["spec"] == left


def test_every_type_of_the_table_can_be_read() -> None:
    """Whatever a field's type is, it is in the table or a scalar."""
    for kind in types():
        for name, field in fields_of(kind).items():
            inner = field.type
            while inner.startswith(("[]", "{}")):
                inner = inner[2:]
            assert inner in SCALARS or fields_of(inner), f"{kind}.{name}"
