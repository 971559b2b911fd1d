"""Watches: what changes in a selection, line by line, from any number that is still in the log."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson
from channels.db import database_sync_to_async
from django.http.response import HttpResponseBase

from controller.apiserver import nodeleases
from controller.apiserver.call import FALSE, TRUE, Call, Stream
from controller.apiserver.nodeleases import Renewals
from controller.apiserver.reads import NOT_OLDER, check_number, number_of, refuse
from controller.apiserver.selectors import selection_of
from controller.apiserver.shapes import TABLE, Parse, Shape, event, shape_of
from controller.apiserver.status import answer, status
from controller.engine.admission.field_errors import forbidden, unsupported
from controller.engine.changes import Verb
from controller.engine.errors import BadRequest, Busy, Cause, Gone, Refused, TooNew
from controller.engine.matching.selection import Selection
from controller.live.feed import feed
from controller.live.reader import Entry
from controller.queries import objects
from controller.queries.objects import Listing
from controller.store.log_reader import Place

LONGEST = 1_800
"""Seconds that a watch lasts, or up to twice that: clients that came together do not go together."""
CEILING = 2 * LONGEST
"""The most seconds, whatever a client asks for: clients begin anew, and who may see what is asked again."""
BOOKMARK = 60.0
"""Seconds without an event after which a client is told how far it is, whatever else changes."""
PIECE = 256 * 1024
"""How many bytes are sent at once, about."""


@dataclass
class Plan:
    """What a client watches: from after ``number`` on, with ``begin`` before it.

    ``headed`` says that the next event is to bring a Table's columns. ``members`` are the places of the
    objects that are in the selection now, unless it is ``fixed``. ``renewals`` are of leases of kubelets.
    """

    cluster: int
    shape: Shape
    selection: Selection
    number: int
    seconds: float
    bookmarks: bool
    headed: bool
    begin: list[bytes] = field(default_factory=list)
    members: set[Place] = field(default_factory=set)
    renewals: Renewals | None = None

    @property
    def form(self) -> tuple[str, ...]:
        """Return what tells this shape from others of the same kind."""
        return (self.shape.api, self.shape.form, self.shape.meta, self.shape.include)

    def line(self, verb: str, text: str, parse: Parse) -> bytes:
        """Return an event of this watch."""
        return self.shape.line(verb, text, parse, headed=self.headed, now=datetime.now(UTC))


def watch(call: Call) -> Awaitable[HttpResponseBase]:
    """Answer with a stream of events. Raises BadRequest, Invalid, NotAcceptable."""
    refuse(_faults(call))
    shape = shape_of(call)
    plan = Plan(
        cluster=call.cluster.pk,
        shape=shape,
        selection=selection_of(call),
        number=number_of(call.query.get("resourceVersion", "")),
        seconds=_seconds(call),
        bookmarks=call.flag("allowWatchBookmarks"),
        headed=shape.form == TABLE,
    )
    if nodeleases.asked_for(call):
        plan.renewals = Renewals(plan.cluster, plan.selection)
    try:
        _start(plan, _initial(call, plan.number), marked=call.flag("sendInitialEvents"))
    except (Gone, TooNew) as refused:
        # Once a watch is understood, what is wrong with its number is told as an event.
        return _answer(_once(refused))
    return _answer(_events(plan))


def _initial(call: Call, number: int) -> bool:
    """Whether the client wants to be told first of what is there."""
    asked = call.query.get("sendInitialEvents")
    return number == 0 if asked is None else asked in TRUE


def _start(plan: Plan, initial: bool, *, marked: bool) -> None:  # noqa: FBT001 - the answer to a question
    """Read where the watch begins. Raises Gone, TooNew."""
    selection, asked = plan.selection, plan.number
    renewed = plan.renewals.look() if plan.renewals else ()
    if not initial and selection.fixed:
        current = objects.number(cluster=plan.cluster)
        check_number(asked, current)
        plan.number = asked or current
        return
    listing = Listing(plan.cluster, selection, number=None if initial or not asked else asked)
    check_number(asked, listing.number)
    plan.number = listing.number
    for found in listing:
        if not selection.fixed:
            plan.members.add(found.place)
        if initial:
            plan.begin.append(plan.line(Verb.ADDED, found.text, found.parsed))
            plan.headed = False
    if initial:
        plan.begin += [plan.line(verb, found.text, found.parsed) for verb, found in renewed]
    if initial and marked and plan.bookmarks:
        plan.begin.append(plan.shape.bookmark(plan.number, initial=True))


async def _answer(lines: AsyncIterator[bytes]) -> HttpResponseBase:
    if feed().ended:
        # Whoever resumes on the connection that it still has is to try again on another.
        refusal = answer(status(Busy()))
        refusal.headers["Retry-After"], refusal.headers["Connection"] = "1", "close"
        return refusal
    headers = {"Cache-Control": "no-cache, private"}
    return Watch(lines, content_type="application/json", headers=headers)


class Watch(Stream):
    """A watch, which ends with an event that says why."""

    def ending(self, refused: Refused) -> bytes:
        """Return the event of a refusal."""
        return _error(refused)


async def _once(refused: Refused) -> AsyncIterator[bytes]:
    yield _error(refused)


def _error(refused: Refused) -> bytes:
    return event("ERROR", orjson.dumps(status(refused)))


async def _events(plan: Plan) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    until = loop.time() + plan.seconds
    told, look = loop.time(), loop.time() + nodeleases.LOOK
    tail = feed().tail(plan.cluster, plan.number)
    try:
        for piece in _pieces(plan.begin):
            yield piece
        plan.begin.clear()
        while (left := until - loop.time()) > 0:
            entries = await tail.next(min(left, BOOKMARK, nodeleases.LOOK if plan.renewals else BOOKMARK))
            if entries is None:
                return
            lines = [line for entry in entries if (line := await _line(plan, entry))]
            if plan.renewals and (loop.time() >= look or any(map(_moves_leases, entries))):
                lines += await database_sync_to_async(_renewed, thread_sensitive=False)(plan, plan.renewals)
                look = loop.time() + nodeleases.LOOK
            if plan.bookmarks and (not entries or (not lines and loop.time() - told >= BOOKMARK)):
                lines.append(plan.shape.bookmark(tail.number, initial=False))
            if lines:
                told = loop.time()
            for piece in _pieces(lines):
                yield piece
    except Gone as gone:
        yield _error(gone)
    finally:
        feed().leave(tail)


def _moves_leases(entry: Entry) -> bool:
    """Whether a machine came or went."""
    return entry.key[0] == "Node" and entry.verb != Verb.MODIFIED


def _renewed(plan: Plan, renewals: Renewals) -> list[bytes]:
    return [plan.line(verb, found.text, found.parsed) for verb, found in renewals.look()]


def _pieces(lines: Iterable[bytes]) -> Iterable[bytes]:
    """Join lines to pieces of a fair size."""
    held, size = [], 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size > PIECE:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


async def _line(plan: Plan, entry: Entry) -> bytes:
    """Return what a change is to this watcher, or nothing if it is none of its business."""
    if not plan.selection.covers(entry.key):
        return b""
    verb = entry.verb if plan.selection.fixed else _turn(plan, entry)
    if not verb:
        return b""
    if verb == Verb.DELETED != entry.verb:
        line = await _farewell(plan, entry)
    else:
        name = (*plan.form, verb, plan.headed)
        line = entry.form(name, lambda: plan.line(verb, entry.text, entry.parsed))
    plan.headed = False
    return line


def _turn(plan: Plan, entry: Entry) -> str:
    """Return whether the object came into the selection, changed in it or left it, or ""."""
    place = entry.key[1:]
    was = place in plan.members
    if entry.verb != Verb.DELETED and plan.selection.holds(entry.facts()):
        plan.members.add(place)
        return Verb.MODIFIED if was else Verb.ADDED
    plan.members.discard(place)
    return Verb.DELETED if was else ""


async def _farewell(plan: Plan, entry: Entry) -> bytes:
    """Return the end of an object that only left the selection: as it was before, with the new number."""
    kind, place, number = entry.key[0], entry.key[1:], entry.number
    find = database_sync_to_async(objects.before, thread_sensitive=False)
    text = await find(cluster=plan.cluster, kind=kind, place=place, number=number) or entry.text
    last = orjson.loads(text)
    last["metadata"]["resourceVersion"] = str(number)
    shown = orjson.dumps(last).decode()
    return plan.line(Verb.DELETED, shown, lambda: last)


def _seconds(call: Call) -> float:
    """Return how long a watch lasts; less than nothing ends it at once, as in Kubernetes."""
    text = call.query.get("timeoutSeconds", "")
    if text and not re.fullmatch(r"[+-]?[0-9]{1,40}", text, re.ASCII):
        raise BadRequest(f'strconv.ParseInt: parsing "{text[:40]}": invalid syntax')
    seconds = int(text or 0)
    if not -(2**63) <= seconds < 2**63:
        raise BadRequest(f'strconv.ParseInt: parsing "{text}": value out of range')
    return min(seconds, CEILING) or LONGEST + secrets.randbelow(LONGEST)


def _faults(call: Call) -> list[Cause]:
    """Return what is wrong with the query of a watch."""
    match, asked = call.query.get("resourceVersionMatch", ""), call.query.get("sendInitialEvents")
    field, faults = "resourceVersionMatch", []
    if asked is not None and asked not in TRUE | FALSE:
        raise BadRequest(f'strconv.ParseBool: parsing "{asked}": invalid syntax')
    if asked is not None and match != NOT_OLDER:
        said = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        faults.append(forbidden(field, said))
    if match and asked is None:
        said = f"{field} is forbidden for watch unless sendInitialEvents is provided"
        faults.append(forbidden(field, said))
    if match not in {"", NOT_OLDER}:
        faults.append(unsupported(field, match, (NOT_OLDER,)))
    if match and call.query.get("continue"):
        faults.append(forbidden(field, f"{field} is forbidden when continue is provided"))
    return faults
