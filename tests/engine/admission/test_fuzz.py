"""Admission fears nothing: whatever is sent is taken or refused, and what is taken can be worked with."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.engine.daemonset.placement import Wants
from controller.engine.errors import Refused
from controller.engine.kinds import KINDS
from controller.engine.matching.labels import matches
from controller.engine.matching.quantities import bytes_of, int_or_percent
from controller.engine.objects import DaemonSet, Manifest, Node, Pod
from tests.engine.admission.parts import created, updated
from tests.engine.admission.untrusted import JSON, rich, typed, wounded


def admitted(kind: str, raw: Any) -> Manifest | None:
    """Return what becomes of a raw value, or None if it is refused."""
    try:
        return created({**raw, "kind": kind} if isinstance(raw, dict) else {"kind": kind, "spec": raw})
    except Refused:
        return None


def work_with(kind: str, manifest: Manifest) -> None:
    """Do with an admitted object what the engine will do: read it and ask it."""
    json.dumps(manifest, allow_nan=False).encode()
    if kind == "Node":
        node = Node.read(manifest, {})
        for amounts in (node.manifest["status"].get("capacity") or {}).values():
            bytes_of(amounts)
    elif kind == "Pod":
        Pod.read(manifest, {})
        Wants.read(manifest)
    elif kind == "DaemonSet":
        ds = DaemonSet.read(manifest, {})
        Wants.read(ds.template)
        assert matches(ds.selector, ds.template["metadata"].get("labels") or {})
        if ds.strategy == "RollingUpdate":
            assert int_or_percent(ds.max_unavailable, 10, round_up=True) >= 0


def assert_settled(kind: str, manifest: Manifest | None) -> None:
    """Assert that an admitted object can be worked with, and that writing it again changes nothing."""
    if manifest is not None:
        work_with(kind, manifest)

        assert updated(manifest, manifest) == manifest


@given(st.sampled_from(sorted(KINDS)), JSON)
def test_any_json_is_taken_or_refused(kind: str, raw: Any) -> None:
    """There is no third way: nothing but Refused is raised."""
    assert_settled(kind, admitted(kind, raw))


@given(wounded())
def test_a_sound_object_with_a_wound_is_taken_or_refused(manifest: Manifest) -> None:
    """One wrong value in the midst of right ones."""
    assert_settled(manifest["kind"], admitted(manifest["kind"], manifest))


@given(st.data(), st.sampled_from(sorted(KINDS)))
def test_typed_nonsense_is_taken_or_refused(data: st.DataObject, kind: str) -> None:
    """Values of the right types in every field that there is."""
    meta = {"name": "a", **data.draw(st.sampled_from([{}, {"labels": {"a": "b"}}]))}

    assert_settled(kind, admitted(kind, {**data.draw(typed(kind)), "metadata": meta}))


@given(st.sampled_from(["Pod", "DaemonSet"]), typed("PodSpec"), typed("Container"))
def test_typed_nonsense_around_a_sound_container_is_taken_or_refused(
    kind: str, spec: Manifest, container: Manifest
) -> None:
    """Objects that often pass, with any field of a pod's spec."""
    manifest = rich()[kind]
    holder = manifest["spec"]["template"]["spec"] if kind == "DaemonSet" else manifest["spec"]
    holder |= {**spec, "containers": [{**container, "name": "main", "image": "a:1"}]}

    assert_settled(kind, admitted(kind, manifest))


@given(wounded())
def test_any_update_is_taken_or_refused(manifest: Manifest) -> None:
    """A stored object and any new one in its place."""
    old = created(rich()[manifest["kind"]])
    taken = old
    with suppress(Refused):
        taken = updated(old, manifest)
    work_with(manifest["kind"], taken)

    assert taken["metadata"]["uid"] == old["metadata"]["uid"]


@pytest.mark.parametrize("kind", ["DaemonSet", "Node", "Pod"])
def test_the_sound_objects_are_sound(kind: str) -> None:
    """The wounds above are made in objects that would be taken."""
    assert_settled(kind, created(rich()[kind]))
