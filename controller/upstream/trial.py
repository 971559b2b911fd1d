"""A connection tried out before it is kept: who answers, how fast, until when we are let in, and to what."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from cryptography import x509

from controller.upstream.client import Client
from controller.upstream.connection import Connection
from controller.upstream.errors import NotAllowed, NotReached, NotThere
from controller.upstream.rights import Right

LONGEST = 20.0
"""Seconds that all of it may take."""

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
SYSTEM = {"fieldSelector": "metadata.name=kube-system"}


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it.

    ``latency`` is seconds of one request on an open connection, ``skew`` by how many its clock is ahead of
    ours. ``served_until`` is when its certificate ends, ``known_until`` when our credentials do, as far as
    they say. ``cluster_uid`` is "" where it may not be read; ``missing`` is None where nobody tells.
    """

    server: str
    version: str
    latency: float
    skew: float
    served_until: datetime | None
    known_until: datetime | None
    cluster_uid: str
    missing: tuple[Right, ...] | None


def try_out(connection: Connection, wanted: Iterable[Right]) -> Trial:
    """Return what is found at a connection. Raises Upstream, BadAddress."""
    until = time.monotonic() + LONGEST
    with Client(connection) as client:
        version = client.get("/version")
        began = time.monotonic()
        client.get("/version")
        latency = time.monotonic() - began
        uid = _uid(client)
        missing = _missing(client, wanted, until)
        return Trial(
            server=connection.origin,
            version=str(version.get("gitVersion") or ""),
            latency=latency,
            skew=client.heard.skew,
            served_until=_end_of(client.heard.certificate),
            known_until=known_until(connection),
            cluster_uid=uid,
            missing=missing,
        )


def _uid(client: Client) -> str:
    """Return the uid that tells this cluster from others. Raises Upstream, BadAddress."""
    with suppress(NotAllowed):
        for found in client.get("/api/v1/namespaces", SYSTEM).get("items") or ():
            return str(found["metadata"]["uid"])
    return ""


def _missing(client: Client, wanted: Iterable[Right], until: float) -> tuple[Right, ...] | None:
    try:
        return tuple(_refused(client, wanted, until))
    except (NotAllowed, NotThere):
        return None


def _refused(client: Client, wanted: Iterable[Right], until: float) -> Iterator[Right]:
    """Yield the rights that we do not have. Raises Upstream, BadAddress."""
    for right in wanted:
        if time.monotonic() > until:
            raise NotReached(f"it answers, but so slowly that {LONGEST:.0f} seconds were not enough")
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": right._asdict()},
        }
        status = client.send("POST", REVIEWS, body=review).get("status") or {}
        if status.get("allowed") is not True:
            yield right


def known_until(connection: Connection) -> datetime | None:
    """Return when credentials end, None if they do not say: certificates and signed tokens do."""
    ends = [_end_of(connection.certificate.encode()), _end_of_token(connection.token)]
    return min((end for end in ends if end), default=None)


def _end_of(certificate: bytes) -> datetime | None:
    """Return when a certificate ends: PEM or DER, b"" for none."""
    try:
        if certificate.lstrip().startswith(b"-----"):
            return x509.load_pem_x509_certificate(certificate).not_valid_after_utc
        return x509.load_der_x509_certificate(certificate).not_valid_after_utc if certificate else None
    except ValueError:
        return None


def _end_of_token(token: str) -> datetime | None:
    """Return when a signed token (JWT, RFC 7519) ends. It is not checked: its server does that."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        return None
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(float(claims["exp"]), UTC)
    except (binascii.Error, ValueError, LookupError, TypeError, OverflowError, OSError):
        return None
