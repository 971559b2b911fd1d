"""Which form a body comes in and which form an answer goes out in."""

from __future__ import annotations

import gzip
from contextlib import suppress
from typing import Any

import orjson
import yaml
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException, UnreadablePostError

from controller.apiserver import wire
from controller.engine.errors import BadRequest, TooLarge, UnsupportedMediaType
from controller.engine.objects import Manifest
from controller.manifests.text import read_yaml
from controller.manifests.untrusted import MOST_BYTES, check, read_json

WORTH_PACKING = 128 * 1024
"""The fewest bytes of an answer that are compressed, as in Kubernetes."""
JSON = "application/json"
YAML = "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"


def body_of(request: HttpRequest) -> bytes:
    """Return the body of a request. Raises TooLarge beyond 3 MiB."""
    try:
        body = request.read(MOST_BYTES + 1)
    except (RawPostDataException, UnreadablePostError) as error:
        raise BadRequest("the body could not be read") from error
    if len(body) > MOST_BYTES:
        raise too_large()
    return body


def too_large() -> TooLarge:
    """Return the refusal of an overlong body."""
    return TooLarge(f"Request entity too large: limit is {MOST_BYTES}")


def read(body: bytes, media_type: str) -> Manifest:
    """Return the object that a body of a media type holds. Raises BadRequest, UnsupportedMediaType."""
    if media_type in ("", JSON):
        content = parsed(body)
    elif media_type == YAML:
        content = _yaml(body)
    elif media_type == PROTOBUF:
        content = wire.decode(body)
        check(content)
    else:
        raise UnsupportedMediaType([JSON, YAML])
    if not isinstance(content, dict):
        raise BadRequest("the object provided is unrecognized (must be of type json or yaml)")
    return content


def parsed(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Return what a body of JSON says, of whatever type. Raises BadRequest, TooLarge."""
    try:
        return read_json(body)
    except BadRequest as error:
        raise _unrecognized(error) from error


def _yaml(body: bytes) -> object:
    """Return what the one document of a body says. Most clients send JSON by this name: it is YAML too."""
    with suppress(BadRequest):
        return read_json(body)
    try:
        roots = read_yaml(body.decode(), MOST_BYTES)
    except UnicodeDecodeError as error:
        raise _unrecognized(BadRequest(f"byte {error.start + 1} is no UTF-8")) from error
    except BadRequest as error:
        raise _unrecognized(error) from error
    if len(roots) > 1:
        raise _unrecognized(BadRequest(f"line {roots[1].line}: a second document; send one at a time"))
    return roots[0].value if roots else None


def _unrecognized(error: BadRequest) -> BadRequest:
    return BadRequest(f"the object provided is unrecognized: {error}")


def yaml_of(body: bytes) -> bytes:
    """Return a body of JSON as YAML."""
    text: str = yaml.dump(orjson.loads(body), Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)
    return text.encode()


def packed(request: HttpRequest, body: bytes, response: HttpResponse) -> bytes:
    """Return the body as it is sent, and name its encoding in the response."""
    if len(body) < WORTH_PACKING or "gzip" not in request.headers.get("Accept-Encoding", ""):
        return body
    response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    return gzip.compress(body, compresslevel=1)
