"""The verbs that read: one object, and lists of them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from django.http.response import HttpResponseBase

from controller.apiserver import nodeleases
from controller.apiserver.call import Call, json_response
from controller.apiserver.selectors import selection_of
from controller.apiserver.shapes import TABLE, Shape, shape_of
from controller.engine.admission.field_errors import forbidden, unsupported
from controller.engine.errors import BadRequest, Cause, Gone, Invalid, NotFound, TooNew
from controller.queries import leases, objects
from controller.queries.objects import Found, Listing
from controller.store.log_reader import Place

EXACT, NOT_OLDER = "Exact", "NotOlderThan"
NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
CONTINUE_API = "meta.k8s.io/v1"


def get(call: Call) -> HttpResponseBase:
    """Answer with one object."""
    shape = shape_of(call)
    text = _one(call)
    return json_response(call, shape.object(text, lambda: orjson.loads(text)))


def _one(call: Call) -> str:
    cluster, name = call.cluster.pk, call.name
    try:
        return objects.one(cluster=cluster, kind=call.kind.name, namespace=call.namespace, name=name)
    except NotFound:
        if not nodeleases.asked_for(call):
            raise
        return orjson.dumps(leases.node_lease(cluster=cluster, name=name)).decode()


def list_all(call: Call) -> HttpResponseBase:
    """Answer with a list, or with a page of one."""
    shape, selection, window = shape_of(call), selection_of(call), window_of(call)
    try:
        listing = Listing(
            call.cluster.pk, selection, after=window.after, limit=window.limit, number=window.number
        )
        check_number(window.least, listing.number)
        items = listed(listing, shape)
        if nodeleases.asked_for(call) and not window.after and not listing.last:
            items = [*items, *listed(nodeleases.selected(call.cluster.pk, selection), shape)]
    except Gone as gone:
        raise Gone(EXPIRED if window.after else gone.sentence) from gone
    meta: dict[str, Any] = {}
    if listing.last:
        meta["continue"] = continued(listing.number, listing.last)
        if listing.remaining is not None:
            meta["remainingItemCount"] = listing.remaining
    return json_response(call, shape.list(items, meta, version=str(listing.number)))


EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new "
    "list without the continue parameter."
)


def listed(listing: Iterable[Found], shape: Shape) -> Sequence[bytes]:
    """Return the objects of a list in a shape, one after the other so that few are in memory at once."""
    if shape.form == TABLE:
        now = datetime.now(UTC)
        return [shape.row(found.parsed(), now) for found in listing]
    return [shape.item(found.text, found.parsed) for found in listing]


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is asked for: ``number`` as of which (None: as of now), or at ``least``."""

    number: int | None = None
    least: int = 0
    limit: int = 0
    after: Place | None = None


def window_of(call: Call) -> Window:
    """Return which part of a list a call asks for. Raises BadRequest, Invalid."""
    refuse(list_faults(call))
    version, limit = call.query.get("resourceVersion", ""), _whole(call, "limit")
    if token := call.query.get("continue", ""):
        if version not in {"", "0"}:
            raise BadRequest("specifying resource version is not allowed when using continue")
        number, after = place_of(token)
        return Window(number, limit=limit, after=after)
    asked = number_of(version)
    if call.query.get("resourceVersionMatch") == EXACT:
        return Window(asked, limit=limit)
    return Window(least=asked, limit=limit)


def list_faults(call: Call) -> list[Cause]:
    """Return what is wrong with the query of a list."""
    match, version = call.query.get("resourceVersionMatch", ""), call.query.get("resourceVersion", "")
    field, faults = "resourceVersionMatch", []
    if match and not version:
        faults.append(forbidden(field, f"{field} is forbidden unless resourceVersion is provided"))
    if match and call.query.get("continue"):
        faults.append(forbidden(field, f"{field} is forbidden when continue is provided"))
    if match not in {"", EXACT, NOT_OLDER}:
        faults.append(unsupported(field, match, (EXACT, NOT_OLDER, "")))
    if match == EXACT and version == "0":
        faults.append(forbidden(field, f'{field} "exact" is forbidden for resourceVersion "0"'))
    if "sendInitialEvents" in call.query:
        faults.append(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    return faults


def refuse(faults: list[Cause]) -> None:
    """Raise Invalid if there are faults in the options of a read."""
    if faults:
        raise Invalid("ListOptions.meta.k8s.io", "", faults)


def number_of(version: str) -> int:
    """Return the number that a resourceVersion names; 0 if there is none. Raises BadRequest."""
    if version and not NUMBER.fullmatch(version):
        message = f'strconv.ParseUint: parsing "{version}": invalid syntax'
        raise BadRequest(f'resourceVersion: Invalid value: "{version}": {message}')
    return int(version or 0)


def check_number(asked: int, current: int) -> None:
    """Refuse a number that has not come yet. Raises TooNew."""
    if asked > current:
        raise TooNew(asked, current)


def _whole(call: Call, name: str) -> int:
    text = call.query.get(name, "")
    if text and not re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII):
        raise BadRequest(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return max(0, int(text or 0))


def continued(number: int, place: Place) -> str:
    """Return the token by which a client asks for what follows a place, as of a number."""
    token = {"v": CONTINUE_API, "rv": number, "start": "/".join(place) + "\0"}
    return base64.urlsafe_b64encode(orjson.dumps(token)).decode().rstrip("=")


def place_of(token: str) -> tuple[int, Place]:
    """Return the number and the place that a token holds. Raises BadRequest."""
    try:
        held = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        version, number, start = held["v"], held["rv"], held["start"]
        namespace, _, name = start.removesuffix("\0").partition("/")
    except (binascii.Error, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadRequest(f"continue key is not valid: {error}") from error
    if version != CONTINUE_API or not isinstance(number, int) or number < 0 or not name or "\0" in start[:-1]:
        raise BadRequest(
            "continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)"
        )
    return number, (namespace, name)
