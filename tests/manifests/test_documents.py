"""Objects in a text: their kinds, their fields, and every fault of all of them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from controller.engine.errors import BadRequest, Refused, TooLarge
from controller.engine.kinds import KINDS
from controller.manifests import Document, read_documents
from tests.engine.admission.parts import created
from tests.engine.admission.untrusted import wounded

NODE = "apiVersion: v1\nkind: Node\nmetadata: {name: %s}\n"


def refusal(text: str) -> str:
    """Return the sentence with which a text is refused."""
    with pytest.raises(BadRequest) as refused:
        read_documents(text)
    return refused.value.sentence


def test_a_text_may_hold_several_objects() -> None:
    """Documents and lists, in their order, each with the line on which it begins."""
    listed = '{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Namespace"}]}'

    assert read_documents(NODE % "a" + "---\n" + NODE % "b" + f"---\n{listed}") == [
        Document("Node", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}}, 1),
        Document("Node", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "b"}}, 5, 2),
        Document("Namespace", {"apiVersion": "v1", "kind": "Namespace"}, 9, 3),
    ]


KNOWN = ", ".join(sorted(KINDS))


@pytest.mark.parametrize("version", ["extensions/v1beta1", "apps/v1beta1", "apps/v1beta2"])
def test_a_removed_version_is_named_with_the_line_to_write(version: str) -> None:
    """Old manifests are recognised."""
    assert refusal(f"apiVersion: {version}\nkind: DaemonSet\n") == (
        f'Line 1: no matches for kind "DaemonSet" in version "{version}": '
        'Kubernetes removed it; write "apiVersion: apps/v1"'
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "apiVersion: v1\nkind: DaemonSet",
            'Line 1: no matches for kind "DaemonSet" in version "v1": write "apiVersion: apps/v1"',
        ),
        (
            "apiVersion: apps/v1beta1\nkind: Node",
            'Line 1: no matches for kind "Node" in version "apps/v1beta1": write "apiVersion: v1"',
        ),
        (
            "apiVersion: apps/v1\nkind: daemonset",
            'Line 1: no matches for kind "daemonset" in version "apps/v1": write "kind: DaemonSet"',
        ),
        (
            "apiVersion: example.com/v1\nkind: Dragon",
            (
                'Line 1: no matches for kind "Dragon" in version "example.com/v1": '
                f"a simulated cluster knows {KNOWN}"
            ),
        ),
        ("metadata: {}", "Line 1: apiVersion and kind are missing"),
        ("kind: Node", "Line 1: apiVersion is missing"),
        ("apiVersion: v1\nkind: ''", "Line 1: kind is missing"),
        ("apiVersion: 1\nkind: [Node]", "Line 1: apiVersion and kind are texts, not a number and a list"),
        ("just words", 'Line 1: an object with apiVersion and kind is wanted, not the text "just words"'),
        ("", "The text holds no object: write at least apiVersion, kind and metadata.name"),
        (
            NODE % "a" + "colour: red\nspec: {wheels: 4}",
            'Line 4: unknown field "colour"\nLine 5: unknown field "spec.wheels"',
        ),
        (
            NODE % "a" + "spec: {unschedulable: 1}",
            "Line 4: spec.unschedulable: must be true or false, not a number",
        ),
    ],
)
def test_what_is_no_object_of_a_known_kind_is_told(text: str, sentence: str) -> None:
    """The sentence says what to write instead, where that can be known."""
    assert refusal(text) == sentence


def test_keys_of_maps_are_steps_of_a_path() -> None:
    """Whatever stands in brackets is one step, dots and slashes included."""
    text = NODE % "a" + "status:\n  capacity:\n    cpu: 1\n    example.com/gpu: [x]\n"

    assert refusal(text).startswith("Line 7: status.capacity[example.com/gpu]: must be a quantity")


def test_the_faults_of_all_objects_are_listed() -> None:
    """One answer for the whole text, a line for each object that is wrong."""
    text = "kind: Node\n---\n" + NODE % "b" + "---\n" + NODE % "c" + "colour: red\n"

    assert refusal(text) == (
        'Document 1, line 1: apiVersion is missing\nDocument 3, line 10: unknown field "colour"'
    )


def test_at_most_two_hundred_objects_are_taken_at_once() -> None:
    """One more is refused before any is looked at."""
    many = "---\n".join([NODE % "a"] * 200)

    assert len(read_documents(many)) == 200
    with pytest.raises(TooLarge, match="holds 201 objects; at most 200"):
        read_documents(many + "---\n" + NODE % "a")


@given(wounded())
def test_any_object_is_read_or_refused(manifest: dict[str, object]) -> None:
    """Whatever is wrong in it; JSON is YAML too."""
    try:
        (found,) = read_documents(json.dumps(manifest))
        created({**found.manifest, "kind": found.kind})
    except Refused as refused:
        assert refused.sentence  # noqa: PT017 - either way is right
