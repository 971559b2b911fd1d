"""Reading protobuf: since 1.32 kubectl's typed commands (auth, drain, create namespace) send nothing else.

Messages are parsed by Google's library with the published descriptions (messages.pb.gz, which
tools/published.py takes in), and become the JSON that they stand for. Answers stay JSON, which every
client takes. What is not described is refused, never dropped: the client is told to send JSON.
"""

from __future__ import annotations

import gzip
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from controller.engine.errors import BadRequest, UnsupportedMediaType
from controller.engine.objects import Manifest
from controller.engine.schema import Field, fields_of, named

MAGIC = b"k8s\x00"
MESSAGES = Path(__file__).with_name("messages.pb.gz")
MACHINERY = "k8s.io.apimachinery.pkg"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Malformed(BadRequest):
    """The body is no protobuf of the type that it says it is."""

    def __init__(self) -> None:
        super().__init__("the body of the request could not be decoded as protobuf")


class NotDescribed(UnsupportedMediaType):
    """The body holds a kind or a field that the published descriptions do not have."""

    def __init__(self) -> None:
        super().__init__(["application/json", "application/yaml"])


def decode(body: bytes) -> Manifest:
    """Return the object in a body. Raises BadRequest; UnsupportedMediaType for what is not described."""
    if not body.startswith(MAGIC):
        raise Malformed
    try:
        envelope: Any = message(f"{MACHINERY}.runtime.Unknown").FromString(body[len(MAGIC) :])
        api_version, kind = envelope.typeMeta.apiVersion, envelope.typeMeta.kind
        sent = _described(api_version, kind).FromString(envelope.raw)
        _refuse_unknown(sent)
        return {"apiVersion": api_version, "kind": kind, **_manifest(sent, named(sent.DESCRIPTOR.full_name))}
    except (DecodeError, UnicodeDecodeError, OverflowError, orjson.JSONDecodeError) as error:
        raise Malformed from error


@cache
def _pool() -> DescriptorPool:
    pool = DescriptorPool()
    for file in FileDescriptorSet.FromString(gzip.decompress(MESSAGES.read_bytes())).file:
        pool.Add(file)
    return pool


@cache
def message(full_name: str) -> type[Message]:
    """Return the class of a message by its full name. Raises KeyError."""
    return GetMessageClass(_pool().FindMessageTypeByName(full_name))


def _described(api_version: str, kind: str) -> type[Message]:
    """Return the class of a kind's message: that of its group, or what all groups share."""
    group, _, version = api_version.rpartition("/")
    package = group.partition(".")[0] or "core"
    for place in (f"k8s.io.api.{package}.{version}", f"{MACHINERY}.apis.meta.v1"):
        try:
            return message(f"{place}.{kind}")
        except KeyError:
            continue
    raise NotDescribed


def _refuse_unknown(sent: Message) -> None:
    """Raise NotDescribed for a message that holds, at any depth, fields with numbers that nobody knows."""
    size = sent.ByteSize()
    sent.DiscardUnknownFields()
    if sent.ByteSize() != size:
        raise NotDescribed


def _manifest(sent: Message, owner: str) -> Manifest:
    """Return a message as the JSON of a type of the table."""
    known = fields_of(owner)
    read: Manifest = {}
    for described, value in sent.ListFields():
        name = _json_name(owner, described.name)
        if not name:  # what Go embeds belongs to what holds it
            read |= _manifest(value, owner)
        elif not _says_nothing(known[name], content := _content(known[name].type, value)):
            read[name] = content
    return read


@cache
def _json_name(owner: str, name: str) -> str:
    """Return what a field is called in JSON: the same, in some cases in other cases; "" if it is embedded."""
    known = fields_of(owner)
    return name if name in known else {each.lower(): each for each in known}.get(name.lower(), "")


def _says_nothing(field: Field, value: object) -> bool:
    """Whether a value is what Go sends for a field that was not set."""
    return value is None or value == "" or (field.omits_zero and not value)


def _content(kind: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    if kind.startswith("{}"):
        return {_text(key): _content(kind[2:], each) for key, each in value.items()}
    if kind.startswith("[]"):
        # A list in a map is a message with one field of that name.
        return [_content(kind[2:], each) for each in getattr(value, "items", value)]
    return READERS[kind](value) if kind in READERS else _manifest(value, kind)


def _itself(value: object) -> object:
    return value


def _text(value: str | bytes) -> str:
    """Return a text; what is no UTF-8 the library leaves as bytes."""
    if isinstance(value, bytes):
        raise Malformed
    return value


def _moment(sent: Any, digits: int = 0) -> str | None:  # noqa: ANN401 - a message
    """Seconds and nanoseconds; Go sends an empty message for a moment that is not set."""
    if not sent.ListFields():
        return None
    moment = EPOCH + timedelta(seconds=sent.seconds, microseconds=sent.nanos // 1000)
    return moment.strftime("%Y-%m-%dT%H:%M:%S" + (f".{moment:%f}" if digits else "") + "Z")


def _number_or_text(sent: Any) -> int | str:  # noqa: ANN401 - a message
    number: int = sent.intVal
    return _text(sent.strVal) if sent.type else number


READERS: dict[str, Callable[[Any], Any]] = {
    "": _text,
    "bool": _itself,
    "int32": _itself,
    "int64": _itself,
    "bytes": lambda data: b64encode(data).decode(),
    "Time": _moment,
    "MicroTime": lambda sent: _moment(sent, digits=6),
    "Quantity": lambda sent: _text(sent.string),
    "IntOrString": _number_or_text,
    "FieldsV1": lambda sent: orjson.loads(sent.Raw),
    "RawExtension": lambda sent: orjson.loads(sent.raw),
}
