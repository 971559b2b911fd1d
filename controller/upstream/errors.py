"""What an API server of a real cluster answers instead of doing what it is asked, or why it is not reached.

The sentences are the server's own wherever it says one.
"""

from __future__ import annotations

from typing import Any

from controller.engine.errors import Refused

Status = dict[str, Any]


class Upstream(Refused):
    """An API server did not do what it was asked to. ``status`` is what it answered, if that was a Status."""

    code = "BadGateway"

    def __init__(self, said: str, status: Status | None = None) -> None:
        super().__init__(said)
        self.status = status or {}


class NotReached(Upstream):
    """There is no connection to be had, or it broke."""

    code = "ServiceUnavailable"


class Unanswered(NotReached):
    """Nobody said whether what was asked was done: the connection broke, or a gateway gave up."""


class NotTrusted(NotReached):
    """Somebody answers whose certificate is not by the authority that we know, or for another name."""


class NotKnown(Upstream):
    """The server does not know us (401): a token that expired or was revoked, a wrong certificate."""


class NotAllowed(Upstream):
    """The server knows us, and we may not do that (403)."""

    code = "Forbidden"


class NotThere(Upstream):
    """There is no such object or kind (404)."""

    code = "NotFound"


class Clash(Upstream):
    """Somebody else wrote meanwhile, or the name is taken (409)."""

    code = "Conflict"


class TooOld(Upstream):
    """The version that was asked for is no longer kept (410), or not known yet: it is to be listed anew."""

    code = "Expired"


class Unacceptable(Upstream):
    """The object breaks the rules of the server (422, 400)."""

    code = "Invalid"


class Overloaded(Upstream):
    """The server asks to come back later (429, 503): after so many seconds, if it says when."""

    code = "TooManyRequests"

    def __init__(self, said: str, status: Status | None = None, after: float = 0.0) -> None:
        super().__init__(said, status)
        self.after = after


class PartlySent(Upstream):
    """Some of several changes were made, ``done`` of ``count``, and ``why`` the next one was not."""

    code = "Conflict"

    def __init__(self, done: int, count: int, why: Refused) -> None:
        super().__init__(why.sentence)
        self.done, self.count, self.why = done, count, why.sentence


CODES: dict[int, type[Upstream]] = {
    400: Unacceptable,
    401: NotKnown,
    403: NotAllowed,
    404: NotThere,
    409: Clash,
    410: TooOld,
    422: Unacceptable,
    502: Unanswered,
    504: Unanswered,
}


def error_of(code: int, status: Status, after: str = "") -> Upstream:
    """Return the error for an answer's code, its Status and its header Retry-After."""
    causes = (status.get("details") or {}).get("causes") or ()
    if any(one.get("reason") == "ResourceVersionTooLarge" for one in causes):
        code = 410  # a backup was restored, or the cluster made anew
    said = str(status.get("message") or f"the API server answered with code {code}")
    if code in {429, 503}:
        told = after or (status.get("details") or {}).get("retryAfterSeconds") or 0
        return Overloaded(said, status, float(told) if str(told).isdecimal() else 0.0)
    return CODES.get(code, Upstream)(said, status)
