"""Which form a body comes in and which form an answer goes out in."""

from __future__ import annotations

import gzip

import orjson
import yaml
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException, UnreadablePostError

from controller.apiserver import wire
from controller.engine.errors import BadRequest, TooLarge, UnsupportedMediaType
from controller.engine.objects import Manifest

LONGEST = 3 * 1024 * 1024
"""The most bytes of a body, as in Kubernetes."""
WORTH_PACKING = 128 * 1024
"""The fewest bytes of an answer that are compressed, as in Kubernetes."""
JSON = "application/json"
YAML = "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"


def body_of(request: HttpRequest) -> bytes:
    """Return the body of a request. Raises TooLarge beyond 3 MiB."""
    try:
        body = request.read(LONGEST + 1)
    except (RawPostDataException, UnreadablePostError) as error:
        raise BadRequest("the body could not be read") from error
    if len(body) > LONGEST:
        raise too_large()
    return body


def too_large() -> TooLarge:
    """Return the refusal of an overlong body."""
    return TooLarge(f"Request entity too large: limit is {LONGEST}")


def read(body: bytes, media_type: str) -> Manifest:
    """Return the object that a body of a media type holds. Raises BadRequest, UnsupportedMediaType."""
    if media_type in ("", JSON):
        content = parsed(body)
    elif media_type == YAML:
        content = _yaml(body)
    elif media_type == PROTOBUF:
        content = wire.decode(body)
    else:
        raise UnsupportedMediaType([JSON, YAML])
    if not isinstance(content, dict):
        raise BadRequest("the object provided is unrecognized (must be of type json or yaml)")
    return content


def parsed(body: bytes) -> object:
    """Return what a body of JSON says, of whatever type. Raises BadRequest."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the object provided is unrecognized: {error}") from error


def _yaml(body: bytes) -> object:
    try:
        return yaml.safe_load(body)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BadRequest(f"the object provided is unrecognized: {error}") from error


def packed(request: HttpRequest, body: bytes, response: HttpResponse) -> bytes:
    """Return the body as it is sent, and name its encoding in the response."""
    if len(body) < WORTH_PACKING or "gzip" not in request.headers.get("Accept-Encoding", ""):
        return body
    response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    return gzip.compress(body, compresslevel=1)
