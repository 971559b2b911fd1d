"""Bodies in and out: which forms are read, and when an answer is compressed."""

from __future__ import annotations

import gzip

import pytest
from django.http import HttpRequest, HttpResponse

from controller.apiserver.negotiation import WORTH_PACKING, packed, read
from controller.engine.errors import BadRequest, TooLarge, UnsupportedMediaType


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ("application/json", b'{"kind": "Node"}'),
        ("", b'{"kind": "Node"}'),
        ("application/yaml", b"kind: Node\n"),
    ],
)
def test_json_and_yaml_are_read(media: str, body: bytes) -> None:
    """JSON is meant where no type is named."""
    assert read(body, media) == {"kind": "Node"}


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"[]"),
        ("application/json", b""),
        ("application/yaml", b"a: [b"),
        ("application/yaml", b"\xff\xfe\xfa"),
        ("application/yaml", b"- a"),
        ("application/yaml", b"a: b\n---\na: b"),
        ("application/yaml", b""),
        ("application/json", b'{"a":' * 300 + b"1" + b"}" * 300),
        ("application/yaml", b'{"a":' * 300 + b"1" + b"}" * 300),
        ("application/json", rb'{"a": "\u0000"}'),
        ("application/yaml", rb'{"a": "\u0000"}'),
        ("application/yaml", b"[" * 5000),
    ],
)
def test_what_is_no_object_is_refused(media: str, body: bytes) -> None:
    """Broken text and anything that is no object is a bad request."""
    with pytest.raises(BadRequest, match="unrecognized"):
        read(body, media)


BOMB = "a0: &a0 {x: y}\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))


def test_what_spells_out_to_much_is_refused() -> None:
    """Half a kilobyte of YAML can mean gigabytes of values."""
    assert len(BOMB) < 600
    with pytest.raises(TooLarge, match="more than 100000 values, aliases included"):
        read(BOMB.encode(), "application/yaml")


def test_other_forms_are_refused() -> None:
    """The refusal names what is read."""
    with pytest.raises(UnsupportedMediaType, match="application/json, application/yaml"):
        read(b"", "text/plain")


@pytest.mark.parametrize(
    ("length", "takes", "is_packed"),
    [(WORTH_PACKING, "gzip", True), (WORTH_PACKING - 1, "gzip", False), (WORTH_PACKING, "br", False)],
)
def test_long_answers_are_compressed(length: int, takes: str, *, is_packed: bool) -> None:
    """Only where it pays, and only for clients that take it."""
    request, response, body = HttpRequest(), HttpResponse(), b"a" * length
    request.META["HTTP_ACCEPT_ENCODING"] = takes
    sent = packed(request, body, response)
    assert response.headers.get("Content-Encoding") == ("gzip" if is_packed else None)
    assert (gzip.decompress(sent) if is_packed else sent) == body
