"""What an audit entry tells of an edit: the fields, with their values before and after."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.edits.differences import LONGEST, differences
from controller.engine.objects import GENERATION_ANNOTATION, Manifest
from tests.builders import daemonset_manifest

META: Manifest = {"name": "one", "uid": "u", "resourceVersion": "3", "managedFields": [], "generation": 2}


def settings(**data: str) -> Manifest:
    """Return a ConfigMap that holds these."""
    return {"metadata": META, **({"data": data} if data else {})}


CASES: list[Any] = [
    pytest.param(settings(a="1"), settings(a="2"), [("data.a", "1", "2")], id="another value"),
    pytest.param(settings(), settings(a="1"), [("data.a", None, "1")], id="a new field"),
    pytest.param(settings(a="1", b="2"), settings(b="2"), [("data.a", "1", None)], id="a field that is gone"),
    pytest.param(settings(a="1"), settings(a="1"), [], id="nothing"),
    pytest.param(
        {"metadata": META, "data": {}}, settings(a="1"), [("data.a", None, "1")], id="a map that is filled"
    ),
    pytest.param(
        settings(a="x" * 100), settings(), [("data.a", "x" * (LONGEST - 1) + "…", None)], id="a long value"
    ),
    pytest.param(
        {**settings(), "metadata": {**META, "resourceVersion": "4", "generation": 3}, "status": {"a": 1}},
        settings(),
        [],
        id="what the server fills in",
    ),
]


@pytest.mark.parametrize(("before", "after", "told"), CASES)
def test_fields(before: Manifest, after: Manifest, told: list[object]) -> None:
    """Each field that differs is told once, with its values; what the server fills in is not."""
    assert differences("ConfigMap", before, after) == told


def test_creation_and_deletion_differ_in_everything() -> None:
    """An object that comes or goes differs in all that it holds."""
    assert differences("ConfigMap", None, settings(a="1")) == [("data.a", None, "1")]
    assert differences("ConfigMap", settings(a="1"), None) == [("data.a", "1", None)]


def test_members_of_lists() -> None:
    """A container is named by its name: a new one is told once, one that stays by its fields."""
    before = daemonset_manifest("agent")
    spec = before["spec"]["template"]["spec"]
    first = {**spec["containers"][0], "image": "agent:2"}
    news = {**spec, "containers": [first, {"name": "extra", "image": "extra:1"}]}
    after = {**before, "spec": {**before["spec"], "template": {**before["spec"]["template"], "spec": news}}}
    after["metadata"] = {**before["metadata"], "annotations": {GENERATION_ANNOTATION: "2"}}
    place = "spec.template.spec.containers"
    name, image = first["name"], spec["containers"][0]["image"]

    assert differences("DaemonSet", before, after) == [
        (f'{place}[name="{name}"].image', image, "agent:2"),
        (f'{place}[name="extra"]', None, '{"name":"extra","image":"extra:1"}'),
    ]


def test_secrets_are_not_told() -> None:
    """Of a Secret it is told which keys were changed, and never what they hold."""
    before, after = {"metadata": META, "data": {"a": "MQ=="}}, {"metadata": META, "data": {"a": "Mg=="}}
    assert differences("Secret", before, after) == [("data.a", None, None)]


def test_numbers_stay_numbers() -> None:
    """Numbers and truths are told as they are, not as text."""
    before = daemonset_manifest("agent")
    after = {**before, "spec": {**before["spec"], "minReadySeconds": 5}}
    assert ("spec.minReadySeconds", before["spec"].get("minReadySeconds"), 5) in differences(
        "DaemonSet", before, after
    )
