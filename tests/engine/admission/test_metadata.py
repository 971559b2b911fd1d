"""Metadata: names, namespaces, labels, annotations, owners and finalizers of every kind."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.admission.parts import created, daemonset, node, said, updated

OWNER = {"apiVersion": "v1", "kind": "Node", "name": "n1", "uid": "u1"}
TWO = (
    "metadata.ownerReferences: Invalid value: "
    '[{"apiVersion":"v1","kind":"Node","name":"n1","uid":"u1","controller":true},'
    '{"apiVersion":"v1","kind":"Node","name":"n1","uid":"u1","controller":true}]: '
    'Only one reference can have Controller set to true. Found "true" in references for Node/n1 and Node/n1'
)
FAULTS: list[tuple[dict[str, Any], list[str]]] = [
    ({"name": None}, ["metadata.name: Required value: name or generateName is required"]),
    ({"namespace": "Kube"}, ['metadata.namespace: Invalid value: "Kube": a lowercase RFC 1123 label']),
    ({"generateName": "A-"}, ['metadata.generateName: Invalid value: "A-": a lowercase RFC 1123 subdomain']),
    (
        {"labels": {"a/b/c": "x y"}},
        ['metadata.labels: Invalid value: "a/b/c"', 'metadata.labels: Invalid value: "x y"'],
    ),
    ({"annotations": {"a b": "free text"}}, ['metadata.annotations: Invalid value: "a b": name part must']),
    (
        {"annotations": {"a": "x" * 262144}},
        ["metadata.annotations: Too long: may not be more than 262144 bytes"],
    ),
    ({"ownerReferences": [{**OWNER, "controller": True}] * 2}, [TWO]),
    (
        {"ownerReferences": [{}]},
        [
            'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
            'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
            'metadata.ownerReferences.name: Invalid value: "": must not be empty',
            'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
        ],
    ),
    (
        {"ownerReferences": [{"kind": "Event", "apiVersion": "v1"}]},
        [
            'metadata.ownerReferences.name: Invalid value: "": must not be empty',
            'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
            'metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"","uid":""}',
        ],
    ),
    (
        {"finalizers": ["a b"]},
        [
            'metadata.finalizers: Invalid value: "a b": name part must',
            'metadata.finalizers[0]: Invalid value: "a b": name is neither a standard finalizer',
        ],
    ),
    (
        {"finalizers": ["orphan", "held"]},
        ['metadata.finalizers[1]: Invalid value: "held": name is neither a standard finalizer'],
    ),
    (
        {"finalizers": ["orphan", "foregroundDeletion"]},
        [
            (
                'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: '
                "finalizer orphan and foregroundDeletion cannot be both set"
            )
        ],
    ),
]


@pytest.mark.parametrize(("meta", "beginnings"), FAULTS)
def test_faulty_metadata_is_refused(meta: dict[str, Any], beginnings: list[str]) -> None:
    """Every fault in metadata is told with its path."""
    manifest = daemonset()
    manifest["metadata"] |= meta
    told = said(manifest)

    assert [text[: len(begin)] for text, begin in zip(told, beginnings, strict=True)] == beginnings


def test_annotation_keys_may_have_capitals() -> None:
    """The prefix of an annotation's key is compared without regard to case."""
    manifest = node()
    manifest["metadata"]["annotations"] = {"Example.com/Note": "x"}

    assert said(manifest) == []


def test_an_object_of_the_whole_cluster_has_no_namespace() -> None:
    """A node with a namespace is refused."""
    manifest = node()
    manifest["metadata"]["namespace"] = "default"

    assert said(manifest) == ["metadata.namespace: Forbidden: not allowed on this type"]


def test_name_namespace_and_uid_are_fixed() -> None:
    """An update cannot rename, move or replace an object."""
    old, new = created(daemonset()), daemonset(name="b")
    new["metadata"] |= {"namespace": "kube-system", "uid": "other"}

    assert said(new, old) == [
        'metadata.name: Invalid value: "b": field is immutable',
        'metadata.namespace: Invalid value: "kube-system": field is immutable',
        'metadata.uid: Invalid value: "other": field is immutable',
    ]


def test_an_object_that_goes_takes_no_new_finalizers() -> None:
    """Once deletion has begun, finalizers can only be taken away."""
    old = created(daemonset())
    old["metadata"] |= {"deletionTimestamp": "2026-01-31T09:30:00Z", "finalizers": ["foregroundDeletion"]}
    more, fewer = daemonset(), daemonset()
    more["metadata"]["finalizers"] = ["foregroundDeletion", "example.com/b", "example.com/a"]

    assert said(more, old) == [
        (
            "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, "
            'found new finalizers []string{"example.com/a", "example.com/b"}'
        )
    ]
    assert "finalizers" not in updated(old, fewer)["metadata"]
    assert updated(old, fewer)["metadata"]["deletionTimestamp"] == "2026-01-31T09:30:00Z"
