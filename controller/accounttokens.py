"""Tokens of ServiceAccounts: signed claims, as the API server issues them. Nothing of them is kept.

They are signed by a key that follows from the instance's own, so another instance takes none of them.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import jwt
from django.conf import settings

ISSUER = "https://kubernetes.default.svc.cluster.local"
"""Who issues them, and whom they are for unless somebody says otherwise."""
ALGORITHM = "HS256"
CLUSTER = "everynode.dev/cluster"
"""The claim that says of which cluster it is: the id of its row."""

Claims = dict[str, Any]


def looks_like_one(text: str) -> bool:
    """Whether a text has the form of such a token, whoever signed it."""
    return text.startswith("eyJ") and text.count(".") == 2  # noqa: PLR2004 - the parts of a signed token


def signed(claims: Claims) -> str:
    """Return the token that holds claims."""
    return jwt.encode(claims, _key(), algorithm=ALGORITHM)


def read(text: str) -> Claims | None:
    """Return the claims of a token, None unless it was signed here, is for this API and has not expired."""
    required = ["exp", "sub", "aud"]
    try:
        return dict(
            jwt.decode(text, _key(), algorithms=[ALGORITHM], audience=ISSUER, options={"require": required})
        )
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return None


def _key() -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), b"tokens of service accounts", hashlib.sha256)
