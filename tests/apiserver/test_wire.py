"""Protobuf bodies: read as the JSON they stand for, refused where they are not understood."""

from __future__ import annotations

import gzip
import json
from collections.abc import Container
from typing import Any

import orjson
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from hypothesis import given
from hypothesis import strategies as st

from controller.apiserver.openapi import TYPES
from controller.apiserver.wire import MAGIC, MESSAGES, decode, message
from controller.engine.errors import BadRequest, Refused, UnsupportedMediaType
from controller.engine.kinds import KINDS
from controller.engine.schema import fields_of, named


def number(value: int) -> bytes:
    """Return a varint."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(at: int, value: int | str | bytes) -> bytes:
    """Return one field of a message."""
    if isinstance(value, int):
        return number(at << 3) + number(value)
    data = value.encode() if isinstance(value, str) else value
    return number(at << 3 | 2) + number(len(data)) + data


def enveloped(api_version: str, kind: str, message: bytes) -> bytes:
    """Return a body as clients send it."""
    return MAGIC + field(1, field(1, api_version) + field(2, kind)) + field(2, message)


def test_an_eviction_is_read() -> None:
    """What `kubectl drain` sends; a grace period of zero is not the same as none."""
    meta = field(1, "web-1") + field(3, "default") + field(8, b"") + field(2, "")
    body = enveloped("policy/v1", "Eviction", field(1, meta) + field(2, field(1, 0)))
    assert decode(body) == {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": "web-1", "namespace": "default"},
        "deleteOptions": {"gracePeriodSeconds": 0},
    }


def test_maps_lists_bytes_and_moments_are_read() -> None:
    """A Secret with labels, owners and a creation time."""
    labels = field(11, field(1, "a") + field(2, "b")) + field(11, field(1, "c") + field(2, ""))
    owners = field(13, field(1, "Pod") + field(7, 1)) + field(13, field(1, "Node") + field(7, 0))
    meta = labels + owners + field(8, field(1, 1_700_000_000) + field(2, 0)) + field(7, 0)
    message = field(1, meta) + field(2, field(1, "key") + field(2, b"\x00\xff"))
    assert decode(enveloped("v1", "Secret", message)) == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "labels": {"a": "b", "c": ""},
            "ownerReferences": [
                {"kind": "Pod", "blockOwnerDeletion": True},
                {"kind": "Node", "blockOwnerDeletion": False},
            ],
            "creationTimestamp": "2023-11-14T22:13:20Z",
        },
        "data": {"key": "AP8="},
    }


def test_a_volume_and_a_probe_are_flat() -> None:
    """Messages that Go embeds belong to the one that holds them."""
    volume = field(1, "tmp") + field(2, field(2, b""))
    probe = field(1, field(2, field(1, "/live") + field(2, field(1, 1) + field(3, "web")))) + field(2, 5)
    limits = field(1, field(1, "cpu") + field(2, field(1, "100m")))
    port = field(6, field(1, "web") + field(3, 80))
    container = field(1, "main") + field(8, limits) + field(10, probe) + port
    decoded = decode(enveloped("v1", "Pod", field(2, field(1, volume) + field(2, container))))
    assert decoded["spec"] == {
        "volumes": [{"name": "tmp", "emptyDir": {}}],
        "containers": [
            {
                "name": "main",
                "resources": {"limits": {"cpu": "100m"}},
                "livenessProbe": {"httpGet": {"path": "/live", "port": "web"}, "initialDelaySeconds": 5},
                "ports": [{"name": "web", "containerPort": 80}],
            }
        ],
    }


def test_numbers_moments_and_raw_json_are_read() -> None:
    """A budget may be a number or a percentage, a lease's time has parts of a second, data is any JSON."""
    rolling = field(1, field(1, 0) + field(2, 3)) + field(2, field(1, 1) + field(3, "25%"))
    decoded = decode(enveloped("apps/v1", "DaemonSet", field(2, field(3, field(2, rolling)))))
    assert decoded["spec"]["updateStrategy"]["rollingUpdate"] == {"maxUnavailable": 3, "maxSurge": "25%"}
    lease = field(2, field(2, -1) + field(4, field(1, 0) + field(2, 5_000)))
    assert decode(enveloped("coordination.k8s.io/v1", "Lease", lease))["spec"] == {
        "leaseDurationSeconds": -1,
        "renewTime": "1970-01-01T00:00:00.000005Z",
    }
    revision = decode(enveloped("apps/v1", "ControllerRevision", field(2, field(1, b'{"spec":[1]}'))))
    assert revision["data"] == {"spec": [1]}


