"""Protobuf bodies: read as the JSON they stand for, refused where they are not understood."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.apiserver.wire import MAGIC, decode, fields_of
from controller.engine.errors import BadRequest, Refused, UnsupportedMediaType
from controller.engine.kinds import KINDS

SCALARS = {"", "bool", "int32", "int64", "bytes", "Time", "MicroTime", "Quantity", "IntOrString"}
JSON = {"FieldsV1", "RawExtension"}


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
        enveloped("apps/v1", "Deployment", b""),
        enveloped("events.k8s.io/v1", "Event", b""),
        enveloped("v1", "", b""),
    ],
)
def test_what_is_not_known_is_refused(body: bytes) -> None:
    """A field or a kind that is not in the table is never dropped: the client may send JSON instead."""
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
        MAGIC + field(1, 7),
        enveloped("v1", "Pod", field(1, field(1, b"\xff\xfe"))),
        enveloped("v1", "Pod", field(1, field(7, "text"))),
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


def test_every_type_of_the_table_is_in_the_table() -> None:
    """Nothing points nowhere, and no number is given twice."""
    waiting, seen = [*KINDS, "Eviction", "DeleteOptions", "Binding"], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen or name in SCALARS or name in JSON:
            continue
        seen.add(name)
        fields: dict[int, Any] = fields_of(name)
        assert fields, name
        assert len({known for known, _ in fields.values()}) == len(fields), name
        waiting += [inner.lstrip(">[]{}") for _, inner in fields.values()]
    assert len(seen) > 150
