"""Reading protobuf: since 1.32 kubectl's typed commands (auth, drain, create namespace) send nothing else.

Answers stay JSON, which every client takes. What is not in the table of numbers is refused, never
dropped: the client is told to send JSON.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import orjson

from controller.apiserver.wirefields import WIRE
from controller.engine.errors import BadRequest, UnsupportedMediaType
from controller.engine.objects import Manifest

MAGIC = b"k8s\x00"
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
LONGEST_VARINT = 10
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZERO_SAYS_NOTHING = frozenset(
    {"generation", "nodePort", "count", "restartCount", "readOnly", "publishNotReadyAddresses", "negate"}
)
"""Fields that Go sends whether they are set or not, and whose zero JSON leaves out."""

Number = int
Raw = int | bytes


class Malformed(BadRequest):
    """The body is no protobuf of the type that it says it is."""

    def __init__(self) -> None:
        super().__init__("the body of the request could not be decoded as protobuf")


def decode(body: bytes) -> Manifest:
    """Return the object in a body. Raises BadRequest; UnsupportedMediaType for what is not in the table."""
    if not body.startswith(MAGIC):
        raise Malformed
    envelope = dict(_fields(body[len(MAGIC) :]))
    meta = dict(_fields(_bytes(envelope.get(1, b""))))
    api_version, kind = _text(meta.get(1, b"")), _text(meta.get(2, b""))
    if not fields_of(kind) or api_version == "events.k8s.io/v1":
        raise UnsupportedMediaType(["application/json", "application/yaml"])
    return {"apiVersion": api_version, "kind": kind, **_message(kind, _bytes(envelope.get(2, b"")))}


@cache
def fields_of(kind: str) -> dict[Number, tuple[str, str]]:
    """Return the fields of a type by number: name and type."""
    found = re.search(rf"^{re.escape(kind)} (.*(?:\n  .*)*)", WIRE, re.MULTILINE) if kind else None
    fields = {}
    for word in found[1].split() if found else ():
        name, number, inner = (*re.split("[=:]", word), "")[:3]
        fields[int(number)] = (name, inner)
    return fields


def _message(kind: str, data: bytes) -> Manifest:
    known = fields_of(kind)
    read: dict[str, Any] = {}
    for number, raw in _fields(data):
        if number not in known:
            raise UnsupportedMediaType(["application/json", "application/yaml"])
        name, inner = known[number]
        if inner.startswith(">"):
            read |= _message(inner[1:], _bytes(raw))
        elif inner.startswith("[]"):
            read.setdefault(name, []).append(_value(inner[2:], raw))
        elif inner.startswith("{}"):
            entry = dict(_fields(_bytes(raw)))
            read.setdefault(name, {})[_text(entry.get(1, b""))] = _value(inner[2:], entry.get(2, b""))
        elif (value := _value(inner, raw)) not in (None, "") and (value or name not in ZERO_SAYS_NOTHING):
            read[name] = value
    return read


def _value(inner: str, raw: Raw) -> Any:  # noqa: ANN401 - JSON
    return READERS[inner](raw) if inner in READERS else _message(inner, _bytes(raw))


def _fields(data: bytes) -> Iterator[tuple[Number, Raw]]:
    """Yield number and raw value of each field of a message."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, form = tag >> 3, tag & 7
        if form == VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if form == BYTES:
            length, at = _varint(data, at)
        elif form in (FIXED64, FIXED32):
            length = 8 if form == FIXED64 else 4
        else:
            raise Malformed
        if at + length > len(data):
            raise Malformed
        yield number, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(data[at : at + LONGEST_VARINT]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a number has no eighth bit
            return value, at + place + 1
    raise Malformed


def _bytes(raw: Raw) -> bytes:
    if isinstance(raw, int):
        raise Malformed
    return raw


def _text(raw: Raw) -> str:
    try:
        return _bytes(raw).decode()
    except UnicodeDecodeError as error:
        raise Malformed from error


def _whole(raw: Raw) -> int:
    if not isinstance(raw, int):
        raise Malformed
    value = raw & 0xFFFF_FFFF_FFFF_FFFF
    return value - (1 << 64) if value >> 63 else value


def _moment(raw: Raw, digits: int = 0) -> str | None:
    """Seconds and nanoseconds; Go sends an empty message for a moment that is not set."""
    parts = {number: _whole(value) for number, value in _fields(_bytes(raw))}
    if not parts:
        return None
    try:
        moment = EPOCH + timedelta(seconds=parts.get(1, 0), microseconds=parts.get(2, 0) // 1000)
    except OverflowError as error:
        raise Malformed from error
    return moment.strftime("%Y-%m-%dT%H:%M:%S" + (f".{moment:%f}" if digits else "") + "Z")


def _amount(raw: Raw) -> str:
    return _text(dict(_fields(_bytes(raw))).get(1, b""))


def _number_or_text(raw: Raw) -> int | str:
    parts = dict(_fields(_bytes(raw)))
    return _text(parts.get(3, b"")) if parts.get(1, 0) else _whole(parts.get(2, 0))


def _json(raw: Raw) -> Any:  # noqa: ANN401 - JSON
    try:
        return orjson.loads(_bytes(dict(_fields(_bytes(raw))).get(1, b"")))
    except orjson.JSONDecodeError as error:
        raise Malformed from error


READERS: dict[str, Callable[[Raw], Any]] = {
    "": _text,
    "bool": lambda raw: bool(_whole(raw)),
    "int32": _whole,
    "int64": _whole,
    "bytes": lambda raw: b64encode(_bytes(raw)).decode(),
    "Time": _moment,
    "MicroTime": lambda raw: _moment(raw, digits=6),
    "Quantity": _amount,
    "IntOrString": _number_or_text,
    "FieldsV1": _json,
    "RawExtension": _json,
}