@pytest.mark.parametrize(
    "body",
    [
        enveloped("v1", "Pod", field(99, "new")),
        enveloped("v1", "Pod", field(2, field(2, field(10, field(99, 1))))),
        enveloped("apps/v1", "Gadget", b""),
        enveloped("example.com/v1", "Widget", b""),
        enveloped("apps/v9", "DaemonSet", b""),
        enveloped("v1", "", b""),
        MAGIC + field(1, 7),
        enveloped("v1", "Pod", field(1, field(7, "text"))),
    ],
)
def test_what_is_not_known_is_refused(body: bytes) -> None:
    """A field, at any depth, or a kind that is not described is never dropped: the client may send JSON."""
    with pytest.raises(UnsupportedMediaType, match="application/json"):
        decode(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        MAGIC + b"\x0a\xff",
        MAGIC + b"\xff" * 11,
        MAGIC + b"\x0b",
        enveloped("v1", "Pod", field(1, field(1, b"\xff\xfe"))),
        enveloped("v1", "Pod", field(1, field(11, field(1, b"\xff") + field(2, "")))),
        enveloped("v1", "Pod", field(1, field(8, field(1, 1 << 62)))),
        enveloped("apps/v1", "ControllerRevision", field(2, field(1, b"{"))),
    ],
)
def test_what_is_no_protobuf_is_refused(body: bytes) -> None:
    """Broken bytes are a bad request."""
    with pytest.raises(BadRequest, match="could not be decoded"):
        decode(body)


@given(st.sampled_from(sorted(KINDS)), st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(kind: str, message: bytes) -> None:
    """There is no third way, and what is read is JSON."""
    try:
        decoded = decode(enveloped(KINDS[kind].api_version, kind, message))
    except Refused:
        return
    assert json.loads(json.dumps(decoded)) == decoded


def test_an_event_of_its_own_group_has_its_own_fields() -> None:
    """Two kinds are called Event; each is read by the description of its group."""
    sent = field(2, field(1, 5) + field(2, 0)) + field(4, "kubelet") + field(10, "all is well") + field(15, 0)
    assert decode(enveloped("events.k8s.io/v1", "Event", sent)) == {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "eventTime": "1970-01-01T00:00:05.000000Z",
        "reportingController": "kubelet",
        "note": "all is well",
    }


def test_options_are_shared_by_all_groups() -> None:
    """`kubectl delete` sends DeleteOptions under the group of what it deletes."""
    options = {"gracePeriodSeconds": 0, "orphanDependents": False}
    for api_version in ("v1", "apps/v1", "policy/v1"):
        decoded = decode(enveloped(api_version, "DeleteOptions", field(1, 0) + field(3, 0)))
        assert decoded == {"apiVersion": api_version, "kind": "DeleteOptions", **options}


def test_what_go_leaves_out_of_its_json_is_left_out() -> None:
    """A number that is no pointer is sent, set or not: where JSON omits its zero, so does this."""
    status = field(1, 0) + field(5, 0) + field(6, 0)
    assert decode(enveloped("apps/v1", "DaemonSet", field(3, status)))["status"] == {
        "currentNumberScheduled": 0
    }


def test_lists_in_maps_and_names_in_other_cases_are_read() -> None:
    """A list in a map travels as a message, and protobuf spells a few names in its own way."""
    review = field(2, field(5, field(1, "scopes") + field(2, field(1, "a") + field(1, "b"))))
    decoded = decode(enveloped("authorization.k8s.io/v1", "SubjectAccessReview", review))
    assert decoded["spec"] == {"extra": {"scopes": ["a", "b"]}}
    bound = field(2, field(3, field(1, "Pod") + field(4, "7c1e")))
    asked = decode(enveloped("authentication.k8s.io/v1", "TokenRequest", bound))
    assert asked["spec"]["boundObjectRef"] == {"kind": "Pod", "uid": "7c1e"}


def flat(described: Any, known: Container[str]) -> set[str]:
    """Return the names of a message's fields in small letters, with those of what Go embeds."""
    names = set[str]()
    for one in described.fields:
        names.add(one.name.lower())
        if one.name not in known and one.message_type:
            names |= flat(one.message_type, known)
    return names


def test_every_field_of_the_table_has_a_number() -> None:
    """What can be sent as JSON can be sent as protobuf."""
    published = FileDescriptorSet.FromString(gzip.decompress(MESSAGES.read_bytes()))
    definitions, checked = orjson.loads(gzip.decompress(TYPES.read_bytes()))["schemas"], set[str]()
    for file in published.file:
        for one in file.message_type:
            full = f"{file.package}.{one.name}"
            known = fields_of(named(full))
            if full.replace("k8s.io", "io.k8s") in definitions and known:
                wanted = {field.lower() for field in known} - {"apiversion", "kind"}
                assert wanted <= flat(message(full).DESCRIPTOR, known), full
                checked.add(named(full))
    assert len(checked) > 300
    assert {*KINDS, "Eviction", "DeleteOptions", "Binding", "events.v1.Event"} <= checked
